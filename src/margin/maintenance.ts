/**
 * Margin schedules: which tier a position is in, what it must keep (maintenance), what it needed to
 * open (initial), and what a liquidation costs. One formula serves continuous schedules (a deduction
 * per tier, Binance and Bybit) and step schedules (deduction 0, BitMEX and OKX); a rate that grows with
 * size (Deribit), a closing fee (OKX) and requirements in whole units (dYdX) come on top of either.
 */
import {
  as,
  cut,
  type Money,
  ONE,
  type Price,
  product,
  type Qty,
  quotient,
  type Rate,
  ZERO_RATE,
} from '../basics/exact.ts';
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

/** What the rules ask of a leg at a mark: the figures from which both its margins follow. */
export interface LegTerms {
  /** Place of its tier, from 0. */
  readonly tier: number;
  /** On which margin is taken: at mark or at entry; settlement units, >= 0. */
  readonly notional: Money;
  /** The tier's, and what the leg's own size adds. */
  readonly maintenanceRate: Rate;
  readonly deduction: Money;
  readonly initialRate: Rate;
}

/**
 * Tier and rates of a leg at a mark.
 *
 *   rate = rate(tier) + slope * size, size in base units (linear) or in settlement units of notional (inverse)
 *
 * Source: Deribit, Linear Perpetual (article 25944738177565): 1 % + 0.005 % for every BTC of the position.
 */
export function legTerms(leg: Leg, mark: Price): LegTerms {
  const { rules, market, qty } = leg;
  const notional = maintenanceNotional(leg, mark);
  const tier = tierIndex(rules, notional, qty);
  const row = rules.tiers[tier]!;
  const { maintenanceRate, maintenanceDeduction: deduction, initialRate } = row;
  if (rules.sizeSlope === undefined) return { tier, notional, maintenanceRate, deduction, initialRate };
  const size = as('rate', market.kind === 'linear' ? qty : notional);
  return {
    tier,
    notional,
    maintenanceRate: maintenanceRate.plus(size.times(rules.sizeSlope.maintenance)),
    deduction,
    initialRate: initialRate.plus(size.times(rules.sizeSlope.initial)),
  };
}

/**
 * What a leg must keep at a mark, settlement units.
 *
 *   maintenance = notional * (rate + closing fee) - deduction
 *
 * With a `requirementScale` every step is rounded up to it, from the initial margin on:
 *
 *   maintenance = up(up(up(notional * initialRate) * rate / initialRate) + notional * closing fee - deduction)
 *
 * Source: OKX (ratio = equity / (MM + liquidation fee)); dYdX v4, x/perpetuals/types/liquidity_tier.go
 * (maintenance margin is a fraction of the initial margin, both rounded up to a quote quantum).
 */
export function legMaintenance(leg: Leg, mark: Price): Money {
  const terms = legTerms(leg, mark);
  const { closingFee, requirementScale: scale } = leg.rules;
  const own = scale === undefined ? terms.notional.times(terms.maintenanceRate) : roundedUp(terms, scale);
  const fee = closingFee === undefined ? own : own.plus(terms.notional.times(closingFee));
  const whole = fee.minus(terms.deduction);
  return scale === undefined ? whole : cut(whole, scale, 'up');
}

/** notional * rate by way of the initial margin, both rounded up. */
function roundedUp({ notional, maintenanceRate, initialRate }: LegTerms, scale: number): Money {
  if (initialRate.isZero()) return cut(notional.times(maintenanceRate), scale, 'up');
  const initial = cut(notional.times(initialRate), scale, 'up');
  return quotient('money', product('money', initial, maintenanceRate), initialRate, scale, 'up');
}

/** Initial margin of a leg at a mark, settlement units: notional * initialRate, rounded up where the rules say so. */
export function initialMargin(leg: Leg, mark: Price): Money {
  const { notional, initialRate } = legTerms(leg, mark);
  const scale = leg.rules.requirementScale;
  return scale === undefined ? notional.times(initialRate) : cut(notional.times(initialRate), scale, 'up');
}

/** Decimal places of a rate that open interest scales: parts per million. */
const PPM_SCALE = 6;

/**
 * Initial rate that rises to 1 while the market's open interest rises from a lower to an upper cap.
 *
 *   rate + (1 - rate) * clamp((open interest - lower) / (upper - lower), 0, 1), down at parts per million
 *
 * Source: dYdX v4, x/perpetuals/types/liquidity_tier.go. Maintenance margin never scales with it.
 *
 * @param openInterest  notional and caps in one unit; lower <= upper; equal caps: no scaling
 */
export function scaledInitialRate(
  initialRate: Rate,
  openInterest: { readonly notional: Money; readonly lower: Money; readonly upper: Money },
): Rate {
  const { notional, lower, upper } = openInterest;
  if (notional.lte(lower) || lower.eq(upper)) return initialRate;
  if (upper.lte(notional)) return ONE;
  const grown = product('rate', notional.minus(lower), ONE.minus(initialRate));
  const part = quotient<'rate'>('rate', grown, upper.minus(lower), PPM_SCALE, 'down');
  return initialRate.plus(part);
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
