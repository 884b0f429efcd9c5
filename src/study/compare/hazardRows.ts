/**
 * The hazard profile as rows: what would have to be liquidated where, in buckets of 1 % of price, and how
 * much of it each liquidated lot there would bring down.
 *
 *   rho(P) = notional at P of pockets whose liquidation price lies in [P, 1.01 P)
 *   R(P)   = lambda(t) G(60 s) phi min(lots in the bucket, eta V(60 s)) / 0.01     t: when the mark first came there
 */
import { MINUTE_US, SECOND_US } from '../../basics/instant.ts';
import { kernelAt } from '../../impact/kernel.ts';
import type { HazardRow } from '../../results/runTables.ts';
import type { Market, Side } from '../../rules/market.ts';
import type { BranchingPath, Hazard } from './branching.ts';

/** Buckets are 1 % wide from the first mark on. */
const STEP = 1.01;
/** The outermost reach to 1 % and 100 times of the first mark, and hold what lies beyond. */
const FURTHEST = 463;

export type Bucket = Omit<HazardRow, 'world'>;

/** What a bucket's branching ratio is made of. */
export interface HazardPath extends BranchingPath {
  /** Mark of each beat; NaN before the first. */
  readonly marksF64: Float64Array;
  /** Share of liquidated lots that reached the book. */
  readonly bookShare: number;
}

/** Lower end of a bucket over the first mark, less 1. */
export const distanceOf = (place: number): number => edges(1)[FURTHEST + place]! - 1;

/** A lower bound of each bucket, from the lowest on, and one upper bound. */
function edges(firstMark: number): Float64Array {
  const found = new Float64Array(2 * FURTHEST + 1);
  found[FURTHEST] = firstMark;
  for (let k = 1; k <= FURTHEST; k++) {
    found[FURTHEST + k] = found[FURTHEST + k - 1]! * STEP;
    found[FURTHEST - k] = found[FURTHEST - k + 1]! / STEP;
  }
  return found;
}

/**
 * Buckets that hold something, longs before shorts, from the lowest price on.
 *
 * @param firstMark  mark of the first beat: a bucket begins there
 */
export function hazardRows(o: {
  readonly market: Market;
  readonly hazard: Hazard;
  readonly firstMark: number;
  readonly path: HazardPath;
}): Bucket[] {
  const { market, hazard, firstMark, path } = o;
  const bounds = edges(firstMark);
  const reached = {
    long: firstTimes(bounds, path.marksF64, 'long'),
    short: firstTimes(bounds, path.marksF64, 'short'),
  };
  const traded = minuteLots(path);
  const left = kernelAt(path.kernel, MINUTE_US / SECOND_US) * path.bookShare;
  return (['long', 'short'] as const).flatMap((side) => {
    const { prices, sums } = side === 'long' ? hazard.below : hazard.above;
    const found: Bucket[] = [];
    let [place, lots, notional, pockets] = [0, 0, 0, 0];
    const close = (): void => {
      if (pockets === 0) return;
      const beat = reached[side][place]!;
      const ahead = Math.min(lots, path.participation * (traded[beat] ?? 0));
      const branchingF64 = beat < 0 ? Number.NaN : (path.lambda[beat]! * left * ahead) / (STEP - 1);
      const [low, high] = [bounds[place]!, bounds[place + 1]!];
      const from = place - FURTHEST;
      found.push({ market: market.id, side, place: from, low, high, notional, pockets, branchingF64 });
    };
    for (const [i, price] of prices.entries()) {
      const own = Math.max(place, bucketOf(bounds, price, place));
      if (own !== place) {
        close();
        [place, lots, notional, pockets] = [own, 0, 0, 0];
      }
      const each = sums[i + 1]! - sums[i]!;
      lots += each;
      notional += valueF64(market, each, price);
      pockets++;
    }
    close();
    return found;
  });
}

/** Place of the bucket of a price, looked for from a place on; prices come in ascending order. */
function bucketOf(bounds: Float64Array, price: number, from: number): number {
  let place = from;
  while (place + 2 < bounds.length && price >= bounds[place + 1]!) place++;
  return place;
}

/** Value of lots at a price as float64, settlement units. */
export const valueF64 = (market: Market, lots: number, price: number): number => {
  const qty = lots * market.qtyStep.toNumber();
  return market.kind === 'linear' ? qty * price : (qty * market.faceValue.toNumber()) / price;
};

/** Beat in which the mark first came into each bucket, falling for longs, rising for shorts; -1: never. */
function firstTimes(bounds: Float64Array, marks: Float64Array, side: Side): Int32Array {
  const found = new Int32Array(bounds.length).fill(-1);
  let next = side === 'long' ? bounds.length - 2 : 0;
  for (let beat = 0; beat < marks.length; beat++) {
    const mark = marks[beat]!;
    if (side === 'long') while (next >= 0 && mark < bounds[next + 1]!) found[next--] = beat;
    else while (next + 1 < bounds.length && mark >= bounds[next]!) found[next++] = beat;
  }
  return found;
}

/** Lots traded in the minute that ends with each beat. */
function minuteLots({ lots, beatUs }: Pick<BranchingPath, 'lots' | 'beatUs'>): Float64Array {
  const minute = Math.max(1, Math.round(MINUTE_US / beatUs));
  let traded = 0;
  return lots.map((own, beat) => {
    traded += own - (beat >= minute ? lots[beat - minute]! : 0);
    return traded;
  });
}
