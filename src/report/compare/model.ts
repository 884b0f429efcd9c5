/**
 * What a comparison found, as plain data: `cascade compare` writes it as compare.json, prints it with
 * `--json`, and its report is made from it and from nothing else. Float64 throughout: bands of
 * differences are estimates that people read; the money behind them was exact.
 */

/** How a figure is named, measured and read; printed in the report and in docs/compare.md. */
export interface MetricDefinition {
  readonly name: string;
  readonly title: string;
  /** `money` is the settlement asset of the first market. */
  readonly unit: 'money' | 'accounts' | 'share' | 'contracts' | 'ratio' | 'min' | 'bp min';
  readonly formula: string;
  /** Which way is better for those whom the figure is about; '' where neither is. */
  readonly better: 'lower' | 'higher' | '';
  /** What the figure is about. */
  readonly group: string;
  /** Whether it stands on the first screen. */
  readonly headline: boolean;
}

export type Figures = Readonly<Record<string, number | null>>;

/** A rule set that is compared with the scenario's own. */
export interface CandidateFacts {
  /** As it was asked for. */
  readonly name: string;
  readonly rules: string;
  /** Overrides in the order in which they are applied. */
  readonly overrides: readonly string[];
}

export type Label = 'ROBUST' | 'INDICATIVE' | 'PREVIEW' | 'UNRESOLVED' | 'UNSTABLE';

/** Paired differences of one metric over the draws of one set: candidate less baseline. */
export interface Band {
  readonly draws: number;
  readonly median: number;
  /** 5 % and 95 % quantiles. */
  readonly low: number;
  readonly high: number;
  /** Share of draws that have the commonest sign, and that sign. */
  readonly sameSign: number;
  readonly sign: -1 | 0 | 1;
}

/** What the comparison says about one metric of one candidate. */
export interface Finding {
  readonly candidate: number;
  readonly metric: string;
  /** Median of the baseline over the central draws. */
  readonly baseline: number;
  readonly feedback: Band;
  readonly accounting: Band;
  readonly label: Label;
  /** Draws and cells behind the label, and why it is no better one. */
  readonly reasons: readonly string[];
}

/** How far one candidate's worlds left history, in one set of draws. */
export interface Stability {
  readonly candidate: number;
  readonly cell: string;
  readonly draws: number;
  /** Largest displacement of a price, log. */
  readonly displacement: number;
  /** Largest branching ratio. */
  readonly branching: number;
  /** Liquidated notional with feedback over that without; median. */
  readonly amplification: number | null;
}

export type Entry = 'remove' | 'topUp' | 'keep';

/** The headline without feedback, under one way to treat accounts that some rules would not admit. */
export interface EntryPanel {
  readonly policy: Entry;
  readonly accounts: number;
  /** Notional of the accounts concerned at the first mark, settlement units. */
  readonly notional: number;
  /** Money added where accounts are topped up. */
  readonly added: number;
  readonly baseline: Figures;
  readonly candidates: readonly Figures[];
}

/** How surely a headline difference follows an assumption over the central draws. */
export interface Driver {
  readonly candidate: number;
  readonly metric: string;
  /** Path of the assumption. */
  readonly path: string;
  /** Spearman's, -1 to 1. */
  readonly correlation: number;
  readonly draws: number;
}

/** A bucket of the hazard profile: medians over the populations of the central draws. */
export interface HazardBucket {
  /** -1: the baseline. */
  readonly candidate: number;
  readonly market: string;
  readonly side: string;
  /** Ends over the first mark, less 1. */
  readonly low: number;
  readonly high: number;
  readonly notional: number;
}

/** The branching ratio of the first market over time: medians over the central draws. */
export interface BranchingLine {
  /** -1: the baseline; candidates with feedback. */
  readonly candidate: number;
  readonly points: readonly { readonly startUs: number; readonly ratio: number }[];
}

/** A line of facts, rules or assumptions, with where it comes from. */
export interface Statement {
  readonly name: string;
  readonly value: string;
  readonly source: string;
  readonly confidence: string;
}

export interface DrawFacts {
  readonly number: number;
  readonly cell: string;
  readonly seed: string;
  readonly overrides: readonly string[];
}

export interface CompareResult {
  readonly id: string;
  readonly title: string;
  readonly scenario: string;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly beatUs: number;
  readonly asset: string;
  readonly market: string;
  readonly seed: string;
  readonly code: string;
  readonly baseline: { readonly rules: string; readonly title: string };
  readonly candidates: readonly CandidateFacts[];
  readonly entry: Entry;
  readonly entries: readonly EntryPanel[];
  readonly metrics: readonly MetricDefinition[];
  readonly findings: readonly Finding[];
  readonly stability: readonly Stability[];
  readonly drivers: readonly Driver[];
  readonly hazard: readonly HazardBucket[];
  readonly branching: readonly BranchingLine[];
  readonly draws: readonly DrawFacts[];
  readonly cells: readonly string[];
  readonly caveats: readonly string[];
  readonly facts: readonly Statement[];
  /** Of the baseline. */
  readonly rules: readonly Statement[];
  readonly assumptions: readonly Statement[];
}
