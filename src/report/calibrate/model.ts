/**
 * What a calibration found, as plain data: `cascade calibrate` writes it as calibration.json, prints it with
 * `--json`, and its page is made from it and from nothing else. Float64: quantiles that people read.
 */

/** 5, 50 and 95 % quantiles. */
export interface Quantiles {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** A thing that was fitted: what it was drawn from, beside what the kept draws say. */
export interface CalibratedParameter {
  /** As an override names it. */
  readonly path: string;
  readonly title: string;
  /** In words: the distribution that it was drawn from. */
  readonly law: string;
  /** Ends of that distribution. */
  readonly from: number;
  readonly to: number;
  /** true: drawn evenly in the logarithm, in which its widths are measured. */
  readonly isLog: boolean;
  readonly prior: Quantiles;
  readonly posterior: Quantiles;
  /** 1 - width of the posterior's 90 % interval over that of the prior's. */
  readonly shrinkage: number;
  readonly identified: boolean;
}

/** A published figure beside what the draws say of it. */
export interface CalibrationTarget {
  readonly what: string;
  readonly market: string;
  readonly fromUs: number;
  readonly untilUs: number;
  /** As published; of several readings their geometric mean; the part that falls on this market. */
  readonly observed: number;
  readonly unit: string;
  /** Standard deviation of its natural logarithm. */
  readonly sigmaLn: number;
  /** In words: how far off it may be, and why. */
  readonly tolerance: string;
  readonly sources: readonly string[];
  readonly notes: readonly string[];
  /** `fit`: draws were kept by it; `check`: they were not. */
  readonly role: 'fit' | 'check';
  /** Of all draws. */
  readonly before: Quantiles;
  /** Of the kept ones. */
  readonly predicted: Quantiles;
}

export interface CalibrationResult {
  readonly id: string;
  readonly title: string;
  readonly scenario: string;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly seed: string;
  readonly code: string;
  readonly rules: string;
  readonly overrides: readonly string[];
  readonly draws: number;
  readonly kept: number;
  /** Figures whose part of the window ends by then were fitted; null: all of them. */
  readonly fitUntilUs: number | null;
  readonly parameters: readonly CalibratedParameter[];
  readonly targets: readonly CalibrationTarget[];
  /** Published figures that were not held against the draws, and why. */
  readonly leftOut: readonly { readonly figure: string; readonly reason: string }[];
  /** Losses: of the nearest draw, of the last one kept, and the median of all. */
  readonly loss: { readonly best: number; readonly last: number; readonly median: number };
  readonly caveats: readonly string[];
}
