/** Which price winners are closed at, and what falls on each unit when nobody is closed. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { adlPrice } from '../../../src/adl/price.ts';
import { lossPerUnit } from '../../../src/adl/spread.ts';
import { money, price, qty, rate } from '../../../src/basics/exact.ts';

const at = { bankruptcy: price('489'), mark: price('400'), previousMark: price('410') };
const named = (rule: Parameters<typeof adlPrice>[0], prices = at): string => {
  const { price: found, by } = adlPrice(rule, prices);
  return `${found} ${by}`;
};

test('each rule takes its price; none means bankruptcy', () => {
  assert.equal(named(undefined), '489 bankruptcy');
  assert.equal(named({ kind: 'bankruptcy' }), '489 bankruptcy');
  assert.equal(named({ kind: 'mark' }), '400 mark');
  assert.equal(named({ kind: 'previousMark' }), '410 previousMark');
});

test("Bybit's published example: 489 is more than 5 % off a mark of 400", () => {
  // a long of 100 from 500 with 1 000 of margin and 100 of wallet; https://wuyelx.com/6291.html
  const rule = { kind: 'bankruptcyWithin', band: rate('0.05') } as const;
  assert.equal(named(rule), '400 mark');
  assert.equal(named(rule, { ...at, bankruptcy: price('420') }), '420 bankruptcy'); // 5 % exactly
  assert.equal(named(rule, { ...at, bankruptcy: price('420.01') }), '400 mark');
  assert.equal(named(rule, { ...at, bankruptcy: price('379.99') }), '400 mark');
  assert.equal(named(rule, { ...at, bankruptcy: price('380') }), '380 bankruptcy');
});

test("Drift's published test: 100 over 7 long and 4 short is 9.09091 a unit, rounded up", () => {
  assert.equal(lossPerUnit(money('100'), qty('11'), 6).toString(), '9.09091');
  assert.throws(() => lossPerUnit(money('1'), qty('0'), 6), RangeError);
});
