/**
 * BitMEX: the daily archives of trades and quotes (all symbols in one file), and the API's JSON and CSV
 * of trades, bucketed trades, funding and insurance. A bucket is stamped with its end, and its open is
 * the close before; quantities are contracts.
 *
 * Source: public.bitmex.com; bitmex.com/api/explorer (Trade, Quote, Funding, Insurance).
 */
import { ReplayError } from '../../basics/errors.ts';
import {
  type CsvColumns,
  csv,
  type ImportOptions,
  json,
  type Layout,
  textTimeUs,
  type Vendor,
} from '../layout.ts';
import { intervalMs, type Series } from '../series.ts';
import type { SourceFile } from '../sourceFile.ts';

const TRADE = {
  timestamp: 'VARCHAR',
  symbol: 'VARCHAR',
  side: 'VARCHAR',
  size: 'DOUBLE',
  price: 'DOUBLE',
  tickDirection: 'VARCHAR',
  trdMatchID: 'VARCHAR',
  grossValue: 'DOUBLE',
  homeNotional: 'DOUBLE',
  foreignNotional: 'DOUBLE',
} as const satisfies CsvColumns;
const QUOTE = {
  timestamp: 'VARCHAR',
  symbol: 'VARCHAR',
  bidSize: 'DOUBLE',
  bidPrice: 'DOUBLE',
  askPrice: 'DOUBLE',
  askSize: 'DOUBLE',
} as const satisfies CsvColumns;
const BUCKET = {
  timestamp: 'VARCHAR',
  symbol: 'VARCHAR',
  open: 'DOUBLE',
  high: 'DOUBLE',
  low: 'DOUBLE',
  close: 'DOUBLE',
  trades: 'BIGINT',
  volume: 'DOUBLE',
} as const satisfies CsvColumns;
const FUNDING = {
  timestamp: 'VARCHAR',
  symbol: 'VARCHAR',
  fundingInterval: 'VARCHAR',
  fundingRate: 'DOUBLE',
  fundingRateDaily: 'DOUBLE',
} as const satisfies CsvColumns;
const INSURANCE = {
  currency: 'VARCHAR',
  timestamp: 'VARCHAR',
  walletBalance: 'DOUBLE',
} as const satisfies CsvColumns;

/** What a file holds, told by the names in its head; the first that fits. */
const SHAPES = [
  { name: 'trades', columns: TRADE, told: /trdMatchID/ },
  { name: 'quotes', columns: QUOTE, told: /bidPrice/ },
  { name: 'buckets', columns: BUCKET, told: /\bvwap\b/ },
  { name: 'funding', columns: FUNDING, told: /fundingRate/ },
  { name: 'insurance', columns: INSURANCE, told: /walletBalance/ },
] as const;

const SATOSHI = 100_000_000;

export const bitmex: Vendor = {
  name: 'bitmex',
  about:
    'daily trade and quote archives (.csv.gz, --symbol), API files of trades, buckets (interval=1m), funding, insurance',
  layoutsOf: (file, options) => {
    if (file.head.trim() === '') return [];
    const shape = SHAPES.find(({ told }) => told.test(file.head));
    if (shape === undefined) throw refused(file, 'no trades, quotes, buckets, funding or insurance');
    return [layout(file, shape, options)];
  },
};

const refused = (file: SourceFile, message: string, remedy?: string): ReplayError =>
  new ReplayError(
    'DATA_SCHEMA',
    `${file.name}: ${message}`,
    { file: file.path },
    remedy ?? "Fetch the file from BitMEX's archive or API, or import it as csv with a mapping.",
  );

function layout(file: SourceFile, shape: (typeof SHAPES)[number], options: ImportOptions): Layout {
  const isJson = /^\s*[[{]/.test(file.head);
  const symbol = shape.name === 'insurance' ? 'XBT' : symbolOf(file, options);
  const at = `${textTimeUs('timestamp')} + ${options.offsetUs}`;
  const common = {
    from: isJson ? json(shape.columns) : csv(shape.columns, { header: true }),
    drop: shape.name === 'insurance' ? [] : [{ reason: 'another symbol', where: `symbol <> '${symbol}'` }],
  };
  switch (shape.name) {
    case 'trades':
      return {
        ...common,
        series: series(symbol, 'trades', 'trades'),
        select: { time: at, price: 'price', qty: 'size', side: 'lower(side)', id: 'trdMatchID' },
        unique: ['id'],
        textId: true,
        notes: ['qty is contracts'],
      };
    case 'quotes':
      return {
        ...common,
        series: series(symbol, 'bookTop', 'bookTop'),
        select: { time: at, bid: 'bidPrice', ask: 'askPrice', bidQty: 'bidSize', askQty: 'askSize' },
        unique: null,
        notes: [],
      };
    case 'funding':
      return {
        ...common,
        series: series(symbol, 'funding', 'funding'),
        select: { time: at, rate: 'fundingRate' },
        unique: ['time'],
        notes: [],
      };
    case 'insurance':
      return {
        ...common,
        series: series(symbol, 'fundBalance', 'fundBalance'),
        select: { time: at, balance: `walletBalance / ${SATOSHI}` },
        unique: ['time'],
        drop: [{ reason: 'another currency', where: "currency <> 'XBt'" }],
        notes: ['balances are given in satoshi'],
      };
    case 'buckets': {
      const interval = options.extra.interval ?? intervalOf(file);
      const length = intervalMs(interval);
      if (length === null) throw refused(file, `unknown interval ${interval}`, 'Give --option interval=1m.');
      return {
        ...common,
        series: { ...series(symbol, 'candles', `candles-${interval}`), intervalMs: length },
        select: {
          time: `${at} - ${length * 1000}`,
          open: 'open',
          high: 'high',
          low: 'low',
          close: 'close',
          volume: 'volume',
          trades: 'trades',
        },
        unique: ['time'],
        drop: [...common.drop, { reason: 'empty bucket', where: 'close IS NULL' }],
        notes: [
          'a bucket is stamped with its end: times are moved back by the interval',
          'open is the close before, so it may lie outside low .. high (accept: [openOutsideRange])',
          'volume is contracts',
        ],
      };
    }
  }
}

/** The symbol asked for; or the only one in a file that its head shows whole. */
function symbolOf(file: SourceFile, { symbol }: ImportOptions): string {
  if (symbol !== null) return symbol;
  const found = new Set(file.head.match(/\b(?:XBT|ETH|XRP|LTC|BCH|ADA|EOS|TRX|\.B)[A-Z0-9_]*\b/g));
  const [only] = found;
  if (only !== undefined && found.size === 1) return only;
  throw refused(file, `${found.size} symbols in one file`, 'Say which with --symbol XBTUSD.');
}

/** Interval of buckets from the first two stamps. */
function intervalOf(file: SourceFile): string {
  const stamps = file.head.match(/\d{4}-\d\d-\d\d[DT]\d\d:\d\d:\d\d/g) ?? [];
  const [first, second] = stamps.map((text) => Date.parse(`${text.replace('D', 'T')}Z`));
  const minutes = Math.abs((second ?? Number.NaN) - (first ?? Number.NaN)) / 60_000;
  if (Number.isInteger(minutes) && minutes > 0 && minutes < 60) return `${minutes}m`;
  if (minutes === 60 || minutes === 1440) return minutes === 60 ? '1h' : '1d';
  throw refused(file, 'the interval of the buckets cannot be told', 'Give --option interval=1m.');
}

const series = (symbol: string, kind: Series['kind'], name: string): Series => ({
  venue: 'bitmex',
  symbol,
  kind,
  name,
  intervalMs: null,
  qtyUnit: 'contracts',
});
