/** Which of the series at hand a scenario of one day is made of, and what is missing: pure. */
import type { Found, WindowMs } from './inventory.ts';

/** The day, and whose perpetual. */
export interface Wanted extends WindowMs {
  readonly venue: string;
  readonly symbol: string;
}

export interface Choice {
  /** The perpetual's own prices; null: there is no scenario without them. */
  readonly perp: Found | null;
  /** One series a spot venue. */
  readonly constituents: readonly Found[];
  /** A finer series that times the path inside the others' bars; null: the finest of the above does. */
  readonly timing: Found | null;
  readonly mark: Found | null;
  readonly funding: Found | null;
  readonly liquidations: Found | null;
  readonly openInterest: Found | null;
  readonly bookTop: Found | null;
  /** Candles of the weeks before, of the same perpetual. */
  readonly before: Found | null;
  /** Whole days of them before the window, at most 30. */
  readonly daysBefore: number;
}

const DAY_MS = 86_400_000;
const DAYS_BEFORE = 30;
/** A series with fewer of its bars than this does not cover a window: it is not about that day. */
const WHOLE = 0.9;
const QUOTES = /(?:-SWAP|_PERP|PERP|-PERPETUAL)?$/;

/** `BTC` of BTCUSDT, XBTUSD, BTC-USDT-SWAP, BTCUSD_PERP, tBTCUSD; '' where it cannot be told. */
export function baseOf(symbol: string): string {
  const plain = symbol.toUpperCase().replace(QUOTES, '').replace(/[-_/]/g, '');
  const base = /^([A-Z0-9]+?)(USDT|USDC|BUSD|USD|EUR)?$/.exec(plain)?.[1] ?? '';
  return base === 'XBT' ? 'BTC' : base;
}

/** Currency in which a symbol is quoted; USD where it does not say. */
export const quoteOf = (symbol: string): string =>
  /(USDT|USDC|BUSD|USD|EUR)/.exec(symbol.toUpperCase().replace(/[-_/]/g, ''))?.[1] ?? 'USD';

/** Candles and trades of the wanted perpetual. */
export const perpPrices = (found: readonly Found[], wanted: Wanted): Found[] =>
  found.filter(
    (f) => f.venue === wanted.venue && f.market === 'perp' && alike(f.symbol, wanted.symbol) && isPrice(f),
  );

const isPrice = (f: Found): boolean =>
  (f.kind === 'candles' || f.kind === 'trades') && f.priceType === 'trade';

/** Winners closed by a venue: written as liquidations are, but none of them. */
const isDeleveraging = ({ path }: Found): boolean => path.includes('/autoDeleveraging/');

/** Chooses: whole coverage first, then the finest interval, then single events before bars. */
export function choose(found: readonly Found[], wanted: Wanted): Choice {
  const base = baseOf(wanted.symbol);
  const same = (f: Found): boolean =>
    f.venue === wanted.venue && f.market === 'perp' && alike(f.symbol, wanted.symbol);
  const length = wanted.untilMs - wanted.fromMs;
  const covers = (f: Found): boolean =>
    f.fromMs <= wanted.fromMs &&
    f.untilMs >= wanted.untilMs &&
    f.rows >= (WHOLE * length) / Math.max(1, f.intervalMs || length);
  const touches = (f: Found): boolean => f.rows > 0;
  const prices = (f: Found): boolean =>
    (f.kind === 'candles' || f.kind === 'trades') && f.priceType === 'trade';
  const one = (kind: Found['kind']): Found | null =>
    finest(found.filter((f) => same(f) && f.kind === kind && touches(f) && !isDeleveraging(f)));
  const perp = finest(found.filter((f) => same(f) && prices(f) && covers(f)));
  const spot = found.filter(
    (f) =>
      f.market === 'spot' &&
      prices(f) &&
      covers(f) &&
      baseOf(f.symbol) === base &&
      /USD/.test(f.symbol) &&
      !/BUSD/.test(f.symbol),
  );
  const venues = [...new Set(spot.map((f) => f.venue))].sort();
  const constituents = venues.map((venue) => finest(spot.filter((f) => f.venue === venue))!);
  const timing = finest(
    found.filter(
      (f) =>
        prices(f) && f.kind === 'candles' && covers(f) && baseOf(f.symbol) === base && f.market === 'perp',
    ),
  );
  const before = longest(
    found.filter((f) => same(f) && prices(f) && f.kind === 'candles'),
    wanted,
  );
  return {
    perp,
    constituents,
    timing:
      timing !== null && perp !== null && timing !== perp && timing.intervalMs < perp.intervalMs
        ? timing
        : null,
    mark: finest(found.filter((f) => same(f) && f.priceType === 'mark' && covers(f))),
    funding: one('funding'),
    liquidations: one('liquidations'),
    openInterest: one('openInterest'),
    bookTop: one('bookTop'),
    before,
    daysBefore: before === null ? 0 : daysOf(before, wanted),
  };
}

/** The same symbol but for separators and what a venue hangs on a perpetual's name. */
const alike = (a: string, b: string): boolean => {
  const bare = (text: string): string => text.toUpperCase().replace(QUOTES, '').replace(/[-_/]/g, '');
  return bare(a) === bare(b) || (baseOf(a) === baseOf(b) && !/USD/.test(bare(a)));
};

/** Single events first, then the shortest bars, then the first by path. */
function finest(found: readonly Found[]): Found | null {
  const order = [...found].sort(
    (a, b) => a.intervalMs - b.intervalMs || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
  return order[0] ?? null;
}

const daysOf = (f: Found, { fromMs }: Wanted): number =>
  Math.max(0, Math.min(DAYS_BEFORE, Math.floor((fromMs - f.fromMs) / DAY_MS)));

/** The series that reaches furthest back, up to 30 days; of equal ones the coarsest, which is read fastest. */
function longest(found: readonly Found[], wanted: Wanted): Found | null {
  const reaching = found.filter((f) => f.untilMs >= wanted.fromMs && daysOf(f, wanted) > 0);
  return (
    [...reaching].sort((a, b) => daysOf(b, wanted) - daysOf(a, wanted) || b.intervalMs - a.intervalMs)[0] ??
    null
  );
}
