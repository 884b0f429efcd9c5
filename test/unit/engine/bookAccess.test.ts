/** What forced orders get from one beat: room, price, limit; each side queues by itself. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { price, rate } from '../../../src/basics/exact.ts';
import { type BookBeat, BookAccess } from '../../../src/engine/bookAccess.ts';
import { linearMarket } from '../../support/tinyWorld.ts';

/** Last at 40 000.00, 1 000 lots traded, a quarter of them for forced orders. */
const book = (over: Partial<BookBeat> = {}): BookAccess => {
  const access = new BookAccess(linearMarket(), rate('0.25'));
  access.begin({
    prevLastTicks: 4_000_000,
    highTicks: 4_010_000,
    lowTicks: 3_990_000,
    lots: 1000,
    lambda: 0,
    open: true,
    ...over,
  });
  return access;
};

test('a side may take its share of the beat and no more; the other side has its own', () => {
  const b = book();
  assert.equal(b.offer('long', 300, null).lots, 250);
  b.take('long', 200);
  assert.equal(b.roomFor('long'), 50);
  assert.equal(b.roomFor('short'), 250);
  assert.equal(b.offer('long', 300, null).lots, 50);
  assert.deepEqual(b.forced, { sell: 200, buy: 0 });
});

test('nothing fills while matching is down', () => {
  assert.equal(book({ open: false }).offer('long', 1, null).lots, 0);
});

test('half of the own kick: closing a long sells lower, closing a short buys higher', () => {
  // lambda 1e-6 a lot, 200 lots: e^(-1e-4) x 4 000 000 = 3 999 600.02 ticks, down; e^(+1e-4): 4 000 400.02, up
  const b = book({ lambda: 1e-6 });
  assert.equal(b.offer('long', 200, null).price.toString(), '39996');
  assert.equal(b.offer('short', 200, null).price.toString(), '40004.01');
  // 200 before, 50 now: e^(-(200 + 25) x 1e-6) x 4 000 000 = 3 999 100.10
  b.take('long', 200);
  assert.equal(b.offer('long', 300, null).price.toString(), '39991');
});

test('a limit between two ticks is no worse than itself', () => {
  const b = book();
  assert.equal(b.offer('long', 10, price('40000.001')).lots, 0); // a sell at 40 000 would be worse
  assert.equal(b.offer('long', 10, price('39999.999')).lots, 10);
  assert.equal(b.offer('short', 10, price('39999.999')).lots, 0);
  assert.equal(b.offer('short', 10, price('40000.001')).lots, 10);
});

test('a limit lets through as many lots as still average within it', () => {
  // ticks >= 3 999 900 : e^(-1e-6 q / 2) x 4 000 000 >= 3 999 900 -> q <= 50.0006
  assert.equal(book({ lambda: 1e-6 }).offer('long', 200, price('39999')).lots, 50);
});

test('the price says whether the beat saw it', () => {
  assert.equal(book().offer('long', 1, null).priceRule, 'book');
  assert.equal(book({ lowTicks: 4_000_001 }).offer('long', 1, null).priceRule, 'impact');
  assert.equal(book({ highTicks: 3_999_999 }).offer('long', 1, null).priceRule, 'impact');
});
