/**
 * Waves of forced orders, and whether the last price stood away from the mark before they began:
 * the beginning of an answer to who pushed whom.
 */
import type { DuckDBConnection } from '../basics/duckdb.ts';
import { type Micros, MINUTE_US } from '../basics/instant.ts';
import type { Amount } from '../results/headline.ts';
import { allRows } from '../results/readRows.ts';
import type { MetricRow } from '../results/runTables.ts';
import type { Market, MarketId } from '../rules/market.ts';
import { metric } from './metric.ts';

/** A longer pause between forced orders ends a wave. */
export const GAP_US = MINUTE_US;
/** |last / mark - 1| above this is a dislocation. */
const DISLOCATED = '0.005';

export interface Wave {
  readonly market: string;
  readonly side: string;
  /** Place among the waves of its market and side, from 1. */
  readonly place: number;
  readonly startUs: Micros;
  readonly endUs: Micros;
  readonly orders: number;
  readonly accounts: number;
  readonly notional: Amount;
}

/** Waves of one world, by market, side and time. */
export const wavesOf = (connection: DuckDBConnection, world: number): Promise<Wave[]> =>
  allRows<{ [F in keyof Wave]: Wave[F] }>(
    connection,
    `WITH o AS (
       SELECT *, coalesce(ts_us - lag(ts_us) OVER one > ${GAP_US}, true) AS starts FROM orders
        WHERE world = ${world} WINDOW one AS (PARTITION BY market, side ORDER BY ts_us, seq)),
     numbered AS (SELECT *, sum(starts::INTEGER) OVER (PARTITION BY market, side ORDER BY ts_us,
       seq) AS place FROM o),
     filled AS (SELECT cause, sum(value) AS value FROM fills
        WHERE world = ${world} AND effect = 'close' AND why = 'liquidation' GROUP BY cause)
     SELECT market, side, place, min(ts_us) AS "startUs", max(ts_us) AS "endUs", count(*) AS orders,
            count(DISTINCT account) AS accounts, coalesce(sum(value), 0)::DECIMAL(38,18) AS notional
       FROM numbered LEFT JOIN filled ON filled.cause = numbered.seq
      GROUP BY market, side, place ORDER BY market, side, place`,
  );

/** Figures of the waves and dislocated minutes around them. */
export async function waveRows(
  connection: DuckDBConnection,
  world: number,
  markets: ReadonlyMap<MarketId, Market>,
  beatUs: Micros,
): Promise<MetricRow[]> {
  const waves = await wavesOf(connection, world);
  const rows = waves.flatMap((w) => {
    const at = { market: w.market, side: w.side, bucket: `wave ${w.place}` };
    return [
      metric(world, 'waveStartUs', w.startUs, { ...at, unit: 'us UTC' }),
      metric(world, 'waveEndUs', w.endUs, { ...at, unit: 'us UTC' }),
      metric(world, 'waveOrders', w.orders, { ...at, unit: 'orders' }),
      metric(world, 'waveAccounts', w.accounts, { ...at, unit: 'accounts' }),
      metric(world, 'waveNotional', w.notional, { ...at, unit: markets.get(w.market)!.settle }),
    ];
  });
  const away = await allRows<{ market: string; tsUs: Micros }>(
    connection,
    `SELECT market, ts_us AS "tsUs" FROM beats
      WHERE world = ${world} AND abs(last::DOUBLE / mark::DOUBLE - 1) > ${DISLOCATED} ORDER BY market, ts_us`,
  );
  for (const id of markets.keys()) {
    const times = away.filter((a) => a.market === id).map((a) => a.tsUs);
    const minutes = (beats: number): number => (beats * beatUs) / MINUTE_US;
    rows.push(metric(world, 'dislocated', minutes(times.length), { market: id, unit: 'minutes' }));
    for (const side of ['long', 'short']) {
      const own = waves.filter((w) => w.market === id && w.side === side);
      for (const [bucket, n] of aroundWaves(times, own)) {
        rows.push(metric(world, 'dislocated', minutes(n), { market: id, side, bucket, unit: 'minutes' }));
      }
    }
  }
  return rows;
}

/**
 * How many of the times lie before, in and after each wave.
 *
 * @param times  ascending
 * @param waves  of one market and side, ascending, not overlapping
 * @returns      bucket -> number, none for no wave
 */
export function aroundWaves(
  times: readonly Micros[],
  waves: readonly Pick<Wave, 'startUs' | 'endUs'>[],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [i] of waves.entries()) {
    counts.set(`wave ${i + 1} before`, 0);
    counts.set(`wave ${i + 1}`, 0);
  }
  if (waves.length === 0) return counts;
  counts.set('after', 0);
  for (const t of times) {
    const i = waves.findIndex((w) => t <= w.endUs);
    const bucket = i < 0 ? 'after' : t < waves[i]!.startUs ? `wave ${i + 1} before` : `wave ${i + 1}`;
    counts.set(bucket, counts.get(bucket)! + 1);
  }
  return counts;
}
