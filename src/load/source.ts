/**
 * Where a stream's rows are: files, column names, filter and time unit, checked before a row is read.
 * Every question about them (what types, how many rows, which row of which file) is asked here, so
 * that an error can always name a file and a row.
 */
import { globSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { type DuckDBConnection, rowsOf, sqlName, sqlText } from '../basics/duckdb.ts';
import { nearest, type Place, ReplayError } from '../basics/errors.ts';
import { formatInstant, type Micros } from '../basics/instant.ts';
import type { StreamSpec } from '../rules/facts.ts';
import { RowError } from './quality.ts';

/** [fromUs, untilUs), microseconds UTC. */
export interface Window {
  readonly fromUs: Micros;
  readonly untilUs: Micros;
}

/** Where relative paths start: the data folder first, then the scenario's own. */
export interface Places {
  readonly dataDir: string;
  readonly folder: string;
}

/** The part of a stream's description that finds and reads its rows. */
export type Reading = Pick<StreamSpec, 'id' | 'path' | 'columns' | 'filter' | 'timeUnit'>;

/** A stream whose files exist and whose columns have names and types. */
export interface Source {
  readonly reading: Reading;
  readonly files: readonly string[];
  /** `read_parquet([...])`, ready for FROM. */
  readonly from: string;
  /** Column name -> DuckDB type. */
  readonly types: ReadonlyMap<string, string>;
  /** SQL expression of time in whole microseconds, DOUBLE. */
  readonly timeSql: string;
  /** Equality filters as SQL, or `true`. */
  readonly filterSql: string;
}

/** Times outside these years are a unit mix-up, not history. */
const EARLIEST_US = Date.UTC(2009, 0, 1) * 1000;
const LATEST_US = Date.UTC(2100, 0, 1) * 1000;
const plausible = (tsUs: number): boolean => tsUs >= EARLIEST_US && tsUs <= LATEST_US;

/** Microseconds in one unit of a time column. */
const UNIT_US: Readonly<Record<string, number>> = { s: 1_000_000, ms: 1000, us: 1, ns: 0.001 };

const INTEGER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|UINTEGER)$/;
const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|UINTEGER|DOUBLE|FLOAT|DECIMAL\(.*\))$/;

/** Files of a stream, and what to call them where the machine's own folders must not show. */
export interface Files {
  readonly files: readonly string[];
  readonly names: readonly string[];
}

/**
 * The files of a path or glob, in the order of their names.
 *
 * @throws ReplayError DATA_MISSING when there is none
 */
