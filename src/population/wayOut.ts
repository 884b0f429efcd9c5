/**
 * Stops and top-ups: how far on the way to liquidation an owner acts. The liquidation price is estimated
 * here in float64, for nothing else: the engine judges positions exactly. It is the price at which
 * equity equals maintenance in the tier of today's notional, docs/method.md (Population):
 *
 *   linear long   (V - M - d) / (q (1 - r))     short   (V + M + d) / (q (1 + r))
 *   inverse long  q F (1 + r) / (V + M + d)     short   q F (1 - r) / (V - M - d)
 *
 * V entry value, M margin, q quantity, F face value, r maintenance rate, d deduction.
 */
import { draw, hashText } from '../basics/draw.ts';
import { maintenanceOf, type Opened, type Terms, valueF64 } from './collateral.ts';

/** An owner acts between 30 % and 90 % of the way; docs/method.md (Population), assumed. */
const NEAREST = 0.3;
const FARTHEST = 0.9;

/** A position alone in its pocket. */
export interface Pledged extends Opened {
  /** Its margin, in cross with everything free beside it; settlement units. */
  readonly marginF64: number;
}

/**
 * Estimated liquidation price of a position alone in its pocket.
 *
 * @param atF64  today's price: the tier of the notional there is taken
 * @returns      null where no price on the losing side of today's liquidates it
 */
export function liquidationPrice(terms: Terms, position: Pledged, atF64: number): number | null {
  const { side, qtyF64, entryValueF64: entry, marginF64: margin } = position;
  const notional = terms.atEntry ? entry : valueF64(terms, qtyF64, atF64);
  const { rate, deductionF64: deduction } = maintenanceOf(terms, qtyF64, notional);
  const fixed = rate * entry - deduction; // maintenance of a position that is judged by its entry value
  const sign = terms.linear ? side : -side;
  const value = terms.atEntry
    ? entry + sign * (fixed - margin)
    : (sign * entry - margin - deduction) / (sign - rate);
  const price = terms.linear ? value / qtyF64 : (qtyF64 * terms.faceF64) / value;
  return value > 0 && side * (atF64 - price) > 0 ? price : null;
}

/** Shares of accounts, in 0 .. 1. */
interface WayOutShares {
  readonly stop: number;
  readonly topUp: number;
}

/** Fields of the draws of one kind of account. */
export interface WayOutFields {
  readonly stop: readonly [number, number];
  readonly topUp: readonly [number, number];
}

/** Fields of accounts; newcomers of a market have fields of their own, with its name. */
export const wayOutFields = (of: string): WayOutFields => ({
  stop: [hashText(`${of}stop`), hashText(`${of}stopWay`)],
  topUp: [hashText(`${of}topUp`), hashText(`${of}topUpWay`)],
});

/**
 * Prices at which an owner stops and tops up, as multiples of the reference price; 0: never.
 *
 *   multiple = 1 + (.3 + .6 u) (liquidation price / reference - 1)
 *
 * @returns  `end`: where the position is gone, the stop or else the liquidation price without any top-up
 */
export function wayOut(
  { terms, position, referenceF64 }: { terms: Terms; position: Pledged; referenceF64: number },
  { seed, id, fields, shares }: { seed: number; id: number; fields: WayOutFields; shares: WayOutShares },
): { stop: number; topUp: number; end: number } {
  const liquidated = liquidationPrice(terms, position, referenceF64);
  const at = ([whether, where]: readonly [number, number], share: number): number => {
    if (liquidated === null || draw(seed, id, whether) >= share) return 0;
    const way = NEAREST + (FARTHEST - NEAREST) * draw(seed, id, where);
    return 1 + way * (liquidated / referenceF64 - 1);
  };
  const stop = at(fields.stop, shares.stop);
  return { stop, topUp: at(fields.topUp, shares.topUp), end: stop || (liquidated ?? 0) / referenceF64 };
}
