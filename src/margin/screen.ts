/**
 * The float64 screen of a pocket whose legs are all in one market: the marks, below and above
 * today's, at which somebody must look exactly. It may only trigger too early, never too late.
 *
 * In u = mark (linear) or u = 1 / mark (inverse) the headroom is linear between tier bounds:
 *
 *   headroom(u) = a + b * u >= (a - slack) + (b - SLACK * sum(qty)) * u
 *   slack = SLACK * (|wallet| + sum(entry value) + sum(|deduction|)) + 2 venue units per inverse leg
 *
 * SLACK is 2^-40 of the terms themselves, never of their small difference: it covers every rounding
 * of a few dozen float operations with room to spare. The two venue units (10^-valueScale) cover
 * the venue's own cut of an inverse value. Tier bounds are moved down by more than their rounding
 * error, so that a step schedule's jump is met early. No allocation: it runs once per account and
 * funding stamp, for a million accounts.
 */
import type { Market } from '../rules/market.ts';
import type { MarketRules } from '../rules/ruleSet.ts';
import { isContinuous } from './maintenance.ts';

/** 2^-40. */
export const SLACK = 1 / 1099511627776;
/** 2^-50: a few units in the last place of a float64. */
export const ULPS = 1 / 1125899906842624;

/** One market's margin schedule as float64 columns, made once per rule set. */
export interface ScreenTiers {
  readonly inverse: boolean;
  /** Quote units per contract; 1 for linear. */
  readonly face: number;
  /** The venue's unit of an inverse value, 10^-valueScale; 0 for linear. */
  readonly unit: number;
  readonly key: 'notional' | 'qty';
  readonly at: 'mark' | 'entry';
  readonly continuous: boolean;
  /** Upper bounds, moved so that a doubtful size is in the tier that asks for more; the last is Infinity. */
  readonly upTo: Float64Array;
  readonly rate: Float64Array;
  readonly deduction: Float64Array;
}

/** A market's long and short leg as float64; a quantity of 0 is no leg. The caller reuses the object. */
export interface ScreenPocket {
  longQty: number;
  longEntry: number;
  shortQty: number;
  shortEntry: number;
  /** Isolated margin or cross wallet. */
  wallet: number;
  /** Today's mark, > 0. */
  mark: number;
}

/** The columns of one market's schedule. */
export function screenTiers(market: Market, rules: MarketRules): ScreenTiers {
  const inverse = market.kind === 'inverse';
  const unit = inverse ? Number(`1e-${market.valueScale}`) : 0;
  const last = rules.tiers.length - 1;
  // A quantity is whole lots: its bound is moved up by less than a lot, and equality stays inside.
  const moved = (upTo: number): number =>
    rules.tierKey === 'qty' ? upTo * (1 + ULPS) : upTo * (1 - ULPS) - unit;
  return {
    inverse,
    face: inverse ? market.faceValue.toNumber() : 1,
    unit,
    key: rules.tierKey,
    at: rules.notionalAt,
    continuous: isContinuous(rules.tiers),
    upTo: Float64Array.from(rules.tiers, (t, k) => (k === last ? Infinity : moved(t.upTo.toNumber()))),
    rate: Float64Array.from(rules.tiers, (t) => t.maintenanceRate.toNumber()),
    deduction: Float64Array.from(rules.tiers, (t) => t.maintenanceDeduction.toNumber()),
  };
}

/** Place of the tier of a size. */
export function tierOfF64(t: ScreenTiers, size: number): number {
  let k = 0;
  while (size > t.upTo[k]!) k++;
  return k;
}

/** Tier of the long leg where its value is `value`. */
export const longTierF64 = (t: ScreenTiers, p: ScreenPocket, value: number): number =>
  tierOfF64(t, t.key === 'qty' ? p.longQty : t.at === 'entry' ? p.longEntry : value);

/** Tier of the short leg where its value is `value`. */
export const shortTierF64 = (t: ScreenTiers, p: ScreenPocket, value: number): number =>
  tierOfF64(t, t.key === 'qty' ? p.shortQty : t.at === 'entry' ? p.shortEntry : value);

/**
 * Writes the triggers of a pocket: look again at a mark <= out[0] or >= out[1].
 *
 * @param out  out[0]: 0 when no lower trigger; out[1]: Infinity when no upper one; both equal to
 *             today's mark when the pocket is at or near its limit already; Infinity and 0, which
 *             every mark meets, when there is no mark yet
 */
