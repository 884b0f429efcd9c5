/**
 * What a venue decides, as data: one mechanism name per slot plus its cited numbers. A
 * counterfactual changes these and nothing else. Every number has a source in `sources`, found by
 * the longest path prefix, or the word "assumed".
 */
import type { Micros } from '../basics/instant.ts';
import type { CollateralRule, PortfolioRule } from './collateralRules.ts';
import type { AdlRule, FundRule } from './fundRules.ts';
import type {
  FreezeRule,
  OrderRule,
  ReductionRule,
  SpeedRule,
  TakeoverRule,
  TriggerRule,
} from './liquidationRules.ts';
import type { MarketId } from './market.ts';
import type { MarketRules } from './marketRules.ts';
import type { Tree } from './treeSchema.ts';

export type * from './collateralRules.ts';
export type * from './fundRules.ts';
export type * from './liquidationRules.ts';
export type * from './marketRules.ts';

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
  /** How assets count as margin; absent: an account has one settlement asset. */
  readonly collateral?: CollateralRule;
  /** Margin by scenarios over the whole account; absent: by the markets' tiers. */
  readonly portfolio?: PortfolioRule;
  /** How fast the engine can work; absent: without limit. */
  readonly speed?: SpeedRule;
  /** Changes at an instant inside a run, in order of time: a venue's own, or an emergency change. */
  readonly schedule?: readonly RuleChange[];
  /** Not yet proven against three published worked examples: lists and reports say so. */
  readonly unverified?: true;
  readonly sources: Readonly<Record<string, Source>>;
}

/** One dated change: at the first beat that ends at or after `atUs` every open position is judged anew. */
export interface RuleChange {
  readonly atUs: Micros;
  /** Path inside the rule set, as in an override: `markets.BTCUSDT.tiers`. */
  readonly path: string;
  /** New value, as it is written in a rule file. */
  readonly value: Tree;
  /** The slot that the path lies in, as it stands from then on; of several changes of an instant, after all. */
  readonly slots: RuleSlots;
}

/** What may change inside a run: what a venue decides, not what a file is. */
export type RuleSlots = Partial<
  Omit<RuleSet, 'id' | 'title' | 'venue' | 'inForce' | 'sources' | 'schedule' | 'unverified'>
>;

/** Stages 4, 5, 7 and 8 of a beat (docs/architecture.md): the only ones that a rule set may reorder. */
export type Stage = 'mark' | 'funding' | 'liquidation' | 'adl';

export interface Source {
  readonly cite: string;
  readonly confidence: 'verified' | 'derived' | 'recalled' | 'assumed';
  readonly note?: string;
}
