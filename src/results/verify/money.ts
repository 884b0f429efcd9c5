/** Money: every balance, fund curve, fee and deficit again from the transfers alone. */
import type { DuckDBConnection } from '../../basics/duckdb.ts';
import { agreementOf, type VerifyLine } from './line.ts';

/** Compares the columns `expected` and `got` of a query; NULL is 0. */
const pairs = (sql: string): string => `
  SELECT what || ': ' || coalesce(got, 0) || ' for ' || coalesce(expected, 0) AS what,
         coalesce(got, 0) = coalesce(expected, 0) AS agrees FROM (${sql})`;

/** Signed movements of every account. */
const MOVES = `moves AS (
  SELECT world, ts_us, "to" AS account, asset, amount FROM transfers
  UNION ALL SELECT world, ts_us, "from", asset, -amount FROM transfers)`;

const BALANCES = `WITH ${MOVES},
  moved AS (SELECT world, account, asset, sum(amount) AS net FROM moves GROUP BY ALL),
  before AS (SELECT * FROM balances WHERE "when" = 'before'),
  later AS (SELECT * FROM balances WHERE "when" = 'after')
  SELECT world || ' ' || account || ' ' || asset AS what,
         coalesce(before.balance, 0) + coalesce(net, 0) AS expected,
         coalesce(later.balance, before.balance) AS got
    FROM moved FULL JOIN before USING (world, account, asset) FULL JOIN later USING (world, account, asset)`;

const TOTALS = `WITH later AS (SELECT * FROM balances WHERE "when" = 'after'),
  before AS (SELECT * FROM balances WHERE "when" = 'before')
  SELECT world || ' ' || asset AS what, sum(coalesce(before.balance, 0)) AS expected,
         sum(coalesce(later.balance, before.balance)) AS got
    FROM before FULL JOIN later USING (world, account, asset) GROUP BY world, asset`;

/** Cash after each beat = opening + all that moved until then. */
const FUND_CURVE = `WITH ${MOVES},
  steps AS (
    SELECT world, account, asset, ts_us, sum(sum(amount)) OVER (PARTITION BY world, account,
      asset ORDER BY ts_us) AS net
      FROM moves WHERE starts_with(account, 'fund:') GROUP BY world, account, asset, ts_us)
  SELECT f.world || ' ' || f.fund || ' ' || f.ts_us AS what, coalesce(b.balance, 0) + coalesce(s.net,
    0) AS expected, f.cash AS got
    FROM fund f
    ASOF LEFT JOIN steps s
      ON s.world = f.world AND s.account = 'fund:' || f.fund AND s.asset = f.asset AND s.ts_us <= f.ts_us
    LEFT JOIN balances b
      ON b.world = f.world AND b.account = 'fund:' || f.fund AND b.asset = f.asset AND b."when" = 'before'`;

/** A column of the liquidations against transfers of one reason, account by account. */
const byReason = (column: string, reason: string, account: 'from' | 'to'): string => `
  WITH rows AS (SELECT world, account, sum(${column}) AS got FROM liquidations GROUP BY ALL),
  paid AS (SELECT world, "${account}" AS account, sum(amount) AS expected FROM transfers
    WHERE reason = '${reason}' GROUP BY ALL)
  SELECT world || ' ' || account AS what, expected, got FROM rows FULL JOIN paid USING (world, account)`;

/** Lowest cash of `market` = lowest of its running sum, transfer by transfer, up to the beat. */
const LOWEST_CASH = `
  WITH running AS (
    SELECT world, market, ts_us, sum(CASE "to" WHEN 'market' THEN amount ELSE -amount END)
             OVER (PARTITION BY world, market ORDER BY seq) AS cash
      FROM transfers WHERE market IS NOT NULL AND 'market' IN ("from", "to") AND "from" <> "to"
       AND reason <> 'funding-rounding'),
  lowest AS (
    SELECT world, market, ts_us, min(min(cash)) OVER (PARTITION BY world, market ORDER BY ts_us) AS low
      FROM running GROUP BY world, market, ts_us)
  SELECT b.world || ' ' || b.market || ' ' || b.ts_us AS what, least(0, coalesce(l.low, 0)) AS expected,
         b.market_lowest_cash AS got
    FROM beats b ASOF LEFT JOIN lowest l
      ON l.world = b.world AND l.market = b.market AND l.ts_us <= b.ts_us`;

const ORDER_FEES = `
  WITH rows AS (SELECT world, account, sum(fees) AS expected FROM liquidations GROUP BY ALL),
  charged AS (SELECT world, account, sum(fee) AS got FROM orders GROUP BY ALL)
  SELECT world || ' ' || account AS what, expected, got FROM rows FULL JOIN charged USING (world, account)`;

const POSITIVE = `SELECT world || ' ' || seq AS what, abs(amount) AS expected,
  CASE WHEN "from" = "to" THEN 0 ELSE amount END AS got FROM transfers`;

/** All money checks. */
export async function checkMoney(connection: DuckDBConnection): Promise<VerifyLine[]> {
  const checks: readonly [string, string][] = [
    ['transfers: amounts above 0, between two accounts', POSITIVE],
    ['balances: before + transfers in - out = after', BALANCES],
    ['balances: money of all accounts before = after, by asset', TOTALS],
    ['fund: cash = opening + transfers in - out, every beat', FUND_CURVE],
    [
      'liquidations: fees = transfers by reason clearance-fee, by account',
      byReason('fees', 'clearance-fee', 'from'),
    ],
    [
      'liquidations: residue = transfers by reason residue, by account',
      byReason('residue', 'residue', 'from'),
    ],
    ['liquidations: deficit = transfers by reason deficit, by account', byReason('deficit', 'deficit', 'to')],
    ['orders: fees = fees of liquidations, by account', ORDER_FEES],
    ['beats: lowest cash of `market` = lowest running sum of its transfers', LOWEST_CASH],
  ];
  const lines: VerifyLine[] = [];
  for (const [check, sql] of checks) lines.push(await agreementOf(connection, check, pairs(sql)));
  return lines;
}
