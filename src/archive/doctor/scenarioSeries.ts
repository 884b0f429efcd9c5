/**
 * The streams of a scenario as series for the doctor. The loader's own checks come first (they know tick,
 * lot and window); the doctor adds what only shows across rows and streams.
 */
import { type DuckDBConnection, openDuckDb, rowsOf, sqlName, sqlText } from '../../basics/duckdb.ts';
import type { Finding } from '../../load/quality.ts';
import { filesOf, type Places } from '../../load/source.ts';
import type { Facts, StreamSpec } from '../../rules/facts.ts';
import { assetOf } from './asset.ts';
import type { CheckName } from './checks.ts';
import { examineSeries } from './examine.ts';
import type { Diagnosis } from './finding.ts';
import type { Description, Kind } from './seriesView.ts';

/** What the loader finds by itself, under its own words. */
const LOADER: ReadonlySet<CheckName> = new Set([
  'disorder',
  'duplicates',
  'conflicts',
  'offGrid',
  'outsideWindow',
  'lateStart',
  'missingTail',
  'gaps',
  'missingValue',
  'badPrice',
  'negativeVolume',
  'swappedHighLow',
  'ohlc',
  'openOutsideRange',
  'openIsCloseBefore',
  'crossedBook',
  'zeroVolume',
  'venueVolumeUnit', // a scenario says qtyUnit
  'fundingCycle', // and pays at the stamps of its rules
]);

const KINDS: Readonly<Partial<Record<StreamSpec['kind'], Kind>>> = {
  candles: 'candles',
  trades: 'trades',
  bookTop: 'bookTop',
  mark: 'mark',
  funding: 'funding',
};
const COLUMNS: Readonly<Record<Exclude<Kind, 'other'>, readonly string[]>> = {
  candles: ['open', 'high', 'low', 'close', 'volume', 'buyVolume'],
  trades: ['price', 'qty', 'side', 'buyerMaker', 'id'],
  bookTop: ['bid', 'ask'],
  mark: ['price'],
  funding: ['rate'],
};

/**
 * What the doctor finds in the streams that the loader could read.
 *
 * @param found   the loader's findings; a stream that it could not read is left out
 * @param accept  names of problems accepted beside each stream's own
 */
export async function examineStreams(
  facts: Facts,
  places: Places,
  { found, accept }: { found: readonly Finding[]; accept: readonly string[] },
): Promise<readonly Diagnosis[]> {
  const broken = new Set(found.filter(({ problem }) => problem === null).map(({ stream }) => stream));
  const described: Description[] = [];
  const instance = await openDuckDb();
  try {
    const db = await instance.connect();
    for (const spec of facts.streams)
      if (!broken.has(spec.id)) described.push(...(await describe(db, spec, { facts, places, accept })));
  } finally {
    instance.closeSync();
  }
  const { findings } = await examineSeries(described);
  const known = (one: Diagnosis): boolean =>
    found.some(({ stream, problem }) => stream === one.series && problem === one.problem);
  return findings.filter((one) => !LOADER.has(one.problem) && !known(one));
}

async function describe(
  db: DuckDBConnection,
  spec: StreamSpec,
  o: { facts: Facts; places: Places; accept: readonly string[] },
): Promise<Description[]> {
  const kind = KINDS[spec.kind];
  if (kind === undefined || kind === 'other') return [];
  const { files } = filesOf(spec.path, o.places);
  if (files.some((file) => /\.ya?ml$/.test(file))) return []; // figures to reconstruct from
  const list = files.map(sqlText).join();
  const rows = await rowsOf<{ column_name: string; column_type: string }>(
    db,
    `DESCRIBE FROM read_parquet([${list}])`,
  );
  const types = new Map(rows.map((row) => [row.column_name, row.column_type]));
  const columns = new Map<string, { name: string; type: string }>();
  for (const ours of ['time', ...COLUMNS[kind]]) {
    const name = spec.columns[ours] ?? ours;
    const type = types.get(name);
    if (name !== '' && type !== undefined) columns.set(ours, { name, type });
  }
  if (columns.has('side')) columns.delete('buyerMaker');
  if (kind === 'bookTop' && !columns.has('bid')) return []; // a recorded mid has nothing to cross
  const [from, until] = [o.facts.fromUs, o.facts.untilUs].map((us) => Math.floor(us / PER_US[spec.timeUnit]));
  const time = sqlName(columns.get('time')!.name);
  const filters = Object.entries(spec.filter).map(([name, value]) => `${sqlName(name)} = ${sqlText(value)}`);
  const asset = spec.role === 'none' ? '' : assetOf(spec.market).base;
  return [
    {
      id: spec.id,
      files,
      kind,
      venue: spec.filter.venue ?? spec.name,
      market:
        spec.role === 'perp' || spec.role === 'reference'
          ? 'perp'
          : spec.role === 'constituent'
            ? 'spot'
            : '',
      symbol: asset === '' ? '' : `${asset}-${spec.quote}`,
      quote: spec.quote,
      priceType: spec.role === 'mark' || spec.role === 'index' ? spec.role : 'trade',
      intervalUs: spec.intervalUs,
      timeUnit: spec.timeUnit,
      qtyUnit: spec.qtyUnit,
      columns,
      where: [...filters, `${time} >= ${from}`, `${time} < ${until}`].join(' AND '),
      bundle: null,
      accept: [...spec.accept, ...o.accept],
    },
  ];
}

/** Microseconds in a unit of time. */
const PER_US = { ms: 1000, us: 1, ns: 0.001 } as const;
