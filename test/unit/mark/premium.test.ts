/** Impact prices, premiums and what a venue makes of them, by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money, price, qty, rate } from '../../../src/basics/exact.ts';
import {
  beyondDamper,
  dampedRate,
  impactPrice,
  type Level,
  premiumOf,
  within,
} from '../../../src/mark/premium.ts';

type Row = readonly [price: string, qty: string | null];
const side = (rows: readonly Row[]): Level[] =>
  rows.map(([at, size]) => ({ price: price(at), qty: size === null ? null : qty(size) }));
const impact = (notional: string, ...rows: Row[]): string | null =>
  impactPrice(side(rows), money(notional))?.toString() ?? null;

test('an impact price is notional over what it buys', () => {
  // 0.1 at 9999 costs 999.9, the other 4000.1 buy 4000.1 / 9998: 5000 / (0.1 + 4000.1 / 9998) (dYdX)
  assert.equal(impact('5000', ['9999', '0.1'], ['9998', '1']), '9998.19996399928');
  assert.equal(impact('5000', ['9999', '1']), '9999');
  assert.equal(impact('9999', ['9999', '1']), '9999'); // exactly the level
  assert.equal(impact('9999.01', ['9999', '1']), null); // not enough
  assert.equal(impact('1'), null);
});

test('a best price without its size is taken to be enough', () => {
  assert.equal(impact('1000000', ['10001', null]), '10001');
});

const premium = (bid: string | null, ask: string | null, index: string, centre = index): string =>
  premiumOf({
    bid: bid === null ? null : price(bid),
    ask: ask === null ? null : price(ask),
    index: price(index),
    centre: price(centre),
  }).toString();

test('a premium is what the bid is above the index, or the ask below it; between them it is nothing', () => {
  assert.equal(premium('102', '103', '100'), '0.02');
  assert.equal(premium('97', '98', '100'), '-0.02');
  assert.equal(premium('99', '101', '100'), '0');
  // a side that the book cannot fill says nothing
  assert.equal(premium(null, '103', '100'), '0');
  assert.equal(premium('97', null, '100'), '0');
});

test('against the mark, whose own distance from the index is added', () => {
  // index 100, mark 101: bid 102 is 1 above the mark, and the mark 1 above the index
  assert.equal(premium('102', '103', '100', '101'), '0.02');
  assert.equal(premium('100.5', '101.5', '100', '101'), '0.01');
  assert.equal(premium('98', '99', '100', '101'), '-0.01'); // -2 + 1
});

test('the damper pulls a premium to the interest, and no further', () => {
  const damped = (p: string, damper: string | null) =>
    dampedRate(rate(p), rate('0.0001'), damper === null ? null : rate(damper)).toString();
  assert.equal(damped('0.0003', '0.0005'), '0.0001'); // 0.0003 - 0.0002
  assert.equal(damped('0.001', '0.0005'), '0.0005');
  assert.equal(damped('-0.001', '0.0005'), '-0.0005');
  assert.equal(damped('0.001', null), '0.0011'); // dYdX: P + I
});

test('beyond the damper alone is paid; limits are on both sides', () => {
  assert.deepEqual(
    ['0.001', '0.0005', '0.0002', '-0.0005', '-0.0007'].map((p) =>
      beyondDamper(rate(p), rate('0.0005')).toString(),
    ),
    ['0.0005', '0', '0', '0', '-0.0002'],
  );
  assert.deepEqual(
    ['5', '-5', '1'].map((r) => within(rate(r), rate('2')).toString()),
    ['2', '-2', '1'],
  );
  assert.equal(within(rate('5'), null).toString(), '5');
});
