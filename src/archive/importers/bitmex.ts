/**
 * BitMEX: the daily archives of trades and quotes (all symbols in one file), and the API's JSON and CSV
 * of trades, quotes, buckets, funding, insurance and marks. A bucket is stamped with its end, and its
 * open is the close before; quantities are contracts.
 *
 * Source: public.bitmex.com; bitmex.com/api/explorer (Trade, Quote, Funding, Insurance, Instrument).
 */
import { sqlText } from '../../basics/duckdb.ts';
import {
  cellsOf,
  columnsNamed,
  csv,
  firstLine,
  type ImportOptions,
  json,
  type Layout,
  mustBeWhole,
} from '../layout.ts';
import { type CsvType, refused, textTimeUs, type Vendor } from '../layout.ts';
import { intervalMs, intervalName, type Series } from '../series.ts';
import type { SourceFile } from '../sourceFile.ts';
import { messagesOf } from './messages.ts';

/** Columns that are read; every one that is not text. */
const TYPES: Readonly<Record<string, CsvType>> = Object.fromEntries(
  (
    'size,price,bidSize,bidPrice,askPrice,askSize,open,high,low,close,volume,fundingRate,walletBalance,' +
    'markPrice,indicativeSettlePrice'
  )
    .split(',')
    .map((name) => [name, 'DOUBLE'] as const),
);
const SATOSHI = 100_000_000;

/** What rows are, told by their fields: the first kind all of whose fields are there. */
const KINDS = {
  trades: ['timestamp', 'symbol', 'side', 'size', 'price', 'trdMatchID'],
  quotes: ['timestamp', 'symbol', 'bidSize', 'bidPrice', 'askPrice', 'askSize'],
  buckets: ['timestamp', 'symbol', 'open', 'high', 'low', 'close', 'trades', 'volume'],
  funding: ['timestamp', 'symbol', 'fundingInterval', 'fundingRate'],
  insurance: ['timestamp', 'currency', 'walletBalance'],
  mark: ['timestamp', 'symbol', 'markPrice'],
  index: ['timestamp', 'symbol', 'indicativeSettlePrice'],
} as const;
type Kind = keyof typeof KINDS;

export const bitmex: Vendor = {
  name: 'bitmex',
  about: 'daily trade and quote archives (.csv.gz), API files of trades, buckets, funding, insurance, marks',
  options: { interval: 'of buckets, where two stamps do not tell it: 1m, 5m, 1h, 1d' },
  layoutsOf: (file, options) => {
    if (file.head.trim() === '') return [];
    if (/"table"\s*:/.test(file.head)) return messagesOf(file, options, 'bitmex');
    const isJson = /^\s*[[{]/.test(file.head);
    if (isJson) mustBeWhole(file);
    // a description of a contract has the fields of nearly everything
    if (/"?tickSize"?/.test(file.head))
      throw refused(file, 'a description of a contract, no series', NO_SERIES);
    const fields = isJson
      ? [...file.head.slice(0, (file.head.indexOf('}') + 1 || Infinity) - 1).matchAll(/"(\w+)"\s*:/g)].map(
          (m) => m[1]!,
        )
      : cellsOf(firstLine(file.head));
    const kind = (Object.keys(KINDS) as Kind[]).find((one) =>
      KINDS[one].every((name) => fields.includes(name)),
    );
    if (kind === undefined && fields.includes('leavesQty'))
      throw refused(
        file,
        'a liquidation order without a time',
        'Record it together with the time of receipt.',
      );
    if (kind === undefined)
      throw refused(file, 'no trades, quotes, buckets, funding, insurance or marks', NO_SERIES);
    const from = isJson
      ? json(columnsNamed(KINDS[kind], TYPES))
      : csv(columnsNamed(fields, TYPES), { header: true });
    return [layout(file, { kind, from, options })];
  },
};

const NO_SERIES = "Fetch the file from BitMEX's archive or API, or import it as csv with a mapping.";

interface Shape {
  readonly kind: Kind;
  readonly from: Layout['from'];
  readonly options: ImportOptions;
}

function layout(file: SourceFile, { kind, from, options }: Shape): Layout {
  const at = `${textTimeUs('timestamp')} + ${options.offsetUs}`;
  if (kind === 'insurance') return insurance(from, at);
  const symbol = symbolOf(file, options);
  const drop = [{ reason: 'another symbol', where: `symbol <> ${sqlText(symbol)}` }];
  const common = { from, drop, unique: ['time'] };
  switch (kind) {
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
        drop: [
          ...drop,
          { reason: 'a side of the book is empty', where: 'bidPrice IS NULL OR askPrice IS NULL' },
        ],
        notes: ['quantities are contracts'],
      };
    case 'funding':
      return {
        ...common,
        series: series(symbol, 'funding', 'funding'),
        select: { time: at, rate: 'fundingRate' },
        notes: [],
      };
    case 'mark':
    case 'index':
      return {
        ...common,
        series: series(symbol, kind, kind),
        select: { time: at, price: kind === 'mark' ? 'markPrice' : 'indicativeSettlePrice' },
        keepsLast: { reason: 'an earlier price of the same instant' },
        notes: [],
      };
    case 'buckets':
      return buckets(common, { symbol, at, interval: options.extra.interval ?? intervalOf(file) }, file);
  }
}

function insurance(from: Layout['from'], at: string): Layout {
  return {
    series: series('XBT', 'fundBalance', 'fundBalance'),
    from,
    select: { time: at, balance: `walletBalance / ${SATOSHI}` },
    unique: ['time'],
    drop: [{ reason: 'another currency', where: "currency <> 'XBt'" }],
    notes: ['balances are given in satoshi'],
  };
}

function buckets(
  common: Pick<Layout, 'from' | 'unique'> & { readonly drop: NonNullable<Layout['drop']> },
  { symbol, at, interval }: { symbol: string; at: string; interval: string },
  file: SourceFile,
): Layout {
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
      trades: 'trades::BIGINT',
    },
    drop: [...common.drop, { reason: 'empty bucket', where: 'close IS NULL OR open IS NULL' }],
    notes: [
      'a bucket is stamped with its end: times are moved back by the interval',
      'open is the close before, so it may lie outside low .. high (accept: [openOutsideRange])',
      'volume is contracts',
    ],
  };
}

/** The symbol asked for; or the only one in the file's head. */
function symbolOf(file: SourceFile, { symbol }: ImportOptions): string {
  if (symbol !== null) return symbol;
  const stated = [...file.head.matchAll(/"symbol"\s*:\s*"([^"]+)"/g)].map((m) => m[1]!);
  const column = cellsOf(firstLine(file.head)).indexOf('symbol');
  const rows = file.head.split(/\r?\n/).slice(1, -1);
  const found = new Set(stated.length > 0 ? stated : rows.map((row) => cellsOf(row)[column] ?? ''));
  const [only] = found;
  if (only !== undefined && only !== '' && found.size === 1) return only;
  throw refused(file, `${found.size} symbols in one file`, 'Say which with --symbol XBTUSD.');
}

/** Interval of buckets from the first two stamps. */
function intervalOf(file: SourceFile): string {
  const stamps = file.head.match(/\d{4}-\d\d-\d\d[DT]\d\d:\d\d:\d\d/g) ?? [];
  const [first, second] = stamps.map((text) => Date.parse(`${text.replace('D', 'T')}Z`));
  const name = intervalName(Math.abs((second ?? Number.NaN) - (first ?? Number.NaN)));
  if (name !== null) return name;
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
