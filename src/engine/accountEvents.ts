/** Stage 2 and 3: what accounts do by themselves. A frozen account can do nothing from its verdict on. */
import { ReplayError } from '../basics/errors.ts';
import { type Money, max, min, money, price, qty, wholeSteps, ZERO_MONEY } from '../basics/exact.ts';
import type { AccountEvent } from '../clock/frames.ts';
import type { LiveAccount } from '../ledger/positionBook.ts';
import type { Marks, Pocket } from '../margin/leg.ts';
import { inAsset } from '../margin/multiAsset.ts';
import { isPooled } from '../margin/portfolioVerdict.ts';
import { availableBalance } from '../margin/trigger.ts';
import type { Desk } from './desk.ts';
import { pocketView } from './pocketView.ts';

/** Carries out one event. @throws ReplayError SCENARIO_INVALID when it names what is not there */
export function applyAccountEvent(desk: Desk, event: AccountEvent, marks: Marks): void {
  const a = desk.book.find(event.account);
  const refuse = (message: string, remedy: string): never => {
    throw new ReplayError(
      'SCENARIO_INVALID',
      message,
      { tsUs: event.tsUs, path: `accountEvents.${event.account}` },
      remedy,
    );
  };
  if (a < 0 || a >= desk.book.population.accounts || desk.book.nameOf(a) !== event.account)
    refuse(`no account ${event.account}`, 'Name an account of the population or add it to namedAccounts.');
  const account = desk.open(a);
  const row = account.legs.find(
    (l) => l.market.id === event.market && (event.side === null || l.side === event.side),
  );
  const pocket = account.cross || row === undefined ? desk.book.population.legStart[a]! : row.row;
  if (account.frozen.has(pocket)) return;
  desk.changed.add(account);
  const common = { account, pocket, party: 'outside', market: null, cause: desk.seq() } as const;
  switch (event.kind) {
    case 'deposit':
      if (row === undefined) return desk.fundWallet(common, money(event.amount));
      return desk.credit({ ...common, amount: money(event.amount), reason: 'deposit' });
    case 'withdraw': {
      // a venue pays out no more than what is neither lost, nor margin, nor locked by orders
      const free = account.cross
        ? freeBalance(pocketView(desk.book, account, pocket), marks, account)
        : account.wallet.minus(account.orderMargin);
      return desk.fundWallet(common, min(money(event.amount), max(ZERO_MONEY, free)).neg());
    }
    case 'cancelOrders':
      account.orderMargin = ZERO_MONEY;
      return;
    case 'open': {
      if (row === undefined || event.price === null) {
        return refuse(
          `account ${event.account} has no leg to open`,
          'List the leg with quantity 0 in the positions and give a price.',
        );
      }
      const lots = Number(wholeSteps(qty(event.amount), row.market.qtyStep, 'down'));
      if (lots < 1)
        return refuse(
          `account ${event.account} opens less than one lot`,
          `Give a multiple of ${row.market.qtyStep}.`,
        );
      return desk.enlarge(account, row, lots, price(event.price), {
        why: 'account-event',
        priceRule: 'event',
        cause: common.cause,
      });
    }
  }
}

/** What a cross account may take out of its own asset: no more than it holds of it where several assets count. */
function freeBalance(view: Pocket, marks: Marks, { asset, wallet }: LiveAccount): Money {
  const available = availableBalance(view, marks);
  return isPooled(view) ? min(inAsset(view.pool, asset, available), wallet) : available;
}
