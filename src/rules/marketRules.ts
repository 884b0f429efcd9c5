/** What a venue decides about one market: margin tiers, index, mark, funding, fees. */
import type { Money, Price, Rate } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { ContractTerms } from './contract.ts';

export interface MarketRules {
  readonly tiers: readonly MarginTier[];
  /**
   * Added to the tier's rates for every unit of size: base units (linear), settlement units of notional
   * (inverse). Deribit: 0.00005 per BTC. Absent: 0.
   */
  readonly sizeSlope?: { readonly maintenance: Rate; readonly initial: Rate };
  /** Closing fee that the requirement includes, a share of notional (OKX). Absent: 0. */
  readonly closingFee?: Rate;
  /** Requirements are rounded up to this many decimal places (dYdX: 6). Absent: exact. */
  readonly requirementScale?: number;
  /** What decides the tier: notional value, or the number of contracts. */
  readonly tierKey: 'notional' | 'qty';
  /** Price at which maintenance notional is taken. */
  readonly notionalAt: 'mark' | 'entry';
  readonly index: IndexRule;
  readonly mark: MarkRule;
  readonly funding: FundingRule;
  readonly clearanceFee: readonly ClearanceFeeRow[];
  readonly bankruptcy: BankruptcyRule;
  /** The contract that the venue lists. Absent: not stated; a scenario's market stands in any case. */
  readonly contract?: ContractTerms;
}

export interface MarginTier {
  /**
   * Upper bound, inclusive, in settlement units (tierKey notional) or contracts/base units (qty); the last
   * also serves above.
   */
  readonly upTo: Money;
  readonly maintenanceRate: Rate;
  /** Maintenance deduction ("maintenance amount", "cum"), settlement units; 0 in a step schedule. */
  readonly maintenanceDeduction: Money;
  readonly initialRate: Rate;
}

export interface BankruptcyRule {
  /** Closing fee inside the bankruptcy price; 0 where the venue leaves it out. */
  readonly feeRate: Rate;
  /** none: kept at 12 decimal places; tickAgainstUser: to the tick, up for a long, down for a short. */
  readonly rounding: 'none' | 'tickAgainstUser';
}

/** The first row that fits serves. A missing condition fits everything. */
export interface ClearanceFeeRow {
  readonly rate: Rate;
  readonly from?: Micros;
  readonly until?: Micros;
  readonly mode?: 'isolated' | 'cross';
  /** Applies where the position's notional is at most this. */
  readonly upTo?: Money;
}

export interface IndexRule {
  /** inverseSquare: weightedMean first, then each source weighs 1 / (distance from it)^2 (Bybit 2020). */
  readonly aggregator: 'weightedMean' | 'equalMean' | 'median' | 'weightedMedian' | 'inverseSquare';
  /** Weights by constituent name; empty for equalMean and median. Renormalised over the survivors. */
  readonly weights: Readonly<Record<string, Rate>>;
  /** Later sets of weights, each from its instant on (quarterly weights), ascending. Absent names weigh 0. */
  readonly weightSets?: readonly {
    readonly fromUs: Micros;
    readonly weights: Readonly<Record<string, Rate>>;
  }[];
  /** How often the index is formed; held in between. Absent: every beat. A multiple of the beat. */
  readonly everyUs?: Micros;
  readonly outlier:
    | { readonly kind: 'none' }
    /** At least the band off the median: excluded. readmit absent: back as soon as it is inside the band. */
    | { readonly kind: 'exclude'; readonly band: Rate; readonly readmit?: ReadmitRule }
    | { readonly kind: 'clamp'; readonly band: Rate }
    /** One source beyond the band: excluded. More than one: the index is the median. */
    | { readonly kind: 'medianSwitch'; readonly band: Rate };
  /** since: age counts from the last observation (absent), or from the last change of the price (Bybit). */
  readonly stale: {
    readonly afterUs: Micros;
    readonly mode: 'drop' | 'hold';
    readonly since?: 'observation' | 'change';
  };
  readonly quorum: {
    /**
     * holdBeyond: mean, but the last index while a source is at least this share off: off the index as it
     * would be formed now (BitMEX 2017: "the currently calculated index value"), or off the median of the
     * two (BitMEX from 2020-12-16).
     */
    readonly two: 'mean' | 'hold' | { readonly holdBeyond: Rate; readonly of: 'current' | 'median' };
    /** holdBeyond: use, but the last index while the source is at least this share off that. */
    readonly one: 'use' | 'hold' | { readonly holdBeyond: Rate };
    readonly zero: 'hold' | 'halt';
  };
}

/**
 * How an excluded source comes back: inside `medianBand` of the median of the others while two of them
 * are left, or one and the index is live; else inside `indexBand` of the index; for `waitUs` without a
 * break (BitMEX, 14 August 2020). never: by hand, so not within a run.
 */
