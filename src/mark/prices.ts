/** What the mark room hands to the engine: one of these per market and beat. */
import type { Price, Rate } from '../basics/exact.ts';

export interface MarketPrice {
  readonly mark: Price;
  /** mark.toNumber(): made from the exact, never the reverse. */
  readonly markF64: number;
  readonly index: Price;
  readonly last: Price;
  readonly lastF64: number;
  /** Parts of the mark, for `explain`: price1 (funding), price2 (moving basis); null where the rule has none. */
  readonly price1: Price | null;
  readonly price2: Price | null;
  /** Which part won, or the rule's name. */
  readonly from: string;
  /**
   * Constituents by the index rule's verdict, in the scenario's order: u used, x excluded, c clamped,
   * s stale, m in the plain median of all, - none yet.
   */
  readonly provenance: string;
  /** true when the index could not be formed anew and the last one was held. */
  readonly held: boolean;
}

/** Counterfactual displacement of log price (X) and log index (Y); both 0 in a baseline. */
export interface Tilt {
  readonly x: number;
  readonly y: number;
}

export type FundingRateAt = (tsUs: number) => Rate | null;
