/** Index and mark over a few beats worked by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rate } from '../../../src/basics/exact.ts';
import { HOUR_US, parseInstant, SECOND_US } from '../../../src/basics/instant.ts';
import { exp } from '../../../src/basics/maths.ts';
import { MarketState } from '../../../src/mark/marketState.ts';
import type { Tilt } from '../../../src/mark/prices.ts';
import {
  BTC,
  type MarkKind,
  PLAIN_INDEX,
  rulesWith,
  type Small,
  smallFrames,
} from '../../support/smallFrames.ts';

const DAY = parseInstant('2020-03-12');
const stateOf = (kind: MarkKind, small: Small) =>
  new MarketState({
    market: small.market ?? BTC,
    rules: rulesWith(kind),
    frames: smallFrames({ startUs: DAY, ...small }),
  });
const marks = (kind: MarkKind, small: Small, tilt: (beat: number) => Tilt | null = () => null) => {
  const state = stateOf(kind, small);
  return small.last.map((_, beat) => state.price(beat, tilt(beat))?.mark.toString() ?? null);
};
const everySecond = { windowUs: 3 * SECOND_US, sampleUs: SECOND_US };

test('there is no price before index and last exist', () => {
  const small = { last: [NaN, 100, 101], constituents: { a: [100, 100, 100] } };
  assert.deepEqual(marks({ kind: 'lastPrice' }, small), [null, '100', '101']);
  const late = { last: [100, 100, 101], constituents: { a: [NaN, NaN, 100.5] } };
  assert.deepEqual(marks({ kind: 'lastPrice' }, late), [null, null, '101']);
});

test('the basis window starts from the first sample and uses the last trade where there is no book', () => {
  // basis 2, 4, 0, -6; means 2, 3, 2, (4 + 0 - 6) / 3 = -0.666...
  const small = { last: [102, 104, 100, 94], constituents: { a: [100, 100, 100, 100] } };
  assert.deepEqual(marks({ kind: 'indexPlusBasisMean', basis: everySecond }, small), [
    '102',
    '103',
    '102',
    '99.33',
  ]);
  assert.equal(stateOf({ kind: 'indexOnly' }, small).midSource, 'lastTrade');
});

test('with a book the mid is used, half ticks included, the last trade only where a beat lacks it', () => {
  const small = { last: [90, 90, 90], mid: [101.005, 103.005, NaN], constituents: { a: [100, 100, 100] } };
  // 1.005; (1.005 + 3.005) / 2 = 2.005; (1.005 + 3.005 - 10) / 3 = -1.99666...; to the cent, ties to even
  assert.deepEqual(marks({ kind: 'indexPlusBasisMean', basis: everySecond }, small), ['101', '102', '98']);
  assert.equal(stateOf({ kind: 'indexOnly' }, small).midSource, 'book');
});

test('the basis is sampled on the grid of the rule, and once at the first beat', () => {
  const sampled = { windowUs: 6 * SECOND_US, sampleUs: 2 * SECOND_US };
  // ends at 1 s (first), 2 s, 4 s are sampled, not 3 s and 5 s: 1; (1 + 3) / 2; same; (1 + 3 + 5) / 3; same
  const small = { last: [101, 103, 150, 105, 150], constituents: { a: [100, 100, 100, 100, 100] } };
  assert.deepEqual(marks({ kind: 'indexPlusBasisMean', basis: sampled }, small), [
    '101',
    '102',
    '102',
    '103',
    '103',
  ]);
});

test('the exponential basis follows the last trade, the bounded one the mid within its band', () => {
  const small = { last: [108, 104, 98], mid: [101, 110, 90], constituents: { a: [100, 100, 100] } };
  // weight 1/2: 8, 6, 2
  assert.deepEqual(marks({ kind: 'emaBasis', samples: 3, sampleUs: SECOND_US }, small), [
    '108',
    '106',
    '102',
  ]);
  // mid within 2 %: 1, 2, -2 -> 1, 1.5, -0.25
  const bounded: MarkKind = { kind: 'boundedEma', samples: 3, sampleUs: SECOND_US, band: rate('0.02') };
  assert.deepEqual(marks(bounded, small), ['101', '101.5', '99.75']);
});

test('the last stamp sets the funding rate, 0 before the first', () => {
  const funding = [
    { tsUs: DAY + 8 * HOUR_US, market: BTC.id, rate: '-0.003' },
    { tsUs: DAY, market: 'OTHER', rate: '0.003' },
  ];
  const small = {
    beatUs: 4 * HOUR_US,
    last: [50, 50, 50, 50],
    constituents: { a: [4000, 4000, 4000, 4000] },
    funding,
  };
  // ends at 04h (no stamp yet), 08h (eight hours left: 4000 * 0.997), 12h (four: 4000 * 0.9985), 16h (eight)
  assert.deepEqual(marks({ kind: 'fundingBasis' }, small), ['4000', '3988', '3994', '3988']);
  // 04h: four hours left of the interval that ends with -0.3 %; then nothing newer is known
  const running: MarkKind = { kind: 'fundingBasis', rate: 'runningInterval' };
  assert.deepEqual(marks(running, small), ['3994', '3988', '3994', '3988']);
});

test('a constituent that falls silent leaves the index and comes back', () => {
  const state = stateOf(
    { kind: 'indexOnly' },
    {
      last: [100, 100, 100],
      constituents: { a: [100, 100, 100], b: [104, 104, 104] },
      ageUs: { b: [0, 10 * SECOND_US + 1, 0] },
    },
  );
  const seen = [0, 1, 2].map((beat) => state.price(beat, null)!);
  assert.deepEqual(
    seen.map((p) => `${p.mark} ${p.provenance}`),
    ['102 uu', '100 us', '102 uu'],
  );
});

test('an index that cannot be formed is held and says so', () => {
  const age = 11 * SECOND_US;
  const state = stateOf(
    { kind: 'indexOnly' },
    {
      last: [100, 100, 100],
      constituents: { a: [100, 90, 80] },
      ageUs: { a: [0, age, 0] },
    },
  );
  const seen = [0, 1, 2].map((beat) => state.price(beat, null)!);
  assert.deepEqual(
    seen.map((p) => `${p.mark} ${p.provenance} ${p.held}`),
    ['100 u false', '100 s true', '80 u false'],
  );
});

test('during an outage of the feed index and last stay as they were', () => {
  const outages = [{ fromUs: DAY + 2 * SECOND_US, untilUs: DAY + 4 * SECOND_US, part: 'feed' as const }];
  const state = stateOf(
    { kind: 'lastPrice' },
    {
      last: [100, 99, 98, 97],
      constituents: { a: [100, 99, 98, 97] },
      outages,
    },
  );
  const seen = [0, 1, 2, 3].map((beat) => state.price(beat, null)!);
  assert.deepEqual(
    seen.map((p) => `${p.mark} ${p.index} ${p.held}`),
    ['100 100 false', '100 100 true', '100 100 true', '97 97 false'],
  );
});

test('a recorded mark is carried, also without any constituent', () => {
  const small = { last: [100, 100, 100], recorded: [NaN, 101.23, 99.876] };
  assert.deepEqual(marks({ kind: 'replayed' }, small), [null, '101.23', '99.88']);
  assert.throws(() => stateOf({ kind: 'replayed' }, { last: [100] }), { code: 'DATA_MISSING' });
  assert.throws(() => stateOf({ kind: 'indexOnly' }, { last: [100] }), { code: 'DATA_MISSING' });
});

test('a tilt displaces last by x and constituents by y, to the tick', () => {
  const tilt = { x: -0.01, y: -0.005 };
  const small = { last: [50000, 50000], constituents: { a: [50010, 50010] } };
  const state = stateOf({ kind: 'indexOnly' }, small);
  assert.equal(state.price(0, { x: 0, y: 0 })!.index.toString(), '50010');
  const moved = state.price(1, tilt)!;
  // 50000 e^-0.01 = 49502.49168...; 50010 e^-0.005 = 49760.57406...
  assert.equal(moved.last.toString(), '49502.49');
  assert.equal(moved.index.toString(), '49760.57');
  assert.ok(Math.abs(exp(-0.01) * 50000 - 49502.49) < 0.005);
});

test('an unchanged beat gives back the same object', () => {
  const state = stateOf(
    { kind: 'indexOnly' },
    { last: [100, 100, 101], constituents: { a: [100, 100, 100] } },
  );
  const [first, second, third] = [0, 1, 2].map((beat) => state.price(beat, null));
  assert.equal(first, second);
  assert.notEqual(second, third);
});

test('wrong use is refused', () => {
  const small = { last: [100, 100], constituents: { a: [100, 100] } };
  assert.throws(() => stateOf({ kind: 'indexOnly' }, small).price(1, null), { code: 'INVARIANT' });
  const fine = { windowUs: SECOND_US, sampleUs: SECOND_US / 2 };
  assert.throws(() => stateOf({ kind: 'indexPlusBasisMean', basis: fine }, small), { code: 'RULES_INVALID' });
  const weighted = { ...PLAIN_INDEX, aggregator: 'weightedMean' as const, weights: { b: rate('1') } };
  assert.throws(
    () =>
      new MarketState({
        market: BTC,
        rules: rulesWith({ kind: 'indexOnly' }, weighted),
        frames: smallFrames(small),
      }),
    { code: 'RULES_INVALID' },
  );
});
