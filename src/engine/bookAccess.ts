/**
 * What forced orders meet in one beat: the traded quantity they may take a share of, and the price
 * they get: the previous beat's, moved by half of their own kick (the beat's own prints already
 * contain its historical forced orders). Orders of one side in one beat queue behind each other.
 */
import { type Price, type Rate, steps, wholeSteps } from '../basics/exact.ts';
import { fillPriceTicks, lotsWithinLimit } from '../impact/fillPrice.ts';
import type { Market, Side } from '../rules/market.ts';

/** Facts of the beat that fills are made of. */
export interface BookBeat {
  readonly market: Market;
  /** Last price of the previous beat, ticks. */
  readonly prevLastTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  /** Traded quantity of the beat, lots. */
  readonly lots: number;
  /** Impact coefficient, log price per lot. */
  readonly lambda: number;
  /** false while matching is down. */
  readonly open: boolean;
  readonly participation: Rate;
}

export interface BookFill {
  readonly lots: number;
  readonly price: Price;
  readonly priceRule: 'book' | 'impact';
}

export class BookAccess {
  readonly beat: BookBeat;
  private readonly capLots: number;
  private readonly used = { sell: 0, buy: 0 };

  constructor(beat: BookBeat) {
    this.beat = beat;
    const share = Math.floor(beat.lots * beat.participation.toNumber());
    this.capLots = beat.open && Number.isFinite(beat.prevLastTicks) ? share : 0;
  }

  /** Lots that orders closing this side may still take. */
  roomFor(closing: Side): number {
    return this.capLots - this.used[takerOf(closing)];
  }

  /** Average price of closing so many lots now. */
  priceOf(closing: Side, lots: number): Price {
    return steps(this.ticksOf(closing, lots), this.beat.market.priceTick);
  }

  /**
   * What an order would get.
   *
   * @param limit  worst average price accepted; null: any
   * @returns      0 lots when nothing fills
   */
  offer(closing: Side, lots: number, limit: Price | null): BookFill {
    const taker = takerOf(closing);
    let most = Math.min(lots, this.roomFor(closing));
    if (most > 0 && limit !== null) {
      const limitTicks = Number(
        wholeSteps(limit, this.beat.market.priceTick, taker === 'sell' ? 'up' : 'down'),
      );
      most = Math.min(
        most,
        lotsWithinLimit({
          prevLastTicks: this.beat.prevLastTicks,
          lambda: this.beat.lambda,
          taker,
          limitTicks,
          lots: most,
          lotsBefore: this.used[taker],
        }),
      );
    }
    const ticks = this.ticksOf(closing, Math.max(1, most));
    const inside = ticks >= this.beat.lowTicks && ticks <= this.beat.highTicks;
    return {
      lots: most,
      price: steps(ticks, this.beat.market.priceTick),
      priceRule: inside ? 'book' : 'impact',
    };
  }

  /** Counts lots as taken from the book. */
  take(closing: Side, lots: number): void {
    this.used[takerOf(closing)] += lots;
  }

  /** Forced lots so far: sold and bought. */
  get forced(): { readonly sell: number; readonly buy: number } {
    return this.used;
  }

  private ticksOf(closing: Side, lots: number): number {
    const { prevLastTicks, lambda } = this.beat;
    const taker = takerOf(closing);
    return fillPriceTicks({ prevLastTicks, lambda, taker, lots, lotsBefore: this.used[taker] });
  }
}

/** Closing a long sells, closing a short buys. */
export const takerOf = (closing: Side): 'sell' | 'buy' => (closing === 'long' ? 'sell' : 'buy');
