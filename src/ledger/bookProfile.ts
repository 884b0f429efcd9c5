/**
 * The profile of bankruptcy prices of one market: what a further move would cost the fund, in
 * O(log bins) a question instead of a walk over every account and beat.
 *
 * Two Fenwick trees a side over bins of one basis point of price hold lots and value at bankruptcy
 * (lots * step * price, or lots * step * face / price). Float sums would depend on the order of
 * changes; both are whole numbers here (value in units of 2^-16 or, inverse, 2^-30), so a position
 * that is removed leaves nothing behind and a bulk build equals a build one by one. Whole numbers
 * end at 2^53: 1.4e11 of quote or 8e6 of coin a market. A screen for reports and refusals, not money.
 */
import { exp, log } from '../basics/maths.ts';
import type { Market, Side } from '../rules/market.ts';

/** Width of a bin in log price. */
const BIN = 1e-4;
/** Bins reach from 1/16 to 16 times the reference price; what lies beyond sits in the outermost bin. */
const REACH = 16;
const HALF = Math.ceil(log(REACH) / BIN);
const BINS = 2 * HALF;
const LINEAR_UNIT = 1 / 65536;
const INVERSE_UNIT = 1 / 1073741824;
/** Moves beyond this are not looked for. */
const MOVE_MAX = 0.5;
/** Halvings inside two bins: a move is found to about 1e-9. */
const HALVINGS = 18;

/** Whole-number sums over bins, by Fenwick's method. */
class Sums {
  readonly lots = new Float64Array(BINS + 1);
  readonly value = new Float64Array(BINS + 1);

  add(bin: number, lots: number, value: number): void {
    for (let i = bin + 1; i <= BINS; i += i & -i) {
      this.lots[i] = this.lots[i]! + lots;
      this.value[i] = this.value[i]! + value;
    }
  }

  /** Sum of `column` over the bins below `bin`. */
  below(column: Float64Array, bin: number): number {
    let total = 0;
    for (let i = bin; i > 0; i -= i & -i) total += column[i]!;
    return total;
  }

  /** Turns plain bins (entry `bin + 1`) into Fenwick sums. */
  settle(): void {
    for (let i = 1; i <= BINS; i++) {
      const next = i + (i & -i);
      if (next > BINS) continue;
      this.lots[next] = this.lots[next]! + this.lots[i]!;
      this.value[next] = this.value[next]! + this.value[i]!;
    }
  }
}

/** Bins surely bankrupt at a price, and the bin that the price lies in. */
interface Reach {
  readonly lots: number;
  readonly value: number;
  readonly ownLots: number;
  readonly ownValue: number;
}

export class BookProfile {
  private readonly linear: boolean;
  private readonly stepF64: number;
  private readonly perLotF64: number;
  private readonly unit: number;
  private readonly lowest: number;
  private readonly long = new Sums();
  private readonly short = new Sums();

  /** @param referenceF64  a price of the day, > 0: bins are counted from it */
  constructor(market: Market, referenceF64: number) {
    this.linear = market.kind === 'linear';
    this.perLotF64 = market.qtyStep.toNumber() * (this.linear ? 1 : market.faceValue.toNumber());
    this.stepF64 = market.qtyStep.toNumber();
    this.unit = this.linear ? LINEAR_UNIT : INVERSE_UNIT;
    this.lowest = log(referenceF64) - HALF * BIN;
  }

  /**
   * Adds a position. One whose bankruptcy price is not above 0 is never bankrupt and not held.
   *
   * @param bankruptcyF64  price
   * @param lots           whole number > 0; what is taken out must be the very numbers that were put in
   */
  put(side: Side, bankruptcyF64: number, lots: number): void {
    if (bankruptcyF64 > 0)
      this.sums(side).add(this.binOf(bankruptcyF64), lots, this.units(bankruptcyF64, lots));
  }

  /** Takes a position out again: the same side, price and lots as at `put`. */
  remove(side: Side, bankruptcyF64: number, lots: number): void {
    if (bankruptcyF64 > 0) {
      this.sums(side).add(this.binOf(bankruptcyF64), -lots, -this.units(bankruptcyF64, lots));
    }
  }

  /** Replaces a side by many positions at once, O(positions + bins); the result equals as many `put`. */
  build(side: Side, bankruptcyF64: ArrayLike<number>, lots: ArrayLike<number>): void {
    const sums = this.sums(side);
    sums.lots.fill(0);
    sums.value.fill(0);
    for (let i = 0; i < bankruptcyF64.length; i++) {
      const at = bankruptcyF64[i]!;
      if (!(at > 0)) continue;
      const bin = this.binOf(at) + 1;
      sums.lots[bin] = sums.lots[bin]! + lots[i]!;
      sums.value[bin] = sums.value[bin]! + this.units(at, lots[i]!);
    }
    sums.settle();
  }

