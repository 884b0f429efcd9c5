/**
 * The path of a price inside its bar. Nobody recorded it, so it is an assumption; but it is one
 * assumption per market: all series that meet in a mark turn at the same instants. A 1-minute
 * perpetual set against an hourly spot series on a path of its own would invent a basis, and with it
 * liquidations that never were.
 *
 * Two ways to fill a bar. `straight` joins open, first extreme, second extreme and close by lines.
 * `bend` lays a series along the path x of a finer one (the timing series):
 *
 *   base(t) = low + (high - low) * (x(t) - min x) / (max x - min x)
 *
 * so it is high and low exactly when x is; before the first extreme the distance from base to the
 * series' own open, and after the second the distance to its own close, fades in linearly. Either way
 * each bar hits its own open, high, low and close, and the volume is spread in whole lots that sum to
 * the bar's.
 */
import { invariant } from '../basics/errors.ts';
import { type BeatGrid, endOfBeatUs } from '../clock/beats.ts';
import { carry, emptyPath, leanPath, type Path } from '../clock/fold.ts';
import { type Bars, emptyBars } from './candles.ts';

/** Beats of a bar, counted from its opening, in which the extremes stand; first <= second. */
export interface TurningPoints {
  readonly first: number;
  readonly second: number;
  readonly lowFirst: boolean;
}

/** Turning points of `straight`: thirds of the bar, on beat ends; from 4 beats on clear of open and close. */
export function thirds(beats: number, lowFirst: boolean): TurningPoints {
  if (beats === 3) return { first: 0, second: 1, lowFirst };
  return { first: Math.floor(beats / 3), second: Math.floor((2 * beats) / 3), lowFirst };
}

