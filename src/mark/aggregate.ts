/**
 * From the constituents that are left to one price: means, medians, inverse squares. Exact: sums of
 * whole numbers and one quotient, cut at PRICE_SCALE to nearest.
 */
import { PRICE_SCALE, type Price, quotient, unscaled } from '../basics/exact.ts';
import type { IndexPlan } from './indexPlan.ts';

/** The median of who is in, in units; whole, since every price is even. Even count: the mean of the middle two. */
export function medianUnits(plan: IndexPlan): number {
  const { units, order, sorted } = plan;
  let n = 0;
  for (let i = 0; i < units.length; i++) {
    if (order[i] === 0) continue;
    let at = n++;
    for (; at > 0 && sorted[at - 1]! > units[i]!; at--) sorted[at] = sorted[at - 1]!;
    sorted[at] = units[i]!;
  }
  const upper = n >> 1;
  return n % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2;
}

/** The plain median of who is in. */
export const plainMedian = (plan: IndexPlan): Price => priceFrom(plan, medianUnits(plan), 1n);

/** The price that the rule's aggregator makes of who is in. At least one is. */
export function aggregate(plan: IndexPlan): Price {
  switch (plan.rule.aggregator) {
    case 'median':
      return plainMedian(plan);
    case 'weightedMedian':
      return weightedMedian(plan);
    case 'inverseSquare':
      return inverseSquare(plan);
    default: {
      const { top, bottom } = weightedSums(plan);
      return priceFrom(plan, top, BigInt(bottom));
    }
  }
}

/** sum(units * weight) and sum(weight). */
function weightedSums({ units, weights, order }: IndexPlan): { top: number | bigint; bottom: number } {
  let top = 0;
  let bottom = 0;
  for (let i = 0; i < units.length; i++) {
    if (order[i] === 0) continue;
    top += units[i]! * weights[i]!;
    bottom += weights[i]!;
  }
  // No term is negative, so a sum below 2^53 proves that nothing was rounded on the way.
  if (top < Number.MAX_SAFE_INTEGER) return { top, bottom };
  let exact = 0n;
  units.forEach((amount, i) => {
    if (order[i] === 1) exact += BigInt(amount) * BigInt(weights[i]!);
  });
  return { top: exact, bottom };
}

/** Lowest price at which half the weight is reached; exactly half: the mean of it and the next. */
function weightedMedian(plan: IndexPlan): Price {
  const { units, weights, order } = plan;
  const members = [...units.keys()]
    .filter((i) => order[i] === 1)
    .sort((a, b) => units[a]! - units[b]! || a - b);
  const total = members.reduce((sum, i) => sum + weights[i]!, 0);
  let below = 0;
  for (const [place, i] of members.entries()) {
    below += weights[i]!;
    if (2 * below > total) return priceFrom(plan, units[i]!, 1n);
    if (2 * below === total) return priceFrom(plan, units[i]! + units[members[place + 1]!]!, 2n);
  }
  throw new RangeError('a weighted median of nobody');
}

/**
 * Bybit 2020: with the weighted mean first, d_i = |p_i - mean|, index = sum(p_i / d_i^2) / sum(1 / d_i^2).
 * A source at the mean itself has weight without limit, so the index is its price: the limit of any
 * small epsilon, which the published text leaves undefined. In whole numbers: D_i = |u_i B - T| with
 * mean = T / B, and both sums times the product of all D_j^2.
 */
function inverseSquare(plan: IndexPlan): Price {
  const { units, order } = plan;
  const { top, bottom } = weightedSums(plan);
  const [T, B] = [BigInt(top), BigInt(bottom)];
  const members = [...units.keys()].filter((i) => order[i] === 1).map((i) => BigInt(units[i]!));
  const squares = members.map((u) => (u * B - T) * (u * B - T));
  const atMean = squares.indexOf(0n);
  if (atMean >= 0) return priceFrom(plan, members[atMean]!, 1n);
  let [sumTop, sumBottom] = [0n, 0n];
  for (const [i, u] of members.entries()) {
    const weight = squares.reduce((others, square, j) => (j === i ? others : others * square), 1n);
    sumTop += u * weight;
    sumBottom += weight;
  }
  return priceFrom(plan, sumTop, sumBottom);
}

/** top / bottom units as a price, cut at PRICE_SCALE to nearest. */
const priceFrom = (plan: IndexPlan, top: number | bigint, bottom: bigint): Price =>
  quotient(
    'price',
    unscaled('price', BigInt(top), plan.scale),
    unscaled('rate', bottom * BigInt(plan.unit), 0),
    PRICE_SCALE,
    'even',
  );
