/**
 * What a venue would tell, before any venue's spelling: stored rows become happenings (story.ts),
 * happenings become messages (binance.ts, bitmex.ts, bybit.ts).
 */
import type { Money, Price, Qty } from '../../basics/exact.ts';
import type { Micros } from '../../basics/instant.ts';
import type { Asset, Market, Side } from '../../rules/market.ts';
import type { Held, HeldLeg } from './holdings.ts';

/**
 * Who made an order: the liquidation engine in the book, the engine handing the position to the fund
 * or to winners at the bankruptcy price, ADL closing a winner, the account itself, or its stop-loss: a market
 * order.
 */
export type OrderBy = 'liquidation' | 'takeover' | 'adl' | 'owner' | 'stop';

export interface ToldOrder {
  /** Number of the event: unique in its world. */
  readonly id: number;
  readonly held: Held;
  readonly market: Market;
  /** Side of the position. */
  readonly position: Side;
  /** Whether the order makes the position smaller. */
  readonly closes: boolean;
  readonly by: OrderBy;
  /** Order rule of the venue (ioc, fok, market, ...); for orders outside the book `offBook`. */
  readonly rule: string;
  readonly qty: Qty;
  /** null: no limit. */
  readonly limit: Price | null;
  /** Price at which the pocket's equity is zero; the price of the close for orders outside the book. */
  readonly bankruptcyPrice: Price;
  readonly placedUs: Micros;
  /** Filled so far. */
  filled: Qty;
  /** Value of what was filled, settlement units. */
  value: Money;
  /** Clearance fee so far. */
  fee: Money;
}

/** One fill of an order. */
export interface ToldFill {
  readonly id: number;
  readonly qty: Qty;
  readonly price: Price;
  readonly value: Money;
  readonly fee: Money;
  /** Realized profit before fees. */
  readonly profit: Money;
}

/** Why balances or positions of an account changed. */
export type BookedFor =
  | 'order'
  | 'funding'
  | 'insurance'
  | 'deposit'
  | 'withdrawal'
  | 'margin'
  | 'exchange'
  | 'adjustment';

export type Happening = { readonly tsUs: Micros } & (
  | {
      readonly kind: 'mark';
      readonly market: Market;
      readonly mark: Price;
      readonly index: Price;
      readonly last: Price;
      readonly openInterest: Qty;
      readonly nextFundingUs: Micros;
    }
  | { readonly kind: 'marginCall'; readonly held: Held; readonly legs: readonly HeldLeg[] }
  | { readonly kind: 'placed'; readonly order: ToldOrder }
  | { readonly kind: 'filled'; readonly order: ToldOrder; readonly fill: ToldFill }
  /** The rest of an order that is not filled any more. */
  | { readonly kind: 'expired'; readonly order: ToldOrder }
  /** A forced order is over: what the public liquidation stream tells. */
  | { readonly kind: 'liquidated'; readonly order: ToldOrder; readonly averagePrice: Price }
  | {
      readonly kind: 'booked';
      readonly id: number;
      readonly held: Held;
      readonly why: BookedFor;
      /** Balance changes of this booking that are no trading profit and no fee. */
      readonly changes: ReadonlyMap<Asset, Money>;
      /** Assets that the booking was about. */
      readonly assets: readonly Asset[];
      readonly legs: readonly HeldLeg[];
      /** What is under way with the account. */
      readonly status: 'normal' | 'liquidation' | 'adl';
      /** Place of the position in the ADL queue at its deleveraging, 1 .. 5; null where not known. */
      readonly lights: number | null;
    }
  | { readonly kind: 'lights'; readonly held: Held; readonly leg: HeldLeg; readonly lights: number }
  | {
      readonly kind: 'fund';
      readonly fund: string;
      readonly asset: Asset;
      readonly cash: Money;
      readonly markets: readonly string[];
      /** Whether it is part of a snapshot rather than a change. */
      readonly snapshot: boolean;
    }
  | { readonly kind: 'snapshot'; readonly held: Held }
);

/** `K` of the happenings. */
export type HappeningOf<K extends Happening['kind']> = Extract<Happening, { kind: K }>;

/** Side of an order in words of the book. */
export const buys = (order: Pick<ToldOrder, 'position' | 'closes'>): boolean =>
  (order.position === 'long') !== order.closes;
