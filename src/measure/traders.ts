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
  readonly fees: Amount | null;
  readonly residue: Amount | null;
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
      const [fees, residue] = [of?.fees ?? ZERO_MONEY, of?.residue ?? ZERO_MONEY];
      const slip = slippage.get(`${id}|${side}`) ?? ZERO_MONEY;
      rows.push(
        metric(world, 'accounts', of?.held ?? 0, { ...at, unit: 'accounts' }),
        metric(world, 'liquidatedShare', share(amountOf(notional), whole), { ...at, unit: 'fraction' }),
        metric(world, 'partialRate', share(count(of?.alive ?? 0), count(of?.accounts ?? 0)), {
          ...at,
          unit: 'fraction',
        }),
        metric(world, 'traderFees', fees, { ...at, unit: market.settle }),
        metric(world, 'traderResidue', residue, { ...at, unit: market.settle }),
        metric(world, 'traderSlippage', slip, { ...at, unit: market.settle }),
        metric(world, 'traderCost', fees.plus(residue).plus(slip), { ...at, unit: market.settle }),
      );
    }
  }
  return rows;
}

const liquidatedSql = (w: number): string => `
  WITH hit AS (
    SELECT market, side, count(DISTINCT account) AS accounts, sum(fees) AS fees, sum(residue) AS residue
      FROM liquidations WHERE world = ${w} GROUP BY market, side),
  alive AS (
    SELECT l.market, l.side, count(DISTINCT l.account) AS alive FROM liquidations l
      JOIN accounts a ON a.world = l.world AND a.account = l.account AND a.market = l.market
        AND a."when" = 'after' AND a.qty > 0
     WHERE l.world = ${w} GROUP BY l.market, l.side),
  held AS (
    SELECT market, side, count(DISTINCT account) AS held FROM accounts
     WHERE world = ${w} AND "when" = 'before' AND qty > 0 GROUP BY market, side)
  SELECT market, side, coalesce(accounts, 0) AS accounts, coalesce(alive, 0) AS alive, coalesce(held,
    0) AS held,
         fees, residue
    FROM held FULL JOIN hit USING (market, side) LEFT JOIN alive USING (market, side)`;

/**
 * Slippage by market and side: side * (value at the verdict's mark - value at the fill), the fills of
 * one mark taken together (the same number for a linear market, one venue's cut for an inverse one).
 */
async function slippageOf(
  connection: DuckDBConnection,
  world: number,
  markets: ReadonlyMap<MarketId, Market>,
): Promise<ReadonlyMap<string, Amount>> {
  const rows = await allRows<{ market: string; side: string; mark: Price; qty: Amount; value: Money }>(
    connection,
    `SELECT f.market, f.side, o.mark_at_verdict AS mark, sum(f.qty) AS qty, sum(f.value) AS value
       FROM fills f JOIN orders o ON o.world = f.world AND o.seq = f.cause
      WHERE f.world = ${world} AND f.why = 'liquidation' AND f.effect = 'close' GROUP BY ALL`,
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
