/**
 * What a finished run stored, as one stream in order of simulated time and event number: the raw
 * material of the messages. DuckDB sorts, so that memory does not grow with the rows of a run.
 */
import { type DuckDBConnection, sqlText } from '../../basics/duckdb.ts';
import { type Money, money, type Price, price, type Qty, qty } from '../../basics/exact.ts';
import type { Micros } from '../../basics/instant.ts';
import { readRows } from '../../results/readRows.ts';
import type { Asset, MarketId, Side } from '../../rules/market.ts';

export interface MarkRow {
  readonly kind: 'mark';
  readonly market: MarketId;
  readonly mark: Price;
  readonly index: Price;
  readonly last: Price;
  readonly openInterest: Qty;
}

/** A stamp at which `market` paid or received funding; every account with a position does so too. */
export interface StampRow {
  readonly kind: 'stamp';
  readonly market: MarketId;
  /** What the ledger account `market` paid; negative: received. */
  readonly paid: Money;
}

export interface VerdictRow {
  readonly kind: 'verdict';
  readonly account: string;
  readonly market: MarketId;
  readonly side: Side;
}

/** A liquidation ended: what is left of the margin of a closed isolated leg is free again. */
export interface EndRow {
  readonly kind: 'end';
  readonly account: string;
}

export interface OrderRow {
  readonly kind: 'order';
  readonly account: string;
  readonly market: MarketId;
  readonly side: Side;
  readonly rule: string;
  readonly qty: Qty;
  readonly filled: Qty;
  readonly limit: Price | null;
  readonly averagePrice: Price | null;
  readonly bankruptcyPrice: Price;
  readonly fee: Money;
}

export interface FillRow {
  readonly kind: 'fill';
  readonly account: string;
  readonly market: MarketId;
  readonly side: Side;
  readonly effect: 'close' | 'open';
  readonly qty: Qty;
  readonly price: Price;
  readonly value: Money;
  readonly entryValue: Money;
  readonly why: string;
  readonly cause: number;
  /** ADL lights of a deleveraged winner, 0 where nobody is ranked; null for everybody else. */
  readonly lights: number | null;
  /** Fee of a deleveraged winner; null without one. */
  readonly fee: Money | null;
}

export interface TransferRow {
  readonly kind: 'transfer';
  readonly from: string;
  readonly to: string;
  readonly asset: Asset;
  readonly amount: Money;
  readonly reason: string;
  readonly cause: number;
  /** Market and side of the leg that the cause was about; null where the cause names none. */
  readonly market: MarketId | null;
  readonly side: Side | null;
}

export interface LightsRow {
  readonly kind: 'lights';
  readonly account: string;
  readonly market: MarketId;
  readonly side: Side;
  readonly lights: number;
}

export interface FundRow {
  readonly kind: 'fund';
  readonly fund: string;
  readonly asset: Asset;
  readonly cash: Money;
}

export type StoredRow = { readonly tsUs: Micros; readonly seq: number } & (
  | MarkRow
  | StampRow
  | VerdictRow
  | EndRow
  | OrderRow
  | FillRow
  | TransferRow
  | LightsRow
  | FundRow
);

/** Fields that are amounts; the database spells them as text, so that nothing is rounded. */
const AMOUNTS = {
  mark: price,
  index: price,
  last: price,
  openInterest: qty,
  paid: money,
  qty,
  filled: qty,
  limit: price,
  averagePrice: price,
  bankruptcyPrice: price,
  fee: money,
  price,
  value: money,
  entryValue: money,
  amount: money,
  cash: money,
} as const;

type Body = Record<string, string | number | null>;

/**
 * Rows of one world, oldest first; within a beat: marks, then events by number, then ADL lights and
 * funds where they changed.
 *
 * @param world  number of the world in the run
 */
export async function* storedRows(db: DuckDBConnection, world: number): AsyncGenerator<StoredRow> {
  const rows = readRows<{ ts_us: number; seq: number; kind: string; body: string }>(db, sqlOf(world));
  for await (const { ts_us, seq, kind, body } of rows) {
    const fields = Object.entries(JSON.parse(body) as Body).map(([name, text]) => [
      name,
      name in AMOUNTS && text !== null ? AMOUNTS[name as keyof typeof AMOUNTS](String(text)) : text,
    ]);
    yield { tsUs: ts_us, seq, kind, ...Object.fromEntries(fields) } as StoredRow;
  }
}

const part = (from: string, o: { at: string; kind: string; tie?: string; body: string }): string =>
  `SELECT ${o.at}, ${sqlText(o.kind)} AS kind, ${o.tie ?? "''"} AS tie, to_json({${o.body}})::VARCHAR AS body
     FROM ${from}`;

