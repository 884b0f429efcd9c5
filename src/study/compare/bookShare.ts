/** How much of what liquidations took from accounts came to the book: the rest met winners, or lies with a fund. */
import type { FillRow, OrderRow } from '../../engine/rows.ts';

export class BookShare {
  private readonly lost: number[];
  private readonly booked: number[];
  private readonly place: (market: string) => number;

  /** @param place  number of a market, from 0 */
  constructor(markets: number, place: (market: string) => number) {
    this.lost = Array.from({ length: markets }, () => 0);
    this.booked = [...this.lost];
    this.place = place;
  }

  /** An order at the mark is one in the book too: only one at the bankruptcy price is none. */
  order({ kind, market, filled }: OrderRow): void {
    if (kind !== 'atBankruptcy') this.booked[this.place(market)]! += filled.approxF64();
  }

  take({ why, market, qty, effect }: FillRow): void {
    if (effect !== 'close') return;
    const m = this.place(market);
    if (why === 'unwind') this.booked[m]! += qty.approxF64();
    // of two accounts that ADL closes only one was liquidated
    if (why === 'liquidation' || why === 'takeover') this.lost[m]! += qty.approxF64();
    if (why === 'adl') this.lost[m]! += qty.approxF64() / 2;
  }

  /** Share of liquidated lots that forced orders brought to the book; 1 where nobody was liquidated. */
  of(market: number): number {
    return this.lost[market]! > 0 ? Math.min(1, this.booked[market]! / this.lost[market]!) : 1;
  }
}
