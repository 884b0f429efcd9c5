/** Rows that are there twice: the same row again, another version of it, a file that doubles every row. */
import { rowsOf, sqlName } from '../../basics/duckdb.ts';
import type { Family, Found, Patient } from './finding.ts';
import type { Series } from './seriesView.ts';

/** A shorter file may repeat rows by chance. */
const FEWEST_DOUBLED = 20;

/** Duplicates, conflicting versions and doubled files. */
export const repeatChecks: Family = async (patient) => [
  ...(await doubled(patient)),
  ...(await repeated(patient)),
];

const valuesOf = ({ kind, has }: Series): string[] => {
  const names = ['open', 'high', 'low', 'close', 'volume', 'price', 'qty', 'id', 'bid', 'ask', 'rate'].filter(
    has,
  );
  return kind === 'trades' && (has('side') || has('buyerMaker')) ? [...names, 'side'] : names;
};

/** Binance's liquidation archive writes each row twice: then every second row equals the one before it. */
async function doubled({ db, series }: Patient): Promise<Found[]> {
  if (series.rows < FEWEST_DOUBLED) return [];
  const names = ['t', ...valuesOf(series)].map(sqlName);
  const same = names.map((name) => `${name} IS NOT DISTINCT FROM lag(${name}) OVER ()`).join(' AND ');
  const [seen] = await rowsOf<Record<'pairs' | 'n', bigint>>(
    db,
    `SELECT count(*) FILTER (k % 2 = 0 AND same) AS pairs, count(*) FILTER (k % 2 = 0) AS n
     FROM (SELECT row_number() OVER () AS k, ${same} AS same FROM ${series.view})`,
  );
  const [pairs, n] = [Number(seen!.pairs), Number(seen!.n)];
  if (pairs < n) return [];
  const message = `every row is written twice: ${pairs} pairs in ${series.rows} rows`;
  return [
    {
      problem: 'doubledRows',
      count: pairs,
      message,
      remedy: 'Import the file with cascade import, or accept: [duplicates].',
    },
  ];
}

/** A candle, mark or funding stamp has one row an instant, a trade one row an id; other rows may repeat. */
async function repeated({ db, series }: Patient): Promise<Found[]> {
  const { kind, view, has } = series;
  const ids = kind === 'trades' && has('id');
  if (!ids && kind !== 'candles' && kind !== 'funding') return [];
  const key = ids ? 'id' : 't';
  const [grows] = await rowsOf<{ grows: boolean | null }>(
    db,
    `SELECT bool_and(key > before) AS grows FROM (SELECT ${key} AS key, lag(${key}) OVER () AS before FROM ${view})
     WHERE before IS NOT NULL`,
  );
  if (grows!.grows !== false) return [];
  const values = valuesOf(series).map(sqlName).join();
  const rows = await rowsOf<{
    differ: boolean;
    n: bigint;
    at: { file: string; row: bigint };
    first: bigint;
    last: bigint;
  }>(
    db,
    `SELECT differ, sum(extra)::BIGINT AS n, min("at") AS "at", min(first) AS first, max(last) AS last FROM
       (SELECT count(*) - 1 AS extra, count(DISTINCT (${values})) > 1 AS differ, min(t) AS first, max(t) AS last,
          max({'file': file, 'row': row}) AS at
        FROM ${view} WHERE ${key} IS NOT NULL GROUP BY ${key} HAVING count(*) > 1)
     GROUP BY differ ORDER BY differ`,
  );
  return rows.map(({ differ, n, at, first, last }) => ({
    problem: differ ? 'conflicts' : 'duplicates',
    field: ids ? 'id' : 'time',
    count: Number(n),
    file: at.file,
    row: Number(at.row),
    fromUs: Number(first),
    lastUs: Number(last),
    message: differ
      ? `${ids ? 'an id' : 'an instant'} has two rows that say different things`
      : `a row is there again with the same ${ids ? 'id' : 'time'}`,
    remedy: differ
      ? 'Name only one of the sources (a filter on its file), or correct the rows.'
      : 'Import the file with cascade import, which counts equal rows once, or accept: [duplicates].',
  }));
}