export function filesOf(path: string, { dataDir, folder }: Places): Files {
  const bases = isAbsolute(path) ? [''] : [...new Set([dataDir, folder])];
  for (const base of bases) {
    const candidate = join(base, path);
    const matches = /[*?[{]/.test(path) ? globSync(path, base === '' ? {} : { cwd: base }) : [path];
    const names = matches.filter((name) => statSync(join(base, name), { throwIfNoEntry: false })?.isFile());
    if (names.length === 0 && statSync(candidate, { throwIfNoEntry: false })?.isFile()) names.push(path);
    if (names.length > 0) {
      names.sort((a, b) => (a < b ? -1 : 1));
      return { files: names.map((name) => join(base, name)), names };
    }
  }
  throw new ReplayError(
    'DATA_MISSING',
    `There is no file ${bases.map((base) => join(base, path)).join(' nor ')}.`,
    { file: join(bases[0]!, path) },
    'Fetch the file, or say where it is with --data <folder>.',
  );
}

/**
 * Opens a stream's files and checks what can be checked without reading rows.
 *
 * @throws ReplayError DATA_MISSING (unreadable), DATA_SCHEMA (no time column, wrong type, wrong unit)
 */
export async function openSource(
  db: DuckDBConnection,
  reading: Reading,
  files: readonly string[],
): Promise<Source> {
  const from = `read_parquet([${files.map(sqlText).join(', ')}])`;
  const place = { file: files[0]! };
  const described = await asking(place, () =>
    rowsOf<{ column_name: string; column_type: string }>(db, `DESCRIBE SELECT * FROM ${from}`),
  );
  const types = new Map(described.map((row) => [row.column_name, row.column_type]));
  const bare = { reading, files, from, types, timeSql: '', filterSql: '' };
  const time = nameOf(bare, 'time')!;
  const type = types.get(time)!;
  if (!INTEGER.test(type) && type !== 'DOUBLE') throw wrongType(bare, time, type, 'a whole number (BIGINT)');
  for (const name of Object.keys(reading.filter)) named(bare, name);
  const filters = Object.entries(reading.filter).map(
    ([name, value]) => `${sqlName(name)} = ${sqlText(value)}`,
  );
  const source = {
    ...bare,
    timeSql: timeSqlOf(time, type, reading.timeUnit),
    filterSql: filters.length === 0 ? 'true' : filters.join(' AND '),
  };
  await checkTimeUnit(db, source, time);
  return source;
}

/** Microseconds are exact in float64 until 2255; nanoseconds are not, so they are cut as whole numbers. */
function timeSqlOf(name: string, type: string, unit: 'ms' | 'us' | 'ns'): string {
  const column = sqlName(name);
  if (unit === 'us') return `${column}::DOUBLE`;
  if (unit === 'ms') return `${column}::DOUBLE * 1000`;
  return type === 'DOUBLE' ? `floor(${column} / 1000)` : `(${column} // 1000)::DOUBLE`;
}

/** The window in the file's own unit, so that row-group statistics can skip what lies outside. */
export function windowSql(source: Source, window: Window): string {
  const column = sqlName(nameOf(source, 'time')!);
  const unitUs = UNIT_US[source.reading.timeUnit]!;
  const bound = (us: Micros): string =>
    (BigInt(Math.ceil(unitUs >= 1 ? us / unitUs : us)) * (unitUs >= 1 ? 1n : 1000n)).toString();
  const [from, until] = [bound(window.fromUs), bound(window.untilUs)];
  return `${source.filterSql} AND ${column} >= ${from} AND ${column} < ${until}`;
}

/**
 * The file's name of one of our columns.
 *
 * @param optional  null comes back where the file has none; a column named by the scenario must exist
 * @throws ReplayError DATA_SCHEMA
 */
export function nameOf(
  source: Pick<Source, 'reading' | 'types' | 'files'>,
  ours: string,
  optional = false,
): string | null {
  const stated = source.reading.columns[ours];
  if (stated === '') return null;
  if (stated === undefined && optional && !source.types.has(ours)) return null;
  return named(source, stated ?? ours);
}

function named(source: Pick<Source, 'types' | 'files'>, name: string): string {
  if (source.types.has(name)) return name;
  const names = [...source.types.keys()];
  const near = nearest(name, names);
  throw new ReplayError(
    'DATA_SCHEMA',
    `There is no column ${name}; the file has ${names.join(', ')}.`,
    { file: source.files[0]! },
    `${near === null ? 'Name' : `Did you mean ${near}? Name`} the file's column in the stream's columns.`,
  );
}

/** SQL of a numeric column as DOUBLE. @throws ReplayError DATA_SCHEMA when it is missing or no number */
export function numberSql(source: Source, ours: string): string {
  const name = nameOf(source, ours)!;
  const type = source.types.get(name)!;
  if (!NUMBER.test(type)) throw wrongType(source, name, type, 'a number');
  return `${sqlName(name)}::DOUBLE`;
}

/** The error of a column of another type than its meaning needs. */
export function wrongType(
  source: Pick<Source, 'files'>,
  name: string,
  type: string,
  needed: string,
): ReplayError {
  return new ReplayError(
    'DATA_SCHEMA',
    `Column ${name} is ${type}, but ${needed} is needed.`,
    { file: source.files[0]! },
    'Convert the column (cascade import does), or name another one in the stream.',
  );
}

/** A time outside 2009 .. 2100 means that units were mixed up (s, ms, us, ns). */
async function checkTimeUnit(db: DuckDBConnection, source: Source, time: string): Promise<void> {
  const unitUs = UNIT_US[source.reading.timeUnit]!;
  const raw = `${sqlName(time)}::DOUBLE`;
  const outside = `(${raw} < ${EARLIEST_US / unitUs} OR ${raw} > ${LATEST_US / unitUs})`;
  const statistics = await asking({ file: source.files[0]! }, () =>
    rowsOf<{ low: number | null; high: number | null; known: boolean; nulls: boolean }>(
      db,
      `SELECT min(try_cast(stats_min_value AS DOUBLE)) AS low,
              max(try_cast(stats_max_value AS DOUBLE)) AS high,
              coalesce(bool_and(stats_min_value IS NOT NULL), false) AS known,
              coalesce(bool_or(stats_null_count IS NULL OR stats_null_count > 0), true) AS nulls
         FROM parquet_metadata([${source.files.map(sqlText).join(', ')}])
        WHERE path_in_schema = ${sqlText(time)}`,
    ),
  );
  const { low, high, known, nulls } = statistics[0]!;
  if (nulls) await refuseNullTimes(db, source, time);
  if (known && low !== null && plausible(low * unitUs) && plausible(high! * unitUs)) return;
  const bad = await rowsOf<{ t: number }>(
    db,
    `SELECT ${raw} AS t FROM ${source.from} WHERE ${source.filterSql} AND ${outside} LIMIT 1`,
  );
  if (bad.length === 0) return;
  const unit = Object.keys(UNIT_US).find((name) => plausible(bad[0]!.t * UNIT_US[name]!));
  const isOne = unit === undefined ? '' : `; it is one in ${unit}`;
  throw new ReplayError(
    'DATA_SCHEMA',
    `Time ${bad[0]!.t} is no instant between 2009 and 2100 in ${source.reading.timeUnit}${isOne}.`,
    await locate(db, source, `${source.filterSql} AND ${outside}`, 0),
    `Correct the stream's timeUnit${unit === undefined ? '' : ` (${unit}?)`}, or the file if it mixes units.`,
  );
}

/** A window never selects a row without a time, so it must be looked for by itself. */
async function refuseNullTimes(db: DuckDBConnection, source: Source, time: string): Promise<void> {
  const condition = `${source.filterSql} AND ${sqlName(time)} IS NULL`;
  const found = await rowsOf(db, `SELECT 1 FROM ${source.from} WHERE ${condition} LIMIT 1`);
  if (found.length === 0) return;
  const place = await locate(db, source, condition, 0);
  throw new ReplayError('DATA_SCHEMA', `A null in ${time}.`, place, 'Fill or drop the row in the file.');
}

/**
 * File and row (counted from 1) of the n-th row that a condition selects.
 *
 * @param ordinal  counted from 0, in the order of the files
 */
export async function locate(
  db: DuckDBConnection,
  source: Source,
  condition: string,
  ordinal: number,
): Promise<Place> {
  const list = source.files.map(sqlText).join(', ');
  const rows = await rowsOf<{ file: string; row: bigint; t: number | null }>(
    db,
    `SELECT filename AS file, file_row_number AS row, ${source.timeSql} AS t
       FROM read_parquet([${list}], filename = true, file_row_number = true)
      WHERE ${condition} LIMIT 1 OFFSET ${ordinal}`,
  ).catch(() => []); // a file with columns of these names: the file alone must do
  const found = rows[0];
  if (found === undefined) return { file: source.files[0]! };
  return {
    file: found.file,
    row: Number(found.row) + 1,
    ...(found.t !== null && Number.isFinite(found.t) ? { tsUs: found.t } : {}),
  };
}

/** Why a window has no row: nothing at all, or a stream that lies elsewhere in time. */
export async function emptyWindow(
  db: DuckDBConnection,
  source: Source,
  window: Window,
): Promise<ReplayError> {
  const place = { file: source.files[0]! };
  const [range] = await rowsOf<{ n: bigint; low: number | null; high: number | null }>(
    db,
    `SELECT count(*) AS n, min(${source.timeSql}) AS low, max(${source.timeSql}) AS high
       FROM ${source.from} WHERE ${source.filterSql}`,
  );
  if (range === undefined || range.n === 0n) {
    const filtered = source.filterSql === 'true' ? '' : ` that matches ${source.filterSql}`;
    return new ReplayError(
      'DATA_MISSING',
      `Stream ${source.reading.id} has no row${filtered}.`,
      place,
      'Fetch the file again, or correct the filter.',
    );
  }
  const asked = `${formatInstant(window.fromUs)} .. ${formatInstant(window.untilUs)}`;
  const covered = `${formatInstant(range.low!)} .. ${formatInstant(range.high!)}`;
  return new ReplayError(
    'DATA_GAP',
    `Stream ${source.reading.id} has no row in ${asked}; it covers ${covered}.`,
    place,
    'Move the window, or fetch the files of that time.',
  );
}

/** Runs a query of a file and gives DuckDB's complaint our code: what it cannot read is missing. */
export async function asking<T>(place: Place, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof ReplayError || error instanceof RowError) throw error;
    const text = String((error as Error).message).split('\n')[0]!;
    const schema =
      /schema mismatch|failed to cast column|could not convert|conversion error|binder error/i.test(text);
    throw new ReplayError(
      schema ? 'DATA_SCHEMA' : 'DATA_MISSING',
      schema ? `The files do not fit together: ${text}` : `The file cannot be read: ${text}`,
      place,
      schema
        ? 'Give all files of the stream the same columns and types.'
        : 'It may be truncated or no Parquet file: fetch it again.',
    );
  }
}
