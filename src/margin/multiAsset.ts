/**
 * Margin in several assets (Binance multi-assets, Bybit UTA): what an asset counts for, the equity of a
 * whole account in its unit of account, and what is sold to cover debts.
 */
import {
  MONEY_SCALE,
  type Money,
  max,
  ONE,
  PRICE_SCALE,
  type Price,
  price,
  product,
  quotient,
  type Rate,
  ZERO_MONEY,
} from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { Asset, MarketId } from '../rules/market.ts';
import type { CollateralRule, PortfolioRule } from '../rules/ruleSet.ts';

/** What makes a cross pocket one account of several assets, or one that is margined by scenarios. */
export interface Pool {
  /** Absent: one settlement asset, which is the unit. */
  readonly collateral: CollateralRule | undefined;
  /** Absent: maintenance by the markets' tiers. */
  readonly portfolio: PortfolioRule | undefined;
  /** Asset in which the account is valued. */
  readonly unit: Asset;
  /** Balance by asset, signed; assets without one are 0. */
  readonly balances: ReadonlyMap<Asset, Money>;
  /** Index of a market that has one of its own. */
  readonly index: (market: MarketId) => Price;
  /** Instant of the verdict: an option's remaining life counts from it. */
  readonly nowUs: Micros;
}

/** Index prices between which a bound is sought; both the same object at a verdict. */
export interface IndexRange {
  readonly low: (market: MarketId) => Price;
  readonly high: (market: MarketId) => Price;
}

const ONE_PRICE = price('1');

/**
 * Rates at which an asset balance is valued: bid = index * (1 - bidBuffer) for positive balances,
 * ask = index * (1 + askBuffer) for negative ones. Source: Binance FAQ c983a9268cfa4e70a4916c276bb3b7bc.
 *
 * @param index  price of the asset in the account's unit
 */
export function assetRates(index: Price, bidBuffer: Rate, askBuffer: Rate): { bid: Price; ask: Price } {
  return { bid: index.times(ONE.minus(bidBuffer)), ask: index.times(ONE.plus(askBuffer)) };
}

/**
 * Value of an asset that is sold to cover a deficit: deficit / (1 - haircut), up at PRICE_SCALE.
 * Source: the same page ("20,000 / 97.5 % = 20,513").
 */
export function soldForDeficit(deficit: Money, haircut: Rate): Money {
  return quotient('money', deficit, ONE.minus(haircut), PRICE_SCALE, 'up');
}

/** Index of an asset in the unit, before any buffer: 1 for the unit and for stable coins; null: it counts nothing. */
export function assetIndex(pool: Pool, asset: Asset, index = pool.index): Price | null {
  if (asset === pool.unit) return ONE_PRICE;
  const rule = pool.collateral?.assets[asset];
  if (rule === undefined) return null;
  return rule.index === null ? ONE_PRICE : index(rule.index);
}

/**
 * What an amount of an asset counts for in the unit, at least, while the index lies in a range.
 *
 *   above 0  amount * low index * (1 - bidBuffer) * (1 - haircut), the haircut of a balance only
 *   below 0  amount * high index * (1 + askBuffer)
 *
 * That debts are taken at the ask and bear no haircut is assumed, as is that profit bears none.
 *
 * @param what  balance: bears the haircut; profit: does not
 */
export function countedValue(
  pool: Pool,
  holding: { readonly asset: Asset; readonly amount: Money; readonly what: 'balance' | 'profit' },
  range: IndexRange,
): Money {
  const { asset, amount, what } = holding;
  if (asset === pool.unit) return amount;
  const rule = pool.collateral?.assets[asset];
  if (rule === undefined) return ZERO_MONEY;
  const index = assetIndex(pool, asset, amount.isNegative() ? range.high : range.low)!;
  const { bid, ask } = assetRates(index, rule.bidBuffer, rule.askBuffer);
  if (amount.isNegative()) return product('money', amount, ask);
  const value = product<'money'>('money', amount, bid);
  return what === 'profit' ? value : value.times(ONE.minus(rule.haircut));
}

/** Value of an amount at the index itself, in the unit: requirements, notionals. 0 where it counts nothing. */
export function indexValue(pool: Pool, asset: Asset, amount: Money, index = pool.index): Money {
  const at = assetIndex(pool, asset, index);
  return at === null ? ZERO_MONEY : product('money', amount, at);
}

