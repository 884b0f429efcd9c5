/** Margin schedules against published tables and hand-worked edges. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price, qty, rate } from '../../../src/basics/exact.ts';
import {
  clearanceFeeRate,
  deductions,
  initialMargin,
  isContinuous,
  legMaintenance,
  maintenanceMargin,
  scaledInitialRate,
  tierIndex,
} from '../../../src/margin/maintenance.ts';
import { BTCUSDT_2021_03, INVERSE, LINEAR, leg, rules, tiers } from './pockets.ts';

const required = (notional: string): string => maintenanceMargin(money(notional), BTCUSDT_2021_03).toString();

test('the deduction keeps the requirement continuous at one million', () => {
  // 1,000,000 * 0.01 - 1,300 = 8,700; 1,000,001 * 0.025 - 16,300 = 8,700.025. Without the deduction it
  // would jump to 25,000.025.
  assert.equal(required('1000000'), '8700');
  assert.equal(required('1000001'), '8700.025');
  assert.equal(required('5000000'), '108700'); // 125,000 - 16,300
  assert.equal(required('10000001'), '233700.05'); // 500,000.05 - 266,300
});

test('bounds are upper-inclusive, and the last tier also serves above its bound', () => {
  assert.equal(tierIndex(rules({}), money('50000'), qty('1')), 0);
  assert.equal(tierIndex(rules({}), money('50000.00000001'), qty('1')), 1);
  assert.equal(required('600000000'), '199983700'); // 300,000,000 - 100,016,300
  assert.equal(required('0'), '0');
});

test('a negative notional is a sign error upstream', () => {
  assert.throws(() => maintenanceMargin(money('-1'), BTCUSDT_2021_03), RangeError);
});

test('deductions follow from floors and rates', () => {
  const floors = ['0', '50000', '250000', '1000000'].map(money);
  const list = deductions(floors, ['0.004', '0.005', '0.01', '0.025'].map(rate));
  assert.deepEqual(list.map(String), ['0', '50', '1300', '16300']);
});

test('a schedule with jumps is told from one without', () => {
  assert.equal(isContinuous(BTCUSDT_2021_03), true);
  assert.equal(isContinuous(tiers('200 0.005 0', '300 0.01 0')), false);
});

test('an inverse notional is the coin value, cut at the venue unit', () => {
  // Binance COIN-M FAQ: 100 contracts of 100 USD at 25,000 are 0.4 BTC; 0.4 % of it is 0.0016.
  const market = { ...INVERSE, faceValue: money('100') };
  const own = rules({ tiers: tiers('5 0.004 0') });
  assert.equal(legMaintenance(leg('long 100 @ 25000', market, own), price('25000')).toString(), '0.0016');
});

test('tiers by quantity and maintenance at entry read what they say', () => {
  const byQty = rules({ tierKey: 'qty', tiers: tiers('2 0.01 0', '10 0.02 0') });
  assert.equal(legMaintenance(leg('long 2 @ 100', LINEAR, byQty), price('200')).toString(), '4'); // 400 * 1 %
  // 200.1 * 2 %
  assert.equal(legMaintenance(leg('long 2.001 @ 100', LINEAR, byQty), price('100')).toString(), '4.002');
  const atEntry = rules({ notionalAt: 'entry', tiers: tiers('1000000 0.005 0') });
  assert.equal(legMaintenance(leg('long 1 @ 80000', LINEAR, atEntry), price('70000')).toString(), '400');
  assert.equal(initialMargin(leg('long 1 @ 80000', LINEAR, atEntry), price('70000')).toString(), '800');
});

test('a rate grows with the size of the position: coins where linear, notional where inverse (Deribit)', () => {
  // Deribit, Linear Perpetual: 25 BTC keep 1 % + 25 * 0.005 % = 1.125 % = 0.28125 BTC, and need 2.125 %
  const sizeSlope = { maintenance: rate('0.00005'), initial: rate('0.00005') };
  const own = rules({ tiers: [{ ...tiers('1000000000 0.01 0')[0]!, initialRate: rate('0.02') }], sizeSlope });
  const long = leg('long 25 @ 90000', LINEAR, own);
  assert.equal(legMaintenance(long, price('100000')).toString(), '28125');
  assert.equal(initialMargin(long, price('100000')).toString(), '53125');
  // 2,500,000 contracts of 1 USD are 25 BTC at 100,000 and 50 BTC at 50,000: 50 * (1 % + 0.25 %) = 0.625 BTC
  const coin = leg('short 2500000 @ 90000', INVERSE, own);
  assert.equal(legMaintenance(coin, price('100000')).toString(), '0.28125');
  assert.equal(legMaintenance(coin, price('50000')).toString(), '0.625');
});

test('a closing fee is part of the requirement (OKX), not of the initial margin', () => {
  const own = rules({ tiers: tiers('1000000 0.01 0'), closingFee: rate('0.0006') });
  const long = leg('long 2 @ 100', LINEAR, own);
  assert.equal(legMaintenance(long, price('150')).toString(), '3.18'); // 300 * 1.06 %
  assert.equal(initialMargin(long, price('150')).toString(), '6'); // 300 * 2 %
});

test('requirements in whole units: maintenance is a part of the rounded initial margin (dYdX)', () => {
  // liquidity_tier_test.go:277: 123,456 * 0.567243 = 70,029.5518 -> 70,030; 3/5 of that is 42,018, where
  // 3/5 of the unrounded amount is 42,017.7
  const row = { ...tiers('1000000 0.3403458 0')[0]!, initialRate: rate('0.567243') };
  const own = rules({ tiers: [row], requirementScale: 0 });
  const whole = leg('long 123456 @ 1', LINEAR, own);
  assert.equal(initialMargin(whole, price('1')).toString(), '70030');
  assert.equal(legMaintenance(whole, price('1')).toString(), '42018');
  // 7 * 0.567243 = 3.97 -> 4; 4 * 0.6 = 2.4 -> 3, and 3 + 7 * 0.1 = 3.7 -> 4
  const fee = rules({ tiers: [row], requirementScale: 0, closingFee: rate('0.1') });
  assert.equal(legMaintenance(leg('short 7 @ 1', LINEAR, fee), price('1')).toString(), '4');
});

test('open interest between its caps raises the initial rate, in whole parts per million (dYdX)', () => {
  const caps = { lower: money('25000000000000'), upper: money('60000000000000') };
  const scaled = (notional: string): string =>
    scaledInitialRate(rate('0.2'), { notional: money(notional), ...caps }).toString();
  // liquidity_tier_test.go:332: 0.2 + 0.8 * 3,123,456,789,123 / 35,000,000,000,000 = 0.27139329...
  assert.equal(scaled('28123456789123'), '0.271393');
  assert.equal(scaled('25000000000000'), '0.2');
  assert.equal(scaled('60000000000000'), '1');
  const none = { notional: money('5'), lower: money('0'), upper: money('0') };
  assert.equal(scaledInitialRate(rate('0.2'), none).toString(), '0.2');
});

test('the first clearance fee row that fits serves', () => {
  const own = rules({
    clearanceFee: [
      { rate: rate('0.005'), until: 100 },
      { rate: rate('0.02'), mode: 'isolated', upTo: money('1000') },
      { rate: rate('0.012'), from: 100 },
    ],
  });
  const fee = (tsUs: number, mode: 'isolated' | 'cross', notional: string): string =>
    clearanceFeeRate(own, { tsUs, mode, notional: money(notional) }).toString();
  assert.equal(fee(99, 'isolated', '10'), '0.005');
  assert.equal(fee(100, 'isolated', '1000'), '0.02');
  assert.equal(fee(100, 'isolated', '1000.1'), '0.012');
  assert.equal(fee(100, 'cross', '10'), '0.012');
  assert.equal(clearanceFeeRate(rules({}), { tsUs: 0, mode: 'cross', notional: money('1') }).toString(), '0');
});
