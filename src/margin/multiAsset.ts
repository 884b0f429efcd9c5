/**
 * Margin in several assets (Binance multi-assets mode): what an asset counts for, and what must be
 * sold to cover a deficit. Only `cascade conformance` asks: the replay keeps one pocket per settlement
 * asset (single-asset mode).
 */
import { type Money, ONE, PRICE_SCALE, type Price, quotient, type Rate } from '../basics/exact.ts';

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
