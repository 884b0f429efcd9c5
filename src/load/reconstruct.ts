/**
 * Reconstruction: a tape of beats rebuilt from hourly anchors. What is published (open, high, low,
 * close and volume of every hour) is kept exactly; what is not, the path between, is drawn by seed:
 * two seeds give two tapes with the same bars. One path an hour serves all venues, bent to each one's
 * own bar by withinBar.ts, so that no venue diverges on a path of its own.
 */
import { draw, hashText } from '../basics/draw.ts';
import { log, normalQuantile } from '../basics/maths.ts';
import { ReplayError } from '../basics/errors.ts';
import { parse } from '../basics/exact.ts';
import { type BeatGrid, endOfBeatUs } from '../clock/beats.ts';
import { emptyPath, type Path } from '../clock/fold.ts';
import type { StreamSpec } from '../rules/facts.ts';
import type { Anchors } from './anchors.ts';
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

/**
 * Bars of one series of anchors on the grid's window, in ticks and lots.
 *
 * @throws ReplayError DATA_MISSING (no such series), DATA_SCHEMA (no bar), DATA_GAP (hours missing)
 */
export function anchorBars(
  anchors: Anchors,
  spec: StreamSpec,
  options: { grid: BeatGrid; units: Units; judge: Judge; file: string },
): Bars {
  const { grid, units, judge, file } = options;
  const name = spec.role === 'constituent' ? spec.name : spec.role;
  const series = anchors.series.get(name);
  if (series === undefined) {
    const names = [...anchors.series.keys()].join(', ');
    throw new ReplayError(
      'DATA_MISSING',
      `There is no series ${name}; the file has ${names}.`,
      { file },
      'Correct role or name of the stream.',
    );
  }
  const window = { fromUs: grid.startUs, untilUs: endOfBeatUs(grid, grid.beats - 1) };
  const bars = emptyBars(
    anchors.intervalUs,
    window,
    series.bars.some((bar) => bar.volume !== ''),
  );
  for (const anchor of series.bars) {
    const bar = (anchor.tsUs - bars.startUs) / bars.intervalUs;
    if (bar < 0 || bar >= bars.count) continue;
    const [open, high, low, close] = [anchor.open, anchor.high, anchor.low, anchor.close].map((text) =>
      ticksOf(text, units, file),
    ) as [number, number, number, number];
    if (
      !Number.isInteger(bar) ||
      !Number.isNaN(bars.close[bar]!) ||
      !(low <= Math.min(open, close) && Math.max(open, close) <= high)
    ) {
      throw new ReplayError(
        'DATA_SCHEMA',
        `${name}: no sound bar, or there twice.`,
        { file, tsUs: anchor.tsUs },
        'Correct the line.',
      );
    }
    bars.open[bar] = open;
    bars.high[bar] = high;
    bars.low[bar] = low;
    bars.close[bar] = close;
    if (bars.hasVolume)
      bars.lots[bar] = Math.round(lotsOf(units, Number(anchor.volume), Number(anchor.close)));
  }
  const missing = bars.close.filter((close) => Number.isNaN(close)).length;
  if (missing > 0) judge.problem('gaps', `${missing} bars of ${name} are missing.`, null, missing);
  return bars;
}

function ticksOf(text: string, units: Units, file: string): number {
  const exact = parse('price', text).toNumber() * units.perTick;
  const ticks = Math.round(exact);
  if (exact > 0 && Math.abs(exact - ticks) <= STEP_TOLERANCE + FLOAT_TOLERANCE * exact) return ticks;
  throw new ReplayError(
    'DATA_SCHEMA',
    `Price ${text} is no multiple of the tick ${units.tick}.`,
    { file },
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
  for (let b = 0; b < beats; b++) weight[b] = -log(1 - uniform('volume', b)); // exponential: a few beats carry most
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
