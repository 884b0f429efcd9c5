/**
 * Which series a data folder holds, whatever its layout: what `cascade import` wrote, bundles (long
 * tables of many series with `ts_ms, venue, market, symbol, ...`), and single files whose names say
 * what they are (`binance-um/BTCUSDT_perp_trade_1h.parquet`).
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DuckDBConnection, openDuckDb, rowsOf, sqlText } from '../../basics/duckdb.ts';
import { ReplayError } from '../../basics/errors.ts';
import type { StreamSpec } from '../../rules/facts.ts';
import type { SeriesMetadata } from '../metadata.ts';
import { intervalMs } from '../series.ts';

/** One series, and how a scenario's stream reads it. */
export interface Found {
  /** `binance`, `bitmex`, ... without the market. */
  readonly venue: string;
  readonly market: 'perp' | 'spot' | 'index';
  readonly symbol: string;
  readonly priceType: 'trade' | 'mark' | 'index' | 'none';
  readonly kind: StreamSpec['kind'];
  /** Of candles; 0 elsewhere. */
  readonly intervalMs: number;
  /** [fromMs, untilMs): the bar of the last row included. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Rows inside the window that was asked about. */
  readonly rows: number;
  readonly qtyUnit: StreamSpec['qtyUnit'];
  /** Relative to the data folder. */
  readonly path: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly filter: Readonly<Record<string, string>>;
  readonly timeUnit: 'ms' | 'us';
  readonly source: string;
}

/** Venues of whose volume another unit than the base coin is known in bundles. */
const VOLUME_UNIT: Readonly<Record<string, StreamSpec['qtyUnit']>> = { bitmex: 'contracts', ftx: 'quote' };
const SINGLE =
  /^(?<venue>[a-z-]+)\/(?<symbol>[A-Z0-9]+)_(?<market>perp|spot)_(?:(?<type>trade|mark)_)?(?<interval>\d+[mhd])/;
const LONG_CANDLES = ['ts_ms', 'venue', 'market', 'symbol', 'price_type', 'interval_ms', 'open'];
const LONG_FUNDING = ['ts_ms', 'venue', 'symbol', 'funding_rate'];

