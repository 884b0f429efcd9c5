/**
 * Time series and distributions for the charts, downsampled in SQL: prices, divergence, waves of
 * forced orders, liquidations by side, fund and its flows, margin before and after.
 */
import { sqlText } from '../basics/duckdb.ts';
import { HOUR_US, MINUTE_US, type Micros, SECOND_US } from '../basics/instant.ts';
import type { Manifest } from './manifest.ts';
import { type Columns, m4Sql, type Point } from './m4.ts';
import type { Source } from './queries.ts';

export interface Where {
  readonly world: number;
  readonly market: string;
}

/** Beyond this share of the other price two prices count as apart. */
export const APART = 0.005;
/** Forced orders further apart than this belong to different waves, as in the metrics `wave...`. */
export const WAVE_GAP_US = MINUTE_US;

const inMarket = (w: Where): string => `world = ${w.world} AND market = ${sqlText(w.market)}`;

async function points(source: Source, table: string, rows: string, columns: Columns): Promise<Point[]> {
  const found = await source.rows<{ ts: number; v: number }>([table], m4Sql(rows, columns));
  return found.map((p) => ({ tsUs: p.ts, value: p.v }));
}

/** A price of every beat, `last`, `mark` or `"index"`, or an expression over them. */
export const beatSeries = (
  source: Source,
  w: Where,
  expression: string,
  columns: Columns,
): Promise<Point[]> =>
  points(
    source,
    'beats',
    `SELECT ts_us, (${expression})::DOUBLE AS v FROM beat_prices WHERE ${inMarket(w)}`,
    columns,
  );

/** One column of `fund`, or an expression over its columns. */
export const fundSeries = (
  source: Source,
  w: { world: number; fund: string },
  expression: string,
  columns: Columns,
): Promise<Point[]> =>
  points(
    source,
    'fund',
    `SELECT ts_us, (${expression})::DOUBLE AS v FROM fund WHERE world = ${w.world} AND fund =
      ${sqlText(w.fund)}`,
    columns,
  );

/** Funds of a run with their asset. */
export const funds = (source: Source): Promise<{ fund: string; asset: string }[]> =>
  source.rows(['fund'], `SELECT DISTINCT fund, asset FROM fund ORDER BY fund, asset`);

export interface FillPoint {
  readonly ts: number;
  readonly side: string;
  readonly price: number;
  readonly qty: number;
}

/** Mean fill price of forced orders by column of time and side of the position closed. */
export const forcedFills = (source: Source, w: Where, widthUs: Micros): Promise<FillPoint[]> =>
  source.rows(
    ['fills'],
    `SELECT (min(ts_us))::DOUBLE AS ts, side, sum(qty::DOUBLE * price::DOUBLE) / sum(qty::DOUBLE) AS price,
       sum(qty)::DOUBLE AS qty
     FROM fills WHERE ${inMarket(w)} AND ${FORCED} AND qty > 0
     GROUP BY ts_us // ${widthUs}, side ORDER BY ts, side`,
  );

export interface Wave {
  readonly firstUs: Micros;
  readonly lastUs: Micros;
  readonly orders: number;
  /**
   * Microseconds with |last / mark - 1| and |mark / index - 1| beyond APART: since the wave before
   * ended, and during.
   */
  readonly lastBefore: number;
  readonly lastDuring: number;
  readonly indexBefore: number;
  readonly indexDuring: number;
  /**
   * First beat with last and mark apart, from an hour before the first order (not into the wave
   * before) to the last; null: never.
   */
  readonly apartUs: Micros | null;
}

