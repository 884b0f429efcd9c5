/**
 * Units of volume. Venues of one asset differ in size, but by far less than a price: a volume in dollars
 * among volumes in coins stands out. The same market at another bar length must have the same volume.
 */
import { rowsOf } from '../../basics/duckdb.ts';
import { HOUR_US, type Micros } from '../../basics/instant.ts';
import { blamed, commonScale, eitherOf, MOST_REFERENCES, resampled } from './compare.ts';
import { type Family, type Found, type Patient, short } from './finding.ts';
import type { Series } from './seriesView.ts';

/** Sizes of venues that matter for an index lie within a factor of 100 of their middle. */
const SIZES = 100;
/** Bars of one market summed to the same hours; archives round, and the last bar may be open. */
const SAME = 1.25;
const FEWEST_COMMON = 10;
/** A part of a file in another unit: so many buckets in a row. */
const FEWEST_SWITCHED = 3;

/** Units that venues are known for where a file does not say (docs/data.md, known quirks). */
const VENUE_UNIT: Readonly<Record<string, 'quote' | 'contracts'>> = { bitmex: 'contracts', ftx: 'quote' };

type Unit = 'base' | 'quote' | 'unknown';

/** The unit in which volumes are meant; a contract of BitMEX is a dollar, others have faces that no file tells. */
function meantUnit({ qtyUnit, venue, quote }: Series): Unit {
  const said = qtyUnit ?? VENUE_UNIT[venue] ?? 'base';
  if (said !== 'contracts') return said;
  return venue === 'bitmex' && quote === 'USD' ? 'quote' : 'unknown';
}

/** Volume units against other venues, against the same market, and within the file. */
export const volumeChecks: Family = async (patient) => {
  const { series } = patient;
  if (series.bars === null || !(series.has('volume') || series.has('qty'))) return [];
  const unit = meantUnit(series);
  if (unit === 'unknown') return [];
  const same = await sameMarket(patient);
  if (same.length > 0) return same;
  const against = await otherVenues(patient, unit);
  return [...against, ...(against.length > 0 ? [] : habit(series, unit))];
};

function habit(series: Series, unit: Unit): Found[] {
  if (unit !== 'quote' || series.qtyUnit !== null) return [];
  const said = VENUE_UNIT[series.venue]!;
  const unitName = said === 'quote' ? 'dollars' : 'contracts of one dollar';
  const message = `volumes are in ${unitName}, as ${series.venue} writes them`;
  return [
    {
      problem: 'venueVolumeUnit',
      field: 'volume',
      count: series.rows,
      message,
      remedy: `Say qtyUnit: ${said} in the stream.`,
    },
  ];
}

interface Sized {
  readonly reference: Series;
  /** Middle of volume over the other's, in the units in which both are meant turned into coins. */
  readonly ratio: number;
  readonly price: number;
}

async function sizeOf({ db, series }: Patient, reference: Series, scaleUs: Micros): Promise<Sized | null> {
  const coins = (one: Series, name: string): string =>
    meantUnit(one) === 'quote' ? `${name}.v / ${name}.c` : `${name}.v`;
  const [row] = await rowsOf<{ n: bigint; ratio: number | null; price: number | null }>(
    db,
    `SELECT count(*) AS n, median((${coins(series, 'a')}) / (${coins(reference, 'b')})) AS ratio, median(a.c) AS price
     FROM ${resampled(series, scaleUs)} a JOIN ${resampled(reference, scaleUs)} b USING (k) WHERE a.v > 0 AND b.v > 0`,
  );
  return Number(row!.n) < FEWEST_COMMON ? null : { reference, ratio: row!.ratio!, price: row!.price! };
}

const isSameMarket = (a: Series, b: Series): boolean =>
  a.venue !== '' &&
  ['venue', 'market', 'symbol', 'priceType'].every((key) => a[key as 'venue'] === b[key as 'venue']);

const fits = (ratio: number, factor: number, within: number): boolean =>
  ratio / factor < within && factor / ratio < within;

