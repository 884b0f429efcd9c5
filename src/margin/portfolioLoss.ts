/**
 * What positions of one underlying lose under a shock, netted, for margin by scenarios. Everything is
 * formed over a box of prices (lowest and highest) and returned as a span: a verdict asks with both ends
 * the same and gets one number, the screen asks with a wide box and gets a bound. One code path, so the
 * screen cannot disagree with the verdict.
 */
import {
  carried,
  cut,
  type Exact,
  type Money,
  MONEY_SCALE,
  max,
  min,
  ONE,
  type Price,
  perUnit,
  product,
  quotient,
  type Rate,
  unscaled,
  value,
  ZERO_MONEY,
} from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { Market, MarketId } from '../rules/market.ts';
import { indexMarketOf, isOption } from '../rules/market.ts';
import { type Leg, type Marks, profit, valueAt } from './leg.ts';
import { assetIndex, type Pool } from './multiAsset.ts';
import { optionDelta, optionPrice, type OptionTerms, quotePrice } from './optionValue.ts';

/** One moment's prices. */
export interface PricePoint {
  readonly mark: Marks;
  readonly index: Marks;
}

/** All prices between two moments' prices; both the same object at a verdict. */
export interface PriceBox {
  readonly low: PricePoint;
  readonly high: PricePoint;
}

/** Least and most of an amount while prices lie in a box. */
export interface Span {
  readonly least: Money;
  readonly most: Money;
}

/** A move of the underlying, relative, above -1; and of volatility, absolute. */
export interface Shock {
  readonly move: Rate;
  readonly vol: Rate;
  /** index: futures move by the share of their index, so that their basis stays. Absent: by the share of their mark. */
  readonly of?: 'mark' | 'index' | undefined;
  /** How much later options are valued. Absent: 0. */
  readonly laterUs?: Micros;
}

export interface LossSetting {
  readonly pool: Pool;
  readonly box: PriceBox;
}

/** All legs of a pocket in one market. */
export interface MarketLegs {
  readonly market: Market;
  readonly legs: readonly Leg[];
}

/** Decimal places of a delta that comes from float64. */
const DELTA_SCALE = 8;

/** A span of one amount. */
export const point = (amount: Money): Span => ({ least: amount, most: amount });
/** Both at their least, both at their most. */
export const plusSpan = (a: Span, b: Span): Span => ({
  least: a.least.plus(b.least),
  most: a.most.plus(b.most),
});

/** Legs by market, in order of first appearance. */
export function byMarket(legs: readonly Leg[]): MarketLegs[] {
  const groups = new Map<MarketId, Leg[]>();
  for (const leg of legs) {
    const group = groups.get(leg.market.id);
    if (group === undefined) groups.set(leg.market.id, [leg]);
    else group.push(leg);
  }
  return [...groups.values()].map((own) => ({ market: own[0]!.market, legs: own }));
}

/** Whether profit comes in coin of the underlying: an inverse contract, an option that is priced in coin. */
function paysCoin(market: Market): boolean {
  return (
    market.kind === 'inverse' || (market.derived?.kind === 'option' && market.derived.premium === 'coin')
  );
}

/** Paid in coin by an account that counts in quote units: such legs are valued at the shocked price. */
const isRevalued = (market: Market, pool: Pool): boolean => paysCoin(market) && market.settle !== pool.unit;

/**
 * Loss of a market's legs under a shock, in the unit; below 0 is a gain.
 *
 *   linear                        side * qty * mark * -move
 *   inverse, unit is the coin     side * qty * face * (1 / (mark (1 + move)) - 1 / mark), each cut to the venue's unit
 *   shock of the index            the same with mark + index * move for mark (1 + move), at least one tick
 *   inverse, unit is quote        side * qty * face * -move: what the coin is worth after the move counts
 *   option                        side * qty * (value now - value after), both by Black-Scholes
 *
 * An option's values in quote units serve where the unit is quote, those in coin where it is the coin.
 */
export function marketLoss(group: MarketLegs, shock: Shock, { pool, box }: LossSetting): Span {
  const { market } = group;
  const at = (prices: PricePoint): Money =>
    group.legs.reduce((total, leg) => total.plus(legLoss(leg, shock, { pool, prices })), ZERO_MONEY);
  const prices = shock.of === 'index' ? mixed(box) : [box.low, box.high];
  const own = box.low === box.high ? point(at(box.low)) : extremes(prices.map(at), doubt(group, box));
  return isRevalued(market, pool) ? own : inUnit(own, market, { pool, box });
}

/** Corners of a box where an amount reads mark and index: it is monotone in each while the other stands. */
const mixed = ({ low, high }: PriceBox): PricePoint[] =>
  [low, high].flatMap(({ mark }) => [low, high].map(({ index }) => ({ mark, index })));

const extremes = (amounts: readonly Money[], slack: Money): Span => ({
  least: amounts.reduce(min).minus(slack),
  most: amounts.reduce(max).plus(slack),
});

function legLoss(leg: Leg, shock: Shock, at: { readonly pool: Pool; readonly prices: PricePoint }): Money {
  const { market, qty } = leg;
  const { pool, prices } = at;
  const { derived } = market;
  const mark = prices.mark(market.id);
  if (derived?.kind === 'option') return optionLoss(leg, derived, { shock, ...at });
  if (isRevalued(market, pool)) return towards(leg, perUnit(qty, market.faceValue).times(shock.move).neg());
  const moved =
    shock.of === 'index'
      ? max(mark.plus(prices.index(indexMarketOf(market)).times(shock.move)), market.priceTick)
      : mark.times(ONE.plus(shock.move));
  return profit(leg, valueAt(market, qty, mark), valueAt(market, qty, moved));
}

