/** Tiny Parquet files for tests, written by DuckDB into a folder of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDb, sqlName, sqlText } from '../../src/basics/duckdb.ts';

/** A fresh folder, removed after the test: `const dir = freshFolder(t)`. */
export function freshFolder(context: { after(run: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'cascade-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export type Cell = number | string | boolean | null;

/**
 * Writes rows to a Parquet file.
 *
 * @param columns  DuckDB type by column name, in the order of the cells
 * @returns        the path
 */
export async function writeRows(
  path: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly (readonly Cell[])[],
): Promise<string> {
  const names = Object.keys(columns);
  const literal = (cell: Cell): string =>
    typeof cell === 'string' ? sqlText(cell) : Number.isNaN(cell) ? "'NaN'::DOUBLE" : String(cell);
  const values = rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ');
  const casts = names.map((name) => `${sqlName(name)}::${columns[name]} AS ${sqlName(name)}`).join(', ');
  const empty = rows.length === 0;
  const table = empty
    ? `(SELECT ${names.map((name) => `NULL AS ${sqlName(name)}`).join(', ')}) WHERE false`
    : `(VALUES ${values}) AS t(${names.map(sqlName).join(', ')})`;
  return writeQuery(path, `SELECT ${casts} FROM ${table}`);
}

/** Writes the result of a query to a Parquet file. */
export async function writeQuery(path: string, query: string): Promise<string> {
  const instance = await openDuckDb();
  const db = await instance.connect();
  try {
    await db.run(`COPY (${query}) TO ${sqlText(path)} (FORMAT parquet, COMPRESSION zstd)`);
  } finally {
    db.closeSync();
    instance.closeSync();
  }
  return path;
}

export const TRADE_COLUMNS = { time: 'BIGINT', price: 'DOUBLE', qty: 'DOUBLE', side: 'VARCHAR' } as const;
export const CANDLE_COLUMNS = {
  time: 'BIGINT',
  open: 'DOUBLE',
  high: 'DOUBLE',
  low: 'DOUBLE',
  close: 'DOUBLE',
  volume: 'DOUBLE',
} as const;
