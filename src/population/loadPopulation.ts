/**
 * A population from a Parquet file, where somebody has one: account snapshots replace the generator.
 * Open interest that the file leaves out is held by `market`; that longs and shorts of a file do not
 * balance is therefore no error.
 *
 * Columns (one row a leg; numbers as DECIMAL, DOUBLE, integer or text):
 *   account text, mode text (isolated, cross), market text, side text (long, short),
 *   qty (base units or contracts), entry_price, margin (isolated), wallet (cross; else free balance),
 *   and if there: leverage DOUBLE, hedger BOOLEAN, tracked BOOLEAN,
 *   balances text: {"BTC": "1.5", "USDT": "10000"}, in place of the wallet of a cross account
 */
import { type DuckDBConnection, openDuckDb, rowsOf, sqlName, sqlText } from '../basics/duckdb.ts';
import { nearest, type Place, ReplayError } from '../basics/errors.ts';
import type { Population } from '../ledger/population.ts';
import { filesOf } from '../load/source.ts';
import type { Facts } from '../rules/facts.ts';
import { type PositionRow, populationOf } from './positions.ts';

const REQUIRED = ['account', 'mode', 'market', 'side', 'qty', 'entry_price', 'margin', 'wallet'] as const;
const OPTIONAL = ['leverage', 'hedger', 'tracked', 'balances'] as const;
/** Columns that may hold a null. */
const NULLABLE = new Set<string>(['margin', 'wallet', ...OPTIONAL]);

export interface PositionsFile {
  /** Parquet file or glob, relative to the data folder, else to the scenario's folder. */
  readonly path: string;
  readonly dataDir: string;
  readonly folder: string;
}

/**
 * Loads positions and makes columns of them.
 *
 * @throws ReplayError DATA_MISSING without the file, DATA_SCHEMA with file and row for anything in it
 *         that is no position
 */
export async function loadPopulation(
  file: PositionsFile,
  facts: Pick<Facts, 'markets'>,
): Promise<Population> {
  return populationOf(await readPositions(file), facts.markets);
}

/** The rows of a positions file, in its order, not yet judged. @throws as `loadPopulation` */
export async function readPositions({ path, dataDir, folder }: PositionsFile): Promise<PositionRow[]> {
  const { files } = filesOf(path, { dataDir, folder });
  const instance = await openDuckDb();
  const db = await instance.connect();
  try {
    const rows: PositionRow[] = [];
    for (const file of files) for (const row of await readFile(db, file)) rows.push(row);
    return rows;
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

async function readFile(db: DuckDBConnection, file: string): Promise<PositionRow[]> {
  try {
    const columns = await columnsOf(db, file);
    const select = [...REQUIRED, ...OPTIONAL].map((name) => {
      const type =
        name === 'leverage' ? 'DOUBLE' : name === 'hedger' || name === 'tracked' ? 'BOOLEAN' : 'VARCHAR';
      return columns.has(name) ? `CAST(${sqlName(name)} AS ${type})` : `CAST(NULL AS ${type})`;
    });
    const reader = await db.runAndReadAll(`SELECT ${select.join(', ')} FROM read_parquet(${sqlText(file)})`);
    return rowsFrom(file, reader.getColumnsJS());
  } catch (error) {
    if (error instanceof ReplayError) throw error;
    const message = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    throw new ReplayError(
      'DATA_SCHEMA',
      message,
      { file },
      'Write the file as Parquet with the columns of docs/data.md.',
    );
  }
}

async function columnsOf(db: DuckDBConnection, file: string): Promise<Set<string>> {
  const described = await rowsOf<{ column_name: string }>(
    db,
    `DESCRIBE SELECT * FROM read_parquet(${sqlText(file)})`,
  );
  const columns = new Set(described.map((column) => column.column_name));
  for (const name of REQUIRED) {
    if (columns.has(name)) continue;
    const near = nearest(name, [...columns]);
    const remedy = near === null ? '' : ` The nearest column is ${near}.`;
    throw new ReplayError('DATA_SCHEMA', `There is no column ${name}.`, { file }, `Add it.${remedy}`);
  }
  return columns;
}

function rowsFrom(file: string, columns: readonly (readonly unknown[])[]): PositionRow[] {
  const names = [...REQUIRED, ...OPTIONAL];
  return Array.from({ length: columns[0]!.length }, (_, i) => {
    const place = { file, row: i + 1 };
    const text = (name: (typeof REQUIRED)[number]): string | null => {
      const held = columns[names.indexOf(name)]![i];
      if (held === null && !NULLABLE.has(name)) {
        throw new ReplayError(
          'DATA_SCHEMA',
          `There is no ${name}.`,
          place,
          'Fill or drop the row in the file.',
        );
      }
      return held as string | null;
    };
    return {
      account: text('account')!,
      mode: text('mode')!,
      market: text('market')!,
      side: text('side')!,
      qty: text('qty')!,
      entryPrice: text('entry_price')!,
      margin: text('margin'),
      wallet: text('wallet'),
      leverage: columns[names.indexOf('leverage')]![i] as number | null,
      hedger: columns[names.indexOf('hedger')]![i] === true,
      tracked: columns[names.indexOf('tracked')]![i] === true,
      balances: balancesOf(columns[names.indexOf('balances')]![i] as string | null, place),
      place,
    };
  });
}

/** Balances as a map of texts; null where the column is empty. */
function balancesOf(text: string | null, place: Place): Record<string, string> | null {
  if (text === null || text === '') return null;
  try {
    const read: unknown = JSON.parse(text);
    const isMap = typeof read === 'object' && read !== null && !Array.isArray(read);
    if (isMap && Object.values(read).every((amount) => typeof amount === 'string'))
      return read as Record<string, string>;
  } catch {
    // it is no JSON: said below, as for JSON of another form
  }
  throw new ReplayError(
    'DATA_SCHEMA',
    `The balances are ${text}.`,
    place,
    'Write them as {"BTC": "1.5", "USDT": "10000"}.',
  );
}
