/**
 * Tardis.dev: CSV files of trades, quotes, book snapshots, derivative tickers and liquidations, in
 * microseconds and in order of `local_timestamp`; an empty gzip is a day without data, an empty cell no
 * value.
 *
 * Source: docs.tardis.dev (downloadable CSV files). Quantities are in the venue's own unit: contracts
 * where the venue counts contracts; say `qtyUnit=base|contracts|quote` where it is not contracts.
 */
import { sqlText } from '../../basics/duckdb.ts';
import { cellsOf, columnsNamed, csv, firstLine, type ImportOptions, type Layout } from '../layout.ts';
import { type CsvType, refused, type Vendor } from '../layout.ts';
import type { Series } from '../series.ts';
import type { SourceFile } from '../sourceFile.ts';

/** Columns that are read as numbers; every other one stays text. */
const NUMBERS: Readonly<Record<string, CsvType>> = {
  timestamp: 'BIGINT',
  funding_timestamp: 'BIGINT',
  price: 'DOUBLE',
  amount: 'DOUBLE',
  ask_amount: 'DOUBLE',
  ask_price: 'DOUBLE',
  bid_price: 'DOUBLE',
  bid_amount: 'DOUBLE',
  funding_rate: 'DOUBLE',
  open_interest: 'DOUBLE',
  index_price: 'DOUBLE',
  mark_price: 'DOUBLE',
  'asks[0].price': 'DOUBLE',
  'asks[0].amount': 'DOUBLE',
  'bids[0].price': 'DOUBLE',
  'bids[0].amount': 'DOUBLE',
};

export const tardis: Vendor = {
  name: 'tardis',
  about: 'CSV of trades, quotes, book_snapshot_5/25, derivative_ticker, liquidations',
  options: { qtyUnit: 'contracts (default), base or quote: what the venue counts' },
  layoutsOf: (file, options) => {
    if (file.head.trim() === '') return [];
    const names = cellsOf(firstLine(file.head));
    const [venue, first] = cellsOf(file.head.trim().split(/\r?\n/)[1] ?? '');
    const symbol = options.symbol ?? first;
    if (names[0] !== 'exchange') throw refused(file, 'no CSV of Tardis: its first column is no exchange');
    const unit = options.extra.qtyUnit ?? 'contracts';
    if (unit !== 'contracts' && unit !== 'base' && unit !== 'quote')
      throw refused(file, `unknown qtyUnit ${unit}`, 'Write contracts, base or quote.');
    const parts = partsOf(file, names, options);
    if (venue === undefined || venue === '' || symbol === undefined) return [];
    const common = { venue, symbol, qtyUnit: unit, intervalMs: null } as const;
    return parts.map(({ kind, empty, ...part }) => ({
      ...part,
      series: { ...common, kind, name: kind },
      from: csv(columnsNamed(names, NUMBERS), { header: true }),
      ...(part.select.id === undefined ? {} : { textId: true as const }),
      drop: [
        { reason: 'another symbol', where: `symbol <> ${sqlText(symbol)}` },
        ...(empty === undefined ? [] : [{ reason: 'empty cell', where: `(${empty}) IS NULL` }]),
        ...(part.drop ?? []),
      ],
      notes: [...(COUNTED.includes(kind) ? [`quantities are taken as ${unit}`] : []), ...part.notes],
    }));
  },
};

const COUNTED: readonly Series['kind'][] = ['trades', 'bookTop', 'openInterest', 'liquidations'];

interface PartOf extends Omit<Layout, 'series' | 'from' | 'textId'> {
  readonly kind: Series['kind'];
  /** A row without this value is left out. */
  readonly empty?: string;
}

/** What one file gives: a ticker gives mark, index, open interest and funding at once. */
function partsOf(file: SourceFile, names: readonly string[], options: ImportOptions): PartOf[] {
  const time = `timestamp + ${options.offsetUs}`;
  const has = (name: string): boolean => names.includes(name);
  if (has('is_snapshot'))
    throw refused(
      file,
      'incremental book updates',
      'Fetch book_snapshot_5 or quotes: no book is rebuilt from these.',
    );
  if (has('mark_price')) return ticker(time, options);
  if (has('asks[0].price') || has('ask_price')) {
    const snapshot = has('asks[0].price');
    const column = (side: 'bid' | 'ask', what: 'price' | 'amount'): string =>
      snapshot ? `"${side}s[0].${what}"` : `${side}_${what}`;
    const select = {
      time,
      bid: column('bid', 'price'),
      ask: column('ask', 'price'),
      bidQty: column('bid', 'amount'),
      askQty: column('ask', 'amount'),
    };
    const notes = snapshot ? ['of a snapshot only the best bid and ask are kept'] : [];
    return [{ kind: 'bookTop', select, unique: null, empty: Object.values(select).join(' + '), notes }];
  }
  if (!has('side') || !has('price') || !has('amount')) throw refused(file, 'none of the known kinds of file');
  const prices = { time, side: 'side', qty: 'amount', price: 'price' };
  // both kinds have the same columns, and a liquidation need not have an id
  if (/liquidations/.test(file.path))
    return [{ kind: 'liquidations', select: prices, unique: null, notes: [] }];
  return [{ kind: 'trades', select: { ...prices, id: 'id' }, unique: ['id'], notes: [] }];
}

/** A state of the contract: of one instant the last one stands, of a funding stamp the last one before it. */
function ticker(time: string, options: ImportOptions): PartOf[] {
  const state = {
    unique: ['time'],
    keepsLast: { reason: 'an earlier ticker of the same instant' },
    mayBeEmpty: true as const,
    notes: [],
  };
  return [
    { ...state, kind: 'mark', select: { time, price: 'mark_price' }, empty: 'mark_price' },
    { ...state, kind: 'index', select: { time, price: 'index_price' }, empty: 'index_price' },
    {
      ...state,
      kind: 'openInterest',
      select: { time, openInterest: 'open_interest' },
      empty: 'open_interest',
    },
    {
      ...state,
      kind: 'funding',
      select: { time: `funding_timestamp + ${options.offsetUs}`, rate: 'funding_rate' },
      keepsLast: { reason: 'an earlier ticker of the same funding stamp' },
      empty: 'funding_timestamp + funding_rate',
      drop: [{ reason: 'ticker after its funding stamp', where: 'timestamp > funding_timestamp' }],
      notes: ['the rate of a funding stamp is that of the last ticker before it'],
    },
  ];
}
