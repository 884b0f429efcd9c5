/**
 * Rows of one series to Parquet. A single file as venues write them is copied by DuckDB in one pass and
 * looked through once; several files, disorder or repeated rows cost one more pass, which puts rows in
 * order and keeps one of each. The bytes depend on the files alone.
 */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, type DuckDBInstance, rowsOf, sqlName, sqlText } from '../basics/duckdb.ts';
import { sha256File } from '../basics/digest.ts';
import { ReplayError } from '../basics/errors.ts';
import type { Layout } from './layout.ts';
import { lookThrough, refuse } from './lookThrough.ts';
import { type Column, CONTRACT } from './series.ts';
import type { SourceFile } from './sourceFile.ts';

/** A file and how it is read. All parts of one series have the same `unique`. */
export interface Part {
  readonly file: SourceFile;
  readonly layout: Layout;
}

export interface Written {
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Rows left out by reason, `duplicate` among them. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Dropped duplicates that named the same row but said something else. */
  readonly conflicts: number;
  /** Whether rows had to be put in order. */
  readonly sorted: boolean;
  readonly fromUs: number;
  /** Time of the last row. */
  readonly lastUs: number;
  readonly columns: readonly string[];
  readonly sha256: string;
}

/** Rows of a Parquet row group, about: DuckDB cuts where a batch ends. */
const ROW_GROUP = 122_880;
/** Version 2 writes times and ids as differences: a third of the size at the same speed. */
const FORMAT = `(FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V2, ROW_GROUP_SIZE ${ROW_GROUP})`;

/** What the passes after the first one share. */
interface Pieces {
  readonly connection: DuckDBConnection;
  /** One Parquet file for each part, in order. */
  readonly paths: readonly string[];
  readonly columns: readonly string[];
  readonly layout: Layout;
}

/**
 * Writes `data.parquet` into a folder.
 *
 * @param parts   in the order in which equal times are kept
 * @param onPart  called after each part
 * @returns       null when no row is left and the layout says that this may be
 * @throws ReplayError DATA_SCHEMA with file and row for a value that does not read, a null, or a time
 *         out of range; DATA_MISSING when no row is left
 */
export async function writeSeries(
  db: DuckDBInstance,
  parts: readonly Part[],
  folder: string,
  onPart: (part: Part) => void = () => {},
): Promise<Written | null> {
  const target = join(folder, 'data.parquet');
  const connection = await db.connect();
  try {
    const columns = columnsOf(parts);
    const { layout } = parts[0]!;
    const { dropped, left } = await leftOut(connection, parts);
    const name = (k: number): string => `piece-${String(k).padStart(5, '0')}.parquet`;
    const paths = parts.length === 1 ? [target] : parts.map((_, k) => join(folder, name(k)));
    for (const [k, part] of parts.entries()) {
      const copy = `COPY (${selectOf(part, columns)}) TO ${sqlText(paths[k]!)} ${FORMAT}`;
      await connection.run(copy).catch((error: Error) => {
        throw readError(part, error);
      });
      onPart(part);
    }
    const pieces = { connection, paths, columns, layout };
    const first = await lookThrough(connection, paths, { unique: layout.unique, columns });
    if (first.rows === 0 && layout.mayBeEmpty) return null;
    refuse(parts[0]!.file, layout.series, first);
    const shared = layout.unique === null && parts.length > 1 && (await overlap(pieces));
    const conflicts = first.repeats && layout.keepsLast === undefined ? await conflictsIn(pieces) : 0;
    let rows = first.rows;
    if (parts.length > 1 || !first.sorted || first.repeats) {
      await joined(pieces, { sort: !first.sorted, pick: pickOf(pieces, first.repeats, shared), target });
      rows = await countOf(connection, target);
    }
    const repeated = first.rows - rows;
    return {
      rowsIn: first.rows + left,
      rowsOut: rows,
      dropped: {
        ...dropped,
        ...(repeated === 0 ? {} : { [layout.keepsLast?.reason ?? 'duplicate']: repeated }),
      },
      conflicts,
      sorted: !first.sorted,
      fromUs: first.fromUs,
      lastUs: first.lastUs,
      columns,
      sha256: await sha256File(target),
    };
  } finally {
    connection.closeSync();
  }
}

/** Columns that every part fills, in the order of the contract. */
function columnsOf(parts: readonly Part[]): string[] {
  const { kind } = parts[0]!.layout.series;
  return CONTRACT[kind]
    .map(({ name }) => name)
    .filter((name) => parts.every(({ layout }) => layout.select[name] !== undefined));
}

function selectOf({ file, layout }: Part, columns: readonly string[]): string {
  const typed = CONTRACT[layout.series.kind].filter(({ name }) => columns.includes(name));
  const typeOf = ({ name, type }: Column): string =>
    name === 'id' && layout.textId === true ? 'VARCHAR' : type;
  const list = typed.map((c) => `(${layout.select[c.name]})::${typeOf(c)} AS ${sqlName(c.name)}`);
  const drop = (layout.drop ?? []).map(({ where }) => `(${where})`);
  const where = drop.length === 0 ? '' : ` WHERE NOT coalesce(${drop.join(' OR ')}, false)`;
  return `SELECT ${list.join(', ')} FROM ${layout.from(file.text)}${where}`;
}

