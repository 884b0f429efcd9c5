/** A loss that everybody bears: how much falls on each unit that is open. */
import { type Money, type Qty, quotient } from '../basics/exact.ts';

/**
 * Loss per base unit or contract, rounded up so that it covers the loss.
 *
 *   ceil(loss / (long + short))
 *
 * @param loss   settlement units, >= 0
 * @param open   everything that pays, both sides together, above 0
 * @param scale  decimal places of the result
 * @throws RangeError when nothing is open
 *
 * Source: Drift, `calculate_funding_rate_deltas_to_resolve_bankruptcy` (1e-6 quote per base unit)
 */
export const lossPerUnit = (loss: Money, open: Qty, scale: number): Money =>
  quotient('money', loss, open, scale, 'up');
