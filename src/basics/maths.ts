/**
 * exp, log and the normal quantile with a fixed order of IEEE operations: the results of Math.exp,
 * Math.log and Math.pow are not fixed by the standard and differ between engines. Accuracy (against
 * decimal.js in test/property/maths.test.ts): relative error below 1e-14.
 */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** 2^k for whole k in [-1022, 1023], by repeated squaring of exact values. */
function power2(k: number): number {
  let result = 1;
  let base = k < 0 ? 0.5 : 2;
  for (let n = Math.abs(k); n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) result *= base;
    base *= base;
  }
  return result;
}

/** e^x; 0 below -708, Infinity above 709. */
export function exp(x: number): number {
  if (x < -708) return 0;
  if (x > 709) return Infinity;
  const k = Math.round(x / Math.LN2);
  const r = x - k * LN2_HIGH - k * LN2_LOW; // |r| <= 0.35
  let term = 1;
  let total = 1;
  for (let i = 1; i < 18; i++) {
    term = (term * r) / i;
    total += term;
  }
  return total * power2(k);
}

/** Natural logarithm of x > 0. @throws RangeError otherwise */
export function log(x: number): number {
  if (!(x > 0) || x === Infinity) throw new RangeError(`log of ${x}`);
  let k = 0;
  let m = x;
  while (m > Math.SQRT2) [m, k] = [m / 2, k + 1];
  while (m < Math.SQRT1_2) [m, k] = [m * 2, k - 1];
  const z = (m - 1) / (m + 1); // log m = 2 atanh z, |z| <= 0.172
  const zz = z * z;
  let total = 0;
  for (let i = 25; i >= 1; i -= 2) total = total * zz + 1 / i;
  return k * LN2_HIGH + (2 * z * total + k * LN2_LOW);
}

/** x^y of x > 0. */
export const pow = (x: number, y: number): number => exp(y * log(x));

const A = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
];
const B = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1,
  1,
];
const C = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];
const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((total, c) => total * x + c, 0);

/**
 * Standard normal quantile of 0 < p < 1; relative error below 1.2e-9, enough for draws.
 * Source: P. J. Acklam, "An algorithm for computing the inverse normal cumulative distribution".
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`no quantile of ${p}`);
  if (p > 1 - 0.02425) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * log(p));
    return horner(C, q) / horner(D, q);
  }
  const q = p - 0.5;
  return (horner(A, q * q) * q) / horner(B, q * q);
}
