/**
 * Where a series begins and ends. The series of one table were cut to one window, so the window is what
 * most of them cover; a file of its own is made of whole UTC days. A hole that another series of the same
 * market covers is a note.
 */
import { rowsOf } from '../../basics/duckdb.ts';
import { DAY_US, formatInstant, HOUR_US, type Micros } from '../../basics/instant.ts';
import { EVENT_GAP_US } from '../../load/quality.ts';
import type { Family, Found, Patient } from './finding.ts';
import type { Series } from './seriesView.ts';

interface Span {
  readonly fromUs: Micros;
  /** End of the last bar. */
  readonly untilUs: Micros;
}
interface Window extends Span {
  /** How far beyond it the others cannot tell: an 8-hour cycle ends its day at 16:00. */
  readonly looseUs: Micros;
}
/** A window that so many series agree on is no chance. */
const FEWEST_AGREEING = 3;
/** Rows over midnight by no more than this belong to a file of the next day, not to one cut off. */
const OVERHANG_US = 2 * HOUR_US;
/** Rows beyond such a hole, and fewer than such a part, are strays of another day. */
const STRAY_HOLE_US = DAY_US;
const STRAY_PART = 0.05;

/** Late starts, missing tails and rows of other days. */
export const windowChecks: Family = async (patient) => {
  const { series } = patient;
  if (series.kind === 'other' || series.rows < 2) return [];
  const strays = await strayRows(patient);
  if (strays.length > 0) return strays;
  const own = spanOf(series);
  const slack = Math.max(slackOf(series), 1);
  const window = agreed(patient) ?? wholeDays(own, slack);
  if (window === null) return [];
  const loose = Math.max(slack, window.looseUs);
  const outside = own.untilUs - window.untilUs >= loose || window.fromUs - own.fromUs >= loose;
  return [
    ...(outside ? await beyond(patient, window) : []),
    ...(own.fromUs - window.fromUs > slack ? [hole(patient, 'lateStart', own, window)] : []),
    ...(window.untilUs - own.untilUs > slack ? [hole(patient, 'missingTail', own, window)] : []),
  ];
};

/** One bar; of single events the longest silence that is no gap. Funding covers the interval before its stamp. */
const slackOf = ({ kind, intervalUs }: Series): Micros =>
  kind === 'candles' || kind === 'funding' ? intervalUs : EVENT_GAP_US;

const spanOf = ({ kind, firstUs, lastUs, intervalUs }: Series): Span => ({
  fromUs: firstUs,
  untilUs: lastUs + (kind === 'candles' ? intervalUs : 0),
});

/** The span of most series of the same table, to the coarsest bar among them. */
function agreed({ series, all }: Patient): Window | null {
  const peers = all.filter(
    (other) => other.bundle === series.bundle && (other.kind === 'funding') === (series.kind === 'funding'),
  );
  if (series.bundle === null || peers.length < FEWEST_AGREEING) return null;
  const spans = peers.map(spanOf).map(({ fromUs, untilUs }) => [fromUs, untilUs] as const);
  const [from, until] = [usual(spans.map(([one]) => one)), usual(spans.map(([, one]) => one))];
  const agreeing = spans.filter(([a, b]) => Math.abs(a - from) < HOUR_US && Math.abs(b - until) < HOUR_US);
  if (agreeing.length < FEWEST_AGREEING || 2 * agreeing.length <= peers.length) return null;
  const looseUs = series.kind === 'funding' ? Math.max(...peers.map((one) => one.intervalUs)) : 0;
  return { fromUs: from, untilUs: until, looseUs };
}

/** The value that most have; the smaller of equals. */
function usual(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || a - b)[0]![0];
}

/** Whole UTC days around a span that begins or ends on one; null: the file was not cut at days. */
function wholeDays({ fromUs, untilUs }: Span, slack: Micros): Window | null {
  const begins = fromUs % DAY_US <= slack;
  const over = untilUs % DAY_US;
  const ends = over === 0 || DAY_US - over <= slack;
  if (!begins && !ends) return null;
  const from = fromUs - (fromUs % DAY_US);
  const until = ends ? Math.ceil(untilUs / DAY_US) * DAY_US : untilUs - over;
  if (ends || (over <= OVERHANG_US && until > from)) return { fromUs: from, untilUs: until, looseUs: 0 };
  return { fromUs: from, untilUs: until + DAY_US, looseUs: 0 };
}

