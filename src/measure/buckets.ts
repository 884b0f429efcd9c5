/** Liquidations and ADL by hour, margin tier and leverage. */
import type { DuckDBConnection } from '../basics/duckdb.ts';
import { formatInstant, HOUR_US, type Micros } from '../basics/instant.ts';
import type { Amount } from '../results/headline.ts';
import { allRows } from '../results/readRows.ts';
import type { MetricRow } from '../results/runTables.ts';
import type { Market, MarketId } from '../rules/market.ts';
import { metric } from './metric.ts';

/** A beat belongs to the hour that it closes in: its end at 11:00:00 is the last of hour 10. */
const HOUR = `((ts_us - 1) // ${HOUR_US})::VARCHAR`;
const nameOf = (hour: number): string => formatInstant(hour * HOUR_US).slice(0, 13);

/** Hour (UTC) that a beat belongs to by its end: `2020-03-12T10`. */
export const hourName = (endUs: Micros): string => nameOf(Math.floor((endUs - 1) / HOUR_US));

/** Upper bounds (inclusive) of the buckets of leverage. */
const BOUNDS = [5, 10, 25, 50, 100];
const bucketName = (place: number): string =>
  place === BOUNDS.length ? `above ${BOUNDS.at(-1)!}` : `${BOUNDS[place - 1] ?? 0}-${BOUNDS[place]!}`;

/** Bucket of a leverage: `10-25`, `above 100`; `?` where there is none. */
export function leverageBucket(leverage: number | null): string {
  if (leverage === null || Number.isNaN(leverage)) return '?';
  const place = BOUNDS.findIndex((bound) => leverage <= bound);
  return bucketName(place < 0 ? BOUNDS.length : place);
}

const LEVERAGE = `CASE ${BOUNDS.map((bound, i) => `WHEN leverage <= ${bound} THEN '${bucketName(i)}'`).join(' ')}
  WHEN leverage > ${BOUNDS.at(-1)!} THEN '${bucketName(BOUNDS.length)}' ELSE '?' END`;

/** Forced closes with the verdict they belong to: the latest of the account that was open at the time. */
const closesSql = (w: number): string => `
  SELECT f.market, f.side, f.value, f.account, f.ts_us, l.tier, l.leverage
    FROM (SELECT * FROM fills
           WHERE world = ${w} AND effect = 'close' AND why IN ('liquidation', 'takeover')) f
    LEFT JOIN (SELECT * FROM liquidations WHERE world = ${w}) l
      ON l.account = f.account AND l.ts_us <= f.ts_us AND l.end_us >= f.ts_us
     AND (l.mode = 'cross' OR (l.market = f.market AND l.side = f.side))
  QUALIFY row_number() OVER (PARTITION BY f.seq, f.ts_us, f.account ORDER BY l.seq DESC NULLS LAST) = 1`;

interface Part {
  readonly bucket: string;
  readonly market: string;
  readonly amount: Amount | number;
}

async function parts(
  connection: DuckDBConnection,
  bucket: string,
  amount: string,
  from: string,
): Promise<Part[]> {
  return allRows<Part>(
    connection,
    `SELECT ${bucket} AS bucket, market, ${amount} AS amount FROM (${from}) GROUP BY ALL ORDER BY market,
      bucket`,
  );
}

/** LN, LA and ADLN by hour, tier and leverage bucket. */
export async function bucketRows(
  connection: DuckDBConnection,
  world: number,
  markets: ReadonlyMap<MarketId, Market>,
): Promise<MetricRow[]> {
  const rows: MetricRow[] = [];
  const closes = closesSql(world);
  const verdicts = `SELECT * FROM liquidations WHERE world = ${world}`;
  const winners = `SELECT t.* FROM fills t JOIN adl_requests r ON r.world = t.world AND r.seq = t.cause
    WHERE t.world = ${world} AND t.effect = 'close' AND t.why = 'adl' AND r.side <> t.side`;
  const kinds: readonly [sql: string, name: (bucket: string) => string][] = [
    [HOUR, (hour) => `hour ${nameOf(Number(hour))}`],
    [`coalesce(tier::VARCHAR, '?')`, (tier) => `tier ${tier}`],
    [LEVERAGE, (leverage) => `leverage ${leverage}`],
  ];
  for (const [i, [sql, name]] of kinds.entries()) {
    for (const p of await parts(connection, sql, 'sum(value)', closes)) {
      const unit = markets.get(p.market)!.settle;
      rows.push(
        metric(world, 'liquidatedNotional', p.amount, { market: p.market, bucket: name(p.bucket), unit }),
      );
    }
    for (const p of await parts(connection, sql, 'count(DISTINCT account)', verdicts)) {
      rows.push(
        metric(world, 'liquidatedAccounts', p.amount, {
          market: p.market,
          bucket: name(p.bucket),
          unit: 'accounts',
        }),
      );
    }
    if (i > 0) continue; // winners have no verdict, so no tier or leverage of one
    for (const p of await parts(connection, sql, 'sum(value)', winners)) {
      const unit = markets.get(p.market)!.settle;
      rows.push(metric(world, 'adlNotional', p.amount, { market: p.market, bucket: name(p.bucket), unit }));
    }
  }
  return rows;
}
