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
 * A rate that grows with the size of an inverse leg counts as steep as it is at the widest band.
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
      const notional = t.at === 'entry' ? p.longEntry : long;
      const own = t.slope * (t.inverse ? notional : p.longQty);
      headroom -= notional * (t.rate[k]! + own) - t.deduction[k]! + allowance(t, own);
      size += Math.abs(t.deduction[k]!) + notional * own;
      cost += growth(t, long, k, own);
      if (moves && !t.continuous) widest = Math.min(widest, t.upTo[k]! / long - 1);
    }
    if (p.shortQty > 0) {
      const k = shortTierF64(t, p, short);
      const notional = t.at === 'entry' ? p.shortEntry : short;
      const own = t.slope * (t.inverse ? notional : p.shortQty);
      headroom -= notional * (t.rate[k]! + own) - t.deduction[k]! + allowance(t, own);
      size += Math.abs(t.deduction[k]!) + notional * own;
      cost += growth(t, short, k, own);
      if (moves && !t.continuous) widest = Math.min(widest, t.upTo[k]! / short - 1);
    }
  }
  const x = Math.min((headroom - SLACK * size) / cost, widest);
  if (!(x > 0)) return 0;
  return Math.max(0, (inverse ? x / (1 + x) : x) * (1 - SLACK) - ULPS);
}

/** The venue's own cuts: of a value, which counts up to three times in slope * notional^2, and of the requirement. */
const allowance = (t: ScreenTiers, own: number): number => 2 * t.unit * (1 + 2 * own) + t.roundUp;

/**
 * What the requirement of a leg of notional `value` in tier k grows by, per unit of relative growth x
 * within WIDEST. Where its size adds `own` to the rate and moves with the mark, the requirement has
 * own * value * (1 + x)^2, which grows by own * value * (2 + x) per unit.
 */
function growth(t: ScreenTiers, value: number, k: number, own: number): number {
  if (t.at === 'entry') return 0;
  const added = t.inverse ? own * (2 + WIDEST) : own;
  if (t.key === 'qty' || !t.continuous) return value * (t.rate[k]! + added);
  return value * (t.rate[tierOfF64(t, value * (1 + WIDEST))]! + added);
}
