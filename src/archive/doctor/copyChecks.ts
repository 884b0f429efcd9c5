/** The same market and bar length from two files: counted once, as a note, or as a fault where they differ. */
import { rowsOf } from '../../basics/duckdb.ts';
import type { Family, Found } from './finding.ts';
import type { Series } from './seriesView.ts';

/** What two archives may round differently. */
const ROUNDING = 1e-6;

/** Copies of one series, told at the later one. */
export const copyChecks: Family = async ({ db, series, all }) => {
  const found: Found[] = [];
  for (const other of all.slice(0, all.indexOf(series)).filter((one) => isCopy(one, series))) {
    const [seen] = await rowsOf<{ n: bigint; differ: bigint; first: bigint | null }>(
      db,
      `SELECT count(*) AS n, count(*) FILTER (out) AS differ, min(t) FILTER (out) AS first FROM
         (SELECT t, greatest(abs(a.c / b.c - 1), abs(a.h / b.h - 1), abs(a.l / b.l - 1)) > ${ROUNDING} AS out
          FROM ${series.bars} a JOIN ${other.bars} b USING (t))`,
    );
    if (seen!.n === 0n) continue;
    const differ = Number(seen!.differ);
    const said = differ === 0 ? 'the same prices' : `other prices in ${differ} of ${seen!.n} bars`;
    found.push({
      problem: differ === 0 ? 'copies' : 'conflicts',
      field: 'time',
      count: differ === 0 ? Number(seen!.n) : differ,
      fromUs: seen!.first === null ? series.firstUs : Number(seen!.first),
      lastUs: series.lastUs,
      message: `the same series as ${other.id}, with ${said}`,
      remedy: 'Name one of the two: filter: { source_file: ... }.',
    });
  }
  return found;
};

const isCopy = (a: Series, b: Series): boolean =>
  a.kind === 'candles' &&
  a.bars !== null &&
  b.bars !== null &&
  a.venue !== '' &&
  a.intervalUs === b.intervalUs &&
  (['kind', 'venue', 'market', 'symbol', 'priceType'] as const).every((key) => a[key] === b[key]);
