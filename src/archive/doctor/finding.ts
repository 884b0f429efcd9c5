/** What the doctor found: one problem of one series, where it is, and what to do about it. */
import type { DuckDBConnection } from '../../basics/duckdb.ts';
import type { ErrorCode } from '../../basics/errors.ts';
import type { Micros } from '../../basics/instant.ts';
import { CHECKS, type CheckName } from './checks.ts';
import type { Series } from './seriesView.ts';

export interface Diagnosis {
  readonly problem: CheckName;
  readonly code: ErrorCode;
  /** A note does not fail the check: it is a venue's habit, or covered by another series. */
  readonly severity: 'fault' | 'note';
  readonly series: string;
  readonly file: string;
  /** First row, from 1; null where the problem is of the whole series or of rows that are not there. */
  readonly row: number | null;
  readonly fromUs: Micros | null;
  readonly lastUs: Micros | null;
  /** Column; '' where it is none. */
  readonly field: string;
  readonly count: number;
  readonly message: string;
  readonly effect: string;
  readonly remedy: string;
  readonly accepted: boolean;
}

/** What a check says; the table adds code and effect. */
export interface Found {
  readonly problem: CheckName;
  readonly message: string;
  readonly remedy: string;
  readonly field?: string;
  readonly count?: number;
  readonly file?: string;
  readonly row?: number | null;
  readonly fromUs?: Micros | null;
  readonly lastUs?: Micros | null;
  /** Overrides the table where another series covers the hole. */
  readonly severity?: 'note';
}

/** A series and the others of the same asset, for checks that compare. */
export interface Patient {
  readonly db: DuckDBConnection;
  readonly series: Series;
  /** Price series of the same asset, the best first; empty where there is none or it has no bars. */
  readonly references: readonly Series[];
  /** Every series that was opened. */
  readonly all: readonly Series[];
}

/** A family of checks: what it finds in one series. */
export type Family = (patient: Patient) => Promise<readonly Found[]>;

/** A finding with everything that the table knows. */
export function diagnosis(series: Pick<Series, 'id' | 'files' | 'accept'>, found: Found): Diagnosis {
  const { code, severity, effect } = CHECKS[found.problem];
  return {
    problem: found.problem,
    code,
    severity: found.severity ?? severity,
    series: series.id,
    file: found.file ?? series.files[0] ?? '',
    row: found.row ?? null,
    fromUs: found.fromUs ?? null,
    lastUs: found.lastUs ?? null,
    field: found.field ?? '',
    count: found.count ?? 1,
    message: found.message,
    effect,
    remedy: found.remedy,
    accepted: series.accept.includes(found.problem),
  };
}

/** Rows that a condition selects: how many, from when to when, and the first of them. */
export interface PlacedRows {
  readonly n: bigint;
  readonly first: bigint | null;
  readonly last: bigint | null;
  readonly at: { readonly file: string; readonly row: bigint } | null;
}

/** SQL of `PlacedRows`, over a relation with file, row and t. */
export const PLACED = `count(*) AS n, min(t) AS first, max(t) AS last, min({'file': file, 'row': row}) AS at`;

/** Where the selected rows are. @param rows  at least one */
export const placeOf = (rows: PlacedRows): Pick<Found, 'count' | 'file' | 'row' | 'fromUs' | 'lastUs'> => ({
  count: Number(rows.n),
  file: rows.at!.file,
  row: Number(rows.at!.row),
  fromUs: Number(rows.first),
  lastUs: Number(rows.last),
});

/** Without what another finding of the same series accounts for. */
export const causesOnly = (found: readonly Found[]): Found[] =>
  found.filter(({ problem }) => !found.some((other) => CHECKS[other.problem].accountsFor.includes(problem)));

/** Numbers as people read them: four significant digits. */
export const short = (x: number): string => String(Number(x.toPrecision(4)));

export const percent = (x: number): string => `${short(x * 100)} %`;
