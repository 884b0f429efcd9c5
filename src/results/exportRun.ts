/**
 * Tables to Parquet files, and digests of both. One thread and a total order: the same rows give
 * the same bytes in every process.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256File } from '../basics/digest.ts';
import { type DuckDBConnection, rowsOf, sqlName, sqlText } from '../basics/duckdb.ts';
import type { TableDigest } from './manifest.ts';
import { type AnyTable, diskColumns, totalOrder } from './schema.ts';

/** Parquet file of a table inside a result folder. */
export const parquetPath = (folder: string, table: string): string =>
  join(folder, 'tables', `${table}.parquet`);

/**
 * Digest of a table's contents: sha256 over the sorted sha256s of its rows, each row the texts of
 * its columns. Independent of row order, file format and the database around it; a changed, added,
 * lost or doubled row changes it.
 *
 * @param from  what to read: a table, or read_parquet(...)
 */
export async function contentDigest(
  connection: DuckDBConnection,
  table: AnyTable,
  from: string,
): Promise<Pick<TableDigest, 'rows' | 'contents'>> {
  // a text is preceded by its length, so that no two rows spell alike
  const spelled = diskColumns(table)
    .map((c) =>
      c.type === 'VARCHAR'
        ? `length(${sqlName(c.name)}) || ':' || ${sqlName(c.name)}`
        : `${sqlName(c.name)}::VARCHAR`,
    )
    .map((text) => `coalesce(${text}, '-')`)
    .join(", ' ', ");
  const [row] = await rowsOf<{ rows: bigint; contents: string }>(
    connection,
    `SELECT count(*) AS rows, sha256(coalesce(string_agg(h, '' ORDER BY h), '')) AS contents
       FROM (SELECT sha256(concat(${spelled})) AS h FROM ${from})`,
  );
  return { rows: Number(row!.rows), contents: row!.contents };
}

/** Writes tables as Parquet. @returns digests by table name */
export async function exportTables(
  connection: DuckDBConnection,
  folder: string,
  tables: readonly AnyTable[],
): Promise<Record<string, TableDigest>> {
  mkdirSync(join(folder, 'tables'), { recursive: true });
  const digests: Record<string, TableDigest> = {};
  for (const table of tables) {
    const path = parquetPath(folder, table.name);
    await connection.run(
      `COPY (SELECT * FROM ${sqlName(table.name)} ORDER BY ${totalOrder(table)})
         TO ${sqlText(path)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    const contents = await contentDigest(connection, table, sqlName(table.name));
    digests[table.name] = { ...contents, parquet: await sha256File(path) };
  }
  return digests;
}
