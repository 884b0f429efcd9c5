/**
 * How one vendor's file becomes rows of a series: a relation over the file as text, and an SQL
 * expression for every column of the contract. Reading and casting is DuckDB's; a layout only names
 * columns, units and time.
 */
import { sqlText } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import type { Series } from './series.ts';
import type { SourceFile } from './sourceFile.ts';

export interface Layout {
  readonly series: Series;
  /** The file as a relation. @param path  of the unpacked text */
  readonly from: (path: string) => string;
  /** Expression by column of the contract; `time` in microseconds (see `timeUs`). */
  readonly select: Readonly<Record<string, string>>;
  /**
   * Columns whose values name a row: a second row with the same is a duplicate. null: rows have no
   * name and may repeat within a file; a row that another file has too, as often, is the same row.
   */
  readonly unique: readonly string[] | null;
  /** Rows of the same name are states that follow each other: the last one stands, the others are left out. */
  readonly keepsLast?: { readonly reason: string };
  /** The venue's ids are no numbers. */
  readonly textId?: true;
  /** Rows to leave out, each group counted under its reason. Conditions over the relation. */
  readonly drop?: readonly { readonly reason: string; readonly where: string }[];
  /** The file may hold no row of this series, and is right all the same. */
  readonly mayBeEmpty?: true;
  /** What was known about this format and handled, for the metadata. */
  readonly notes: readonly string[];
}

/** What a vendor's importer is asked. */
export interface ImportOptions {
  /** Symbol, where a file does not say it; else what is picked from the files. */
  readonly symbol: string | null;
  /** Added to every time stamp: a file stamped UTC+8 needs -8 h. */
  readonly offsetUs: number;
  /** Vendor's own options, as `name=value`. */
  readonly extra: Readonly<Record<string, string>>;
}

export interface Vendor {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly about: string;
  /** What `--option` may say: a phrase by name. */
  readonly options: Readonly<Record<string, string>>;
  /**
   * What a file holds; nothing where it is empty or of another symbol than the one asked for.
   *
   * @throws ReplayError DATA_SCHEMA when the file is none of this vendor's formats
   */
  readonly layoutsOf: (
    file: SourceFile,
    options: ImportOptions,
  ) => readonly Layout[] | Promise<readonly Layout[]>;
}

/** The error of a file that cannot be imported as what it was said to be. */
export const refused = (file: SourceFile, message: string, remedy = 'Fetch the file again.'): ReplayError =>
  new ReplayError('DATA_SCHEMA', `${file.name}: ${message}`, { file: file.path }, remedy);

export type CsvType = 'BIGINT' | 'DOUBLE' | 'VARCHAR' | 'BOOLEAN';
/** Columns of a CSV file in order, with DuckDB types. */
export type CsvColumns = Readonly<Record<string, CsvType>>;

/**
 * A CSV file as a relation. Nothing is guessed: a missing or further column, or a text where a number
 * should be, is an error with its line.
 */
export function csv(
  columns: CsvColumns,
  how: { header: boolean; skip?: number; delimiter?: string },
): (path: string) => string {
  const options = [
    'auto_detect = false',
    `header = ${how.header}`,
    `delim = ${sqlText(how.delimiter ?? ',')}`,
    `quote = '"'`,
    `escape = '"'`,
    `nullstr = ''`,
    `skip = ${how.skip ?? 0}`,
    'buffer_size = 4000000', // small batches: less memory, and the writer has something to do early
    'max_line_size = 2000000',
    `columns = ${struct(columns)}`,
  ];
  return (path) => `read_csv(${sqlText(path)}, ${options.join(', ')})`;
}

/** JSON, an array of objects or one object a line, as a relation of the named fields. */
export function json(columns: CsvColumns): (path: string) => string {
  return (path) => `read_json(${sqlText(path)}, columns = ${struct(columns)})`;
}

/** A text file as a relation of its lines: `line`. */
export const lines = (path: string): string =>
  `read_csv(${sqlText(path)}, auto_detect = false, header = false, delim = '\u0001', quote = '', escape = '',
    buffer_size = 8000000, max_line_size = 4000000, columns = {'line': 'VARCHAR'})`;

/**
 * JSON documents, whatever their fields, as a relation of one column: `json`.
 *
 * @param format  `auto`: elements of an array, else documents one after the other; or one document a line
 */
export const documents = (path: string, format: 'auto' | 'newline_delimited' = 'auto'): string =>
  `read_json_objects(${sqlText(path)}, format = ${sqlText(format)})`;

/** @throws ReplayError DATA_MISSING for a JSON array without an end, which DuckDB takes for a whole one */
export function mustBeWhole(file: SourceFile): void {
  if (!/^\s*\[/.test(file.head) || file.tail === null || /\]\s*$/.test(file.tail)) return;
  throw new ReplayError(
    'DATA_MISSING',
    `${file.name} is cut off: its JSON array has no end`,
    { file: file.path },
    'Fetch the file again.',
  );
}

const struct = (columns: CsvColumns): string =>
  `{${Object.entries(columns).map(([name, type]) => `${sqlText(name)}: ${sqlText(type)}`)}}`;

/** Cells of a header line, without quotes. */
export const cellsOf = (line: string, delimiter = ','): string[] =>
  line
    .trim()
    .split(delimiter)
    .map((cell) => cell.trim().replace(/^"|"$/g, ''));

/** The first line of a file that says something. */
export const firstLine = (head: string): string => /\S[^\r\n]*/.exec(head)?.[0] ?? '';

/** Columns under the names of a header line, read as `types` says and as text elsewhere. */
export const columnsNamed = (
  names: readonly string[],
  types: Readonly<Record<string, CsvType>>,
): CsvColumns => Object.fromEntries(names.map((name) => [name, types[name] ?? 'VARCHAR']));

/**
 * Microseconds of a whole number that may be seconds, milliseconds, microseconds or nanoseconds since
 * 1970: told row by row by its size, so a file that mixes them is read rightly. The ranges do not meet
 * between 1973 and 2286.
 */
export const timeUs = (column: string): string =>
  `(CASE WHEN ${column} < 100000000000 THEN ${column} * 1000000
     WHEN ${column} < 100000000000000 THEN ${column} * 1000
     WHEN ${column} < 100000000000000000 THEN ${column} ELSE ${column} // 1000 END)::BIGINT`;

/** Microseconds of seconds with a fraction (DOUBLE): float64 errs by 0.2 us at most, so rounding is exact. */
export const secondsUs = (column: string): string => `round(${column} * 1000000)::BIGINT`;

/** Microseconds of a text like `2018-11-27D00:00:01.123456789` (BitMEX), `2020-03-12 10:00:00` or ISO 8601 with Z. */
export const textTimeUs = (column: string): string =>
  `epoch_us(replace(replace(${column}, 'D', 'T'), 'Z', '')::TIMESTAMP)`;

/** Side of the taker from whether the buyer was the maker. */
export const takerSide = (buyerMaker: string): string => `CASE WHEN ${buyerMaker} THEN 'sell' ELSE 'buy' END`;
