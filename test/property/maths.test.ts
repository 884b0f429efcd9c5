/** exp, log, pow and the normal quantile against decimal.js and an independent integral. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { exp, log, normalQuantile, pow } from '../../src/basics/maths.ts';

const D = Decimal.clone({ precision: 60 });
/** The binary value itself: the shortest decimal text that the constructor would read is not exact. */
function exactly(f64: number): Decimal {
  let [whole, halvings] = [f64, 0];
  while (!Number.isInteger(whole)) [whole, halvings] = [whole * 2, halvings + 1];
  return new D(BigInt(whole).toString()).div(new D(2).pow(halvings));
}
const error = (got: number, oracle: Decimal): number =>
  exactly(got).minus(oracle).div(oracle).abs().toNumber();

test('exp: relative error below 1e-14', () => {
  const x = fc.oneof(
    fc.double({ min: -700, max: 700, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(x, (v) => assert.ok(error(exp(v), exactly(v).exp()) < 1e-14, `exp(${v}) = ${exp(v)}`)),
    { numRuns: 1_000 },
  );
  assert.deepEqual([exp(0), exp(-709), exp(710), exp(Number.NEGATIVE_INFINITY)], [1, 0, Infinity, 0]);
});

test('log: relative error below 1e-14, also beside 1', () => {
  const x = fc.oneof(
    fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
    fc.double({ min: 0.5, max: 2, noNaN: true }),
    fc.double({ min: 1 - 1e-6, max: 1 + 1e-6, noNaN: true }),
  );
  fc.assert(
    fc.property(x, (v) => {
      if (v === 1) return assert.equal(log(v), 0);
      assert.ok(error(log(v), exactly(v).ln()) < 1e-14, `log(${v}) = ${log(v)}`);
    }),
    { numRuns: 1_000 },
  );
  for (const wrong of [0, -1, Number.NaN, Infinity]) assert.throws(() => log(wrong), RangeError);
});

test('pow: relative error below 1e-14 for exponents of order 1', () => {
  const draw = fc.tuple(
    fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
    fc.double({ min: -2, max: 2, noNaN: true }),
  );
  fc.assert(
    fc.property(draw, ([x, y]) =>
      assert.ok(error(pow(x, y), exactly(x).pow(exactly(y))) < 1e-14, `${x}^${y} = ${pow(x, y)}`),
    ),
    { numRuns: 500 },
  );
});

/** Standard normal distribution by its Taylor series: sum of (-1)^k x^(2k+1) / (2^k k! (2k+1)). */
function normal(x: number): number {
  const z = new D(x);
  let term = z;
  let total = z;
  for (let k = 1; k < 200; k++) {
    term = term
      .times(z)
      .times(z)
      .div(-2 * k);
    total = total.plus(term.div(2 * k + 1));
  }
  return total.div(D.acos(-1).times(2).sqrt()).plus(0.5).toNumber();
}

test('the normal quantile inverts the distribution', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-4, max: 1 - 1e-4, noNaN: true }), (p) => {
      const x = normalQuantile(p);
      const density = exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
      // An error e of the quantile moves the distribution by density * e; |e| <= 1.2e-9 * |x|, and x
      // has units of 1 beside 0.
      assert.ok(Math.abs(normal(x) - p) / density < 2e-9 * (1 + Math.abs(x)), `quantile ${x} of ${p}`);
    }),
    { numRuns: 200 },
  );
  assert.ok(Math.abs(normalQuantile(0.975) - 1.959963984540054) < 1e-8);
  assert.equal(normalQuantile(0.5), 0);
  assert.equal(normalQuantile(0.9), -normalQuantile(1 - 0.9));
  for (const wrong of [0, 1, -0.1, Number.NaN]) assert.throws(() => normalQuantile(wrong), RangeError);
});
