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
import type { ChargeTier } from '../rules/collateralRules.ts';
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
  /** Loss by time alone (OKX: MR2); 0 where the rule does not ask. */
  readonly decay: Money;
  /** Extreme move (OKX: MR6) or the worst of the extended table, by its share. */
  readonly extreme: Money;
  /** Basis risk (OKX: MR4) or contingency of offsetting futures. */
  readonly offsetting: Money;
  /** Least charge, tiers applied (OKX: MR7); 0 where the rule has none. */
  readonly minimum: Money;
  /** Charge on what offsets between dollars of different makers (OKX: MR9); 0 where the rule has none. */
  readonly depegging: Money;
  readonly total: Money;
}

/** Decimal places of a bucket's move. */
const MOVE_SCALE = 12;

/**
 * Requirement of each risk unit, at most, while prices lie in the box (exactly where it is a point).
 *
 *   OKX      total = max(max(worst, decay, extreme) + basis charge, minimum charge) + charge between dollars
 *   Deribit  total = max(worst, extended) + contingency
 *
 * Source: OKX, "scaling-factor logic in portfolio margin mode" (MR = max(MR1, MR2, MR6) + MR3 + MR4 + MR5, MMR =
 * max(MR, MR7)); that MR9 comes on top is assumed. Deribit, Portfolio Margin (article 25944756247837). Both in
 * docs/method.md (Margin modes).
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
  const of = rule.shockOf;
  const hasOptions = legs.some((leg) => isOption(leg.market));
  const vols = hasOptions ? signed(rule.volShocks) : [ZERO_RATE];
  const shocks = signed(rule.spotShocks).flatMap((m) => vols.map((vol) => ({ move: m, vol, of })));
  const loss = lossOf(id, legs, setting);
  const worst = largest(shocks.map(loss));
  const laterUs = hasOptions ? rule.decayUs : undefined;
  const decay =
    laterUs === undefined ? ZERO_MONEY : largest([loss({ move: ZERO_RATE, vol: ZERO_RATE, laterUs })]);
  const extreme = largest(signed([move]).map((m) => loss({ move: m, vol: ZERO_RATE, of }))).times(share);
  const offsetting = smallerSide(legs, setting, tenorOf)
    .times(rule.basisCharge)
    .plus(perpetualNet(legs, setting).times(rule.perpetualBasis ?? ZERO_RATE));
  const charge = notionalOf(legs, setting).times(rule.minimumCharge);
  const minimum = rule.chargeTiers === undefined ? charge : tiered(charge, rule.chargeTiers);
  const dollars = (leg: Leg): string => leg.market.settle;
  const depegging =
    rule.depegCharge === undefined ? ZERO_MONEY : smallerSide(legs, setting, dollars).times(rule.depegCharge);
  const total = max([decay, extreme].reduce(max, worst).plus(offsetting), minimum).plus(depegging);
  return { riskUnit: id, worst, decay, extreme, offsetting, minimum, depegging, total };
}

/**
 * A charge of which every part between two bounds bears the factor of its row; the last row serves above its bound.
 *
 *   sum of (min(charge, upTo_k) - upTo_(k-1))+ * factor_k
 *
 * Source: OKX, scaling-factor logic in portfolio margin mode ("10,000 + (30,000 - 10,000) * 2 = 50,000 USD").
 *
 * @param charge  unit of account, >= 0
 * @param tiers   ascending, not empty
 */
export function tiered(charge: Money, tiers: readonly ChargeTier[]): Money {
  let total = ZERO_MONEY;
  let floor = ZERO_MONEY;
  for (const [k, { upTo, factor }] of tiers.entries()) {
    const top = k === tiers.length - 1 ? charge : min(charge, upTo);
    if (floor.lt(top)) total = total.plus(top.minus(floor).times(factor));
    floor = upTo;
  }
  return total;
}

/** Net notional of all perpetuals of a risk unit, without its sign, at most. */
function perpetualNet(legs: readonly Leg[], setting: LossSetting): Money {
  const own = byMarket(legs.filter((leg) => leg.market.derived === undefined));
  const { least, most } = own.reduce(
    (total, group) => plusSpan(total, netNotional(group, setting)),
    point(ZERO_MONEY),
  );
  return max(least.abs(), most.abs());
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
  const none = { decay: ZERO_MONEY, minimum: ZERO_MONEY, depegging: ZERO_MONEY };
  return { riskUnit: id, worst, extreme, offsetting, ...none, total: max(worst, extreme).plus(offsetting) };
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
