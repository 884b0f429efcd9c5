/**
 * data.binance.vision: a zip a day or a month, with a `.CHECKSUM` (sha256) beside each.
 *
 *   data/{spot|futures/um|futures/cm}/{daily|monthly}/{kind}/{SYMBOL}/{SYMBOL}-{kind}-{date}.zip
 *   data/.../{daily|monthly}/{kind of candles}/{SYMBOL}/{interval}/{SYMBOL}-{interval}-{date}.zip
 *
 * Source: github.com/binance/binance-public-data, README (paths, intervals, CHECKSUM) and
 * python/enums.py (no daily candles above 1d); issues #287 (metrics are daily), #361 (liquidations of
 * USD-M are gone). That funding is monthly only, and bookDepth and liquidationSnapshot are daily only,
 * is what collectors of the archive report (tommy-ca/binance_datatool).
 */
import { ReplayError } from '../../basics/errors.ts';
import { type Archive, check, checkSymbols, daysOf, lengthOf, monthsOf, type Wanted } from './archive.ts';

const MARKETS: Readonly<Record<string, string>> = {
  spot: 'data/spot',
  um: 'data/futures/um',
  cm: 'data/futures/cm',
};

interface Kind {
  /** Files of a day, files of a month. */
  readonly daily: boolean;
  readonly monthly: boolean;
  /** Candles have one more folder, and their interval in the name. */
  readonly candles?: true;
  /** Spot has it too. */
  readonly spot?: true;
}

const KINDS: Readonly<Record<string, Kind>> = {
  aggTrades: { daily: true, monthly: true, spot: true },
  trades: { daily: true, monthly: true, spot: true },
  klines: { daily: true, monthly: true, spot: true, candles: true },
  markPriceKlines: { daily: true, monthly: true, candles: true },
  indexPriceKlines: { daily: true, monthly: true, candles: true },
  premiumIndexKlines: { daily: true, monthly: true, candles: true },
  fundingRate: { daily: false, monthly: true },
  metrics: { daily: true, monthly: false },
  liquidationSnapshot: { daily: true, monthly: false },
  bookDepth: { daily: true, monthly: false },
  bookTicker: { daily: true, monthly: true },
};

const INTERVALS = '1s 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1mo'.split(' ');
const MONTHLY_INTERVALS = ['3d', '1w', '1mo'];

export const binanceVision: Archive = {
  name: 'binance-vision',
  baseUrl: 'https://data.binance.vision/',
  kinds: Object.keys(KINDS),
  filesOf: (wish) => {
    const { market } = wish;
    check('market', market, Object.keys(MARKETS));
    checkSymbols(wish.symbols);
    for (const interval of wish.intervals) check('interval', interval, INTERVALS);
    for (const kind of wish.kinds) {
      check('kind', kind, Object.keys(KINDS));
      if (market === 'spot' && KINDS[kind]!.spot !== true)
        throw new ReplayError('SCENARIO_INVALID', `spot has no ${kind}`, {}, 'Give --market um or cm.');
    }
    const days = daysOf(wish);
    return wish.symbols.flatMap((symbol) =>
      wish.kinds.flatMap((kind) =>
        (KINDS[kind]!.candles === true ? wish.intervals : [null]).flatMap((interval) =>
          filesOfSeries({ market, kind, symbol: named(symbol, market, kind), interval }, days),
        ),
      ),
    );
  },
};

/** The index belongs to the pair, not to one of its contracts: COIN-M files it under BTCUSD. */
const named = (symbol: string, market: string, kind: string): string =>
  market === 'cm' && kind === 'indexPriceKlines' ? symbol.replace(/_.*$/, '') : symbol;

interface OneSeries {
  readonly market: string;
  readonly kind: string;
  readonly symbol: string;
  readonly interval: string | null;
}

/** Months where a month is asked for whole, or there are only months; days for the rest. */
function filesOfSeries(series: OneSeries, days: readonly string[]): Wanted[] {
  const { symbol, kind, interval } = series;
  const { monthly, ...has } = KINDS[kind]!;
  const daily = has.daily && !(interval !== null && MONTHLY_INTERVALS.includes(interval));
  const label = [kind, interval, symbol].filter((part) => part !== null).join(' ');
  const file = (form: 'daily' | 'monthly', date: string): string =>
    [
      MARKETS[series.market],
      form,
      kind,
      symbol,
      ...(interval === null ? [] : [interval]),
      `${symbol}-${interval ?? kind}-${date}.zip`,
    ].join('/');
  return [...monthsOf(days)].flatMap(([month, asked]): Wanted[] => {
    const ofMonth: Wanted = { path: file('monthly', month), label, days: asked, proof: 'checksum' };
    if (!daily) return [ofMonth];
    const ofDays = asked.map((day): Wanted => {
      const path = file('daily', day);
      return { path, label, days: [day], proof: 'checksum', ...(monthly ? { month: ofMonth.path } : {}) };
    });
    return monthly && asked.length === lengthOf(month) ? [{ ...ofMonth, instead: ofDays }] : ofDays;
  });
}
