/** Medians of the branching ratio over draws, by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { branchingMedians } from '../../../src/study/compare/branchingMedians.ts';
import { CENTRAL } from '../../../src/study/compare/draws.ts';
import type { DoneDraw } from '../../../src/study/compare/job.ts';

const rows = (market: string, ...ratios: number[]) =>
  ratios.map((ratio, k) => ({ market, startUs: k * 300e6, ratio }));

/** A draw of a baseline and one candidate, without feedback and with it. */
const drawOf = (cell: string, own: number[], alone: number[], moved: number[]): DoneDraw =>
  ({
    draw: { cell, number: 0, seed: '1', overrides: [] },
    worlds: [
      { candidate: -1, feedback: false, branchingRows: [...rows('A', ...own), ...rows('B', 9, 9)] },
      { candidate: 0, feedback: false, branchingRows: rows('A', ...alone) },
      { candidate: 0, feedback: true, branchingRows: rows('A', ...moved) },
    ],
  }) as unknown as DoneDraw;

test('baseline and candidates with feedback, central draws of one market', () => {
  const draws = [
    drawOf(CENTRAL.name, [0.1, 0.2], [7, 7], [0.3, 0.9]),
    drawOf(CENTRAL.name, [0.5, 0.3], [7, 7], [0.1, 0.5]),
    drawOf(CENTRAL.name, [0.2, 0.7], [7, 7], [0.4, 0.1]),
    drawOf('another cell', [8, 8], [8, 8], [8, 8]),
  ];
  const points = (...ratios: number[]) => ratios.map((ratio, k) => ({ startUs: k * 300e6, ratio }));
  assert.deepEqual(branchingMedians(draws, 'A'), [
    { candidate: -1, points: points(0.2, 0.3) }, // of .1 .5 .2 and .2 .3 .7
    { candidate: 0, points: points(0.3, 0.5) }, // of .3 .1 .4 and .9 .5 .1
  ]);
});
