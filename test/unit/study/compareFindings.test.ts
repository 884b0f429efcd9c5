/** From worlds to findings: what becomes of a figure that one of two worlds does not have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CENTRAL } from '../../../src/study/compare/draws.ts';
import type { DoneDraw, DoneWorld } from '../../../src/study/compare/job.ts';
import { METRICS, type WorldFigures } from '../../../src/study/compare/metrics.ts';
import { findingsOf } from '../../../src/study/compare/result.ts';

const NONE = Object.fromEntries(METRICS.map(({ name }) => [name, null])) as WorldFigures;
const world = (candidate: number, feedback: boolean, recovery: number | null): DoneWorld => ({
  candidate,
  feedback,
  figures: { ...NONE, recovery },
  displacement: 0,
  branching: 0,
  breakdown: [],
  waves: [],
  hazard: [],
  branchingRows: [],
});
/** Minutes until the price is back: in the baseline, under the candidate. */
const drawn = (own: number | null, other: number | null, number: number): DoneDraw => ({
  draw: { number, cell: CENTRAL.name, seed: '1', overrides: [] },
  entry: { accounts: 0, notional: 0, added: 0 },
  worlds: [world(-1, false, own), world(0, false, other), world(0, true, other)],
});
const found = (...pairs: (readonly [number | null, number | null])[]) =>
  findingsOf({
    draws: pairs.map(([own, other], i) => drawn(own, other, i)),
    candidates: 1,
    metrics: METRICS,
    stability: [],
  });

test('draws in which a price comes back in one of two worlds alone are left out, and told', () => {
  // two came back sooner; one never did under the candidate, one never in either
  const [finding, ...others] = found([10, 8], [10, 9], [10, null], [null, null]);
  assert.deepEqual(others, []);
  assert.equal(finding!.metric, 'recovery');
  assert.deepEqual([finding!.feedback.draws, finding!.feedback.median, finding!.baseline], [2, -1.5, 10]);
  assert.equal(finding!.reasons.at(-1), 'left out: 1 of 4 in which only one of both has it');
});

test('where both have it nothing is said', () => {
  const [finding] = found([10, 8], [10, 9]);
  assert.ok(!finding!.reasons.some((reason) => reason.startsWith('left out')));
  assert.deepEqual(found([null, null]), []);
});
