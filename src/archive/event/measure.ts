/** What a scenario must state of its data and can be read from them: ticks, lots, calm volume, opening price. */
import { join } from 'node:path';
import { type DuckDBConnection, openDuckDb, rowsOf, sqlName, sqlText } from '../../basics/duckdb.ts';
import type { Found, WindowMs } from './inventory.ts';

export interface Measured {
  /** Finest decimal step of the prices in the window, decimal text. */
  readonly tick: string;
  /** The same of the quantities; null where the series has none. */
  readonly qtyStep: string | null;
}

export interface CalmMarket {
  /** Mean traded quantity of a day, in the series' unit. */
  readonly dailyVolume: number;
  /** Last close before the window. */
  readonly lastPrice: number;
}

const FINEST = 8;

/** Opens a connection for the questions below; close it with `done`. */
export async function measuring(dataDir: string): Promise<{ at: Measuring; done: () => void }> {
  const db = await openDuckDb({ threads: 2 });
  const connection = await db.connect();
  return {
    at: { connection, dataDir },
    done: () => {
      connection.closeSync();
      db.closeSync();
    },
  };
}

export interface Measuring {
  readonly connection: DuckDBConnection;
  readonly dataDir: string;
}

/** Rows of a series in a window, as a relation. */
function rowsIn({ dataDir }: Measuring, f: Found, { fromMs, untilMs }: WindowMs): string {
  const factor = f.timeUnit === 'us' ? 1000 : 1;
  const time = sqlName(f.columns.time ?? 'time');
  const filters = Object.entries(f.filter).map(
    ([name, value]) => ` AND ${sqlName(name)}::VARCHAR = ${sqlText(value)}`,
  );
  return `(SELECT * FROM read_parquet(${sqlText(join(dataDir, f.path))}) WHERE ${time} >= ${fromMs * factor}
    AND ${time} < ${untilMs * factor}${filters.join('')})`;
}

/** Ticks and lots of a price series in a window. */
export async function steps(at: Measuring, f: Found, window: WindowMs): Promise<Measured> {
  const rows = rowsIn(at, f, window);
  const prices = f.kind === 'candles' ? ['open', 'high', 'low', 'close'] : ['price'];
  const qty = f.kind === 'candles' ? 'volume' : 'qty';
  const described = await rowsOf<{ column_name: string }>(at.connection, `DESCRIBE SELECT * FROM ${rows}`);
  const hasQty = described.some((row) => row.column_name === qty);
  return {
    tick: await stepOf(at, rows, prices),
    qtyStep: hasQty ? await stepOf(at, rows, [qty]) : null,
  };
}

/** Smallest 10^-k of which all values are multiples, to the precision of float64. */
async function stepOf(at: Measuring, rows: string, columns: readonly string[]): Promise<string> {
  const off = (k: number): string =>
    columns
      .map((c) => `abs(${c} * 1e${k} - round(${c} * 1e${k})) > 1e-6 + abs(${c}) * 1e${k} * 1e-15`)
      .join(' OR ');
  const counts = Array.from({ length: FINEST + 1 }, (_, k) => `count(*) FILTER (${off(k)}) AS k${k}`);
  const [row] = await rowsOf<Record<string, bigint>>(at.connection, `SELECT ${counts.join()} FROM ${rows}`);
  const k = Array.from({ length: FINEST + 1 }, (_, i) => i).find((i) => row![`k${i}`] === 0n) ?? FINEST;
  return k === 0 ? '1' : `0.${'0'.repeat(k - 1)}1`;
}

/** Calm trading of the days before a window. */
export async function calmMarket(at: Measuring, f: Found, window: WindowMs): Promise<CalmMarket> {
  const time = sqlName(f.columns.time ?? 'time');
  const sql = `SELECT sum(volume) AS volume, arg_max(close, ${time}) AS last FROM ${rowsIn(at, f, window)}`;
  const [row] = await rowsOf<{ volume: number | null; last: number | null }>(at.connection, sql);
  const days = (window.untilMs - window.fromMs) / 86_400_000;
  return { dailyVolume: (row!.volume ?? 0) / days, lastPrice: row!.last ?? 0 };
}

/** A daily candle. */
export interface DayBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Scaled to a whole day. */
  readonly volume: number;
}

/** A window as one candle. */
export async function dayBar(at: Measuring, f: Found, window: WindowMs): Promise<DayBar> {
  const time = sqlName(f.columns.time ?? 'time');
  const candles = f.kind === 'candles';
  const [open, high, low, close, volume] = candles
    ? ['open', 'high', 'low', 'close', 'volume']
    : ['price', 'price', 'price', 'price', 'qty'];
  const sql = `SELECT arg_min(${open}, ${time}) AS open, max(${high}) AS high, min(${low}) AS low,
    arg_max(${close}, ${time}) AS close, sum(${volume}) AS volume FROM ${rowsIn(at, f, window)}`;
  const [row] = await rowsOf<Record<keyof DayBar, number>>(at.connection, sql);
  const days = (window.untilMs - window.fromMs) / 86_400_000;
  return { ...row!, volume: Number((row!.volume / days).toPrecision(6)) };
}
