/**
 * Everything the report reads, as typed rows: SQL over the stored results and nothing else. The
 * tables are those of results/schema.ts; what is known besides them is in manifest.ts. A table that a run did
 * not write counts as empty, so a partial run still has a report that shows what there is.
 *
 * Figures are named by `figureKey` of results/runTables.ts, in the page's JSON block `figures` too, so
 * that `cascade verify` can hold the page against the `metrics` table.
 */
import { type DuckDBConnection, rowsOf, sqlText } from '../basics/duckdb.ts';
import type { Micros } from '../basics/instant.ts';
import { readRun } from '../results/manifest.ts';
import { withResultsDb } from '../results/openResults.ts';
import { figureKey } from '../results/runTables.ts';
import { type Manifest, manifestOf } from './manifest.ts';
import type { Rerun } from './ranges.ts';

export interface Source {
  readonly manifest: Manifest;
  /** Rows of a query; none when one of the named tables was not written. */
  rows<T>(tables: readonly string[], sql: string): Promise<T[]>;
}

export interface Metric {
  readonly world: number;
  readonly name: string;
  readonly market: string;
  readonly side: string;
  readonly value: number | null;
  /** As stored: exact text where the metric is money. */
  readonly text: string;
  readonly unit: string;
  readonly definition: string;
}

export interface Reconciled {
  readonly what: string;
  readonly market: string;
  readonly fromUs: Micros | null;
  readonly untilUs: Micros | null;
  readonly published: number | null;
  readonly unit: string;
  readonly source: string;
  readonly note: string;
  readonly ours: number | null;
  /** Ends of our figure over the reruns; null without reruns. */
  readonly oursLow: number | null;
  readonly oursHigh: number | null;
}

export interface EnsembleRow extends Rerun {
  readonly world: number;
  readonly cell: string;
  readonly name: string;
  readonly market: string;
  readonly side: string;
  readonly unit: string;
}

/** Opens the results of a run for reading, hands them to `use`, and closes them whatever happens. */
export const withResults = <T>(runFolder: string, use: (source: Source) => Promise<T>): Promise<T> =>
  withResultsDb(runFolder, async (connection) => use(await sourceOf(connection, runFolder)));

async function sourceOf(connection: DuckDBConnection, runFolder: string): Promise<Source> {
  const found = await rowsOf<{ name: string }>(
    connection,
    `SELECT table_name AS name FROM information_schema.tables ORDER BY name`,
  );
  const tables = new Set(found.map((t) => t.name));
  if (tables.has('beats')) {
    // a DECIMAL(38, 18) is slow to turn into a float, and every chart asks for the same three prices
    await connection.run(`CREATE TEMP TABLE beat_prices AS SELECT world, market, ts_us, last::DOUBLE AS last,
      mark::DOUBLE AS mark, "index"::DOUBLE AS "index" FROM beats`);
  }
  const rows = async <R>(needed: readonly string[], sql: string): Promise<R[]> =>
    needed.every((name) => tables.has(name)) ? rowsOf<R>(connection, sql) : [];
  return { manifest: manifestOf(readRun(runFolder)), rows };
}

/** Headline metrics of all worlds: those without a bucket. */
export const metrics = (source: Source): Promise<Metric[]> =>
  source.rows(
    ['metrics'],
    `SELECT world::INTEGER AS world, name, coalesce(market, '') AS market, coalesce(side, '') AS side,
       TRY_CAST(value AS DOUBLE) AS value, value::VARCHAR AS text, coalesce(unit, '') AS unit,
       coalesce(definition, '') AS definition
     FROM metrics WHERE coalesce(bucket::VARCHAR, '') = '' ORDER BY world, name, market, side`,
  );

/** The key of a headline figure: `figureKey` with an empty bucket. */
export const headlineKey = (m: Pick<Metric, 'world' | 'name' | 'market' | 'side' | 'unit'>): string =>
  figureKey({ ...m, bucket: '' });

/** Reruns in a fixed order; values that are no finite number are left out. */
export const ensemble = (source: Source): Promise<EnsembleRow[]> =>
  source.rows(
    ['ensemble'],
    `SELECT world::INTEGER AS world, cell, kind, variation AS what, name, market, side, unit,
       TRY_CAST(value AS DOUBLE) AS value
     FROM ensemble WHERE isfinite(TRY_CAST(value AS DOUBLE))
     ORDER BY world, name, market, side, unit, kind, cell, variation, seed`,
  );

