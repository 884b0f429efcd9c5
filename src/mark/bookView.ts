/** Best bid, best ask and mid of one market at the end of a beat, with the last trade as their proxy. */
import { type Price, steps, unscaled } from '../basics/exact.ts';
import type { MarketFrames } from '../clock/frames.ts';
import type { Market } from '../rules/market.ts';
import { grown } from './indexFeed.ts';

export interface Best {
  readonly bid: Price;
  readonly ask: Price;
  /** Half of bid + ask: one decimal place more than the tick. */
  readonly mid: Price;
}

export class BookView {
  /** false: the last trade stands for bid, ask and mid. */
  readonly isRecorded: boolean;
  private readonly tick: Price;
  private readonly columns: MarketFrames;
  private twiceMidTicks = NaN;
  private bidTicks = NaN;
  private seen: Best | null = null;

  constructor(market: Market, columns: MarketFrames) {
    this.tick = market.priceTick;
    this.columns = columns;
    this.isRecorded = columns.bidPlusAskTicks !== null;
  }

  /** Looks at one beat. @param growth  factor by which a counterfactual displaces the book */
  observe(beat: number, growth: number): void {
    const twice = grown(this.columns.bidPlusAskTicks?.[beat] ?? NaN, growth);
    const bid = grown(this.columns.bidTicks?.[beat] ?? NaN, growth);
    if (Object.is(twice, this.twiceMidTicks) && Object.is(bid, this.bidTicks)) return;
    this.twiceMidTicks = twice;
    this.bidTicks = bid;
    this.seen = null;
  }

  /** The book of the last beat looked at; where it lacks one, the last trade throughout. */
  at(last: Price): Best {
    const { twiceMidTicks: twice, tick } = this;
    if (Number.isNaN(twice)) return { bid: last, ask: last, mid: last };
    if (this.seen !== null) return this.seen;
    const mid = unscaled<'price'>('price', BigInt(twice) * tick.n * 5n, tick.scale + 1);
    // rounded apart by a displacement, bid and ask might cross
    const bidTicks = Math.min(this.bidTicks, Math.floor(twice / 2));
    const isSplit = !Number.isNaN(bidTicks);
    const bid = isSplit ? steps(bidTicks, tick) : mid;
    this.seen = { bid, ask: isSplit ? steps(twice - bidTicks, tick) : mid, mid };
    return this.seen;
  }
}
