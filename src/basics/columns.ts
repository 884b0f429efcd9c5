/** Columns that grow: for rows of which there are hundreds of thousands, and which are asked for one by one. */
import { Exact, type Unit } from './exact.ts';

const LEAST_ROOM = 64;

/** Room for so many rows and a quarter more: of many worlds' columns little may lie empty. */
export const roomFor = (rows: number): number => Math.max(LEAST_ROOM, Math.ceil(rows * 1.25));

/** The same column with other room. */
export function widened<A extends { set(from: A): void }>(from: A, into: A): A {
  into.set(from);
  return into;
}

/** A scale that no amount has: the amount is kept as it is. */
const WIDE = 255;
const WORD = 64n;

/**
 * Exact amounts: a significand in two words and a scale in a byte, 17 bytes instead of an object and a bigint of
 * five times that. Digit for digit what was put in.
 */
export class ExactColumn<U extends Unit> {
  private low = new BigUint64Array(0);
  private high = new BigInt64Array(0);
  private scales = new Uint8Array(0);
  /** Amounts whose significand needs more than two words, by row. */
  private readonly wide = new Map<number, Exact<U>>();
  private rows = 0;

  push(amount: Exact<U>): void {
    const { n, scale } = amount;
    if (this.rows === this.scales.length) {
      const room = roomFor(this.rows + 1);
      this.low = widened(this.low, new BigUint64Array(room));
      this.high = widened(this.high, new BigInt64Array(room));
      this.scales = widened(this.scales, new Uint8Array(room));
    }
    const row = this.rows++;
    this.low[row] = n;
    this.high[row] = n >> WORD;
    this.scales[row] = scale;
    if (scale < WIDE && this.significand(row) === n) return;
    this.scales[row] = WIDE;
    this.wide.set(row, amount);
  }

  at(row: number): Exact<U> {
    const scale = this.scales[row]!;
    return scale === WIDE ? this.wide.get(row)! : new Exact<U>(this.significand(row), scale);
  }

  private significand(row: number): bigint {
    return (this.high[row]! << WORD) | this.low[row]!;
  }
}
