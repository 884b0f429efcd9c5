/** The core of calibration, against losses by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AbcTarget, keepBest, lossOf } from '../../../../src/study/calibrate/abc.ts';

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

/** ln 2 = 0.693147..., ln 4 = 2 ln 2, ln 8 = 3 ln 2: whole tolerances off. */
const LN2 = Math.LN2;
const TARGETS: readonly AbcTarget[] = [
  { observed: 100, sigmaLn: LN2 },
  { observed: -8, sigmaLn: 2 * LN2 },
];

test('a loss is the sum of squared distances in tolerances', () => {
  // (ln(100/100) / ln 2)^2 + (ln(8/8) / ln 4)^2 = 0
  near(lossOf([100, -8], TARGETS), 0);
  // 400 is two doublings: 2^2 = 4; -2 is a quarter: (-2 ln 2 / (2 ln 2))^2 = 1
  near(lossOf([400, -2], TARGETS), 5);
  // half and double cost the same
  near(lossOf([50, -8], TARGETS), lossOf([200, -8], TARGETS));
});

test('nothing predicted, or a rise where a fall was published, counts as a thousandth', () => {
  // ln(1/1000) / ln 2 = -6.907755 / 0.693147 = -9.965784; squared 99.316857
  near(lossOf([0, -8], TARGETS), 9.965784284662087 ** 2);
  near(lossOf([0.1, -8], TARGETS), lossOf([0, -8], TARGETS));
  // half of that in tolerances of ln 4
  near(lossOf([100, 8], TARGETS), (9.965784284662087 / 2) ** 2);
});

test('the nearest draws are kept, nearest first, and of equals the first drawn', () => {
  // losses by hand: 1 (half), 0, 9 (8 times), 1 (double), 4 (4 times)
  const predicted = [[50], [100], [800], [200], [400]];
  const targets = TARGETS.slice(0, 1);
  const kept = keepBest({ predicted, targets, keep: 4 });
  assert.deepEqual(
    kept.map(({ index }) => index),
    [1, 0, 3, 4],
  );
  for (const [i, loss] of [0, 1, 1, 4].entries()) near(kept[i]!.loss, loss);
});

test('no targets, and more to keep than there are draws, are refused', () => {
  assert.throws(() => keepBest({ predicted: [[1]], targets: [], keep: 1 }), RangeError);
  for (const keep of [0, 2, 0.5])
    assert.throws(() => keepBest({ predicted: [[1]], targets: TARGETS.slice(0, 1), keep }), RangeError);
});
