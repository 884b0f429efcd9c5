/**
 * A pocket in, figures out: everything that the calculator says about one pocket, by the same functions
 * of src/margin that decide in a replay.
 */
import { type Money, type Price, product, quotient, type Rate, toStep } from '../basics/exact.ts';
import { bankruptcyPrices, marginShares } from '../margin/bankruptcy.ts';
import { type Leg, type Pocket, unrealizedPnl, valueAt } from '../margin/leg.ts';
import { initialMargin, legMaintenance, type LegTerms, legTerms } from '../margin/maintenance.ts';
import { isPooled } from '../margin/portfolioVerdict.ts';
import { liquidationPrices } from '../margin/prices.ts';
import { availableBalance, judge, type Verdict } from '../margin/trigger.ts';
import { wholeLiquidationPrices } from '../margin/wholePrices.ts';
import { type Asset, type Market, type MarketId, riskUnitOf } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { contractFor } from './priceContracts.ts';
import type { AskedPocket } from './pricePocket.ts';

/** Decimal places of a printed rate. */
export const RATE_SCALE = 12;

export interface LegFigures {
  readonly leg: Leg;
  readonly mark: Price;
  readonly value: Money;
  readonly profit: Money;
  readonly terms: LegTerms;
  readonly maintenance: Money;
  readonly initial: Money;
  /** What of the collateral stands behind the leg: its margin, or its share of the wallet at today's marks. */
  readonly share: Money;
  readonly bankruptcyPrice: Price | null;
}

/** A price at which the pocket becomes liquidatable while its other markets stand still. */
export interface Reach {
  readonly direction: 'below' | 'above';
  readonly price: Price;
  /** The price on the venue's tick, against the owner; null where the rules round nothing. */
  readonly onTick: Price | null;
  /** |mark - price|, >= 0. */
  readonly distance: Price;
  /** Distance / mark, cut downward at RATE_SCALE. */
  readonly share: Rate;
  /** Equity that the move costs; settlement units, or the unit of account. */
  readonly cost: Money;
  /** The verdict there: what proves the price. */
  readonly verdict: Verdict;
}

export interface MarketFigures {
  readonly market: Market;
  readonly mark: Price;
  readonly low: Reach | null;
  readonly high: Reach | null;
}

export interface PocketFigures {
  readonly pocket: Pocket;
  readonly verdict: Verdict;
  readonly available: Money;
  /** maintenance / equity, up at RATE_SCALE; null where equity is not above 0. */
  readonly ratio: Rate | null;
  readonly legs: readonly LegFigures[];
  readonly markets: readonly MarketFigures[];
}

/** Everything about a pocket at today's marks under a rule set. */
export function pocketFigures(asked: AskedPocket, rules: RuleSet): PocketFigures {
  const { pocket, marks } = asked;
  const verdict = judge(pocket, marks, rules.trigger);
  const shares = marginShares(pocket, marks);
  const bankrupt = bankruptcyPrices(pocket, marks);
  const legs = pocket.legs.map((leg, i): LegFigures => {
    const mark = marks(leg.market.id);
    return {
      leg,
      mark,
      value: valueAt(leg.market, leg.qty, mark),
      profit: unrealizedPnl(leg, mark),
      terms: legTerms(leg, mark),
      maintenance: legMaintenance(leg, mark),
      initial: initialMargin(leg, mark),
      share: shares[i]!,
      bankruptcyPrice: bankrupt[i]!,
    };
  });
  const { equity, maintenance } = verdict;
  const standing = { asked, rules, equity };
  return {
    pocket,
    verdict,
    available: availableBalance(pocket, marks),
    ratio: equity.isPositive() ? quotient('rate', maintenance, equity, RATE_SCALE, 'up') : null,
    legs,
    markets: moversOf(asked, rules).map((market) => marketFigures(market, standing)),
  };
}

/** In what the equity, the requirement and the headroom of a pocket are. */
export const unitOf = (pocket: Pocket): Asset => pocket.pool?.unit ?? pocket.legs[0]!.market.settle;

/**
 * Markets whose moves are asked about: every market with a mark of its own; where the account is judged as one,
 * the first of each underlying, or the underlying itself where all legs on it are derived.
 */
function moversOf({ pocket }: AskedPocket, rules: RuleSet): Market[] {
  if (!isPooled(pocket)) return [...new Map(pocket.legs.map((leg) => [leg.market.id, leg.market])).values()];
  const units = new Map<MarketId, Market>();
  for (const { market } of pocket.legs) {
    const unit = riskUnitOf(market);
    const known = units.get(unit);
    if (market.derived === undefined)
      units.set(unit, known?.derived === undefined ? (known ?? market) : market);
    else if (known === undefined) units.set(unit, market);
  }
  return [...units].map(([unit, market]) =>
    market.derived === undefined ? market : contractFor(rules, unit, {})!.market,
  );
}

interface Standing {
  readonly asked: AskedPocket;
  readonly rules: RuleSet;
  /** Today's. */
  readonly equity: Money;
}

function marketFigures(market: Market, at: Standing): MarketFigures {
  const { asked, rules } = at;
  const { pocket, marks, moved } = asked;
  const fails = (to: Price): boolean => {
    const there = moved(market, to);
    return judge(there.pocket, there.marks, rules.trigger).liquidatable;
  };
  const hasMark = pocket.legs.some((leg) => leg.market.id === market.id);
  const mark = hasMark ? marks(market.id) : pocket.pool!.index(market.id);
  const { low, high } = isPooled(pocket)
    ? wholeLiquidationPrices(mark, fails)
    : liquidationPrices(pocket, market.id, marks, rules.trigger);
  const reach = (price: Price | null, direction: Reach['direction']): Reach | null =>
    price === null ? null : reachOf(price, { ...at, market, mark, direction });
  return { market, mark, low: reach(low, 'below'), high: reach(high, 'above') };
}

function reachOf(
  price: Price,
  at: Standing & { readonly market: Market; readonly mark: Price; readonly direction: Reach['direction'] },
): Reach {
  const { asked, market, mark, rules, direction } = at;
  const there = asked.moved(market, price);
  const verdict = judge(there.pocket, there.marks, rules.trigger);
  const distance = price.minus(mark).abs();
  const rounded = rules.markets[market.id]!.bankruptcy.rounding === 'tickAgainstUser';
  return {
    direction,
    price,
    onTick: rounded ? toStep(price, market.priceTick, direction === 'below' ? 'up' : 'down') : null,
    distance,
    share: quotient('rate', distance, mark, RATE_SCALE, 'down'),
    cost: at.equity.minus(verdict.equity),
    verdict,
  };
}

/** The nearest liquidation price of a pocket: least distance / mark over its markets; null when there is none. */
export function nearestReach(
  figures: PocketFigures,
): { readonly market: MarketFigures; readonly reach: Reach } | null {
  const all = figures.markets.flatMap((market) =>
    [market.low, market.high].flatMap((reach) => (reach === null ? [] : [{ market, reach }])),
  );
  const further = (a: (typeof all)[number], b: (typeof all)[number]): number =>
    product('money', a.reach.distance, b.market.mark).cmp(product('money', b.reach.distance, a.market.mark));
  return all.sort(further)[0] ?? null;
}