  /**
   * Money by which the positions bankrupt at a price are short of their losses there, together.
   *
   *   linear: sum of lots * step * |bankruptcy price - price|; inverse: of face * |1/price - 1/bankruptcy|
   *
   * @returns settlement units, >= 0; off by less than 1e-4 of the value in the bin of `priceF64`
   */
  shortfallAt(side: Side, priceF64: number): number {
    return this.shortfall(side, this.reach(side, this.binOf(priceF64)), priceF64);
  }

  /** Shortfall at mark * (1 + move): of longs for a fall, of shorts for a rise, of both for 0. */
  shortfallAfter(markF64: number, move: number): number {
    const at = markF64 * (1 + move);
    return (move <= 0 ? this.shortfallAt('long', at) : 0) + (move >= 0 ? this.shortfallAt('short', at) : 0);
  }

  /** Quantity (base units or contracts) bankrupt at mark * (1 + move), sides as in `shortfallAfter`. */
  contractsBankrupt(markF64: number, move: number): number {
    const at = markF64 * (1 + move);
    const bin = this.binOf(at);
    let lots = 0;
    for (const side of ['long', 'short'] as const) {
      if (side === 'long' ? move > 0 : move < 0) continue;
      const reach = this.reach(side, bin);
      const own = this.loss(side, reach.ownLots, reach.ownValue, at) > 0;
      lots += reach.lots + (own ? reach.ownLots : 0);
    }
    return lots * this.stepF64;
  }

  /**
   * Smallest relative move at which the shortfall of a side exceeds a fund.
   *
   * @returns negative for longs, positive for shorts; 0 when it does already; NaN when a move of
   *          50 % is not enough
   */
  smallestMove(markF64: number, fundF64: number, side: Side): number {
    if (this.shortfallAt(side, markF64) > fundF64) return 0;
    let enough = markF64 * (side === 'long' ? 1 - MOVE_MAX : 1 + MOVE_MAX);
    if (!(this.shortfallAt(side, enough) > fundF64)) return Number.NaN;
    let tooLittle = markF64;
    let from = this.binOf(tooLittle);
    let to = this.binOf(enough);
    while (Math.abs(to - from) > 1) {
      const bin = (from + to) >> 1;
      const at = exp(this.lowest + bin * BIN);
      if (this.shortfall(side, this.reach(side, bin), at) > fundF64) [enough, to] = [at, bin];
      else [tooLittle, from] = [at, bin];
    }
    const upper = Math.max(from, to);
    const edge = exp(this.lowest + upper * BIN);
    const above = this.reach(side, upper);
    const beneath = this.reach(side, Math.min(from, to));
    for (let i = 0; i < HALVINGS; i++) {
      const at = (enough + tooLittle) / 2;
      if (this.shortfall(side, at >= edge ? above : beneath, at) > fundF64) enough = at;
      else tooLittle = at;
    }
    return enough / markF64 - 1;
  }

  private sums(side: Side): Sums {
    return side === 'long' ? this.long : this.short;
  }

  private binOf(priceF64: number): number {
    if (!(priceF64 > 0)) return 0;
    return Math.min(Math.max(Math.floor((log(priceF64) - this.lowest) / BIN), 0), BINS - 1);
  }

  /** Value of lots at a price in whole units. */
  private units(priceF64: number, lots: number): number {
    return Math.round(this.worth(lots, priceF64) / this.unit);
  }

  private worth(lots: number, priceF64: number): number {
    return this.linear ? lots * this.perLotF64 * priceF64 : (lots * this.perLotF64) / priceF64;
  }

  /** What positions with this value at bankruptcy have lost beyond it at a price; negative: not bankrupt. */
  private loss(side: Side, lots: number, value: number, priceF64: number): number {
    const beyond = value * this.unit - this.worth(lots, priceF64);
    return (side === 'long') === this.linear ? beyond : -beyond;
  }

  /** Longs are bankrupt in the bins above the price, shorts in those below it. */
  private reach(side: Side, bin: number): Reach {
    const sums = this.sums(side);
    const from = side === 'long' ? [bin + 1, BINS] : [0, bin];
    const over = (column: Float64Array, [low, high]: readonly number[]): number =>
      sums.below(column, high!) - sums.below(column, low!);
    return {
      lots: over(sums.lots, from),
      value: over(sums.value, from),
      ownLots: over(sums.lots, [bin, bin + 1]),
      ownValue: over(sums.value, [bin, bin + 1]),
    };
  }

  private shortfall(side: Side, reach: Reach, priceF64: number): number {
    const surely = this.loss(side, reach.lots, reach.value, priceF64);
    return Math.max(0, surely) + Math.max(0, this.loss(side, reach.ownLots, reach.ownValue, priceF64));
  }
}
