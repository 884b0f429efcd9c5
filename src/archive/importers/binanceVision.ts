/**
 * data.binance.vision: daily and monthly CSV files, zipped, of spot, USD-M and COIN-M. The file name
 * says symbol, kind and interval, the head line (where there is one) the columns; the market is in the
 * folder of the archive, or in `market=`.
 *
 * Source: github.com/binance/binance-public-data (README and issues #246, #278, #283, #337, #361, #420).
 */
import { cellsOf, columnsNamed, csv, documents, firstLine, type ImportOptions } from '../layout.ts';
import { type Layout, mustBeWhole, refused, takerSide, timeUs, type Vendor } from '../layout.ts';
import { intervalMs, intervalName, type Series } from '../series.ts';
import type { SourceFile } from '../sourceFile.ts';
import { type Kind, NEEDED, ORDER, TYPES } from './binanceColumns.ts';

type Market = 'spot' | 'um' | 'cm';
const MARKETS: readonly Market[] = ['spot', 'um', 'cm'];

/** What a file's name says: `BTCUSDT-1m-2021-05-19`, `BTCUSD_PERP-liquidationSnapshot-2023-06-25`. */
const FILE_NAME = /^(?<symbol>[A-Z0-9_]+)-(?<kind>[A-Za-z0-9]+)-\d{4}-\d{2}(?:-\d{2})?(?:\.csv)?$/;
/** The archive's folders of candles that are no candles of trades. */
const PRICE_OF: Readonly<Record<string, string>> = {
  markPriceKlines: 'mark',
  indexPriceKlines: 'index',
  premiumIndexKlines: 'premium',
};

interface Shape {
  readonly market: Market;
  readonly symbol: string;
  readonly offset: number;
  /** Of candles: `trade`, `mark`, `index` or `premium`. */
  readonly priceOf: string;
  readonly header: boolean;
  readonly from: Layout['from'];
  readonly names: readonly string[];
}

export const binanceVision: Vendor = {
  name: 'binance-vision',
  about: 'data.binance.vision: spot, USD-M and COIN-M, daily and monthly, .zip and .csv',
  options: {
    market: 'spot, um or cm, where the folders do not say it',
    kind: 'aggTrades, trades, 1m, fundingRate, ..., where the file name does not say it',
    price: 'mark, index or premium, for candles outside the folders of the archive',
  },
  layoutsOf: (file, options) => {
    if (file.head.trim() === '') return [];
    const named = FILE_NAME.exec(file.name)?.groups;
    const folders = file.path.split('/');
    const symbol = options.symbol ?? named?.symbol;
    if (symbol === undefined)
      throw refused(file, 'its name does not say the symbol', "Keep the archive's names, or give --symbol.");
    if (named !== undefined && named.symbol !== symbol) return []; // --symbol picks from a folder
    const { kind, interval, ...table } = file.head.trimStart().startsWith('[')
      ? restKlines(file, options)
      : csvTable(file, options.extra.kind ?? named?.kind);
    const shape: Shape = {
      market: marketOf(file, options, folders),
      symbol,
      offset: options.offsetUs,
      priceOf: priceOf(file, options, folders),
      ...table,
    };
    return [kind === 'candles' ? candles(shape, interval) : layout(kind, shape)];
  },
};

type Table = Pick<Shape, 'header' | 'from' | 'names'> & { readonly kind: Kind; readonly interval: string };

/** A file of the archive: columns by its head line, else by their order. */
function csvTable(file: SourceFile, said: string | undefined): Table {
  const cells = cellsOf(firstLine(file.head));
  const header = /^[a-z_]+$/i.test(cells[0]!);
  const { kind, interval } = kindOf(file, said, header ? cells : null);
  const names = header ? cells : namesOf(file, kind, cells.length);
  const lacking = NEEDED[kind].filter((name) => !names.includes(name));
  if (lacking.length > 0)
    throw refused(
      file,
      `no column ${lacking.join(', ')}: this is no ${kind}`,
      'Name the right --option kind=.',
    );
  return { kind, interval, header, names, from: csv(columnsNamed(names, TYPES), { header }) };
}

