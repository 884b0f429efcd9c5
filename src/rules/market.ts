/** Facts about a market: what is traded and in which units. Never changed by a counterfactual. */
import type { Money, Price, Qty, Rate } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';

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
  /** A market without a stream of its own, priced from another's index. Absent: it has its own. */
  readonly derived?: Derived;
  /** Market whose index stands for the underlying where several are on one; absent: see `riskUnitOf`. */
  readonly riskUnit?: MarketId;
}

/**
 * A market that is priced from the index of another: its mark is an assumption, never a record.
 *
 *   future  index * (1 + basis)
 *   option  European, Black-Scholes on the index; its price in quote units, or in coin (price / index)
 *
 * It trades in no book: forced closes are at the mark. It must outlive the window of its scenario.
 */
export type Derived =
  | {
      readonly kind: 'future';
      readonly underlying: MarketId;
      readonly expiryUs: Micros;
      /** Distance of the mark from the index, a share of the index, signed. */
      readonly basis: Rate;
    }
  | {
      readonly kind: 'option';
      readonly underlying: MarketId;
      readonly expiryUs: Micros;
      readonly right: 'call' | 'put';
      /** Quote units per base unit, > 0. */
      readonly strike: Price;
      /** Yearly volatility of this leg's point of the surface, > 0: 0.8 is 80 %. */
      readonly volatility: Rate;
      /** What its price counts: quote units, or coin of the underlying (Deribit). */
      readonly premium: 'quote' | 'coin';
    };

/** The underlying by which positions offset each other: as stated, that of a derived market, else its own. */
export const riskUnitOf = (market: Market): MarketId =>
  market.riskUnit ?? market.derived?.underlying ?? market.id;

/** Market whose index serves a market: its own, or that of what it is derived from. */
export const indexMarketOf = (market: Market): MarketId => market.derived?.underlying ?? market.id;

/** Whether a leg in the market is an option. */
export const isOption = (market: Market): boolean => market.derived?.kind === 'option';
