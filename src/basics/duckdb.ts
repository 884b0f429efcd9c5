/**
 * The one door to DuckDB, opened rightly: nothing is fetched from a network, memory and temporary
 * space are set, and there is one instance per file per process (a second one silently loses writes).
 */
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';
import bindings from '@duckdb/node-bindings';
import { tmpdir } from 'node:os';

export type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
export {
  BIGINT,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBDataChunk as DataChunk,
  DuckDBDecimalValue,
  DuckDBInstance,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';
/** The client's C interface, for whole columns at a time: `results/columnBuffer.ts` is its one user. */
export { default as bindings } from '@duckdb/node-bindings';
export type { DuckDBAppender, DuckDBType } from '@duckdb/node-api';

export interface OpenOptions {
  /** `:memory:` or a database file. */
  readonly path?: string;
  /** 1 keeps row order and sums reproducible; more only for pure scans. */
  readonly threads?: number;
  readonly readOnly?: boolean;
  /** Upper bound of its memory, as DuckDB writes it; beyond it sorts spill to disk. */
  readonly memory?: string;
}

/** Opens an instance. @throws whatever DuckDB reports: the caller names the file and the code */
export async function openDuckDb(options: OpenOptions = {}): Promise<DuckDBInstance> {
  return DuckDBInstance.create(options.path ?? ':memory:', {
    threads: String(options.threads ?? 1),
    memory_limit: options.memory ?? '2GB',
    temp_directory: tmpdir(),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    ...(options.readOnly ? { access_mode: 'READ_ONLY' } : {}),
  });
}

/** Runs a query and returns its rows as plain objects; for small results only. */
export async function rowsOf<T = Record<string, unknown>>(
  connection: DuckDBConnection,
  sql: string,
  parameters?: Record<string, string | number | bigint | boolean | null>,
): Promise<T[]> {
  const reader = await connection.runAndReadAll(sql, parameters);
  return reader.getRowObjectsJS() as T[];
}

/** A text as an SQL string literal. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as an SQL identifier. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What a column of a chunk holds: its numbers as a view on DuckDB's own memory, and its first null row (or -1). */
export interface RawColumn {
  readonly values: Float64Array;
  readonly firstNull: number;
}

/**
 * A DOUBLE column of a chunk without per-value work: a view that stays valid after the chunk is gone.
 *
 * @param rows  `chunk.rowCount`, read once by the caller: the getter calls into native code
 */
export function rawColumn(chunk: DuckDBDataChunk, column: number, rows: number): RawColumn {
  const vector = bindings.data_chunk_get_vector(chunk.chunk, column);
  const bytes = bindings.vector_get_data(vector, rows * 8);
  const mask = bindings.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
  return {
    values: new Float64Array(bytes.buffer, bytes.byteOffset, rows),
    firstNull: mask === null ? -1 : firstUnset(mask, rows),
  };
}

/** Index of the first of `rows` bits that is 0, or -1. A mask may exist although nothing is null. */
function firstUnset(mask: Uint8Array, rows: number): number {
  for (let row = 0; row < rows; row++) {
    if ((mask[row >> 3]! & (1 << (row & 7))) === 0) return row;
  }
  return -1;
}