/** The API's klines, kept as it answers: an array of arrays in the archive's order of columns. */
function restKlines(file: SourceFile, { extra }: ImportOptions): Table {
  mustBeWhole(file);
  const names = ORDER.candles.split(',');
  const [open, , , , , , close] = (/\[\s*(\d[^\]]*)\]/.exec(file.head)?.[1] ?? '').split(',').map(Number);
  const interval = extra.kind ?? intervalName(close! - open! + 1);
  if (interval === null) throw refused(file, 'no klines of the API, or of an unknown interval');
  const cells = names.map((name, k) => `(json->>${k})::${TYPES[name] ?? 'VARCHAR'} AS "${name}"`);
  const from = (path: string): string => `(SELECT ${cells.join(', ')} FROM ${documents(path)})`;
  return { kind: 'candles', interval, header: true, names, from };
}

/** Kind and, of candles, interval: as said, else by the head line, else not at all. */
function kindOf(
  file: SourceFile,
  said: string | undefined,
  head: readonly string[] | null,
): { kind: Kind; interval: string } {
  if (said !== undefined && said !== 'candles' && said in ORDER) return { kind: said as Kind, interval: '' };
  if (said !== undefined && intervalMs(said) !== null) return { kind: 'candles', interval: said };
  const known = (Object.keys(ORDER) as Kind[]).find(
    (kind) => head !== null && NEEDED[kind].every((name) => head.includes(name)),
  );
  if (said !== undefined || known === undefined)
    throw refused(
      file,
      said === undefined ? 'neither its name nor a head line says what it holds' : `unknown kind ${said}`,
      `Give --option kind=: an interval (1m) for klines, or ${Object.keys(ORDER).slice(1).join(', ')}.`,
    );
  return { kind: known, interval: known === 'candles' ? lengthOf(file, head!) : '' };
}

/** Interval of candles by the first bar: it opens and closes, the latter one unit of time before the next. */
function lengthOf(file: SourceFile, names: readonly string[]): string {
  const row = cellsOf(file.head.trim().split(/\r?\n/)[1] ?? '');
  const [open, close] = ['open_time', 'close_time'].map((name) => Number(row[names.indexOf(name)]));
  const length = close! - open! + 1;
  const name = intervalName(open! > 1e14 ? length / 1000 : length);
  if (name !== null) return name;
  throw refused(file, 'the interval of its bars cannot be told', 'Give --option kind=1m.');
}

/** Names by position; spot files end in a column more, whether the trade was the best match. */
function namesOf(file: SourceFile, kind: Kind, cells: number): string[] {
  const names = ORDER[kind].split(',');
  const more = kind === 'aggTrades' || kind === 'trades' ? [...names, 'is_best_match'] : names;
  if (cells === names.length) return names;
  if (cells === more.length) return more;
  throw refused(
    file,
    `${cells} columns in its first line, but ${kind} have ${names.length}`,
    'Give the right --option kind=, or fetch the file again.',
  );
}

function marketOf(file: SourceFile, { extra }: ImportOptions, folders: readonly string[]): Market {
  const said = extra.market ?? folders.findLast((folder) => (MARKETS as readonly string[]).includes(folder));
  const market = MARKETS.find((one) => one === said);
  if (market !== undefined) return market;
  throw refused(
    file,
    said === undefined ? 'it is not said whether spot, um or cm' : `unknown market ${said}`,
    'Keep the folders of the archive, or give --option market=um.',
  );
}

function priceOf(file: SourceFile, { extra }: ImportOptions, folders: readonly string[]): string {
  const said = extra.price ?? PRICE_OF[folders.findLast((one) => one in PRICE_OF) ?? ''] ?? 'trade';
  if (['trade', ...Object.values(PRICE_OF)].includes(said)) return said;
  throw refused(file, `unknown price ${said}`, 'Give --option price=mark, index or premium.');
}

