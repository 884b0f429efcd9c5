/**
 * The float64 screen of a pocket whose legs are all in one market: the marks, below and above
 * today's, at which somebody must look exactly. It may only trigger too early, never too late.
 *
 * In u = mark (linear) or u = 1 / mark (inverse) the headroom is linear between tier bounds:
 *
 *   headroom(u) = a + b * u >= (a - slack) + (b - SLACK * sum(qty)) * u
 *   slack = SLACK * (|wallet| + sum(entry value) + sum(|deduction|)) + 2 venue units per inverse leg
 *           + what rounding a requirement up can add
 *
 * A rate that grows with the size of an inverse position makes it a + b * u - c * u^2, which is still
 * concave between bounds: its root takes the place of -a / b.
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
  /** Added to the rate for a unit of size: base units (linear), settlement units of notional (inverse). */
  readonly slope: number;
  /** Most that rounding a leg's requirement up adds to it, settlement units. */
  readonly roundUp: number;
  /** Upper bounds, moved so that a doubtful size is in the tier that asks for more; the last is Infinity. */
  readonly upTo: Float64Array;
  /** Maintenance rate and closing fee. */
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
  const fee = rules.closingFee?.toNumber() ?? 0;
  return {
    inverse,
    face: inverse ? market.faceValue.toNumber() : 1,
    unit,
    key: rules.tierKey,
    at: rules.notionalAt,
    continuous: isContinuous(rules.tiers),
    slope: rules.sizeSlope?.maintenance.toNumber() ?? 0,
    roundUp: mostRoundedUp(rules),
    upTo: Float64Array.from(rules.tiers, (t, k) => (k === last ? Infinity : moved(t.upTo.toNumber()))),
    rate: Float64Array.from(rules.tiers, (t) => t.maintenanceRate.toNumber() + fee),
    deduction: Float64Array.from(rules.tiers, (t) => t.maintenanceDeduction.toNumber()),
  };
}

/** Three roundings, the first of which is multiplied by maintenance rate / initial rate: see legMaintenance. */
function mostRoundedUp({ requirementScale, tiers, sizeSlope }: MarketRules): number {
  if (requirementScale === undefined) return 0;
  const rows = tiers.map((t) => [t.maintenanceRate, t.initialRate] as const);
  const pairs =
    sizeSlope === undefined ? rows : [...rows, [sizeSlope.maintenance, sizeSlope.initial] as const];
  const shares = pairs.map(([own, initial]) => (own.isZero() ? 0 : own.toNumber() / initial.toNumber()));
  return Number(`1e-${requirementScale}`) * (2 + Math.max(...shares)) * (1 + ULPS);
}

/** Rate of a leg in tier k with what its size adds, unless that moves with the mark (see `bend`). */
const rateOf = (t: ScreenTiers, k: number, qty: number, entry: number): number =>
  t.rate[k]! + (t.inverse ? (t.at === 'entry' ? t.slope * entry : 0) : t.slope * qty);

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
    const kept = t.at === 'entry' ? p.longEntry * rateOf(t, kl, p.longQty, p.longEntry) : 0;
    a += (t.inverse ? p.longEntry : -p.longEntry) + d - kept;
    size += p.longEntry + Math.abs(d) + (t.slope === 0 ? 0 : kept);
    a -= 2 * t.unit + t.roundUp;
  }
  if (p.shortQty > 0) {
    const d = t.deduction[ks]!;
    const kept = t.at === 'entry' ? p.shortEntry * rateOf(t, ks, p.shortQty, p.shortEntry) : 0;
    a += (t.inverse ? -p.shortEntry : p.shortEntry) + d - kept;
    size += p.shortEntry + Math.abs(d) + (t.slope === 0 ? 0 : kept);
    a -= 2 * t.unit + t.roundUp;
  }
  return a - SLACK * size;
}

/** Lower bound of the headroom's slope in u, in the tiers kl and ks. */
function slope(t: ScreenTiers, p: ScreenPocket, kl: number, ks: number): number {
  const gain = t.inverse ? -1 : 1;
  const kept = t.at === 'entry' ? 0 : 1;
  const long = p.longQty * (gain - kept * rateOf(t, kl, p.longQty, p.longEntry));
  const short = p.shortQty * (-gain - kept * rateOf(t, ks, p.shortQty, p.shortEntry));
  const size = p.longQty + p.shortQty;
  // a rate far above 1 makes larger terms, and the venue's cut counts twice in slope * notional^2
  const grown = t.slope * size * (t.inverse ? 2 * t.unit : SLACK * size);
  return t.face * (long + short - SLACK * size - grown);
}

/** Upper bound of what slope * notional^2 takes per u^2: an inverse leg whose rate moves with the mark. */
const bend = (t: ScreenTiers, p: ScreenPocket): number =>
  t.inverse && t.at === 'mark'
    ? t.slope * t.face * t.face * (p.longQty * p.longQty + p.shortQty * p.shortQty) * (1 + SLACK)
    : 0;

/** Smallest u >= from at which the headroom may be 0; Infinity when none. */
function firstAbove(t: ScreenTiers, p: ScreenPocket, from: number): number {
  const moves = t.key === 'notional' && t.at === 'mark';
  const long = p.longQty * t.face;
  const short = p.shortQty * t.face;
  const c = bend(t, p);
  let kl = longTierF64(t, p, long * from);
  let ks = shortTierF64(t, p, short * from);
  let u = from;
  for (;;) {
    const a = intercept(t, p, kl, ks);
    const b = slope(t, p, kl, ks);
    if (a + b * u - c * u * u <= 0) return u;
    const endLong = moves && long > 0 ? t.upTo[kl]! / long : Infinity;
    const endShort = moves && short > 0 ? t.upTo[ks]! / short : Infinity;
    const end = Math.max(u, Math.min(endLong, endShort));
    if (end === Infinity ? b < 0 || c > 0 : a + b * end - c * end * end <= 0) {
      return Math.min(end, Math.max(u, upperRoot(a, b, c)));
    }
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
  const c = bend(t, p);
  let kl = longTierF64(t, p, long * from);
  let ks = shortTierF64(t, p, short * from);
  let u = from;
  for (;;) {
    const a = intercept(t, p, kl, ks);
    const b = slope(t, p, kl, ks);
    if (a + b * u - c * u * u <= 0) return u;
    const endLong = moves && kl > 0 ? t.upTo[kl - 1]! / long : 0;
    const endShort = moves && ks > 0 ? t.upTo[ks - 1]! / short : 0;
    const end = Math.min(u, Math.max(endLong, endShort));
    if (a + b * end - c * end * end <= 0) return Math.max(end, Math.min(u, lowerRoot(a, b, c)));
    if (end === 0) return 0;
    if (endLong >= end) kl--;
    if (endShort >= end) ks--;
    u = end;
  }
}

/** Square root of the discriminant of a + b * u - c * u^2, which has roots where it is asked for. */
const spread = (a: number, b: number, c: number): number => Math.sqrt(Math.max(0, b * b + 4 * a * c));

/** Where a + b * u - c * u^2 (c >= 0) falls through 0; no two nearly equal terms are subtracted. */
const upperRoot = (a: number, b: number, c: number): number =>
  c === 0 ? -a / b : b > 0 ? (b + spread(a, b, c)) / (2 * c) : (2 * a) / (spread(a, b, c) - b);

/** Where it rises through 0: there a <= 0 < b. */
const lowerRoot = (a: number, b: number, c: number): number =>
  c === 0 ? -a / b : (-2 * a) / (b + spread(a, b, c));
