/**
 * Margin schedules: which tier a position is in, what it must keep (maintenance), what it needed to
 * open (initial), and what a liquidation costs. One formula serves continuous schedules (a deduction
 * per tier, Binance and Bybit) and step schedules (deduction 0, BitMEX and OKX).
 */
import { as, type Money, type Price, type Qty, type Rate, ZERO_RATE } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { MarginTier, MarketRules } from '../rules/ruleSet.ts';
import { type Leg, maintenanceNotional } from './leg.ts';

/**
 * Place of the first tier whose upper bound (inclusive) is not below `size`; the last tier serves
 * above its own.
 */
function placeOf(size: Money, tiers: readonly MarginTier[]): number {
  const place = tiers.findIndex((tier) => size.lte(tier.upTo));
  return place === -1 ? tiers.length - 1 : place;
}

/**
 * Place of the tier in `rules.tiers`, from 0. Bounds are upper-inclusive.
 *
 * @param notional  settlement units, >= 0
 * @param qty       base units or contracts, >= 0; decides where the tier key is `qty`
 */
export function tierIndex(rules: MarketRules, notional: Money, qty: Qty): number {
  return placeOf(rules.tierKey === 'qty' ? as('money', qty) : notional, rules.tiers);
}

/**
 * Maintenance margin of a position of the given notional.
 *
 *   requirement = notional * rate(tier) - deduction(tier)
 *
 * @param notional  settlement units, >= 0
 * @param tiers     ascending in `upTo`, not empty, keyed by notional; the last also serves above its bound
 * @returns         settlement units; continuous in `notional` where the deductions are the venue's
 * @throws RangeError when `notional` is negative: a sign error upstream, never data
 */
export function maintenanceMargin(notional: Money, tiers: readonly MarginTier[]): Money {
  if (notional.isNegative()) throw new RangeError(`notional is negative: ${notional}`);
  return requirement(notional, tiers[placeOf(notional, tiers)]!);
}

const requirement = (notional: Money, tier: MarginTier): Money =>
  notional.times(tier.maintenanceRate).minus(tier.maintenanceDeduction);

/** The tier that a leg is in at a mark, from 0. */
export function legTier(leg: Leg, mark: Price): number {
  return tierIndex(leg.rules, maintenanceNotional(leg, mark), leg.qty);
}

/** Maintenance margin of a leg at a mark, settlement units: notional and tier key as its rules say. */
export function legMaintenance(leg: Leg, mark: Price): Money {
  const notional = maintenanceNotional(leg, mark);
  return requirement(notional, leg.rules.tiers[tierIndex(leg.rules, notional, leg.qty)]!);
}

/** Initial margin of a leg at a mark, settlement units: notional * initialRate(tier). */
export function initialMargin(leg: Leg, mark: Price): Money {
  const notional = maintenanceNotional(leg, mark);
  return notional.times(leg.rules.tiers[tierIndex(leg.rules, notional, leg.qty)]!.initialRate);
}

/**
 * Deductions that make a schedule continuous, from its lower bounds and rates.
 *
 *   deduction_1 = 0, deduction_k = deduction_{k-1} + floor_k * (rate_k - rate_{k-1})
 *
 * Source: Binance FAQ on liquidation prices ("maintenance amount"); Hyperliquid margin tiers.
 *
 * @param floors  lower bounds, ascending, settlement units; as many as `rates`
 */
export function deductions(floors: readonly Money[], rates: readonly Rate[]): Money[] {
  const list: Money[] = [];
  for (const [k, floor] of floors.entries()) {
    const step = k === 0 ? ZERO_RATE : rates[k]!.minus(rates[k - 1]!);
    list.push(k === 0 ? floor.times(ZERO_RATE) : list[k - 1]!.plus(floor.times(step)));
  }
  return list;
}

/** Whether a schedule has no jump at any bound: then maintenance never grows faster than the top rate. */
export function isContinuous(tiers: readonly MarginTier[]): boolean {
  return tiers.every((tier, k) => {
    const next = tiers[k + 1];
    return next === undefined || requirement(tier.upTo, tier).eq(requirement(tier.upTo, next));
  });
}

/**
 * Clearance fee rate of a liquidation: the first row that fits; 0 when none does.
 *
 * @param at  instant (rows cover from <= tsUs < until), margin mode, and the notional that is closed
 */
export function clearanceFeeRate(
  rules: MarketRules,
  at: { readonly tsUs: Micros; readonly mode: 'isolated' | 'cross'; readonly notional: Money },
): Rate {
  const row = rules.clearanceFee.find(
    (r) =>
      (r.from === undefined || r.from <= at.tsUs) &&
      (r.until === undefined || at.tsUs < r.until) &&
      (r.mode === undefined || r.mode === at.mode) &&
      (r.upTo === undefined || at.notional.lte(r.upTo)),
  );
  return row?.rate ?? ZERO_RATE;
}
