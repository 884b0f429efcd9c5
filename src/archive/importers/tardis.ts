/**
 * Tardis.dev: CSV files of trades, quotes, book snapshots, derivative tickers and liquidations, in
 * microseconds and in order of `local_timestamp`; an empty gzip is a day without data.
 *
 * Source: docs.tardis.dev (downloadable CSV files). Quantities are in the venue's own unit: contracts
 * where the venue counts contracts; say `qtyUnit=base|contracts|quote` where it is not contracts.
 */
import { ReplayError } from '../../basics/errors.ts';
import { type CsvColumns, csv, type ImportOptions, type Layout, type Vendor } from '../layout.ts';
import type { Series } from '../series.ts';
import type { SourceFile } from '../sourceFile.ts';

/** Columns that are read as numbers; every other one stays text. */
const NUMBERS: Readonly<Record<string, 'BIGINT' | 'DOUBLE'>> = {
  timestamp: 'BIGINT',
  local_timestamp: 'BIGINT',
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
  about:
    'CSV of trades, quotes, book_snapshot_5/25, derivative_ticker, liquidations (qtyUnit=contracts|base|quote)',
  layoutsOf: (file, options) => {
    if (file.head === '') return [];
    const names = file.head.split('\n', 1)[0]!.trim().split(',');
    const first = file.head.split('\n', 2)[1]?.split(',') ?? [];
    const [venue, symbol] = [first[0], options.symbol ?? first[1]];
    if (names[0] !== 'exchange' || venue === undefined || symbol === undefined)
      throw refused(file, 'no Tardis CSV with rows');
    const columns: CsvColumns = Object.fromEntries(names.map((name) => [name, NUMBERS[name] ?? 'VARCHAR']));
    const unit = options.extra.qtyUnit ?? 'contracts';
    if (unit !== 'contracts' && unit !== 'base' && unit !== 'quote')
      throw refused(file, `unknown qtyUnit ${unit}`, 'Write contracts, base or quote.');
    const common = { venue, symbol, qtyUnit: unit, intervalMs: null } as const;
    return partsOf(file, names, options).map((part) => ({
      series: { ...common, kind: part.kind, name: part.name },
      from: csv(columns, { header: true }),
      select: part.select,
      unique: part.unique,
      ...(part.select.id === undefined ? {} : { textId: true as const }),
      drop: [
        { reason: 'another symbol', where: `symbol <> '${symbol.replaceAll("'", "''")}'` },
        ...(part.empty === undefined ? [] : [{ reason: 'empty cell', where: `${part.empty} IS NULL` }]),
      ],
      notes: [`quantities are taken as ${unit}`, ...part.notes],
    }));
  },
};

const refused = (file: SourceFile, message: string, remedy = 'Fetch the file again.'): ReplayError =>
  new ReplayError('DATA_SCHEMA', `${file.name}: ${message}`, { file: file.path }, remedy);

interface PartOf extends Pick<Layout, 'select' | 'unique' | 'notes'> {
  readonly kind: Series['kind'];
  readonly name: string;
  /** A row without this value is left out. */
  readonly empty?: string;
}

/** What one file gives: a ticker gives mark, open interest and funding at once. */
function partsOf(file: SourceFile, names: readonly string[], options: ImportOptions): PartOf[] {
  const time = `timestamp + ${options.offsetUs}`;
  const has = (name: string): boolean => names.includes(name);
  if (has('is_snapshot'))
    throw refused(
      file,
      'incremental book updates',
      'Fetch book_snapshot_5 or quotes: no book is rebuilt here.',
    );
  if (has('mark_price')) {
    return [
      {
        kind: 'mark',
        name: 'mark',
        select: { time, price: 'mark_price' },
        unique: ['time'],
        empty: 'mark_price',
        notes: [],
      },
      {
        kind: 'openInterest',
        name: 'openInterest',
        select: { time, openInterest: 'open_interest' },
        unique: ['time'],
        empty: 'open_interest',
        notes: [],
      },
      {
        kind: 'funding',
        name: 'funding',
        select: { time: `funding_timestamp + ${options.offsetUs}`, rate: 'funding_rate' },
        unique: ['time'],
        empty: 'coalesce(funding_timestamp, NULL) + funding_rate',
        notes: ['the first ticker that names a funding stamp gives its rate'],
      },
    ];
  }
  if (has('asks[0].price') || has('ask_price')) {
    const snapshot = has('asks[0].price');
    const column = (side: 'bid' | 'ask', what: 'price' | 'amount'): string =>
      snapshot ? `"${side}s[0].${what}"` : `${side}_${what}`;
    return [
      {
        kind: 'bookTop',
        name: 'bookTop',
        select: {
          time,
          bid: column('bid', 'price'),
          ask: column('ask', 'price'),
          bidQty: column('bid', 'amount'),
          askQty: column('ask', 'amount'),
        },
        unique: null,
        empty: `${column('bid', 'price')} + ${column('ask', 'price')}`,
        notes: snapshot ? ['of a snapshot only the best bid and ask are kept'] : [],
      },
    ];
  }
  if (!has('side') || !has('price') || !has('amount')) throw refused(file, 'none of the known kinds of file');
  const prices = { time, side: 'side', qty: 'amount', price: 'price' };
  if (/liquidations/.test(file.path))
    return [{ kind: 'liquidations', name: 'liquidations', select: prices, unique: 'all', notes: [] }];
  return [{ kind: 'trades', name: 'trades', select: { ...prices, id: 'id' }, unique: ['id'], notes: [] }];
}
