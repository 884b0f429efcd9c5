/**
 * data.binance.vision: daily and monthly CSV files, zipped, of spot, USD-M and COIN-M. The file name
 * says symbol, kind and interval; the market is in the folder of the archive, or in `market=`.
 *
 * Source: github.com/binance/binance-public-data (README and issues #246, #278, #283, #337, #361).
 */
import { ReplayError } from '../../basics/errors.ts';
import { type CsvColumns, csv, type Layout, takerSide, timeUs, type Vendor } from '../layout.ts';
import { intervalMs, type Series } from '../series.ts';
import type { SourceFile } from '../sourceFile.ts';

type Market = 'spot' | 'um' | 'cm';
const MARKETS: readonly Market[] = ['spot', 'um', 'cm'];

const CANDLES = {
  open_time: 'BIGINT',
  open: 'DOUBLE',
  high: 'DOUBLE',
  low: 'DOUBLE',
  close: 'DOUBLE',
  volume: 'DOUBLE',
  close_time: 'BIGINT',
  quote_volume: 'DOUBLE',
  count: 'BIGINT',
  taker_buy_volume: 'DOUBLE',
  taker_buy_quote_volume: 'DOUBLE',
  ignore: 'VARCHAR',
} as const satisfies CsvColumns;
const AGG_TRADES = {
  agg_trade_id: 'BIGINT',
  price: 'DOUBLE',
  quantity: 'DOUBLE',
  first_trade_id: 'BIGINT',
  last_trade_id: 'BIGINT',
  transact_time: 'BIGINT',
  is_buyer_maker: 'BOOLEAN',
} as const satisfies CsvColumns;
const TRADES = {
  id: 'BIGINT',
  price: 'DOUBLE',
  qty: 'DOUBLE',
  quote_qty: 'DOUBLE',
  time: 'BIGINT',
  is_buyer_maker: 'BOOLEAN',
} as const satisfies CsvColumns;
const FUNDING = {
  calc_time: 'BIGINT',
  funding_interval_hours: 'BIGINT',
  last_funding_rate: 'DOUBLE',
} as const satisfies CsvColumns;
const METRICS = {
  create_time: 'VARCHAR',
  symbol: 'VARCHAR',
  sum_open_interest: 'DOUBLE',
  sum_open_interest_value: 'DOUBLE',
  count_toptrader_long_short_ratio: 'VARCHAR',
  sum_toptrader_long_short_ratio: 'VARCHAR',
  count_long_short_ratio: 'VARCHAR',
  sum_taker_long_short_vol_ratio: 'VARCHAR',
} as const satisfies CsvColumns;
const LIQUIDATIONS = {
  time: 'BIGINT',
  side: 'VARCHAR',
  order_type: 'VARCHAR',
  time_in_force: 'VARCHAR',
  original_quantity: 'DOUBLE',
  price: 'DOUBLE',
  average_price: 'DOUBLE',
  order_status: 'VARCHAR',
  last_fill_quantity: 'DOUBLE',
  accumulated_fill_quantity: 'DOUBLE',
} as const satisfies CsvColumns;
const BOOK_DEPTH = {
  timestamp: 'VARCHAR',
  percentage: 'DOUBLE',
  depth: 'DOUBLE',
  notional: 'DOUBLE',
} as const satisfies CsvColumns;
const BOOK_TICKER = {
  update_id: 'BIGINT',
  best_bid_price: 'DOUBLE',
  best_bid_qty: 'DOUBLE',
  best_ask_price: 'DOUBLE',
  best_ask_qty: 'DOUBLE',
  transaction_time: 'BIGINT',
  event_time: 'BIGINT',
} as const satisfies CsvColumns;

/** What a file's name says: `BTCUSDT-1m-2021-05-19`, `BTCUSD_PERP-liquidationSnapshot-2023-06-25`. */
const FILE_NAME =
  /^(?:(?<market>spot|um|cm)_)?(?<symbol>[A-Z0-9_]+)-(?<kind>[A-Za-z0-9]+)-\d{4}-\d{2}(?:-\d{2})?(?:\.csv)?$/;
/** The archive's folders of candles that are no candles of trades. */
const PRICE_OF = {
  markPriceKlines: 'mark',
  indexPriceKlines: 'index',
  premiumIndexKlines: 'premium',
} as const;

export const binanceVision: Vendor = {
  name: 'binance-vision',
  about:
    'data.binance.vision: spot, USD-M and COIN-M, daily and monthly, .zip and .csv (market=spot|um|cm, kind=...)',
  layoutsOf: (file, options) => {
    const named = FILE_NAME.exec(file.name)?.groups;
    const folders = file.path.split('/');
    const market = marketOf(options.extra.market ?? named?.market ?? marketFolder(folders), file);
    const symbol = options.symbol ?? named?.symbol;
    const kind = options.extra.kind ?? named?.kind;
    if (symbol === undefined || kind === undefined)
      throw unknown(
        file,
        'its name does not say symbol and kind',
        "Keep the archive's names, or give --symbol and --option kind=1m.",
      );
    if (named !== undefined && named.symbol !== symbol)
      throw unknown(file, `it is of ${named.symbol}, not ${symbol}`, 'Name only files of one symbol.');
    const priceOf = folders.map((folder) => PRICE_OF[folder as keyof typeof PRICE_OF]).find((found) => found);
    const shape = { market, symbol, offset: options.offsetUs };
    return [layout(file, kind, { ...shape, priceOf: options.extra.price ?? priceOf ?? 'trade' })];
  },
};

