/** A pocket as the margin room sees it. */
import { ZERO_MONEY } from '../basics/exact.ts';
import {
  collateralOf,
  type LiveAccount,
  type LiveLeg,
  type PocketId,
  type PositionBook,
} from '../ledger/positionBook.ts';
import type { FundingClock } from '../ledger/fundingClock.ts';
import type { Pocket } from '../margin/leg.ts';
import { withBalance } from '../margin/portfolioVerdict.ts';

export interface LivePocket extends Pocket {
  readonly legs: readonly LiveLeg[];
}

/** Legs that still hold something, and their common collateral. */
export function pocketView(book: PositionBook, account: LiveAccount, pocket: PocketId): LivePocket {
  const pool = book.poolOf(account);
  const view = {
    legs: book.legsOf(account, pocket),
    wallet: collateralOf(account, pocket),
    orderMargin: account.cross ? account.orderMargin : ZERO_MONEY,
  };
  return pool === null ? view : { ...view, pool };
}

/** The same with the funding that its legs owe taken off: what may be judged without opening the account. */
export function chargedView(
  book: PositionBook,
  clocks: readonly FundingClock[],
  account: LiveAccount,
  pocket: PocketId,
): LivePocket {
  const view = pocketView(book, account, pocket);
  let { wallet, pool } = view;
  for (const leg of view.legs) {
    const clock = clocks[book.marketIndex(leg.market.id)]!;
    if (leg.seen >= clock.seen) continue;
    const due = clock.due(leg.side, leg.qty, leg.seen);
    wallet = wallet.minus(due);
    if (pool !== undefined) pool = withBalance(pool, leg.market.settle, due.neg());
  }
  return pool === undefined ? { ...view, wallet } : { ...view, wallet, pool };
}
