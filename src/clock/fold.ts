/**
 * The fold: rows become beats once, and every rule and every world replays the result. Prices are
 * whole ticks and quantities whole lots held in float64, so sums are exact below 2^53 and a volume
 * does not depend on the order of its rows. This is row speed: typed arrays, no object per row,
 * nothing decided.
 */
import { invariant } from '../basics/errors.ts';
import { type BeatGrid, beatOf, column, endOfBeatUs } from './beats.ts';

/** Changes whenever the same rows would give other frames: part of the cache key. */
export const FOLD_VERSION = 2;

/** Rows of one price stream, oldest first, in ticks and lots. Arrays may be longer than `rows`. */
export interface TradeBatch {
  readonly rows: number;
  readonly tsUs: Float64Array;
  readonly ticks: Float64Array;
  readonly lots: Float64Array;
  /** Lots bought by the taker, 0 or `lots`; null where the source does not say. */
  readonly buyLots: Float64Array | null;
}

/** A price stream on the beat grid, in its own ticks, before it serves a market or a constituent. */
export interface Path {
  /** Last price at or before the end of the beat; NaN before the first. */
  readonly last: Float64Array;
  /** Extremes inside the beat; equal to `last` where nothing traded. */
  readonly high: Float64Array;
  readonly low: Float64Array;
  /** First price inside the beat; NaN where nothing traded. */
  readonly first: Float64Array;
  readonly lots: Float64Array;
  readonly tickLots: Float64Array;
  readonly buyLots: Float64Array;
  readonly trades: Float64Array;
  /** From the last observation to the end of the beat; Infinity before the first. */
  readonly ageUs: Float64Array;
}

/** A path without a single row: the state from which every fold starts. */
export function emptyPath(grid: BeatGrid): Path {
  return {
    last: column(grid, NaN),
    high: column(grid, -Infinity),
    low: column(grid, Infinity),
    first: column(grid, NaN),
    lots: column(grid, 0),
    tickLots: column(grid, 0),
    buyLots: column(grid, 0),
    trades: column(grid, 0),
    ageUs: column(grid, Infinity),
  };
}

/** Nothing to hold: a write beyond the end of a typed array does nothing. */
const NO_COLUMN = new Float64Array(0);

/** A path of which only last price, quantity and age are kept: all that an index looks at. */
export function leanPath(grid: BeatGrid): Path {
  return {
    last: column(grid, NaN),
    lots: column(grid, 0),
    ageUs: column(grid, Infinity),
    high: NO_COLUMN,
    low: NO_COLUMN,
    first: NO_COLUMN,
    tickLots: NO_COLUMN,
    buyLots: NO_COLUMN,
    trades: NO_COLUMN,
  };
}

/** Folds trades batch by batch; memory is that of the beats, however long the file. */
export class TradeFold {
  readonly path: Path;
  private readonly grid: BeatGrid;
  /** Time of the newest row of each beat: a late row never sets `last`. */
  private readonly newestUs: Float64Array;
  private saysBuyer = true;

  constructor(grid: BeatGrid) {
    this.grid = grid;
    this.path = emptyPath(grid);
    this.newestUs = column(grid, -Infinity);
  }

  /**
   * Adds rows that fall inside the grid. Sums stay in local variables while rows stay in one beat.
   * A row older than its predecessor still counts in its own beat, but the newest one is the last price.
   */
  add(batch: TradeBatch): void {
    const { rows, tsUs, ticks, lots } = batch;
    if (rows === 0) return;
    if (batch.buyLots === null) this.saysBuyer = false;
    const buys = batch.buyLots ?? lots;
    let beat = beatOf(this.grid, tsUs[0]!);
    let fromRow = 0;
    let endUs = endOfBeatUs(this.grid, beat);
    let beginUs = endUs - this.grid.beatUs;
    for (let row = 1; row < rows; row++) {
      const ts = tsUs[row]!;
      if (ts < endUs && ts >= beginUs) continue;
      this.addRun(beat, fromRow, row, { rows, tsUs, ticks, lots, buyLots: buys });
      beat = beatOf(this.grid, ts);
      endUs = endOfBeatUs(this.grid, beat);
      beginUs = endUs - this.grid.beatUs;
      fromRow = row;
    }
    this.addRun(beat, fromRow, rows, { rows, tsUs, ticks, lots, buyLots: buys });
  }

