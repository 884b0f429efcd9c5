/**
 * One series as the doctor sees it: a table (or, for trades and books, a view that is scanned and never
 * held) with our column names, the file and row of each row, and time in microseconds whatever the file's
 * unit. Beside it a table of clean bars, for everything that compares series.
 */
import { type DuckDBConnection, rowsOf, sqlName, sqlText } from '../../basics/duckdb.ts';
import { HOUR_US, type Micros, MINUTE_US, SECOND_US } from '../../basics/instant.ts';
import { assetOf } from './asset.ts';

export type Kind = 'candles' | 'trades' | 'bookTop' | 'mark' | 'funding' | 'other';
type TimeUnit = 's' | 'ms' | 'us' | 'ns';

/** Where rows are and what they are called; what a file or a scenario says about itself. */
export interface Description {
  readonly id: string;
  readonly files: readonly string[];
  readonly kind: Kind;
  readonly venue: string;
  /** `perp`, `spot`, `index`, ...; '' where nothing says it. */
  readonly market: string;
  readonly symbol: string;
  /** Overrides what the symbol says. */
  readonly quote: string | null;
  /** `trade`, `mark`, `index`, `premium`, ... */
  readonly priceType: string;
  /** 0 or less: not said. */
  readonly intervalUs: Micros;
  /** null: not said, so the unit of most rows. */
  readonly timeUnit: TimeUnit | null;
  readonly qtyUnit: 'base' | 'contracts' | 'quote' | null;
  /** Our name -> the file's column. */
  readonly columns: ReadonlyMap<string, { readonly name: string; readonly type: string }>;
  /** Condition on the file's columns. */
  readonly where: string;
  /** Series of one file were cut to one window. */
  readonly bundle: string | null;
  readonly accept: readonly string[];
}

export interface Series extends Omit<Description, 'timeUnit' | 'quote'> {
  readonly base: string;
  readonly quote: string;
  readonly timeUnit: TimeUnit;
  /** Name of the table or view: file, row, raw, unit, t, and our columns. */
  readonly view: string;
  readonly has: (column: string) => boolean;
  readonly rows: number;
  readonly firstUs: Micros;
  readonly lastUs: Micros;
  /** Table of clean bars (t, o, h, l, c, v, b), one a t, in order; null where there are fewer than two. */
  readonly bars: string | null;
  /** Length of those bars. */
  readonly barUs: Micros;
}

const NUMBERS = ['open', 'high', 'low', 'close', 'volume', 'buyVolume', 'price', 'qty', 'bid', 'ask', 'rate'];
/** Bars made from single events: seconds, or minutes where they would be more than a million rows. */
const MOST_BARS = 1_000_000;

/** Unit of a whole number of time by its size: the ranges do not meet between 1973 and 2286. */
const unitSql = (raw: string): string =>
  `CASE WHEN ${raw} < 1e11 THEN 's' WHEN ${raw} < 1e14 THEN 'ms' WHEN ${raw} < 1e17 THEN 'us' ELSE 'ns' END`;

/** Microseconds of a time of any unit and type. */
function timeSql(raw: string, type: string): string {
  if (type.startsWith('TIMESTAMP')) return `epoch_us(${raw})`;
  if (type === 'DOUBLE' || type === 'FLOAT')
    return `CASE ${unitSql(raw)} WHEN 's' THEN round(${raw} * 1e6) WHEN 'ms' THEN round(${raw} * 1e3)
      WHEN 'us' THEN round(${raw}) ELSE floor(${raw} / 1e3) END::BIGINT`;
  return `CASE ${unitSql(raw)} WHEN 's' THEN ${raw} * 1000000 WHEN 'ms' THEN ${raw} * 1000
    WHEN 'us' THEN ${raw} ELSE ${raw} // 1000 END::BIGINT`;
}

/**
 * Opens a series: one pass for tables, one for the unit and the span of a view, one for bars.
 *
 * @param number  makes its tables' names
 * @returns       null where no row fits the description
 */
export async function openSeries(
  db: DuckDBConnection,
  described: Description,
  number: number,
): Promise<Series | null> {
  const view = `series${number}`;
  const streamed = described.kind === 'trades' || described.kind === 'bookTop';
  await db.run(`CREATE TEMP ${streamed ? 'VIEW' : 'TABLE'} ${view} AS ${selectSql(described)}`);
  const [seen] = await rowsOf<Record<'n' | 'first' | 'last', bigint | null> & { unit: TimeUnit | null }>(
    db,
    `SELECT count(*) AS n, min(t) AS first, max(t) AS last, mode(unit) AS unit FROM ${view}`,
  );
  const rows = Number(seen!.n);
  if (rows === 0) return null;
  const { base, quote } = assetOf(described.symbol);
  const intervalUs = described.intervalUs > 0 ? described.intervalUs : await usualStep(db, described, view);
  const series: Series = {
    ...described,
    base,
    quote: described.quote ?? quote,
    intervalUs,
    timeUnit: described.timeUnit ?? seen!.unit ?? 'us',
    view,
    has: (column) => described.columns.has(column),
    rows,
    firstUs: Number(seen!.first ?? 0n),
    lastUs: Number(seen!.last ?? 0n),
    bars: null,
    barUs: 0,
  };
  return { ...series, ...(await makeBars(db, series)) };
}

