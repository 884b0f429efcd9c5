/** Priors and their draws, and how far figures narrow them, against numbers by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rate } from '../../../../src/basics/exact.ts';
import type { Scenario } from '../../../../src/rules/scenario.ts';
import { calibrated, quantilesOf } from '../../../../src/study/calibrate/posterior.ts';
import { type FreeParameter, freeParameters, priorDraws } from '../../../../src/study/calibrate/prior.ts';

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);
const parameter = (isLog: boolean): FreeParameter => ({
  ...{ path: 'p', title: 'P', law: '', low: 1, high: 100, isLog, with: [] },
});

test('quantiles lie between order statistics', () => {
  // of 0 .. 20: 5 % is place 1, 50 % place 10, 95 % place 19
  assert.deepEqual(quantilesOf(Array.from({ length: 21 }, (_, i) => 20 - i)), {
    low: 1,
    median: 10,
    high: 19,
  });
});

test('shrinkage compares widths, in the logarithm where the law is even there', () => {
  // all: 0 .. 100 by ones, 90 % width 90; kept: 20, 30, .. 50: quantiles at 0.15 and 2.85 of 3 steps: 21.5 and 48.5
  const values = Array.from({ length: 101 }, (_, i) => i);
  const half = calibrated(parameter(false), values, [20, 30, 40, 50]);
  near(half.shrinkage, 1 - 27 / 90);
  assert.equal(half.identified, true);
  // powers of ten, 1 to 10^4; 90 % width of places 0.2 .. 3.8 is 1.8 -> 7480 by interpolation in values
  const powers = [1, 10, 100, 1000, 10_000];
  const all = calibrated(parameter(true), powers, [0, 1, 2, 3, 4]);
  near(all.shrinkage, 0);
  assert.equal(all.identified, false);
  // kept 10 and 1000 only: quantiles 59.5 and 950.5, against 2.8 and 8200
  const some = calibrated(parameter(true), powers, [1, 3]);
  near(some.shrinkage, 1 - Math.log(950.5 / 59.5) / Math.log(8200 / 2.8));
});

test('a third is the line between identified and not', () => {
  const values = Array.from({ length: 101 }, (_, i) => i);
  // a kept pair x, y: width 0.9 (y - x); 60 of 90 is a shrinkage of exactly a third less rounding
  const kept = (high: number): boolean => calibrated(parameter(false), values, [0, high]).identified;
  assert.equal(kept(66), true); // 59.4 of 90
  assert.equal(kept(67), false); // 60.3 of 90
});

const scenario = (more: object): Scenario =>
  ({ assumptions: { population: { kind: 'synthetic', ...more } } }) as unknown as Scenario;
const BEHAVIOUR = { stopShare: rate('0'), topUpShare: rate('0'), overLeverage: 'reject' };

test('the weight is free around what the scenario has, and not where it has none', () => {
  const rangesOf = (more: object): string[] =>
    freeParameters(scenario(more)).map(
      ({ path, low, high }) => `${path.split('.').at(-1)} ${low.toFixed(4)} ${high.toFixed(4)}`,
    );
  const rest = ['liquidatableShare 0.0500 1.0000', 'churn 0.0300 0.2500'] as const;
  // MID has 0.2 of high leverage, BMX2019 0.35, HL2025 none
  const own = { behaviour: { ...BEHAVIOUR, turnover: rate('0') } };
  assert.deepEqual(rangesOf({ ...own, leverageMix: 'MID', highLeverageShare: null }), [
    rest[0],
    'highLeverageShare 0.1400 0.2600',
    rest[1],
  ]);
  assert.deepEqual(rangesOf({ ...own, leverageMix: 'HL2025', highLeverageShare: null }), [...rest]);
  assert.deepEqual(rangesOf({ ...own, leverageMix: 'MID', highLeverageShare: rate('0.9') }), [
    rest[0],
    'highLeverageShare 0.6300 1.0000', // 1.3 times .9 is more than all
    rest[1],
  ]);
});

test('draws fill every stratum, carry what they say, and turnover goes with churn where anybody comes', () => {
  const own = scenario({
    leverageMix: 'HL2025',
    highLeverageShare: null,
    behaviour: { ...BEHAVIOUR, turnover: rate('0.1') },
  });
  const { draws, values } = priorDraws({ n: 40, seed: '7', parameters: freeParameters(own) });
  const strata = values.map(([, churn]) => Math.floor(((churn! - 0.03) / 0.22) * 40 + 1e-6));
  assert.deepEqual(
    strata.toSorted((a, b) => a - b),
    Array.from({ length: 40 }, (_, i) => i),
  );
  const [first] = draws;
  assert.equal(first!.seed, '7/calibrate/0');
  const said = Object.fromEntries(first!.overrides.map((text) => text.split('=') as [string, string]));
  const path = 'assumptions.population';
  assert.equal(Number(said[`${path}.liquidatableShare`]), values[0]![0]);
  assert.equal(Number(said[`${path}.churn`]), values[0]![1]);
  assert.equal(said[`${path}.behaviour.turnover`], said[`${path}.churn`]);
});
