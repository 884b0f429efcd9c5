/**
 * Days of the twin experiment: an exogenous path, which nobody in compare may see, and the tape that
 * the full model makes of it when a population is liquidated on it.
 */
import { draw, hashText } from '../../src/basics/draw.ts';
import { exp, normalQuantile } from '../../src/basics/maths.ts';
import type { Frames, MarketFrames } from '../../src/clock/frames.ts';
import type { World } from '../../src/engine/world.ts';
import { grown } from '../../src/mark/indexFeed.ts';
import {
  BEAT_SEC,
  BEATS,
  type Bars,
  CALM_VOLUME,
  FIRST_PRICE,
  LOTS_PER_UNIT,
  TICKS_PER_UNIT,
} from './twinScenario.ts';

const MARKET = 'BTCUSDT';

/** Bars of the perpetual and of its one constituent, in whole ticks and lots. */
export interface Day {
  readonly perp: Bars;
  readonly spot: Bars;
}

/** A fall of 10 to 25 % within a third of the window, of which a part comes back; all noise by seed. */
export function exogenousDay(seed: string): Day {
  const own = hashText(`twin-day/${seed}`);
  const uniform = (field: string, b: number): number => Math.max(draw(own, b, hashText(field)), 1e-9);
  const normal = (field: string, b: number): number => normalQuantile(uniform(field, b));
  const depth = 0.1 + 0.15 * uniform('depth', 0);
  const back = uniform('back', 0) * 0.6;
  const [from, low, until] = [BEATS * 0.15, BEATS * (0.4 + 0.15 * uniform('low', 0)), BEATS * 0.9];
  const [perp, spot] = [emptyBars(), emptyBars()];
  let [log, gap, before] = [0, 0, FIRST_PRICE];
  for (let b = 0; b < BEATS; b++) {
    const drift =
      b < from || b > until ? 0 : b < low ? -depth / (low - from) : (depth * back) / (until - low);
    const noise = b === 0 ? 0 : 0.0015 * normal('step', b);
    log += b === 0 ? 0 : drift + noise;
    gap = b === 0 ? 0 : 0.9 * gap + 0.0004 * normal('gap', b);
    const [last, index] = [FIRST_PRICE * exp(log), FIRST_PRICE * exp(log + gap)];
    const reach = 0.0008 * uniform('reach', b);
    const calm = (CALM_VOLUME / 86_400) * BEAT_SEC;
    const volume = calm * (0.5 + uniform('volume', b)) * (1 + 2000 * Math.abs(drift) + 400 * Math.abs(noise));
    const ticks = (price: number): number => Math.round(price * TICKS_PER_UNIT);
    perp.last[b] = ticks(last);
    perp.high[b] = ticks(Math.max(last, before) * (1 + reach));
    perp.low[b] = ticks(Math.min(last, before) * (1 - reach));
    perp.volume[b] = Math.round(volume * LOTS_PER_UNIT);
    for (const column of [spot.last, spot.high, spot.low]) column[b] = ticks(index);
    spot.volume[b] = LOTS_PER_UNIT;
    before = last;
  }
  return { perp, spot };
}

const emptyBars = (): Record<keyof Bars, Float64Array> => ({
  last: new Float64Array(BEATS),
  high: new Float64Array(BEATS),
  low: new Float64Array(BEATS),
  volume: new Float64Array(BEATS),
});

/** Frames of a day in the shape of others: what loading its bars would give. */
export function framesOf({ perp, spot }: Day, like: Frames): Frames {
  const columns = like.markets.get(MARKET)!;
  const lots = Float64Array.from(perp.volume);
  const market: MarketFrames = {
    ...columns,
    lastTicks: Float64Array.from(perp.last),
    highTicks: Float64Array.from(perp.high),
    lowTicks: Float64Array.from(perp.low),
    lots,
    tickLots: lots.map((l, b) => l * perp.last[b]!),
  };
  const [constituent] = like.constituents.get(MARKET)!;
  const observed = { ...constituent!, lastTicks: Float64Array.from(spot.last) };
  return {
    ...like,
    markets: new Map([[MARKET, market]]),
    constituents: new Map([[MARKET, [observed]]]),
  };
}

/** Writes down, beat by beat, the prices that a world lived through: the tape of that world. */
export class Recorder {
  private readonly day: Day;
  private readonly perp = emptyBars();
  private readonly spot = emptyBars();

  /** @param day  the exogenous one, whose volume is traded in any case */
  constructor(day: Day) {
    this.day = day;
  }

  take(beat: number, world: World): void {
    const { lastF64 } = world.prices[0]!;
    const book = world.books.get(MARKET)!.beat;
    const index = grown(this.day.spot.last[beat]!, exp(world.tilts(beat)![0]!.y));
    this.perp.last[beat] = Math.round(lastF64 * TICKS_PER_UNIT);
    this.perp.high[beat] = book.highTicks;
    this.perp.low[beat] = book.lowTicks;
    this.perp.volume[beat] = this.day.perp.volume[beat]!;
    for (const column of [this.spot.last, this.spot.high, this.spot.low]) column[beat] = index;
    this.spot.volume[beat] = this.day.spot.volume[beat]!;
  }

  recorded(): Day {
    return { perp: this.perp, spot: this.spot };
  }
}

/** A day as prices and base units, as a data file has it. */
export const asDecimals = ({ perp, spot }: Day): Day => ({ perp: decimals(perp), spot: decimals(spot) });

function decimals(bars: Bars): Bars {
  const over = (column: ArrayLike<number>, by: number) => Float64Array.from(column, (x) => x / by);
  const [last, high, low] = [bars.last, bars.high, bars.low].map((c) => over(c, TICKS_PER_UNIT));
  return { last: last!, high: high!, low: low!, volume: over(bars.volume, LOTS_PER_UNIT) };
}