async function sameMarket(patient: Patient): Promise<Found[]> {
  const { series, references } = patient;
  const sized: Sized[] = [];
  for (const one of references.filter(
    (other) => isSameMarket(other, series) && meantUnit(other) !== 'unknown',
  )) {
    const size = await sizeOf(patient, one, commonScale(series, one));
    if (size !== null) sized.push(size);
  }
  const off = sized.filter(({ ratio }) => !fits(ratio, 1, SAME));
  const seeing = sized.map(({ reference }) => reference);
  if (!blamed({ patient, disagreeing: off.map((one) => one.reference), seeing })) return [];
  return [wrongUnit(series, off[0]!, eitherOf(seeing))];
}

async function otherVenues(patient: Patient, unit: Unit): Promise<Found[]> {
  const { series, references } = patient;
  const sized: Sized[] = [];
  const others = references.filter(
    (one) =>
      !isSameMarket(one, series) && (one.has('volume') || one.has('qty')) && meantUnit(one) !== 'unknown',
  );
  for (const one of others.slice(0, MOST_REFERENCES)) {
    const size = await sizeOf(patient, one, Math.max(HOUR_US, commonScale(series, one)));
    if (size !== null) sized.push(size);
  }
  const off = sized.filter(
    ({ ratio, price }) =>
      !fits(ratio, 1, SIZES) && (fits(ratio, price, SIZES) || fits(ratio, 1 / price, SIZES)),
  );
  const seeing = sized.map(({ reference }) => reference);
  if (blamed({ patient, disagreeing: off.map((one) => one.reference), seeing }))
    return [wrongUnit(series, off[0]!, eitherOf(seeing))];
  const [first] = sized;
  return first === undefined || off.length > 0 ? [] : switched(patient, first, unit);
}

function wrongUnit(series: Series, { ratio, price, reference }: Sized, either: string): Found {
  const meant = meantUnit(series);
  const unit = fits(ratio, price, SAME) || ratio > SIZES ? 'quote' : meant === 'quote' ? 'base' : 'contracts';
  return {
    problem: 'volumeUnit',
    field: series.kind === 'trades' ? 'qty' : 'volume',
    count: series.rows,
    fromUs: series.firstUs,
    lastUs: series.lastUs,
    message: `volumes are no ${meant} units: ${short(ratio)} times ${reference.id}, price ${short(price)}${either}`,
    remedy: `Say qtyUnit: ${unit} in the stream, or import the file with the right column.`,
  };
}

/** Hours in a row whose volume is the rest's times or over the price: CryptoDataDownload swapped its columns once. */
async function switched({ db, series }: Patient, { reference, price }: Sized, unit: Unit): Promise<Found[]> {
  const scaleUs = Math.max(HOUR_US, commonScale(series, reference));
  const distance = Math.max(price, 1 / price);
  if (distance < SIZES) return []; // a price near 1 cannot be told from a busy hour
  const rows = await rowsOf<{ n: bigint; first: bigint; last: bigint }>(
    db,
    `WITH x AS (SELECT k, ln(a.v / b.v) AS x
         FROM ${resampled(series, scaleUs)} a JOIN ${resampled(reference, scaleUs)} b USING (k)
         WHERE a.v > 0 AND b.v > 0),
       far AS (SELECT k, abs(x - (SELECT median(x) FROM x)) > ln(${distance}) / 2 AS far FROM x),
       runs AS (SELECT *, sum((NOT far)::INTEGER) OVER (ORDER BY k) AS run FROM far)
     SELECT count(*) AS n, min(k) AS first, max(k) AS last FROM runs WHERE far GROUP BY run
     HAVING count(*) >= ${FEWEST_SWITCHED} ORDER BY first LIMIT 1`,
  );
  return rows.map(({ n, first, last }) => ({
    problem: 'volumeSwitch',
    field: 'volume',
    count: Number(n),
    fromUs: Number(first) * scaleUs,
    lastUs: (Number(last) + 1) * scaleUs,
    message: `${n} hours in a row have volumes in another unit than the rest (${unit}), against ${reference.id}`,
    remedy: 'The volume columns are swapped there: import with cascade import, or map each part by itself.',
  }));
}
