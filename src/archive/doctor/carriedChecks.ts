/** Prices that stand still: bars told again, bars without a trade, a series that stops while others move. */
import { rowsOf } from '../../basics/duckdb.ts';
import { consensus, finest, resampled } from './compare.ts';
import {
  type Family,
  type Found,
  type Patient,
  PLACED,
  type PlacedRows,
  percent,
  placeOf,
} from './finding.ts';

/** Two equal bars with equal volume may be chance; three in a row are a copy. */
const FEWEST_REPEATS = 2;
/** Three bars at one price while others move by more than a spread and two fees, three times over. */
const FEWEST_STILL = 3;
const OTHERS_MOVED = 0.01;
/** Bars that all have an open equal to the close before: the venue writes them so (BitMEX). */
const HABIT = 0.99;

/** Repeated bars, bars without trades, stale series, opens outside the range. */
export const carriedChecks: Family = async (patient) => {
  if (patient.series.kind !== 'candles') return stale(patient);
  return [
    ...(await repeats(patient)),
    ...(await untraded(patient)),
    ...(await opens(patient)),
    ...(await stale(patient)),
  ];
};

/** A bar equal to the one before in everything, where something was traded or the price had a range. */
async function repeats({ db, series }: Patient): Promise<Found[]> {
  const volume = series.has('volume') ? 'volume' : 'NULL::DOUBLE';
  const same = ['open', 'high', 'low', 'close', 'v'].map(
    (name) => `${name} IS NOT DISTINCT FROM lag(${name}) OVER ()`,
  );
  const [seen] = await rowsOf<PlacedRows>(
    db,
    `SELECT sum(n)::BIGINT AS n, min(first) AS first, max(last) AS last, min("at") AS "at" FROM
       (SELECT ${PLACED} FROM (SELECT *, sum((NOT again)::INTEGER) OVER (ROWS UNBOUNDED PRECEDING) AS run FROM
         (SELECT t, file, row, (${same.join(' AND ')}
            AND t <> lag(t) OVER () AND (v > 0 OR (v IS NULL AND high > low))) AS again
          FROM (SELECT *, ${volume} AS v FROM ${series.view}) ORDER BY t, file, row))
        WHERE again GROUP BY run HAVING count(*) >= ${FEWEST_REPEATS})`,
  );
  if (seen!.at === null) return [];
  const message = 'bars repeat the one before with all prices and the volume: carried forward, not traded';
  return [
    {
      problem: 'repeatedBars',
      field: 'open|high|low|close|volume',
      ...placeOf(seen!),
      message,
      remedy: 'Drop these rows and accept: [gaps], so that age and volume are told truly.',
    },
  ];
}

async function untraded({ db, series }: Patient): Promise<Found[]> {
  if (!series.has('volume')) return [];
  const [seen] = await rowsOf<PlacedRows & { traded: bigint }>(
    db,
    `SELECT ${PLACED}, (SELECT count(*) FROM ${series.view} WHERE volume > 0) AS traded
     FROM ${series.view} WHERE volume = 0 AND high = low`,
  );
  if (seen!.at === null || seen!.traded === 0n) return []; // no volume at all is a column that tells none
  const message = 'nothing was traded: the bar carries the price before';
  return [
    {
      problem: 'zeroVolume',
      field: 'volume',
      ...placeOf(seen!),
      message,
      remedy: 'Where the venue was out, say so in outages; accept: [zeroVolume].',
    },
  ];
}

async function opens({ db, series }: Patient): Promise<Found[]> {
  const [seen] = await rowsOf<PlacedRows & { habit: number | null }>(
    db,
    `SELECT count(*) FILTER (out) AS n, min(t) FILTER (out) AS first, max(t) FILTER (out) AS last,
       min({'file': file, 'row': row}) FILTER (out) AS at, avg(before::INTEGER) AS habit
     FROM (SELECT t, file, row, low <= high AND (open > high OR open < low) AS out,
         open = lag(close) OVER () AS before FROM ${series.view})`,
  );
  if (seen!.at === null) return [];
  const habit = (seen!.habit ?? 0) >= HABIT;
  const message = habit
    ? 'the open is outside low .. high: the venue writes the close before as the open'
    : 'the open is outside low .. high';
  return [
    {
      problem: habit ? 'openIsCloseBefore' : 'openOutsideRange',
      field: 'open',
      ...placeOf(seen!),
      message,
      remedy: 'accept: [openOutsideRange] and the path starts at the open clamped to the range.',
    },
  ];
}

/** A close that does not move while the other venues' do; bars without a trade are told apart above. */
async function stale(patient: Patient): Promise<Found[]> {
  const { db, series } = patient;
  const met = finest(patient);
  if (met === null || series.bars === null) return [];
  const own = `(SELECT k, c FROM ${resampled(series, met.scaleUs)} WHERE v IS NULL OR v > 0)`;
  const [seen] = await rowsOf<{
    n: bigint | null;
    first: bigint | null;
    last: bigint | null;
    moved: number | null;
  }>(
    db,
    `SELECT sum(n)::BIGINT AS n, min(k0) AS first, max(k1) AS last, max(moved) AS moved FROM
       (SELECT count(*) AS n, min(k) AS k0, max(k) AS k1, max(other) / min(other) - 1 AS moved FROM
         (SELECT a.k, r.c AS other, sum(new) OVER (ORDER BY a.k) AS run FROM
           (SELECT k, c, (c IS DISTINCT FROM lag(c) OVER (ORDER BY k))::INTEGER AS new FROM ${own}) a
          JOIN ${consensus(met.references, met.scaleUs)} r ON a.k = r.k)
        GROUP BY run HAVING count(*) >= ${FEWEST_STILL}) WHERE moved > ${OTHERS_MOVED}`,
  );
  if (seen!.n === null || seen!.moved === null) return [];
  const [fromUs, lastUs] = [Number(seen!.first) * met.scaleUs, Number(seen!.last) * met.scaleUs];
  const [at] = await rowsOf<{ file: string; row: bigint }>(
    db,
    `SELECT file, row FROM ${series.view} WHERE t >= ${fromUs} ORDER BY t, file, row LIMIT 1`,
  );
  return [
    {
      problem: 'stale',
      field: 'close',
      count: Number(seen!.n),
      file: at!.file,
      row: Number(at!.row),
      fromUs,
      lastUs,
      message: `the price stands still while others move by ${percent(seen!.moved)}`,
      remedy: 'Fetch the file again; where the venue was out, say so in outages.',
    },
  ];
}
