/**
 * Two made-up days of one asset at five venues, sound in everything, and a way to plant one fault: the
 * clean files are written once, a patient is a folder in which one file was rewritten by a query.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sqlText } from '../../src/basics/duckdb.ts';
import { writeQuery } from './parquet.ts';

/** 2021-05-18T00:00Z, a multiple of 86,400,000. */
export const DAY_MS = 1_621_296_000_000;
const MINUTES = 2880;
const TICKS = MINUTES * 6;

/** Rows of the long table, by series: first and last, from 1. */
export const ROWS = {
  alpha: [1, 2880],
  beta: [2881, 5760],
  gamma: [5761, 8640],
  delta: [8641, 9216],
  epsilon: [9217, 9264],
  mark: [9265, 12_144],
} as const;

export type PlantedFile = 'candles' | 'funding' | 'trades' | 'book' | 'taker';
const UM = 'archive/alpha-um/BTCUSDT';
export const PATHS: Readonly<Record<PlantedFile, string>> = {
  candles: 'candles.parquet',
  funding: 'funding.parquet',
  trades: `${UM}/aggTrades/data.parquet`,
  book: `${UM}/bookTop/data.parquet`,
  taker: `${UM}/candles-1m/data.parquet`,
};
const KIND = { trades: 'trades', book: 'bookTop', taker: 'candles' } as const;

/** A linear congruential generator (Numerical Recipes), 0 <= u < 1. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** Prices every ten seconds: a walk of about 0.05 % a minute, the same for all venues. */
function walk(): number[] {
  const u = seeded(7);
  const path = [40_000];
  for (let i = 1; i <= TICKS; i++) path.push(path[i - 1]! * (1 + 0.0004 * (u() + u() + u() - 1.5)));
  return path;
}

type Bar = [open: number, high: number, low: number, close: number, volume: number];

/** Bars of a venue: the common walk with a little noise of its own; opens are not the closes before. */
function bars(path: readonly number[], o: { minutes: number; seed: number; size: number }): Bar[] {
  const u = seeded(o.seed);
  const noise = (): number => 1 + 0.00004 * (u() - 0.5);
  const ticks = o.minutes * 6;
  return Array.from({ length: MINUTES / o.minutes }, (_, m) => {
    const inside = path.slice(m * ticks, (m + 1) * ticks + 1);
    const [open, close] = [inside[0]! * noise(), inside.at(-1)! * noise()];
    const high = Math.max(open, close, ...inside) * (1 + 0.00002 * u());
    const low = Math.min(open, close, ...inside) * (1 - 0.00002 * u());
    return [open, high, low, close, o.size * o.minutes * (0.5 + u())];
  });
}

const alphaBars = (path: readonly number[]): Bar[] => bars(path, { minutes: 1, seed: 100, size: 10 });

const list = (rows: readonly (readonly (number | string | null)[])[]): string =>
  rows
    .map((row) => `(${row.map((cell) => (typeof cell === 'string' ? sqlText(cell) : String(cell))).join()})`)
    .join();

const VENUES = [
  { venue: 'alpha', market: 'perp', type: 'trade', minutes: 1, size: 10 },
  { venue: 'beta', market: 'perp', type: 'trade', minutes: 1, size: 6 },
  { venue: 'gamma', market: 'spot', type: 'trade', minutes: 1, size: 4 },
  { venue: 'delta', market: 'spot', type: 'trade', minutes: 5, size: 5 },
  { venue: 'epsilon', market: 'spot', type: 'trade', minutes: 60, size: 8 },
  { venue: 'alpha', market: 'perp', type: 'mark', minutes: 1, size: 0 },
] as const;

function candlesQuery(path: readonly number[]): string {
  const rows = VENUES.flatMap(({ venue, market, type, minutes, size }, v) =>
    bars(path, { minutes, seed: 100 + v, size }).map((bar, m) => [
      DAY_MS + m * minutes * 60_000,
      venue,
      market,
      type,
      minutes * 60_000,
      ...bar.slice(0, 4),
      type === 'mark' ? null : bar[4]!,
      `${venue}-${type}.parquet`,
    ]),
  );
  return `SELECT ts_ms::BIGINT AS ts_ms, venue, market, 'BTCUSDT' AS symbol, price_type, interval_ms::INTEGER AS interval_ms,
      open::DOUBLE AS open, high::DOUBLE AS high, low::DOUBLE AS low, close::DOUBLE AS close, volume::DOUBLE AS volume, source_file
    FROM (VALUES ${list(rows)}) AS t(ts_ms, venue, market, price_type, interval_ms, open, high, low, close, volume, source_file)`;
}

function fundingQuery(): string {
  const rows = ['alpha', 'beta', 'gamma'].flatMap((venue, v) =>
    Array.from({ length: 6 }, (_, i) => [
      DAY_MS + i * 28_800_000 + v,
      venue,
      0.0001 + 0.00001 * i,
      `${venue}.parquet`,
    ]),
  );
  return `SELECT ts_ms::BIGINT AS ts_ms, venue, 'BTCUSDT' AS symbol, rate::DOUBLE AS funding_rate, source_file
    FROM (VALUES ${list(rows)}) AS t(ts_ms, venue, rate, source_file)`;
}

