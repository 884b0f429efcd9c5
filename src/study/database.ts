/** The tables of a study that is no single run: one DuckDB file and its Parquet export. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckDb } from '../basics/duckdb.ts';
import { TableWriter } from '../results/columnBuffer.ts';
import { exportTables } from '../results/exportRun.ts';
import type { TableDigest } from '../results/manifest.ts';
import { type AnyTable, createTable } from '../results/schema.ts';

/** A table and its rows in any order; an export sorts them. */
export interface StudyTable {
  readonly table: AnyTable;
  readonly rows: Iterable<object>;
}

/**
 * Writes tables.
 *
 * @param folder  gets the database and tables/*.parquet
 * @param file    name of the database in it; a former one is replaced
 * @returns       digests by table; equal rows give equal Parquet bytes
 */
export async function writeDatabase(
  folder: string,
  file: string,
  tables: readonly StudyTable[],
): Promise<Record<string, TableDigest>> {
  const path = join(folder, file);
  rmSync(path, { force: true });
  const instance = await openDuckDb({ path });
  const connection = await instance.connect();
  try {
    for (const { table, rows } of tables) {
      await connection.run(createTable(table));
      const writer = new TableWriter(table, await connection.createAppender(table.name));
      for (const row of rows) writer.add(0, [row]);
      writer.close();
    }
    await connection.run('CHECKPOINT');
    const all = tables.map(({ table }) => table);
    return await exportTables(connection, folder, all);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
