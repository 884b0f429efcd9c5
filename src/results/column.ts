/**
 * What a column is: its kind fixes the SQL type and how a field becomes bytes; unit and meaning are
 * for people. The mapped types make the compiler refuse a row type with a field left undescribed,
 * a described field that is gone, or a kind that does not fit the field.
 */
import type { Exact, Unit } from '../basics/exact.ts';

/**
 * exact    Exact -> DECIMAL(38, 18), written digit by digit, never through a float
 * instant  microseconds since 1970 UTC -> BIGINT
 * whole    whole number -> BIGINT
 * float    number -> DOUBLE; NaN is stored as NULL, infinities as themselves
 * text     string -> VARCHAR
 * flag     boolean -> BOOLEAN
 * json     record of texts -> VARCHAR, canonical JSON
 */
export type Kind = 'exact' | 'instant' | 'whole' | 'float' | 'text' | 'flag' | 'json';

export const SQL_TYPE: Readonly<Record<Kind, string>> = {
  exact: 'DECIMAL(38,18)',
  instant: 'BIGINT',
  whole: 'BIGINT',
  float: 'DOUBLE',
  text: 'VARCHAR',
  flag: 'BOOLEAN',
  json: 'VARCHAR',
};

/** Decimal places and digits of an exact column: the ledger's finest money, and DuckDB's widest number. */
export const EXACT_SCALE = 18;
export const EXACT_DIGITS = 38;

export interface Column<K extends Kind = Kind> {
  readonly kind: K;
  readonly unit: string;
  readonly meaning: string;
}

type KindOf<T> = [T] extends [Exact<Unit>]
  ? 'exact'
  : [T] extends [number]
    ? 'instant' | 'whole' | 'float'
    : [T] extends [string]
      ? 'text'
      : [T] extends [boolean]
        ? 'flag'
        : 'json';

/** A description of every field of a row type: none missing, none invented, each of a kind that fits. */
export type Described<Row> = { readonly [F in keyof Row]-?: Column<KindOf<NonNullable<Row[F]>>> };

export interface Table<Row = never> {
  /** Name on disk. */
  readonly name: string;
  readonly meaning: string;
  /** Fields by which an export is sorted first; every other column follows, so the order is total. */
  readonly sortedBy: readonly (keyof Row & string)[];
  readonly columns: Described<Row>;
  /** true: a column `world` comes first, filled by the store. */
  readonly perWorld: boolean;
}

export const exact = (unit: string, meaning: string): Column<'exact'> => ({ kind: 'exact', unit, meaning });
export const whole = (unit: string, meaning: string): Column<'whole'> => ({ kind: 'whole', unit, meaning });
export const float = (unit: string, meaning: string): Column<'float'> => ({ kind: 'float', unit, meaning });
export const instant = (meaning: string): Column<'instant'> => ({ kind: 'instant', unit: 'us UTC', meaning });
export const text = (meaning: string): Column<'text'> => ({ kind: 'text', unit: '-', meaning });
export const flag = (meaning: string): Column<'flag'> => ({ kind: 'flag', unit: '-', meaning });
export const json = (meaning: string): Column<'json'> => ({ kind: 'json', unit: '-', meaning });

/** tsUs -> ts_us, shortfall1F64 -> shortfall1_f64, adlRequests -> adl_requests. */
export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
