/**
 * What a change of position means in money; pure. Everybody trades against `market`, at any price:
 * a close moves cash for the difference between the fill and the entry value, and `market` takes
 * the position at that entry value; an open moves no cash. So signed contracts and signed entry
 * values sum to 0 over all parties, and the value of the whole at any mark never changes.
 */
import { MONEY_SCALE, type Money, product, type Qty, quotient } from '../basics/exact.ts';
import type { Market, Side } from '../rules/market.ts';

/** +1 long, -1 short. */
export const sign = (side: Side): 1 | -1 => (side === 'long' ? 1 : -1);
export const opposite = (side: Side): Side => (side === 'long' ? 'short' : 'long');

/** Entry value that leaves with `part` of `whole`; all of it with all, else cut at 18 places, down. */
export function entryValuePart(entryValue: Money, part: Qty, whole: Qty): Money {
  if (part.eq(whole)) return entryValue;
  return quotient('money', product('money', entryValue, part), whole, MONEY_SCALE, 'down');
}

/**
 * Cash that a closing party receives (negative: pays).
 *
 *   linear  long: value - entryValue;   short: entryValue - value
 *   inverse the reverse, since value is counted in coin: contracts * face / price
 */
export function closingCash(market: Market, side: Side, value: Money, entryValue: Money): Money {
  const gains = value.minus(entryValue);
  return (side === 'long') === (market.kind === 'linear') ? gains : gains.neg();
}
