/**
 * Every table of a stored run, described once. From this come the CREATE TABLE statements, the
 * `columns` table inside each result, and the column lists of docs/results.md.
 */
import { sqlName } from '../basics/duckdb.ts';
import { SQL_TYPE, snakeCase, type Table } from './column.ts';
import { ROW_TABLES } from './rowTables.ts';
import { COLUMNS, ENSEMBLE, HAZARD, MANIFEST, METRICS, RECONCILIATION } from './runTables.ts';

export { ROW_TABLES } from './rowTables.ts';

/** Tables that a study fills once the replay is over. */
export const RUN_TABLES = {
  metrics: METRICS,
  ensemble: ENSEMBLE,
  reconciliation: RECONCILIATION,
  hazard: HAZARD,
  columns: COLUMNS,
  manifest: MANIFEST,
};

/** A table whose row type no longer matters: for code that treats all of them alike. */
export type AnyTable = Pick<Table, 'name' | 'meaning' | 'perWorld'> & {
  readonly sortedBy: readonly string[];
  readonly columns: Readonly<Record<string, { kind: keyof typeof SQL_TYPE; unit: string; meaning: string }>>;
};

/** All tables of a stored run, in the order of docs/results.md. */
export const TABLES: readonly AnyTable[] = [...Object.values(ROW_TABLES), ...Object.values(RUN_TABLES)];

/** A column as it is on disk. */
export interface DiskColumn {
  readonly field: string;
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly meaning: string;
}

const WORLD: DiskColumn = {
  field: 'world',
  name: 'world',
  type: 'INTEGER',
  unit: '-',
  meaning: 'number of the world in the run, from 0',
};

/** Columns of a table as they are on disk, `world` included. */
export const diskColumns = (table: AnyTable): DiskColumn[] => [
  ...(table.perWorld ? [WORLD] : []),
  ...Object.entries(table.columns).map(([field, c]) => ({
    field,
    name: snakeCase(field),
    type: SQL_TYPE[c.kind],
    unit: c.unit,
    meaning: c.meaning,
  })),
];

/** CREATE TABLE of one table. */
export const createTable = (table: AnyTable): string =>
  `CREATE TABLE ${sqlName(table.name)} (${diskColumns(table)
    .map((c) => `${sqlName(c.name)} ${c.type}`)
    .join(', ')})`;

/** ORDER BY of an export: the table's own key first, then every other column, so that ties are equal rows. */
export function totalOrder(table: AnyTable): string {
  const first = [...(table.perWorld ? ['world'] : []), ...table.sortedBy.map(snakeCase)];
  const rest = diskColumns(table)
    .map((c) => c.name)
    .filter((name) => !first.includes(name));
  return [...first, ...rest].map((name) => `${sqlName(name)} NULLS FIRST`).join(', ');
}
