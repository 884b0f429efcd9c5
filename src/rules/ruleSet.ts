/**
 * What a venue decides, as data: one mechanism name per slot plus its cited numbers. A
 * counterfactual changes these and nothing else. Every number has a source in `sources`, found by
 * the longest path prefix, or the word "assumed".
 */
import type { Money, Price, Rate } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { Asset, MarketId } from './market.ts';

export interface RuleSet {
  readonly id: string;
  readonly title: string;
  readonly venue: string;
  readonly inForce: { readonly from: Micros; readonly until: Micros | null };
  readonly markets: Readonly<Record<MarketId, MarketRules>>;
  readonly trigger: TriggerRule;
  readonly reduction: ReductionRule;
  readonly order: OrderRule;
  readonly takeover: TakeoverRule;
  readonly freeze: FreezeRule;
  /** What a closed account's remaining margin becomes. */
  readonly residue: 'toTrader' | 'toFund';
  readonly victimOrder: 'mostExposed' | 'byId';
  readonly funds: readonly FundRule[];
  readonly adl: AdlRule;
  readonly stageOrder: readonly Stage[];
  readonly sources: Readonly<Record<string, Source>>;
}

/** Stages 4, 5, 7 and 8 of a beat (docs/architecture.md): the only ones that a rule set may reorder. */
export type Stage = 'mark' | 'funding' | 'liquidation' | 'adl';

export interface Source {
  readonly cite: string;
  readonly confidence: 'verified' | 'derived' | 'recalled' | 'assumed';
  readonly note?: string;
}

export interface MarketRules {
  readonly tiers: readonly MarginTier[];
  /** What decides the tier: notional value, or the number of contracts. */
  readonly tierKey: 'notional' | 'qty';
  /** Price at which maintenance notional is taken. */
  readonly notionalAt: 'mark' | 'entry';
  readonly index: IndexRule;
  readonly mark: MarkRule;
  readonly funding: FundingRule;
  readonly clearanceFee: readonly ClearanceFeeRow[];
  readonly bankruptcy: BankruptcyRule;
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
  readonly aggregator: 'weightedMean' | 'equalMean' | 'median' | 'weightedMedian';
  /** Weights by constituent name; empty for equalMean and median. Renormalised over the survivors. */
  readonly weights: Readonly<Record<string, Rate>>;
  readonly outlier:
    | { readonly kind: 'none' }
    | { readonly kind: 'exclude'; readonly band: Rate }
    | { readonly kind: 'clamp'; readonly band: Rate }
    /** One source beyond the band: excluded. More than one: the index is the median. */
    | { readonly kind: 'medianSwitch'; readonly band: Rate };
  readonly stale: { readonly afterUs: Micros; readonly mode: 'drop' | 'hold' };
  readonly quorum: {
    readonly two: 'mean' | 'hold';
    readonly one: 'use' | 'hold';
    readonly zero: 'hold' | 'halt';
  };
}

/** Moving basis: mean of the last `windowUs / sampleUs` samples of mid - index. */
export interface BasisWindow {
  readonly windowUs: Micros;
  readonly sampleUs: Micros;
}

export type MarkRule = { readonly tick: Price; readonly rounding: 'up' | 'down' | 'even' } & (
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
  | { readonly kind: 'boundedEma'; readonly samples: number; readonly sampleUs: Micros; readonly band: Rate }
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
}

export interface TriggerRule {
  /** true: equity equal to maintenance margin is liquidated (Binance). */
  readonly inclusive: boolean;
}

export type ReductionRule =
  | { readonly kind: 'full' }
  /** Smallest lot count after which the venue's own trigger is false (docs/method.md (Partial liquidation)). */
  | {
      readonly kind: 'solve';
      readonly buffer: { readonly kind: 'multiplicative' | 'additive'; readonly value: Rate };
    }
  /** A fixed share first where the notional is above `above`; the next try closes all. */
  | { readonly kind: 'fraction'; readonly fraction: Rate; readonly above: Money }
  | { readonly kind: 'tierStepDown'; readonly tiers: number };

export interface OrderRule {
  readonly kind: 'ioc' | 'fok' | 'market' | 'atMark' | 'atBankruptcy';
}

export type TakeoverRule =
  | { readonly when: 'atOnce' }
  | { readonly when: 'markAtBankruptcy' }
  | { readonly when: 'afterTries'; readonly tries: number };

export interface FreezeRule {
  /** The account can no longer act from the verdict, or only once its order is out. */
  readonly at: 'atVerdict' | 'atOrder';
  /** Margin-call grace between verdict and first order. */
  readonly graceUs: Micros;
}

export interface FundRule {
  readonly name: string;
  readonly asset: Asset;
  readonly markets: readonly MarketId[];
  /** Share of positive funding payments that flows in (source document 002); 0 elsewhere. */
  readonly fundingShare: Rate;
  readonly injections: readonly { readonly atUs: Micros; readonly amount: Money }[];
  /** Operator's contribution that lifts cash to this floor whenever it is below; null: none. */
  readonly floor: Money | null;
  /** Negative balances are covered at once (0) or every so many microseconds. */
  readonly clearEveryUs: Micros;
  readonly unwind:
    | { readonly kind: 'hold' }
    /** limit: none, or never worse than the lot's bankruptcy price. */
    | {
        readonly kind: 'work';
        readonly participation: Rate;
        readonly afterUs: Micros;
        readonly limit: 'none' | 'bankruptcy';
      };
  readonly refusal: {
    /** Refuses when cash plus inventory at mark is not above 0. */
    readonly empty: boolean;
    /** Refuses when |net notional of inventory| would exceed this share of the fund. */
    readonly netNotionalCap: Rate | null;
    /** Refuses for `pauseUs` after a fall of `fraction` from the highest value within `windowUs`. */
    readonly drawdown: {
      readonly fraction: Rate;
      readonly windowUs: Micros;
      readonly pauseUs: Micros;
    } | null;
  };
}

export interface AdlRule {
  /** none: the fund carries everything and `house` pays what it cannot. */
  readonly ranking: 'binance' | 'profitTimesLeverage' | 'profitOnly' | 'none';
  readonly triggers: readonly ('fundRefuses' | 'noFillAtMark')[];
  readonly ties: 'proRata' | 'byId';
  readonly shortage: 'market' | 'socialise' | 'house';
}