function optionLoss(
  leg: Leg,
  terms: OptionTerms,
  { shock, pool, prices }: { shock: Shock; pool: Pool; prices: PricePoint },
): Money {
  const { market, qty } = leg;
  const index = prices.index(indexMarketOf(market));
  const priced = isRevalued(market, pool) ? quotePrice : optionPrice;
  const now = priced(market, terms, { index, nowUs: pool.nowUs });
  const after = priced(market, terms, {
    index: index.times(ONE.plus(shock.move)),
    nowUs: pool.nowUs + (shock.laterUs ?? 0),
    volShock: shock.vol,
  });
  return towards(leg, value(qty, now.minus(after)));
}

/** An amount that a long loses, as the leg's own side sees it. */
const towards = (leg: Leg, lostByLong: Money): Money => (leg.side === 'long' ? lostByLong : lostByLong.neg());

/** What is monotone in the mark lies between its ends; two cuts of the venue may move each inverse leg at both. */
function spanOf({ low, high }: PriceBox, at: (prices: PricePoint) => Money, slack: Money): Span {
  return low === high ? point(at(low)) : extremes([at(low), at(high)], slack);
}

/** Most that the venue's cut of inverse values moves a sum by within a wide box: 2 units a value, 2 values a leg. */
export function doubt({ market, legs }: MarketLegs, { low, high }: PriceBox): Money {
  if (low === high || market.kind !== 'inverse') return ZERO_MONEY;
  return unscaled('money', BigInt(4 * legs.length), market.valueScale);
}

/** A span in a market's settlement asset as a span in the unit, at the index. */
export function inUnit(span: Span, { settle }: Pick<Market, 'settle'>, { pool, box }: LossSetting): Span {
  const low = assetIndex(pool, settle, box.low.index);
  if (low === null) return point(ZERO_MONEY);
  if (settle === pool.unit) return span;
  const times = (amount: Money, rate: Exact<'price'>): Money => product('money', amount, rate);
  const high = box.low === box.high ? low : assetIndex(pool, settle, box.high.index)!;
  return {
    least: min(times(span.least, low), times(span.least, high)),
    most: max(times(span.most, low), times(span.most, high)),
  };
}

/** What a market's legs are worth, all sides added: notional in the unit. Options count the underlying. */
export function grossNotional(group: MarketLegs, setting: LossSetting): Span {
  return notional(group, setting, (_leg, amount) => amount);
}

/** Longs less shorts of a market, notional in the unit. */
export function netNotional(group: MarketLegs, setting: LossSetting): Span {
  return notional(group, setting, (leg, amount) => (leg.side === 'long' ? amount : amount.neg()));
}

function notional(
  group: MarketLegs,
  { pool, box }: LossSetting,
  signed: (leg: Leg, amount: Money) => Money,
): Span {
  const { market } = group;
  const revalued = isRevalued(market, pool);
  const worth = (leg: Leg, prices: PricePoint): Money => {
    if (isOption(market)) {
      if (paysCoin(market) && !revalued) return perUnit(leg.qty, ONE_MONEY);
      return value(leg.qty, prices.index(indexMarketOf(market)));
    }
    if (revalued) return perUnit(leg.qty, market.faceValue);
    return valueAt(market, leg.qty, prices.mark(market.id));
  };
  const at = (prices: PricePoint): Money =>
    group.legs.reduce((total, leg) => total.plus(signed(leg, worth(leg, prices))), ZERO_MONEY);
  const own = spanOf(box, at, doubt(group, box));
  return revalued ? own : inUnit(own, market, { pool, box });
}

const ONE_MONEY: Money = unscaled('money', 1n, 0);

/**
 * Base units that a market's legs move like: qty (linear), qty * face / mark (inverse, cut down at
 * MONEY_SCALE), qty * delta (option, cut to 8 places).
 */
export function marketDelta(group: MarketLegs, { pool, box }: LossSetting): Span {
  const at = (prices: PricePoint): Money =>
    group.legs.reduce((total, leg) => total.plus(legDelta(leg, pool, prices)), ZERO_MONEY);
  return spanOf(box, at, ZERO_MONEY);
}

function legDelta(leg: Leg, pool: Pool, prices: PricePoint): Money {
  const { market, qty } = leg;
  const { derived } = market;
  const long = (): Money => {
    if (derived?.kind === 'option') {
      const index = prices.index(indexMarketOf(market));
      const each = carried<'money'>('money', optionDelta(derived, { index, nowUs: pool.nowUs }));
      return perUnit(qty, cut(each, DELTA_SCALE, 'even'));
    }
    if (market.kind === 'linear') return perUnit(qty, ONE_MONEY);
    const face = perUnit(qty, market.faceValue);
    return quotient('money', face, prices.mark(market.id), MONEY_SCALE, 'down');
  };
  return leg.side === 'long' ? long() : long().neg();
}

/** The price at which an asset's spot inventory moves, lowest and highest. */
export const indexSpan = ({ box }: LossSetting, market: MarketId): { low: Price; high: Price } => ({
  low: box.low.index(market),
  high: box.high.index(market),
});
