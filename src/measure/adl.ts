/** How auto-deleveraging spread over the winners. */
import type { DuckDBConnection } from '../basics/duckdb.ts';
import { as, ONE, product, steps, ZERO_MONEY } from '../basics/exact.ts';
import type { Amount } from '../results/headline.ts';
import { allRows } from '../results/readRows.ts';
import type { MetricRow } from '../results/runTables.ts';
import { metric, share } from './metric.ts';

const TOP = 10;
const whole = (n: number): Amount => steps(n, ONE);

/**
 * Gini coefficient of amounts >= 0: 2 * sum(i * x_i) / (n * sum x) - (n + 1) / n with x ascending and
 * i from 1; (n - 1) / n where one holds all. To 12 decimal places.
 *
 * @returns null where the amounts sum to 0
 */
export function gini(amounts: readonly Amount[]): Amount | null {
  const n = amounts.length;
  const ascending = [...amounts].sort((a, b) => a.cmp(b));
  const total = ascending.reduce((sum, x) => sum.plus(x), ZERO_MONEY as Amount);
  const weighted = ascending.reduce(
    (sum, x, i) => sum.plus(product('money', x, whole(2 * (i + 1) - n - 1))),
    ZERO_MONEY as Amount,
  );
  return share(weighted, product('money', total, whole(n)));
}

/** Share of the ten largest amounts; null where the amounts sum to 0. */
export function topShare(amounts: readonly Amount[]): Amount | null {
  const descending = [...amounts].sort((a, b) => b.cmp(a));
  const sum = (list: readonly Amount[]): Amount =>
    list.reduce((total, x) => total.plus(x), ZERO_MONEY as Amount);
  return share(sum(descending.slice(0, TOP)), sum(descending));
}

/** ADL-Gini, top-10 share and contracts asked for, by market and side. */
export async function adlRows(connection: DuckDBConnection, world: number): Promise<MetricRow[]> {
  const closed = await allRows<{ market: string; side: string; amount: Amount }>(
    connection,
    `SELECT t.market, t.side, sum(t.value) AS amount FROM fills t
       JOIN adl_requests r ON r.world = t.world AND r.seq = t.cause
      WHERE t.world = ${world} AND t.effect = 'close' AND t.why = 'adl' AND r.side <> t.side
      GROUP BY t.market, t.side, t.account ORDER BY t.market, t.side, t.account`,
  );
  const groups = Map.groupBy(closed, (c) => `${c.market}|${c.side}`);
  const rows: MetricRow[] = [];
  for (const list of groups.values()) {
    const { market, side } = list[0]!;
    const amounts = list.map((c) => as('money', c.amount));
    rows.push(
      metric(world, 'adlGini', gini(amounts), { market, side, unit: 'fraction' }),
      metric(world, 'adlTop10Share', topShare(amounts), { market, side, unit: 'fraction' }),
    );
  }
  const asked = await allRows<{ market: string; side: string; amount: Amount }>(
    connection,
    `SELECT market, side, sum(qty) AS amount FROM adl_requests WHERE world = ${world}
      GROUP BY ALL ORDER BY market, side`,
  );
  for (const a of asked)
    rows.push(metric(world, 'adlRequested', a.amount, { market: a.market, side: a.side, unit: 'contracts' }));
  return rows;
}
