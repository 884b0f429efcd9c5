/**
 * Triggers of pockets that nobody touched, in the order in which marks reach them. Worlds of one
 * population with the same margin schedules, marks and funding so far share them: a world keeps a place
 * in each and no copy, so a further world need not solve a hundred thousand triggers again.
 */
import type { PocketId } from '../ledger/positionBook.ts';
import type { Population } from '../ledger/population.ts';

/** Keys ascending: minus the trigger where a fall reaches it, the trigger where a rise does. */
export interface Ladder {
  readonly keys: Float64Array;
  readonly ids: Uint32Array;
}

/** Two ladders a market. */
export interface Ladders {
  readonly falls: readonly Ladder[];
  readonly rises: readonly Ladder[];
}

/** Where solved triggers go. */
export interface Triggers {
  /** Triggers of a pocket in a market; 0 and Infinity mean none. */
  put(pocket: PocketId, market: number, low: number, high: number): void;
}

export const NO_LADDER: Ladder = { keys: new Float64Array(0), ids: new Uint32Array(0) };

/** Collects triggers in any order. */
export class LadderMaker implements Triggers {
  private readonly falls: Rungs[];
  private readonly rises: Rungs[];

  constructor(markets: number, pockets: number) {
    this.falls = Array.from({ length: markets }, () => new Rungs(pockets));
    this.rises = Array.from({ length: markets }, () => new Rungs(pockets));
  }

  put(pocket: PocketId, market: number, low: number, high: number): void {
    if (low > 0) this.falls[market]!.add(-low, pocket);
    if (high < Infinity) this.rises[market]!.add(high, pocket);
  }

  made(): Ladders {
    const [falls, rises] = [this.falls, this.rises].map((side) => side.map((rungs) => rungs.ladder()));
    return { falls: falls!, rises: rises! };
  }
}

class Rungs {
  private readonly keys: Float64Array;
  private readonly ids: Uint32Array;
  private size = 0;

  constructor(most: number) {
    this.keys = new Float64Array(most);
    this.ids = new Uint32Array(most);
  }

  add(key: number, id: PocketId): void {
    this.keys[this.size] = key;
    this.ids[this.size++] = id;
  }

  /** Sorts numbers, which is many times faster than sorting pairs, then puts each id where its key went. */
  ladder(): Ladder {
    const unsorted = this.keys.subarray(0, this.size);
    const keys = unsorted.slice().sort();
    const ids = new Uint32Array(this.size);
    const taken = new Uint32Array(this.size);
    for (let i = 0; i < this.size; i++) {
      const first = lowerBound(keys, unsorted[i]!);
      ids[first + taken[first]!++] = this.ids[i]!;
    }
    return { keys, ids };
  }
}

/** First place whose key is at least this. */
function lowerBound(keys: Float64Array, key: number): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Ladders that are kept for worlds still to ask for them: those of one funding stamp, for a few schedules. */
const KEPT = 16;

const known = new WeakMap<Population, Map<string, Ladders>>();

/** Ladders of a population, made once for everything that they depend on. @param key  says what that is */
export function sharedLadders(population: Population, key: string, make: () => Ladders): Ladders {
  const kept = known.get(population) ?? new Map<string, Ladders>();
  known.set(population, kept);
  const found = kept.get(key);
  if (found !== undefined) return found;
  const made = make();
  kept.set(key, made);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  return made;
}
