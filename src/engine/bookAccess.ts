/**
 * What forced orders meet in one beat: the traded quantity they may take a share of, and the price
 * they get: the previous beat's, moved by half of their own kick (the beat's own prints already
 * contain its historical forced orders). Orders of one side in one beat queue behind each other.
 */
import { type Price, type Rate, steps, wholeSteps } from '../basics/exact.ts';
import { fillPriceTicks, lotsWithinLimit } from '../impact/fillPrice.ts';
import type { MarketPrice } from '../mark/prices.ts';
import type { Market, Side } from '../rules/market.ts';

/** Facts of the beat that fills are made of. */
export interface BookBeat {
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
}

export interface BookFill {
  readonly lots: number;
  readonly price: Price;
  readonly priceRule: 'book' | 'impact';
}

const CLOSED: BookBeat = {
  prevLastTicks: Number.NaN,
  highTicks: Number.NaN,
  lowTicks: Number.NaN,
  lots: 0,
  lambda: 0,
  open: false,
};

/** A beat of a market without trades of its own: it stands at its mark, and nothing can be taken from it. */
export function withoutTrades(market: Market, { markF64 }: MarketPrice): BookBeat {
  const ticks = Math.round(markF64 / market.priceTick.toNumber());
  return { ...CLOSED, prevLastTicks: ticks, highTicks: ticks, lowTicks: ticks };
}

export class BookAccess {
  readonly market: Market;
  beat: BookBeat = CLOSED;
  private readonly participation: number;
  private capLots = 0;
  private readonly used = { sell: 0, buy: 0 };

  /** @param participation  share of a beat's traded quantity that forced orders may take, 0 .. 1 */
  constructor(market: Market, participation: Rate) {
    this.market = market;
    this.participation = participation.toNumber();
  }

  /** A new beat: nothing of it is taken yet. */
  begin(beat: BookBeat): void {
    this.beat = beat;
    this.used.sell = 0;
    this.used.buy = 0;
    const isOpen = beat.open && Number.isFinite(beat.prevLastTicks);
    this.capLots = isOpen ? Math.floor(beat.lots * this.participation) : 0;
  }

  /** Lots that orders closing this side may still take. */
  roomFor(closing: Side): number {
    return this.capLots - this.used[takerOf(closing)];
  }

  /** Average price of closing so many lots now. */
  priceOf(closing: Side, lots: number): Price {
    return steps(this.ticksOf(closing, lots), this.market.priceTick);
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
      const limitTicks = Number(wholeSteps(limit, this.market.priceTick, taker === 'sell' ? 'up' : 'down'));
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
      price: steps(ticks, this.market.priceTick),
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
const takerOf = (closing: Side): 'sell' | 'buy' => (closing === 'long' ? 'sell' : 'buy');
