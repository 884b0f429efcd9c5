/**
 * Kraken's downloadable history: OHLCVT and trades as CSV without a header, in seconds. Bars in which
 * nothing traded are absent. The file name says pair and minutes: `XBTUSD_60.csv`.
 *
 * Source: support.kraken.com, "Downloadable historical OHLCVT data" and "... time and sales".
 */
import { ReplayError } from '../../basics/errors.ts';
import { csv, timeUs, type Vendor } from '../layout.ts';
import type { SourceFile } from '../sourceFile.ts';

const FILE_NAME = /(?:^|_)(?<symbol>[A-Z0-9.]{5,12})(?:_(?<minutes>\d+))?\.csv$/;
const [CANDLE_CELLS, TRADE_CELLS] = [7, 3];
const INTERVALS: Readonly<Record<string, string>> = {
  1: '1m',
  5: '5m',
  15: '15m',
  30: '30m',
  60: '1h',
  240: '4h',
  720: '12h',
  1440: '1d',
};

export const kraken: Vendor = {
  name: 'kraken',
  about: 'OHLCVT (XBTUSD_60.csv) and trades (XBTUSD.csv), no header, seconds',
  layoutsOf: (file, options) => {
    const named = FILE_NAME.exec(file.name)?.groups;
    const symbol = options.symbol ?? named?.symbol;
    if (symbol === undefined) throw refused(file, 'its name does not say the pair', 'Give --symbol XBTUSD.');
    const cells = file.head.split('\n', 1)[0]!.split(',').length;
    const common = { venue: 'kraken', symbol, qtyUnit: 'base' } as const;
    if (cells === TRADE_CELLS) {
      return [
        {
          series: { ...common, kind: 'trades', name: 'trades', intervalMs: null },
          from: csv({ time: 'DOUBLE', price: 'DOUBLE', volume: 'DOUBLE' }, { header: false }),
          select: {
            time: `round(time * 1000000)::BIGINT + ${options.offsetUs}`,
            price: 'price',
            qty: 'volume',
          },
          unique: null,
          notes: ['neither side nor id of a trade is published'],
        },
      ];
    }
    const minutes = options.extra.minutes ?? named?.minutes ?? '';
    const interval = INTERVALS[minutes];
    if (cells !== CANDLE_CELLS || interval === undefined)
      throw refused(
        file,
        `${cells} columns and interval "${minutes}"`,
        "Keep Kraken's file names, or give --option minutes=60.",
      );
    return [
      {
        series: {
          ...common,
          kind: 'candles',
          name: `candles-${interval}`,
          intervalMs: Number(minutes) * 60_000,
        },
        from: csv(
          {
            time: 'BIGINT',
            open: 'DOUBLE',
            high: 'DOUBLE',
            low: 'DOUBLE',
            close: 'DOUBLE',
            volume: 'DOUBLE',
            trades: 'BIGINT',
          },
          { header: false },
        ),
        select: {
          time: `${timeUs('time')} + ${options.offsetUs}`,
          open: 'open',
          high: 'high',
          low: 'low',
          close: 'close',
          volume: 'volume',
          trades: 'trades',
        },
        unique: ['time'],
        notes: ['bars without a trade are absent (accept: [gaps])'],
      },
    ];
  },
};

const refused = (file: SourceFile, message: string, remedy: string): ReplayError =>
  new ReplayError('DATA_SCHEMA', `${file.name}: ${message}`, { file: file.path }, remedy);
