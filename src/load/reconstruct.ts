/**
 * Reconstruction: a tape of beats rebuilt from hourly anchors. What is published (open, high, low,
 * close and volume of every hour) is kept exactly; what is not, the path between, is drawn by seed:
 * two seeds give two tapes with the same bars. One path an hour serves all venues, bent to each one's
 * own bar by withinBar.ts, so that no venue diverges on a path of its own.
 */
import type { Micros } from '../basics/instant.ts';
import { draw, hashText } from '../basics/draw.ts';
import { log, normalQuantile } from '../basics/maths.ts';
import { type Place, ReplayError } from '../basics/errors.ts';
import { parse } from '../basics/exact.ts';
import { type BeatGrid, endOfBeatUs } from '../clock/beats.ts';
import { emptyPath, type Path } from '../clock/fold.ts';
import type { StreamSpec } from '../rules/facts.ts';
import type { AnchorBar, Anchors, AnchorSeries } from './anchors.ts';
import { type Bars, emptyBars } from './candles.ts';
import type { Judge } from './quality.ts';
import { FLOAT_TOLERANCE, lotsOf, STEP_TOLERANCE, type Units } from './units.ts';

/**
 * Spread of the path within a bar, in units of its range: a driftless path of unit time spans about
 * 1.6 standard deviations (E[range] = 2 sqrt(2 / pi) sigma: W. Feller, "The asymptotic distribution of
 * the range of sums of independent random variables", 1951), so a range of 1 belongs to about 0.63.
 */
const SIGMA = 0.63;

/** Everything below this rounds to the extreme it must stay clear of: only the drawn instants touch. */
const CLEAR = 1e-6;

/** A draw may be 0, which has no normal quantile. */
const MIN_UNIFORM = Number.EPSILON / 2;

/** The series of a stream: `perp`, `mark`, or a constituent by its name. @throws ReplayError DATA_MISSING */
export function seriesOf(anchors: Anchors, spec: StreamSpec, file: string): AnchorSeries {
  const name = spec.role === 'constituent' ? spec.name : spec.role;
  const series = anchors.series.get(name);
  if (series !== undefined) return series;
  const names = [...anchors.series.keys()].join(', ');
  throw new ReplayError(
    'DATA_MISSING',
    `There is no series ${name}; the file has ${names}.`,
    { file },
    'Correct role or name of the stream.',
  );
}

/**
 * Bars of one series of anchors on the grid's window, in ticks and lots.
 *
 * @throws ReplayError DATA_SCHEMA (no sound bar, off tick), DATA_GAP (bars missing, or nothing traded in one)
 */
export function anchorBars(
  series: AnchorSeries,
  options: { intervalUs: Micros; grid: BeatGrid; units: Units; judge: Judge; file: string },
): Bars {
  const { intervalUs, grid, units, judge, file } = options;
  const window = { fromUs: grid.startUs, untilUs: endOfBeatUs(grid, grid.beats - 1) };
  const hasVolume = series.bars.some((bar) => bar.volume !== '');
  const bars = emptyBars(intervalUs, window, hasVolume);
  let still = 0;
  for (const anchor of series.bars) {
    const bar = (anchor.tsUs - bars.startUs) / intervalUs;
    if (bar < 0 || bar >= bars.count) continue;
    placeAnchor(bars, bar, anchor, { units, file });
    if (hasVolume && bars.lots[bar] === 0) still++;
  }
  if (still > 0) judge.problem('zeroVolume', `nothing traded in ${still} bars.`, null, still);
  const missing = bars.close.filter((close) => Number.isNaN(close)).length;
  if (missing > 0) judge.problem('gaps', `${missing} bars are missing.`, null, missing);
  return bars;
}

function placeAnchor(
  bars: Bars,
  bar: number,
  anchor: AnchorBar,
  { units, file }: { units: Units; file: string },
): void {
  const ticks = (text: string): number => ticksOf(text, units, { file, tsUs: anchor.tsUs });
  const [open, high, low, close] = [
    ticks(anchor.open),
    ticks(anchor.high),
    ticks(anchor.low),
    ticks(anchor.close),
  ];
  const isSound = low <= Math.min(open, close) && Math.max(open, close) <= high;
  if (!Number.isInteger(bar) || !Number.isNaN(bars.close[bar]!) || !isSound) {
    const remedy = 'Correct the line: one bar an interval, low <= open, close <= high.';
    throw new ReplayError(
      'DATA_SCHEMA',
      'No sound bar, or there twice.',
      { file, tsUs: anchor.tsUs },
      remedy,
    );
  }
  bars.open[bar] = open;
  bars.high[bar] = high;
  bars.low[bar] = low;
  bars.close[bar] = close;
  if (bars.hasVolume) bars.lots[bar] = Math.round(lotsOf(units, Number(anchor.volume), Number(anchor.close)));
}

