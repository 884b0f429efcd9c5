/**
 * The safe band of a pocket with legs in several markets: how far all marks may move, in any
 * combination, before it can possibly be liquidated. A mark outside its band is a reason to look
 * again, nothing more.
 */
import {
  longTierF64,
  SLACK,
  type ScreenPocket,
  type ScreenTiers,
  shortTierF64,
  tierOfF64,
  ULPS,
} from './screen.ts';

/** Widest band that is handed out: the tiers within reach are then known. */
const WIDEST = 0.5;

/**
 * Largest relative move r such that no combination of marks strictly inside (1 - r, 1 + r) times
 * today's can liquidate the pocket. Rounded down; 0 when it is at or near its limit.
 *
 * Linear: a move of r costs at most r * |net notional of the market| in profit and adds at most
 * r * notional * rate to the requirement, rate the steepest within reach, so
 *   r = headroom / sum(|net| + notional * rate).
 * Inverse: a fall of r lets a value grow by r / (1 - r), so r = x / (1 + x). A step schedule jumps:
 * there the band also stops at the next bound.
 *
 * @param tiers   one a market, in the order of `legs`
 * @param legs    long and short leg of each market with its mark, which must be known; their `wallet` is
 *                not read
 * @param wallet  cross wallet, settlement units
 * @returns       0 .. 0.5: look again at a mark <= mark * (1 - r) or >= mark * (1 + r)
 */
export function safeBand(
  tiers: readonly ScreenTiers[],
  legs: readonly ScreenPocket[],
  wallet: number,
): number {
  let headroom = wallet;
  let size = Math.abs(wallet);
  let cost = 0;
  let widest = WIDEST;
  let inverse = false;
  for (let i = 0; i < legs.length; i++) {
    const t = tiers[i]!;
    const p = legs[i]!;
    const u = (t.inverse ? 1 / p.mark : p.mark) * t.face;
    const long = p.longQty * u;
    const short = p.shortQty * u;
    const pnl = long - p.longEntry - (short - p.shortEntry);
    headroom += t.inverse ? -pnl : pnl;
    size += long + short + p.longEntry + p.shortEntry;
    cost += Math.abs(long - short);
    inverse ||= t.inverse;
    const moves = t.key === 'notional' && t.at === 'mark';
    if (p.longQty > 0) {
      const k = longTierF64(t, p, long);
      headroom -= (t.at === 'entry' ? p.longEntry : long) * t.rate[k]! - t.deduction[k]! + 2 * t.unit;
      size += Math.abs(t.deduction[k]!);
      cost += growth(t, long, k);
      if (moves && !t.continuous) widest = Math.min(widest, t.upTo[k]! / long - 1);
    }
    if (p.shortQty > 0) {
      const k = shortTierF64(t, p, short);
      headroom -= (t.at === 'entry' ? p.shortEntry : short) * t.rate[k]! - t.deduction[k]! + 2 * t.unit;
      size += Math.abs(t.deduction[k]!);
      cost += growth(t, short, k);
      if (moves && !t.continuous) widest = Math.min(widest, t.upTo[k]! / short - 1);
    }
  }
  const x = Math.min((headroom - SLACK * size) / cost, widest);
  if (!(x > 0)) return 0;
  return Math.max(0, (inverse ? x / (1 + x) : x) * (1 - SLACK) - ULPS);
}

/**
 * What the requirement of a leg of notional `value` in tier k grows by, per unit of relative growth
 * within WIDEST.
 */
function growth(t: ScreenTiers, value: number, k: number): number {
  if (t.at === 'entry') return 0;
  if (t.key === 'qty' || !t.continuous) return value * t.rate[k]!;
  return value * t.rate[tierOfF64(t, value * (1 + WIDEST))]!;
}
