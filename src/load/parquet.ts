/**
 * Rows of a stream as raw typed arrays, chunk by chunk. The next chunk is decoded while the present
 * one is folded, nothing is boxed, and nothing is kept: memory does not grow with the file.
 */
import {
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBInstance,
  rawColumn,
  rowsOf,
  sqlText,
} from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import { type Judge, RowError } from './quality.ts';
import { asking, locate, type Source, type Window, windowSql } from './source.ts';

export interface Progress {
  readonly done: number;
  readonly total: number;
  /** What is being read: the stream's id. */
  readonly what: string;
}
export type OnProgress = (progress: Progress) => void;

/** At most 2048 rows; `columns` in the order in which they were asked for. Views: copy what must last. */
export interface RawChunk {
  readonly rows: number;
  /** Number of rows delivered before this chunk. */
  readonly first: number;
  readonly columns: readonly Float64Array[];
}

export interface ScanOptions {
  readonly source: Source;
  readonly window: Window;
  /** SQL expressions of type DOUBLE. */
  readonly select: readonly string[];
  readonly judge: Judge;
  readonly onChunk: (chunk: RawChunk) => void;
  readonly onProgress?: OnProgress | undefined;
}

/** Chunks between two calls of onProgress. */
const PROGRESS_CHUNKS = 64;

/**
 * Streams the rows of a window and compares their number with `count(*)`.
 *
 * @param instance  connections of its own are opened: DuckDB ends an open stream when another starts on it
 * @returns         rows delivered
 * @throws ReplayError DATA_MISSING (unreadable), DATA_SCHEMA (a null), RESULT_MISMATCH (rows lost on the
 *         way), and with file and row whatever `onChunk` throws as a RowError
 */
export async function scan(instance: DuckDBInstance, options: ScanOptions): Promise<number> {
  const [reader, counter] = [await instance.connect(), await instance.connect()];
  const { source, window } = options;
  const where = windowSql(source, window);
  const counting = rowsOf<{ n: bigint }>(
    counter,
    `SELECT count(*) AS n FROM ${source.from} WHERE ${where}`,
  ).then(
    (rows) => Number(rows[0]!.n),
    () => -1, // the reader meets the same trouble and says it better
  );
  try {
    const delivered = await asking({ file: source.files[0]! }, () => deliver(reader, options, where));
    const counted = await counting;
    if (counted !== delivered && counted >= 0) {
      throw new ReplayError(
        'RESULT_MISMATCH',
        `Stream ${source.reading.id}: ${delivered} rows were read, but the files hold ${counted}.`,
        { file: source.files[0]! },
        'A file changed while it was read: run again.',
      );
    }
    for (const met of options.judge.met) {
      if (met.ordinal !== null) met.place ??= await locate(counter, source, where, met.ordinal);
    }
    return delivered;
  } catch (error) {
    await counting;
    if (!(error instanceof RowError)) throw error;
    const place = await locate(counter, source, where, error.ordinal);
    throw new ReplayError(
      error.error.code,
      error.error.message,
      { ...error.error.place, ...place },
      error.error.remedy,
    );
  } finally {
    reader.closeSync();
    counter.closeSync();
  }
}

async function deliver(reader: DuckDBConnection, options: ScanOptions, where: string): Promise<number> {
  const { source, select, onChunk, onProgress } = options;
  const total = onProgress === undefined ? 0 : await rowsInFiles(reader, source);
  const result = await reader.stream(`SELECT ${select.join(', ')} FROM ${source.from} WHERE ${where}`);
  let first = 0;
  let next = result.fetchChunk();
  try {
    for (let chunks = 1; ; chunks++) {
      const chunk = await next;
      const rows = chunk?.rowCount ?? 0; // read once: the getter calls into native code
      if (chunk === null || rows === 0) break;
      next = result.fetchChunk();
      onChunk({ rows, first, columns: columnsOf(chunk, rows, first, select) });
      first += rows;
      if (chunks % PROGRESS_CHUNKS === 0) onProgress?.({ done: first, total, what: source.reading.id });
    }
  } catch (error) {
    await next.catch(() => undefined); // a connection must not be closed under a running fetch
    throw error;
  }
  onProgress?.({ done: first, total: first, what: source.reading.id });
  return first;
}

function columnsOf(
  chunk: DuckDBDataChunk,
  rows: number,
  first: number,
  select: readonly string[],
): Float64Array[] {
  const columns: Float64Array[] = [];
  for (let i = 0; i < select.length; i++) {
    const { values, firstNull } = rawColumn(chunk, i, rows);
    if (firstNull >= 0) throw new RowError(first + firstNull, nullError(select[i]!));
    columns.push(values);
  }
  return columns;
}

const nullError = (expression: string): ReplayError =>
  new ReplayError(
    'DATA_SCHEMA',
    `A null in ${expression.replace('::DOUBLE', '')}.`,
    {},
    'Fill or drop the row in the file.',
  );

/** Rows of all files, from their footers: an upper bound of what the window holds. */
async function rowsInFiles(db: DuckDBConnection, source: Source): Promise<number> {
  const list = source.files.map(sqlText).join(', ');
  const [row] = await rowsOf<{ n: bigint | null }>(
    db,
    `SELECT sum(num_rows)::BIGINT AS n FROM parquet_file_metadata([${list}])`,
  );
  return Number(row?.n ?? 0);
}
