/**
 * cryptodatadownload.com: spot candles, newest first, sometimes below a line of advertising. Time is
 * `unix`, in seconds in some rows and milliseconds in others, or, in old files, a date such as
 * `2020-07-08 02-PM`. Volume is taken by name, for base and quote change places from file to file.
 */
import { ReplayError } from '../../basics/errors.ts';
import { type CsvColumns, csv, timeUs, type Vendor } from '../layout.ts';
import { intervalMs } from '../series.ts';
import type { SourceFile } from '../sourceFile.ts';

const FILE_NAME = /^(?<venue>[A-Za-z]+)_(?<symbol>[A-Z0-9]+)_(?<interval>\d+(?:m|h|d)|d|minute|hour)/;
const WORDS: Readonly<Record<string, string>> = { d: '1d', minute: '1m', hour: '1h' };
/** Relative distance within which volume * close must lie of the quote volume. */
const FAR = 0.5;

export const cryptoDataDownload: Vendor = {
  name: 'cryptodatadownload',
  about: 'spot candles of many venues (Bitstamp_BTCUSD_1h.csv), newest first',
  layoutsOf: (file, options) => {
    const lines = file.head.split('\n').map((line) => line.trim());
    const skip = lines.findIndex((line) => /^(unix|date)\b/i.test(line));
    const named = FILE_NAME.exec(file.name)?.groups;
    if (skip < 0 || named === undefined)
      throw refused(
        file,
        'no head line, or a name without venue, symbol and interval',
        'Keep the names of the site: Bitstamp_BTCUSD_1h.csv.',
      );
    const names = lines[skip]!.split(',');
    const symbol = options.symbol ?? named.symbol!;
    const interval = WORDS[named.interval!] ?? named.interval!;
    const quote = /(USDT|USDC|USD|EUR|GBP|BTC)$/.exec(named.symbol!)?.[0] ?? '';
    const base = named.symbol!.slice(0, -quote.length);
    const volume = names.find((name) => name.toLowerCase() === `volume ${base}`.toLowerCase());
    const turnover = names.find((name) => name.toLowerCase() === `volume ${quote}`.toLowerCase());
    if (volume === undefined)
      throw refused(file, `no column "Volume ${base}"`, 'Check the head line of the file.');
    const columns: CsvColumns = Object.fromEntries(
      names.map((name) => [
        name,
        /^(open|high|low|close|volume)/i.test(name) ? 'DOUBLE' : name === 'unix' ? 'DOUBLE' : 'VARCHAR',
      ]),
    );
    const at = (name: string): string => `"${names.find((one) => one.toLowerCase() === name) ?? name}"`;
    // a row is swapped where the volume in base, so called, is the other one times the price
    const swapped = `abs("${volume}" / nullif("${turnover}" * ${at('close')}, 0) - 1) < ${FAR}`;
    return [
      {
        series: {
          venue: named.venue!.toLowerCase(),
          symbol,
          kind: 'candles',
          name: `candles-${interval}`,
          intervalMs: intervalMs(interval),
          qtyUnit: 'base',
        },
        from: csv(columns, { header: true, skip }),
        select: {
          time: `${names.includes('unix') ? unixUs(names) : dateUs(at('date'))} + ${options.offsetUs}`,
          open: at('open'),
          high: at('high'),
          low: at('low'),
          close: at('close'),
          volume:
            turnover === undefined
              ? `"${volume}"`
              : `CASE WHEN ${swapped} THEN "${turnover}" ELSE "${volume}" END`,
        },
        unique: ['time'],
        notes: [
          'newest first in the file',
          'base and quote volume are told apart by price where a row has them swapped',
        ],
      },
    ];
  },
};

/** A date as the site writes it: `2020-07-08 02-PM`, `2021-07-31 00:00:00` or `2021-07-31`. */
const dateUs = (column: string): string =>
  `epoch_us(coalesce(try_strptime(${column}, '%Y-%m-%d %I-%p'), try_cast(${column} AS TIMESTAMP)))`;

/** Seconds or milliseconds; a number that a spreadsheet rounded (1.61888E+12) gives way to the date beside it. */
function unixUs(names: readonly string[]): string {
  const exact = timeUs('unix::BIGINT');
  if (!names.includes('date')) return exact;
  return `CASE WHEN unix % 60 = 0 AND abs(${exact} - ${dateUs('"date"')}) > 86400000000 THEN ${dateUs('"date"')} ELSE ${exact} END`;
}

const refused = (file: SourceFile, message: string, remedy: string): ReplayError =>
  new ReplayError('DATA_SCHEMA', `${file.name}: ${message}`, { file: file.path }, remedy);
