/**
 * The double-entry ledger: every unit of money is a transfer from one party to another, so money
 * per asset cannot change. That alone could not fail; the checks that can are in engine/checks.ts.
 * Balances of parties that never moved are not stored: they are asked of `opening` when needed.
 */
import { type Money, MONEY_SCALE, ZERO_MONEY } from '../basics/exact.ts';
import { invariant } from '../basics/errors.ts';
import type { Asset } from '../rules/market.ts';

/** A population account's name, or `market`, `house`, `fund:<name>`, `funding:<market>`. */
export type Party = string;

export interface Transfer {
  readonly asset: Asset;
  readonly from: Party;
  readonly to: Party;
  /** Settlement units, above 0, at most 18 decimal places. */
  readonly amount: Money;
}

export class Ledger {
  private readonly balances = new Map<Asset, Map<Party, Money>>();
  private readonly opening: (party: Party, asset: Asset) => Money;

  /** @param opening  balance of a party before the run; 0 for those it does not know */
  constructor(opening: (party: Party, asset: Asset) => Money) {
    this.opening = opening;
  }

  /** Settlement units, signed. */
  balance(party: Party, asset: Asset): Money {
    return this.balances.get(asset)?.get(party) ?? this.opening(party, asset);
  }

  /** Moves money. The only writer of balances. */
  post(t: Transfer): void {
    invariant(t.amount.isPositive(), 'a transfer moves a positive amount');
    invariant(t.amount.scale <= MONEY_SCALE, 'money has at most 18 decimal places');
    invariant(t.from !== t.to, 'a transfer has two parties');
    const book = this.bookOf(t.asset);
    book.set(t.from, this.balance(t.from, t.asset).minus(t.amount));
    book.set(t.to, this.balance(t.to, t.asset).plus(t.amount));
  }

  /** Parties whose balance may differ from their opening one, in order of first movement. */
  *moved(): IterableIterator<{ readonly party: Party; readonly asset: Asset; readonly balance: Money }> {
    for (const [asset, book] of this.balances) {
      for (const [party, balance] of book) yield { party, asset, balance };
    }
  }

  /** Sum over moved parties of (balance - opening balance): 0, exactly, per asset. */
  drift(asset: Asset): Money {
    let total = ZERO_MONEY;
    for (const [party, balance] of this.bookOf(asset)) {
      total = total.plus(balance).minus(this.opening(party, asset));
    }
    return total;
  }

  /** Assets in which anything has moved, in order of first movement. */
  assets(): Asset[] {
    return [...this.balances.keys()];
  }

  private bookOf(asset: Asset): Map<Party, Money> {
    const book = this.balances.get(asset) ?? new Map<Party, Money>();
    this.balances.set(asset, book);
    return book;
  }
}
