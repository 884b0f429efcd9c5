/**
 * Clocks: returns of two series of one asset go together when both are stamped alike, so the lag at which
 * they correlate best is the offset between their clocks.
 */
import { rowsOf } from '../../basics/duckdb.ts';
import { formatDuration, HOUR_US, type Micros, MINUTE_US } from '../../basics/instant.ts';
import { blamed, commonScale, eitherOf, resampled } from './compare.ts';
import { type Family, type Found, type Patient, short } from './finding.ts';
import type { Series } from './seriesView.ts';

/** Time zones are whole quarters of an hour, from UTC-12 to UTC+14. */
const ZONE_US = 15 * MINUTE_US;
const FARTHEST_US = 14 * HOUR_US;
/** Lags tried at a finer scale; longer offsets are seen at the next one. */
const MOST_LAGS = 30;
/** Three references decide by majority; each costs a join per scale. */
const MOST_ASKED = 3;
/** Fewer common returns say nothing: chance alone reaches 0.5 at some of a hundred lags. */
const FEWEST_RETURNS = 30;
/** The best lag must explain a good part of the moves, and far more than no lag does. */
const LEAST_CORRELATION = 0.6;
const LEAST_MARGIN = 0.3;

interface Lag {
  /** What the series is late by; negative: early. */
  readonly offsetUs: Micros;
  /** It is a whole number of these: a finer clock was not looked at. */
  readonly stepUs: Micros;
  readonly best: number;
  readonly atZero: number;
}
interface Seen {
  readonly reference: Series;
  /** The finest length at which the two were compared. */
  readonly scaleUs: Micros;
  readonly lag: Lag | null;
}

/** Clock offset, time zone, bars stamped with their end. */
export const clockChecks: Family = async (patient) => {
  const { series, references } = patient;
  if (series.bars === null) return [];
  const seen: Seen[] = [];
  for (const reference of references.slice(0, MOST_ASKED)) {
    const one = await compareClocks(patient, reference);
    if (one !== null) seen.push(one);
  }
  const offsets = [...new Set(seen.flatMap(({ lag }) => (lag === null ? [] : [lag.offsetUs])))];
  for (const offsetUs of offsets.sort((a, b) => Math.abs(a) - Math.abs(b))) {
    const off = seen.filter(({ lag }) => lag?.offsetUs === offsetUs);
    const seeing = seen.filter(({ lag, scaleUs }) => lag !== null || scaleUs <= Math.abs(offsetUs));
    const [disagreeing, able] = [off, seeing].map((list) => list.map(({ reference }) => reference));
    if (blamed({ patient, disagreeing: disagreeing!, seeing: able! }))
      return [foundOf(series, off[0]!, { either: eitherOf(able!), flat: await isFlat(patient) })];
  }
  return [];
};

/** null: too few common returns to say anything. */
async function compareClocks(patient: Patient, reference: Series): Promise<Seen | null> {
  const fine = commonScale(patient.series, reference);
  const coarser = [MINUTE_US, ZONE_US].filter((scaleUs) => scaleUs > fine);
  let compared = false;
  for (const scaleUs of [fine, ...coarser]) {
    const lags = await lagsOf(patient, reference, scaleUs);
    if (lags.length === 0) continue;
    compared = true;
    const lag = offset(lags, scaleUs);
    if (lag !== null) return { reference, scaleUs: fine, lag };
  }
  return compared ? { reference, scaleUs: fine, lag: null } : null;
}

/** No bar has a range: the values are of instants, of the beginning or the end of a bar as the venue likes. */
async function isFlat({ db, series }: Patient): Promise<boolean> {
  const [row] = await rowsOf<{ flat: boolean }>(db, `SELECT bool_and(h = l) AS flat FROM ${series.bars}`);
  return row!.flat;
}

interface Correlation {
  readonly lag: number;
  readonly rho: number;
}

async function lagsOf({ db, series }: Patient, reference: Series, scaleUs: Micros): Promise<Correlation[]> {
  const most = scaleUs < ZONE_US ? MOST_LAGS : Math.floor(FARTHEST_US / scaleUs);
  const returns = (one: Series): string =>
    `(SELECT k, r FROM (SELECT k, ln(c / lag(c) OVER (ORDER BY k)) AS r, k - lag(k) OVER (ORDER BY k) AS step
      FROM ${resampled(one, scaleUs)}) WHERE step = 1)`;
  const rows = await rowsOf<{ lag: bigint; rho: number | null }>(
    db,
    `WITH a AS MATERIALIZED ${returns(series)}, b AS MATERIALIZED ${returns(reference)},
       shifted AS (SELECT k - lag AS k, r, lag FROM a, range(${-most}, ${most + 1}) AS lags(lag))
     SELECT lag, CASE WHEN stddev_pop(shifted.r) > 0 AND stddev_pop(b.r) > 0 THEN corr(shifted.r, b.r) END AS rho
     FROM shifted JOIN b USING (k) GROUP BY lag HAVING count(*) >= ${FEWEST_RETURNS} ORDER BY lag`,
  );
  return rows.flatMap(({ lag, rho }) => (rho === null ? [] : [{ lag: Number(lag), rho }]));
}

function offset(lags: readonly Correlation[], scaleUs: Micros): Lag | null {
  const best = lags.reduce((a, b) => (b.rho > a.rho ? b : a));
  const atZero = lags.find(({ lag }) => lag === 0)?.rho ?? 0;
  if (best.lag === 0 || best.rho < LEAST_CORRELATION || best.rho - atZero < LEAST_MARGIN) return null;
  return { offsetUs: best.lag * scaleUs, stepUs: scaleUs, best: best.rho, atZero };
}

function foundOf(
  series: Series,
  { lag, reference }: Seen,
  { either, flat }: { either: string; flat: boolean },
): Found {
  const { offsetUs, stepUs, best, atZero } = lag!;
  const late = offsetUs > 0;
  const length = formatDuration(Math.abs(offsetUs));
  const oneBar = series.kind === 'candles' && offsetUs === series.intervalUs;
  const zone = Math.abs(offsetUs) % ZONE_US === 0;
  const hours = `UTC${late ? '+' : '-'}${short(Math.abs(offsetUs) / HOUR_US)}`;
  const meaning = oneBar
    ? flat
      ? 'values without a range are those of the instant of their stamp, not of a bar that opens there'
      : `bars are stamped with their end${zone ? ` (or ${hours})` : ''}`
    : zone
      ? `stamped ${hours}`
      : `its clock is ${late ? 'late' : 'early'}`;
  const at = `${short(best)} at ${late ? '+' : '-'}${length}, ${short(atZero)} at 0`;
  const evidence = `returns correlate with ${reference.id} ${at}, tried in steps of ${formatDuration(stepUs)}`;
  return {
    problem: oneBar ? (flat ? 'samples' : 'binEnd') : zone ? 'timeZone' : 'clockOffset',
    field: 'time',
    count: series.rows,
    fromUs: series.firstUs,
    lastUs: series.lastUs,
    message: `${meaning}: ${evidence}${either}`,
    remedy: `Import the file again with --offset ${late ? '-' : ''}${length}${oneBar && flat ? ', or as marks' : ''}.`,
  };
}
