/**
 * Sizes of positions: a lognormal body with a Pareto tail, capped, and shared out in whole lots so
 * that the longs and the shorts of a market hold exactly its open interest. Sizes are relative
 * weights until `apportion` turns them into lots; nothing here knows prices or money.
 */
import { exp, normalQuantile, pow } from '../basics/maths.ts';

/** Standard deviation of log size in the body; docs/method.md (Population), assumed. */
const BODY_SIGMA = 1.5;
/** Where the tail begins, and its Pareto exponent; docs/method.md (Population), assumed. */
const TAIL_FROM = 0.99;
const TAIL_ALPHA = 1.2;
const TAIL_START = exp(BODY_SIGMA * normalQuantile(TAIL_FROM));
/** Largest share of one side of open interest that one position may hold; docs/method.md (Population), assumed. */
const SHARE_MAX = 0.03;
/** Half the step of a draw, 2^-54: stands for a draw of 0, where a quantile is not defined. */
const DRAW_MIN = 5.551115123125783e-17;

/** Uniform draw in [0, 1) moved off 0, so that every quantile function accepts it. */
export const inside = (u: number): number => Math.max(u, DRAW_MIN);

/**
 * Relative size at quantile u: exp(1.5 z(u)) below u = 0.99, x99 * (0.01 / (1 - u))^(1 / 1.2) above.
 *
 * @param u  uniform draw, 0 <= u < 1
 * @returns  weight > 0; median 1, continuous and increasing in u
 */
export function sizeQuantile(u: number): number {
  if (u < TAIL_FROM) return exp(BODY_SIGMA * normalQuantile(inside(u)));
  return TAIL_START * pow((1 - TAIL_FROM) / (1 - u), 1 / TAIL_ALPHA);
}

/**
 * Cuts weights at one ceiling so that none holds more than 3 % of open interest (after the cut). Fewer
 * than 67 positions cannot all be that small: then the largest share is two equal shares.
 *
 * @param weights  > 0; changed in place
 * @param of       open interest as a multiple of what the weights share out
 */
export function capWeights(weights: Float64Array, of = 1): void {
  const share = Math.max(SHARE_MAX * of, 2 / weights.length);
  if (share >= 1) return;
  const sorted = weights.slice().sort().reverse();
  let rest = sorted.reduce((total, w) => total + w, 0);
  for (let cut = 0; cut * share < 1 && cut < sorted.length; cut++) {
    const ceiling = (share * rest) / (1 - share * cut); // of the sum with `cut` weights at the ceiling
    if (sorted[cut]! <= ceiling) {
      for (let i = 0; i < weights.length; i++) weights[i] = Math.min(weights[i]!, ceiling);
      return;
    }
    rest -= sorted[cut]!;
  }
}

/**
 * Shares `total` whole lots among weights: one lot each first, so that nobody is empty, the others in
 * proportion by largest remainder (ties to the lower index).
 *
 * @param weights  > 0
 * @param total    whole number >= weights.length
 * @returns        whole numbers >= 1 whose sum is exactly `total`
 * @throws RangeError when there are fewer lots than weights
 */
export function apportion(weights: Float64Array, total: number): Float64Array {
  const n = weights.length;
  if (total < n) throw new RangeError(`${total} lots cannot be shared among ${n} positions`);
  const sum = weights.reduce((a, b) => a + b, 0);
  const lots = new Float64Array(n);
  const remainders = new Float64Array(n);
  let left = total - n;
  for (let i = 0; i < n; i++) {
    const exactShare = (weights[i]! / sum) * (total - n);
    const whole = Math.min(Math.floor(exactShare), left);
    remainders[i] = exactShare - whole;
    lots[i] = 1 + whole;
    left -= whole;
  }
  for (const i of largest(remainders, left)) lots[i] = lots[i]! + 1;
  return lots;
}

/** Indices of the `count` largest values, ties to the lower index. */
function largest(values: Float64Array, count: number): number[] {
  const at = values.slice().sort()[values.length - count] ?? Infinity;
  const above: number[] = [];
  const equal: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i]! > at) above.push(i);
    else if (values[i] === at) equal.push(i);
  }
  return above.concat(equal.slice(0, count - above.length));
}
