/** Index and mark over a few beats worked by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rate } from '../../../src/basics/exact.ts';
import { HOUR_US, parseInstant, SECOND_US } from '../../../src/basics/instant.ts';
import { exp } from '../../../src/basics/maths.ts';
import { MarketState } from '../../../src/mark/marketState.ts';
import type { Tilt } from '../../../src/mark/prices.ts';
import type { IndexRule } from '../../../src/rules/ruleSet.ts';
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

test('during an outage of the feed index, last and mark stay as they were', () => {
  const outages = [{ fromUs: DAY + 2 * SECOND_US, untilUs: DAY + 4 * SECOND_US, part: 'feed' as const }];
  const small = { last: [100, 99, 98, 97], constituents: { a: [100, 99, 98, 97] }, outages };
  const told = (kind: MarkKind, more: Partial<Small> = {}) => {
    const state = stateOf(kind, { ...small, ...more });
    return [0, 1, 2, 3].map((beat) => {
      const { mark, index, last, held } = state.price(beat, null)!;
      return `${mark} ${index} ${last} ${held}`;
    });
  };
  const still = ['100 100 100 false', '100 100 100 true', '100 100 100 true', '97 97 97 false'];
  assert.deepEqual(told({ kind: 'lastPrice' }), still);
  assert.deepEqual(told({ kind: 'replayed' }, { recorded: [100, 99, 98, 97] }), still);
});

test('a fair price does not run down with the clock while the feed is down', () => {
  // 0.8 % over eight hours on 1000: 8 less 1 an hour, from 07:00 on; down at 09:00 and 10:00
  const small = {
    startUs: DAY + 6 * HOUR_US,
    beatUs: HOUR_US,
    last: [1000, 1000, 1000, 1000, 1000],
    constituents: { a: [1000, 1000, 1000, 1000, 1000] },
    funding: [{ tsUs: DAY, market: BTC.id, rate: '0.008' }],
    outages: [{ fromUs: DAY + 9 * HOUR_US, untilUs: DAY + 11 * HOUR_US, part: 'feed' as const }],
  };
  assert.deepEqual(marks({ kind: 'fundingBasis' }, small), ['1001', '1008', '1008', '1008', '1005']);
});

const indexed = (index: Partial<IndexRule>, small: Small) => {
  const rules = rulesWith({ kind: 'indexOnly' }, { ...PLAIN_INDEX, ...index });
  const state = new MarketState({ market: BTC, rules, frames: smallFrames({ startUs: DAY, ...small }) });
  return small.last.map((_, beat) => {
    const seen = state.price(beat, null);
    return seen === null ? null : `${seen.index} ${seen.provenance} ${seen.held}`;
  });
};

test('an index of every three seconds appears at whole multiples of the day and stands in between', () => {
  const last = [100, 101, 102, 103, 104, 105, 106];
  assert.deepEqual(indexed({ everyUs: 3 * SECOND_US }, { last, constituents: { a: last } }), [
    null,
    null,
    '102 u false',
    '102 u false',
    '102 u false',
    '105 u false',
    '105 u false',
  ]);
  const wrong = () =>
    indexed({ everyUs: 3 * SECOND_US }, { last, constituents: { a: last }, beatUs: 2 * SECOND_US });
  assert.throws(wrong, { code: 'RULES_INVALID', message: /no multiple of the beat/ });
});

test('an index that was held at its instant stays so until the next', () => {
  const last = [1, 2, 3, 4, 5, 6];
  const ageUs = { a: [0, 0, 0, 11, 0, 0].map((s) => s * SECOND_US) };
  assert.deepEqual(indexed({ everyUs: 2 * SECOND_US }, { last, constituents: { a: last }, ageUs }), [
    null,
    '2 u false',
    '2 u false',
    '2 s true',
    '2 s true',
    '6 u false',
  ]);
});

test('a price that does not change is old although it is traded, where the venue counts so', () => {
  const last = [9, 9, 9, 9, 9, 9];
  const constituents = { a: [100, 100, 100, 100, 104, 104], b: [110, 111, 112, 113, 114, 115] };
  const stale = { afterUs: 2 * SECOND_US, mode: 'drop', since: 'change' } as const;
  assert.deepEqual(indexed({ stale }, { last, constituents }), [
    '105 uu false',
    '105.5 uu false',
    '106 uu false',
    '113 su false',
    '109 uu false',
    '109.5 uu false',
  ]);
});

test('who waits to come back is looked at although nothing moves', () => {
  const back = { medianBand: rate('0.02'), indexBand: rate('0.1'), waitUs: 3 * SECOND_US };
  const outlier = { kind: 'exclude', band: rate('0.25'), readmit: back } as const;
  const flat = [100, 100, 100, 100, 100, 100];
  const constituents = { a: flat, b: flat, c: [60, 98.5, 98.5, 98.5, 98.5, 98.5] };
  assert.deepEqual(indexed({ outlier }, { last: flat, constituents }), [
    '100 uux false',
    '100 uux false',
    '100 uux false',
    '100 uux false',
    '100 uux false', // near from the second beat on: three seconds are full here
    '99.5 uuu false',
  ]);
});

test('a mark that is published every two seconds stands in between, while index and last move', () => {
  const last = [100, 101, 102, 103, 104];
  const state = stateOf({ kind: 'lastPrice', everyUs: 2 * SECOND_US }, { last, constituents: { a: last } });
  const told = last.map((_, beat) => {
    const seen = state.price(beat, null);
    return seen === null ? null : `${seen.mark} ${seen.index} ${seen.last} ${seen.held}`;
  });
  assert.deepEqual(told, [
    null,
    '101 101 101 false',
    '101 102 102 false',
    '103 103 103 false',
    '103 104 104 false',
  ]);
});

test('a bounded mark keeps to its own band around the index', () => {
  // basis +4, then -4 (the mid itself is unbounded here); the mark may be 1 % below and 2 % above 100
  const kind: MarkKind = {
    kind: 'boundedEma',
    samples: 1,
    sampleUs: SECOND_US,
    band: rate('0.5'),
    markBand: { below: rate('0.01'), above: rate('0.02') },
  };
  const state = stateOf(kind, { last: [104, 96, 101], constituents: { a: [100, 100, 100] } });
  const told = [0, 1, 2].map((beat) => {
    const { mark, from } = state.price(beat, null)!;
    return `${mark} ${from}`;
  });
  assert.deepEqual(told, ['102 markBand', '99 markBand', '101 boundedEma']);
});

const ORACLE: MarkKind = { kind: 'oracleMedian', emaUs: 1, bookEmaUs: 1, references: {} };

test('the oracle median: averages that forget at once leave median(mid, book, book)', () => {
  // tau of a microsecond: e^(-1e6) is 0, so the averages are their last samples.
  // index 100, bid 101, ask 103, last 110: oracle 100 + (102 - 100), book median(101, 103, 110) = 103
  const small = { last: [110, 99], mid: [102, 102], bid: [101, 101], constituents: { a: [100, 100] } };
  const state = stateOf(ORACLE, small);
  assert.deepEqual(
    [0, 1].map((beat) => state.price(beat, null)!).map((p) => `${p.mark} ${p.price2} ${p.from}`),
    ['103 102 book', '101 102 book'],
  );
});

test('the oracle median by hand: e^(-t/tau) of two seconds', () => {
  // tau = 1 s / ln 2 would halve; with tau = 1 s e^-1 = 0.367879...: index 100, mid = last 102, then 99.
  // num = 2 e^-1 - 1, den = e^-1 + 1: -0.264241... / 1.367879... = -0.193176; oracle 99.806824
  // book 99, its average (102 e^-1 + 99) / (e^-1 + 1) = 99.806824 too: the three are 99.81, 99, 99.81
  const second: MarkKind = { ...ORACLE, emaUs: SECOND_US, bookEmaUs: SECOND_US };
  const small = { last: [102, 99], constituents: { a: [100, 100] } };
  assert.deepEqual(marks(second, small), ['102', '99.81']);
});

test("other venues' perpetuals are the third price; a silent one leaves, and with all silent the average serves", () => {
  const kind: MarkKind = { ...ORACLE, references: { okx: rate('2'), bybit: rate('2'), kraken: rate('1') } };
  const small = {
    last: [110, 110, 110],
    mid: [102, 102, 102],
    bid: [101, 101, 101],
    constituents: { a: [100, 100, 100] },
    references: { okx: [104, 104, 104], bybit: [102.5, 102.5, 102.5], unknown: [1, 1, 1] },
    ageUs: { okx: [0, 11, 11].map((s) => s * SECOND_US), bybit: [0, 0, 11].map((s) => s * SECOND_US) },
  };
  // oracle 102, book 103; weighted median of 102.5 (2) and 104 (2): 103.25; then bybit alone; then nobody
  assert.deepEqual(marks(kind, small), ['103', '102.5', '103']);
});

test('the clamped last of a market without a book stays at its last trade, within its band', () => {
  const kind: MarkKind = { kind: 'clampedLast', band: rate('0.1') };
  const small = { last: [100, 130, 95], constituents: { a: [100, 100, 100] } };
  assert.deepEqual(marks(kind, small), ['100', '110', '95']);
  // with a book the last trade is brought between bid and ask first
  const booked = { ...small, mid: [102, 102, 102], bid: [101, 101, 101] };
  assert.deepEqual(marks(kind, booked), ['101', '103', '101']);
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
