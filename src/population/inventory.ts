/**
 * When and at what price the open positions were opened: a renewal inventory from daily candles.
 *
 * A share chi of each day's volume V opens positions and as much closes them, so a position
 * survives a day with probability exp(-h), h = chi V / OI. The age of an open position, counted in
 * turnovers, is then exponential: P(opened on day b or before) = exp(-sum of h after b). Positions
 * older than the first candle count as opened on it. The price is triangular inside the day's range
 * around (open + high + low + close) / 4, a stand-in for its volume profile. docs/method.md (Population).
 */
import { exp } from '../basics/maths.ts';
import type { DailyBar } from '../rules/facts.ts';

export interface Inventory {
  readonly bars: readonly DailyBar[];
  /** P(opened on day b or before). */
  readonly openedBy: Float64Array;
  /** Lowest low and highest high of the days after b; Infinity and -Infinity after the last. */
  readonly lowAfter: Float64Array;
  readonly highAfter: Float64Array;
}

/**
 * @param bars          daily candles before the start, oldest first, not empty; volume in the unit of
 * @param openInterest  one side, base units (linear) or contracts (inverse), > 0
 * @param churn         chi, 0 .. 1
 */
export function inventoryOf(bars: readonly DailyBar[], openInterest: number, churn: number): Inventory {
  const n = bars.length;
  const openedBy = new Float64Array(n);
  const lowAfter = new Float64Array(n);
  const highAfter = new Float64Array(n);
  let turnover = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let b = n - 1; b >= 0; b--) {
    const { volume, low: dayLow, high: dayHigh } = bars[b]!;
    openedBy[b] = exp(-turnover);
    lowAfter[b] = low;
    highAfter[b] = high;
    turnover += (churn * volume) / openInterest;
    low = Math.min(low, dayLow);
    high = Math.max(high, dayHigh);
  }
  return { bars, openedBy, lowAfter, highAfter };
}

/** The day on which a position was opened; u uniform in [0, 1). */
export function entryDay(inventory: Inventory, u: number): number {
  let low = 0;
  let high = inventory.bars.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (u < inventory.openedBy[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Entry price inside a day's range: triangular quantile at u, uniform in [0, 1). */
export function entryPrice(bar: DailyBar, u: number): number {
  const width = bar.high - bar.low;
  if (!(width > 0)) return bar.close;
  const mode = (bar.open + bar.high + bar.low + bar.close) / 4;
  const left = (mode - bar.low) / width;
  return u < left
    ? bar.low + Math.sqrt(u * width * (mode - bar.low))
    : bar.high - Math.sqrt((1 - u) * width * (bar.high - mode));
}