/**
 * How much of an asset a value in the unit is at the index, cut downward at MONEY_SCALE; the value itself where
 * the asset counts nothing.
 */
export function inAsset(pool: Pool, asset: Asset, worth: Money): Money {
  const at = assetIndex(pool, asset) ?? ONE_PRICE;
  return quotient('money', worth, at, MONEY_SCALE, 'down');
}

/** An exchange inside an account: so much of one asset against another. */
export interface Exchange {
  readonly sold: Asset;
  readonly amount: Money;
  readonly bought: Asset;
  readonly proceeds: Money;
}

/**
 * What is sold so that debts are paid: the account's other assets, in the order in which the rule book lists
 * them (assumed), each at its bid against the ask of what is owed.
 *
 *   sold = debt * ask(owed) / bid(sold), up; proceeds = sold * bid / ask, down: never more than the debt
 *
 * @param owed  assets that may be bought back; all debts where left out
 * @returns     empty where nothing is owed or nothing can be sold
 */
export function exchangePlan(
  pool: Pool,
  owed: (asset: Asset, debt: Money) => boolean = () => true,
): Exchange[] {
  const { collateral } = pool;
  if (collateral === undefined) return [];
  const left = new Map(pool.balances);
  const plan: Exchange[] = [];
  const order = [...new Set([pool.unit, ...Object.keys(collateral.assets)])];
  for (const bought of order) {
    const debt = left.get(bought)?.neg() ?? ZERO_MONEY;
    if (!debt.isPositive() || !owed(bought, debt)) continue;
    const { ask } = ratesOf(pool, bought);
    let open = debt;
    for (const sold of order) {
      const held = left.get(sold) ?? ZERO_MONEY;
      if (!held.isPositive() || !open.isPositive()) continue;
      const { bid } = ratesOf(pool, sold);
      if (!bid.isPositive()) continue;
      const whole = quotient<'money'>('money', product('money', open, ask), bid, MONEY_SCALE, 'up');
      const all = whole.lte(held);
      const amount = all ? whole : held;
      const proceeds = all
        ? open
        : quotient<'money'>('money', product('money', held, bid), ask, MONEY_SCALE, 'down');
      if (!proceeds.isPositive()) continue;
      plan.push({ sold, amount, bought, proceeds });
      left.set(sold, held.minus(amount));
      open = open.minus(proceeds);
    }
    left.set(bought, open.neg());
  }
  return plan;
}

/** Debts that a rule book exchanges by itself: those worth more than `autoExchangeBelow`. */
export function autoExchange(pool: Pool): Exchange[] {
  const limit = pool.collateral?.autoExchangeBelow ?? null;
  if (limit === null) return [];
  return exchangePlan(pool, (asset, debt) => limit.lt(indexValue(pool, asset, debt)));
}

/** Bid and ask of an asset in the unit; 1 and 1 for the unit itself. */
export function ratesOf(pool: Pool, asset: Asset): { bid: Price; ask: Price } {
  const rule = pool.collateral?.assets[asset];
  if (asset === pool.unit || rule === undefined) return { bid: ONE_PRICE, ask: ONE_PRICE };
  return assetRates(assetIndex(pool, asset)!, rule.bidBuffer, rule.askBuffer);
}

/**
 * Account rate of Bybit's unified account: liquidation at 100 %.
 *
 *   rate = total MM / (margin balance - haircut loss + order loss)
 *   margin balance = sum(wallet * collateral ratio) + perpetual profit - borrow
 *
 * `haircutLoss` and `orderLoss` come from open spot orders, signed as the venue prints them (a loss is
 * negative). Source: Bybit help centre, UTA trading rules.
 *
 * @returns  up at PRICE_SCALE; null where the denominator is not above 0: liquidated whatever the requirement
 */
export function unifiedRate(of: {
  readonly totalMaintenance: Money;
  readonly marginBalance: Money;
  readonly haircutLoss: Money;
  readonly orderLoss: Money;
}): Rate | null {
  const carried = of.marginBalance.minus(of.haircutLoss).plus(of.orderLoss);
  if (!carried.isPositive()) return null;
  return quotient('rate', max(of.totalMaintenance, ZERO_MONEY), carried, PRICE_SCALE, 'up');
}
