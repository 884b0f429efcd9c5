/** A scenario in memory: facts, rules and assumptions apart, and the seed of every draw. */
import type { Assumptions } from './assumptions.ts';
import type { Facts } from './facts.ts';
import type { RuleSet } from './ruleSet.ts';

export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** What the first screen must say about the data: reconstructed, resolution, what is missing. */
  readonly caveats: readonly string[];
  readonly facts: Facts;
  readonly rules: RuleSet;
  readonly assumptions: Assumptions;
  readonly seed: string;
  /** Folder of the scenario file, for relative paths. */
  readonly folder: string;
  /** Named accounts to add and track: a Parquet or YAML file, or ''. */
  readonly namedAccounts: string;
  /** Path of an assumption (or its prefix) -> what the figure rests on. */
  readonly notes?: Readonly<Record<string, string>>;
  /**
   * Set where the run restates the scenario in another contract (`--convert`): the scenario as it is, and
   * the funds whose opening is stated in its asset.
   */
  readonly conversion?: { readonly own: Scenario; readonly funds: readonly string[] };
  /** What the report reruns: money figures become ranges over these. */
  readonly sensitivity: {
    /** Reconstruction seeds (an `anchors` scenario), at least 20 for the embedded one; 0 otherwise. */
    readonly reconstructionSeeds: number;
    readonly timings: readonly string[];
    /**
     * `path=value` overrides of rules or assumptions, each rerun alone: takeover timing, fee, fund limit,
     * open interest.
     */
    readonly overrides: readonly string[];
  };
}
