/** Leverage mixes against the published figures of docs/method.md (Population), on an even grid of draws. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leverageDraw, meanLogWeight, mixOf, sizeTilt } from '../../../src/population/leverage.ts';
import { rate } from '../../../src/basics/exact.ts';
import type { LeverageMix } from '../../../src/rules/assumptions.ts';

const GRID = 20_000;
const own = (leverageMix: LeverageMix) => mixOf({ leverageMix, highLeverageShare: null });
const sample = (mix: LeverageMix): number[] =>
  Array.from({ length: GRID }, (_, i) => leverageDraw(own(mix), (i + 0.5) / GRID)).sort((a, b) => a - b);
const below = (list: readonly number[], level: number): number => list.filter((x) => x < level).length / GRID;
const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;

test('HL2025: 36.3 % of open interest below 3x, 84.8 % below 7x (Hyperliquid, 15 December 2025)', () => {
  const list = sample('HL2025');
  // the fit is stated with two to three digits (median 3.72, sigma .615): half a percent
  assert.ok(Math.abs(below(list, 3) - 0.363) < 0.005, String(below(list, 3)));
  assert.ok(Math.abs(below(list, 7) - 0.848) < 0.005, String(below(list, 7)));
});

test('BMX2019: mean about 25, 80th percentile 54 (BitMEX, April 2019)', () => {
  const list = sample('BMX2019');
  // by hand: .65 * 4.6 e^(.8^2 / 2) + .35 * 60 = 4.12 + 21 = 25.12
  assert.ok(Math.abs(mean(list) - 25.12) < 0.05, String(mean(list)));
  assert.ok(Math.abs(list[0.8 * GRID]! - 54) < 0.6, String(list[0.8 * GRID]));
});

test('MID: 80 % lognormal with median 5, 20 % uniform in 10 .. 50', () => {
  // by hand: .8 * 5 e^(.75^2 / 2) + .2 * 30 = 5.30 + 6 = 11.30
  assert.ok(Math.abs(mean(sample('MID')) - 11.3) < 0.05);
  assert.equal(leverageDraw(own('MID'), 0.9), 30);
  assert.ok(Math.abs(leverageDraw(own('MID'), 0.4) - 5) < 1e-7);
});

test('the tilt is 1 at the weighted mean of log size and falls by 2^-.12 a doubling', () => {
  const weights = Float64Array.of(1, 3); // weighted mean of log: (0 + 3 ln 3) / 4 = .8240
  const centre = meanLogWeight(weights);
  assert.ok(Math.abs(centre - 0.823959) < 1e-6);
  // 2^-.12 = e^(-.12 * .693147) = e^-.0831777 = .920188
  assert.ok(Math.abs(sizeTilt(2, centre) / sizeTilt(1, centre) - 0.920188) < 1e-6);
  assert.equal(sizeTilt(1, 0), 1);
});

test('a stated weight moves the border between the two parts of a mix', () => {
  // MID with 40 % high leverage: 0.8 of [0, 1) lies in the middle of the last 40 %, 10 + 40 * (0.8 - 0.6) / 0.4 = 30
  const heavy = mixOf({ leverageMix: 'MID', highLeverageShare: rate('0.4') });
  assert.ok(Math.abs(leverageDraw(heavy, 0.8) - 30) < 1e-9);
  assert.ok(Math.abs(leverageDraw(heavy, 0.3) - 5) < 1e-7, 'the median of the body at half of 0.6');
});