/** Four takers of five lift or hit the price; ids follow each other; a minute has the volume of its bar. */
function tradesQuery(path: readonly number[]): string {
  const u = seeded(11);
  const volumes = alphaBars(path).map((bar) => bar[4]);
  const rows = path.slice(1).map((price, i) => {
    const up = price > path[i]!;
    return [
      (DAY_MS + i * 10_000) * 1000,
      price,
      volumes[Math.floor(i / 6)]! / 6,
      u() < 0.8 === up ? 'buy' : 'sell',
      1_000_000 + i,
    ];
  });
  return `SELECT time::BIGINT AS time, price::DOUBLE AS price, qty::DOUBLE AS qty, side, id::BIGINT AS id
    FROM (VALUES ${list(rows)}) AS t(time, price, qty, side, id)`;
}

function bookQuery(path: readonly number[]): string {
  const rows = Array.from({ length: MINUTES }, (_, m) => {
    const mid = path[(m + 1) * 6]!;
    return [(DAY_MS + m * 60_000 + 59_000) * 1000, mid - 0.5, mid + 0.5];
  });
  return `SELECT time::BIGINT AS time, bid::DOUBLE AS bid, ask::DOUBLE AS ask
    FROM (VALUES ${list(rows)}) AS t(time, bid, ask)`;
}

/** A bar that rises was bought: the takers' share goes with the move. */
function takerQuery(path: readonly number[]): string {
  const u = seeded(13);
  const rows = alphaBars(path).map((bar, m) => {
    const share = 0.5 + (bar[3] > bar[0] ? 0.2 : -0.2) + 0.1 * (u() - 0.5);
    return [(DAY_MS + m * 60_000) * 1000, ...bar, share * bar[4]];
  });
  return `SELECT time::BIGINT AS time, open::DOUBLE AS open, high::DOUBLE AS high, low::DOUBLE AS low, close::DOUBLE AS close,
      volume::DOUBLE AS volume, "buyVolume"::DOUBLE AS "buyVolume"
    FROM (VALUES ${list(rows)}) AS t(time, open, high, low, close, volume, "buyVolume")`;
}

/** The clean files. @returns their folder; the caller removes it */
export async function writeCleanDays(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cascade-days-'));
  const path = walk();
  const queries: Readonly<Record<PlantedFile, string>> = {
    candles: candlesQuery(path),
    funding: fundingQuery(),
    trades: tradesQuery(path),
    book: bookQuery(path),
    taker: takerQuery(path),
  };
  for (const [name, query] of Object.entries(queries) as [PlantedFile, string][]) {
    mkdirSync(join(folder, dirname(PATHS[name])), { recursive: true });
    await writeQuery(join(folder, PATHS[name]), query);
    if (name in KIND) writeMetadata(folder, name as keyof typeof KIND);
  }
  return folder;
}

/** What the importer writes beside its data, as far as a reader needs it. */
function writeMetadata(folder: string, name: keyof typeof KIND): void {
  const about = { venue: 'alpha-um', symbol: 'BTCUSDT', kind: KIND[name], qtyUnit: 'base' };
  const intervalMs = name === 'taker' ? 60_000 : null;
  writeFileSync(
    join(folder, dirname(PATHS[name]), 'metadata.json'),
    JSON.stringify({ ...about, intervalMs }),
  );
}

/** A fault: one file, and what is done to its rows (`k`: row of the clean file, from 1). */
export interface Plant {
  readonly file: PlantedFile;
  /** New values by column. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Rows that stay. */
  readonly where?: string;
  /** Rows that are added at the end: a SELECT from `clean`, which has `k`. */
  readonly add?: string;
  /** Order of the rows; `k` unless said. */
  readonly order?: string;
}

/**
 * A folder with one planted fault; the other files are the clean ones.
 *
 * @param beside  which of them are there
 */
export async function plant(
  context: { after(run: () => void): void },
  o: { clean: string; fault: Plant | null; beside: readonly PlantedFile[] },
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cascade-planted-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const names = new Set([...o.beside, ...(o.fault === null ? [] : [o.fault.file])]);
  for (const name of names) {
    const target = join(folder, PATHS[name]);
    mkdirSync(dirname(target), { recursive: true });
    if (name in KIND) writeMetadata(folder, name as keyof typeof KIND);
    if (name === o.fault?.file) await writeQuery(target, plantQuery(join(o.clean, PATHS[name]), o.fault));
    else symlinkSync(join(o.clean, PATHS[name]), target);
  }
  return folder;
}

function plantQuery(from: string, { replace, where, add, order }: Plant): string {
  const values = Object.entries(replace ?? {}).map(([name, sql]) => `(${sql}) AS "${name}"`);
  const changed = values.length === 0 ? '*' : `* REPLACE (${values.join()})`;
  return `WITH clean AS MATERIALIZED (SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS k
      FROM read_parquet(${sqlText(from)}, file_row_number = true))
    SELECT * EXCLUDE (k) FROM (SELECT ${changed} FROM clean WHERE ${where ?? 'true'}
      ${add === undefined ? '' : `UNION ALL ${add}`}) ORDER BY ${order ?? 'k'}`;
}
