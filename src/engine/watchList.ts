/**
 * Who might have to be judged at a mark. Per market two heaps of float64 triggers, moved outward so
 * that they can only over-trigger: the hot path is two comparisons with the tops. An entry is void
 * once its pocket was put anew (its generation is old); void entries are dropped when they surface.
 */
import type { PocketId } from '../ledger/positionBook.ts';

/** Binary heap of (key, pocket, generation); the smallest key on top. */
class Heap {
  private keys: Float64Array;
  private ids: Uint32Array;
  private gens: Uint32Array;
  size = 0;

  constructor(capacity: number) {
    const room = Math.max(16, capacity);
    this.keys = new Float64Array(room);
    this.ids = new Uint32Array(room);
    this.gens = new Uint32Array(room);
  }

  get top(): number {
    return this.size === 0 ? Infinity : this.keys[0]!;
  }

  /** Adds without order; `order()` must follow. */
  append(key: number, id: PocketId, gen: number): void {
    if (this.size === this.keys.length) this.grow();
    this.keys[this.size] = key;
    this.ids[this.size] = id;
    this.gens[this.size++] = gen;
  }

  order(): void {
    for (let i = (this.size >> 1) - 1; i >= 0; i--) this.down(i);
  }

  push(key: number, id: PocketId, gen: number): void {
    this.append(key, id, gen);
    let i = this.size - 1;
    for (let parent = (i - 1) >> 1; i > 0 && this.keys[parent]! > this.keys[i]!; parent = (i - 1) >> 1) {
      this.swap(i, parent);
      i = parent;
    }
  }

  /** Removes the top and returns its pocket and generation. */
  pop(): [PocketId, number] {
    const found: [PocketId, number] = [this.ids[0]!, this.gens[0]!];
    this.swap(0, --this.size);
    this.down(0);
    return found;
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

  constructor(markets: number, pockets: number) {
    this.falls = Array.from({ length: markets }, () => new Heap(pockets));
    this.rises = Array.from({ length: markets }, () => new Heap(pockets));
    this.generation = new Uint32Array(pockets);
  }

  /** Forgets everything. */
  clear(): void {
    for (const heap of [...this.falls, ...this.rises]) heap.size = 0;
    this.generation.fill(0);
  }

  /** Adds a pocket in bulk; `order()` must follow. Triggers: 0 and Infinity mean none. */
  append(pocket: PocketId, market: number, low: number, high: number): void {
    if (low > 0) this.falls[market]!.append(-low, pocket, this.generation[pocket]!);
    if (high < Infinity) this.rises[market]!.append(high, pocket, this.generation[pocket]!);
  }

  order(): void {
    for (const heap of [...this.falls, ...this.rises]) heap.order();
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
