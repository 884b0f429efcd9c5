/** A pocket as the margin room sees it. */
import { ZERO_MONEY } from '../basics/exact.ts';
import {
  collateralOf,
  type LiveAccount,
  type LiveLeg,
  type PocketId,
  type PositionBook,
} from '../ledger/positionBook.ts';
import type { Pocket } from '../margin/leg.ts';

export interface LivePocket extends Pocket {
  readonly legs: readonly LiveLeg[];
}

/** Legs that still hold something, and their common collateral. */
export const pocketView = (book: PositionBook, account: LiveAccount, pocket: PocketId): LivePocket => ({
  legs: book.legsOf(account, pocket),
  wallet: collateralOf(account, pocket),
  orderMargin: account.cross ? account.orderMargin : ZERO_MONEY,
});
