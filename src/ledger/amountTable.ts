/**
 * Exact amounts by number of account or leg row, for the many of which a world knows one amount each: an open
 * hash of columns, 13 bytes a place instead of an object, a bigint and a name. An amount whose significand
 * is no 64-bit integer is kept as it is, in a map beside the columns.
 */
import { Exact, type Unit } from '../basics/exact.ts';

/** A scale that no amount has: the amount is in the map. */
const WIDE = 255;
const LEAST_ROOM = 16;

export class AmountTable<U extends Unit> {
  /** Number + 1; 0: free. */
  private keys = new Uint32Array(LEAST_ROOM);
  private significands = new BigInt64Array(LEAST_ROOM);
  private scales = new Uint8Array(LEAST_ROOM);
  private readonly wide = new Map<number, Exact<U>>();
  private taken = 0;

  /** The amount as it was put, digit for digit; undefined where there is none. */
  get(a: number): Exact<U> | undefined {
    const at = this.place(a);
    if (this.keys[at] === 0) return undefined;
    const scale = this.scales[at]!;
    return scale === WIDE ? this.wide.get(a) : new Exact<U>(this.significands[at]!, scale);
  }

  /** @param a  number, 0 .. 2^32 - 2 */
  put(a: number, amount: Exact<U>): void {
    let at = this.place(a);
    if (this.keys[at] === 0) {
      if (++this.taken * 4 > this.keys.length * 3) {
        this.grow();
        at = this.place(a);
      }
      this.keys[at] = a + 1;
    } else if (this.scales[at] === WIDE) this.wide.delete(a);
    const isWide = amount.scale >= WIDE || BigInt.asIntN(64, amount.n) !== amount.n;
    if (isWide) this.wide.set(a, amount);
    else this.significands[at] = amount.n;
    this.scales[at] = isWide ? WIDE : amount.scale;
  }

  /** Numbers that have an amount, in no order that means anything. */
  *numbers(): IterableIterator<number> {
    for (const key of this.keys) if (key > 0) yield key - 1;
  }

  /** Where a number stands, or would. */
  private place(a: number): number {
    const last = this.keys.length - 1;
    let at = Math.imul(a, 0x9e3779b1) >>> Math.clz32(last);
    while (this.keys[at] !== 0 && this.keys[at] !== a + 1) at = (at + 1) & last;
    return at;
  }

  private grow(): void {
    const { keys, significands, scales } = this;
    this.keys = new Uint32Array(keys.length * 2);
    this.significands = new BigInt64Array(keys.length * 2);
    this.scales = new Uint8Array(keys.length * 2);
    for (const [from, key] of keys.entries()) {
      if (key === 0) continue;
      const at = this.place(key - 1);
      this.keys[at] = key;
      this.significands[at] = significands[from]!;
      this.scales[at] = scales[from]!;
    }
  }
}
