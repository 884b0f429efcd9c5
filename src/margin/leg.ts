/**
 * A leg (one side of one market) and a pocket (legs that share one collateral), and what they are
 * worth at a mark. A leg keeps its entry value, not its entry price: that makes linear and inverse
 * one code path and keeps division out of the verdict.
 */
import {
  type Money,
  MONEY_SCALE,
  type Price,
  perUnit,
  product,
  type Qty,
  quotient,
  value,
} from '../basics/exact.ts';
import type { Market, MarketId, Side } from '../rules/market.ts';
import type { MarketRules } from '../rules/ruleSet.ts';
import type { Pool } from './multiAsset.ts';

export interface Leg {
  readonly market: Market;
  readonly rules: MarketRules;
  readonly side: Side;
  /** Base units (linear) or contracts (inverse), > 0. */
  readonly qty: Qty;
  /** Value at which the leg was opened, settlement units, >= 0. */
  readonly entryValue: Money;
}

export interface Pocket {
  readonly legs: readonly Leg[];
  /** Margin of an isolated leg, or the cross wallet; order margin included. */
  readonly wallet: Money;
  /** Part of the wallet that resting orders lock: it counts as equity, it is not available. */
  readonly orderMargin: Money;
  /** How the account's assets count together; absent: one asset, and the markets' tiers. */
  readonly pool?: Pool;
}

export type Marks = (market: MarketId) => Price;

/**
 * Value of a quantity at a price: `qty * price` (linear, exact), or `qty * faceValue / price` cut to
 * the venue's own unit, ties to even (inverse: that rounding is the venue's rule).
 *
 * @param price  > 0; linear also takes 0 and, for bankruptcy prices, less
 * @returns      settlement units
 * @throws RangeError when an inverse price is 0
 */
export function valueAt(market: Market, qty: Qty, price: Price): Money {
  if (market.kind === 'linear') return value(qty, price);
  return quotient('money', perUnit(qty, market.faceValue), price, market.valueScale, 'even');
}

/** +1 where the owner gains when the leg's value grows: a linear long, an inverse short; else -1. */
const gainSign = (leg: Pick<Leg, 'market' | 'side'>): 1 | -1 =>
  (leg.side === 'long') === (leg.market.kind === 'linear') ? 1 : -1;

/**
 * Profit of closing `qty` of a leg at a price, against its part of the entry value.
 *
 *   side * (value - entryPart), side * -1 for inverse
 *
 * @returns settlement units, signed
 */
export function profit(leg: Pick<Leg, 'market' | 'side'>, valueNow: Money, entryPart: Money): Money {
  return gainSign(leg) === 1 ? valueNow.minus(entryPart) : entryPart.minus(valueNow);
}

/**
 * Unrealized profit of a leg at a mark, settlement units. Exact but for the venue's own cut of an
 * inverse value.
 */
export function unrealizedPnl(leg: Leg, mark: Price): Money {
  return profit(leg, valueAt(leg.market, leg.qty, mark), leg.entryValue);
}

/** Notional on which maintenance is taken: at mark or at entry, as the rules say. Settlement units, >= 0. */
export function maintenanceNotional(leg: Leg, mark: Price): Money {
  return leg.rules.notionalAt === 'entry' ? leg.entryValue : valueAt(leg.market, leg.qty, mark);
}

/**
 * The part of the entry value that `qty` of the leg carries: all of it for the whole leg, else cut
 * downward at MONEY_SCALE; what is cut stays with the rest.
 *
 * @throws RangeError when `qty` is negative or above the leg's
 */
export function entryPart(leg: Leg, qty: Qty): Money {
  if (qty.isNegative() || leg.qty.lt(qty)) throw new RangeError(`no part of ${leg.qty}: ${qty}`);
  if (qty.eq(leg.qty)) return leg.entryValue;
  return quotient('money', product('money', leg.entryValue, qty), leg.qty, MONEY_SCALE, 'down');
}
