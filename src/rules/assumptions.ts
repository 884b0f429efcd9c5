/** What nobody published. A sensitivity run changes these and nothing else; every report lists them. */
import type { Money, Price, Rate } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { MarketId } from './market.ts';

/** Path of a candle inside its bar; see src/load/withinBar.ts. */
export type Timing = 'common' | 'openHighLowClose' | 'openLowHighClose' | 'bySign';

export interface Assumptions {
  readonly timing: Timing;
  readonly population: PopulationAssumption;
  readonly fills: FillAssumption;
  readonly feedback: FeedbackAssumption;
  /** Opening cash of each fund by name. */
  readonly fundOpening: Readonly<Record<string, Money>>;
  /** Share of each forced order that is taken by winners who close, drawn by seed; 0 .. 1. */
  readonly winnersTake: Rate;
  /** Set by `stress`, `frontier` and `sweep`: what the day differs in from the recorded one, in order. */
  readonly shocks?: readonly string[];
  /** Set by `--convert`: the prices by which positions and collateral were restated in another contract. */
  readonly restated?: readonly {
    readonly market: MarketId;
    readonly from: string;
    readonly to: string;
    readonly mark: Price;
    readonly index: Price;
  }[];
}

/** What accounts do by themselves during the event; all 0: nobody reacts, comes or goes. */
export interface BehaviourAssumption {
  /** Share of accounts, hedgers apart, with a stop-loss somewhere on the way to liquidation. */
  readonly stopShare: Rate;
  /** Share of accounts, hedgers apart, that add half of their margin once. */
  readonly topUpShare: Rate;
  /** Share of each beat's traded quantity that opens positions, and as much that closes them; 0 .. 1. */
  readonly turnover: Rate;
  /**
   * What becomes of a new position whose leverage the rules of a world do not allow. reject: the trader keeps the
   * notional and stays away; scale: keeps the margin and opens what it carries.
   */
  readonly overLeverage: 'reject' | 'scale';
}

export type LeverageMix = 'HL2025' | 'MID' | 'BMX2019';

export type PopulationAssumption =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'synthetic';
      /** Accounts per market, long and short together. */
      readonly accounts: number;
      /** Open interest of each market, one side: base units (linear) or contracts (inverse). */
      readonly openInterest: Readonly<Record<MarketId, Money>>;
      /** The range that the report reruns at both ends, as multipliers of openInterest. */
      readonly openInterestRange: readonly [Rate, Rate];
      readonly leverageMix: LeverageMix;
      /** Weight of the high-leverage part of the mix; null: the mix's own. */
      readonly highLeverageShare: Rate | null;
      /** chi: share of traded quantity that opened positions before the event, and as much that closed them. */
      readonly churn: Rate;
      /** Share of accounts (by number) that can be liquidated at all; docs/method.md (Population). */
      readonly liquidatableShare: Rate;
      readonly isolatedShare: Rate;
      /** Share of accounts in hedge mode with a leg on each side. */
      readonly hedgeShare: Rate;
      /** Share of accounts with legs in every market of one settlement asset (cross). */
      readonly multiMarketShare: Rate;
      readonly restingOrderShare: Rate;
      readonly behaviour: BehaviourAssumption;
    };

export interface FillAssumption {
  /** Share of a beat's traded quantity that forced orders may take; 0 .. 1. */
  readonly participation: Rate;
  /** Square-root-law prefactor Y of docs/method.md (Impact); 0: no impact. */
  readonly impact: number;
  /** Upper bound of the stress multiplier m_t. */
  readonly stressMax: number;
  readonly kernel: 'power' | 'exp120' | 'plateau';
}

export interface FeedbackAssumption {
  /** kappa: share of a perpetual-only impact that reaches the index; 0 .. 1. */
  readonly passThrough: number;
  /** tau_arb: time in which it does. */
  readonly arbitrageUs: Micros;
}

/** What the 20 days before the event say about calm trading; computed from daily candles, per market. */
export interface Calm {
  /** Standard deviation of daily log returns. */
  readonly sigmaDaily: number;
  /** Mean daily traded quantity, base units (linear) or contracts (inverse). */
  readonly volumeDaily: number;
}
