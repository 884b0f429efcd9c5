/**
 * Leverage of open positions: three published mixes as quantile functions, and the venue's limit.
 * The mixes describe open interest, not accounts, so the tilt by size is centred on the
 * notional-weighted mean of log size: the mix is kept on open interest while large positions use
 * less leverage than small ones. Sources: docs/method.md (Population).
 */
import type { Rate } from '../basics/exact.ts';
import { exp, log, normalQuantile } from '../basics/maths.ts';
import type { LeverageMix } from '../rules/assumptions.ts';
import { inside } from './sizes.ts';

/** A share of lognormal leverage (median, sigma of the log) and the rest uniform in [low, high]. */
export interface Mix {
  readonly body: number;
  readonly median: number;
  readonly sigma: number;
  readonly low: number;
  readonly high: number;
}

const MIXES: Readonly<Record<LeverageMix, Mix>> = {
  // Fitted to Hyperliquid, 15 December 2025: P(L < 3) = .363, P(L < 7) = .848 of open interest.
  // It has no high-leverage part of its own; one that is stated is that of MID.
  HL2025: { body: 1, median: 3.72, sigma: 0.615, low: 10, high: 50 },
  // Assumed for Binance-like venues.
  MID: { body: 0.8, median: 5, sigma: 0.75, low: 10, high: 50 },
  // Fitted to BitMEX, April 2019: weighted mean about 25, 80th percentile 54.
  BMX2019: { body: 0.65, median: 4.6, sigma: 0.8, low: 20, high: 100 },
};

/** Fall of log leverage per unit of log size; docs/method.md (Population), assumed. */
const SIZE_TILT = 0.12;

/** The mix of an assumption; a stated weight of its high-leverage part comes before its own. */
export function mixOf(a: {
  readonly leverageMix: LeverageMix;
  readonly highLeverageShare: Rate | null;
}): Mix {
  const own = MIXES[a.leverageMix];
  return a.highLeverageShare === null ? own : { ...own, body: 1 - a.highLeverageShare.toNumber() };
}

/**
 * Leverage at a draw: the first `body` of [0, 1) is the lognormal part, the rest the uniform part.
 *
 * @param u  uniform draw, 0 <= u < 1
 * @returns  notional / margin at opening, > 0
 */
export function leverageDraw({ body, median, sigma, low, high }: Mix, u: number): number {
  if (u < body) return median * exp(sigma * normalQuantile(inside(u / body)));
  return low + ((high - low) * (u - body)) / (1 - body);
}

/** Factor exp(-0.12 (log size - mean)) on leverage. */
export const sizeTilt = (weight: number, meanLog: number): number =>
  exp(-SIZE_TILT * (log(weight) - meanLog));

/** Weighted mean of log weight, weights being themselves: the centre of `sizeTilt`. */
export function meanLogWeight(weights: Float64Array): number {
  let total = 0;
  let logs = 0;
  for (const w of weights) {
    total += w;
    logs += w * log(w);
  }
  return total === 0 ? 0 : logs / total;
}