function selectSql({ files, columns, where }: Description): string {
  const time = columns.get('time')!;
  const stamped = time.type.startsWith('TIMESTAMP');
  const raw = sqlName(time.name);
  const own = [...columns].filter(([name]) => name !== 'time');
  const list = own.map(([name, column]) => {
    const asked = sqlName(column.name);
    if (name === 'side') return `lower(${asked}::VARCHAR) AS side`;
    if (name === 'buyerMaker') return `CASE WHEN ${asked}::BOOLEAN THEN 'sell' ELSE 'buy' END AS side`;
    return `${asked}${NUMBERS.includes(name) ? '::DOUBLE' : ''} AS ${sqlName(name)}`;
  });
  const parts = [
    'filename AS file',
    'file_row_number + 1 AS row',
    `${stamped ? `epoch_us(${raw})` : raw} AS raw`,
    `${stamped ? `'us'` : unitSql(raw)} AS unit`,
    `${timeSql(raw, time.type)} AS t`,
    ...list,
  ];
  const from = `read_parquet([${files.map(sqlText).join()}], filename = true, file_row_number = true)`;
  return `SELECT ${parts.join(', ')} FROM ${from} WHERE ${where}`;
}

/** The step between most neighbouring rows; whole hours for funding, whose stamps jitter. */
async function usualStep(db: DuckDBConnection, { kind }: Description, view: string): Promise<Micros> {
  if (kind !== 'candles' && kind !== 'funding') return 0;
  const step = kind === 'funding' ? `round(step / ${HOUR_US})::BIGINT * ${HOUR_US}` : 'step';
  const [row] = await rowsOf<{ step: bigint | null }>(
    db,
    `SELECT mode(${step}) AS step FROM (SELECT t - lag(t) OVER (ORDER BY t) AS step FROM ${view}) WHERE step > 0`,
  );
  return Number(row!.step ?? 0n);
}

async function makeBars(db: DuckDBConnection, series: Series): Promise<Pick<Series, 'bars' | 'barUs'>> {
  const none = { bars: null, barUs: 0 };
  const { kind, view, priceType } = series;
  if (kind === 'funding' || kind === 'other' || priceType === 'premium') return none;
  const bars = `${view}_bars`;
  const seconds = (series.lastUs - series.firstUs) / SECOND_US;
  const eventUs = seconds < MOST_BARS ? SECOND_US : MINUTE_US;
  const barUs = kind === 'candles' ? series.intervalUs : eventUs;
  if (barUs <= 0) return none;
  await db.run(
    `CREATE TEMP TABLE ${bars} AS ${kind === 'candles' ? barsOfCandles(series) : barsOfEvents(series, barUs)}`,
  );
  const [row] = await rowsOf<{ n: bigint }>(db, `SELECT count(*) AS n FROM ${bars}`);
  return Number(row!.n) < 2 ? none : { bars, barUs };
}

/** The first row of each instant, where its prices are prices. */
function barsOfCandles({ view, has }: Series): string {
  const value = (name: string): string => (has(name) ? `first(${name} ORDER BY file, row)` : 'NULL::DOUBLE');
  const prices = ['open', 'high', 'low', 'close'].map((name) => `${value(name)} AS ${name[0]}`);
  return `SELECT t, ${prices.join(', ')}, ${value('volume')} AS v, ${value('buyVolume')} AS b FROM ${view}
    WHERE open > 0 AND high > 0 AND low > 0 AND close > 0 AND isfinite(close) AND t IS NOT NULL
    GROUP BY t ORDER BY t`;
}

function barsOfEvents({ kind, view, has }: Series, barUs: Micros): string {
  const price = kind === 'bookTop' ? '(bid + ask) / 2' : 'price';
  const qty = has('qty') ? 'sum(qty)' : 'NULL::DOUBLE';
  const bought =
    has('side') && has('qty') ? `sum(CASE WHEN side = 'buy' THEN qty ELSE 0 END)` : 'NULL::DOUBLE';
  return `SELECT t // ${barUs} * ${barUs} AS t, arg_min(p, t) AS o, max(p) AS h, min(p) AS l, arg_max(p, t) AS c,
      ${qty} AS v, ${bought} AS b FROM (SELECT *, ${price} AS p FROM ${view})
    WHERE p > 0 AND isfinite(p) AND t IS NOT NULL GROUP BY 1 ORDER BY 1`;
}