/** Rows far from the rest: another day's, appended. */
async function strayRows({ db, series }: Patient): Promise<Found[]> {
  if (series.kind === 'funding') return [];
  const order = series.kind === 'candles' ? 'ORDER BY t, file, row' : ''; // events as they stand: nothing is sorted
  const rows = await rowsOf<{ n: bigint; at: { file: string; row: bigint }; first: bigint; last: bigint }>(
    db,
    `SELECT count(*) AS n, min({'file': file, 'row': row}) AS at, min(t) AS first, max(t) AS last FROM
       (SELECT *, sum(cut) OVER (${order} ROWS UNBOUNDED PRECEDING) AS part FROM
         (SELECT t, file, row, coalesce(abs(t - lag(t) OVER (${order})) > ${STRAY_HOLE_US}, false)::INTEGER AS cut
          FROM ${series.view} WHERE t IS NOT NULL))
     GROUP BY part ORDER BY n, first`,
  );
  const strays = rows.slice(0, -1).filter(({ n }) => Number(n) < STRAY_PART * series.rows);
  return strays.map((stray) => outside(stray, 'rows of another day stand in the file'));
}

async function beyond({ db, series }: Patient, { fromUs, untilUs }: Span): Promise<Found[]> {
  const rows = await rowsOf<{
    n: bigint;
    at: { file: string; row: bigint } | null;
    first: bigint;
    last: bigint;
  }>(
    db,
    `SELECT count(*) AS n, min({'file': file, 'row': row}) AS at, min(t) AS first, max(t) AS last FROM ${series.view}
     WHERE t < ${fromUs} OR t ${series.kind === 'candles' ? '>=' : '>'} ${untilUs}`,
  );
  const [row] = rows;
  if (row?.at == null) return [];
  const words = `rows lie outside ${formatInstant(fromUs)} .. ${formatInstant(untilUs)}`;
  return [outside({ ...row, at: row.at }, words)];
}

const outside = (
  rows: { n: bigint; at: { file: string; row: bigint }; first: bigint; last: bigint },
  message: string,
): Found => ({
  problem: 'outsideWindow',
  field: 'time',
  count: Number(rows.n),
  file: rows.at.file,
  row: Number(rows.at.row),
  fromUs: Number(rows.first),
  lastUs: Number(rows.last),
  message,
  remedy: 'Drop these rows, or import the files of whole days only.',
});

function hole(
  { series, all }: Patient,
  problem: 'lateStart' | 'missingTail',
  own: Span,
  window: Span,
): Found {
  const late = problem === 'lateStart';
  const [fromUs, lastUs] = late ? [window.fromUs, own.fromUs] : [own.untilUs, window.untilUs];
  const covering = all.find(
    (other) =>
      other.id !== series.id &&
      other.kind === series.kind &&
      ['venue', 'market', 'symbol', 'priceType'].every(
        (key) => other[key as 'venue'] === series[key as 'venue'],
      ) &&
      spanOf(other).fromUs <= fromUs &&
      spanOf(other).untilUs >= lastUs,
  );
  const said = late ? 'the series starts late' : 'the series ends early';
  const cover = covering === undefined ? '' : `; ${covering.id} covers it`;
  return {
    problem,
    field: 'time',
    fromUs,
    lastUs,
    row: series.bundle !== null ? null : late ? 1 : series.rows,
    message: `${said}: nothing from ${formatInstant(fromUs)} to ${formatInstant(lastUs)}${cover}`,
    remedy:
      covering === undefined
        ? 'Fetch the whole day again (a download that was cut off looks so), or accept: [beyondWindow].'
        : 'Use the other series for that time, or accept: [beyondWindow].',
    ...(covering === undefined ? {} : { severity: 'note' as const }),
  };
}
