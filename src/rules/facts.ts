/** What a scenario states as recorded: markets, streams, outages, published figures. Never edited by a run. */
import type { Micros } from '../basics/instant.ts';
import type { Market, MarketId } from './market.ts';

export type Problem =
  | 'duplicates'
  | 'gaps'
  | 'outliers'
  | 'openOutsideRange'
  | 'zeroVolume'
  | 'beyondWindow'
  | 'disorder';

/** One input stream: where it is, what its columns are called, and in which units it speaks. */
export interface StreamSpec {
  /** Unique in the scenario: `perp`, `spot-binance`, `funding`, ... */
  readonly id: string;
  readonly market: MarketId;
  readonly kind:
    | 'trades'
    | 'candles'
    | 'bookTop'
    | 'funding'
    | 'openInterest'
    | 'mark'
    | 'fundBalance'
    | 'liquidations'
    | 'accountEvents'
    | 'anchors';
  /** What a price stream (trades, candles, bookTop, anchors) is a price of. */
  readonly role: 'perp' | 'constituent' | 'reference' | 'mark' | 'index' | 'none';
  /** Constituent name, venue of a reference (the same perpetual elsewhere), or fund name; empty otherwise. */
  readonly name: string;
  /**
   * Parquet path or glob; relative to the data folder (`--data`), else to the scenario file. `anchors`: a
   * YAML file of figures.
   */
  readonly path: string;
  /**
   * Our column name -> the file's: time, open, high, low, close, volume, price, qty, side, bid, ask, rate,
   * ... Identity where absent.
   */
  readonly columns: Readonly<Record<string, string>>;
  /** Equality filters on the file's columns: `venue: binance`. */
  readonly filter: Readonly<Record<string, string>>;
  readonly timeUnit: 'ms' | 'us' | 'ns';
  /** Bar length of candles; 0 for single events. */
  readonly intervalUs: Micros;
  readonly quote: string;
  /** Unit of volume or quantity columns. */
  readonly qtyUnit: 'base' | 'contracts' | 'quote';
  /** Price tick of a constituent, decimal text; a perp uses its market's. */
  readonly tick: string;
  /** Problems accepted by name; anything else found is an error. */
  readonly accept: readonly Problem[];
  readonly source: string;
}

/** How USD and USDT constituents meet in one index: said by the scenario, never guessed. */
export type QuotePolicy =
  | { readonly kind: 'same' } // all constituents quote in one currency; anything else is an error
  | { readonly kind: 'asIs' }
  /** Divide by a rate stream's last price: constituents in `from` become `to`. */
  | { readonly kind: 'convert'; readonly from: string; readonly to: string; readonly stream: string };

/** A figure that somebody published about the day: the left column of the reconciliation table. */
export interface PublishedFigure {
  readonly what:
    | 'liquidatedLong'
    | 'liquidatedShort'
    | 'openInterestChange'
    | 'fundChange'
    | 'adlNotional'
    | 'markLow'
    | 'perpLow'
    | 'liquidatedTotal';
  readonly market: MarketId | null;
  /** Part of the window that the figure covers; null: the whole window. */
  readonly fromUs: Micros | null;
  readonly untilUs: Micros | null;
  readonly value: string;
  readonly unit: string;
  readonly source: string;
  /** What the figure covers if not exactly our market (another venue, all coins): shown beside it. */
  readonly note: string;
  /** For `cascade calibrate`: how far off it may be, as a factor above 1; absent: by date, docs/calibration.md. */
  readonly tolerance?: number;
  /** For `cascade calibrate`: the part of a wider figure that falls on this market, assumed; absent: all of it. */
  readonly ourShare?: number;
}

export interface Facts {
  readonly fromUs: Micros;
  readonly untilUs: Micros;
  readonly beatUs: Micros;
  readonly markets: Readonly<Record<MarketId, Market>>;
  readonly streams: readonly StreamSpec[];
  /** Id of the price stream whose path inside a bar all others follow under the timing `common`; '' = the finest. */
  readonly timingStream: string;
  readonly quote: Readonly<Record<MarketId, QuotePolicy>>;
  readonly outages: readonly {
    readonly fromUs: Micros;
    readonly untilUs: Micros;
    readonly part: 'matching' | 'engine' | 'feed';
    readonly source: string;
  }[];
  /** Daily candles of the 30 days before, per market: sigma, volume and entry-price profile come from them. */
  readonly before: Readonly<Record<MarketId, readonly DailyBar[]>>;
  /** The same days in shorter candles, per market that asks for them. */
  readonly burnIn?: Readonly<Record<MarketId, BurnIn>>;
  readonly published: readonly PublishedFigure[];
}

export interface DailyBar {
  readonly tsUs: Micros;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Base units (linear) or contracts (inverse). */
  readonly volume: number;
}

/** A candle shorter than a day. */
export interface BurnInBar extends DailyBar {
  /** Mean traded price: rows of the file by their (open + high + low + close) / 4 and volume. */
  readonly average: number;
}

/** What went before in candles shorter than a day: when and where drawn positions were opened. */
export interface BurnIn {
  readonly bucketUs: Micros;
  /** Oldest first; buckets without data are absent. */
  readonly bars: readonly BurnInBar[];
  /** Recorded open interest at the end of each bar; only its shape counts. null: constant. */
  readonly openInterest: readonly number[] | null;
}
