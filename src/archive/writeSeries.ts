/**
 * Rows of one series to Parquet: copied by DuckDB in one pass, then looked through once. Only where
 * the look finds disorder or repeated rows does a second, sorting pass run, so files as venues write
 * them cost one. The bytes depend on the rows alone.
 */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, type DuckDBInstance, rowsOf, sqlName, sqlText } from '../basics/duckdb.ts';
import { sha256File } from '../basics/digest.ts';
import { ReplayError } from '../basics/errors.ts';
import type { Layout } from './layout.ts';
import { type Column, CONTRACT } from './series.ts';
import type { SourceFile } from './sourceFile.ts';

/** A file and how it is read. All parts of one series have the same columns and `unique`. */
export interface Part {
  readonly file: SourceFile;
  readonly layout: Layout;
}

export interface Written {
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Rows left out by reason, `duplicate` among them. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Dropped rows that named the same row but said something else. */
  readonly conflicts: number;
  /** Whether rows had to be put in order. */
  readonly sorted: boolean;
  readonly fromUs: number;
  /** Time of the last row. */
  readonly lastUs: number;
  readonly columns: readonly string[];
  readonly sha256: string;
}

/** Rows of a Parquet row group. */
const ROW_GROUP = 122_880;
const FORMAT = `(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP})`;
/** Times outside 2009 .. 2100 are a unit mix-up. */
const [EARLIEST_US, LATEST_US] = [1_230_768_000_000_000, 4_102_444_800_000_000];

/**
 * Writes `data.parquet` into a folder.
 *
 * @param parts  in the order in which equal times are kept
 * @throws ReplayError DATA_SCHEMA with file and row for a value that does not read, a null, or a time
 *         out of range; DATA_MISSING when no row is left
 */
export async function writeSeries(
  db: DuckDBInstance,
  parts: readonly Part[],
  folder: string,
): Promise<Written> {
  const target = join(folder, 'data.parquet');
  const connection = await db.connect();
  const columns = columnsOf(parts);
  const { dropped, left } = await leftOut(connection, parts);
  const selects = parts.map((part) => selectOf(part, columns));
  const copy = `COPY (${selects.join(' UNION ALL ')}) TO ${sqlText(target)} ${FORMAT}`;
  await connection.run(copy).catch((error: Error) => {
    throw readError(parts, error);
  });
  const unique = uniqueOf(parts[0]!.layout, columns);
  const first = await lookThrough(connection, target, unique);
  refuse(parts, first);
  let last = first;
  let conflicts = 0;
  if (!first.sorted || first.repeats) {
    conflicts = await tidy(connection, { folder, unique, columns });
    last = await lookThrough(connection, target, null);
  }
  connection.closeSync();
  const duplicates = first.rows - last.rows;
  return {
    rowsIn: first.rows + left,
    rowsOut: last.rows,
    dropped: { ...dropped, ...(duplicates === 0 ? {} : { duplicate: duplicates }) },
    conflicts,
    sorted: !first.sorted,
    fromUs: last.fromUs,
    lastUs: last.lastUs,
    columns,
    sha256: await sha256File(target),
  };
}

/** Columns that every part fills, in the order of the contract. */
function columnsOf(parts: readonly Part[]): string[] {
  const { kind } = parts[0]!.layout.series;
  return CONTRACT[kind]
    .map(({ name }) => name)
    .filter((name) => parts.every(({ layout }) => layout.select[name] !== undefined));
}

const uniqueOf = ({ unique }: Layout, columns: readonly string[]): readonly string[] | null =>
  unique === 'all' ? columns : unique;

function selectOf({ file, layout }: Part, columns: readonly string[]): string {
  const typed = CONTRACT[layout.series.kind].filter(({ name }) => columns.includes(name));
  const typeOf = ({ name, type }: Column): string =>
    name === 'id' && layout.textId === true ? 'VARCHAR' : type;
  const list = typed.map((c) => `(${layout.select[c.name]})::${typeOf(c)} AS ${sqlName(c.name)}`);
  const drop = (layout.drop ?? []).map(({ where }) => `(${where})`);
  const where = drop.length === 0 ? '' : ` WHERE NOT coalesce(${drop.join(' OR ')}, false)`;
  return `SELECT ${list.join(', ')} FROM ${layout.from(file.text)}${where}`;
}

/** Rows that layouts leave out, by reason; asked only where a layout has a reason. */
async function leftOut(
  connection: DuckDBConnection,
  parts: readonly Part[],
): Promise<{ dropped: Record<string, number>; left: number }> {
  const dropped: Record<string, number> = {};
  let left = 0;
  for (const { file, layout } of parts) {
    for (const [k, { reason, where }] of (layout.drop ?? []).entries()) {
      const before = layout.drop!.slice(0, k).map((d) => ` AND NOT coalesce(${d.where}, false)`);
      const sql = `SELECT count(*) AS n FROM ${layout.from(file.text)} WHERE (${where})${before.join('')}`;
      const [row] = await rowsOf<{ n: bigint }>(connection, sql);
      if (row!.n === 0n) continue;
      dropped[reason] = (dropped[reason] ?? 0) + Number(row!.n);
      left += Number(row!.n);
    }
  }
  return { dropped, left };
}