/** One bar's open, extremes and close, ticks. */
interface Corners {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** What one bar becomes: prices per beat, and the share of its volume traded by the end of each. */
interface Filled {
  readonly last: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly volumeBy: Float64Array;
}

type Fill = (bar: number, corners: Corners, beats: number, firstBeat: number) => Filled;

/**
 * Bars on the beat grid, each joined by straight lines.
 *
 * @param turns  of a bar, given its index and its number of beats
 */
export function straight(
  bars: Bars,
  grid: BeatGrid,
  turns: (bar: number, beats: number) => TurningPoints,
): Path {
  return overBars(emptyPath(grid), bars, grid, (bar, corners, beats) =>
    straightBar(corners, beats, turns(bar, beats)),
  );
}

/**
 * Bars on the beat grid, bent along a timing path. A bar in which the timing path is flat, or not
 * there, is straight; which extreme comes first is then the timing path's sign, so still common.
 */
export function bend(bars: Bars, grid: BeatGrid, timing: Path, isLean = false): Path {
  const path = isLean ? leanPath(grid) : emptyPath(grid);
  return overBars(path, bars, grid, (_bar, corners, beats, firstBeat) => {
    const from = Math.max(0, firstBeat);
    const until = Math.min(grid.beats, firstBeat + beats);
    const shape = until - from === beats ? shapeOf(timing, from, until) : null;
    if (shape !== null) return bentBar(corners, shape, timing, isLean);
    const volumeBy = until - from === beats ? volumeShares(timing, from, until) : null;
    return straightBar(
      corners,
      beats,
      thirds(beats, timing.last[until - 1]! >= timing.last[from]!),
      volumeBy,
    );
  });
}

/** Bars no longer than a beat: their prices and volumes simply fall into it. */
export function foldBars(bars: Bars, grid: BeatGrid): Path {
  invariant(bars.intervalUs <= grid.beatUs, 'bars folded into beats are no longer than a beat');
  const coarse = aggregate(bars, grid.beatUs);
  return overBars(emptyPath(grid), coarse, grid, (_bar, corners) => straightBar(corners, 1, thirds(1, true)));
}

/**
 * Bars of a longer interval: first open, extremes, last close, sums. Missing bars are left out; a bar
 * is missing only where all of its parts are.
 */
export function aggregate(bars: Bars, intervalUs: number): Bars {
  if (intervalUs === bars.intervalUs) return bars;
  invariant(intervalUs % bars.intervalUs === 0, 'bars are aggregated to a multiple of their interval');
  const untilUs = bars.startUs + bars.count * bars.intervalUs;
  const out = emptyBars(intervalUs, { fromUs: bars.startUs, untilUs }, bars.hasVolume);
  for (let bar = 0; bar < bars.count; bar++) {
    if (Number.isNaN(bars.close[bar]!)) continue;
    const into = Math.floor((bars.startUs + bar * bars.intervalUs - out.startUs) / intervalUs);
    merge(out, into, {
      open: bars.open[bar]!,
      high: bars.high[bar]!,
      low: bars.low[bar]!,
      close: bars.close[bar]!,
    });
    addVolume(out, into, { lots: bars.lots[bar]!, buyLots: bars.buyLots[bar]!, trades: bars.trades[bar]! });
  }
  return out;
}

/** Bars of a recorded path (trades): what a candle feed would have shown. */
export function barsOfPath(path: Path, grid: BeatGrid, intervalUs: number): Bars {
  const window = { fromUs: grid.startUs, untilUs: endOfBeatUs(grid, grid.beats - 1) };
  const out = emptyBars(intervalUs, window, true);
  for (let beat = 0; beat < grid.beats; beat++) {
    if (path.trades[beat] === 0) continue;
    const into = Math.floor((grid.startUs + beat * grid.beatUs - out.startUs) / intervalUs);
    merge(out, into, {
      open: path.first[beat]!,
      high: path.high[beat]!,
      low: path.low[beat]!,
      close: path.last[beat]!,
    });
    addVolume(out, into, {
      lots: path.lots[beat]!,
      buyLots: path.buyLots[beat]!,
      trades: path.trades[beat]!,
    });
  }
  return out;
}

function merge(out: Bars, into: number, part: Corners): void {
  const isNew = Number.isNaN(out.close[into]!);
  if (isNew) out.open[into] = part.open;
  out.high[into] = isNew ? part.high : Math.max(out.high[into]!, part.high);
  out.low[into] = isNew ? part.low : Math.min(out.low[into]!, part.low);
  out.close[into] = part.close;
  if (isNew) out.buyLots[into] = out.trades[into] = 0;
}

/** Lots, taker-buy lots and number of trades of a bar or beat; NaN where the source does not say. */
interface Volume {
  readonly lots: number;
  readonly buyLots: number;
  readonly trades: number;
}

function addVolume(out: Bars, into: number, part: Volume): void {
  out.lots[into]! += part.lots;
  out.buyLots[into]! += part.buyLots; // NaN where one part does not say
  out.trades[into]! += part.trades;
}

/** Walks the bars, fills each and writes what lies inside the grid. */
function overBars(path: Path, bars: Bars, grid: BeatGrid, fill: Fill): Path {
  path.buyLots.fill(NaN);
  path.trades.fill(NaN);
  const beats = bars.intervalUs / grid.beatUs;
  const offset = (bars.startUs - grid.startUs) / grid.beatUs;
  let observedUs = -Infinity;
  for (let bar = 0; bar < bars.count; bar++) {
    const firstBeat = offset + bar * beats;
    const corners = {
      open: bars.open[bar]!,
      high: bars.high[bar]!,
      low: bars.low[bar]!,
      close: bars.close[bar]!,
    };
    const isThere = !Number.isNaN(corners.close);
    const isObserved = isThere && (!bars.hasVolume || bars.lots[bar]! > 0);
    if (isThere) {
      const volume = { lots: bars.lots[bar]!, buyLots: bars.buyLots[bar]!, trades: bars.trades[bar]! };
      write(path, firstBeat, fill(bar, corners, beats, firstBeat), volume);
    }
    for (let beat = Math.max(0, firstBeat); beat < Math.min(grid.beats, firstBeat + beats); beat++) {
      if (!isThere) carry(path, beat);
      path.ageUs[beat] = isObserved ? 0 : endOfBeatUs(grid, beat) - observedUs;
    }
    if (isObserved) observedUs = bars.startUs + (bar + 1) * bars.intervalUs;
  }
  return path;
}

/**
 * Writes one filled bar. Whole lots per beat sum to the bar's volume: they are differences of rounded
 * cumulated shares.
 */
function write(path: Path, firstBeat: number, filled: Filled, total: Volume): void {
  const buyShare = total.lots > 0 ? total.buyLots / total.lots : total.buyLots * 0; // NaN stays NaN
  let [lotsBefore, buysBefore, tradesBefore] = [0, 0, 0];
  for (let b = 0; b < filled.last.length; b++) {
    const share = filled.volumeBy[b]!;
    const lotsBy = Math.round(total.lots * share);
    const buysBy = Math.round(buyShare * lotsBy);
    const tradesBy = Math.round(total.trades * share);
    const beat = firstBeat + b;
    if (beat >= 0 && beat < path.last.length) {
      path.last[beat] = filled.last[b]!;
      path.high[beat] = filled.high[b]!;
      path.low[beat] = filled.low[b]!;
      path.lots[beat] = lotsBy - lotsBefore;
      path.buyLots[beat] = buysBy - buysBefore;
      path.trades[beat] = tradesBy - tradesBefore;
      path.tickLots[beat] = path.last[beat]! * path.lots[beat]!;
    }
    [lotsBefore, buysBefore, tradesBefore] = [lotsBy, buysBy, tradesBy];
  }
}

function straightBar(
  corners: Corners,
  beats: number,
  turns: TurningPoints,
  volumeBy: Float64Array | null = null,
): Filled {
  const { open, high, low, close } = corners;
  const knots = new Map<number, number>(beats >= 4 ? [[0, open]] : []);
  knots.set(turns.first, turns.lowFirst ? low : high);
  knots.set(turns.second, turns.lowFirst ? high : low);
  knots.set(beats - 1, close);
  const last = new Float64Array(beats);
  let [fromBeat, fromValue] = [-1, open];
  for (const [beat, value] of [...knots].sort(([a], [b]) => a - b)) {
    for (let b = fromBeat + 1; b <= beat; b++) {
      last[b] = Math.round(fromValue + ((value - fromValue) * (b - fromBeat)) / (beat - fromBeat));
    }
    [fromBeat, fromValue] = [beat, value];
  }
  const filled = { last, high: last.slice(), low: last.slice(), volumeBy: volumeBy ?? evenShares(beats) };
  return touching(
    filled,
    corners,
    turns.lowFirst ? turns.second : turns.first,
    turns.lowFirst ? turns.first : turns.second,
  );
}

/** The range of each beat: from the price before to the last, and the bar's extremes in their own beats. */
function touching(filled: Filled, corners: Corners, highBeat: number, lowBeat: number): Filled {
  let before = corners.open;
  for (let b = 0; b < filled.last.length; b++) {
    filled.high[b] = Math.max(filled.high[b]!, before, filled.last[b]!);
    filled.low[b] = Math.min(filled.low[b]!, before, filled.last[b]!);
    before = filled.last[b]!;
  }
  filled.high[highBeat] = corners.high;
  filled.low[lowBeat] = corners.low;
  return filled;
}

const evenShares = (beats: number): Float64Array =>
  Float64Array.from({ length: beats }, (_, b) => (b + 1) / beats);

/** The timing path over one bar: its range, and where it first touches both ends. */
interface Shape {
  readonly from: number;
  readonly beats: number;
  readonly min: number;
  readonly range: number;
  readonly highBeat: number;
  readonly lowBeat: number;
  readonly volumeBy: Float64Array;
}

/** null where the path has no value or no range. */
function shapeOf(timing: Path, from: number, until: number): Shape | null {
  let [highBeat, lowBeat] = [from, from];
  for (let beat = from; beat < until; beat++) {
    if (Number.isNaN(timing.last[beat]!)) return null;
    if (timing.high[beat]! > timing.high[highBeat]!) highBeat = beat;
    if (timing.low[beat]! < timing.low[lowBeat]!) lowBeat = beat;
  }
  const min = timing.low[lowBeat]!;
  const range = timing.high[highBeat]! - min;
  if (!(range > 0)) return null;
  const volumeBy = volumeShares(timing, from, until);
  return {
    from,
    beats: until - from,
    min,
    range,
    highBeat: highBeat - from,
    lowBeat: lowBeat - from,
    volumeBy,
  };
}

/** Share of the timing series' volume traded by the end of each beat; even where it traded nothing. */
function volumeShares(timing: Path, from: number, until: number): Float64Array {
  const by = new Float64Array(until - from);
  let sum = 0;
  for (let beat = from; beat < until; beat++) by[beat - from] = sum += timing.lots[beat]!;
  return sum > 0 ? by.map((x) => x / sum) : evenShares(until - from);
}

function bentBar(corners: Corners, shape: Shape, timing: Path, isLean: boolean): Filled {
  const { open, high, low, close } = corners;
  const { from, beats, min, range, highBeat, lowBeat, volumeBy } = shape;
  const first = Math.min(highBeat, lowBeat);
  const second = Math.max(highBeat, lowBeat);
  const base = (x: number): number => low + ((high - low) * (x - min)) / range;
  const clamp = (value: number): number => Math.round(Math.min(Math.max(value, low), high));
  const openShift = open - base(timing.last[from]!);
  const closeShift = close - base(timing.last[from + beats - 1]!);
  const filled = {
    last: new Float64Array(beats),
    high: new Float64Array(isLean ? 0 : beats),
    low: new Float64Array(isLean ? 0 : beats),
    volumeBy,
  };
  for (let b = 0; b < beats; b++) {
    const beat = from + b;
    let shift = 0;
    if (b < first) shift = openShift * (1 - b / first);
    else if (b > second) shift = (closeShift * (b - second)) / (beats - 1 - second);
    filled.last[b] = b === beats - 1 ? close : clamp(base(timing.last[beat]!) + shift);
    if (isLean) continue;
    filled.high[b] = Math.max(clamp(base(timing.high[beat]!) + shift), filled.last[b]!);
    filled.low[b] = Math.min(clamp(base(timing.low[beat]!) + shift), filled.last[b]!);
  }
  filled.high[0] = Math.max(filled.high[0]!, open);
  filled.low[0] = Math.min(filled.low[0]!, open);
  filled.high[highBeat] = high;
  filled.low[lowBeat] = low;
  return filled;
}
