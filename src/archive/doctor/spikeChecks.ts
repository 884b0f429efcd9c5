/**
 * Single prices far from everything: from the rows around them and from other venues at that time. A close
 * is an outlier; a high or low alone is a wick, which a venue may really have traded.
 */
import { rowsOf } from '../../basics/duckdb.ts';
import { consensus, finest } from './compare.ts';
import { type Family, type Found, type Patient, percent } from './finding.ts';

/** Beyond the highs and lows of all other venues by more than they have ever differed for an hour. */
const FAR = 0.1;
/** Without another venue only the rows around speak: a move that is undone in the next row. */
const FAR_ALONE = 0.2;
/** Undone: the rows before and after differ by less than a quarter of the jump. */
const UNDONE = 4;

/** Outliers and wicks. */
export const spikeChecks: Family = async (patient) =>
  patient.series.kind === 'trades' ? ofTrades(patient) : ofBars(patient);

interface Spikes {
  readonly n: bigint;
  readonly first: bigint | null;
  readonly last: bigint | null;
  readonly size: number | null;
  readonly at: { file: string; row: bigint } | null;
}

/** One trade far from the one before and the one after, which agree. */
async function ofTrades({ db, series }: Patient): Promise<Found[]> {
  const [seen] = await rowsOf<Spikes>(
    db,
    `SELECT count(*) AS n, min(t) AS first, max(t) AS last, max(abs(price / p - 1)) AS size,
       min({'file': file, 'row': row}) AS at
     FROM (SELECT t, file, row, price, lag(price) OVER () AS p, lead(price) OVER () AS f FROM ${series.view})
     WHERE price > 0 AND p > 0 AND abs(price / p - 1) > ${FAR} AND abs(price - p) > ${UNDONE} * abs(f - p)`,
  );
  return seen!.at === null ? [] : [outlier(seen!, { ...seen!.at }, 'price')];
}

async function ofBars(patient: Patient): Promise<Found[]> {
  const { db, series } = patient;
  if (series.bars === null) return [];
  const met = finest(patient);
  const others =
    met === null
      ? '(SELECT 0 AS k, NULL::DOUBLE AS h, NULL::DOUBLE AS l)'
      : consensus(met.references, met.scaleUs);
  const scaleUs = met?.scaleUs ?? 1;
  const limit = `CASE WHEN r.h IS NULL THEN ${1 + FAR_ALONE} ELSE ${1 + FAR} END`;
  const rows = await rowsOf<Spikes & { kind: 'outliers' | 'wick' }>(
    db,
    `WITH around AS (SELECT *, lag(c) OVER (ORDER BY t) AS p, lead(c) OVER (ORDER BY t) AS f FROM ${series.bars}),
       judged AS (SELECT a.*, coalesce(p, f) AS ref, ${limit} AS far,
           greatest(r.h, p, f) AS top, least(r.l, p, f) AS bottom
         FROM around a LEFT JOIN ${others} r ON a.t // ${scaleUs} = r.k),
       named AS (SELECT *, CASE
           WHEN (c > far * top OR c * far < bottom) AND abs(c - ref) > ${UNDONE} * abs(coalesce(f, p) - ref)
             THEN 'outliers'
           WHEN h > far * greatest(top, o, c) OR l * far < least(bottom, o, c) THEN 'wick' END AS kind FROM judged)
     SELECT kind, count(*) AS n, min(t) AS first, max(t) AS last,
       max(greatest(abs(c / ref - 1), h / ref - 1, 1 - l / ref)) AS size, NULL AS at
     FROM named WHERE kind IS NOT NULL GROUP BY kind ORDER BY kind`,
  );
  const found: Found[] = [];
  for (const seen of rows) {
    const [at] = await rowsOf<{ file: string; row: bigint }>(
      db,
      `SELECT file, row FROM ${series.view} WHERE t >= ${seen.first} ORDER BY t, file, row LIMIT 1`,
    );
    found.push(seen.kind === 'wick' ? wick(seen, at!) : outlier(seen, at!, 'close'));
  }
  return found;
}

const placeOf = (
  seen: Spikes,
  at: { file: string; row: bigint },
): Pick<Found, 'count' | 'file' | 'row' | 'fromUs' | 'lastUs'> => ({
  count: Number(seen.n),
  file: at.file,
  row: Number(at.row),
  fromUs: Number(seen.first),
  lastUs: Number(seen.last),
});

const outlier = (seen: Spikes, at: { file: string; row: bigint }, field: string): Found => ({
  problem: 'outliers',
  field,
  ...placeOf(seen, at),
  message: `a single price ${percent(seen.size!)} from the rows around it, which agree, and from other venues`,
  remedy: 'Correct or drop the row, or accept: [outliers] (beyond 50 % it is dropped).',
});

const wick = (seen: Spikes, at: { file: string; row: bigint }): Found => ({
  problem: 'wick',
  field: 'high|low',
  ...placeOf(seen, at),
  message: `a high or low up to ${percent(seen.size!)} away that neither open, close nor another venue shares`,
  remedy: 'Nothing to do where the venue did trade there; a mark of several venues does not feel it.',
});
