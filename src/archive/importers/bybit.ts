/**
 * Bybit: the public archives of trades (derivatives in seconds with a fraction, spot in milliseconds),
 * the recorded order book (ob500) down to its top, and API and websocket messages.
 *
 * Source: public.bybit.com/trading, public.bybit.com/spot; bybit.com/derivatives/en/history-data (ob500).
 */
import { cellsOf, columnsNamed, csv, firstLine, type ImportOptions, type Layout } from '../layout.ts';
import { type CsvType, refused, secondsUs, timeUs, type Vendor } from '../layout.ts';
import type { SourceFile } from '../sourceFile.ts';
import { bookTopOf } from './bookTop.ts';
import { messagesOf } from './messages.ts';
import { qtyUnitOf } from './messageShapes.ts';

/** `BTCUSD2020-03-12.csv`, `BTCUSDT_2022-11-10.csv`, `BTCUSDT-2022-11.csv`. */
const FILE_NAME = /^(?<symbol>[A-Z0-9]+?)[_-]?\d{4}-\d{2}(?:-\d{2})?\.csv$/;
const TRADES: Readonly<Record<string, CsvType>> = { timestamp: 'DOUBLE', size: 'DOUBLE', price: 'DOUBLE' };
const SPOT: Readonly<Record<string, CsvType>> = {
  id: 'BIGINT',
  timestamp: 'BIGINT',
  price: 'DOUBLE',
  volume: 'DOUBLE',
};
const TOP = { ms: 'BIGINT', bid: 'DOUBLE', ask: 'DOUBLE', bidQty: 'DOUBLE', askQty: 'DOUBLE' } as const;

export const bybit: Vendor = {
  name: 'bybit',
  about: 'public trades (.csv.gz, derivatives and spot), ob500 order books (.zip), API messages',
  options: { qtyUnit: 'base or contracts, where it is not contracts for ...USD and base for the rest' },
  layoutsOf: async (file, options) => {
    if (file.head.trim() === '') return [];
    if (/^\s*\{"topic":"orderbook\./.test(file.head)) return [await bookTop(file, options)];
    if (/^\s*[[{]/.test(file.head)) return messagesOf(file, options, 'bybit');
    const names = cellsOf(firstLine(file.head));
    const has = (...wanted: string[]): boolean => wanted.every((name) => names.includes(name));
    if (has('timestamp', 'symbol', 'side', 'size', 'price')) return [trades(file, names, options)];
    if (has('id', 'timestamp', 'price', 'volume', 'side')) return [spot(file, names, options)];
    throw refused(file, 'neither trades nor an order book of Bybit');
  },
};

function trades(file: SourceFile, names: readonly string[], options: ImportOptions): Layout {
  const row = cellsOf(file.head.trim().split(/\r?\n/)[1] ?? '');
  const stated = row[names.indexOf('symbol')] ?? FILE_NAME.exec(file.name)?.groups?.symbol;
  const symbol = options.symbol ?? stated;
  if (symbol === undefined) throw refused(file, 'no row, and a name without a symbol');
  const id = names.includes('trdMatchID');
  return {
    series: {
      venue: 'bybit',
      symbol,
      kind: 'trades',
      name: 'trades',
      intervalMs: null,
      qtyUnit: unitOf(file, symbol, options),
    },
    from: csv(columnsNamed(names, TRADES), { header: true }),
    select: {
      time: `${secondsUs('timestamp')} + ${options.offsetUs}`,
      price: 'price',
      qty: 'size',
      side: 'lower(side)',
      ...(id ? { id: 'trdMatchID' } : {}),
    },
    unique: id ? ['id'] : null,
    ...(id ? { textId: true as const } : {}),
    drop: [{ reason: 'another symbol', where: `symbol <> '${symbol.replaceAll("'", "''")}'` }],
    notes: ['stamps are seconds with a fraction, rounded to the microsecond'],
  };
}

function spot(file: SourceFile, names: readonly string[], options: ImportOptions): Layout {
  const symbol = options.symbol ?? FILE_NAME.exec(file.name)?.groups?.symbol;
  if (symbol === undefined) throw refused(file, 'its name does not say the symbol', 'Give --symbol BTCUSDT.');
  return {
    series: {
      venue: 'bybit-spot',
      symbol,
      kind: 'trades',
      name: 'trades',
      intervalMs: null,
      qtyUnit: 'base',
    },
    from: csv(columnsNamed(names, SPOT), { header: true }),
    select: {
      time: `${timeUs('timestamp')} + ${options.offsetUs}`,
      price: 'price',
      qty: 'volume',
      side: 'lower(side)',
      id: 'id',
    },
    unique: ['id'],
    notes: [],
  };
}

async function bookTop(file: SourceFile, options: ImportOptions): Promise<Layout> {
  const symbol = options.symbol ?? /"s":"([^"]+)"/.exec(file.head)?.[1];
  if (symbol === undefined) throw refused(file, 'no symbol in its first message', 'Give --symbol BTCUSDT.');
  const top = await bookTopOf(file);
  const { ms, ...values } = Object.fromEntries(Object.keys(TOP).map((name) => [name, name]));
  return {
    series: {
      venue: 'bybit',
      symbol,
      kind: 'bookTop',
      name: 'bookTop',
      intervalMs: null,
      qtyUnit: unitOf(file, symbol, options),
    },
    from: () => csv(TOP, { header: false })(top),
    select: { ...values, time: `${ms} * 1000 + ${options.offsetUs}` },
    unique: null,
    notes: ['of the book only the best bid and ask are kept, one row whenever either changed'],
  };
}

function unitOf(file: SourceFile, symbol: string, { extra }: ImportOptions): 'base' | 'contracts' {
  const said = extra.qtyUnit ?? qtyUnitOf('bybit', symbol, '');
  if (said === 'base' || said === 'contracts') return said;
  throw refused(file, `unknown qtyUnit ${said}`, 'Write base or contracts.');
}
