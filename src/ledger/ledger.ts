/**
 * The double-entry ledger: every unit of money is a transfer from one party to another, so money
 * per asset cannot change. That alone could not fail; the checks that can are in engine/checks.ts.
 * Balances of parties that never moved are not stored: they are asked of the opening when needed.
 */
import { type Money, MONEY_SCALE, ZERO_MONEY } from '../basics/exact.ts';
import { invariant } from '../basics/errors.ts';
import type { Asset } from '../rules/market.ts';
import { AmountTable } from './amountTable.ts';

/** A population account's name, or `market`, `house`, `fund:<name>`, `funding:<market>`. */
export type Party = string;

export interface Transfer {
  readonly asset: Asset;
  readonly from: Party;
  readonly to: Party;
  /** Settlement units, above 0, at most 18 decimal places. */
  readonly amount: Money;
}

/** What everybody had before the run. */
export interface Opening {
  /** Number of a population account; below 0 where the party is none. */
  readonly find: (party: Party) => number;
  readonly ofAccount: (account: number, asset: Asset) => Money;
  /** Of any other party; 0 for those it does not know. */
  readonly ofParty: (party: Party, asset: Asset) => Money;
}

/** What has moved in one asset. */
interface Book {
  /** Balances of population accounts, by number. */
  readonly accounts: AmountTable<'money'>;
  readonly others: Map<Party, Money>;
}

export class Ledger {
  private readonly books = new Map<Asset, Book>();
  private readonly opening: Opening;

  constructor(opening: Opening) {
    this.opening = opening;
  }

  /** Settlement units, signed. */
  balance(party: Party, asset: Asset): Money {
    const a = this.opening.find(party);
    const book = this.books.get(asset);
    return a < 0
      ? (book?.others.get(party) ?? this.opening.ofParty(party, asset))
      : (book?.accounts.get(a) ?? this.opening.ofAccount(a, asset));
  }

  /** Moves money. The only writer of balances. */
  post({ asset, from, to, amount }: Transfer): void {
    invariant(amount.isPositive(), 'a transfer moves a positive amount');
    invariant(amount.scale <= MONEY_SCALE, 'money has at most 18 decimal places');
    invariant(from !== to, 'a transfer has two parties');
    this.put(from, asset, this.balance(from, asset).minus(amount));
    this.put(to, asset, this.balance(to, asset).plus(amount));
  }

  /** Parties beside the population whose balance may differ from their opening one, in order of first movement. */
  *moved(): IterableIterator<{ readonly party: Party; readonly asset: Asset; readonly balance: Money }> {
    for (const [asset, { others }] of this.books) {
      for (const [party, balance] of others) yield { party, asset, balance };
    }
  }

  /** Sum over moved parties of (balance - opening balance): 0, exactly, per asset. */
  drift(asset: Asset): Money {
    const { accounts, others } = this.bookOf(asset);
    let total = ZERO_MONEY;
    for (const a of accounts.numbers())
      total = total.plus(accounts.get(a)!).minus(this.opening.ofAccount(a, asset));
    for (const [party, balance] of others)
      total = total.plus(balance).minus(this.opening.ofParty(party, asset));
    return total;
  }

  /** Assets in which anything has moved, in order of first movement. */
  assets(): Asset[] {
    return [...this.books.keys()];
  }

  private put(party: Party, asset: Asset, balance: Money): void {
    const a = this.opening.find(party);
    const { accounts, others } = this.bookOf(asset);
    if (a < 0) others.set(party, balance);
    else accounts.put(a, balance);
  }

  private bookOf(asset: Asset): Book {
    const book = this.books.get(asset) ?? {
      accounts: new AmountTable<'money'>(),
      others: new Map<Party, Money>(),
    };
    this.books.set(asset, book);
    return book;
  }
}
