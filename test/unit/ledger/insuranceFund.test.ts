/** When a fund takes nothing: falls within a window, coming back, and what it may lose in a beat. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, rate } from '../../../src/basics/exact.ts';
import { fallsTooFar, InsuranceFund } from '../../../src/ledger/insuranceFund.ts';
import type { FundRule } from '../../../src/rules/ruleSet.ts';

const fund = (refusal: Partial<FundRule['refusal']>): InsuranceFund =>
  new InsuranceFund({
    name: 'main',
    asset: 'USDT',
    markets: ['BTCUSDT'],
    fundingShare: rate('0'),
    injections: [],
    floor: null,
    clearEveryUs: 0,
    unwind: { kind: 'hold' },
    refusal: { empty: true, netNotionalCap: null, drawdown: null, ...refusal },
  });
/** Refusal after each value, one second apart. */
const told = (of: InsuranceFund, values: readonly string[]): (string | null)[] =>
  values.map((value, i) => {
    of.observe(i, money(value));
    return of.refuses(i, money(value));
  });

test('Bybit: from a fall of 30 % on until it is less than 25 %', () => {
  const drawdown = { fraction: rate('0.3'), windowUs: 100, pauseUs: 0, resumeAt: rate('0.25') };
  const values = ['1000', '701', '700', '720', '750', '751', '740', '699'];
  const waits = 'drawdown';
  assert.deepEqual(told(fund({ drawdown: { ...drawdown, inclusive: true } }), values), [
    ...[null, null, waits, waits, waits, null, null, waits],
  ]);
  // strictly: 700 is not beyond 30 %, 750 is not beyond 25 %
  assert.deepEqual(told(fund({ drawdown }), ['1000', '700', '699', '749', '750', '740']), [
    ...[null, null, waits, waits, null, null],
  ]);
});

test('the fall is counted from the highest value of the window: when that leaves it, the wait ends', () => {
  const drawdown = { fraction: rate('0.3'), windowUs: 3, pauseUs: 0, resumeAt: rate('0.25') };
  // 1 000 is seen at 0, and still in the window at 3; at 4 the highest is 650
  assert.deepEqual(told(fund({ drawdown }), ['1000', '650', '650', '650', '650']), [
    ...[null, 'drawdown', 'drawdown', 'drawdown', null],
  ]);
});

test('OKX: 30 % below the 8-hour peak, strictly; a pause without coming back ends by itself', () => {
  const drawdown = { fraction: rate('0.3'), windowUs: 100, pauseUs: 2 };
  assert.deepEqual(told(fund({ drawdown }), ['400000', '280000', '279999', '281000', '281000']), [
    ...[null, null, 'drawdown', 'drawdown', null],
  ]);
});

test('a fall with no pause and no level to come back to refuses nothing, not even in its own beat', () => {
  const drawdown = { fraction: rate('0.3'), windowUs: 100, pauseUs: 0 };
  assert.deepEqual(told(fund({ drawdown }), ['1000', '100', '100']), [null, null, null]);
});

test('falls by hand: a share of the base, or a least amount where that is more', () => {
  const fell = (fall: string, base: string, inclusive: boolean, least = '0'): boolean =>
    fallsTooFar({
      fall: money(fall),
      base: money(base),
      fraction: rate('0.3'),
      inclusive,
      least: money(least),
    });
  assert.equal(fell('600000', '2000000', true), true); // Bybit's second example: -0.30 triggers
  assert.equal(fell('600000', '2000000', false), false);
  assert.equal(fell('120001', '400000', false), true);
  assert.equal(fell('40000', '100000', false, '50000'), false); // 30 % is 30 000, but at least 50 000
  assert.equal(fell('50001', '100000', false, '50000'), true);
  assert.equal(fell('0', '0', true), false);
});

test('dYdX: what may be lost in a beat is counted anew in the next', () => {
  const of = fund({ lossPerBeat: money('100') });
  assert.equal(of.lossLeft(1)!.toString(), '100');
  of.lose(1, money('30'));
  of.lose(1, money('45.5'));
  assert.equal(of.lossLeft(1)!.toString(), '24.5');
  assert.equal(of.lossLeft(2)!.toString(), '100');
  of.lose(2, money('1'));
  assert.equal(of.lossLeft(2)!.toString(), '99');
  assert.equal(fund({}).lossLeft(1), null);
});