interface Look {
  readonly rows: number;
  readonly fromUs: number;
  readonly lastUs: number;
  readonly sorted: boolean;
  /** Whether a row may be there twice. */
  readonly repeats: boolean;
  /** Values that are missing. */
  readonly nulls: number;
}

/**
 * One pass over what was written. A single key that grows from row to row cannot repeat; any other is
 * compared by grouping, which costs a pass of its own.
 */
async function lookThrough(
  connection: DuckDBConnection,
  path: string,
  unique: readonly string[] | null,
): Promise<Look> {
  const file = `read_parquet(${sqlText(path)})`;
  const key = sqlName(unique?.length === 1 ? unique[0]! : 'time');
  const [seen] = await rowsOf<
    Record<'n' | 'first' | 'last' | 'nulls', bigint> & Record<'back' | 'grows', boolean>
  >(
    connection,
    `SELECT count(*) AS n, min(time) AS first, max(time) AS last,
       coalesce(bool_or(time < before), false) AS back, coalesce(bool_and(key > key_before), true) AS grows
     FROM (SELECT time, ${key} AS key, lag(time) OVER () AS before, lag(${key}) OVER () AS key_before FROM ${file})`,
  );
  const [lacking] = await rowsOf<{ nulls: bigint | null }>(
    connection,
    `SELECT sum(stats_null_count)::BIGINT AS nulls FROM parquet_metadata(${sqlText(path)})`,
  );
  const { n, first, last, back, grows } = seen!;
  let repeats = false;
  if (unique !== null && !(unique.length === 1 && grows)) {
    const [twice] = await rowsOf<{ n: bigint }>(
      connection,
      `SELECT count(*) AS n FROM (SELECT 1 FROM ${file} GROUP BY ${unique.map(sqlName).join()} HAVING count(*) > 1)`,
    );
    repeats = twice!.n > 0n;
  }
  return {
    rows: Number(n),
    fromUs: Number(first ?? 0n),
    lastUs: Number(last ?? 0n),
    sorted: !back,
    repeats,
    nulls: Number(lacking!.nulls ?? 0n),
  };
}

/** @throws ReplayError for what no sorting can mend */
function refuse(parts: readonly Part[], look: Look): void {
  const { path } = parts[0]!.file;
  if (look.rows === 0)
    throw new ReplayError(
      'DATA_MISSING',
      'no row',
      { file: path },
      'The file is only a header: fetch another day.',
    );
  if (look.nulls > 0)
    throw new ReplayError(
      'DATA_SCHEMA',
      `${look.nulls} values are missing in ${look.rows} rows`,
      { file: path },
      'Empty cells have no meaning here: drop these rows, or fetch the file again.',
    );
  if (look.fromUs < EARLIEST_US || look.lastUs > LATEST_US)
    throw new ReplayError(
      'DATA_SCHEMA',
      `times run from ${look.fromUs} to ${look.lastUs} us since 1970, outside 2009 .. 2100`,
      { file: path },
      'Correct the unit of the time column.',
    );
}

/** DuckDB's complaint about a text, with its file and line. */
function readError(parts: readonly Part[], error: Error): ReplayError {
  const line = /Line: (\d+)/.exec(error.message)?.[1];
  const at = parts.find(({ file }) => error.message.includes(file.text)) ?? parts[0]!;
  const said = error.message.split('\n').filter((text) => text.trim() !== '');
  return new ReplayError(
    'DATA_SCHEMA',
    `not the format ${at.layout.series.kind} of this vendor: ${said.slice(0, 2).join(' ')}`,
    { file: at.file.path, ...(line === undefined ? {} : { row: Number(line) }) },
    'Correct or drop the row, or import the file as csv with a mapping.',
  );
}

/** Puts rows in order of time and keeps the first of equal ones; tells how many of the others differed. */
async function tidy(
  connection: DuckDBConnection,
  o: { folder: string; unique: readonly string[] | null; columns: readonly string[] },
): Promise<number> {
  const [from, to] = [join(o.folder, 'data.parquet'), join(o.folder, 'tidied.parquet')];
  const names = o.columns.map(sqlName).join();
  const source = `read_parquet(${sqlText(from)}, file_row_number = true)`;
  const key = o.unique?.map(sqlName).join();
  const first =
    key === undefined ? '' : `QUALIFY row_number() OVER (PARTITION BY ${key} ORDER BY file_row_number) = 1`;
  let conflicts = 0n;
  if (key !== undefined) {
    const sql = `SELECT coalesce(sum(kinds - 1), 0)::BIGINT AS n FROM
      (SELECT count(DISTINCT (${names})) AS kinds FROM ${source} GROUP BY ${key})`;
    conflicts = (await rowsOf<{ n: bigint }>(connection, sql))[0]!.n;
  }
  await connection.run(
    `COPY (SELECT ${names} FROM (SELECT * FROM ${source} ${first}) ORDER BY time, file_row_number)
      TO ${sqlText(to)} ${FORMAT}`,
  );
  await rename(to, from);
  return Number(conflicts);
}