/** Published figures beside ours, in the order of time, market and name. */
export const reconciliation = (source: Source): Promise<Reconciled[]> =>
  source.rows(
    ['reconciliation'],
    `SELECT what, coalesce(market, '') AS market, from_us::DOUBLE AS "fromUs", until_us::DOUBLE AS "untilUs",
       TRY_CAST(published AS DOUBLE) AS published, unit, source, note, TRY_CAST(ours AS DOUBLE) AS ours,
       TRY_CAST(ours_low AS DOUBLE) AS "oursLow", TRY_CAST(ours_high AS DOUBLE) AS "oursHigh"
     FROM reconciliation ORDER BY coalesce(from_us, 0), coalesce(until_us, 0), market, what, source`,
  );

export interface PartyRow {
  readonly asset: string;
  readonly party: string;
  /** Exact text: change of wealth at mark. */
  readonly net: string;
}

/** The metric `waterfall`: change of wealth by party; sums to 0 in every asset. */
export const waterfall = (source: Source, world: number): Promise<PartyRow[]> =>
  source.rows(
    ['metrics'],
    `SELECT unit AS asset, bucket AS party, value AS net FROM metrics
     WHERE name = 'waterfall' AND world = ${world} AND bucket <> '' AND value <> '' ORDER BY asset, party`,
  );

export interface CashRow {
  readonly asset: string;
  readonly party: string;
  readonly reason: string;
  /** Exact text; what the party received less what it paid. */
  readonly net: string;
}

/** Realised cash by party and reason; exact, so that it sums to 0 in every asset. */
export const cash = (source: Source, world: number): Promise<CashRow[]> =>
  source.rows(
    ['transfers', 'liquidations', 'adl'],
    `WITH moves AS (
       SELECT asset, "from" AS account, reason, -amount AS amount FROM transfers WHERE world = ${world}
       UNION ALL SELECT asset, "to", reason, amount FROM transfers WHERE world = ${world}
     ), hit AS (SELECT DISTINCT account FROM liquidations WHERE world = ${world}),
     closed AS (SELECT DISTINCT account FROM adl WHERE world = ${world}),
     named AS (SELECT asset, amount, reason, CASE
         WHEN account = 'market' THEN 'market'
         WHEN account IN ('house', 'outside', 'socialised') THEN account
         WHEN starts_with(account, 'fund:') THEN account
         WHEN starts_with(account, 'funding:') THEN 'funding'
         WHEN account IN (SELECT account FROM hit) THEN 'liquidated'
         WHEN account IN (SELECT account FROM closed) THEN 'deleveraged'
         ELSE 'others' END AS party FROM moves)
     SELECT asset, party, reason, sum(amount)::VARCHAR AS net FROM named
     GROUP BY asset, party, reason HAVING sum(amount) <> 0 ORDER BY asset, party, reason`,
  );

export interface LadderRow {
  readonly market: string;
  readonly lights: number;
  readonly side: string;
  readonly closes: number;
  readonly accounts: number;
  readonly qty: number;
  readonly givenUp: number;
  readonly hedgers: number;
}

/** Who was deleveraged, by lights of the ADL queue (5 is the front). */
export const adlLadder = (source: Source, world: number): Promise<LadderRow[]> =>
  source.rows(
    ['adl'],
    `SELECT market, lights::INTEGER AS lights, side, count(*)::DOUBLE AS closes, count(DISTINCT
      account)::DOUBLE AS accounts,
       sum(qty)::DOUBLE AS qty, sum(given_up)::DOUBLE AS "givenUp", (count(*) FILTER (WHERE hedger))::DOUBLE
         AS hedgers
     FROM adl WHERE world = ${world} GROUP BY ALL ORDER BY market, lights DESC, side`,
  );

export interface AdlTopRow {
  readonly tsUs: Micros;
  readonly market: string;
  readonly account: string;
  readonly side: string;
  readonly qty: number;
  readonly price: number;
  readonly mark: number;
  readonly rank: number;
  readonly lights: number;
  readonly givenUp: number;
  readonly loser: string;
}

/** The closes that gave up most. */
export const adlTop = (source: Source, world: number): Promise<AdlTopRow[]> =>
  source.rows(
    ['adl'],
    `SELECT ts_us::DOUBLE AS "tsUs", market, account, side, qty::DOUBLE AS qty, price::DOUBLE AS price,
      mark::DOUBLE AS mark,
       rank::DOUBLE AS rank, lights::DOUBLE AS lights, given_up::DOUBLE AS "givenUp", loser
     FROM adl WHERE world = ${world} ORDER BY given_up DESC, ts_us, seq LIMIT 15`,
  );

