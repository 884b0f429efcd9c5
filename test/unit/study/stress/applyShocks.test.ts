/** Shocks on frames of a few beats, each number worked by hand; the recorded frames stay as they were. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayError } from '../../../../src/basics/errors.ts';
import type { Frames } from '../../../../src/clock/frames.ts';
import { applyShocks } from '../../../../src/study/stress/applyShocks.ts';
import { parseShock, parseShocks } from '../../../../src/study/stress/shock.ts';
import { linearMarket, SECOND, tinyFrames } from '../../../support/tinyWorld.ts';

const MARKETS = [linearMarket()];

/** Four seconds from 00:00:01: 100, 99, 81, 100; the constituent stands 1 above. Ticks are cents. */
const frames = (): Frames =>
  tinyFrames(MARKETS, {
    BTCUSDT: [
      { index: '101', last: '100', high: '100', low: '100', volume: '1' },
      { index: '100', last: '99', high: '100', low: '98', volume: '0.007' },
      { index: '82', last: '81', high: '99', low: '64', volume: '2' },
      { index: '101', last: '100', high: '100', low: '81', volume: '0' },
    ],
  });

const shocked = (...texts: string[]): Frames => applyShocks(frames(), parseShocks(texts), MARKETS);
const perp = (f: Frames) => f.markets.get('BTCUSDT')!;
const spot = (f: Frames) => f.constituents.get('BTCUSDT')![0]!;
const list = (column: Float64Array): number[] => [...column];

test('depth=2 squares what is left of the opening price', () => {
  const f = shocked('depth=2');
  // 100 * (99/100)^2 = 98.01; 100 * 0.81^2 = 65.61; the low 100 * 0.64^2 = 40.96, 0.98^2 = 96.04
  assert.deepEqual(list(perp(f).lastTicks), [10_000, 9801, 6561, 10_000]);
  assert.deepEqual(list(perp(f).lowTicks), [10_000, 9604, 4096, 6561]);
  assert.deepEqual(list(perp(f).highTicks), [10_000, 10_000, 9801, 10_000]);
  // the constituent from its own opening, 101: 101 * (100/101)^2 = 99.0099..., 101 * (82/101)^2 = 66.5743...
  assert.deepEqual(list(spot(f).lastTicks), [10_100, 9901, 6657, 10_100]);
  assert.deepEqual(list(perp(f).lots), [1000, 7, 2000, 0]);
  // seven lots at 99: 7 * 9801
  assert.equal(perp(f).tickLots[1], 7 * 9801);
});

test('depth=0.5 takes the root; depth=1 is the day as recorded', () => {
  // 100 * sqrt(0.81) = 90, 100 * sqrt(0.64) = 80
  assert.deepEqual(list(perp(shocked('depth=0.5')).lastTicks), [10_000, 9950, 9000, 10_000]);
  assert.equal(perp(shocked('depth=0.5')).lowTicks[2], 8000);
  assert.deepEqual(perp(shocked('depth=1')), perp(frames()));
  assert.deepEqual(spot(shocked('depth=1')), spot(frames()));
});

test('a gap at the start of a beat moves it whole, one inside it leaves both levels in its range', () => {
  // the third beat covers 00:00:03 to 00:00:04
  const whole = perp(shocked('gap=-10%@1970-01-01T00:00:03Z'));
  assert.deepEqual(list(whole.lastTicks), [10_000, 9900, 7290, 9000]);
  assert.deepEqual(list(whole.highTicks), [10_000, 10_000, 8910, 9000]);
  assert.deepEqual(list(whole.lowTicks), [10_000, 9800, 5760, 7290]);
  const inside = perp(shocked('gap=-0.1@1970-01-01T00:00:03.5Z'));
  assert.deepEqual(list(inside.lastTicks), [10_000, 9900, 7290, 9000]);
  assert.deepEqual(list(inside.highTicks), [10_000, 10_000, 9900, 9000]);
  const up = perp(shocked('gap=+10%@1970-01-01T00:00:03.5Z'));
  assert.deepEqual([up.lowTicks[2], up.highTicks[2]], [6400, 10_890]);
  assert.deepEqual(
    list(spot(shocked('gap=-10%@1970-01-01T00:00:03Z')).lastTicks),
    [10_100, 10_000, 7380, 9090],
  );
});

test('liquidity=0.3 scales lots, whole, and leaves prices', () => {
  const f = perp(shocked('liquidity=0.3'));
  // 0.3 * 7 = 2.1 lots
  assert.deepEqual(list(f.lots), [300, 2, 600, 0]);
  assert.equal(f.tickLots[1], 2 * 9900);
  assert.deepEqual(list(f.lowTicks), [10_000, 9800, 6400, 8100]);
});