function layout(kind: Exclude<Kind, 'candles'>, shape: Shape): Layout {
  const at = (column: string): string => `${timeUs(column)} + ${shape.offset}`;
  const textAt = (column: string): string => `epoch_us(${column}::TIMESTAMP) + ${shape.offset}`;
  const common = { from: shape.from, notes: notesOf(shape) };
  switch (kind) {
    case 'aggTrades':
    case 'trades': {
      const agg = kind === 'aggTrades';
      return {
        ...common,
        series: series(shape, 'trades', kind),
        select: {
          time: at(agg ? 'transact_time' : 'time'),
          price: 'price',
          qty: agg ? 'quantity' : 'qty',
          side: takerSide('is_buyer_maker'),
          id: agg ? 'agg_trade_id' : 'id',
        },
        unique: ['id'],
      };
    }
    case 'fundingRate':
      return {
        ...common,
        series: series(shape, 'funding', 'funding'),
        // stamps jitter by some milliseconds: a rate belongs to the nearest full minute
        select: { time: `(${at('calc_time')} + 30000000) // 60000000 * 60000000`, rate: 'last_funding_rate' },
        unique: ['time'],
        notes: [...common.notes, 'stamps are moved to the nearest full minute'],
      };
    case 'metrics':
      return metrics(shape, textAt, common.notes);
    case 'liquidationSnapshot':
      return liquidations(shape, at, common.notes);
    case 'bookDepth':
      return {
        ...common,
        series: series(shape, 'bookDepth', 'bookDepth'),
        select: { time: textAt('timestamp'), percentage: 'percentage', depth: 'depth', notional: 'notional' },
        unique: ['time', 'percentage'],
      };
    case 'bookTicker':
      return {
        ...common,
        series: series(shape, 'bookTop', 'bookTop'),
        select: {
          time: at('transaction_time'),
          bid: 'best_bid_price',
          ask: 'best_ask_price',
          bidQty: 'best_bid_qty',
          askQty: 'best_ask_qty',
        },
        unique: null,
      };
  }
}

function metrics(shape: Shape, textAt: (column: string) => string, notes: readonly string[]): Layout {
  const valued = shape.market === 'um'; // of COIN-M the value is in coins, which is no quote
  const [open, value] = ['sum_open_interest', 'sum_open_interest_value'];
  return {
    series: series(shape, 'openInterest', 'openInterest'),
    from: shape.from,
    select: { time: textAt('create_time'), openInterest: open, ...(valued ? { value } : {}) },
    unique: ['time'],
    drop: [{ reason: 'no open interest', where: `${open} IS NULL${valued ? ` OR ${value} IS NULL` : ''}` }],
    notes,
  };
}

/**
 * The archive writes every row twice, so of n equal rows half are rows: a true pair stands there four
 * times and stays a pair. Rows carry what an order filled in all so far.
 */
function liquidations(shape: Shape, at: (column: string) => string, notes: readonly string[]): Layout {
  const copy = `row_number() OVER (PARTITION BY ${shape.names.map((name) => `"${name}"`).join()})`;
  return {
    series: series(shape, 'liquidations', 'liquidations'),
    from: (path) => `(SELECT *, ${copy} AS copy FROM ${shape.from(path)})`,
    select: {
      time: at('time'),
      side: 'lower(side)',
      qty: 'accumulated_fill_quantity',
      price: 'average_price',
    },
    unique: null,
    drop: [{ reason: 'second copy of a row', where: 'copy % 2 = 0' }],
    notes: [
      ...notes,
      'the archive writes every row twice: one of each two equal rows is left out',
      'side is that of the order: a sell closed a long; qty is what the order filled in all',
    ],
  };
}

function candles(shape: Shape, interval: string): Layout {
  const traded = shape.priceOf === 'trade';
  const name = `${traded ? '' : `${shape.priceOf}-`}candles-${interval}`;
  const time = `${timeUs('open_time')} + ${shape.offset}`;
  const prices = { time, open: 'open', high: 'high', low: 'low', close: 'close' };
  const volumes = { volume: 'volume', buyVolume: 'taker_buy_volume', trades: '"count"' };
  return {
    series: { ...series(shape, 'candles', name), intervalMs: intervalMs(interval) },
    from: shape.from,
    select: traded ? { ...prices, ...volumes } : prices,
    unique: ['time'],
    notes: [...notesOf(shape), ...(traded ? [] : [`prices are of the ${shape.priceOf}: there is no volume`])],
  };
}

const notesOf = ({ header }: Shape): string[] =>
  header ? [] : ['no head line: futures had none before 2022, spot never had one'];

function series(shape: Shape, kind: Series['kind'], name: string): Series {
  const { market, symbol } = shape;
  return {
    venue: market === 'spot' ? 'binance-spot' : `binance-${market}`,
    symbol,
    kind,
    name,
    intervalMs: null,
    qtyUnit: market === 'cm' ? 'contracts' : 'base',
  };
}