/** Waves of forced orders, the largest eight in order of time, and divergence around them. */
export const waves = (source: Source, w: Where, beatUs: Micros): Promise<Wave[]> =>
  source.rows(
    ['orders', 'beats'],
    `WITH steps AS (
       SELECT ts_us, CASE WHEN ts_us - lag(ts_us) OVER (ORDER BY ts_us, seq) <= ${WAVE_GAP_US} THEN 0 ELSE 1
         END AS fresh, seq
       FROM orders WHERE ${inMarket(w)}
     ), numbered AS (SELECT ts_us, sum(fresh) OVER (ORDER BY ts_us, seq) AS wave FROM steps),
     grouped AS (SELECT wave, min(ts_us) AS first, max(ts_us) AS last, count(*) AS orders FROM numbered GROUP
       BY wave),
     largest AS (SELECT *, coalesce(lag(last) OVER (ORDER BY first), 0) AS free FROM grouped QUALIFY
       row_number() OVER (ORDER BY orders DESC, first) <= 8),
     apart AS (SELECT ts_us, abs(last / mark - 1) > ${APART} AS "of mark",
         abs(mark / "index" - 1) > ${APART} AS "of index" FROM beat_prices WHERE ${inMarket(w)} AND
           mark > 0 AND "index" > 0)
     SELECT first::DOUBLE AS "firstUs", last::DOUBLE AS "lastUs", orders::DOUBLE AS orders,
       (count(*) FILTER (WHERE "of mark" AND ts_us < first))::DOUBLE * ${beatUs} AS "lastBefore",
       (count(*) FILTER (WHERE "of mark" AND ts_us >= first))::DOUBLE * ${beatUs} AS "lastDuring",
       (count(*) FILTER (WHERE "of index" AND ts_us < first))::DOUBLE * ${beatUs} AS "indexBefore",
       (count(*) FILTER (WHERE "of index" AND ts_us >= first))::DOUBLE * ${beatUs} AS "indexDuring",
       (min(ts_us) FILTER (WHERE "of mark" AND ts_us >= first - ${HOUR_US}))::DOUBLE AS "apartUs"
     FROM largest LEFT JOIN apart ON ts_us > free AND ts_us <= last
     GROUP BY first, last, orders ORDER BY first`,
  );

/** Total time apart over the whole run, microseconds. */
export const timeApart = async (
  source: Source,
  w: Where,
  beatUs: Micros,
): Promise<{ lastMark: number; markIndex: number }> => {
  const rows = await source.rows<{ lastMark: number; markIndex: number }>(
    ['beats'],
    `SELECT (count(*) FILTER (WHERE abs(last / mark - 1) > ${APART}))::DOUBLE * ${beatUs} AS
      "lastMark",
       (count(*) FILTER (WHERE abs(mark / "index" - 1) > ${APART}))::DOUBLE * ${beatUs} AS
         "markIndex"
     FROM beat_prices WHERE ${inMarket(w)} AND mark > 0 AND "index" > 0`,
  );
  return rows[0] ?? { lastMark: 0, markIndex: 0 };
};

const WIDTHS: readonly Micros[] = [
  10 * SECOND_US,
  MINUTE_US,
  5 * MINUTE_US,
  10 * MINUTE_US,
  15 * MINUTE_US,
  30 * MINUTE_US,
  HOUR_US,
  2 * HOUR_US,
  4 * HOUR_US,
  8 * HOUR_US,
  24 * HOUR_US,
];

/**
 * Width of a bar in time: the smallest usual one that gives at most 100 bars and is no finer than the
 * data.
 */
export const barUs = (m: Pick<Manifest, 'fromUs' | 'untilUs' | 'resolutionUs'>): Micros =>
  WIDTHS.find((w) => w >= m.resolutionUs && (m.untilUs - m.fromUs) / w <= 100) ?? 24 * HOUR_US;

export interface SideBar {
  readonly ts: number;
  readonly side: string;
  readonly value: number;
  readonly accounts: number;
}

/** Forced closes as in the metric `liquidatedNotional`: by order or takeover; ADL apart. */
export const FORCED = `effect = 'close' AND why IN ('liquidation', 'takeover')`;

