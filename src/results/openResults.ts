/** The one door to a finished run's database: read only, closed whatever happens. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, openDuckDb } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';

/**
 * Hands an open connection to `use`.
 *
 * @throws ReplayError RESULT_STORE when the folder holds no results
 */
export async function withResultsDb<T>(
  runFolder: string,
  use: (db: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const path = join(runFolder, 'results.duckdb');
  if (!existsSync(path)) {
    const remedy = 'Name the folder of a finished run.';
    throw new ReplayError('RESULT_STORE', 'no results in this folder', { file: path }, remedy);
  }
  const instance = await openDuckDb({ path, readOnly: true });
  const connection = await instance.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
