/**
 * How one vendor's file becomes rows of a series: a relation over the file as text, and an SQL
 * expression for every column of the contract. Reading and casting is DuckDB's; a layout only names
 * columns, units and time.
 */
import { sqlText } from '../basics/duckdb.ts';
import type { Series } from './series.ts';
import type { SourceFile } from './sourceFile.ts';

export interface Layout {
  readonly series: Series;
  /** The file as a relation. @param path  of the unpacked text */
  readonly from: (path: string) => string;
  /** Expression by column of the contract; `time` in microseconds (see `timeUs`). */
  readonly select: Readonly<Record<string, string>>;
  /**
   * Columns whose values name a row: a second row with the same is a duplicate (`all`: every column).
   * null: rows may repeat (trades without an id).
   */
  readonly unique: readonly string[] | 'all' | null;
  /** The venue's ids are no numbers. */
  readonly textId?: true;
  /** Rows to leave out, each group counted under its reason. Conditions over the relation. */
  readonly drop?: readonly { readonly reason: string; readonly where: string }[];
  /** What was known about this format and handled, for the metadata. */
  readonly notes: readonly string[];
}

/** What a vendor's importer is asked. */
export interface ImportOptions {
  /** Symbol, where a file does not say it; else a check. */
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
  /**
   * What a file holds.
   *
   * @throws ReplayError DATA_SCHEMA when the file is none of this vendor's formats, DATA_MISSING when it
   *         is only a header
   */
  readonly layoutsOf: (
    file: SourceFile,
    options: ImportOptions,
  ) => readonly Layout[] | Promise<readonly Layout[]>;
}

/** Columns of a CSV file in order, with DuckDB types. */
export type CsvColumns = Readonly<Record<string, 'BIGINT' | 'DOUBLE' | 'VARCHAR' | 'BOOLEAN'>>;

/**
 * A CSV file as a relation. Nothing is guessed: an unexpected column or a text where a number should
 * be is an error with its line.
 */
export function csv(
  columns: CsvColumns,
  how: { header: boolean; skip?: number; delimiter?: string },
): (path: string) => string {
  const named = Object.entries(columns).map(([name, type]) => `${sqlText(name)}: ${sqlText(type)}`);
  const options = [
    'auto_detect = false',
    `header = ${how.header}`,
    `delim = ${sqlText(how.delimiter ?? ',')}`,
    `quote = '"'`,
    `escape = '"'`,
    `nullstr = ''`,
    `skip = ${how.skip ?? 0}`,
    `columns = {${named.join(', ')}}`,
  ];
  return (path) => `read_csv(${sqlText(path)}, ${options.join(', ')})`;
}

/** JSON, an array of objects or one object a line, as a relation of the named fields. */
export function json(columns: CsvColumns): (path: string) => string {
  const named = Object.entries(columns).map(([name, type]) => `${sqlText(name)}: ${sqlText(type)}`);
  return (path) =>
    `read_json(${sqlText(path)}, columns = {${named.join(', ')}}, maximum_object_size = 67108864)`;
}

/**
 * Microseconds of a whole number that may be seconds, milliseconds, microseconds or nanoseconds since
 * 1970: told row by row by its size, so a file that mixes them is read rightly. The ranges do not meet
 * between 1973 and 2286.
 */
export const timeUs = (column: string): string =>
  `(CASE WHEN ${column} < 100000000000 THEN ${column} * 1000000 WHEN ${column} < 100000000000000 THEN ${column} * 1000 ` +
  `WHEN ${column} < 100000000000000000 THEN ${column} ELSE ${column} // 1000 END)::BIGINT`;

/** Microseconds of a text like `2018-11-27D00:00:01.123456789` (BitMEX), `2020-03-12 10:00:00` or ISO 8601 with Z. */
export const textTimeUs = (column: string): string =>
  `epoch_us(replace(replace(${column}, 'D', 'T'), 'Z', '')::TIMESTAMP)`;

/** Side of the taker from whether the buyer was the maker. */
export const takerSide = (buyerMaker: string): string => `CASE WHEN ${buyerMaker} THEN 'sell' ELSE 'buy' END`;
