/**
 * What is kept of accounts that lost a position and at which nothing is going on: the wallet and whatever the
 * positions that are left stand at, as columns. After a crash a world has thousands of them, nearly all with a
 * wallet alone.
 */
import { ZERO_MONEY, ZERO_QTY, wholeSteps } from '../basics/exact.ts';
import { AmountTable } from './amountTable.ts';
import type { LiveAccount, LiveLeg } from './positionBook.ts';

export class RestingAccounts {
  private readonly wallets = new AmountTable<'money'>();
  /** Of legs that hold something, by row; 0 where they did once. */
  private readonly qtys = new AmountTable<'qty'>();
  private readonly entryValues = new AmountTable<'money'>();
  private readonly margins = new AmountTable<'money'>();
  /** Funding stamps already charged, where there are any. */
  private readonly seen = new Map<number, number>();

  /** Whether an account can rest: one that lost a leg, locks nothing and is in no case. */
  static isFit({ cross, orderMargin, further, legs, cases }: LiveAccount): boolean {
    const isGone = (leg: LiveLeg): boolean => leg.lots === 0 && (cross || leg.margin.isZero());
    return cases === 0 && further.size === 0 && orderMargin.isZero() && legs.some(isGone);
  }

  put({ index, wallet, legs }: LiveAccount): void {
    this.wallets.put(index, wallet);
    for (const { row, qty, entryValue, margin, seen } of legs) {
      if (qty.isZero() && margin.isZero() && this.qtys.get(row) === undefined) continue;
      this.qtys.put(row, qty);
      this.entryValues.put(row, entryValue);
      this.margins.put(row, margin);
      if (seen > 0) this.seen.set(row, seen);
    }
  }

  /** Makes an account as it opened into what it was when it was put. */
  restore(account: LiveAccount): void {
    account.wallet = this.wallets.get(account.index)!;
    account.orderMargin = ZERO_MONEY;
    for (const leg of account.legs) {
      leg.qty = this.qtys.get(leg.row) ?? ZERO_QTY;
      leg.lots = Number(wholeSteps(leg.qty, leg.market.qtyStep, 'even'));
      leg.entryValue = this.entryValues.get(leg.row) ?? ZERO_MONEY;
      leg.margin = this.margins.get(leg.row) ?? ZERO_MONEY;
      leg.seen = this.seen.get(leg.row) ?? 0;
    }
  }

  /** Numbers of the accounts that were put. */
  numbers(): IterableIterator<number> {
    return this.wallets.numbers();
  }
}