function ticksOf(text: string, units: Units, place: Place): number {
  const exact = parse('price', text).toNumber() * units.perTick;
  const ticks = Math.round(exact);
  if (exact > 0 && Math.abs(exact - ticks) <= STEP_TOLERANCE + FLOAT_TOLERANCE * exact) return ticks;
  throw new ReplayError(
    'DATA_SCHEMA',
    `Price ${text} is no multiple of the tick ${units.tick}.`,
    place,
    'Correct the tick of the market or stream.',
  );
}

/**
 * The common path of all series: per bar a random walk from open to close that touches high and low
 * at drawn beats and nowhere else, and a drawn share of the volume in each beat.
 *
 * @param bars  of the perpetual, whose corners the path has
 * @param seed  of the reconstruction
 * @returns     a path on the scale 0 (low) to 1 (high) of each bar, for `bend`
 */
export function seededPath(bars: Bars, grid: BeatGrid, seed: string): Path {
  const path = emptyPath(grid);
  const beats = bars.intervalUs / grid.beatUs;
  const offset = (bars.startUs - grid.startUs) / grid.beatUs;
  const seedHash = hashText(seed);
  for (let bar = 0; bar < bars.count; bar++) {
    // an id of its own for every bar of history: a longer window does not change the draws of an hour
    const id = bars.startUs / bars.intervalUs + bar;
    const walk = walkOf(bars, bar, beats, (field, b) => draw(seedHash, id * 65536 + b, hashText(field)));
    for (let b = 0; b < beats; b++) {
      const beat = offset + bar * beats + b;
      if (beat < 0 || beat >= grid.beats) continue;
      path.last[beat] = walk.price[b]!;
      path.high[beat] = walk.price[b]!;
      path.low[beat] = walk.price[b]!;
      path.lots[beat] = walk.weight[b]!;
    }
  }
  return path;
}

type Uniform = (field: string, beat: number) => number;

function walkOf(
  bars: Bars,
  bar: number,
  beats: number,
  uniform: Uniform,
): { price: Float64Array; weight: Float64Array } {
  const range = bars.high[bar]! - bars.low[bar]!;
  const at = (ticks: number): number => (range > 0 ? (ticks - bars.low[bar]!) / range : 0.5);
  // beats 1 .. beats - 2, two different ones: open and close keep the ends
  const inner = beats - 2;
  const highBeat = 1 + Math.floor(uniform('high', 0) * inner);
  const lowDraw = 1 + Math.floor(uniform('low', 0) * (inner - 1));
  const lowBeat = lowDraw >= highBeat ? lowDraw + 1 : lowDraw;
  const knots: [number, number][] = [
    [0, at(bars.open[bar]!)],
    [highBeat, 1],
    [lowBeat, 0],
    [beats - 1, at(bars.close[bar]!)],
  ];
  const price = new Float64Array(beats);
  const weight = new Float64Array(beats);
  const step = SIGMA / Math.sqrt(beats);
  const sorted = knots.sort(([a], [b]) => a - b);
  price[0] = sorted[0]![1];
  for (let knot = 1; knot < sorted.length; knot++) {
    const [from, [to, target]] = [sorted[knot - 1]![0], sorted[knot]!];
    bridge(price, {
      from,
      to,
      target,
      step,
      normal: (b) => normalQuantile(Math.max(uniform('walk', b), MIN_UNIFORM)),
    });
  }
  // exponential weights: a few beats carry most of the volume
  for (let b = 0; b < beats; b++) weight[b] = -log(1 - uniform('volume', b));
  return { price, weight };
}

/** A random bridge from price[from] to `target` at beat `to`, reflected so as to stay clear of 0 and 1. */
function bridge(
  price: Float64Array,
  way: { from: number; to: number; target: number; step: number; normal: (beat: number) => number },
): void {
  for (let b = way.from + 1; b < way.to; b++) {
    const left = way.to - b + 1;
    const drift = (way.target - price[b - 1]!) / left;
    const noise = way.step * Math.sqrt((left - 1) / left) * way.normal(b);
    const reflected = Math.abs(price[b - 1]! + drift + noise);
    const folded = reflected > 1 ? Math.abs(2 - reflected) : reflected;
    price[b] = Math.min(Math.max(folded, CLEAR), 1 - CLEAR);
  }
  price[way.to] = way.target;
}
