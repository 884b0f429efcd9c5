/** Sums over everybody in a market: what must be 0, and the open interest. */
import { type Money, sum } from '../basics/exact.ts';
import type { Market } from '../rules/market.ts';
import type { Desk } from './desk.ts';

/** Signed lots of population, funds and `market`: 0. */
export function netLots(desk: Desk, market: Market): number {
  const m = desk.book.marketIndex(market.id);
  const { long, short } = desk.book.lots[m]!;
  const held = desk.funds.reduce((total, fund) => total + fund.lotsIn(market.id), 0);
  return long - short + held + desk.parties[m]!.lots;
}

/** Signed entry value of population, funds and `market`: 0. */
export function netEntryValue(desk: Desk, market: Market): Money {
  const m = desk.book.marketIndex(market.id);
  const held = sum(desk.funds.map((fund) => fund.entryValueIn(market.id)));
  return desk.book.entrySum[m]!.plus(held).plus(desk.parties[m]!.entryValue);
}

/** Open interest in lots: the long side of everybody. */
export function openInterestLots(desk: Desk, market: Market): number {
  const m = desk.book.marketIndex(market.id);
  const held = desk.funds.reduce((total, fund) => total + fund.longLotsIn(market.id), 0);
  return desk.book.lots[m]!.long + held + Math.max(0, desk.parties[m]!.lots);
}