test('a book keeps its order: bid below mid below last', () => {
  const recorded = frames();
  const columns = { ...perp(recorded), bidTicks: Float64Array.of(9990, 9899, 8090, 9999) };
  const withBook = {
    ...recorded,
    markets: new Map([
      ['BTCUSDT', { ...columns, bidPlusAskTicks: Float64Array.of(19_991, 19_799, 16_190, 19_999) }],
    ]),
  };
  const f = perp(applyShocks(withBook, [parseShock('depth=2')], MARKETS));
  // bid 100 * 0.9899^2 = 97.990201, twice the mid 200 * 0.98995^2 = 196.0002005: both from the last's opening
  assert.deepEqual([f.bidTicks![1], f.bidPlusAskTicks![1]], [9799, 19_600]);
});

test('a recorded mark stays a published number: cut to the tick', () => {
  const recorded = frames();
  const recordedMarkF64 = Float64Array.of(Number.NaN, 100.123, 90, 100);
  const marked = { ...recorded, markets: new Map([['BTCUSDT', { ...perp(recorded), recordedMarkF64 }]]) };
  const f = perp(applyShocks(marked, [parseShock('gap=-10%@1970-01-01T00:00:01Z')], MARKETS));
  // 100.123 * 0.9 = 90.1107
  assert.deepEqual(list(f.recordedMarkF64!), [Number.NaN, 90.11, 81, 90]);
});

test('an outage joins the recorded ones in order of time', () => {
  const f = shocked(
    'outage=matching@1970-01-01T00:00:03Z..1970-01-01T00:00:04Z',
    'outage=feed@1970-01-01T00:00:01Z..1970-01-01T00:00:02Z',
  );
  assert.deepEqual(f.side.outages, [
    { fromUs: SECOND, untilUs: 2 * SECOND, part: 'feed' },
    { fromUs: 3 * SECOND, untilUs: 4 * SECOND, part: 'matching' },
  ]);
});

test('a failed constituent stands still and grows old, or is wrong, and then comes back', () => {
  // ends of beats: 2, 3, 4, 5 s; the failure covers those at 3 and 4 s
  const at = '1970-01-01T00:00:03Z..1970-01-01T00:00:05Z';
  const stale = spot(shocked(`constituent=spot@${at}:stale`));
  assert.deepEqual(list(stale.lastTicks), [10_100, 10_100, 10_100, 10_100]);
  assert.deepEqual(list(stale.ageUs), [0, SECOND, 2 * SECOND, 0]);
  const wrong = spot(shocked(`constituent=spot@${at}:price*0.7`));
  assert.deepEqual(list(wrong.lastTicks), [10_100, 7000, 5740, 10_100]);
  assert.deepEqual(list(wrong.ageUs), [0, 0, 0, 0]);
  const never = spot(shocked('constituent=spot@1970-01-01T00:00:00Z..1970-01-01T00:00:03Z'));
  assert.deepEqual([never.lastTicks[0], never.ageUs[0]], [Number.NaN, Infinity]);
});

test('shocks are done in the order given', () => {
  const gap = 'gap=-10%@1970-01-01T00:00:03Z';
  // 81 * 0.9 = 72.9, then 100 * 0.729^2 = 53.1441; the other way 65.61 * 0.9 = 59.049
  assert.equal(perp(shocked(gap, 'depth=2')).lastTicks[2], 5314);
  assert.equal(perp(shocked('depth=2', gap)).lastTicks[2], 5905);
});

test('the recorded frames are not touched', () => {
  const recorded = frames();
  applyShocks(recorded, parseShocks(['depth=2', 'gap=-10%@1970-01-01T00:00:03Z', 'liquidity=0.5']), MARKETS);
  assert.deepEqual(recorded, frames());
  assert.equal(applyShocks(recorded, [], MARKETS), recorded);
});

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['depht=2', /unknown shock depht.*Did you mean depth=1\.5/s],
  ['depth', /not KIND=VALUE/],
  ['depth=-1', /not a factor from 0 to 100/],
  ['liquidity=lots', /not a factor/],
  ['gap=-10%', /not SHARE@TIME/],
  ['gap=-100%@1970-01-01T00:00:03Z', /vanish/],
  ['gap=-10%@yesterday', /not a UTC time: yesterday/],
  ['gap=-10%@1970-01-02T00:00Z', /outside the window/],
  ['outage=matching@1970-01-01T00:00:03Z..1970-01-01T00:00:02Z', /ends before it begins/],
  [
    'outage=maching@1970-01-01T00:00:01Z..1970-01-01T00:00:02Z',
    /unknown part maching.*Did you mean matching/s,
  ],
  ['outage=feed@1970-01-01T00:00:01Z', /not FROM\.\.UNTIL/],
  [
    'constituent=spto@1970-01-01T00:00:01Z..1970-01-01T00:00:02Z',
    /unknown constituent spto.*Did you mean spot/s,
  ],
  ['constituent=spot@1970-01-01T00:00:01Z..1970-01-01T00:00:02Z:price*0', /a price of nothing/],
];
for (const [text, says] of REFUSED) {
  test(`refuses ${text}`, () => {
    assert.throws(
      () => shocked(text),
      (error: unknown) =>
        error instanceof ReplayError &&
        error.code === 'SCENARIO_INVALID' &&
        error.place.file === '--shock' &&
        error.place.path === text &&
        says.test(`${error.message} ${error.remedy}`),
    );
  });
}
