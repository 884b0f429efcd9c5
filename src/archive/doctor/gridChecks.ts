/** Bars on their grid: holes, bars off it, and stretches of bars of another length. */
import { rowsOf } from '../../basics/duckdb.ts';
import { DAY_US, formatDuration, type Micros, MINUTE_US } from '../../basics/instant.ts';
import { EVENT_GAP_US } from '../../load/quality.ts';
import type { Family, Found, Patient } from './finding.ts';

/** So many equal steps in a row are another interval; holes of one length do not come six in a row. */
const FEWEST_STEPS = 6;

/** Gaps of any series; grid and interval of candles. */
export const gridChecks: Family = async (patient) => {
  const { kind, intervalUs } = patient.series;
  if (kind === 'candles' && intervalUs > 0)
    return [
      ...(await gaps(patient, intervalUs, 't')),
      ...(await offGrid(patient)),
      ...(await otherSteps(patient)),
    ];
  // stamps of funding jitter by milliseconds
  if (kind === 'funding' && intervalUs > 0)
    return gaps(patient, intervalUs, `round(t / ${MINUTE_US})::BIGINT * ${MINUTE_US}`);
  return kind === 'trades' || kind === 'bookTop' ? silences(patient) : [];
};

interface Hole {
  readonly holes: bigint;
  readonly lacking: bigint | null;
  readonly before: bigint | null;
  readonly after: bigint | null;
  readonly at: { file: string; row: bigint } | null;
}

async function gaps({ db, series }: Patient, intervalUs: Micros, t: string): Promise<Found[]> {
  const [seen] = await rowsOf<Hole>(
    db,
    `SELECT count(*) AS holes, sum((t - p) // ${intervalUs} - 1)::BIGINT AS lacking, min(p) AS before, max(t) AS after,
       arg_min({'file': file, 'row': row}, t) AS at
     FROM (SELECT t, file, row, lag(t) OVER (ORDER BY t, file, row) AS p FROM
       (SELECT ${t} AS t, file, row FROM ${series.view} WHERE t IS NOT NULL)) WHERE t - p > ${1.5 * intervalUs}`,
  );
  if (Number(seen!.holes) === 0) return [];
  const what = series.kind === 'funding' ? 'stamps' : `bars of ${formatDuration(intervalUs)}`;
  return [
    holeOf(seen!, Number(seen!.lacking ?? 0n), {
      message: `${seen!.lacking} ${what} are missing in ${seen!.holes} holes`,
      remedy: 'Fetch the missing rows, or accept: [gaps] and the last price is carried.',
    }),
  ];
}

async function silences({ db, series }: Patient): Promise<Found[]> {
  const [seen] = await rowsOf<Hole>(
    db,
    `SELECT count(*) AS holes, 0::BIGINT AS lacking, min(p) AS before, max(t) AS after, arg_min({'file': file, 'row': row}, t) AS at
     FROM (SELECT t, file, row, lag(t) OVER () AS p FROM ${series.view}) WHERE t - p > ${EVENT_GAP_US}`,
  );
  if (Number(seen!.holes) === 0) return [];
  return [
    holeOf(seen!, Number(seen!.holes), {
      message: `no event for more than ${formatDuration(EVENT_GAP_US)}`,
      remedy: 'Fetch the file again; where the venue was out, say so in outages and accept: [gaps].',
    }),
  ];
}

const holeOf = (hole: Hole, count: number, words: { message: string; remedy: string }): Found => ({
  problem: 'gaps',
  field: 'time',
  count,
  file: hole.at!.file,
  row: Number(hole.at!.row),
  fromUs: Number(hole.before),
  lastUs: Number(hole.after),
  ...words,
});

/** Weeks and months begin where calendars say: only bars up to a day have a grid. */
async function offGrid({ db, series }: Patient): Promise<Found[]> {
  const { intervalUs, view } = series;
  if (intervalUs > DAY_US) return [];
  const [seen] = await rowsOf<{
    n: bigint;
    at: { file: string; row: bigint } | null;
    first: bigint;
    last: bigint;
  }>(
    db,
    `SELECT count(*) AS n, min({'file': file, 'row': row}) AS at, min(t) AS first, max(t) AS last FROM ${view}
     WHERE t % ${intervalUs} <> 0`,
  );
  if (seen!.at === null) return [];
  const every = Number(seen!.n) === series.rows;
  return [
    {
      problem: 'offGrid',
      field: 'time',
      count: Number(seen!.n),
      file: seen!.at.file,
      row: Number(seen!.at.row),
      fromUs: Number(seen!.first),
      lastUs: Number(seen!.last),
      message: `${every ? 'every bar is' : 'bars are'} off the grid of ${formatDuration(intervalUs)}`,
      remedy: every
        ? 'Import with --offset so that bars open on the grid.'
        : 'Correct the stamps, or fetch the file again.',
    },
  ];
}

async function otherSteps({ db, series }: Patient): Promise<Found[]> {
  const rows = await rowsOf<{
    step: bigint;
    n: bigint;
    first: bigint;
    last: bigint;
    at: { file: string; row: bigint };
  }>(
    db,
    `SELECT step, count(*) AS n, min(t) AS first, max(t) AS last, arg_min({'file': file, 'row': row}, t) AS at FROM
       (SELECT *, row_number() OVER (ORDER BY t) - row_number() OVER (PARTITION BY step ORDER BY t) AS run FROM
         (SELECT t, file, row, t - lag(t) OVER (ORDER BY t) AS step FROM ${series.view}) WHERE step > 0)
     WHERE step <> ${series.intervalUs} GROUP BY step, run HAVING count(*) >= ${FEWEST_STEPS} ORDER BY first LIMIT 1`,
  );
  return rows.map(({ step, n, first, last, at }) => ({
    problem: 'mixedIntervals',
    field: 'time',
    count: Number(n),
    file: at.file,
    row: Number(at.row),
    fromUs: Number(first),
    lastUs: Number(last),
    message: `${n} bars in a row are ${formatDuration(Number(step))} apart, not ${formatDuration(series.intervalUs)}`,
    remedy: 'Split the file by interval and name each part with its own intervalUs.',
  }));
}
