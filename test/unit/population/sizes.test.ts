/** Sizes: quantiles by hand, the cap, and lots that add up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { apportion, capWeights, sizeQuantile } from '../../../src/population/sizes.ts';

const near = (found: number, expected: number, relative: number): void =>
  assert.ok(Math.abs(found / expected - 1) < relative, `${found} for ${expected}`);

test('the body is lognormal with sigma 1.5, the tail Pareto with exponent 1.2', () => {
  // z(.5) = 0; z(.8413447) = 1: e^1.5 = 4.4817; z(.1586553) = -1: e^-1.5 = .22313
  near(sizeQuantile(0.5), 1, 1e-8);
  near(sizeQuantile(0.8413447), 4.4817, 1e-4);
  near(sizeQuantile(0.1586553), 0.22313, 1e-4);
  // x99 = e^(1.5 * 2.3263479) = 32.770; a tenth of the tail is above x99 * 10^(1/1.2) = 223.26
  near(sizeQuantile(0.99), 32.77, 1e-3);
  near(sizeQuantile(0.999), 223.26, 1e-3);
  assert.ok(sizeQuantile(0) > 0);
});

test('no position exceeds 3 % of the capped sum, and only those above the ceiling are cut', () => {
  const weight = fc.double({ min: 0.001, max: 1000, noNaN: true });
  fc.assert(
    fc.property(fc.array(weight, { minLength: 67, maxLength: 200 }), (list) => {
      const before = Float64Array.from(list);
      const after = before.slice();
      capWeights(after);
      const sum = after.reduce((a, b) => a + b, 0);
      const top = Math.max(...after);
      assert.ok(top <= 0.03 * sum * (1 + 1e-9));
      for (const [i, w] of after.entries()) assert.ok(w === before[i] || (w === top && before[i]! > top));
    }),
    { numRuns: 100 },
  );
});

test('a side of few positions is capped at two equal shares', () => {
  const weights = Float64Array.of(1, 1, 1, 97);
  capWeights(weights); // 2/4 of the sum: 3 others together, so the ceiling is 3
  assert.deepEqual([...weights], [1, 1, 1, 3]);
  const lone = Float64Array.of(5);
  capWeights(lone);
  assert.deepEqual([...lone], [5]);
});

test('lots by largest remainder, one for everybody first', () => {
  // 10 lots, 3 given out, 7 by weight 1:2:4: exactly 1, 2, 4
  assert.deepEqual([...apportion(Float64Array.of(1, 2, 4), 10)], [2, 3, 5]);
  // 5 lots, 3 given out, 2 by equal weight: 2/3 each, ties to the lower index
  assert.deepEqual([...apportion(Float64Array.of(1, 1, 1), 5)], [2, 2, 1]);
  assert.throws(() => apportion(Float64Array.of(1, 1), 1), RangeError);
});

test('lots always add up to the total, and each is within one of its share', () => {
  const weight = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(weight, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 60, max: 1e12 }),
      (list, total) => {
        const lots = apportion(Float64Array.from(list), total);
        assert.equal(
          lots.reduce((a, b) => a + b, 0),
          total,
        );
        const sum = list.reduce((a, b) => a + b, 0);
        for (const [i, held] of lots.entries()) {
          const share = 1 + (list[i]! / sum) * (total - list.length);
          assert.ok(
            Number.isInteger(held) && Math.abs(held - share) <= 1 + total * 1e-13,
            `${held} of ${share}`,
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});
