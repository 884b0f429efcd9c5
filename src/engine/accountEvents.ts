/** Stage 2 and 3: what accounts do by themselves. A frozen account can do nothing from its verdict on. */
import { ReplayError } from '../basics/errors.ts';
import { money, price, qty, wholeSteps, ZERO_MONEY } from '../basics/exact.ts';
import type { AccountEvent } from '../clock/frames.ts';
import type { Desk } from './desk.ts';

/** Carries out one event. @throws ReplayError SCENARIO_INVALID when it names what is not there */
export function applyAccountEvent(desk: Desk, event: AccountEvent): void {
  const a = desk.book.find(event.account);
  const refuse = (message: string, remedy: string): never => {
    throw new ReplayError(
      'SCENARIO_INVALID',
      message,
      { tsUs: event.tsUs, path: `accountEvents.${event.account}` },
      remedy,
    );
  };
  if (a < 0 || a >= desk.book.population.accounts)
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
      return desk.credit({ ...common, amount: money(event.amount), reason: 'deposit' });
    case 'withdraw':
      return desk.credit({ ...common, amount: money(event.amount).neg(), reason: 'withdrawal' });
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
      return desk.enlarge(account, row, lots, price(event.price), {
        why: 'account-event',
        priceRule: 'event',
        cause: common.cause,
      });
    }
  }
}
