/** How much of what was liquidated came to the book. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { qty } from '../../../src/basics/exact.ts';
import type { FillRow, OrderRow } from '../../../src/engine/rows.ts';
import { BookShare } from '../../../src/study/compare/bookShare.ts';

const fill = (why: FillRow['why'], lots: string): FillRow =>
  ({ why, effect: 'close', market: 'M', qty: qty(lots) }) as FillRow;
const order = (kind: string, filled: string): OrderRow =>
  ({ kind, market: 'M', filled: qty(filled) }) as OrderRow;
const share = (orders: readonly OrderRow[], fills: readonly FillRow[]): number => {
  const own = new BookShare(1, () => 0);
  for (const row of orders) own.order(row);
  for (const row of fills) own.take(row);
  return own.of(0);
};

test('orders at the mark are in the book like any other, those at the bankruptcy price are not', () => {
  const closed = [fill('liquidation', '3'), fill('takeover', '1')];
  assert.equal(share([order('ioc', '2'), order('ioc', '1')], closed), 0.75);
  assert.equal(share([order('atMark', '3')], closed), 0.75);
  assert.equal(share([order('atBankruptcy', '3')], closed), 0);
});

test('what a fund sells on reaches the book later; a long and a short that net each other never do', () => {
  assert.equal(share([], [fill('takeover', '4'), fill('unwind', '1')]), 0.25);
  // three by order, two and two netted without one: three of seven
  assert.equal(share([order('ioc', '3')], [fill('liquidation', '3'), fill('liquidation', '4')]), 3 / 7);
  assert.equal(share([], []), 1);
});
