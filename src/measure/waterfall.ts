/**
 * Who gained and who lost, so that everything is somebody's: change of money and of unrealized
 * profit at mark, from the first mark to the last, by party. The parties sum to exactly 0; the
 * venue's cuts of inverse values are a party of their own (`rounding`, 0 in linear markets).
 */
import type { DuckDBConnection } from '../basics/duckdb.ts';
import { as, type Price, ZERO_MONEY } from '../basics/exact.ts';
import type { Amount } from '../results/headline.ts';
import { allRows } from '../results/readRows.ts';
import type { MetricRow } from '../results/runTables.ts';
import { signedProfit } from '../results/valuation.ts';
import type { Market, MarketId } from '../rules/market.ts';
import { metric } from './metric.ts';

/** Party of a ledger account, as SQL; `hit` and `closed` are the liquidated and the deleveraged. */
const party = (column: string): string => `CASE
  WHEN ${column} IN ('market', 'house', 'outside', 'socialised') THEN ${column}
  WHEN starts_with(${column}, 'fund:') THEN 'fund'
  WHEN starts_with(${column}, 'funding:') THEN 'funding'
  WHEN ${column} IN (SELECT account FROM hit) THEN 'liquidated traders'
  WHEN ${column} IN (SELECT account FROM closed) THEN 'deleveraged winners'
  ELSE 'other holders' END`;

const parties = (w: number): string => `
  WITH hit AS (SELECT DISTINCT account FROM liquidations WHERE world = ${w}),
  closed AS (SELECT DISTINCT account FROM adl WHERE world = ${w})`;

interface Holding {
  readonly party: string;
  readonly market: string;
  /** Signed contracts and signed entry value, before the run and after it. */
  readonly before_qty: Amount;
  readonly before_entry: Amount;
  readonly after_qty: Amount;
  readonly after_entry: Amount;
}

/** Signed holdings by party: the population's from its legs, the funds' from their fills. */
const holdingsSql = (w: number): string => `${parties(w)},
  held AS (
    SELECT account, market, "when" = 'before' AS first, "when" = 'after' AS last,
           CASE side WHEN 'long' THEN qty ELSE -qty END AS qty,
           CASE side WHEN 'long' THEN entry_value ELSE -entry_value END AS entry
      FROM accounts WHERE world = ${w}
    UNION ALL
    SELECT account, market, false, true,
           CASE WHEN (side = 'long') = (effect = 'open') THEN qty ELSE -qty END,
           CASE WHEN (side = 'long') = (effect = 'open') THEN entry_value ELSE -entry_value END
      FROM fills WHERE world = ${w} AND starts_with(account, 'fund:'))
  SELECT ${party('account')} AS party, market,
         sum(CASE WHEN first THEN qty ELSE 0 END) AS before_qty, sum(CASE WHEN first THEN entry
           ELSE 0 END) AS before_entry,
         sum(CASE WHEN last THEN qty ELSE 0 END) AS after_qty, sum(CASE WHEN last THEN entry
           ELSE 0 END) AS after_entry
    FROM held GROUP BY ALL ORDER BY market, party`;

/** Reasons by which money changes hands and nobody gains. */
const BROUGHT = "'deposit', 'top-up', 'withdrawal', 'exchange'";

const moneySql = (w: number): string => `${parties(w)},
  moves AS (
    SELECT "to" AS account, asset, amount FROM transfers WHERE world = ${w} AND reason NOT IN (${BROUGHT})
    UNION ALL
    SELECT "from", asset, -amount FROM transfers WHERE world = ${w} AND reason NOT IN (${BROUGHT}))
  SELECT ${party('account')} AS party, asset, sum(amount) AS amount FROM moves GROUP BY ALL ORDER BY asset,
    party`;

/** Rows in this order; parties without anything are left out, `rounding` too where it is 0. */
const ORDER = [
  'liquidated traders',
  'deleveraged winners',
  'other holders',
  'fund',
  'market',
  'house',
  'funding',
  'outside',
  'socialised',
  'rounding',
];

/** The waterfall of one world, by asset. */
export async function waterfallRows(
  connection: DuckDBConnection,
  world: number,
  markets: ReadonlyMap<MarketId, Market>,
): Promise<MetricRow[]> {
  const gains = new Map<string, Amount>(); // `asset|party`
  const add = (asset: string, who: string, amount: Amount): void => {
    const key = `${asset}|${who}`;
    gains.set(key, (gains.get(key) ?? ZERO_MONEY).plus(as('money', amount)));
  };
  const marks = await allRows<{ market: string; first: Price; last: Price }>(
    connection,
    `SELECT market, arg_min(mark, ts_us) AS first, arg_max(mark, ts_us) AS last FROM beats
      WHERE world = ${world} GROUP BY market`,
  );
  const holdings = await allRows<{ [F in keyof Holding]: Holding[F] }>(connection, holdingsSql(world));
  for (const { market: id, first, last } of marks) {
    const market = markets.get(id)!;
    const own = holdings.filter((h) => h.market === id);
    for (const h of [...own, othersOf(own, id)]) {
      const before = signedProfit(market, h.before_qty, as('money', h.before_entry), first);
      add(
        market.settle,
        h.party,
        signedProfit(market, h.after_qty, as('money', h.after_entry), last).minus(before),
      );
    }
  }
  for (const m of await allRows<{ party: string; asset: string; amount: Amount }>(
    connection,
    moneySql(world),
  )) {
    add(m.asset, m.party, m.amount);
  }
  const assets = [...new Set([...gains.keys()].map((key) => key.split('|')[0]!))].sort();
  return assets.flatMap((asset) => {
    const of = (who: string): Amount | undefined => gains.get(`${asset}|${who}`);
    const rest = ORDER.reduce<Amount>((total, who) => total.plus(of(who) ?? ZERO_MONEY), ZERO_MONEY).neg();
    if (!rest.isZero()) gains.set(`${asset}|rounding`, rest);
    return ORDER.filter((who) => of(who) !== undefined).map((who) =>
      metric(world, 'waterfall', of(who)!, { bucket: who, unit: asset }),
    );
  });
}

/** `market` holds what all others lack to 0. */
function othersOf(own: readonly Holding[], market: MarketId): Holding {
  const lacking = (field: 'before_qty' | 'before_entry' | 'after_qty' | 'after_entry'): Amount =>
    own.reduce<Amount>((total, h) => total.plus(h[field]), ZERO_MONEY).neg();
  return {
    party: 'market',
    market,
    before_qty: lacking('before_qty'),
    before_entry: lacking('before_entry'),
    after_qty: lacking('after_qty'),
    after_entry: lacking('after_entry'),
  };
}
