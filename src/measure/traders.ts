/** What liquidation meant to traders: how many, what share of open interest, what it cost beyond the mark. */
import type { DuckDBConnection } from '../basics/duckdb.ts';
import { type Money, money, ONE, type Price, steps, ZERO_MONEY } from '../basics/exact.ts';
import type { Amount } from '../results/headline.ts';
import { allRows } from '../results/readRows.ts';
import type { MetricRow } from '../results/runTables.ts';
import { signedValue } from '../results/valuation.ts';
import type { Market, MarketId } from '../rules/market.ts';
import { metric, share } from './metric.ts';

const count = (n: number): Amount => steps(n, ONE);
const amountOf = (row: MetricRow | undefined): Amount => (row === undefined ? ZERO_MONEY : money(row.value));

interface Liquidated {
  readonly market: string;
  readonly side: string;
  readonly accounts: number;
  readonly alive: number;
  readonly held: number;
  readonly touched: Amount | null;
  readonly fees: Amount | null;
  readonly residue: Amount | null;
  readonly deficit: Amount | null;
}

/** LF, PLR and TC by market and side. */
export async function traderRows(
  connection: DuckDBConnection,
  world: number,
  markets: ReadonlyMap<MarketId, Market>,
  headline: readonly MetricRow[],
): Promise<MetricRow[]> {
  const first = await allRows<{ market: string; open_interest: Amount; mark: Price }>(
    connection,
    `SELECT market, arg_min(open_interest, ts_us) AS open_interest, arg_min(mark, ts_us) AS mark
       FROM beats WHERE world = ${world} GROUP BY market ORDER BY market`,
  );
  const liquidated = await allRows<Liquidated>(connection, liquidatedSql(world));
  const slippage = await slippageOf(connection, world, markets);
  const rows: MetricRow[] = [];
  for (const { market: id, open_interest: interest, mark } of first) {
    const market = markets.get(id)!;
    const whole = signedValue(market, interest, mark);
    for (const side of ['long', 'short']) {
      const of = liquidated.find((l) => l.market === id && l.side === side);
      const notional = headline.find(
        (h) => h.name === 'liquidatedNotional' && h.market === id && h.side === side,
      );
      const at = { market: id, side };
      const [fees, residue, deficit] = [of?.fees, of?.residue, of?.deficit].map((a) => a ?? ZERO_MONEY) as [
        Amount,
        Amount,
        Amount,
      ];
      const slip = slippage.get(`${id}|${side}`) ?? ZERO_MONEY;
      rows.push(
        metric(world, 'accounts', of?.held ?? 0, { ...at, unit: 'accounts' }),
        metric(world, 'liquidatedShare', share(amountOf(notional), whole), { ...at, unit: 'fraction' }),
        metric(world, 'firstTouchShare', share(of?.touched ?? ZERO_MONEY, interest), {
          ...at,
          unit: 'fraction',
        }),
        metric(world, 'partialRate', share(count(of?.alive ?? 0), count(of?.accounts ?? 0)), {
          ...at,
          unit: 'fraction',
        }),
        metric(world, 'traderFees', fees, { ...at, unit: market.settle }),
        metric(world, 'traderResidue', residue, { ...at, unit: market.settle }),
        metric(world, 'traderSlippage', slip, { ...at, unit: market.settle }),
        metric(world, 'traderCost', fees.plus(residue).plus(slip).minus(deficit), {
          ...at,
          unit: market.settle,
        }),
      );
    }
  }
  return rows;
}

const FORCED = "effect = 'close' AND why IN ('liquidation', 'takeover')";

const liquidatedSql = (w: number): string => `
  WITH hit AS (
    SELECT market, side, count(DISTINCT account) AS accounts, sum(fees) AS fees, sum(residue) AS residue,
           sum(deficit) AS deficit
      FROM liquidations WHERE world = ${w} GROUP BY market, side),
  alive AS (
    SELECT l.market, l.side, count(DISTINCT l.account) AS alive FROM liquidations l
      JOIN accounts a ON a.world = l.world AND a.account = l.account AND a."when" = 'after' AND a.qty > 0
        AND (l.mode = 'cross' OR (a.market = l.market AND a.side = l.side))
     WHERE l.world = ${w} AND l.closed_notional > 0 GROUP BY l.market, l.side),
  before AS (
    SELECT account, market, side, qty FROM accounts WHERE world = ${w} AND "when" = 'before' AND qty > 0),
  held AS (SELECT market, side, count(DISTINCT account) AS held FROM before GROUP BY market, side),
  closed AS (
    SELECT account, market, side, sum(qty) AS qty FROM fills WHERE world = ${w} AND ${FORCED}
     GROUP BY account, market, side),
  touched AS (
    SELECT market, side, sum(least(before.qty, closed.qty)) AS touched
      FROM before JOIN closed USING (account, market, side) GROUP BY market, side)
  SELECT market, side, coalesce(accounts, 0) AS accounts, coalesce(alive, 0) AS alive, coalesce(held, 0) AS held,
         touched, fees, residue, deficit
    FROM held FULL JOIN hit USING (market, side) LEFT JOIN alive USING (market, side)
    LEFT JOIN touched USING (market, side)`;

/**
 * Slippage by market and side: side * (value at the verdict's mark - value at the fill), the fills of
 * one mark taken together (the same number for a linear market, one venue's cut for an inverse one). Closes
 * belong to the latest verdict of their account that was open at the time; of ADL those of the bankrupt.
 */
async function slippageOf(
  connection: DuckDBConnection,
  world: number,
  markets: ReadonlyMap<MarketId, Market>,
): Promise<ReadonlyMap<string, Amount>> {
  const rows = await allRows<{ market: string; side: string; mark: Price; qty: Amount; value: Money }>(
    connection,
    `WITH closes AS (
       SELECT f.* FROM fills f WHERE f.world = ${world} AND ${FORCED}
       UNION ALL
       SELECT f.* FROM fills f JOIN adl_requests r ON r.world = f.world AND r.seq = f.cause AND r.side = f.side
        WHERE f.world = ${world} AND f.effect = 'close' AND f.why = 'adl'),
     told AS (
       SELECT f.market, f.side, f.qty, f.value,
              CASE WHEN l.market = f.market THEN l.mark_at_verdict ELSE b.mark END AS mark
         FROM closes f
         JOIN liquidations l ON l.world = f.world AND l.account = f.account AND l.seq < f.seq
          AND l.end_us >= f.ts_us AND (l.mode = 'cross' OR (l.market = f.market AND l.side = f.side))
         LEFT JOIN beats b ON b.world = f.world AND b.market = f.market AND b.ts_us = l.ts_us
      QUALIFY row_number() OVER (PARTITION BY f.seq ORDER BY l.seq DESC) = 1)
     SELECT market, side, mark, sum(qty) AS qty, sum(value) AS value FROM told GROUP BY ALL`,
  );
  const total = new Map<string, Amount>();
  for (const r of rows) {
    const market = markets.get(r.market)!;
    const lost = signedValue(market, r.qty, r.mark).minus(r.value);
    const against = (market.kind === 'linear') === (r.side === 'long') ? lost : lost.neg();
    const key = `${r.market}|${r.side}`;
    total.set(key, (total.get(key) ?? ZERO_MONEY).plus(against));
  }
  return total;
}
