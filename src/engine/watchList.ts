/**
 * Who might have to be judged at a mark. Per market two heaps of float64 triggers, moved outward so
 * that they can only over-trigger: the hot path is two comparisons with the tops. An entry is void
 * once its pocket was put anew (its generation is old); void entries are dropped when they surface.
 */
import type { PocketId } from '../ledger/positionBook.ts';
import { type Ladder, type Ladders, NO_LADDER } from './ladders.ts';

/** Binary heap of (key, pocket, generation) beside a shared ladder; the smallest key on top. */
class Heap {
  private keys: Float64Array;
  private ids: Uint32Array;
  private gens: Uint32Array;
  private size = 0;
  private ladder = NO_LADDER;
  /** Next rung of the ladder, whose entries are of generation 0, and its key. */
  private rung = 0;
  private nextKey = Infinity;

  constructor(capacity: number) {
    const room = Math.max(16, capacity);
    this.keys = new Float64Array(room);
    this.ids = new Uint32Array(room);
    this.gens = new Uint32Array(room);
  }

  get top(): number {
    return this.size === 0 || this.nextKey < this.keys[0]! ? this.nextKey : this.keys[0]!;
  }

  /** Forgets everything and stands at the foot of a ladder. */
  begin(ladder: Ladder): void {
    this.size = 0;
    this.ladder = ladder;
    this.rung = -1;
    this.climb();
  }

  push(key: number, id: PocketId, gen: number): void {
    if (this.size === this.keys.length) this.grow();
    let i = this.size++;
    this.keys[i] = key;
    this.ids[i] = id;
    this.gens[i] = gen;
    for (let parent = (i - 1) >> 1; i > 0 && this.keys[parent]! > this.keys[i]!; parent = (i - 1) >> 1) {
      this.swap(i, parent);
      i = parent;
    }
  }

  /** Removes the top and returns its pocket and generation. */
  pop(): [PocketId, number] {
    if (this.size === 0 || this.nextKey < this.keys[0]!) {
      const id = this.ladder.ids[this.rung]!;
      this.climb();
      return [id, 0];
    }
    const found: [PocketId, number] = [this.ids[0]!, this.gens[0]!];
    this.swap(0, --this.size);
    this.down(0);
    return found;
  }

  private climb(): void {
    this.rung++;
    this.nextKey = this.rung < this.ladder.keys.length ? this.ladder.keys[this.rung]! : Infinity;
  }

  private down(i: number): void {
    const { keys, size } = this;
    for (;;) {
      let least = 2 * i + 1;
      if (least >= size) return;
      if (least + 1 < size && keys[least + 1]! < keys[least]!) least++;
      if (keys[least]! >= keys[i]!) return;
      this.swap(i, least);
      i = least;
    }
  }

  private swap(i: number, j: number): void {
    const [key, id, gen] = [this.keys[i]!, this.ids[i]!, this.gens[i]!];
    this.keys[i] = this.keys[j]!;
    this.ids[i] = this.ids[j]!;
    this.gens[i] = this.gens[j]!;
    this.keys[j] = key;
    this.ids[j] = id;
    this.gens[j] = gen;
  }

  private grow(): void {
    const [keys, ids, gens] = [this.keys, this.ids, this.gens];
    this.keys = new Float64Array(keys.length * 2);
    this.ids = new Uint32Array(keys.length * 2);
    this.gens = new Uint32Array(keys.length * 2);
    this.keys.set(keys);
    this.ids.set(ids);
    this.gens.set(gens);
  }
}

export class WatchList {
  private readonly falls: Heap[]; // keys are -trigger: the highest trigger on top
  private readonly rises: Heap[];
  private generation: Uint32Array;

  /** @param room  entries that a heap has room for at first */
  constructor(markets: number, pockets: number, room = 16) {
    this.falls = Array.from({ length: markets }, () => new Heap(room));
    this.rises = Array.from({ length: markets }, () => new Heap(room));
    this.generation = new Uint32Array(pockets);
  }

  /** Forgets everything and watches the triggers of shared ladders. */
  adopt({ falls, rises }: Ladders): void {
    for (const [m, heap] of this.falls.entries()) heap.begin(falls[m] ?? NO_LADDER);
    for (const [m, heap] of this.rises.entries()) heap.begin(rises[m] ?? NO_LADDER);
    this.generation.fill(0);
  }

  /** Voids whatever is watched for the pocket. */
  drop(pocket: PocketId): void {
    if (pocket >= this.generation.length) {
      const wider = new Uint32Array(Math.max(pocket + 1, this.generation.length * 2));
      wider.set(this.generation);
      this.generation = wider;
    }
    this.generation[pocket]!++;
  }

  /** Watches the pocket in one market, beside what else is watched for it. */
  put(pocket: PocketId, market: number, low: number, high: number): void {
    const gen = this.generation[pocket]!;
    if (low > 0) this.falls[market]!.push(-low, pocket, gen);
    if (high < Infinity) this.rises[market]!.push(high, pocket, gen);
  }

  /** The hot path: might anybody be hit at this mark? */
  touchedBy(market: number, markF64: number): boolean {
    return -this.falls[market]!.top >= markF64 || this.rises[market]!.top <= markF64;
  }

  /** Takes out every pocket whose trigger the mark reached, each once, in order of number. */
  take(market: number, markF64: number): PocketId[] {
    const found: PocketId[] = [];
    for (const [heap, key] of [
      [this.falls[market]!, -markF64],
      [this.rises[market]!, markF64],
    ] as const) {
      while (heap.top <= key) {
        const [pocket, gen] = heap.pop();
        if (gen !== this.generation[pocket]) continue;
        this.generation[pocket]!++; // its other trigger is void too: it will be put anew
        found.push(pocket);
      }
    }
    return found.sort((a, b) => a - b);
  }
}
