/**
 * What is wrong with data, and who said that it may be: every problem is an error unless the stream's
 * `accept` names it, and then it is counted. Nothing is repaired in silence.
 *
 *   duplicates        a bar twice, or a trade id twice         first one kept      DATA_DISORDER
 *   disorder          a row older than its predecessor         kept in its beat    DATA_DISORDER
 *   gaps              bars missing, or no event for EVENT_GAP  last price carried  DATA_GAP
 *   beyondWindow      the stream starts late or ends early     last price carried  DATA_GAP
 *   outliers          a price off by more than OUTLIER_MOVE    row dropped         DATA_SCHEMA
 *   openOutsideRange  an open outside [low, high] (BitMEX)     clamped             DATA_SCHEMA
 *   zeroVolume        bars in which nothing traded             price carried       DATA_GAP
 */
import { type ErrorCode, type Place, ReplayError } from '../basics/errors.ts';
import { MINUTE_US, type Micros } from '../basics/instant.ts';
import type { Problem, StreamSpec } from '../rules/facts.ts';

/** A price this far (relative) from the previous accepted one is an outlier. */
export const OUTLIER_MOVE = 0.5;
/** Longest silence of a stream of single events (trades, book) that is not a gap. */
export const EVENT_GAP_US: Micros = 10 * MINUTE_US;

/** A problem of one delivered row, before its file and row are known; the reader adds them. */
export class RowError extends Error {
  readonly ordinal: number;
  readonly error: ReplayError;

  constructor(ordinal: number, error: ReplayError) {
    super(error.message);
    this.ordinal = ordinal;
    this.error = error;
  }
}

/** One thing found in the data; `count` of them, the first at `file` and `row`. */
export interface Finding {
  readonly stream: string;
  /** What a scenario would accept by name; null where nothing can be accepted. */
  readonly problem: Problem | null;
  readonly code: ErrorCode;
  readonly file: string;
  readonly row: number | null;
  readonly message: string;
  readonly remedy: string;
  /** The scenario accepts it by name. */
  readonly accepted: boolean;
  readonly count: number;
}

/** A problem as first met, before its file and row are looked up. */
export interface Met {
  readonly problem: Problem | null;
  readonly error: ReplayError;
  /** Delivered row, from 0; null where the problem is the absence of rows. */
  readonly ordinal: number | null;
  count: number;
  /** File and row, once looked up. */
  place?: Place;
}

const CODE: Readonly<Record<Problem, ErrorCode>> = {
  duplicates: 'DATA_DISORDER',
  disorder: 'DATA_DISORDER',
  gaps: 'DATA_GAP',
  beyondWindow: 'DATA_GAP',
  zeroVolume: 'DATA_GAP',
  outliers: 'DATA_SCHEMA',
  openOutsideRange: 'DATA_SCHEMA',
};

/**
 * Judges the problems of one stream. A strict judge throws at the first one that is not accepted; a
 * lenient one (`cascade data check`) notes each kind and goes on.
 */
export class Judge {
  readonly met: Met[] = [];
  private readonly spec: Pick<StreamSpec, 'id' | 'accept'>;
  private readonly strict: boolean;
  private readonly counts = new Map<Problem, number>();

  constructor(spec: Pick<StreamSpec, 'id' | 'accept'>, strict: boolean) {
    this.spec = spec;
    this.strict = strict;
  }

  /**
   * A problem that may be accepted by name.
   *
   * @param times  rows or bars that it concerns
   * @returns      false, for callers that drop the row
   * @throws RowError or ReplayError from a strict judge when it is not accepted
   */
  problem(problem: Problem, message: string, ordinal: number | null, times = 1): false {
    if (this.spec.accept.includes(problem)) {
      this.counts.set(problem, (this.counts.get(problem) ?? 0) + times);
      if (this.strict) return false;
    }
    const remedy = `Accept it with accept: [${problem}] in stream ${this.spec.id}, or fetch the data again.`;
    this.note({
      problem,
      error: new ReplayError(CODE[problem], this.said(message), {}, remedy),
      ordinal,
      count: times,
    });
    return false;
  }

  /** A row that is no data at all. @returns false: it is dropped @throws RowError */
  broken(message: string, ordinal: number, remedy = 'Correct or drop the row in the file.'): false {
    const error = new ReplayError('DATA_SCHEMA', this.said(message), {}, remedy);
    this.note({ problem: null, error, ordinal, count: 1 });
    return false;
  }

  accepts(problem: Problem): boolean {
    return this.spec.accept.includes(problem);
  }

  /** Problems accepted by name, with their number, for the provenance. */
  accepted(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private said(message: string): string {
    return `Stream ${this.spec.id}: ${message}`;
  }

  private note(met: Met): void {
    const known = this.met.find((m) => m.error.code === met.error.code && m.problem === met.problem);
    if (known === undefined) this.met.push(met);
    else known.count += met.count;
    if (!this.strict) return;
    if (met.ordinal !== null) throw new RowError(met.ordinal, met.error);
    throw met.error;
  }
}
