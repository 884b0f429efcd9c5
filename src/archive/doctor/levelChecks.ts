/**
 * Price levels: the middle ratio of a series to the others of its asset. A power of ten is another unit,
 * one over the price is an inversion, a few per mille for the whole time another currency.
 */
import { rowsOf } from '../../basics/duckdb.ts';
import { blamed, commonScale, eitherOf, MOST_REFERENCES, resampled } from './compare.ts';
import type { CheckName } from './checks.ts';
import { type Family, type Found, type Patient, percent, short } from './finding.ts';
import type { Series } from './seriesView.ts';

/** Venues of one asset have stayed within 10 % for any hour together; the middle of a file is closer still. */
const FAR = 0.1;
/** Two fees of 0.1 % and a spread: beyond it a lasting difference would be traded away. */
const LASTING = 0.003;
/** A basis changes its sign now and then; a currency does not. */
const SAME_SIDE = 0.95;
const FEWEST_COMMON = 10;
/** Cents, thousands, satoshi: powers of ten that a price may be off by. */
const POWERS = [10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

interface Level {
  readonly reference: Series;
  readonly ratio: number;
  /** Middle of price * price: near 1 where one is the inverse of the other. */
  readonly product: number;
  /** Part of the bars that lies on the side of the ratio. */
  readonly side: number;
}

/** Unit and inversion of the price, wrong symbol, mixed quotes. */
export const levelChecks: Family = async (patient) => {
  const { series, references } = patient;
  if (series.bars === null) return [];
  const levels: Level[] = [];
  for (const reference of references.slice(0, MOST_REFERENCES)) {
    const level = await levelOf(patient, reference);
    if (level !== null) levels.push(level);
  }
  const seeing = levels.map(({ reference }) => reference);
  const far = levels.filter(({ ratio }) => Math.max(ratio, 1 / ratio) > 1 + FAR);
  if (blamed({ patient, disagreeing: far.map((one) => one.reference), seeing }))
    return [farAway(series, far[0]!, eitherOf(seeing))];
  if (far.length > 0) return [];
  return quoteMix(patient, levels);
};

async function levelOf({ db, series }: Patient, reference: Series): Promise<Level | null> {
  const scaleUs = commonScale(series, reference);
  const [row] = await rowsOf<{ n: bigint; ratio: number; product: number; above: number }>(
    db,
    `SELECT count(*) AS n, median(a.c / b.c) AS ratio, median(a.c * b.c) AS product,
       avg(CASE WHEN a.c > b.c THEN 1.0 ELSE 0.0 END) AS above
     FROM ${resampled(series, scaleUs)} a JOIN ${resampled(reference, scaleUs)} b USING (k)`,
  );
  if (Number(row!.n) < FEWEST_COMMON) return null;
  const { ratio, product, above } = row!;
  return { reference, ratio, product, side: ratio > 1 ? above : 1 - above };
}

function farAway(series: Series, { reference, ratio, product }: Level, either: string): Found {
  const near = (x: number, target: number): boolean => Math.abs(x / target - 1) <= FAR;
  const power = POWERS.find((ten) => near(ratio, ten) || near(ratio * ten, 1));
  const place = { field: 'price', count: series.rows, fromUs: series.firstUs, lastUs: series.lastUs };
  const said = (problem: CheckName, what: string, remedy: string): Found => ({
    problem,
    ...place,
    message: `${what}: ${short(ratio)} times ${reference.id} in the middle${either}`,
    remedy,
  });
  if (power !== undefined) {
    const factor = ratio > 1 ? `1/${power}` : String(power);
    return said(
      'priceUnit',
      `prices are in another unit (factor ${factor})`,
      `Import the file as csv with a mapping that multiplies prices by ${factor}.`,
    );
  }
  if (near(product, 1))
    return said(
      'invertedPrice',
      'prices are one over the price',
      'Import the file as csv with a mapping 1 / price (high and low change places).',
    );
  return said(
    'wrongSymbol',
    'prices are far from the others of the asset',
    'Check symbol and contract of the file; correct its symbol.',
  );
}

/** Only venues of one kind of market and one quote should agree: a perpetual has a basis to spot. */
function quoteMix(patient: Patient, levels: readonly Level[]): Found[] {
  const { series } = patient;
  const alike = levels.filter(
    ({ reference: one }) => one.quote === series.quote && one.market === series.market && one.market !== '',
  );
  const off = alike.filter(({ ratio, side }) => Math.abs(ratio - 1) > LASTING && side >= SAME_SIDE);
  const seeing = alike.map(({ reference }) => reference);
  if (!blamed({ patient, disagreeing: off.map((one) => one.reference), seeing })) return [];
  const { ratio, reference } = off[0]!;
  const fits = levels.find(
    (one) => one.reference.quote !== series.quote && Math.abs(one.ratio - 1) < LASTING / 2,
  );
  const both = `, though both say ${series.quote}`;
  const guess = fits === undefined ? both : `${both}; it fits ${fits.reference.id} (${fits.reference.quote})`;
  return [
    {
      problem: 'quoteMix',
      field: 'price',
      count: series.rows,
      fromUs: series.firstUs,
      lastUs: series.lastUs,
      message: `${percent(ratio - 1)} from ${reference.id} all the time${guess}${eitherOf(seeing)}`,
      remedy: 'Correct the symbol or quote of the file, and let quote: convert by a rate stream.',
    },
  ];
}