  /** Rows [from, to) of a batch, all in one beat. */
  private addRun(
    beat: number,
    from: number,
    to: number,
    batch: TradeBatch & { buyLots: Float64Array },
  ): void {
    const { tsUs, ticks, lots, buyLots } = batch;
    const path = this.path;
    let newest = this.newestUs[beat]!;
    let last = path.last[beat]!;
    let high = path.high[beat]!;
    let low = path.low[beat]!;
    let sumLots = path.lots[beat]!;
    let sumTickLots = path.tickLots[beat]!;
    let sumBuyLots = path.buyLots[beat]!;
    if (path.trades[beat] === 0) path.first[beat] = ticks[from]!;
    for (let row = from; row < to; row++) {
      const tick = ticks[row]!;
      const lot = lots[row]!;
      if (tsUs[row]! >= newest) {
        newest = tsUs[row]!;
        last = tick;
      }
      if (tick > high) high = tick;
      if (tick < low) low = tick;
      sumLots += lot;
      sumTickLots += tick * lot;
      sumBuyLots += buyLots[row]!;
    }
    this.newestUs[beat] = newest;
    path.last[beat] = last;
    path.high[beat] = high;
    path.low[beat] = low;
    path.lots[beat] = sumLots;
    path.tickLots[beat] = sumTickLots;
    path.buyLots[beat] = sumBuyLots;
    path.trades[beat]! += to - from;
  }

  /**
   * Carries the last price over beats without rows and measures ages. Call once, after the last batch.
   *
   * @throws ReplayError INVARIANT when a sum left the whole numbers that float64 holds
   */
  finish(): Path {
    const { path, grid } = this;
    let newestUs = -Infinity;
    for (let beat = 0; beat < grid.beats; beat++) {
      if (path.trades[beat]! > 0) newestUs = Math.max(newestUs, this.newestUs[beat]!);
      else carry(path, beat);
      path.ageUs[beat] = endOfBeatUs(grid, beat) - newestUs;
      invariant(
        path.tickLots[beat]! <= Number.MAX_SAFE_INTEGER,
        'ticks times lots of a beat stay below 2^53',
      );
      if (!this.saysBuyer) path.buyLots[beat] = NaN;
    }
    return path;
  }
}

/** A beat without rows: the last price stands, and it is the whole range. */
export function carry(path: Path, beat: number): void {
  const last = beat === 0 ? NaN : path.last[beat - 1]!;
  path.last[beat] = last;
  path.high[beat] = last;
  path.low[beat] = last;
}

/** Folds a value that simply holds until the next row (a mid, a recorded mark, an open interest). */
export class SampleFold {
  private readonly grid: BeatGrid;
  private readonly values: Float64Array;
  private readonly newestUs: Float64Array;

  constructor(grid: BeatGrid) {
    this.grid = grid;
    this.values = column(grid, NaN);
    this.newestUs = column(grid, -Infinity);
  }

  /** Rows before the grid set the state in which it starts; rows after it are outside the caller's window. */
  add(rows: number, tsUs: Float64Array, values: Float64Array): void {
    for (let row = 0; row < rows; row++) {
      const beat = Math.max(0, beatOf(this.grid, tsUs[row]!));
      if (tsUs[row]! < this.newestUs[beat]!) continue;
      this.newestUs[beat] = tsUs[row]!;
      this.values[beat] = values[row]!;
    }
  }

  /** The value at the end of each beat; NaN before the first row. */
  finish(): Float64Array {
    for (let beat = 1; beat < this.grid.beats; beat++) {
      if (this.newestUs[beat] === -Infinity) this.values[beat] = this.values[beat - 1]!;
    }
    return this.values;
  }
}
