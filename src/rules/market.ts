/** Facts about a market: what is traded and in which units. Never changed by a counterfactual. */
import type { Money, Price, Qty } from '../basics/exact.ts';

export type MarketId = string;
export type Asset = string;
export type Side = 'long' | 'short';

export interface Market {
  readonly id: MarketId;
  /** linear: value = qty * price in the quote asset. inverse: value = contracts * faceValue / price in coin. */
  readonly kind: 'linear' | 'inverse';
  /** Asset in which margin, profit and fees are paid. */
  readonly settle: Asset;
  readonly priceTick: Price;
  readonly qtyStep: Qty;
  /** Inverse: quote units per contract. Linear: size of a contract, for streams that count them; else 1. */
  readonly faceValue: Money;
  /** Inverse only: decimal places to which a position's value is cut (the venue's unit: 8 is a satoshi). */
  readonly valueScale: number;
}