export interface AdlRequestSummary {
  readonly requests: number;
  readonly uncovered: number;
  readonly skipped: number;
}

/** Totals of what was asked of auto-deleveraging in one world. */
export const adlRequests = async (source: Source, world: number): Promise<AdlRequestSummary> => {
  const rows = await source.rows<AdlRequestSummary>(
    ['adl_requests'],
    `SELECT count(*)::DOUBLE AS requests, (count(*) FILTER (WHERE uncovered > 0))::DOUBLE AS uncovered,
       coalesce(sum(skipped), 0)::DOUBLE AS skipped FROM adl_requests WHERE world = ${world}`,
  );
  return rows[0] ?? { requests: 0, uncovered: 0, skipped: 0 };
};

export interface TrackedSummary {
  readonly account: string;
  readonly market: string;
  readonly side: string;
  readonly qtyFirst: number;
  readonly qtyLast: number;
  readonly equityFirst: number;
  readonly equityLow: number;
  readonly equityLast: number;
  readonly worstAtUs: Micros;
  readonly nearest: number | null;
  readonly lightsMost: number;
  readonly end: string;
}

/** One row a tracked leg: where it began, how near it came, where it ended. At most 40. */
export const tracked = (source: Source, world: number): Promise<TrackedSummary[]> =>
  source.rows(
    ['tracked', 'liquidations'],
    `WITH legs AS (
       SELECT account, market, side, min(ts_us) AS t1, max(ts_us) AS t2, min(equity) AS low,
         min(distance_f64) FILTER (WHERE qty > 0 AND isfinite(distance_f64)) AS nearest, max(adl_lights) AS
           lights
       FROM tracked WHERE world = ${world} GROUP BY account, market, side
     ), named AS (SELECT account, market, side, max("end") AS "end" FROM liquidations WHERE world = ${world}
       GROUP BY ALL)
     SELECT l.account, l.market, l.side, a.qty::DOUBLE AS "qtyFirst", b.qty::DOUBLE AS "qtyLast",
       a.equity::DOUBLE AS "equityFirst", l.low::DOUBLE AS "equityLow", b.equity::DOUBLE AS "equityLast",
       (SELECT min(ts_us) FROM tracked w WHERE w.world = ${world} AND w.account = l.account AND w.market =
         l.market
         AND w.side = l.side AND w.equity = l.low)::DOUBLE AS "worstAtUs",
       l.nearest::DOUBLE AS nearest, l.lights::DOUBLE AS "lightsMost", coalesce(n."end", '') AS "end"
     FROM legs l
     JOIN tracked a ON a.world = ${world} AND a.account = l.account AND a.market = l.market AND a.side =
       l.side AND a.ts_us = l.t1
     JOIN tracked b ON b.world = ${world} AND b.account = l.account AND b.market = l.market AND b.side =
       l.side AND b.ts_us = l.t2
     LEFT JOIN named n ON n.account = l.account AND n.market = l.market AND n.side = l.side
     ORDER BY l.account, l.market, l.side LIMIT 40`,
  );

export interface HazardBin {
  readonly side: string;
  readonly low: number;
  readonly high: number;
  readonly notional: number;
  readonly branching: number | null;
}

/** What would be liquidated in each per cent of price, within 0.4 and 1.6 times a price. */
export const hazard = (source: Source, world: number, market: string, first: number): Promise<HazardBin[]> =>
  source.rows(
    ['hazard'],
    `SELECT side, low, high, notional, branching_f64 AS branching FROM hazard
     WHERE world = ${world} AND market = ${sqlText(market)} AND high > ${0.4 * first} AND low < ${1.6 * first}
     ORDER BY side, place`,
  );

export interface UsedRow {
  readonly market: string;
  readonly constituents: string;
  readonly changes: number;
  readonly held: number;
}

/** Which constituents the index used, how often it changed, how often it was held. */
export const indexStates = (source: Source, world: number, market: string): Promise<UsedRow[]> =>
  source.rows(
    ['provenance'],
    `SELECT market, constituents, count(*)::DOUBLE AS changes, (count(*) FILTER (WHERE held))::DOUBLE AS held
     FROM provenance WHERE world = ${world} AND market = ${sqlText(market)}
     GROUP BY market, constituents ORDER BY changes DESC, constituents LIMIT 8`,
  );
