/** Draws and verdicts of a comparison, against quantiles and counts known otherwise. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  ALL_CELLS,
  betaQuantile,
  CENTRAL,
  drawsOf,
  hypercube,
  NINE_CELLS,
} from '../../../src/study/compare/draws.ts';
import { bandOf, type Evidence, quantile, verdictOf } from '../../../src/study/compare/verdict.ts';
import { METRICS } from '../../../src/study/compare/metrics.ts';
import type { Stability } from '../../../src/report/compare/model.ts';
import { money, rate } from '../../../src/basics/exact.ts';
import { tinyAssumptions } from '../../support/tinyWorld.ts';
import { USUAL } from '../../support/behaviour.ts';

test('a hypercube has one point in every stratum, and another seed other points', () => {
  const points = hypercube('a', 'impact', 40);
  assert.deepEqual(
    points.map((u) => Math.floor(u * 40)).sort((a, b) => a - b),
    Array.from({ length: 40 }, (_, i) => i),
  );
  assert.notDeepEqual(points, hypercube('b', 'impact', 40));
  assert.notDeepEqual(
    points.map((u) => Math.floor(u * 40)),
    hypercube('a', 'passThrough', 40).map((u) => Math.floor(u * 40)),
  );
  assert.deepEqual(points, hypercube('a', 'impact', 40));
});

test('Beta(6, 2) has its median at 0.7714', () => {
  // of the binomial identity I_x(6, 2) = P(Bin(7, x) >= 6) = 7 x^6 (1 - x) + x^7, by hand:
  const distribution = (x: number): number => 7 * x ** 6 * (1 - x) + x ** 7;
  for (const p of [0.05, 0.5, 0.95]) assert.ok(Math.abs(distribution(betaQuantile(p)) - p) < 1e-12);
  assert.ok(Math.abs(betaQuantile(0.5) - 0.7714) < 5e-4);
});

const synthetic = tinyAssumptions({
  population: {
    kind: 'synthetic',
    accounts: 60,
    openInterest: { BTCUSDT: money('100') },
    openInterestRange: [rate('1'), rate('1')],
    leverageMix: 'MID',
    liquidatableShare: rate('0.5'),
    isolatedShare: rate('0.35'),
    hedgeShare: rate('0'),
    multiMarketShare: rate('0'),
    restingOrderShare: rate('0'),
    ...USUAL,
  },
});
const drawnOf = (overrides: readonly string[], path: string): number =>
  Number.parseFloat(overrides.find((o) => o.startsWith(`assumptions.${path}`))!.split('=')[1]!);

test('draws lie in their stated ranges and four share a population', () => {
  const draws = drawsOf({ n: 200, cell: CENTRAL, seed: 's', assumptions: synthetic });
  assert.equal(new Set(draws.map((d) => d.seed)).size, 50);
  const all = (path: string): number[] => draws.map((d) => drawnOf(d.overrides, path)).sort((a, b) => a - b);
  const range = (path: string): [number, number] => [all(path)[0]!, all(path).at(-1)!];
  const within = (path: string, low: number, high: number): void => {
    const [a, b] = range(path);
    assert.ok(
      a >= low && b <= high && a < low + 0.1 * (high - low) && b > high - 0.1 * (high - low),
      `${path} ${a} ${b}`,
    );
  };
  within('population.liquidatableShare', 0.25, 1);
  within('feedback.passThrough', 0.4, 0.95);
  within('feedback.arbitrage', 10, 1800);
  within('fills.participation', 0.1, 0.5);
  assert.ok(Math.abs(quantile(all('fills.impact'), 0.5) - 1) < 0.02, 'a multiplier of median 1');
  for (const d of draws.slice(0, 4)) {
    assert.equal(d.seed, 's/0');
    assert.equal(
      drawnOf(d.overrides, 'population.liquidatableShare'),
      drawnOf(draws[0]!.overrides, 'population.liquidatableShare'),
    );
  }
});

test('a cell fixes impact, pass-through and mix and leaves the rest as drawn', () => {
  assert.equal(NINE_CELLS.length, 9);
  assert.equal(ALL_CELLS.length, 36);
  const cell = ALL_CELLS.find((c) => c.impact === 10 && c.passThrough === 0.95 && c.mix === 'HL2025')!;
  const [own, central] = [cell, CENTRAL].map((c) =>
    drawsOf({ n: 5, cell: c, seed: 's', assumptions: synthetic }),
  );
  assert.equal(drawnOf(own![3]!.overrides, 'fills.impact'), 10);
  assert.equal(drawnOf(own![3]!.overrides, 'feedback.passThrough'), 0.95);
  assert.ok(own![3]!.overrides.includes('assumptions.population.leverageMix=HL2025'));
  assert.equal(
    drawnOf(own![3]!.overrides, 'fills.participation'),
    drawnOf(central![3]!.overrides, 'fills.participation'),
  );
});

test('a band is of order statistics, between them linear', () => {
  // 0, 10, ..., 100: the 5 % quantile lies halfway between the first two
  const band = bandOf(Array.from({ length: 11 }, (_, i) => 10 * i))!;
  assert.deepEqual([band.low, band.median, band.high], [5, 50, 95]);
  assert.deepEqual([band.sign, band.sameSign], [1, 10 / 11]);
  assert.equal(bandOf([]), null);
  // one draw each way: the sign is that of the median, here (-1 + 3) / 2
  assert.deepEqual([bandOf([-1, 3])!.sign, bandOf([-3, 1])!.sign], [1, -1]);
});

const calm: Stability = {
  candidate: 0,
  cell: 'central',
  draws: 1,
  displacement: 0.01,
  branching: 0.1,
  amplification: 1,
};
const ups = (n: number, downs = 0): number[] => [
  ...Array<number>(n - downs).fill(1),
  ...Array<number>(downs).fill(-1),
];
const evidence = (o: {
  central: number[];
  nine?: number[];
  all?: number[];
  accounting?: number[];
  stability?: Partial<Stability>;
}): Evidence => ({
  cells: new Map([
    ['central', o.central],
    ...NINE_CELLS.map((c) => [c.name, o.nine ?? []] as const),
    ...ALL_CELLS.map((c) => [c.name, o.all ?? []] as const),
  ]),
  feedback: bandOf(o.central)!,
  accounting: bandOf(o.accounting ?? o.central)!,
  stability: [{ ...calm, ...o.stability }],
});
const label = (o: Parameters<typeof evidence>[0]): string => verdictOf(evidence(o)).label;

test('a label needs its draws', () => {
  assert.equal(label({ central: ups(8) }), 'PREVIEW');
  assert.equal(label({ central: ups(49), nine: ups(20) }), 'PREVIEW');
  assert.equal(label({ central: ups(50), nine: ups(19) }), 'PREVIEW');
  assert.equal(label({ central: ups(50), nine: ups(20) }), 'INDICATIVE');
  assert.equal(label({ central: ups(200), all: ups(199) }), 'PREVIEW');
  assert.equal(label({ central: ups(200), all: ups(200) }), 'ROBUST');
});

test('a label needs its signs', () => {
  assert.equal(label({ central: ups(200), all: ups(200, 10) }), 'ROBUST', '95 % is enough');
  assert.equal(label({ central: ups(200), all: ups(200, 11) }), 'INDICATIVE');
  assert.equal(label({ central: ups(50), nine: ups(20, 6) }), 'UNRESOLVED', '176 of 230');
  assert.equal(label({ central: ups(8), accounting: ups(8, 8) }), 'UNRESOLVED', 'the twin disagrees');
});

test('an unstable cell outranks every number of draws', () => {
  const many = { central: ups(200), all: ups(200) };
  assert.equal(label({ ...many, stability: { branching: 0.9 } }), 'UNSTABLE');
  assert.equal(label({ ...many, stability: { branching: 0.89 } }), 'ROBUST');
  assert.equal(label({ ...many, stability: { displacement: 0.201 } }), 'UNSTABLE');
});

test('docs/compare.md defines every figure in the words of the code', () => {
  const text = readFileSync('docs/compare.md', 'utf8');
  for (const { name, title, unit, formula, better, headline } of METRICS) {
    const row = `| \`${name}\` | ${title}${headline ? ' *' : ''} | ${unit} | ${better === '' ? '-' : better} | ${formula} |`;
    assert.ok(text.includes(row), row);
  }
});

test('a weight that a scenario states holds for its own mix: other mixes of the envelope have theirs', () => {
  const { population } = synthetic;
  assert.ok(population.kind === 'synthetic');
  const stating = { ...synthetic, population: { ...population, highLeverageShare: rate('0.4') } };
  const WEIGHT = 'assumptions.population.highLeverageShare=';
  const weightsIn = (mix: string): string[][] =>
    drawsOf({
      n: 40,
      cell: ALL_CELLS.find((c) => c.mix === mix)!,
      seed: 's',
      assumptions: stating,
    }).map(({ overrides }) =>
      overrides.filter((o) => o.startsWith(WEIGHT)).map((o) => o.slice(WEIGHT.length)),
    );
  // 0.7 to 1.3 times 0.4
  for (const [own, ...more] of weightsIn('MID')) {
    assert.ok(Number(own) >= 0.28 && Number(own) <= 0.52 && more.length === 0, own);
  }
  // 0.7 to 1.3 times the 35 % of BMX2019, stated after the scenario's own is let go
  for (const [none, own] of weightsIn('BMX2019')) {
    assert.equal(none, 'none');
    assert.ok(Number(own) >= 0.245 && Number(own) <= 0.455, own);
  }
  // HL2025 has no part with high leverage
  for (const found of weightsIn('HL2025')) assert.deepEqual(found, ['none']);
});
