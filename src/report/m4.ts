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
  return `WITH points AS (
    SELECT ts_us, v, (ts_us - ${c.fromUs}) // ${columnUs(c)} AS px FROM (${rows}) WHERE v IS NOT NULL AND
      isfinite(v)
  ), ends AS (
    SELECT px, min(ts_us) AS t1, max(ts_us) AS t2, min(v) AS lo, max(v) AS hi FROM points GROUP BY px
  ), kept AS (
    SELECT min(CASE WHEN ts_us = t1 THEN ts_us END) AS t1, min(CASE WHEN ts_us = t2 THEN ts_us END) AS t2,
      min(CASE WHEN v = lo THEN ts_us END) AS tlo, min(CASE WHEN v = hi THEN ts_us END) AS thi
    FROM points JOIN ends USING (px) GROUP BY px
  ), times AS (SELECT t1 AS t FROM kept UNION SELECT t2 FROM kept UNION SELECT tlo FROM kept UNION SELECT thi
    FROM kept)
  SELECT ts_us::DOUBLE AS ts, v FROM points JOIN times ON ts_us = t ORDER BY ts`;
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
