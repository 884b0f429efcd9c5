/** Fills: prices inside their beats, values, positions before + fills = after, orders and ADL. */
import type { DuckDBConnection } from '../../basics/duckdb.ts';
import { type Exact, type Price, type Qty, type Unit, ZERO_MONEY } from '../../basics/exact.ts';
import type { Market, MarketId } from '../../rules/market.ts';
import { readRows } from '../readRows.ts';
import { signedProfit, valueAt } from '../valuation.ts';
import { Agreement, agreementOf, type VerifyLine } from './line.ts';

type Amount = Exact<Unit>;

/** A rule set may liquidate before the mark moves: then the mark is that of the beat before. */
const IN_RANGE = `
  WITH marked AS (
    SELECT *, coalesce(lag(mark) OVER w, mark) AS before, coalesce(lag(mark, 2) OVER w, lag(mark) OVER w, mark) AS earlier
      FROM beats WINDOW w AS (PARTITION BY world, market ORDER BY ts_us))
  SELECT f.world || ' ' || f.market || ' seq ' || f.seq || ': ' || f.price || ' (' || f.price_rule
    || ') outside '
           || coalesce(b.low::VARCHAR, '?') || ' .. ' || coalesce(b.high::VARCHAR, '?') AS what,
         CASE f.price_rule WHEN 'book' THEN coalesce(f.price BETWEEN b.low AND b.high, false)
              WHEN 'mark' THEN f.price IN (b.mark, b.before)
              WHEN 'last' THEN coalesce(f.price = b.last, false)
              WHEN 'previousMark' THEN f.price IN (b.before, b.earlier)
              ELSE f.price_rule IN ('impact', 'bankruptcy', 'event') END AS agrees
    FROM fills f LEFT JOIN marked b ON b.world = f.world AND b.market = f.market AND b.ts_us = f.ts_us`;

/** Legs after the run: contracts and entry value before, plus what opened, less what closed. */
const LEGS = `
  WITH parts AS (
    SELECT world, account, market, side, CASE "when" WHEN 'before' THEN qty ELSE -qty END AS qty,
           CASE "when" WHEN 'before' THEN entry_value ELSE -entry_value END AS entry FROM accounts
    UNION ALL
    SELECT world, account, market, side, CASE effect WHEN 'open' THEN qty ELSE -qty END,
           CASE effect WHEN 'open' THEN entry_value ELSE -entry_value END
      FROM fills WHERE NOT starts_with(account, 'fund:'))
  SELECT world || ' ' || account || ' ' || market || ' ' || side || ': ' || sum(qty) || ' contracts, '
    || sum(entry)
           || ' entry value too many' AS what, sum(qty) = 0 AND sum(entry) = 0 AS agrees
    FROM parts GROUP BY world, account, market, side`;

const ORDERS = `
  WITH filled AS (SELECT world, cause, sum(qty) AS qty FROM fills WHERE why = 'liquidation' GROUP BY ALL)
  SELECT o.world || ' order ' || o.seq || ': ' || o.filled || ' for ' || coalesce(f.qty, 0) AS what,
         o.filled = coalesce(f.qty, 0) AND o.filled <= o.qty AS agrees
    FROM orders o LEFT JOIN filled f ON f.world = o.world AND f.cause = o.seq`;

/** Requests: covered = closed winners; covered + uncovered = asked; each winner has its fill. */
const REQUESTS = `
  WITH closed AS (SELECT world, cause AS seq, sum(qty) AS closed FROM adl GROUP BY ALL)
  SELECT world || ' request ' || seq || ': ' || coalesce(closed, 0) || ' closed for ' || coalesce(covered,
    0) AS what,
         coalesce(coalesce(closed, 0) = covered AND covered + uncovered = qty, false) AS agrees
    FROM adl_requests FULL JOIN closed USING (world, seq)`;

const WINNERS = `
  WITH a AS (SELECT world, cause, account, market, side, sum(qty) AS qty FROM adl GROUP BY ALL),
  f AS (
    SELECT f.world, f.cause, f.account, f.market, f.side, sum(f.qty) AS qty
      FROM fills f JOIN adl_requests r ON r.world = f.world AND r.seq = f.cause AND r.side <> f.side
     WHERE f.why = 'adl' GROUP BY ALL)
  SELECT world || ' ' || account || ': adl ' || coalesce(a.qty, 0) || ', fills ' || coalesce(f.qty,
    0) AS what,
         coalesce(a.qty, 0) = coalesce(f.qty, 0) AS agrees
    FROM a FULL JOIN f USING (world, cause, account, market, side)`;

const ADL_PRICES = `
  SELECT a.world || ' adl ' || a.seq || ' at ' || a.price AS what, coalesce(a.price = r.price
    AND a.side <> r.side AND a.loser = r.loser, false) AS agrees
    FROM adl a LEFT JOIN adl_requests r ON r.world = a.world AND r.seq = a.cause`;

/** All checks of fills, orders and ADL. */
export async function checkFills(
  connection: DuckDBConnection,
  markets: ReadonlyMap<MarketId, Market>,
): Promise<VerifyLine[]> {
  const checks: readonly [string, string][] = [
    ['fills: price inside the range of the beat, or fixed by a named rule', IN_RANGE],
    ['accounts: before + fills = after, contracts and entry value of every leg', LEGS],
    ['orders: filled = fills of the order, no more than ordered', ORDERS],
    ['adl_requests: covered = contracts of closed winners, covered + uncovered = asked', REQUESTS],
    ['adl: contracts = fills of the winner', WINNERS],
    ['adl: price, side and loser of the request', ADL_PRICES],
  ];
  const lines: VerifyLine[] = [];
  for (const [check, sql] of checks) lines.push(await agreementOf(connection, check, sql));
  return [...lines, await checkValues(connection, markets), await checkGivenUp(connection, markets)];
}

/** value = qty at price, by the market's own rule. */
async function checkValues(
  connection: DuckDBConnection,
  markets: ReadonlyMap<MarketId, Market>,
): Promise<VerifyLine> {
  const agreement = new Agreement('fills: value = quantity at the price');
  const rows = readRows<{ market: string; seq: number; qty: Qty; price: Price; value: Amount }>(
    connection,
    'SELECT market, seq, qty, price, value FROM fills',
  );
  for await (const f of rows) {
    const value = valueAt(markets.get(f.market)!, f.qty, f.price);
    agreement.see(f.value.eq(value), () => `seq ${f.seq}: ${f.value} for ${value}`);
  }
  return agreement.line();
}

/** given_up = profit of the winner at mark less profit at the price. */
async function checkGivenUp(
  connection: DuckDBConnection,
  markets: ReadonlyMap<MarketId, Market>,
): Promise<VerifyLine> {
  const agreement = new Agreement('adl: given_up = profit at mark - profit at the price');
  const rows = readRows<{
    market: string;
    side: string;
    seq: number;
    qty: Amount;
    price: Price;
    mark: Price;
    given_up: Amount;
  }>(connection, 'SELECT market, side, seq, qty, price, mark, given_up FROM adl');
  for await (const a of rows) {
    const market = markets.get(a.market)!;
    const held = a.side === 'long' ? a.qty : a.qty.neg();
    const at = (p: Price): Amount => signedProfit(market, held, ZERO_MONEY, p);
    const expected = at(a.mark).minus(at(a.price));
    agreement.see(a.given_up.eq(expected), () => `seq ${a.seq}: ${a.given_up} for ${expected}`);
  }
  return agreement.line();
}
