/**
 * What must hold after every beat, in every run. "Money is unchanged" alone could not fail, since
 * every posting has two parties; these can: two bookkeepings that know nothing of each other agree.
 */
import { invariant } from '../basics/errors.ts';
import { balanceOf } from '../ledger/positionBook.ts';
import type { Desk } from './desk.ts';
import { netEntryValue, netLots } from './totals.ts';

/** @throws ReplayError INVARIANT naming the fact that is broken */
export function checkBeat(desk: Desk): void {
  for (const [m, market] of desk.book.markets.entries()) {
    invariant(netLots(desk, market) === 0, `contracts of ${market.id} sum to 0`);
    invariant(
      netEntryValue(desk, market).isZero(),
      `entry values of ${market.id} sum to 0, so value at any mark is unchanged`,
    );
    invariant(
      desk.parties[m]!.agreesWithFills,
      `the gain of market in ${market.id} equals the sum of quantity x (mark - fill)`,
    );
  }
  for (const account of desk.changed) {
    const booked = desk.ledger.balance(account.name, account.asset);
    invariant(
      booked.eq(balanceOf(account)),
      `wallet and margins of ${account.name} equal its ledger balance`,
    );
    for (const [asset, amount] of account.further) {
      invariant(
        desk.ledger.balance(account.name, asset).eq(amount),
        `${asset} of ${account.name} equals its ledger balance`,
      );
    }
  }
  for (const fund of desk.funds)
    invariant(!desk.cashOf(fund).isNegative(), `the insurance fund ${fund.rule.name} is never overdrawn`);
}

/** After the last beat: money per asset is what it was, summed over every party that moved. */
export function checkEnd(desk: Desk): void {
  for (const asset of new Set([
    ...desk.book.markets.map((market) => market.settle),
    ...desk.ledger.assets(),
  ])) {
    invariant(desk.ledger.drift(asset).isZero(), `money in ${asset} is unchanged`);
  }
}
