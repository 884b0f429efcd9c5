/** What a sweep found, as plain data: its page is made from this and from nothing else. Float64: for people. */
import type { Micros } from '../../basics/instant.ts';
import type { Entry, Figures, MetricDefinition } from '../compare/model.ts';

export interface SweepSetting {
  readonly path: string;
  readonly value: string;
}

/** One point: medians over its seeds. */
export interface SweepPointFacts {
  readonly point: number;
  readonly settings: readonly SweepSetting[];
  readonly figures: Figures;
}

export interface SweepReport {
  readonly id: string;
  readonly title: string;
  /** Title and id. */
  readonly scenario: string;
  readonly scenarioId: string;
  readonly fromUs: Micros;
  readonly untilUs: Micros;
  readonly rules: string;
  readonly code: string;
  readonly asset: string;
  readonly feedback: boolean;
  readonly seeds: readonly string[];
  /** Of an ensemble: overrides that go with each seed; null without one. */
  readonly members: readonly (readonly string[])[] | null;
  readonly worlds: number;
  /** In the order in which the sweep names them. */
  readonly parameters: readonly string[];
  readonly points: readonly SweepPointFacts[];
  readonly metrics: readonly MetricDefinition[];
  /** Overrides and shocks of every world. */
  readonly fixed: readonly string[];
  /** What became of accounts that the scenario's rules or a point's would liquidate at the first mark. */
  readonly t0: Entry;
  readonly caveats: readonly string[];
  /** Shared work by name. */
  readonly work: Readonly<Record<string, number>>;
}
