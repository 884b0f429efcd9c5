/**
 * cryptodatadownload.com: spot candles, newest first, sometimes below a line of advertising. Time is
 * `unix`, in seconds in some rows and milliseconds in others, or, in old files, a date such as
 * `2020-07-08 02-PM`. Volume is taken by name, for base and quote change places from file to file.
 */
import { sqlName } from '../../basics/duckdb.ts';
import { cellsOf, columnsNamed, csv, type CsvType, refused, timeUs, type Vendor } from '../layout.ts';
import { intervalMs } from '../series.ts';

const FILE_NAME = /^(?<venue>[A-Za-z]+)_(?<symbol>[A-Z0-9]+)_(?<interval>[1-9]\d*(?:m|h|d)|d|minute|hour)/;
const WORDS: Readonly<Record<string, string>> = { d: '1d', minute: '1m', hour: '1h' };
const QUOTE = /(USDT|USDC|BUSD|TUSD|USD|EUR|GBP|JPY|KRW|BTC|ETH)$/;
/** Relative distance within which base volume * close must lie of the quote volume, to be the other way round. */
const FAR = 0.5;
/** A spreadsheet that writes 1.61888E+12 loses up to 5e6 ms; the date beside it is right to the bar. */
const ROUNDED_US = 86_400_000_000;

export const cryptoDataDownload: Vendor = {
  name: 'cryptodatadownload',
  about: 'spot candles of many venues (Bitstamp_BTCUSD_1h.csv), newest first',
  options: {},
  layoutsOf: (file, options) => {
    if (file.head.trim() === '') return [];
    const lines = file.head.split('\n');
    const skip = lines.findIndex((line) => /^\s*"?(unix|date)\b/i.test(line));
    const named = FILE_NAME.exec(file.name)?.groups;
    if (skip < 0 || named === undefined)
      throw refused(
        file,
        'no head line, or a name without venue, symbol and interval',
        'Keep the names of the site: Bitstamp_BTCUSD_1h.csv.',
      );
    const names = cellsOf(lines[skip]!);
    const interval = WORDS[named.interval!] ?? named.interval!;
    const quote = QUOTE.exec(named.symbol!)?.[0] ?? '';
    const base = named.symbol!.slice(0, named.symbol!.length - quote.length);
    const at = (name: string): string | undefined => {
      const found = names.find((one) => one.toLowerCase() === name.toLowerCase());
      return found === undefined ? undefined : sqlName(found);
    };
    const [volume, turnover] = [at(`volume ${base}`), at(`volume ${quote}`)];
    if (volume === undefined)
      throw refused(file, `no column "Volume ${base}"`, 'Check the head line of the file.');
    const types = names.map((name): [string, CsvType] => [
      name,
      /^(unix|open|high|low|close|volume)/i.test(name) ? 'DOUBLE' : 'VARCHAR',
    ]);
    const close = at('close')!;
    // a row is swapped where the volume in base, so called, is the other one times the price, and not the reverse
    const near = (quotes: string, coins: string): string =>
      `abs(${quotes} / nullif(${coins} * ${close}, 0) - 1) < ${FAR}`;
    const swapped = `${near(volume, turnover ?? '')} AND NOT ${near(turnover ?? '', volume)}`;
    return [
      {
        series: {
          venue: named.venue!.toLowerCase(),
          symbol: options.symbol ?? named.symbol!,
          kind: 'candles',
          name: `candles-${interval}`,
          intervalMs: intervalMs(interval),
          qtyUnit: 'base',
        },
        from: csv(columnsNamed(names, Object.fromEntries(types)), { header: true, skip }),
        select: {
          time: `${instantUs(at('unix'), at('date'))} + ${options.offsetUs}`,
          open: at('open')!,
          high: at('high')!,
          low: at('low')!,
          close,
          volume:
            turnover === undefined ? volume : `CASE WHEN ${swapped} THEN ${turnover} ELSE ${volume} END`,
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

/** Seconds or milliseconds; a number that a spreadsheet rounded gives way to the date beside it. */
function instantUs(unix: string | undefined, date: string | undefined): string {
  if (unix === undefined) return dateUs(date!);
  const exact = timeUs(`${unix}::BIGINT`);
  if (date === undefined) return exact;
  const beside = dateUs(date);
  const rounded = `${unix} % 10000000 = 0 AND abs(${exact} - ${beside}) BETWEEN 1 AND ${ROUNDED_US}`;
  return `CASE WHEN ${rounded} THEN ${beside} ELSE ${exact} END`;
}