const sqlOf = (world: number): string => {
  const here = `world = ${world}`;
  const changed = (table: string, value: string, by: string): string =>
    `(SELECT *, lag(${value}) OVER (PARTITION BY ${by} ORDER BY ts_us) AS before FROM ${table} WHERE ${here})
      WHERE before IS DISTINCT FROM ${value}`;
  return `SELECT ts_us, seq, kind, body FROM (${[
    part(`beats WHERE ${here}`, {
      at: 'ts_us, 0 AS ord, 0 AS seq',
      kind: 'mark',
      tie: 'market',
      body: `market: market, mark: mark::VARCHAR, "index": "index"::VARCHAR, "last": "last"::VARCHAR,
        openInterest: open_interest::VARCHAR`,
    }),
    part(`transfers WHERE ${here} AND reason = 'funding' AND 'market' IN ("from", "to")`, {
      at: 'ts_us, 1 AS ord, cause AS seq',
      kind: 'stamp',
      body: `market: market, paid: (CASE WHEN "from" = 'market' THEN amount ELSE -amount END)::VARCHAR`,
    }),
    part(`liquidations WHERE ${here}`, {
      at: 'ts_us, 1 AS ord, seq',
      kind: 'verdict',
      body: 'account: account, market: market, side: side',
    }),
    part(`decisions WHERE ${here} AND step = 'end'`, {
      at: 'ts_us, 1 AS ord, seq',
      kind: 'end',
      body: 'account: account',
    }),
    part(`orders WHERE ${here}`, {
      at: 'ts_us, 1 AS ord, seq',
      kind: 'order',
      body: `account: account, market: market, side: side, rule: kind, qty: qty::VARCHAR, filled: filled::VARCHAR,
        "limit": "limit"::VARCHAR, averagePrice: average_price::VARCHAR,
        bankruptcyPrice: bankruptcy_price::VARCHAR, fee: fee::VARCHAR`,
    }),
    fillsOf(world),
    transfersOf(world),
    part(changed('tracked', 'adl_lights', 'account, market, side'), {
      at: 'ts_us, 2 AS ord, 0 AS seq',
      kind: 'lights',
      tie: "account || ' ' || market || ' ' || side",
      body: 'account: account, market: market, side: side, lights: adl_lights',
    }),
    part(changed('fund', 'cash', 'fund'), {
      at: 'ts_us, 3 AS ord, 0 AS seq',
      kind: 'fund',
      tie: 'fund',
      body: 'fund: fund, asset: asset, cash: cash::VARCHAR',
    }),
  ].join('\nUNION ALL\n')}) ORDER BY ts_us, ord, seq, kind, tie`;
};

const fillsOf = (world: number): string =>
  part(
    `fills f LEFT JOIN adl a ON f.why = 'adl' AND a.world = f.world AND a.cause = f.cause
       AND a.account = f.account AND a.market = f.market AND a.side = f.side
     LEFT JOIN transfers t ON a.world = t.world AND t.reason = 'adl-fee' AND t.cause = f.cause
       AND t."from" = f.account WHERE f.world = ${world}`,
    {
      at: 'f.ts_us, 1 AS ord, f.seq',
      kind: 'fill',
      body: `account: f.account, market: f.market, side: f.side, effect: f.effect, qty: f.qty::VARCHAR,
        price: f.price::VARCHAR, value: f.value::VARCHAR, entryValue: f.entry_value::VARCHAR, why: f.why,
        cause: f.cause, lights: a.lights, fee: t.amount::VARCHAR`,
    },
  );

/**
 * Transfers with the leg that their cause was about, which tells whose margin they change: the account's
 * own order, verdict, arrival, top-up or ADL request, or for a loss spread over winners the other side.
 */
const transfersOf = (world: number): string => {
  const mine = (name: string): string => `${name} IN (t."from", t."to")`;
  return part(
    `transfers t LEFT JOIN orders o ON o.world = t.world AND o.seq = t.cause AND ${mine('o.account')}
       LEFT JOIN liquidations l ON l.world = t.world AND l.seq = t.cause AND ${mine('l.account')}
       LEFT JOIN fills a ON a.world = t.world AND a.why = 'arrival' AND a.cause = t.cause AND ${mine('a.account')}
       LEFT JOIN decisions d ON d.world = t.world AND d.step = 'top-up' AND d.seq = t.cause AND t.reason = 'top-up'
       LEFT JOIN adl_requests r ON r.world = t.world AND r.seq = t.cause WHERE t.world = ${world}`,
    {
      at: 't.ts_us, 1 AS ord, t.seq',
      kind: 'transfer',
      body: `"from": t."from", "to": t."to", asset: t.asset, amount: t.amount::VARCHAR, reason: t.reason,
        cause: t.cause, market: coalesce(t.market, o.market, l.market, r.market),
        side: coalesce(o.side, l.side, a.side, d."values" ->> 'side', CASE WHEN r.side IS NULL THEN NULL
          WHEN ${mine('r.loser')} THEN r.side WHEN r.side = 'long' THEN 'short' ELSE 'long' END)`,
    },
  );
};
