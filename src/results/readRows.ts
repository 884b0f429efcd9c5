/** Rows out of the database with exact amounts kept exact: the reverse of columnBuffer.ts. */
import { type DuckDBConnection, DuckDBDecimalValue } from '../basics/duckdb.ts';
import { invariant } from '../basics/errors.ts';
import { type Exact, type Unit, unscaled } from '../basics/exact.ts';

/** What a cell becomes: DECIMAL an Exact, every integer a number (exact below 2^53), NULL null. */
export type Cell = Exact<Unit> | number | string | boolean | null;

function cell(value: unknown): Cell {
  if (value instanceof DuckDBDecimalValue) return unscaled('money', value.value, value.scale);
  if (typeof value !== 'bigint') return value as Cell;
  const whole = Number(value);
  invariant(Number.isSafeInteger(whole), `an integer column stays below 2^53, not ${value}`);
  return whole;
}

/**
 * Rows of a query, in its order, a few thousand in memory at a time.
 *
 * @param connection  one stream at a time: DuckDB ends an open one when the next begins
 * @param sql         text of the query; column names become the fields
 */
export async function* readRows<Row extends { [F in keyof Row]: Cell }>(
  connection: DuckDBConnection,
  sql: string,
): AsyncGenerator<Row> {
  const result = await connection.stream(sql);
  const names = result.columnNames();
  for (
    let chunk = await result.fetchChunk();
    chunk !== null && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    const columns = chunk.getColumns();
    const rows = columns[0]?.length ?? 0;
    for (let i = 0; i < rows; i++) {
      const row: Record<string, Cell> = {};
      for (let c = 0; c < names.length; c++) row[names[c]!] = cell(columns[c]![i]);
      yield row as Row;
    }
  }
}

/** All rows of a query; for results that fit in memory. */
export async function allRows<Row extends { [F in keyof Row]: Cell }>(
  connection: DuckDBConnection,
  sql: string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of readRows<Row>(connection, sql)) rows.push(row);
  return rows;
}
