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

test('a hedger has 3x at most, the others what they drew', () => {
  assert.deepEqual(
    [leverageByRole(25, true), leverageByRole(2, true), leverageByRole(25, false)],
    [3, 2, 25],
  );
});
