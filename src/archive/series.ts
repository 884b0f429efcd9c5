/**
 * What an importer may write: the column contract of each kind of series (docs/data.md). A scenario
 * reads these files without naming a column, whatever vendor they came from.
 */

export type SeriesKind =
  | 'trades'
  | 'candles'
  | 'mark'
  | 'index'
  | 'bookTop'
  | 'bookDepth'
  | 'funding'
  | 'openInterest'
  | 'liquidations'
  | 'fundBalance';

export interface Column {
  readonly name: string;
  readonly type: 'BIGINT' | 'DOUBLE' | 'VARCHAR';
  readonly unit: string;
  /** true: a layout may leave it out; the file then has no such column. */
  readonly optional?: true;
}

const time: Column = { name: 'time', type: 'BIGINT', unit: 'us UTC' };
const double = (name: string, unit: string): Column => ({ name, type: 'DOUBLE', unit });
const maybe = (column: Column): Column => ({ ...column, optional: true });

/**
 * Columns of each kind, in the order in which they are written. Time is microseconds since 1970, of a
 * candle its opening; a quantity is in the series' `qtyUnit`.
 */
export const CONTRACT: Readonly<Record<SeriesKind, readonly Column[]>> = {
  trades: [
    time,
    double('price', 'quote'),
    double('qty', 'qtyUnit'),
    maybe({ name: 'side', type: 'VARCHAR', unit: 'buy or sell, of the taker' }),
    maybe({ name: 'id', type: 'BIGINT', unit: '- (text where a venue has no numbers)' }),
  ],
  candles: [
    time,
    double('open', 'quote'),
    double('high', 'quote'),
    double('low', 'quote'),
    double('close', 'quote'),
    maybe(double('volume', 'qtyUnit')),
    maybe(double('buyVolume', 'qtyUnit')),
    maybe({ name: 'trades', type: 'BIGINT', unit: 'count' }),
  ],
  mark: [time, double('price', 'quote'), maybe(double('index', 'quote'))],
  index: [time, double('price', 'quote')],
  bookTop: [
    time,
    double('bid', 'quote'),
    double('ask', 'quote'),
    maybe(double('bidQty', 'qtyUnit')),
    maybe(double('askQty', 'qtyUnit')),
  ],
  bookDepth: [
    time,
    double('percentage', '% from the mid'),
    double('depth', 'qtyUnit'),
    double('notional', 'quote'),
  ],
  funding: [time, double('rate', 'fraction of the interval that ends at time')],
  openInterest: [time, double('openInterest', 'qtyUnit'), maybe(double('value', 'quote'))],
  liquidations: [
    time,
    { name: 'side', type: 'VARCHAR', unit: 'buy or sell, of the order: a sell closed a long' },
    double('qty', 'qtyUnit'),
    double('price', 'quote'),
    maybe({ name: 'account', type: 'VARCHAR', unit: '-' }),
  ],
  fundBalance: [time, double('balance', 'settlement asset')],
};

/** One series of one market at one venue: what a folder of the archive holds. */
export interface Series {
  readonly venue: string;
  readonly symbol: string;
  readonly kind: SeriesKind;
  /** Folder name: the kind, what it is a price of where it is no trade price, and the interval: `mark-candles-1m`. */
  readonly name: string;
  /** Of candles; null elsewhere. */
  readonly intervalMs: number | null;
  readonly qtyUnit: 'base' | 'contracts' | 'quote';
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** Interval as archives write it (`1m`, `4h`, `1d`, `1w`) in milliseconds; null for what has no length (`1mo`). */
export function intervalMs(text: string): number | null {
  const match = /^([1-9]\d{0,3})([smhdw])$/.exec(text);
  return match === null ? null : Number(match[1]) * UNITS[match[2] as 's'];
}

/** The shortest name of an interval in milliseconds: 3,600,000 is `1h`; null for what is no whole second. */
export function intervalName(ms: number): string | null {
  const unit = (['w', 'd', 'h', 'm', 's'] as const).find((one) => ms > 0 && ms % UNITS[one] === 0);
  return unit === undefined ? null : `${ms / UNITS[unit]}${unit}`;
}
