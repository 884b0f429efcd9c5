/** What drives a comparison: rank correlations by hand over draws that are written out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driversOf } from '../../../src/study/compare/drivers.ts';
import { hazardMedians } from '../../../src/study/compare/hazardMedians.ts';
import type { DoneDraw, DoneWorld } from '../../../src/study/compare/job.ts';
import { METRICS, type WorldFigures } from '../../../src/study/compare/metrics.ts';

const NONE = Object.fromEntries(METRICS.map(({ name }) => [name, null])) as WorldFigures;

function world(candidate: number, feedback: boolean, traderCost: number | null, notional = 0): DoneWorld {
  const hazard =
    feedback || notional === 0
      ? []
      : [
          {
            market: 'BTCUSDT',
            side: 'long',
            place: -1,
            low: 100 / 1.01,
            high: 100,
            notional,
            pockets: 1,
            branchingF64: 0,
          },
        ];
  const figures = { ...NONE, traderCost };
  return {
    candidate,
    feedback,
    figures,
    displacement: 0,
    branching: 0,
    breakdown: [],
    waves: [],
    branchingRows: [],
    hazard,
  };
}

/** A draw of the central cell; the baseline costs 100. */
const drawn = (
  number: number,
  overrides: readonly string[],
  cost: number | null,
  notional = 0,
): DoneDraw => ({
  draw: { number, cell: 'central', seed: `1/${number}`, overrides },
  entry: { accounts: 0, notional: 0, added: 0 },
  worlds: [world(-1, false, 100, notional), world(0, false, 100), world(0, true, cost)],
});

test('ranks of a difference against ranks of what was drawn', () => {
  const drivers = driversOf(
    [
      // impact 1 2 3 4 against 10 20 40 30: 1 - 6 (0 + 0 + 1 + 1) / (4 x 15) = 0.8; seconds fall as it rises
      drawn(0, ['a.impact*=1', 'a.time=40s', 'a.mix=MID', 'a.same=7'], 110),
      drawn(1, ['a.impact*=2', 'a.time=30s', 'a.mix=MID', 'a.same=7'], 120),
      drawn(2, ['a.impact*=3', 'a.time=20s', 'a.mix=HL2025', 'a.same=7'], 140),
      drawn(3, ['a.impact*=4', 'a.time=10s', 'a.mix=MID', 'a.same=7'], 130),
      // no figure: left out
      drawn(4, ['a.impact*=0.1', 'a.time=90s', 'a.mix=MID', 'a.same=7'], null),
    ],
    1,
  );
  assert.deepEqual(
    drivers.map((d) => [d.metric, d.path, Math.round(d.correlation * 1e9) / 1e9, d.draws]),
    [
      ['traderCost', 'a.impact', 0.8, 4],
      ['traderCost', 'a.time', -0.8, 4],
    ],
  );
});

test('draws of the envelope drive nothing', () => {
  const cell = (d: DoneDraw): DoneDraw => ({ ...d, draw: { ...d.draw, cell: 'impact x3' } });
  const draws = [1, 2, 3].map((n) => cell(drawn(n, [`a.impact*=${n}`], 100 + n)));
  assert.deepEqual(driversOf(draws, 1), []);
});

test('the hazard profile is the median over populations, one that has no such bucket counts as nothing', () => {
  const [bucket, ...others] = hazardMedians([
    drawn(0, [], 0, 50),
    drawn(1, [], 0, 20),
    drawn(2, [], 0, 30),
    drawn(3, [], 0),
    drawn(4, [], 0, 40),
  ]);
  assert.deepEqual(others, []);
  assert.equal(bucket!.notional, 30);
  assert.ok(Math.abs(bucket!.low - (1 / 1.01 - 1)) < 1e-12 && bucket!.high === 0);
});
