/**
 * Frames: what each beat's rows amount to, per market and constituent, as columns. The pass over
 * raw rows depends on facts alone (and on the stated within-bar timing of candles); every rule and
 * every world replays the same frames. Prices are whole ticks and quantities whole lots, so that
 * sums are exact and a quotient never enters.
 */
import type { Micros } from '../basics/instant.ts';
import type { MarketId } from '../rules/market.ts';

/** All arrays have one entry a beat. Beat b covers [startUs + b*beatUs, startUs + (b+1)*beatUs). */
export interface MarketFrames {
  /** Last trade at or before the end of the beat, price ticks; NaN before the first. */
  readonly lastTicks: Float64Array;
  /** Highest and lowest trade inside the beat; equal to lastTicks where nothing traded. */
  readonly highTicks: Float64Array;
  readonly lowTicks: Float64Array;
  /** Traded quantity, lots. */
  readonly lots: Float64Array;
  /** Sum of price ticks * lots. */
  readonly tickLots: Float64Array;
  /** Quantity bought by takers, lots; NaN where the source does not say. */
  readonly buyLots: Float64Array;
  /** Number of trades; NaN where the source does not say (most candles). */
  readonly trades: Float64Array;
  /** Best bid + best ask at the end of the beat, ticks (twice the mid); null without a book. */
  readonly bidPlusAskTicks: Float64Array | null;
  /** Best bid at the end of the beat, ticks; absent or null where only the mid was recorded, or no book. */
  readonly bidTicks?: Float64Array | null;
  /** Recorded mark price at the end of the beat, a published number; null without one. */
  readonly recordedMarkF64: Float64Array | null;
  /** Recorded open interest, lots; null without one. */
  readonly openInterestLots: Float64Array | null;
}

export interface ConstituentFrames {
  readonly name: string;
  /** Tick of lastTicks, decimal text: constituents have their own. */
  readonly tick: string;
  readonly lastTicks: Float64Array;
  /** Microseconds from the last observation to the end of the beat; Infinity before the first. */
  readonly ageUs: Float64Array;
  readonly lots: Float64Array;
}

export interface FundingStamp {
  readonly tsUs: Micros;
  readonly market: MarketId;
  /** Rate of the interval that ends here, decimal text. */
  readonly rate: string;
}

export interface Outage {
  readonly fromUs: Micros;
  readonly untilUs: Micros;
  readonly part: 'matching' | 'engine' | 'feed';
}

export interface FundBalance {
  readonly tsUs: Micros;
  readonly fund: string;
  readonly balance: string;
}

export interface ObservedLiquidation {
  readonly tsUs: Micros;
  readonly market: MarketId;
  /** Side of the liquidated position. */
  readonly side: 'long' | 'short';
  readonly lots: number;
  readonly priceTicks: number;
}

/** Something an account does by itself: money in or out, an order filled or cancelled, a position opened. */
export interface AccountEvent {
  readonly tsUs: Micros;
  readonly account: string;
  readonly kind: 'deposit' | 'withdraw' | 'open' | 'cancelOrders';
  readonly market: MarketId | null;
  readonly side: 'long' | 'short' | null;
  /** Money for deposit and withdraw, quantity for open; decimal text. */
  readonly amount: string;
  readonly price: string | null;
}

/** Sorted by time; never folded. */
export interface SideTables {
  readonly funding: readonly FundingStamp[];
  readonly outages: readonly Outage[];
  readonly fundBalances: readonly FundBalance[];
  readonly observedLiquidations: readonly ObservedLiquidation[];
  readonly accountEvents: readonly AccountEvent[];
}

/** One input stream, for the report's provenance and data-quality panels. */
export interface StreamProvenance {
  readonly stream: string;
  readonly kind: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  /** Bar length, or 0 for single events. */
  readonly intervalUs: Micros;
  readonly rowsRead: number;
  /** Problems that the scenario accepted by name, with their number. */
  readonly accepted: Readonly<Record<string, number>>;
  /** recorded, reconstructed (a path within real bars is always stated apart) or synthetic. */
  readonly nature: 'recorded' | 'reconstructed' | 'synthetic';
}

export interface Frames {
  /** sha256 of everything the frames depend on: the cache key. */
  readonly key: string;
  readonly startUs: Micros;
  readonly beatUs: Micros;
  readonly beats: number;
  readonly markets: ReadonlyMap<MarketId, MarketFrames>;
  /** Constituents of each market's index, in the scenario's order. */
  readonly constituents: ReadonlyMap<MarketId, readonly ConstituentFrames[]>;
  /** The same market's perpetuals at other venues, where a scenario has them. */
  readonly references?: ReadonlyMap<MarketId, readonly ConstituentFrames[]>;
  readonly side: SideTables;
  readonly streams: readonly StreamProvenance[];
}

/** End of beat b: the instant at which its mark is priced. */
export const beatEndUs = (frames: Frames, beat: number): Micros =>
  frames.startUs + (beat + 1) * frames.beatUs;