/** [fromMs, untilMs): the time that is asked about. */
export interface WindowMs {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Looks through a data folder.
 *
 * @param window  rows are counted in it: a file of several windows may reach over it and hold none
 * @throws ReplayError DATA_MISSING when the folder does not exist
 */
export async function inventoryOf(dataDir: string, window: WindowMs): Promise<Found[]> {
  if (!existsSync(dataDir))
    throw new ReplayError(
      'DATA_MISSING',
      'no such folder',
      { file: dataDir },
      'Name the data folder with --data.',
    );
  const db = await openDuckDb({ threads: 2 });
  const connection = await db.connect();
  try {
    const found: Found[] = [];
    for (const path of globSync('**/*.parquet', { cwd: dataDir }).sort()) {
      const metadata = join(dataDir, dirname(path), 'metadata.json');
      if (path.endsWith('data.parquet') && existsSync(metadata)) {
        const read = JSON.parse(readFileSync(metadata, 'utf8')) as SeriesMetadata;
        found.push(imported(path, read, await rowsWithin(connection, join(dataDir, path), window)));
      } else found.push(...(await unlabelled({ connection, path, window, full: join(dataDir, path) })));
    }
    return found;
  } finally {
    connection.closeSync();
    db.closeSync();
  }
}

async function rowsWithin(connection: DuckDBConnection, full: string, window: WindowMs): Promise<number> {
  const where = `time >= ${window.fromMs * 1000} AND time < ${window.untilMs * 1000}`;
  const sql = `SELECT count(*) AS n FROM read_parquet(${sqlText(full)}) WHERE ${where}`;
  return Number((await rowsOf<{ n: bigint }>(connection, sql))[0]!.n);
}

function imported(path: string, m: SeriesMetadata, rows: number): Found {
  const [venue, market] = marketOf(m.venue, m.symbol);
  const name = dirname(path).split('/').at(-1)!;
  const priceType = name.startsWith('mark') ? 'mark' : name.startsWith('index') ? 'index' : 'trade';
  const lastMs = Date.parse(m.last);
  return {
    venue,
    market,
    symbol: m.symbol,
    priceType: name.startsWith('premium') ? 'none' : priceType,
    kind: m.kind as StreamSpec['kind'],
    intervalMs: m.intervalMs ?? 0,
    fromMs: Date.parse(m.from),
    untilMs: lastMs + Math.max(1, m.intervalMs ?? 0),
    rows,
    qtyUnit: m.qtyUnit as StreamSpec['qtyUnit'],
    path,
    columns: {},
    filter: {},
    timeUnit: 'us',
    source: `${m.vendor}: ${m.sources.length} files imported`,
  };
}

/** Venue and market of an archive's folder: `binance-um`, `binance-spot`, `bitmex`. */
function marketOf(folder: string, symbol: string): [string, Found['market']] {
  const parts = /^(.*?)-(um|cm|futures|swap|spot)$/.exec(folder);
  if (parts !== null) return [parts[1]!, parts[2] === 'spot' ? 'spot' : 'perp'];
  const perpOnly = ['bitmex', 'deribit', 'hyperliquid', 'dydx'].includes(folder);
  return [folder, perpOnly || /SWAP|PERP/.test(symbol) ? 'perp' : 'spot'];
}

/** A file without metadata, and what is asked about it. */
interface Bare {
  readonly connection: DuckDBConnection;
  readonly full: string;
  readonly path: string;
  readonly window: WindowMs;
}

async function unlabelled(bare: Bare): Promise<Found[]> {
  const { connection, path, window } = bare;
  const file = `read_parquet(${sqlText(bare.full)})`;
  const described = await rowsOf<{ column_name: string }>(connection, `DESCRIBE SELECT * FROM ${file}`);
  const names = new Set(described.map((row) => row.column_name));
  if (LONG_CANDLES.every((name) => names.has(name))) return bundle(bare, file);
  if (LONG_FUNDING.every((name) => names.has(name))) return funding(bare, file);
  const single = SINGLE.exec(path)?.groups;
  if (single === undefined || !names.has('ts_ms') || !names.has('open')) return [];
  const [seen] = await rowsOf<Span>(connection, `SELECT ${span(window)} FROM ${file}`);
  const venue = single.venue!.replace(/-(um|cm|spot)$/, '');
  return [
    {
      ...candles(path, {
        venue,
        market: single.market!,
        symbol: single.symbol!,
        type: single.type ?? 'trade',
      }),
      ...spanOf(seen!, intervalMs(single.interval!) ?? 0),
      filter: {},
      source: path,
    },
  ];
}

interface Span {
  readonly n: bigint;
  readonly first: bigint;
  readonly last: bigint;
}
const span = ({ fromMs, untilMs }: WindowMs): string =>
  `count(*) FILTER (ts_ms >= ${fromMs} AND ts_ms < ${untilMs}) AS n, min(ts_ms) AS first, max(ts_ms) AS last`;
const spanOf = ({ n, first, last }: Span, interval: number) => ({
  rows: Number(n),
  intervalMs: interval,
  fromMs: Number(first),
  untilMs: Number(last) + Math.max(1, interval),
});

function candles(path: string, of: { venue: string; market: string; symbol: string; type: string }) {
  const priceType = of.type === 'mark' ? 'mark' : of.type === 'index' ? 'index' : 'trade';
  return {
    venue: of.venue,
    market: of.market as Found['market'],
    symbol: of.symbol,
    priceType: of.type === 'trade' || priceType !== 'trade' ? priceType : 'none',
    kind: 'candles',
    qtyUnit: VOLUME_UNIT[of.venue] ?? 'base',
    path,
    columns: { time: 'ts_ms' },
    timeUnit: 'ms',
  } as const;
}

async function bundle({ connection, path, window }: Bare, file: string): Promise<Found[]> {
  type Row = Span &
    Record<'venue' | 'market' | 'symbol' | 'price_type' | 'source_file', string> & { interval_ms: number };
  const keys = 'venue, market, symbol, price_type, interval_ms, source_file';
  const rows = await rowsOf<Row>(
    connection,
    `SELECT ${keys}, ${span(window)} FROM ${file} GROUP BY ${keys} ORDER BY ${keys}`,
  );
  return rows.map((row) => ({
    ...candles(path, { ...row, type: row.price_type }),
    ...spanOf(row, row.interval_ms),
    filter: {
      venue: row.venue,
      market: row.market,
      symbol: row.symbol,
      price_type: row.price_type,
      interval_ms: String(row.interval_ms),
      source_file: row.source_file,
    },
    source: `${row.venue} ${row.market} ${row.symbol}: ${row.source_file}`,
  }));
}

async function funding({ connection, path, window }: Bare, file: string): Promise<Found[]> {
  type Row = Span & Record<'venue' | 'symbol', string>;
  const sql = `SELECT venue, symbol, ${span(window)} FROM ${file} GROUP BY venue, symbol ORDER BY venue, symbol`;
  return (await rowsOf<Row>(connection, sql)).map((row) => ({
    venue: row.venue,
    market: 'perp',
    symbol: row.symbol,
    priceType: 'none',
    kind: 'funding',
    ...spanOf(row, 0),
    qtyUnit: 'base',
    path,
    columns: { time: 'ts_ms', rate: 'funding_rate' },
    filter: { venue: row.venue, symbol: row.symbol },
    timeUnit: 'ms',
    source: `${row.venue} funding history`,
  }));
}
