/**
 * The branching ratio: how many lots a liquidated lot brings down. Below 1 a cascade dies out by
 * itself; near 1 a model's magnitudes mean nothing any more (docs/method.md (Counterfactuals)).
 *
 *   R(t) = lambda(t) G(60 s) phi min(lots within 1 % ahead of the mark, eta V(60 s)) / 0.01
 *
 * lambda is the impact coefficient of the beat (log price per lot), G what the kernel leaves of a
 * kick after a minute, phi the share of liquidated lots that reaches the book in this world. The lots
 * ahead are the population's hazard profile where the mark stands: liquidation prices that the mark
 * has not been through yet; the book takes no more of them in a minute than the share eta of what
 * was traded in it. Screens, so float64.
 */
import { SECOND_US } from '../../basics/instant.ts';
import type { World } from '../../engine/world.ts';
import { kernelAt, type KernelName } from '../../impact/kernel.ts';

/** Liquidation prices of one side of a market, in order, and the lots up to each. */
interface Profile {
  readonly prices: Float64Array;
  /** Lots at prices before this place; one more than prices. */
  readonly sums: Float64Array;
}

/** Liquidation prices of a market: below the mark (long positions mostly) and above. */
export interface Hazard {
  readonly below: Profile;
  readonly above: Profile;
}

const MINUTE_US = 60 * SECOND_US;
const REACH = 0.01;

/**
 * Hazard profile of each market under a world's rules, before its first beat; pockets over several
 * markets have no liquidation price and are left out.
 */
export function hazards(world: World, marksF64: Float64Array): Hazard[] {
  const { book } = world.desk;
  const found = book.markets.map(() => ({
    below: [] as [number, number][],
    above: [] as [number, number][],
  }));
  for (let a = 0; a < book.population.accounts; a++) {
    const account = book.read(a);
    const pockets = account.cross ? [book.population.legStart[a]!] : account.legs.map((leg) => leg.row);
    for (const pocket of pockets) {
      const legs = book.legsOf(account, pocket);
      const m = legs[0] === undefined ? -1 : book.marketIndex(legs[0].market.id);
      if (m < 0 || legs.some((leg) => leg.market !== legs[0]!.market)) continue;
      const net = legs.reduce((sum, leg) => sum + (leg.side === 'long' ? leg.lots : -leg.lots), 0);
      const [low, high] = world.screening.triggersOf(account, pocket, m, marksF64);
      if (low > 0) found[m]!.below.push([low, Math.abs(net)]);
      if (high < Infinity) found[m]!.above.push([high, Math.abs(net)]);
    }
  }
  return found.map(({ below, above }) => ({ below: profileOf(below), above: profileOf(above) }));
}

function profileOf(rows: [number, number][]): Profile {
  rows.sort(([a], [b]) => a - b);
  const sums = new Float64Array(rows.length + 1);
  for (const [i, [, lots]] of rows.entries()) sums[i + 1] = sums[i]! + lots;
  return { prices: Float64Array.from(rows, ([price]) => price), sums };
}

/** Lots whose price lies in [from, until). */
const between = (p: Profile, from: number, until: number): number =>
  Math.max(0, p.sums[placeOf(p.prices, until)]! - p.sums[placeOf(p.prices, from)]!);

/** Number of prices below `x`. */
function placeOf(prices: Float64Array, x: number): number {
  let [low, high] = [0, prices.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (prices[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What the branching ratio along a path is made of. */
export interface BranchingPath {
  readonly hazard: Hazard;
  /** Mark of each beat; NaN before the first. */
  readonly marksF64: Float64Array;
  /** Impact coefficient of each beat, log price per lot. */
  readonly lambda: Float64Array;
  /** Lots traded in each beat. */
  readonly lots: Float64Array;
  readonly beatUs: number;
  readonly kernel: KernelName;
  /** Share of them that forced orders may take. */
  readonly participation: number;
  /** Share of liquidated lots that reached the book. */
  readonly bookShare: number;
}

/** The largest branching ratio along a path. */
export function branchingMax(o: BranchingPath): number {
  const { hazard, marksF64, lambda, lots } = o;
  const left = kernelAt(o.kernel, MINUTE_US / SECOND_US) * o.bookShare;
  const minute = Math.max(1, Math.round(MINUTE_US / o.beatUs));
  let [lowest, highest, traded, most] = [Infinity, 0, 0, 0];
  for (let beat = 0; beat < marksF64.length; beat++) {
    traded += lots[beat]! - (beat >= minute ? lots[beat - minute]! : 0);
    const mark = marksF64[beat]!;
    if (Number.isNaN(mark)) continue;
    lowest = Math.min(lowest, mark);
    highest = Math.max(highest, mark);
    const down = between(hazard.below, mark * (1 - REACH), Math.min(mark, lowest));
    const up = between(hazard.above, Math.max(mark, highest), mark * (1 + REACH));
    const ahead = Math.min(Math.max(down, up), o.participation * traded);
    most = Math.max(most, (lambda[beat]! * left * ahead) / REACH);
  }
  return most;
}