export function screenPocket(t: ScreenTiers, p: ScreenPocket, out: Float64Array): void {
  if (!(p.mark > 0)) {
    out[0] = Infinity;
    out[1] = 0;
    return;
  }
  const u = t.inverse ? 1 / p.mark : p.mark;
  const less = firstBelow(t, p, u);
  const more = firstAbove(t, p, u);
  if (less === u || more === u) {
    out[0] = p.mark;
    out[1] = p.mark;
    return;
  }
  out[0] = (t.inverse ? 1 / more : less) * (1 + ULPS);
  out[1] = (t.inverse ? 1 / less : more) * (1 - ULPS);
}

/** Lower bound of the headroom at u = 0, continued from the tiers kl and ks. */
function intercept(t: ScreenTiers, p: ScreenPocket, kl: number, ks: number): number {
  let a = p.wallet;
  let size = Math.abs(p.wallet);
  if (p.longQty > 0) {
    const d = t.deduction[kl]!;
    a += (t.inverse ? p.longEntry : -p.longEntry) + d - (t.at === 'entry' ? p.longEntry * t.rate[kl]! : 0);
    size += p.longEntry + Math.abs(d);
    a -= 2 * t.unit;
  }
  if (p.shortQty > 0) {
    const d = t.deduction[ks]!;
    a += (t.inverse ? -p.shortEntry : p.shortEntry) + d - (t.at === 'entry' ? p.shortEntry * t.rate[ks]! : 0);
    size += p.shortEntry + Math.abs(d);
    a -= 2 * t.unit;
  }
  return a - SLACK * size;
}

/** Lower bound of the headroom's slope in u, in the tiers kl and ks. */
function slope(t: ScreenTiers, p: ScreenPocket, kl: number, ks: number): number {
  const gain = t.inverse ? -1 : 1;
  const kept = t.at === 'entry' ? 0 : 1;
  const long = p.longQty * (gain - kept * t.rate[kl]!);
  const short = p.shortQty * (-gain - kept * t.rate[ks]!);
  return t.face * (long + short - SLACK * (p.longQty + p.shortQty));
}

/** Smallest u >= from at which the headroom may be 0; Infinity when none. */
function firstAbove(t: ScreenTiers, p: ScreenPocket, from: number): number {
  const moves = t.key === 'notional' && t.at === 'mark';
  const long = p.longQty * t.face;
  const short = p.shortQty * t.face;
  let kl = longTierF64(t, p, long * from);
  let ks = shortTierF64(t, p, short * from);
  let u = from;
  for (;;) {
    const a = intercept(t, p, kl, ks);
    const b = slope(t, p, kl, ks);
    if (a + b * u <= 0) return u;
    const endLong = moves && long > 0 ? t.upTo[kl]! / long : Infinity;
    const endShort = moves && short > 0 ? t.upTo[ks]! / short : Infinity;
    const end = Math.max(u, Math.min(endLong, endShort));
    if (end === Infinity ? b < 0 : a + b * end <= 0) return Math.min(end, Math.max(u, -a / b));
    if (end === Infinity) return Infinity;
    if (endLong <= end) kl++;
    if (endShort <= end) ks++;
    u = end;
  }
}

/** Largest u <= from at which the headroom may be 0; 0 when none. */
function firstBelow(t: ScreenTiers, p: ScreenPocket, from: number): number {
  const moves = t.key === 'notional' && t.at === 'mark';
  const long = p.longQty * t.face;
  const short = p.shortQty * t.face;
  let kl = longTierF64(t, p, long * from);
  let ks = shortTierF64(t, p, short * from);
  let u = from;
  for (;;) {
    const a = intercept(t, p, kl, ks);
    const b = slope(t, p, kl, ks);
    if (a + b * u <= 0) return u;
    const endLong = moves && kl > 0 ? t.upTo[kl - 1]! / long : 0;
    const endShort = moves && ks > 0 ? t.upTo[ks - 1]! / short : 0;
    const end = Math.min(u, Math.max(endLong, endShort));
    if (a + b * end <= 0) return Math.max(end, Math.min(u, -a / b));
    if (end === 0) return 0;
    if (endLong >= end) kl--;
    if (endShort >= end) ks--;
    u = end;
  }
}
