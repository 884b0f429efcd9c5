/** The headline figures by SQL: what a Tally sums row by row, summed by the database. */
import type { DuckDBConnection } from '../basics/duckdb.ts';
import { HeadlineSums, type HeadlineName, type Amount } from '../results/headline.ts';
import { allRows } from '../results/readRows.ts';
import type { MetricRow } from '../results/runTables.ts';
import type { Market, MarketId, Side } from '../rules/market.ts';

interface SumRow {
  readonly name: HeadlineName;
  readonly place: string;
  readonly side: Side | '';
  readonly amount: Amount;
}

interface CountRow {
  readonly name: HeadlineName;
  readonly market: string;
  readonly side: Side;
  /** null: of what comes once. */
  readonly account: string | null;
}

/** true for accounts of traders: `isInstitution` of results/headline.ts, as SQL. */
const trader = (column: string): string =>
  `(${column} NOT IN ('market', 'house', 'outside', 'socialised')
    AND NOT starts_with(${column}, 'fund:') AND NOT starts_with(${column}, 'funding:'))`;

/** Sums over rows of one world: SUM of DECIMAL is exact. */
const sumsSql = (w: number): string => {
  const bySide = (name: HeadlineName, column: string, from: string): string =>
    `SELECT '${name}' AS name, t.market AS place, t.side, sum(t.${column}) AS amount FROM ${from}
      GROUP BY t.market, t.side`;
  const byAsset = (name: HeadlineName, where: string): string =>
    `SELECT '${name}', asset, '', sum(amount) FROM transfers WHERE world = ${w} AND (${where})
      GROUP BY asset`;
  return [
    bySide(
      'liquidatedNotional',
      'value',
      `fills t WHERE t.world = ${w} AND t.effect = 'close' AND t.why IN ('liquidation', 'takeover')`,
    ),
    bySide('deficit', 'deficit', `liquidations t WHERE t.world = ${w}`),
    bySide('clearanceFees', 'fees', `liquidations t WHERE t.world = ${w}`),
    bySide(
      'adlNotional',
      'value',
      `fills t JOIN adl_requests r ON r.world = t.world AND r.seq = t.cause
      WHERE t.world = ${w} AND t.effect = 'close' AND t.why = 'adl' AND r.side <> t.side`,
    ),
    bySide('adlContracts', 'qty', `adl t WHERE t.world = ${w}`),
    bySide('adlGivenUp', 'given_up', `adl t WHERE t.world = ${w}`),
    bySide('uncovered', 'uncovered', `adl_requests t WHERE t.world = ${w}`),
    bySide('uncoveredMoney', 'uncovered_money', `adl_requests t WHERE t.world = ${w}`),
    byAsset('fundInflow', `starts_with("to", 'fund:')`),
    byAsset('fundOutflow', `starts_with("from", 'fund:')`),
    byAsset('housePaid', `"from" = 'house'`),
    byAsset('badDebt', `reason IN ('deficit', 'insolvency', 'socialised-loss') AND ${trader('"to"')}`),
    byAsset(
      'shortfall',
      `reason = 'insolvency' AND "from" = 'house'
        OR reason = 'socialised-loss' AND (${trader('"from"')} OR starts_with("from", 'funding:'))`,
    ),
  ].join(' UNION ALL ');
};

/** Amounts of the first, last or extreme beat. */
const keptSql = (w: number): string => {
  const beat = (name: HeadlineName, expression: string): string =>
    `SELECT '${name}' AS name, market AS place, '' AS side, ${expression} AS amount FROM beats
      WHERE world = ${w} GROUP BY market`;
  return [
    beat('markFirst', 'arg_min(mark, ts_us)'),
    beat('markLow', 'min(mark)'),
    beat('markHigh', 'max(mark)'),
    beat('markLast', 'arg_max(mark, ts_us)'),
    beat('lastLow', 'min(low)'),
    beat('marketProfit', 'arg_max(market_profit, ts_us)'),
    beat('marketProfitLow', 'min(market_profit)'),
    beat('marketLowestCash', 'min(market_lowest_cash)'),
    `SELECT 'fundLow', fund, '', min(cash) FROM fund WHERE world = ${w} GROUP BY fund`,
    `SELECT 'fundLast', fund, '', arg_max(cash, ts_us) FROM fund WHERE world = ${w} GROUP BY fund`,
    `SELECT 'fundFirst', account[6:], '', balance FROM balances
      WHERE world = ${w} AND "when" = 'before' AND starts_with(account, 'fund:')`,
  ].join(' UNION ALL ');
};

const countsSql = (w: number): string =>
  [
    `SELECT 'liquidations' AS name, market, side, NULL AS account FROM liquidations WHERE world = ${w}`,
    `SELECT 'liquidatedAccounts', market, side, account FROM liquidations WHERE world = ${w}`,
    `SELECT 'adlAccounts', market, side, account FROM adl WHERE world = ${w}`,
  ].join(' UNION ALL ');

/** Headline figures of one world of a stored run. */
export async function headlineRows(
  connection: DuckDBConnection,
  world: number,
  markets: ReadonlyMap<MarketId, Market>,
): Promise<MetricRow[]> {
  const sums = new HeadlineSums();
  const funds = await allRows<{ fund: string; asset: string }>(
    connection,
    `SELECT DISTINCT fund, asset FROM fund WHERE world = ${world}`,
  );
  for (const { fund, asset } of funds) sums.fund(fund, asset);
  for (const s of await allRows<SumRow>(connection, sumsSql(world)))
    sums.add(s.name, s.place, s.side, s.amount);
  for (const s of await allRows<SumRow>(connection, keptSql(world)))
    sums.keep('latest', s.name, s.place, s.amount);
  for (const { name, market, side, account } of await allRows<CountRow>(connection, countsSql(world))) {
    if (account === null) sums.count(name, market, side);
    else sums.countAccount(name, market, side, account);
  }
  return sums.rows(world, markets);
}
