/** Calm trading and the impact coefficient against hand calculations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MINUTE_US } from '../../../src/basics/instant.ts';
import { exp } from '../../../src/basics/maths.ts';
import { calmOf, lambdaAt, lambdaPerLot, stressPath } from '../../../src/impact/coefficient.ts';
import type { FillAssumption } from '../../../src/rules/assumptions.ts';
import { rate } from '../../../src/basics/exact.ts';
import { BTC, smallFrames } from '../../support/smallFrames.ts';

const fills: FillAssumption = { participation: rate('0.25'), impact: 1, stressMax: 10, kernel: 'power' };
const near = (actual: number, expected: number, relative: number) =>
  assert.ok(Math.abs(actual / expected - 1) <= relative, `${actual} is not ${expected}`);

test('calm trading: deviation of log returns over n - 1, mean volume', () => {
  const closes = [100, 102, 99, 100];
  const bars = closes.map((close, i) => ({ tsUs: i, open: 1, high: 1, low: 1, close, volume: 100 + 10 * i }));
  // r = ln 1.02 = 0.0198026, ln(99/102) = -0.0298530, ln(100/99) = 0.0100503; their mean is 0;
  // squares 0.000392144 + 0.000891200 + 0.000101009 = 0.001384353; / 2; root 0.0263092
  const calm = calmOf(bars);
  near(calm.sigmaDaily, 0.0263092, 1e-5);
  assert.equal(calm.volumeDaily, 115);
  assert.throws(() => calmOf([]), RangeError);
});

test('fewer than three days: the deviation that their ranges tell (Parkinson 1980)', () => {
  const bar = (high: number, low: number) => ({ tsUs: 0, open: 1, high, low, close: 1, volume: 10 });
  // ln(110/100) = 0.0953102, ln(121/100) = 0.1906204; squares 0.00908403 and 0.03633614; mean 0.02271008;
  // / (4 ln 2 = 2.7725887) = 0.00819093; root 0.0905038
  near(calmOf([bar(110, 100), bar(121, 100)]).sigmaDaily, 0.0905038, 1e-5);
  // one day: 0.0953102 / 1.6651092 = 0.0572396
  near(calmOf([bar(110, 100)]).sigmaDaily, 0.0572396, 1e-5);
});

test('calm trading is the last twenty days, with the close before them', () => {
  const bar = (close: number, volume: number) => ({ tsUs: 0, open: 1, high: 1, low: 1, close, volume });
  const wild = Array.from({ length: 10 }, (_, i) => bar(i % 2 === 0 ? 50 : 200, 9999));
  const quiet = Array.from({ length: 20 }, () => bar(200, 7));
  assert.deepEqual(calmOf([...wild, ...quiet]), { sigmaDaily: 0, volumeDaily: 7 });
});

test('the coefficient: 10 sigma / (V gbar), per lot', () => {
  // sigma sqrt(0.01) / (0.01 V gbar) = 10 * 0.028 / (171000 * 0.2241) = 7.307e-6 per BTC, 73 bp per
  // 1,000 BTC (docs/method.md (Impact) has 72 for March 2020 with gbar .227); a lot is 0.001 BTC
  const calm = { sigmaDaily: 0.028, volumeDaily: 171000 };
  near(lambdaPerLot({ calm, fills, market: BTC }), 7.307e-9, 1e-3);
  near(lambdaPerLot({ calm, fills: { ...fills, impact: 0.5 }, market: BTC }), 3.6535e-9, 1e-3);
  assert.equal(lambdaPerLot({ calm, fills: { ...fills, impact: 0 }, market: BTC }), 0);
});

test('stress starts at 1 and stays there while trading is calm', () => {
  // a minute of calm trading: |r| = sigma / sqrt(1440) with alternating sign, V / 1440
  const r = 0.04 / Math.sqrt(1440);
  const last = Array.from({ length: 40 }, (_, i) => 50000 * (i % 2 === 0 ? 1 : exp(r)));
  const frames = smallFrames({ beatUs: MINUTE_US, last, lots: last.map(() => 100) });
  const path = stressPath(frames, BTC, { sigmaDaily: 0.04, volumeDaily: 144 });
  assert.equal(path[0], 1);
  assert.ok(
    path.every((m) => m < 1.001),
    String(path),
  );
});

test('stress follows volatility against the root of volume', () => {
  // one minute with r = 8 calm deviations and 4 times the volume, weight 2/31:
  // variance 1 + 2/31 * 63 = 5.0645, volume 1 + 2/31 * 3 = 1.1935, root of the quotient 2.0599
  const r = (8 * 0.04) / Math.sqrt(1440);
  const frames = smallFrames({ beatUs: MINUTE_US, last: [50000, 50000 * exp(r)], lots: [100, 400] });
  const path = stressPath(frames, BTC, { sigmaDaily: 0.04, volumeDaily: 144 });
  assert.equal(path[0], 1);
  near(path[1]!, 2.0599, 1e-4);
});

test('with beats of a second the minute is the grain', () => {
  const r = (8 * 0.04) / Math.sqrt(1440);
  const last = Array.from({ length: 120 }, (_, i) => (i < 60 ? 50000 : 50000 * exp((r * (i - 59)) / 60)));
  const lots = last.map((_, i) => (i < 60 ? 100 / 60 : 400 / 60));
  const path = stressPath(smallFrames({ last, lots }), BTC, { sigmaDaily: 0.04, volumeDaily: 144 });
  assert.ok(path.slice(0, 119).every((m) => m === 1));
  near(path[119]!, 2.0599, 1e-4);
});

test('the multiplier is bounded on both sides', () => {
  assert.deepEqual(
    [0.5, 3, 12].map((m) => lambdaAt(2, m, 10)),
    [2, 6, 20],
  );
});

test('days on which nothing moved measure no stress', () => {
  const frames = smallFrames({ beatUs: MINUTE_US, last: [50000, 50000, 51000], lots: [100, 100, 100] });
  assert.ok(stressPath(frames, BTC, { sigmaDaily: 0, volumeDaily: 10 }).every((stress) => stress === 1));
});
