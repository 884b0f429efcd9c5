/**
 * Files and folders as series: an importer's folder says what it holds in metadata.json, a plain file
 * says it by its columns, and a long table (venue, market, symbol, price_type, interval_ms, source_file)
 * is cut into one series for each combination.
 */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type DuckDBConnection, rowsOf, sqlName, sqlText } from '../../basics/duckdb.ts';
import { ReplayError } from '../../basics/errors.ts';
import type { SeriesMetadata } from '../metadata.ts';
import type { Description, Kind } from './seriesView.ts';

/** What a file came to: its series, or why it has none. */
export interface Opened {
  readonly file: string;
  readonly series: readonly Description[];
  readonly refused: { readonly problem: 'unreadable' | 'unknownFile'; readonly message: string } | null;
}

/** Our name -> what files call it, the surest first. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  time: ['time', 'ts_us', 'ts_ms', 'ts_ns', 'ts_s', 'timestamp', 'open_time', 'ts'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
  close: ['close'],
  volume: ['volume'],
  buyVolume: ['buyVolume', 'taker_buy_volume'],
  price: ['price'],
  qty: ['qty', 'quantity', 'amount', 'size'],
  side: ['side'],
  buyerMaker: ['buyerMaker', 'is_buyer_maker'],
  id: ['id', 'trade_id', 'agg_trade_id'],
  bid: ['bid'],
  ask: ['ask'],
  rate: ['rate', 'funding_rate'],
};
const KINDS: readonly (readonly [Kind, readonly string[]])[] = [
  ['candles', ['open', 'high', 'low', 'close']],
  ['bookTop', ['bid', 'ask']],
  ['trades', ['price', 'qty']],
  ['funding', ['rate']],
  ['mark', ['price']],
];
/** Columns that tell the series of a long table apart. */
const KEYS = ['venue', 'market', 'symbol', 'price_type', 'interval_ms', 'source_file'];
const UNIT = /_(s|ms|us|ns)$/;

/**
 * Files that are meant, in the order of their names.
 *
 * @throws ReplayError DATA_MISSING when there is no Parquet file
 */
export function parquetFiles(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  const found = stats?.isDirectory()
    ? globSync('**/*.parquet', { cwd: path }).map((name) => join(path, name))
    : stats?.isFile()
      ? [path]
      : globSync(path);
  if (found.length > 0) return found.sort((a, b) => (a < b ? -1 : 1));
  throw new ReplayError(
    'DATA_MISSING',
    'no Parquet file',
    { file: path },
    'Check the path; import files with cascade import.',
  );
}

/** The series of one file; a file that cannot be read or has no columns of a series says so. */
export async function openFile(db: DuckDBConnection, file: string): Promise<Opened> {
  const from = `read_parquet(${sqlText(file)})`;
  try {
    const described = await rowsOf<{ column_name: string; column_type: string }>(db, `DESCRIBE FROM ${from}`);
    const types = new Map(described.map((row) => [row.column_name, row.column_type]));
    const metadata = metadataOf(file);
    const columns = columnsOf(types);
    const kind = KINDS.find(([, names]) => names.every((name) => columns.has(name)))?.[0];
    if (!columns.has('time') || kind === undefined || elsewhere(metadata))
      return {
        file,
        series: [],
        refused: {
          problem: 'unknownFile',
          message: `no series that is known: columns ${[...types.keys()].join(', ')}`,
        },
      };
    const keys = KEYS.filter((key) => types.has(key));
    const list = keys.map((key) => `${sqlName(key)}::VARCHAR AS ${sqlName(key)}`);
    const combinations =
      keys.length === 0
        ? [{}]
        : await rowsOf<Record<string, string | null>>(
            db,
            `SELECT DISTINCT ${list.join()} FROM ${from} ORDER BY ALL`,
          );
    return {
      file,
      series: combinations.map((values) => descriptionOf({ file, kind, columns, values, metadata })),
      refused: null,
    };
  } catch (error) {
    const [said = ''] = (error as Error).message.split('\n');
    return { file, series: [], refused: { problem: 'unreadable', message: `cannot be read: ${said}` } };
  }
}

/** Kinds of the importer whose rows the doctor does not judge. */
const elsewhere = (metadata: SeriesMetadata | null): boolean =>
  metadata !== null && ['bookDepth', 'liquidations', 'openInterest', 'fundBalance'].includes(metadata.kind);

function metadataOf(file: string): SeriesMetadata | null {
  const path = join(dirname(file), 'metadata.json');
  if (basename(file) !== 'data.parquet' || !existsSync(path)) return null;
  return JSON.parse(readFileSync(path, 'utf8')) as SeriesMetadata;
}

function columnsOf(types: ReadonlyMap<string, string>): Map<string, { name: string; type: string }> {
  const found = new Map<string, { name: string; type: string }>();
  for (const [ours, names] of Object.entries(NAMES)) {
    const name = names.find((one) => types.has(one));
    if (name !== undefined) found.set(ours, { name, type: types.get(name)! });
  }
  if (found.has('side')) found.delete('buyerMaker');
  return found;
}

function descriptionOf(o: {
  file: string;
  kind: Kind;
  columns: Map<string, { name: string; type: string }>;
  values: Readonly<Record<string, string | null>>;
  metadata: SeriesMetadata | null;
}): Description {
  const { file, values, metadata } = o;
  const said = Object.entries(values);
  const conditions = said.map(([key, value]) =>
    value === null ? `${sqlName(key)} IS NULL` : `${sqlName(key)}::VARCHAR = ${sqlText(value)}`,
  );
  const folder = basename(dirname(file));
  const id = said
    .map(([, value]) => value)
    .filter((value) => value !== null)
    .join(' ');
  const named = metadata === null ? id : `${metadata.venue} ${metadata.symbol} ${folder}`;
  const time = o.columns.get('time')!.name;
  return {
    id: named === '' ? basename(file) : named,
    files: [file],
    kind: o.kind,
    venue: metadata?.venue ?? values.venue ?? '',
    market: values.market ?? marketOf(metadata),
    symbol: metadata?.symbol ?? values.symbol ?? '',
    quote: null,
    priceType: values.price_type ?? /^(mark|index|premium)-/.exec(folder)?.[1] ?? 'trade',
    intervalUs: Number(values.interval_ms ?? metadata?.intervalMs ?? 0) * 1000,
    timeUnit: metadata === null ? ((UNIT.exec(time)?.[1] as 'ms' | undefined) ?? null) : 'us',
    qtyUnit: (metadata?.qtyUnit as 'base' | undefined) ?? null,
    columns: o.columns,
    where: conditions.length === 0 ? 'true' : conditions.join(' AND '),
    bundle: said.length > 1 ? file : null,
    accept: [],
  };
}

/** The importer names a venue after its market where the venue has several: `binance-um`. */
function marketOf(metadata: SeriesMetadata | null): string {
  if (metadata === null) return '';
  return /-spot$/.test(metadata.venue) ? 'spot' : /-(um|cm)$/.test(metadata.venue) ? 'perp' : '';
}
