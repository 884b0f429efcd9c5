/** The slow twin of the watch list: judges every pocket exactly at every mark. Must find the same victims. */
import type { PocketId } from '../ledger/positionBook.ts';
import type { MarketPrice } from '../mark/prices.ts';
import { judge } from '../margin/trigger.ts';
import type { TriggerRule } from '../rules/ruleSet.ts';
import type { Case } from './cases.ts';
import type { Desk } from './desk.ts';
import { chargedView } from './pocketView.ts';

/** Every pocket that fails at these prices and is not under liquidation already, in order of number. */
export function exhaustivePockets(
  desk: Desk,
  cases: readonly Case[],
  trigger: TriggerRule,
  prices: readonly MarketPrice[],
): PocketId[] {
  const busy = new Set(cases.map((c) => c.pocket));
  const marks = (id: string) => prices[desk.book.marketIndex(id)]!.mark;
  const found: PocketId[] = [];
  const { population } = desk.book;
  for (let a = 0; a < population.accounts; a++) {
    const account = desk.book.read(a);
    const pockets = account.cross ? [population.legStart[a]!] : account.legs.map((leg) => leg.row);
    for (const pocket of pockets) {
      if (busy.has(pocket)) continue;
      const view = chargedView(desk.book, desk.clocks, account, pocket);
      if (judge(view, marks, trigger).liquidatable) found.push(pocket);
    }
  }
  return found;
}
