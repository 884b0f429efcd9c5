/**
 * Positions that are opened during the event: whether the rules of a world admit one, and the money that
 * comes with it. Nothing of it is flow: the tape holds these trades already.
 */
import {
  carried,
  cut,
  type Money,
  max,
  type Price,
  product,
  quotient,
  steps,
  ZERO_MONEY,
} from '../basics/exact.ts';
import { COLUMN_SCALE } from '../ledger/population.ts';
import type { LiveAccount, LiveLeg, PocketId } from '../ledger/positionBook.ts';
import { profit, valueAt } from '../margin/leg.ts';
import { initialMargin } from '../margin/maintenance.ts';
import type { BehaviourAssumption } from '../rules/assumptions.ts';
import type { Desk } from './desk.ts';

/** What becomes of somebody who wants to open a position. */
export interface Admission {
  readonly outcome: 'admitted' | 'scaled' | 'rejected';
  /** What is opened: all, fewer, or none. */
  readonly lots: number;
  /** Margin that the wanted leverage asks for, and that the rules do for all that is wanted. */
  readonly wanted: Money;
  readonly needed: Money;
}

/** Somebody at the door: the leg that is still empty, and what was drawn for it. */
export interface Newcomer {
  readonly account: LiveAccount;
  readonly leg: LiveLeg;
  readonly pocket: PocketId;
  readonly lots: number;
  /** Notional over margin. */
  readonly leverage: number;
  /** Free collateral as a multiple of the margin. */
  readonly free: number;
}

/**
 * Margin of a position at a leverage: value / leverage, rounded up at 8 decimal places.
 *
 * @param value     settlement units
 * @param leverage  notional over margin, above 0
 */
export const marginAt = (value: Money, leverage: number): Money =>
  quotient<'money'>('money', value, carried('rate', leverage), COLUMN_SCALE, 'up');

/**
 * Whether the rules let an account open a position at a price.
 *
 *   wanted = value / leverage     needed = initial margin of the leg, at the price
 *
 * Who wants more leverage than the rules allow keeps the notional and is refused (`reject`), or keeps the margin
 * and opens the most lots for which needed is at most that (`scale`). Accounts that are judged as one have no
 * initial margin by position: they are admitted. One under liquidation is not.
 */
export function admission(
  desk: Desk,
  newcomer: Newcomer,
  at: { readonly price: Price; readonly overLeverage: BehaviourAssumption['overLeverage'] },
): Admission {
  const { account, leg, pocket, lots, leverage } = newcomer;
  const entryValue = valueAt(leg.market, steps(lots, leg.market.qtyStep), at.price);
  const wanted = marginAt(entryValue, leverage);
  const needed = neededFor(leg, lots, at.price);
  const margins = { wanted, needed };
  const refused = { outcome: 'rejected', lots: 0, ...margins } as const;
  if (account.frozen.has(pocket)) return refused;
  if (needed.lte(wanted) || desk.book.poolOf(account) !== null)
    return { outcome: 'admitted', lots, ...margins };
  if (at.overLeverage === 'reject') return refused;
  const carriedLots = lotsWithin(lots, (some) => neededFor(leg, some, at.price).lte(wanted));
  return carriedLots === 0 ? refused : { outcome: 'scaled', lots: carriedLots, ...margins };
}

/** Initial margin of so many lots opened at a price, rounded up at 8 decimal places. */
function neededFor(leg: LiveLeg, lots: number, price: Price): Money {
  const qty = steps(lots, leg.market.qtyStep);
  const entryValue = valueAt(leg.market, qty, price);
  return cut(initialMargin({ ...leg, qty, entryValue }, price), COLUMN_SCALE, 'up');
}

/** The most lots below so many that hold, by halves: what holds for some holds for fewer. */
function lotsWithin(lots: number, holds: (lots: number) => boolean): number {
  let [good, bad] = [0, lots];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/**
 * What a position opened at a price has lost already at the venue's mark, which a venue asks for on top of the
 * margin: else it would be liquidated at once.
 *
 *   open loss = max(0, -profit at the mark)      rounded up at 8 decimal places
 *
 * @param mark  0 before there is one: nothing is lost then
 * @see Binance, How to calculate cost required to open a position: cost = initial margin + open loss
 */
function openLoss({ leg, lots }: Newcomer, at: { readonly price: Price; readonly mark: Price }): Money {
  if (!at.mark.isPositive()) return ZERO_MONEY;
  const qty = steps(lots, leg.market.qtyStep);
  const gained = profit(leg, valueAt(leg.market, qty, at.mark), valueAt(leg.market, qty, at.price));
  return cut(max(ZERO_MONEY, gained.neg()), COLUMN_SCALE, 'up');
}

/**
 * Brings an admitted newcomer's money from outside and opens the position, at no cost to the book.
 *
 * @param margin  of the position; isolated: into the leg, and the free part into the wallet
 * @param mark    what the position has lost at it comes with the margin
 */
export function enter(
  desk: Desk,
  newcomer: Newcomer,
  at: { readonly price: Price; readonly mark: Price; readonly margin: Money; readonly cause: number },
): void {
  const { account, leg, pocket, lots, free } = newcomer;
  const { margin, cause } = at;
  const spare = cut(product('money', margin, carried('rate', free)), COLUMN_SCALE, 'up');
  const { id } = leg.market;
  const cost = margin.plus(openLoss(newcomer, at));
  const amount = account.cross ? cost.plus(spare) : cost;
  desk.credit({ account, pocket, party: 'outside', amount, reason: 'deposit', market: id, cause });
  if (!account.cross && spare.isPositive()) desk.fundWallet({ account, cause }, spare);
  desk.enlarge(account, leg, lots, at.price, { why: 'arrival', priceRule: 'last', cause });
}