/** Rows that layouts leave out, each under the first reason that fits; asked only where a layout has one. */
async function leftOut(
  connection: DuckDBConnection,
  parts: readonly Part[],
): Promise<{ dropped: Record<string, number>; left: number }> {
  const dropped: Record<string, number> = {};
  let left = 0;
  for (const part of parts) {
    const drop = part.layout.drop ?? [];
    if (drop.length === 0) continue;
    const cases = drop.map(({ where }, k) => `WHEN coalesce(${where}, false) THEN ${k}`);
    const rows = await rowsOf<{ k: number | null; n: bigint }>(
      connection,
      `SELECT CASE ${cases.join(' ')} END AS k, count(*) AS n
         FROM ${part.layout.from(part.file.text)} GROUP BY 1 ORDER BY 1`,
    ).catch((error: Error) => {
      throw readError(part, error);
    });
    for (const { k, n } of rows) {
      if (k === null) continue;
      const { reason } = drop[k]!;
      dropped[reason] = (dropped[reason] ?? 0) + Number(n);
      left += Number(n);
    }
  }
  return { dropped, left };
}

/** DuckDB's complaint about a text, with its file and line; or about memory and disk. */
function readError({ file, layout }: Part, error: Error): ReplayError {
  if (/^(Out of Memory|IO) Error/.test(error.message))
    return new ReplayError(
      'RESULT_STORE',
      error.message.split('\n')[0]!.replaceAll(file.text, file.name),
      { file: file.path },
      'Free memory or space, or import fewer files at once.',
    );
  const line = /Line: (\d+)/.exec(error.message)?.[1];
  const said = error.message
    .split('\n')
    .map((text) => text.trim())
    .filter((text) => text !== '' && !/CSV Error on Line|^Possible fixes|^LINE \d/.test(text))
    .slice(0, 2)
    .join('; ')
    .replaceAll(file.text, file.name)
    .slice(0, 300);
  const what = /invalid state/.test(said) ? 'line ends of two kinds, or a quote that never closes' : said;
  return new ReplayError(
    'DATA_SCHEMA',
    `not the format ${layout.series.kind} of this vendor: ${what}`,
    { file: file.path, ...(line === undefined ? {} : { row: Number(line) }) },
    'Correct or drop the row, or import the file as csv with a mapping.',
  );
}

/** Pieces as a relation in which every row knows its place. */
const placed = ({ paths }: Pieces): string =>
  `read_parquet([${paths.map(sqlText).join()}], filename = true, file_row_number = true)`;

/** Whether a file begins before another one ended, or in the same instant. */
async function overlap(pieces: Pieces): Promise<boolean> {
  const [row] = await rowsOf<{ found: boolean }>(
    pieces.connection,
    `SELECT coalesce(bool_or(first <= before), false) AS found FROM (
       SELECT min(time) AS first, max(max(time)) OVER (ORDER BY filename ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
         FROM ${placed(pieces)} GROUP BY filename)`,
  );
  return row!.found;
}

/** How many rows that name the same row as another differ from it. */
async function conflictsIn({ connection, paths, columns, layout }: Pieces): Promise<number> {
  const names = columns.map(sqlName).join();
  const [row] = await rowsOf<{ n: bigint }>(
    connection,
    `SELECT coalesce(sum(kinds - 1), 0)::BIGINT AS n FROM
      (SELECT count(DISTINCT (${names})) AS kinds FROM read_parquet([${paths.map(sqlText).join()}])
        GROUP BY ${layout.unique!.map(sqlName).join()} HAVING count(*) > 1)`,
  );
  return Number(row!.n);
}

/** The relation of rows to keep, with their places; all rows where nothing repeats. */
function pickOf(pieces: Pieces, repeats: boolean, shared: boolean): string {
  const { layout, columns } = pieces;
  const once = (key: string, order: string): string =>
    `QUALIFY row_number() OVER (PARTITION BY ${key} ORDER BY ${order}) = 1`;
  if (repeats) {
    const order = layout.keepsLast === undefined ? '' : ' DESC';
    const key = layout.unique!.map(sqlName).join();
    return `(SELECT * FROM ${placed(pieces)} ${once(key, `filename${order}, file_row_number${order}`)})`;
  }
  if (!shared) return placed(pieces);
  // the k-th of equal rows in one file is the k-th in another
  const names = columns.map(sqlName).join();
  const nth = `row_number() OVER (PARTITION BY ${names}, filename ORDER BY file_row_number) AS nth`;
  const numbered = `(SELECT *, ${nth} FROM ${placed(pieces)})`;
  return `(SELECT * FROM ${numbered} ${once(`${names}, nth`, 'filename, file_row_number')})`;
}

/** Writes the pieces as one file and takes them away. */
async function joined(
  { connection, paths, columns }: Pieces,
  o: { sort: boolean; pick: string; target: string },
): Promise<void> {
  const order = o.sort || o.pick.includes('QUALIFY') ? ' ORDER BY time, filename, file_row_number' : '';
  const whole = `${o.target}.whole`;
  await connection.run(
    `COPY (SELECT ${columns.map(sqlName).join()} FROM ${o.pick}${order}) TO ${sqlText(whole)} ${FORMAT}`,
  );
  for (const path of paths) await rm(path);
  await rename(whole, o.target);
}

async function countOf(connection: DuckDBConnection, path: string): Promise<number> {
  const [row] = await rowsOf<{ n: bigint }>(
    connection,
    `SELECT count(*) AS n FROM read_parquet(${sqlText(path)})`,
  );
  return Number(row!.n);
}
