/** Distinct accounts by name. Most names are a number, and a world may have as many of them as accounts: a bit each. */
import { Bits } from '../basics/bits.ts';
import { nameOfNumber, numberOf } from '../ledger/accountName.ts';

/** Numbers from here on are a name that somebody chose, not one of so many accounts. */
const NUMBERS = 1 << 24;

export class AccountNames {
  private readonly numbers = new Bits();
  private readonly others = new Set<string>();

  add(name: string): void {
    const number = numberOf(name);
    if (number >= 0 && number < NUMBERS && nameOfNumber(number) === name) this.numbers.add(number);
    else this.others.add(name);
  }

  /** How many accounts are in any of some sets. */
  static united(sets: readonly AccountNames[]): number {
    const others = new Set(sets.flatMap((set) => [...set.others]));
    return Bits.united(sets.map((set) => set.numbers)) + others.size;
  }
}
