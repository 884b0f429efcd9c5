/** What a forced close costs its owner, and when an insurance fund pays instead. */
import {
  cut,
  type Money,
  MONEY_SCALE,
  max,
  min,
  quotient,
  type Rate,
  rate,
  ZERO_RATE,
} from '../basics/exact.ts';

/** Decimal places of Drift's fee rates: parts per million. */
const PPM_SCALE = 6;
/** Drift charges this much of the room at most, so that the fee itself bankrupts nobody. */
const KEPT_ROOM = rate('0.95');

/**
 * What a fund receives for a forced close (below 0: what it pays).
 *
 *   residual > 0: min(value * rate, residual), cut downward at MONEY_SCALE     else: residual
 *
 * @param residual  what the close left above bankruptcy, settlement units, signed
 *
 * Source: dYdX v4, GetLiquidationInsuranceFundDelta; Binance: only from accounts that are not bankrupt.
 */
export function fundDelta(value: Money, feeRate: Rate, residual: Money): Money {
  if (!residual.isPositive()) return residual;
  return min(cut(value.times(feeRate), MONEY_SCALE, 'down'), residual);
}

/**
 * The fund's fee rate capped by the room that the shortage leaves.
 *
 *   min(most, 0.95 * (ratio - discount - shortage / value)), at least 0, parts per million, downward
 *
 * @param of.value     of the position at the mark, settlement units; 0: no fee
 * @param of.ratio     maintenance rate, buffer included
 * @param of.discount  how much worse than the mark the close is (the liquidator's fee), a share
 *
 * Source: Drift, math/liquidation.rs, calculate_perp_if_fee.
 */
export function cappedFeeRate(
  most: Rate,
  of: { readonly value: Money; readonly shortage: Money; readonly ratio: Rate; readonly discount: Rate },
): Rate {
  if (!of.value.isPositive() || of.ratio.lte(of.discount)) return ZERO_RATE;
  const short = quotient<'rate'>('rate', of.shortage, of.value, PPM_SCALE, 'down');
  const room = of.ratio.minus(of.discount).minus(short).times(KEPT_ROOM);
  return max(ZERO_RATE, min(most, cut(room, PPM_SCALE, 'down')));
}

/**
 * A rate that grows with time.
 *
 *   elapsed < grace: from     else: min(from + perUnit * elapsed, most)
 *
 * @param elapsed  in the unit of `perUnit` (slots, seconds), >= 0, counted from the start, grace included
 *
 * Source: Drift, get_liquidation_fee (fee by slots, grace 1,500), calculate_max_pct_to_liquidate (share by slots).
 */
export function grown(
  by: { readonly from: Rate; readonly perUnit: Rate; readonly most: Rate; readonly grace: Rate },
  elapsed: Rate,
): Rate {
  return elapsed.lt(by.grace) ? by.from : min(by.from.plus(by.perUnit.times(elapsed)), by.most);
}