/** Value of forced closes and accounts by bar of time (of the fill) and side. */
export const liquidationBars = (source: Source, w: Where, widthUs: Micros): Promise<SideBar[]> =>
  source.rows(
    ['fills'],
    `SELECT ((ts_us // ${widthUs}) * ${widthUs})::DOUBLE AS ts, side, sum(value)::DOUBLE AS value,
       count(DISTINCT account)::DOUBLE AS accounts
     FROM fills WHERE ${inMarket(w)} AND ${FORCED} GROUP BY ts_us // ${widthUs}, side ORDER BY ts, side`,
  );

export interface FlowBar {
  readonly ts: number;
  readonly reason: string;
  readonly value: number;
}

/** What came into a fund (> 0) and left it (< 0), by bar of time and reason. */
export const fundFlows = (
  source: Source,
  w: { world: number; fund: string },
  widthUs: Micros,
): Promise<FlowBar[]> => {
  const name = sqlText(`fund:${w.fund}`);
  return source.rows(
    ['transfers'],
    `WITH flows AS (
       SELECT ts_us, reason, amount FROM transfers WHERE world = ${w.world} AND "to" = ${name}
       UNION ALL SELECT ts_us, reason, -amount FROM transfers WHERE world = ${w.world} AND "from" = ${name})
     SELECT ((ts_us // ${widthUs}) * ${widthUs})::DOUBLE AS ts, reason, sum(amount)::DOUBLE AS value
     FROM flows GROUP BY ts_us // ${widthUs}, reason, sign(amount) ORDER BY ts, reason, value`,
  );
};

export interface Bin {
  readonly when: 'before' | 'after';
  readonly side: string;
  readonly low: number;
  readonly high: number;
  /** Entry value held by the accounts in the bin. */
  readonly value: number;
  readonly accounts: number;
}

/** Edges of the bins of margin ratios: five to a factor of ten, as texts so that no logarithm is taken. */
const RATIO_EDGES =
  '[0.001, 0.0016, 0.0025, 0.004, 0.0063, 0.01, 0.016, 0.025, 0.04, ' +
  '0.063, 0.1, 0.16, 0.25, 0.4, 0.63, 1.0, 1.6]';

/** Margin ratio (maintenance / equity) before, after; the last bin holds 1 and above, the first the rest. */
export const marginRatios = (source: Source, w: Where): Promise<Bin[]> =>
  source.rows(
    ['accounts'],
    `WITH b AS (SELECT "when", side, entry_value, account, ${RATIO_EDGES} AS edges,
         least(greatest(len(list_filter(${RATIO_EDGES}, lambda e: e <= CASE WHEN isfinite(margin_ratio_f64)
           THEN margin_ratio_f64 ELSE 1 END)), 1), 16) AS bin
       FROM accounts WHERE ${inMarket(w)} AND qty > 0 AND margin_ratio_f64 IS NOT NULL)
     SELECT "when", side, edges[bin]::DOUBLE AS low, edges[bin + 1]::DOUBLE AS high,
       sum(entry_value)::DOUBLE AS value, count(DISTINCT account)::DOUBLE AS accounts
     FROM b GROUP BY ALL ORDER BY "when", side, low`,
  );

/** Liquidation prices before and after, in bins of a fortieth of [0.4, 1.6] times `aroundF64`. */
export const liquidationPrices = (source: Source, w: Where, aroundF64: number): Promise<Bin[]> => {
  const width = (1.2 * aroundF64) / 60;
  return source.rows(
    ['accounts'],
    `WITH b AS (SELECT "when", side, entry_value, account, floor((liquidation_price_f64 - ${0.4 * aroundF64})
      / ${width}) AS bin
       FROM accounts WHERE ${inMarket(w)} AND qty > 0 AND isfinite(liquidation_price_f64))
     SELECT "when", side, (${0.4 * aroundF64} + bin * ${width})::DOUBLE AS low,
       (${0.4 * aroundF64} + (bin + 1) * ${width})::DOUBLE AS high,
       sum(entry_value)::DOUBLE AS value, count(DISTINCT account)::DOUBLE AS accounts
     FROM b WHERE bin >= 0 AND bin < 60 GROUP BY ALL ORDER BY "when", side, low`,
  );
};
