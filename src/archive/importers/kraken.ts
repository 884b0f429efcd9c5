/**
 * Kraken's downloadable history: OHLCVT and trades as CSV without a header, in seconds. Bars in which
 * nothing traded are absent. The file name says pair and minutes: `XBTUSD_60.csv`.
 *
 * Source: support.kraken.com, "Downloadable historical OHLCVT data" and "... time and sales".
 */
import { cellsOf, csv, firstLine, refused, secondsUs, timeUs, type Vendor } from '../layout.ts';
import { intervalName } from '../series.ts';

const FILE_NAME = /(?:^|_)(?<symbol>[A-Z0-9.]{5,12})(?:_(?<minutes>\d+))?\.csv$/;
const CANDLE = {
  time: 'BIGINT',
  open: 'DOUBLE',
  high: 'DOUBLE',
  low: 'DOUBLE',
  close: 'DOUBLE',
  volume: 'DOUBLE',
  trades: 'BIGINT',
} as const;
const TRADE = { time: 'DOUBLE', price: 'DOUBLE', volume: 'DOUBLE' } as const;

export const kraken: Vendor = {
  name: 'kraken',
  about: 'OHLCVT (XBTUSD_60.csv) and trades (XBTUSD.csv), no header, seconds',
  options: { minutes: 'length of the bars, where the file name does not say it' },
  layoutsOf: (file, options) => {
    if (file.head.trim() === '') return [];
    const named = FILE_NAME.exec(file.name)?.groups;
    const symbol = options.symbol ?? named?.symbol;
    if (symbol === undefined) throw refused(file, 'its name does not say the pair', 'Give --symbol XBTUSD.');
    const cells = cellsOf(firstLine(file.head)).length;
    const common = { venue: 'kraken', symbol, qtyUnit: 'base' } as const;
    if (cells === Object.keys(TRADE).length) {
      return [
        {
          series: { ...common, kind: 'trades', name: 'trades', intervalMs: null },
          from: csv(TRADE, { header: false }),
          select: { time: `${secondsUs('time')} + ${options.offsetUs}`, price: 'price', qty: 'volume' },
          unique: null,
          notes: ['neither side nor id of a trade is published'],
        },
      ];
    }
    const minutes = options.extra.minutes ?? named?.minutes ?? '';
    const length = Number(minutes) * 60_000;
    const interval = /^\d{1,5}$/.test(minutes) ? intervalName(length) : null;
    if (cells !== Object.keys(CANDLE).length || interval === null)
      throw refused(
        file,
        `${cells} columns and bars of "${minutes}" minutes: neither OHLCVT nor trades`,
        "Keep Kraken's file names, or give --option minutes=60.",
      );
    const { time, ...values } = Object.fromEntries(Object.keys(CANDLE).map((name) => [name, name]));
    return [
      {
        series: { ...common, kind: 'candles', name: `candles-${interval}`, intervalMs: length },
        from: csv(CANDLE, { header: false }),
        select: { ...values, time: `${timeUs(time!)} + ${options.offsetUs}` },
        unique: ['time'],
        notes: ['bars without a trade are absent (accept: [gaps])'],
      },
    ];
  },
};
