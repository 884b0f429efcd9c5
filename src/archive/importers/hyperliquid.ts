/**
 * Hyperliquid: fills of its nodes (`node_fills`, one `[user, fill]` a line, or the fills of a block), and
 * API answers. Each trade is there twice, once for either user: the taker's row is the trade. Fills
 * by auto-deleveraging are no trades and no liquidation orders, they are a series of their own.
 *
 * Source: hyperliquid.gitbook.io (historical data; info endpoint), bucket hl-mainnet-node-data.
 */
import { sqlText } from '../../basics/duckdb.ts';
import { documents, type ImportOptions, type Layout, refused, type Vendor } from '../layout.ts';
import type { SeriesKind } from '../series.ts';
import { messagesOf } from './messages.ts';

export const hyperliquid: Vendor = {
  name: 'hyperliquid',
  about: 'node_fills (NDJSON, --symbol BTC): trades, liquidations, auto-deleveraging; API answers',
  options: {},
  layoutsOf: (file, options) => {
    if (file.head.trim() === '') return [];
    const blocks = /^\s*\{[^\n]*"events"\s*:/.test(file.head);
    if (!blocks && !/^\s*\[\s*"0x/.test(file.head)) return messagesOf(file, options, 'hyperliquid');
    if (options.symbol === null) throw refused(file, 'fills of every coin', 'Say which with --symbol BTC.');
    return fills({ symbol: options.symbol, blocks, options });
  },
};

const ADL = `(f->>'dir') = 'Auto-Deleveraging'`;
const LIQUIDATED = `(f->>'$.liquidation.liquidatedUser') = account`;
const SIDE = `CASE (f->>'side') WHEN 'B' THEN 'buy' WHEN 'A' THEN 'sell' END`;

/** What a fill is; the first that fits. A row that none fits is the maker's side of a trade. */
const KINDS: readonly { kind: SeriesKind; name: string; where: string; account: boolean; note: string }[] = [
  {
    kind: 'trades',
    name: 'trades',
    where: `(f->>'crossed') = 'true' AND NOT (${ADL})`,
    account: false,
    note: "of the two rows of a trade the taker's is kept",
  },
  {
    kind: 'liquidations',
    name: 'liquidations',
    where: `coalesce(${LIQUIDATED}, false) AND NOT (${ADL})`,
    account: true,
    note: 'fills of the account that was liquidated; account is its address',
  },
  {
    kind: 'liquidations',
    name: 'autoDeleveraging',
    where: `${ADL} AND NOT coalesce(${LIQUIDATED}, false)`,
    account: true,
    note: 'fills by which a winner was deleveraged; side is what the winner did, account its address',
  },
];

function fills(o: { symbol: string; blocks: boolean; options: ImportOptions }): Layout[] {
  const { symbol, blocks, options } = o;
  const pairs = (path: string): string =>
    blocks
      ? `(SELECT unnest(json_extract(json, '$.events[*]')) AS pair FROM ${documents(path, 'newline_delimited')})`
      : `(SELECT json AS pair FROM ${documents(path, 'newline_delimited')})`;
  return KINDS.map(({ kind, name, where, account, note }) => ({
    series: { venue: 'hyperliquid', symbol, kind, name, intervalMs: null, qtyUnit: 'base' },
    from: (path) =>
      `(SELECT account, f FROM (SELECT pair->>0 AS account, pair->1 AS f FROM ${pairs(path)})
         WHERE (f->>'coin') = ${sqlText(symbol)} AND ${where})`,
    select: {
      time: `(f->>'time')::BIGINT * 1000 + ${options.offsetUs}`,
      price: `(f->>'px')::DOUBLE`,
      qty: `(f->>'sz')::DOUBLE`,
      side: SIDE,
      ...(account ? { account: 'account' } : { id: `f->>'tid'` }),
    },
    unique: kind === 'trades' ? ['id'] : null,
    mayBeEmpty: true as const,
    notes: [note],
  }));
}
