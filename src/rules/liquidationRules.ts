/** How a venue liquidates: who fails, what is closed first, with which order, and when it is taken over. */
import type { Money, Qty, Rate } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';

export interface TriggerRule {
  /** true: equity equal to maintenance margin is liquidated (Binance). */
  readonly inclusive: boolean;
}

/**
 * What is closed first. `netFirst`: before anything else a long and a short of one market cancel at the mark,
 * free of fee (OKX).
 */
export type ReductionRule = { readonly netFirst?: true } & (
  | { readonly kind: 'full' }
  /** Smallest lot count after which the venue's own trigger is false (docs/method.md (Partial liquidation)). */
  | {
      readonly kind: 'solve';
      readonly buffer: { readonly kind: 'multiplicative' | 'additive'; readonly value: Rate };
    }
  /**
   * A fixed share first where the notional is above `above`; the next try closes all. With a cool-down
   * the next try waits that long (Hyperliquid: 20 % above 100,000 USDC, then 30 s).
   */
  | {
      readonly kind: 'fraction';
      readonly fraction: Rate;
      readonly above: Money;
      readonly cooldownUs?: Micros;
    }
  /**
   * To the top of the tier that many below (BitMEX, Bybit: 1; OKX: 2), or of the first. Closed whole: in
   * a tier below `fromTier` (counted from 1), in the first tier, and, with `unlessBelowFirst`, when the
   * equity is below what the first tier's rate asks for. Between two steps the account waits `pauseUs`.
   */
  | {
      readonly kind: 'tierStepDown';
      readonly tiers: number | 'toFirst';
      readonly fromTier?: number;
      readonly unlessBelowFirst?: true;
      readonly pauseUs?: Micros;
    }
  /** At most `maxQty` an order, `perSecond` orders a second, until the trigger is false (Deribit). */
  | { readonly kind: 'increments'; readonly maxQty: Qty; readonly perSecond: number }
  /**
   * A block's share of each position, at least `least` notional, at most `accountMost` notional an account
   * and block (dYdX v4).
   */
  | {
      readonly kind: 'blockLimit';
      readonly share: Rate;
      readonly least: Money;
      readonly accountMost: Money;
      readonly blockUs: Micros;
    }
  /**
   * The quantity that restores maintenance plus `buffer` of notional (as `solve`), of which a share grows
   * with time: `start` + elapsed * `perSecond`, at most 1; a shortage below `closeAllBelow` needs no ramp (Drift).
   */
  | {
      readonly kind: 'ramp';
      readonly buffer: Rate;
      readonly closeAllBelow: Money;
      readonly start: Rate;
      readonly perSecond: Rate;
    }
);

export type OrderRule =
  | { readonly kind: 'ioc' | 'fok' | 'market' | 'atMark' | 'atBankruptcy' }
  /**
   * Limit at the fillable price: mark * (1 -+ spread * maintenanceRate * clamp(adjustment * (1 - equity /
   * maintenance), 0, 1)) (dYdX v4).
   */
  | { readonly kind: 'fillable'; readonly spread: Rate; readonly adjustment: Rate };

export type TakeoverRule =
  | { readonly when: 'atOnce' }
  | { readonly when: 'markAtBankruptcy' }
  | { readonly when: 'afterTries'; readonly tries: number }
  /** As soon as equity is below this share of maintenance (Hyperliquid: 2/3); the margin goes along. */
  | { readonly when: 'equityBelow'; readonly share: Rate };

export interface FreezeRule {
  /** The account can no longer act from the verdict, or only once its order is out. */
  readonly at: 'atVerdict' | 'atOrder';
  /** Margin-call grace between verdict and first order. */
  readonly graceUs: Micros;
}

/** Limits on the engine's own speed. What waits is recorded as time in the queue. */
export interface SpeedRule {
  /** Accounts whose liquidation may begin in one second; null: any number. */
  readonly accountsPerSecond: number | null;
  /** Orders sent in one second over all accounts; null: any number. */
  readonly ordersPerSecond: number | null;
  /** From verdict to first order. */
  readonly latencyUs: Micros;
}
