/** Funding: stamps on whole hours, all on one cycle, rates as fractions. */
import { rowsOf } from '../../basics/duckdb.ts';
import { formatDuration, HOUR_US, MINUTE_US } from '../../basics/instant.ts';
import {
  type Family,
  type Found,
  type Patient,
  PLACED,
  type PlacedRows,
  percent,
  placeOf,
} from './finding.ts';

/** Venues stamp the payment some milliseconds to seconds after the hour. */
const JITTER_US = MINUTE_US;
/**
 * A rate held for hours above 0.5 % per 8 hours, or ever above 4 %, is no fraction: BitMEX and Binance cap
 * bitcoin at 0.375 and 0.75 %, and Hyperliquid's cap of 4 % is the largest that a venue publishes.
 */
const MIDDLE_PER_8H = 0.005;
const LARGEST = 0.04;
/** Late payments are rare; a tenth of the stamps is another clock. */
const FEW_LATE = 0.1;
/** Hour of the day of the first payment of an 8-hour cycle, by venue, where it is published. */
const CYCLE: Readonly<Record<string, number>> = {
  binance: 0,
  'binance-um': 0,
  'binance-cm': 0,
  bybit: 0,
  okx: 0,
  bitmex: 4,
};

/** Funding stamps and units. */
export const fundingChecks: Family = async (patient) =>
  patient.series.kind === 'funding'
    ? [...(await offHours(patient)), ...(await hours(patient)), ...(await unit(patient))]
    : [];

const HOUR_OF = `round(t / ${HOUR_US})::BIGINT`;

async function offHours({ db, series }: Patient): Promise<Found[]> {
  const [seen] = await rowsOf<PlacedRows>(
    db,
    `SELECT ${PLACED} FROM ${series.view} WHERE abs(t - ${HOUR_OF} * ${HOUR_US}) > ${JITTER_US}`,
  );
  if (seen!.at === null) return [];
  const message = `stamps are more than ${formatDuration(JITTER_US)} off a whole hour`;
  return [
    {
      problem: 'fundingGrid',
      field: 'time',
      ...placeOf(seen!),
      message,
      remedy: 'Import with --offset, or round the stamps to the payment.',
    },
  ];
}

/** Single stamps off the cycle of the rest are wrong; a whole cycle is compared with the venue's, where it is known. */
async function hours({ db, series }: Patient): Promise<Found[]> {
  const cycle = Math.round(series.intervalUs / HOUR_US);
  if (cycle < 2) return [];
  const [usual] = await rowsOf<{ hour: bigint }>(
    db,
    `SELECT mode(${HOUR_OF} % ${cycle}) AS hour FROM ${series.view}`,
  );
  const hour = Number(usual!.hour);
  const [seen] = await rowsOf<PlacedRows & { alone: boolean | null }>(
    db,
    `SELECT ${PLACED}, bool_and(others = 1) AS alone FROM
       (SELECT *, count(*) OVER (PARTITION BY (${HOUR_OF} - ${hour}) // ${cycle}) AS others FROM ${series.view})
     WHERE ${HOUR_OF} % ${cycle} <> ${hour}`,
  );
  const list = Array.from({ length: Math.max(1, Math.floor(24 / cycle)) }, (_, i) =>
    hourText(hour + i * cycle),
  );
  const single = seen!.at === null ? [] : [strayStamps(seen!, series.rows, list.join(', '))];
  const said = `funding at ${list.join(', ')} UTC`;
  const known = CYCLE[series.venue];
  if (cycle !== 8 || hour === (known ?? 0)) return single;
  const place = { field: 'time', count: series.rows, fromUs: series.firstUs, lastUs: series.lastUs };
  const moved = ((hour - (known ?? 0) + 12) % 8) - 4;
  const offset = `--offset ${moved > 0 ? '-' : ''}${Math.abs(moved)}h`;
  const whole: Found =
    known === undefined
      ? {
          problem: 'fundingCycle',
          ...place,
          message: `${said}, not from midnight on: the venue's own hours, or a clock that is off`,
          remedy: `Compare with the venue's page; import with ${offset} if its hours begin at midnight.`,
        }
      : {
          problem: 'fundingHours',
          ...place,
          message: `${said}; ${series.venue} pays from ${hourText(known)} on`,
          remedy: `Import with ${offset}.`,
        };
  return [...single, whole];
}

const hourText = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

/** One payment in a cycle, only late, is what a venue does that is down (HTX on 19 May 2021); more is an error. */
function strayStamps(seen: PlacedRows & { alone: boolean | null }, rows: number, list: string): Found {
  const late = seen.alone === true && Number(seen.n) <= FEW_LATE * rows;
  return {
    problem: late ? 'latePayment' : 'fundingHours',
    field: 'time',
    ...placeOf(seen),
    message: `stamps off the hours of the rest, ${list} UTC${late ? ', each the only one of its cycle' : ''}`,
    remedy: late
      ? 'Nothing to do where the venue paid late.'
      : 'Correct the stamps, or fetch the file again.',
  };
}

async function unit({ db, series }: Patient): Promise<Found[]> {
  const per8h = Math.max(1, series.intervalUs / HOUR_US) / 8;
  const [seen] = await rowsOf<{ middle: number | null; largest: number | null }>(
    db,
    `SELECT median(abs(rate)) AS middle, max(abs(rate)) AS largest FROM ${series.view} WHERE isfinite(rate)`,
  );
  const { middle, largest } = seen!;
  if (middle === null || largest === null || (middle <= MIDDLE_PER_8H * per8h && largest <= LARGEST))
    return [];
  return [
    {
      problem: 'fundingUnit',
      field: 'rate',
      count: series.rows,
      fromUs: series.firstUs,
      lastUs: series.lastUs,
      message: `rates are no fractions: ${percent(middle)} a stamp in the middle, ${percent(largest)} at most`,
      remedy:
        'Import as csv with a mapping that divides the rate by 100 (per cent) or 10,000 (basis points).',
    },
  ];
}