export type ReadmitRule =
  | 'never'
  | { readonly medianBand: Rate; readonly indexBand: Rate; readonly waitUs: Micros };

/** Moving basis: mean of the last `windowUs / sampleUs` samples of mid - index. */
export interface BasisWindow {
  readonly windowUs: Micros;
  readonly sampleUs: Micros;
}

export type MarkRule = {
  readonly tick: Price;
  readonly rounding: 'up' | 'down' | 'even';
  /** How often the venue publishes a mark; held in between. Absent: every beat. A multiple of the beat. */
  readonly everyUs?: Micros;
} & (
  | { readonly kind: 'medianOfThree'; readonly basis: BasisWindow }
  /**
   * rate: the last stamp's (absent) or that of the running interval, where the venue fixes it at its start
   * (BitMEX).
   */
  | { readonly kind: 'fundingBasis'; readonly rate?: 'lastStamp' | 'runningInterval' }
  /** index + EMA(last - index); alpha = 2 / (samples + 1) per sample. Source document 000. */
  | { readonly kind: 'emaBasis'; readonly samples: number; readonly sampleUs: Micros }
  | { readonly kind: 'indexPlusBasisMean'; readonly basis: BasisWindow }
  /** index + EMA(bounded mid - index), mid bounded to index*(1 +- band). */
  | {
      readonly kind: 'boundedEma';
      readonly samples: number;
      readonly sampleUs: Micros;
      readonly band: Rate;
      /** The mark itself is kept within index * (1 - below) .. index * (1 + above). Absent: not bounded. */
      readonly markBand?: { readonly below: Rate; readonly above: Rate };
    }
  /**
   * Median of index + EMA(mid - index), of median(bid, ask, last), and of the weighted median of other
   * venues' perpetuals where a scenario has them; with only two of them the EMA of the second is the
   * third. EMAs are weighted by elapsed time: num <- num e^(-t/tau) + x t, den <- den e^(-t/tau) + t (Hyperliquid).
   */
  | {
      readonly kind: 'oracleMedian';
      readonly emaUs: Micros;
      readonly bookEmaUs: Micros;
      /** Weights of other venues' perpetuals by stream name. */
      readonly references: Readonly<Record<string, Rate>>;
    }
  /** The last trade brought between bid and ask, then into index * (1 +- band) (Deribit 2016-2018). */
  | { readonly kind: 'clampedLast'; readonly band: Rate }
  | { readonly kind: 'indexOnly' }
  | { readonly kind: 'lastPrice' }
  | { readonly kind: 'replayed' }
);

export interface FundingRule {
  readonly intervalUs: Micros;
  /** First stamp of the UTC day: 0 for 00/08/16, four hours for 04/12/20. */
  readonly offsetUs: Micros;
  /** Decimal places of a payment in the settlement asset; the residual goes to `market`. null: exact. */
  readonly paymentScale: number | null;
  /** Absent: the recorded rates. */
  readonly rate?: FundingRateRule;
}

/**
 * A rate made by the venue's own formula from the replayed prices.
 *
 *   premium     P from impact prices where a book is recorded, else (mid proxy - index) / index
 *   clamped     F = mean(P) + clamp(interest - mean(P), -damper, damper) over periodUs, then capped
 *   dampened    F = max(damper, P) + min(-damper, P) with P = (mark - index) / index, each sample's
 *               share of `periodUs` (Deribit)
 */
export type FundingRateRule =
  | {
      readonly kind: 'clamped';
      readonly sampleUs: Micros;
      /** equal, or growing linearly with time. */
      readonly weighting: 'equal' | 'linear';
      /** Of one period. A damper of null adds the interest whole: F = mean(P) + interest (dYdX). */
      readonly interest: Rate;
      readonly damper: Rate | null;
      /** |F| of one period at most this; null: none. */
      readonly cap: Rate | null;
      /** |change of F| of one period from the interval before at most this; null: none (BitMEX: 0.75 x maintenance). */
      readonly changeCap: Rate | null;
      /** What interest, damper and caps speak of: F is paid as F * intervalUs / periodUs (8 h paid hourly). */
      readonly periodUs: Micros;
      /** true: the rate of one interval is charged at the end of the next (BitMEX). */
      readonly announced: boolean;
      /**
       * What the impact prices are compared with: the index (absent), or the mark, to whose premium the
       * mark's own distance from the index is added (BitMEX: impact against the fair price + fair basis).
       */
      readonly against?: 'index' | 'mark';
      /** Quote notional of an impact price. */
      readonly impactNotional: Money;
    }
  | {
      readonly kind: 'dampened';
      readonly sampleUs: Micros;
      readonly damper: Rate;
      readonly periodUs: Micros;
    };
