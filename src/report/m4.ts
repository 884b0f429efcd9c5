/**
 * Downsampling that loses no spike: of every pixel column the first, last, lowest and highest point
 * stay (M4). A line drawn through them covers the same pixels as the line through all points.
 */
import type { Micros } from '../basics/instant.ts';

export interface Point {
  readonly tsUs: Micros;
  readonly value: number;
}

export interface Columns {
  readonly fromUs: Micros;
  readonly untilUs: Micros;
  readonly columns: number;
}

/** Width of a column in whole microseconds, so that SQL and this file cut at the same instants. */
const columnUs = (c: Columns): Micros => Math.max(1, Math.ceil((c.untilUs - c.fromUs) / c.columns));

/**
 * The M4 points of one series as SQL: columns `ts` and `v`, in order of time.
 *
 * @param rows  a SELECT with `ts_us` (BIGINT) and `v` (DOUBLE); null and not finite values are gaps
 */
export function m4Sql(rows: string, c: Columns): string {
  // arg_min and arg_max keep the first of equals: the rows come in order of time, in one thread
  return `WITH given AS MATERIALIZED (SELECT ts_us, v FROM (${rows})), kept AS (
    SELECT min(ts_us) AS t1, arg_min(v, ts_us) AS v1, max(ts_us) AS t2, arg_max(v, ts_us) AS v2,
      arg_min(ts_us, v) AS tlo, min(v) AS lo, arg_max(ts_us, v) AS thi, max(v) AS hi
    FROM (SELECT ts_us, v FROM given WHERE v IS NOT NULL AND isfinite(v) ORDER BY ts_us)
    GROUP BY (ts_us - ${c.fromUs}) // ${columnUs(c)}
  ), ends AS (SELECT t1 AS t, v1 AS v FROM kept UNION SELECT t2, v2 FROM kept UNION SELECT tlo, lo FROM kept
    UNION SELECT thi, hi FROM kept)
  SELECT t::DOUBLE AS ts, v FROM ends ORDER BY ts`;
}

/** The same in memory, for the smaller still pictures: points in order of time. */
export function m4(points: readonly Point[], c: Columns): Point[] {
  const width = columnUs(c);
  const kept: Point[] = [];
  for (let i = 0; i < points.length; ) {
    const px = Math.floor((points[i]!.tsUs - c.fromUs) / width);
    let end = i;
    let low = i;
    let high = i;
    while (end + 1 < points.length && Math.floor((points[end + 1]!.tsUs - c.fromUs) / width) === px) {
      end++;
      if (points[end]!.value < points[low]!.value) low = end;
      if (points[end]!.value > points[high]!.value) high = end;
    }
    for (const k of [...new Set([i, low, high, end])].sort((a, b) => a - b)) kept.push(points[k]!);
    i = end + 1;
  }
  return kept;
}
