/**
 * Margin by scenarios over the legs and spot inventory of one account: OKX and Deribit. A risk unit is
 * everything on one underlying; inside it losses net, and requirements of risk units add up.
 */
import {
  type Money,
  max,
  min,
  ONE,
  quotient,
  type Rate,
  unscaled,
  ZERO_MONEY,
  ZERO_RATE,
} from '../basics/exact.ts';
import type { MarketId } from '../rules/market.ts';
import { isOption, riskUnitOf } from '../rules/market.ts';
import type { PortfolioRule } from '../rules/ruleSet.ts';
import type { Leg } from './leg.ts';
import {
  byMarket,
  grossNotional,
  type LossSetting,
  marketLoss,
  netNotional,
  plusSpan,
  point,
  type Shock,
  type Span,
} from './portfolioLoss.ts';
import { spotLoss, usedInventory } from './portfolioSpot.ts';

type OkxRule = Extract<PortfolioRule, { kind: 'okx' }>;
type DeribitRule = Extract<PortfolioRule, { kind: 'deribit' }>;

/** What a risk unit must keep, part by part; the unit of account, each >= 0. */
export interface UnitRequirement {
  readonly riskUnit: MarketId;
  /** Largest loss over the scenarios of price and volatility (OKX: MR1). */
  readonly worst: Money;
  /** Extreme move (OKX: MR6) or the worst of the extended table, by its share. */
  readonly extreme: Money;
  /** Basis risk (OKX: MR4) or contingency of offsetting futures. */
  readonly offsetting: Money;
  /** Least charge (OKX: MR7); 0 where the rule has none. */
  readonly minimum: Money;
  readonly total: Money;
}

/** Decimal places of a bucket's move. */
const MOVE_SCALE = 12;

/**
 * Requirement of each risk unit, at most, while prices lie in the box (exactly where it is a point).
 *
 *   OKX      total = max(max(worst, extreme) + basis charge, minimum charge)
 *   Deribit  total = max(worst, extended) + contingency
 *
 * Source: OKX, "scaling-factor logic in portfolio margin mode" (MR = max(MR1, MR2, MR6) + MR3 + MR4 + MR5, MMR =
 * max(MR, MR7)); Deribit, Portfolio Margin (article 25944756247837). Both in docs/method.md (Margin modes).
 */
export function unitRequirements(
  legs: readonly Leg[],
  rule: PortfolioRule,
  setting: LossSetting,
): UnitRequirement[] {
  const units = new Map<MarketId, Leg[]>();
  for (const leg of legs) {
    const id = riskUnitOf(leg.market);
    units.set(id, [...(units.get(id) ?? []), leg]);
  }
  return [...units].map(([id, own]) =>
    rule.kind === 'okx' ? okxRequirement(id, own, rule, setting) : deribitRequirement(id, own, rule, setting),
  );
}

function okxRequirement(
  id: MarketId,
  legs: readonly Leg[],
  rule: OkxRule,
  setting: LossSetting,
): UnitRequirement {
  const { move, share } = rule.extreme;
  const vols = legs.some((leg) => isOption(leg.market)) ? signed(rule.volShocks) : [ZERO_RATE];
  const shocks = signed(rule.spotShocks).flatMap((m) => vols.map((vol) => ({ move: m, vol })));
  const loss = lossOf(id, legs, setting);
  const worst = largest(shocks.map(loss));
  const extreme = largest(signed([move]).map((m) => loss({ move: m, vol: ZERO_RATE }))).times(share);
  const offsetting = smallerSide(legs, setting, tenorOf).times(rule.basisCharge);
  const minimum = notionalOf(legs, setting).times(rule.minimumCharge);
  const total = max(max(worst, extreme).plus(offsetting), minimum);
  return { riskUnit: id, worst, extreme, offsetting, minimum, total };
}

function deribitRequirement(
  id: MarketId,
  legs: readonly Leg[],
  rule: DeribitRule,
  setting: LossSetting,
): UnitRequirement {
  const vols = legs.some((leg) => isOption(leg.market))
    ? [rule.volUp, ZERO_RATE, ZERO_RATE.minus(rule.volDown)]
    : [ZERO_RATE];
  const moves: Rate[] = [ZERO_RATE];
  for (let k = 1; k <= rule.buckets; k++) {
    const part = rule.range.times(unscaled('rate', BigInt(k), 0));
    const move = quotient<'rate'>(
      'rate',
      part,
      unscaled('rate', BigInt(rule.buckets), 0),
      MOVE_SCALE,
      'even',
    );
    moves.push(move, move.neg());
  }
  const loss = lossOf(id, legs, setting);
  const worst = largest(moves.flatMap((move) => vols.map((vol) => loss({ move, vol }))));
  const extreme = rule.extended
    .map(({ move, share }) => loss({ move, vol: rule.volUp }).times(share))
    .reduce(max, ZERO_MONEY);
  const offsetting = smallerSide(legs, setting, (leg) => leg.market.id).times(rule.contingency);
  const minimum = ZERO_MONEY;
  return { riskUnit: id, worst, extreme, offsetting, minimum, total: max(worst, extreme).plus(offsetting) };
}

/** Largest loss of a risk unit under a shock: derivatives and the inventory in use, netted. */
function lossOf(id: MarketId, legs: readonly Leg[], setting: LossSetting): (shock: Shock) => Money {
  const groups = byMarket(legs);
  const used = usedInventory(id, legs, setting);
  return (shock) => {
    const derivatives = groups.reduce(
      (total, group) => plusSpan(total, marketLoss(group, shock, setting)),
      point(ZERO_MONEY),
    );
    return plusSpan(derivatives, spotLoss(used, id, shock.move, setting)).most;
  };
}

const largest = (losses: readonly Money[]): Money => losses.reduce(max, ZERO_MONEY);

/** Every shock with both signs; 0 once. A move of -1 or below leaves no price and is left out. */
function signed(shocks: readonly Rate[]): Rate[] {
  return shocks.flatMap((shock) => {
    if (shock.isZero()) return [shock];
    return shock.lt(ONE) ? [shock, shock.neg()] : [shock];
  });
}

/** Perpetuals share one tenor; a dated future has its expiry. */
const tenorOf = (leg: Leg): string =>
  leg.market.derived?.kind === 'future' ? String(leg.market.derived.expiryUs) : 'perpetual';

/**
 * Notional of the smaller side of futures that offset each other: nets by key, the positive ones against
 * the negative ones. Options are left out: their scenarios carry their risk.
 */
function smallerSide(legs: readonly Leg[], setting: LossSetting, keyOf: (leg: Leg) => string): Money {
  const nets = new Map<string, Span>();
  for (const group of byMarket(legs.filter((leg) => !isOption(leg.market)))) {
    const key = keyOf(group.legs[0]!);
    nets.set(key, plusSpan(nets.get(key) ?? point(ZERO_MONEY), netNotional(group, setting)));
  }
  let [longs, shorts] = [ZERO_MONEY, ZERO_MONEY];
  for (const { least, most } of nets.values()) {
    longs = longs.plus(max(most, ZERO_MONEY));
    shorts = shorts.plus(max(least.neg(), ZERO_MONEY));
  }
  return min(longs, shorts);
}

const notionalOf = (legs: readonly Leg[], setting: LossSetting): Money =>
  byMarket(legs).reduce((total, group) => total.plus(grossNotional(group, setting).most), ZERO_MONEY);
