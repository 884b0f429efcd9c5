/**
 * The one door to DuckDB, opened rightly: nothing is fetched from a network, memory and temporary
 * space are set, and there is one instance per file per process (a second one silently loses writes).
 */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { tmpdir } from 'node:os';

export type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
export { DuckDBInstance } from '@duckdb/node-api';

export interface OpenOptions {
  /** `:memory:` or a database file. */
  readonly path?: string;
  /** 1 keeps row order and sums reproducible; more only for pure scans. */
  readonly threads?: number;
  readonly readOnly?: boolean;
}

/** Opens an instance. @throws whatever DuckDB reports: the caller names the file and the code */
export async function openDuckDb(options: OpenOptions = {}): Promise<DuckDBInstance> {
  return DuckDBInstance.create(options.path ?? ':memory:', {
    threads: String(options.threads ?? 1),
    memory_limit: '2GB',
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