interface Shape {
  readonly market: Market;
  readonly symbol: string;
  readonly offset: number;
  readonly priceOf: string;
}

const marketFolder = (folders: readonly string[]): string | undefined =>
  folders.findLast((folder) => (MARKETS as readonly string[]).includes(folder));

function marketOf(text: string | undefined, file: SourceFile): Market {
  const market = MARKETS.find((one) => one === text);
  if (market !== undefined) return market;
  throw unknown(
    file,
    'it is not said whether spot, um or cm',
    'Keep the folders of the archive, or give --option market=um.',
  );
}

const unknown = (file: SourceFile, message: string, remedy: string): ReplayError =>
  new ReplayError('DATA_SCHEMA', `${file.name}: ${message}`, { file: file.path }, remedy);

function layout(file: SourceFile, kind: string, shape: Shape): Layout {
  const at = (column: string): string => `${timeUs(column)} + ${shape.offset}`;
  const textAt = (column: string): string => `epoch_us(${column}::TIMESTAMP) + ${shape.offset}`;
  const header = /^[a-z]/i.test(file.head);
  const notes = header ? [] : ['no header line: the archive had none before 2022'];
  const common = { notes };
  switch (kind) {
    case 'aggTrades':
    case 'trades': {
      const agg = kind === 'aggTrades';
      const base: CsvColumns = agg ? AGG_TRADES : TRADES;
      const columns: CsvColumns = shape.market === 'spot' ? { ...base, best_match: 'BOOLEAN' } : base;
      const names = agg ? ['transact_time', 'quantity', 'agg_trade_id'] : ['time', 'qty', 'id'];
      return {
        ...common,
        series: series(shape, 'trades', agg ? 'aggTrades' : 'trades'),
        from: csv(columns, { header }),
        select: {
          time: at(names[0]!),
          price: 'price',
          qty: names[1]!,
          side: takerSide('is_buyer_maker'),
          id: names[2]!,
        },
        unique: ['id'],
      };
    }
    case 'fundingRate':
      return {
        ...common,
        series: series(shape, 'funding', 'funding'),
        from: csv(FUNDING, { header }),
        // stamps jitter by some milliseconds: a rate belongs to its full minute
        select: { time: `(${at('calc_time')}) // 60000000 * 60000000`, rate: 'last_funding_rate' },
        unique: ['time'],
        notes: [...notes, 'stamps are cut to the full minute'],
      };
    case 'metrics':
      return {
        ...common,
        series: series(shape, 'openInterest', 'openInterest'),
        from: csv(METRICS, { header }),
        select: {
          time: textAt('create_time'),
          openInterest: 'sum_open_interest',
          value: 'sum_open_interest_value',
        },
        unique: ['time'],
        drop: [{ reason: 'no open interest', where: 'sum_open_interest IS NULL' }],
      };
    case 'liquidationSnapshot':
      return {
        ...common,
        series: series(shape, 'liquidations', 'liquidations'),
        from: csv(LIQUIDATIONS, { header }),
        select: {
          time: at('time'),
          side: 'lower(side)',
          qty: 'accumulated_fill_quantity',
          price: 'average_price',
        },
        unique: 'all',
        notes: [
          ...notes,
          'the archive writes every row twice: equal rows count once; a sell closed a long; qty is what the order filled in all',
        ],
      };
    case 'bookDepth':
      return {
        ...common,
        series: series(shape, 'bookDepth', 'bookDepth'),
        from: csv(BOOK_DEPTH, { header }),
        select: { time: textAt('timestamp'), percentage: 'percentage', depth: 'depth', notional: 'notional' },
        unique: ['time', 'percentage'],
      };
    case 'bookTicker':
      return {
        ...common,
        series: series(shape, 'bookTop', 'bookTop'),
        from: csv(BOOK_TICKER, { header }),
        select: {
          time: at('transaction_time'),
          bid: 'best_bid_price',
          ask: 'best_ask_price',
          bidQty: 'best_bid_qty',
          askQty: 'best_ask_qty',
        },
        unique: null,
      };
    default:
      return candles(file, { kind, at, header, notes }, shape);
  }
}

function candles(
  file: SourceFile,
  how: { kind: string; at: (column: string) => string; header: boolean; notes: readonly string[] },
  shape: Shape,
): Layout {
  const length = intervalMs(how.kind);
  if (length === null)
    throw unknown(
      file,
      `unknown kind ${how.kind}`,
      'Known: klines by interval (1m), aggTrades, trades, fundingRate, metrics, liquidationSnapshot, bookDepth, bookTicker.',
    );
  const traded = shape.priceOf === 'trade';
  const name = `${traded ? '' : `${shape.priceOf}-`}candles-${how.kind}`;
  const prices = { time: how.at('open_time'), open: 'open', high: 'high', low: 'low', close: 'close' };
  return {
    series: { ...series(shape, 'candles', name), intervalMs: length },
    from: csv(CANDLES, { header: how.header }),
    select: traded ? { ...prices, volume: 'volume', buyVolume: 'taker_buy_volume', trades: 'count' } : prices,
    unique: ['time'],
    notes: how.notes,
  };
}

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
