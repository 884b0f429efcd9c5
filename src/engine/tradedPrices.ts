/**
 * What every market trades at in a world: the last price of the tape, displaced with the world's own path.
 * It goes on while the venue's feed is down, when the prices that the engine judges by stand still: orders are
 * filled, and owners come and go, where the market is. While an index is halted nobody acts; it is where the
 * market stands in the first beat afterwards.
 */
import type { MarketFrames } from '../clock/frames.ts';
import { grown } from '../mark/indexFeed.ts';
import type { MarketPrice } from '../mark/prices.ts';
import type { OwnPath } from './ownPath.ts';

export class TradedPrices {
  /** Last price of the beat before, whole ticks; NaN before the first. */
  readonly before: Float64Array;
  /** Last price of this beat, whole ticks. */
  readonly now: Float64Array;
  /** Of each market; undefined where it is derived and its mark stands for a trade. */
  private readonly columns: readonly (MarketFrames | undefined)[];
  /** Price tick of each market. */
  private readonly ticksF64: readonly number[];

  constructor(columns: readonly (MarketFrames | undefined)[], ticksF64: readonly number[]) {
    this.columns = columns;
    this.ticksF64 = ticksF64;
    this.before = new Float64Array(columns.length).fill(Number.NaN);
    this.now = this.before.slice();
  }

  /**
   * A new beat: what was now is before.
   *
   * @param prices  of the beat; null where the world has none
   * @param path    by which prices are displaced; null: history stands
   */
  begin(beat: number, prices: readonly MarketPrice[] | null, path: OwnPath | null): void {
    for (let m = 0; m < this.now.length; m++) {
      this.before[m] = this.now[m]!;
      const ticks = grown(this.columns[m]?.lastTicks[beat] ?? Number.NaN, path?.factor(m, beat) ?? 1);
      if (!Number.isNaN(ticks)) this.now[m] = ticks;
      else if (prices !== null) this.now[m] = Math.round(prices[m]!.lastF64 / this.ticksF64[m]!);
    }
  }

  /** Nothing was traded before the first beat that we know of: its own last price serves. */
  start(): void {
    this.before.set(this.now);
  }

  /** Displacement of a market's recorded prices as the beat's whole ticks have it; 1 where history stands. */
  shift(market: number, beat: number): number {
    const recorded = this.columns[market]!.lastTicks[beat]!;
    return this.now[market] === recorded ? 1 : this.now[market]! / recorded;
  }
}
