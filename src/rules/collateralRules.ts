/** Margin over several assets, and margin by scenarios over a whole account. */
import type { Money, Rate } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { Asset, MarketId } from './market.ts';

/**
 * Cross accounts count all their assets: equity = sum(balance * rate * (1 - haircut)) + profit, with
 * rate = index * (1 - bidBuffer) for balances above 0 and index * (1 + askBuffer) below (Binance
 * multi-assets, Bybit UTA). Isolated legs keep their own margin.
 */
export interface CollateralRule {
  readonly kind: 'multi';
  /** Asset in which the account is valued; its own rate is 1. */
  readonly unit: Asset;
  readonly assets: Readonly<Record<Asset, CollateralAsset>>;
  /** Debts below this (a positive amount of `unit`) are covered by selling other assets; null: never. */
  readonly autoExchangeBelow: Money | null;
}

export interface CollateralAsset {
  readonly haircut: Rate;
  readonly bidBuffer: Rate;
  readonly askBuffer: Rate;
  /** Market whose index is the asset's price in `unit`; null: price 1 (a stable coin). */
  readonly index: MarketId | null;
}

/** Maintenance of all cross legs of an account together; isolated legs keep their tiers. */
export type PortfolioRule =
  /** Requirement = the largest loss over price and volatility shocks, plus charges (OKX). */
  | {
      readonly kind: 'okx';
      /** Relative shocks of the underlying, both signs are tried: 0, 0.05, 0.1, 0.15. */
      readonly spotShocks: readonly Rate[];
      /** What a shock is a share of: the index moves and the basis stays, or (absent) the mark moves. */
      readonly shockOf?: 'mark' | 'index';
      /** Volatility shocks, absolute, both signs are tried. Assumed. */
      readonly volShocks: readonly Rate[];
      /** Extreme move, and the share of its loss that counts. */
      readonly extreme: { readonly move: Rate; readonly share: Rate };
      /** Time whose passing alone the options must stand (MR2). Absent: not asked. */
      readonly decayUs?: Micros;
      /** Charge on the smaller side of offsetting dated and perpetual legs, a share of notional (basis risk). */
      readonly basisCharge: Rate;
      /** Charge on the net of all perpetuals, a share of notional, offset or not. Absent: 0. */
      readonly perpetualBasis?: Rate;
      /** Charge on the smaller side of futures that settle in different assets, a share of notional. Absent: 0. */
      readonly depegCharge?: Rate;
      /** Least charge of each derivative leg, a share of notional. */
      readonly minimumCharge: Rate;
      /** Factors on the least charge of a risk unit, each on the part of it between two bounds. Absent: 1. */
      readonly chargeTiers?: readonly ChargeTier[];
      /** Shares of every debt that are required on top (MR8); a debt bears no `initialFactor`. Absent: none. */
      readonly borrowing?: { readonly maintenance: Rate; readonly initial: Rate };
      /** Initial margin = maintenance * this. */
      readonly initialFactor: Rate;
    }
  /** Requirement = the worst of price buckets x volatility, an extended table, and contingencies (Deribit). */
  | {
      readonly kind: 'deribit';
      /** Widest move of the table, 0.16, cut into `buckets` on each side of 0. */
      readonly range: Rate;
      readonly buckets: number;
      readonly volUp: Rate;
      readonly volDown: Rate;
      /** Further moves, signed, each with the share of its loss that counts. */
      readonly extended: readonly { readonly move: Rate; readonly share: Rate }[];
      /** Charge on offsetting futures, a share of the smaller side's notional. */
      readonly contingency: Rate;
      readonly initialFactor: Rate;
    };

/** A factor on the part of a charge between the bound of the row before and its own; the last serves above it too. */
export interface ChargeTier {
  /** Unit of account, ascending. */
  readonly upTo: Money;
  readonly factor: Rate;
}
