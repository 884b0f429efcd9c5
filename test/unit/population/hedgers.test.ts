/** Who hedges, by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHedger, leverageByRole } from '../../../src/population/hedgers.ts';

test('.45 of longs and .6 of shorts, by one draw', () => {
  const at = (u: number): boolean[] => [isHedger(1, u), isHedger(-1, u)];
  assert.deepEqual(
    [at(0), at(0.44), at(0.45), at(0.59), at(0.6), at(0.999)],
    [
      [true, true],
      [true, true],
      [false, true],
      [false, true],
      [false, false],
      [false, false],
    ],
  );
});

test('a hedger has what the mix holds up to 3x, the others all of it', () => {
  // no lognormal part: leverage 1 + 4 u, times the tilt
  const mix = { body: 0, median: 1, sigma: 1, low: 1, high: 5 };
  const at = (u: number, tilt: number, hedger: boolean) => leverageByRole({ mix, u, tilt, hedger });
  assert.deepEqual([at(0.5, 1, false), at(0.5, 2, false)], [3, 6]);
  // 1 + 4 u <= 3 up to u = .5; half of that is 1 + 4 * .25
  near(at(0.5, 1, true), 2);
  // 2 (1 + 4 u) <= 3 up to u = .125; half of that is 2 (1 + 4 * .0625)
  near(at(0.5, 2, true), 2.5);
  // .5 (1 + 4 u) is never above 2.5: nothing is left out
  near(at(0.5, 0.5, true), 1.5);
  // 4 (1 + 4 u) is never below 4: 3 is what a hedger has then
  near(at(0.5, 4, true), 3);
  assert.ok(at(0.999, 2, true) < 3 && at(0.999, 2, true) > 2.99);
});

const near = (ours: number, wanted: number): void =>
  assert.ok(Math.abs(ours - wanted) < 1e-9, `${ours} for ${wanted}`);
