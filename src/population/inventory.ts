/**
 * When and at what price the open positions were opened: from daily candles in closed form (from shorter
 * ones: renewal.ts).
 *
 * A share chi of each day's volume V opens positions and as much closes them, so a position
 * survives a day with probability exp(-h), h = chi V / OI. The age of an open position, counted in
 * turnovers, is then exponential: P(opened on day b or before) = exp(-sum of h after b). Positions
 * older than the first candle count as opened on it. The price is triangular inside the day's range
 * around (open + high + low + close) / 4, a stand-in for its volume profile. docs/method.md (Population).
 */
import { DAY_US, type Micros } from '../basics/instant.ts';
import { exp, log, normalQuantile } from '../basics/maths.ts';
import type { BurnInBar, DailyBar } from '../rules/facts.ts';
import { inside } from './sizes.ts';

/** Standard deviation of log entry price about a bar's mean price, of its log range; docs/method.md, assumed. */
const ENTRY_SIGMA = 0.3;

export interface Inventory {
  readonly bars: readonly (DailyBar | BurnInBar)[];
  /** Length of a bar. */
  readonly barUs: Micros;
  /** P(opened in bar b or before). */
  readonly openedBy: Float64Array;
  /** Lowest low and highest high of the bars after b; Infinity and -Infinity after the last. */
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
  let turnover = 0;
  for (let b = n - 1; b >= 0; b--) {
    openedBy[b] = exp(-turnover);
    turnover += (churn * bars[b]!.volume) / openInterest;
  }
  return { bars, barUs: DAY_US, openedBy, ...afterwards(bars) };
}

/** Lowest low and highest high after each bar. */
export function afterwards(bars: readonly DailyBar[]): Pick<Inventory, 'lowAfter' | 'highAfter'> {
  const lowAfter = new Float64Array(bars.length);
  const highAfter = new Float64Array(bars.length);
  let [low, high] = [Infinity, -Infinity];
  for (let b = bars.length - 1; b >= 0; b--) {
    lowAfter[b] = low;
    highAfter[b] = high;
    low = Math.min(low, bars[b]!.low);
    high = Math.max(high, bars[b]!.high);
  }
  return { lowAfter, highAfter };
}

/** The bar in which a position was opened; u uniform in [0, 1). */
export function entryBar(inventory: Inventory, u: number): number {
  let low = 0;
  let high = inventory.bars.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (u < inventory.openedBy[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Entry price inside a bar's range at u, uniform in [0, 1): where the mean traded price is known lognormal
 * about it, mean * (high / low)^(.3 z(u)), at most the high and at least the low; else triangular.
 */
export function entryPrice(bar: DailyBar | BurnInBar, u: number): number {
  const width = bar.high - bar.low;
  if (!(width > 0)) return bar.close;
  if ('average' in bar) {
    const at = bar.average * exp(ENTRY_SIGMA * log(bar.high / bar.low) * normalQuantile(inside(u)));
    return Math.min(bar.high, Math.max(bar.low, at));
  }
  const mode = (bar.open + bar.high + bar.low + bar.close) / 4;
  const left = (mode - bar.low) / width;
  return u < left
    ? bar.low + Math.sqrt(u * width * (mode - bar.low))
    : bar.high - Math.sqrt((1 - u) * width * (bar.high - mode));
}
