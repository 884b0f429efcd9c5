/**
 * A pocket in, figures out: everything that the calculator says about one pocket, by the same functions
 * of src/margin that decide in a replay.
 */
import { type Money, type Price, product, quotient, type Rate, toStep } from '../basics/exact.ts';
import { bankruptcyPrices, marginShares } from '../margin/bankruptcy.ts';
import { type Leg, type Marks, type Pocket, unrealizedPnl, valueAt } from '../margin/leg.ts';
import { initialMargin, legMaintenance, type LegTerms, legTerms } from '../margin/maintenance.ts';
import { liquidationPrices } from '../margin/prices.ts';
import { availableBalance, judge, type Verdict } from '../margin/trigger.ts';
import type { Market, MarketId } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';

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
  /** Equity that the move costs; settlement units. */
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
export function pocketFigures(pocket: Pocket, marks: Marks, rules: RuleSet): PocketFigures {
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
  const markets = new Map(pocket.legs.map((leg) => [leg.market.id, leg.market]));
  const { equity, maintenance } = verdict;
  return {
    pocket,
    verdict,
    available: availableBalance(pocket, marks),
    ratio: equity.isPositive() ? quotient('rate', maintenance, equity, RATE_SCALE, 'up') : null,
    legs,
    markets: [...markets.values()].map((market) => marketFigures(market, { pocket, marks, rules, equity })),
  };
}

interface Standing {
  readonly pocket: Pocket;
  readonly marks: Marks;
  readonly rules: RuleSet;
  /** Today's. */
  readonly equity: Money;
}

function marketFigures(market: Market, at: Standing): MarketFigures {
  const { pocket, marks, rules } = at;
  const mark = marks(market.id);
  const { low, high } = liquidationPrices(pocket, market.id, marks, rules.trigger);
  const reach = (price: Price | null, direction: Reach['direction']): Reach | null =>
    price === null ? null : reachOf(price, { ...at, market, direction });
  return { market, mark, low: reach(low, 'below'), high: reach(high, 'above') };
}

function reachOf(
  price: Price,
  at: Standing & { readonly market: Market; readonly direction: Reach['direction'] },
): Reach {
  const { market, marks, pocket, rules, direction } = at;
  const mark = marks(market.id);
  const there = (id: MarketId): Price => (id === market.id ? price : marks(id));
  const verdict = judge(pocket, there, rules.trigger);
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
