/**
 * A look through rows that were just written: their number and times, whether they stand in order,
 * whether a row may stand there twice, and what is no number. What no sorting can mend is refused.
 */
import { type DuckDBConnection, rowsOf, sqlName, sqlText } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import { CONTRACT, type Series } from './series.ts';
import type { SourceFile } from './sourceFile.ts';

export interface Look {
  readonly rows: number;
  readonly fromUs: number;
  readonly lastUs: number;
  readonly sorted: boolean;
  /** Whether two rows have one name. */
  readonly repeats: boolean;
  /** Columns with a value that is missing, NaN or infinite. */
  readonly lacking: readonly string[];
}

/** Times outside 2009 .. 2100 are a unit mix-up. */
const [EARLIEST_US, LATEST_US] = [1_230_768_000_000_000, 4_102_444_800_000_000];

/**
 * One pass in order, and one for the values. A single key that grows from row to row cannot repeat; any
 * other is compared by grouping, which costs a pass of its own.
 *
 * @param paths  Parquet files, read one after the other
 */
export async function lookThrough(
  connection: DuckDBConnection,
  paths: readonly string[],
  { unique, columns }: { unique: readonly string[] | null; columns: readonly string[] },
): Promise<Look> {
  const files = `read_parquet([${paths.map(sqlText).join()}])`;
  const key = sqlName(unique?.length === 1 ? unique[0]! : 'time');
  const [seen] = await rowsOf<Record<'n' | 'first' | 'last', bigint> & Record<'back' | 'grows', boolean>>(
    connection,
    `SELECT count(*) AS n, min(time) AS first, max(time) AS last,
       coalesce(bool_or(time < before), false) AS back, coalesce(bool_and(key > key_before), true) AS grows
     FROM (SELECT time, ${key} AS key, lag(time) OVER () AS before, lag(${key}) OVER () AS key_before FROM ${files})`,
  );
  const { n, first, last, back, grows } = seen!;
  return {
    rows: Number(n),
    fromUs: Number(first ?? 0n),
    lastUs: Number(last ?? 0n),
    sorted: !back,
    repeats:
      unique !== null && !(unique.length === 1 && grows) && (await repeatsIn(connection, files, unique)),
    lacking: await lackingIn(connection, files, columns),
  };
}

async function repeatsIn(
  connection: DuckDBConnection,
  files: string,
  unique: readonly string[],
): Promise<boolean> {
  const names = unique.map(sqlName).join();
  const found = await rowsOf(
    connection,
    `SELECT 1 FROM ${files} GROUP BY ${names} HAVING count(*) > 1 LIMIT 1`,
  );
  return found.length > 0;
}

/** A sum is finite only where every term is. */
async function lackingIn(
  connection: DuckDBConnection,
  files: string,
  columns: readonly string[],
): Promise<string[]> {
  const types = await rowsOf<{ column_name: string; column_type: string }>(
    connection,
    `DESCRIBE SELECT * FROM ${files}`,
  );
  const doubles = new Set(types.filter((t) => t.column_type === 'DOUBLE').map((t) => t.column_name));
  const sound = columns.map((name) => {
    const whole = `count(${sqlName(name)}) = count(*)`;
    const term = doubles.has(name) ? `${whole} AND coalesce(isfinite(sum(${sqlName(name)})), true)` : whole;
    return `${term} AS ${sqlName(name)}`;
  });
  const [row] = await rowsOf<Record<string, boolean>>(connection, `SELECT ${sound.join()} FROM ${files}`);
  return columns.filter((name) => row![name] !== true);
}

/**
 * Refuses what was looked through, if it cannot be a series.
 *
 * @throws ReplayError DATA_MISSING for no row, DATA_SCHEMA for empty cells, NaN or times in another unit
 */
export function refuse({ path }: SourceFile, { kind }: Series, look: Look): void {
  if (look.rows === 0)
    throw new ReplayError(
      'DATA_MISSING',
      `no row of ${kind}`,
      { file: path },
      'The file is only a header, or holds nothing of this symbol: fetch another day or name another symbol.',
    );
  if (look.lacking.length > 0) {
    const units = CONTRACT[kind].filter(({ name }) => look.lacking.includes(name));
    throw new ReplayError(
      'DATA_SCHEMA',
      `values are missing or no numbers in ${units.map(({ name, unit }) => `${name} (${unit})`).join(', ')}`,
      { file: path },
      'Empty cells have no meaning here: drop these rows, or fetch the file again.',
    );
  }
  if (look.fromUs < EARLIEST_US || look.lastUs > LATEST_US)
    throw new ReplayError(
      'DATA_SCHEMA',
      `times run from ${look.fromUs} to ${look.lastUs} us since 1970, outside 2009 .. 2100`,
      { file: path },
      'Correct the unit of the time column.',
    );
}
