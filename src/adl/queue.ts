/**
 * The queue of one side, ordered only as far as somebody looks: a heap by float64 score, popped on
 * demand. Scores that are too close for float64 to tell are popped together and ordered exactly.
 * (Ranking a million accounts exactly takes seconds; this takes milliseconds.)
 */
import { SCORE_BOUND } from './ranking.ts';
import type { Candidate } from './select.ts';

export interface QueueInput {
  /** Leg rows that may be closed, with their lots. Arrays of equal length; the queue owns them. */
  readonly rows: Uint32Array;
  readonly lots: Float64Array;
  readonly scores: Float64Array;
  /** Exact order of two rows, negative when the first ranks before. */
  readonly compareExact: (a: number, b: number) => number;
}

export class AdlQueue implements Iterable<Candidate> {
  /** Winners in the queue at the start. */
  readonly size: number;
  private readonly input: QueueInput;
  /** Places in the input, best on top; made when somebody first asks who is next. */
  private heap: Uint32Array | null = null;
  private left: number;
  private readonly ordered: Candidate[] = [];
  /** Candidates before this one hold nothing any more. */
  private first = 0;

  constructor(input: QueueInput) {
    this.input = input;
    this.size = input.rows.length;
    this.left = this.size;
  }

  *[Symbol.iterator](): IterableIterator<Candidate> {
    for (let i = 0; i < this.ordered.length || this.pull(); i++) yield this.ordered[i]!;
  }

  /**
   * Candidates that still hold something, with what they hold now.
   *
   * @param lotsOf  lots of a leg row at this moment
   */
  *standing(lotsOf: (c: Candidate) => number): IterableIterator<Candidate> {
    for (let i = this.first; i < this.ordered.length || this.pull(); i++) {
      const lots = lotsOf(this.ordered[i]!);
      if (lots > 0) yield { ...this.ordered[i]!, lots };
      else if (i === this.first) this.first++;
    }
  }

  /** Whether two candidates share a rank. */
  isTie(a: Candidate, b: Candidate): boolean {
    if (a.scoreF64 === 0 && b.scoreF64 === 0) return true; // a float of 0 is an exact 0
    return near(a.scoreF64, b.scoreF64) && this.input.compareExact(a.row, b.row) === 0;
  }

  /** Rank of a row from 1, by counting who is before it; 0 when it is not in the queue. */
  rankOf(row: number): number {
    const { rows, scores, compareExact } = this.input;
    const own = rows.indexOf(row);
    if (own === -1) return 0;
    const score = scores[own]!;
    let rank = 1;
    for (let i = 0; i < rows.length; i++) {
      if (i === own) continue;
      if (!near(scores[i]!, score)) rank += scores[i]! > score ? 1 : 0;
      else if (((score === 0 ? 0 : compareExact(rows[i]!, row)) || rows[i]! - row) < 0) rank++;
    }
    return rank;
  }

  /** Pops the next group of scores that are near each other; false when the heap is empty. */
  private pull(): boolean {
    if (this.left === 0) return false;
    const heap = this.heap ?? this.heapOfAll();
    const group: Candidate[] = [this.pop(heap)];
    while (this.left > 0 && near(this.input.scores[heap[0]!]!, group.at(-1)!.scoreF64))
      group.push(this.pop(heap));
    const zeros = group[0]!.scoreF64 === 0;
    if (group.length > 1)
      group.sort((a, b) => (zeros ? 0 : this.input.compareExact(a.row, b.row)) || a.row - b.row);
    for (const candidate of group) this.ordered.push(candidate);
    return true;
  }

  private heapOfAll(): Uint32Array {
    const heap = new Uint32Array(this.size);
    for (let i = 0; i < heap.length; i++) heap[i] = i;
    for (let i = (heap.length >> 1) - 1; i >= 0; i--) this.down(heap, i);
    this.heap = heap;
    return heap;
  }

  private pop(heap: Uint32Array): Candidate {
    const { rows, lots, scores } = this.input;
    const i = heap[0]!;
    heap[0] = heap[--this.left]!;
    this.down(heap, 0);
    return { row: rows[i]!, lots: lots[i]!, scoreF64: scores[i]! };
  }

  private down(heap: Uint32Array, from: number): void {
    const { left } = this;
    const { scores } = this.input;
    for (let i = from; ; ) {
      let best = 2 * i + 1;
      if (best >= left) return;
      if (best + 1 < left && scores[heap[best + 1]!]! > scores[heap[best]!]!) best++;
      if (scores[heap[best]!]! <= scores[heap[i]!]!) return;
      const moved = heap[i]!;
      heap[i] = heap[best]!;
      heap[best] = moved;
      i = best;
    }
  }
}

const near = (a: number, b: number): boolean =>
  Math.abs(a - b) <= SCORE_BOUND * Math.max(Math.abs(a), Math.abs(b));
