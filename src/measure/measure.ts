/**
 * All figures of a stored run, by SQL over its rows: docs/method.md's list as far as one run can give it.
 * Figures that need two runs (overshoot, unnecessary liquidations, amplification) are the study's.
 */
import type { DuckDBConnection } from '../basics/duckdb.ts';
import { ONE, steps } from '../basics/exact.ts';
import type { Amount } from '../results/headline.ts';
import type { RunFacts } from '../results/manifest.ts';
import { allRows } from '../results/readRows.ts';
import type { MetricRow } from '../results/runTables.ts';
import { marketsOf } from '../results/valuation.ts';
import { adlRows } from './adl.ts';
import { bucketRows } from './buckets.ts';
import { fundRows } from './funds.ts';
import { headlineRows } from './headline.ts';
import { metric } from './metric.ts';
import { traderRows } from './traders.ts';
import { waterfallRows } from './waterfall.ts';
import { waveRows } from './waves.ts';

/**
 * @param connection  a store's connection after `settle`, or one to a finished results.duckdb
 * @param facts       the run's facts, in memory or as read from run.json
 * @returns           rows of the table `metrics`, world by world
 */
export async function measure(connection: DuckDBConnection, facts: RunFacts): Promise<MetricRow[]> {
  const markets = marketsOf(facts);
  const rows: MetricRow[] = [];
  for (const { world } of facts.worlds) {
    const headline = await headlineRows(connection, world, markets);
    rows.push(
      ...headline,
      ...(await bucketRows(connection, world, markets)),
      ...(await traderRows(connection, world, markets, headline)),
      ...(await fundRows(connection, world)),
      ...(await adlRows(connection, world)),
      ...(await queueRows(connection, world)),
      ...(await waveRows(connection, world, markets, facts.scenario.facts.beatUs)),
      ...(await waterfallRows(connection, world, markets)),
    );
  }
  return rows;
}

/** The queue of forced orders, accounts that lost several positions at once, and when the mark was lowest. */
async function queueRows(connection: DuckDBConnection, world: number): Promise<MetricRow[]> {
  const beats = await allRows<{ market: string; depth: number; low_us: number }>(
    connection,
    `SELECT market, max(queue) AS depth, arg_min(ts_us, (mark, ts_us)) AS low_us FROM beats
      WHERE world = ${world} GROUP BY market ORDER BY market`,
  );
  const rows = beats.flatMap(({ market, depth, low_us }) => [
    metric(world, 'markLowAtUs', whole(low_us), { market, unit: 'us UTC' }),
    metric(world, 'queueDepth', whole(depth), { market, unit: 'accounts' }),
  ]);
  const [waited] = await allRows<{ longest: number | null }>(
    connection,
    `SELECT max(queue_sec) AS longest FROM orders WHERE world = ${world}`,
  );
  const [lost] = await allRows<{ accounts: number }>(
    connection,
    `SELECT count(DISTINCT account) AS accounts FROM (
       SELECT account FROM liquidations WHERE world = ${world}
        GROUP BY account, end_us HAVING sum(positions_lost) > 1)`,
  );
  rows.push(
    metric(world, 'queueWait', waited?.longest ?? 0, { unit: 's' }),
    metric(world, 'multiLossAccounts', whole(lost?.accounts ?? 0), { unit: 'accounts' }),
  );
  return rows;
}

const whole = (n: number): Amount => steps(n, ONE);
