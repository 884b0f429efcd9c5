/** The fillable price: dYdX v4's own test cases, and the same for an inverse contract. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price, rate } from '../../../src/basics/exact.ts';
import { fillablePrice } from '../../../src/margin/fillable.ts';
import { judge } from '../../../src/margin/trigger.ts';
import { at, INVERSE, LINEAR, leg, pocket, rules, tiers } from './pockets.ts';

const TEN_PERCENT = rules({ tiers: tiers('1000000000 0.1 0') });

/** x/clob/keeper/liquidations_test.go, TestGetFillablePrice: 0.1 BTC at 50 000, rate 10 %, a quote balance. */
const dydx = (side: 'long' | 'short', balance: string, spread = '0.1', adjustment = '1'): string => {
  // the balance already holds what the position cost: entry value 0
  const one = { ...leg(`${side} 0.1 @ 50000`, LINEAR, TEN_PERCENT), entryValue: money('0') };
  const verdict = judge(pocket(balance, one), at('50000'), { inclusive: false });
  const by = { spread: rate(spread), adjustment: rate(adjustment) };
  return String(fillablePrice(one, price('50000'), verdict, by));
};

test("dYdX's published cases", () => {
  assert.equal(dydx('long', '-4501'), '49999');
  assert.equal(dydx('long', '-4501', '0.1', '2'), '49998');
  assert.equal(dydx('long', '-4501', '0.2'), '49998');
  assert.equal(dydx('short', '5499'), '50001');
  assert.equal(dydx('short', '5499', '0.2'), '50002');
  assert.equal(dydx('long', '-5000'), '49500'); // at the bankruptcy price
  assert.equal(dydx('short', '5000'), '50500');
  assert.equal(dydx('long', '-5500'), '49500'); // below it: no further
  assert.equal(dydx('short', '4500'), '50500');
  assert.equal(dydx('long', '-4501', '0.1', '4294.967295'), '49500');
  assert.equal(dydx('long', '-4501', '0.000001'), '49999.99999');
  assert.equal(dydx('long', '-4501', '1'), '49990');
});

test('several positions: each gives up its own requirement, by the health of all', () => {
  // -490 + 200 + 300 = 10 against 20 + 30: 0.8 x 0.1 x 30 = 2.40 of 300 for 0.1 ETH
  const btc = { ...leg('long 0.004 @ 50000', LINEAR, TEN_PERCENT), entryValue: money('0') };
  const eth = {
    ...leg('long 0.1 @ 3000', { ...LINEAR, id: 'ETH' }, TEN_PERCENT),
    entryValue: money('0'),
  };
  const marks = (id: string) => (id === 'ETH' ? price('3000') : price('50000'));
  const verdict = judge(pocket('-490', btc, eth), marks, { inclusive: false });
  const by = { spread: rate('0.1'), adjustment: rate('1') };
  assert.equal(String(fillablePrice(eth, price('3000'), verdict, by)), '2976');
});

test('a healthy account gives up nothing', () => {
  assert.equal(dydx('long', '-4000'), '50000');
});

test('inverse: the value given up is in coin; a short worth less than that has no price', () => {
  // 10 000 contracts at 10 000 = 1, rate 10 %, no equity: 0.1 x 0.1 = 0.01 given: 10 000 / 1.01, 10 000 / 0.99
  const own = (side: string) => leg(`${side} 10000 @ 10000`, INVERSE, TEN_PERCENT);
  const none = { equity: money('0'), maintenance: money('0.1') };
  const by = { spread: rate('0.1'), adjustment: rate('1') };
  assert.equal(String(fillablePrice(own('long'), price('10000'), none, by)), '9900.990099009901');
  assert.equal(String(fillablePrice(own('short'), price('10000'), none, by)), '10101.010101010101');
  assert.equal(fillablePrice(own('short'), price('10000'), none, { ...by, spread: rate('10') }), null);
});

test('nothing held, or nothing required: refused', () => {
  const one = leg('long 1 @ 100', LINEAR, TEN_PERCENT);
  const by = { spread: rate('1'), adjustment: rate('1') };
  const verdict = { equity: money('0'), maintenance: money('0') };
  assert.throws(() => fillablePrice(one, price('100'), verdict, by), RangeError);
});
