/**
 * Digits that were lost on the way: whole numbers above 2^53 that passed through a double, and ids that
 * should follow each other and do not.
 */
import { rowsOf } from '../../basics/duckdb.ts';
import { type Family, type Found, type Patient, percent } from './finding.ts';
import type { Series } from './seriesView.ts';

/** Whole numbers up to here survive a double. */
const EXACT = 9_007_199_254_740_992;
/** An honest number is even with probability 1/2, so twenty of them all even have one of a million. */
const FEWEST = 20;
/** Ids follow each other where nearly all steps are 1; a venue that numbers several markets together skips often. */
const CONSECUTIVE = 0.99;

/** Lost digits of ids and times, and missing ids. */
export const lossChecks: Family = async (patient) => [
  ...(await lost(patient, 'raw', 'time')),
  ...(numeric(patient.series) ? await lost(patient, 'id', 'id') : []),
  ...(numeric(patient.series) ? await missing(patient) : []),
];

const numeric = ({ kind, columns }: Series): boolean =>
  kind === 'trades' && /INT|DOUBLE/.test(columns.get('id')?.type ?? '');

/**
 * A double between 2^53 and 2^54 is even, one step higher a multiple of 4, and so on: the numbers are
 * compared with the spacing of doubles at the largest of them. Nanoseconds that are whole microseconds
 * have such factors by themselves and are left alone.
 */
async function lost({ db, series }: Patient, column: 'raw' | 'id', field: string): Promise<Found[]> {
  const [seen] = await rowsOf<{
    n: bigint;
    odd: bigint | null;
    thousands: boolean | null;
    at: { file: string; row: bigint } | null;
  }>(
    db,
    `SELECT count(*) AS n, bool_and(v % 1000 = 0) AS thousands, min({'file': file, 'row': row}) AS at,
       count(*) FILTER (v % (CASE WHEN v < ${2 * EXACT} THEN 2 WHEN v < ${4 * EXACT} THEN 4 WHEN v < ${8 * EXACT} THEN 8
         WHEN v < ${16 * EXACT} THEN 16 WHEN v < ${32 * EXACT} THEN 32 WHEN v < ${64 * EXACT} THEN 64
         WHEN v < ${128 * EXACT} THEN 128 ELSE 256 END) <> 0) AS odd
     FROM (SELECT TRY_CAST(${column} AS BIGINT) AS v, file, row FROM ${series.view}) WHERE v > ${EXACT}`,
  );
  const n = Number(seen!.n);
  if (n < FEWEST || seen!.thousands === true || Number(seen!.odd) > 0) return [];
  const message = `all ${n} values above 2^53 are whole multiples of the spacing of doubles there: digits were lost`;
  const remedy =
    'Fetch the file again and keep whole numbers (BIGINT or text), never double, JSON number or spreadsheet.';
  const at = seen!.at!;
  return [{ problem: 'lostDigits', field, count: n, file: at.file, row: Number(at.row), message, remedy }];
}

/** Holes in ids that otherwise follow each other: Binance's aggTrades of 19 May 2021 lack 120,208. */
async function missing({ db, series }: Patient): Promise<Found[]> {
  const [seen] = await rowsOf<
    Record<'n' | 'ones' | 'holes', bigint> & { lacking: bigint | null } & {
      at: { file: string; row: bigint; t: bigint; before: bigint; from: bigint; until: bigint } | null;
    }
  >(
    db,
    `SELECT count(*) AS n, count(*) FILTER (id - p = 1) AS ones, count(*) FILTER (id - p > 1) AS holes,
       sum(id - p - 1) FILTER (id - p > 1)::BIGINT AS lacking,
       min({'file': file, 'row': row, 't': t, 'before': p_t, 'from': p + 1, 'until': id - 1}) FILTER (id - p > 1) AS at
     FROM (SELECT file, row, t, id::BIGINT AS id, lag(id::BIGINT) OVER () AS p, lag(t) OVER () AS p_t
       FROM ${series.view})
     WHERE p IS NOT NULL`,
  );
  const [n, ones, holes, at] = [Number(seen!.n), Number(seen!.ones), Number(seen!.holes), seen!.at];
  if (at === null || holes === 0 || ones < CONSECUTIVE * n) return [];
  const steps = `${percent(ones / n)} of the steps are 1`;
  const message = `${seen!.lacking} ids are missing in ${holes} holes (${steps}), the first ${at.from} to ${at.until}`;
  return [
    {
      problem: 'missingIds',
      field: 'id',
      count: Number(seen!.lacking),
      file: at.file,
      row: Number(at.row),
      fromUs: Number(at.before),
      lastUs: Number(at.t),
      message,
      remedy: 'Fetch these ids from the API of the venue, or use its candles for that time.',
    },
  ];
}
