/** Margin over several assets, and margin by scenarios over a whole account. */
import type { Money, Rate } from '../basics/exact.ts';
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
      /** Volatility shocks, absolute, both signs are tried. Assumed. */
      readonly volShocks: readonly Rate[];
      /** Extreme move, and the share of its loss that counts. */
      readonly extreme: { readonly move: Rate; readonly share: Rate };
      /** Charge on the smaller side of offsetting dated and perpetual legs, a share of notional (basis risk). */
      readonly basisCharge: Rate;
      /** Least charge of each derivative leg, a share of notional. */
      readonly minimumCharge: Rate;
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
