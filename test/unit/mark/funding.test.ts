/** Funding stamps and payments at their edges. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money, price, qty, rate } from '../../../src/basics/exact.ts';
import { DAY_US, HOUR_US, MINUTE_US, parseInstant, SECOND_US } from '../../../src/basics/instant.ts';
import {
  continuousFunding,
  fundingHistory,
  fundingPayment,
  fundingStampsIn,
  paymentPerUnit,
  stampsCharged,
  timeUntilFundingUs,
} from '../../../src/mark/funding.ts';
import type { FundingRule } from '../../../src/rules/ruleSet.ts';
import { BTC, XBT } from '../../support/smallFrames.ts';

const BINANCE: FundingRule = { intervalUs: 8 * HOUR_US, offsetUs: 0, paymentScale: null };
const BITMEX: FundingRule = { intervalUs: 8 * HOUR_US, offsetUs: 4 * HOUR_US, paymentScale: 8 };
const at = parseInstant;

test('time to the next stamp: 00/08/16 at Binance, 04/12/20 at BitMEX', () => {
  assert.equal(timeUntilFundingUs(BINANCE, at('2020-03-12T00:00Z')), 8 * HOUR_US);
  assert.equal(timeUntilFundingUs(BINANCE, at('2020-03-12T07:59:59Z')), SECOND_US);
  assert.equal(timeUntilFundingUs(BITMEX, at('2020-03-12T03:00Z')), HOUR_US);
  assert.equal(timeUntilFundingUs(BITMEX, at('2020-03-12T20:30Z')), 7.5 * HOUR_US);
  assert.throws(() => timeUntilFundingUs({ ...BINANCE, intervalUs: 7 * HOUR_US }, 0), RangeError);
});

test('the stamps of a span exclude its start and include its end', () => {
  const day = at('2020-03-12');
  assert.deepEqual(
    fundingStampsIn(BITMEX, day, day + DAY_US),
    [4, 12, 20].map((h) => day + h * HOUR_US),
  );
  assert.deepEqual(fundingStampsIn(BINANCE, day, day + 8 * HOUR_US), [day + 8 * HOUR_US]);
  assert.deepEqual(fundingStampsIn(BINANCE, day - SECOND_US, day), [day]);
  assert.deepEqual(fundingStampsIn(BINANCE, day, day + SECOND_US), []);
});

test('a position opened one second after the stamp is charged under slack, fifteen seconds after it not', () => {
  const [midnight, eight] = [at('2021-09-01'), at('2021-09-01T08:00Z')];
  const charged = (openUs: number, slackUs: number) =>
    stampsCharged(BINANCE, { openUs, closeUs: eight, slackUs });
  assert.deepEqual(charged(midnight, 0), [midnight, eight]);
  assert.deepEqual(charged(midnight + SECOND_US, 0), [eight]);
  assert.deepEqual(charged(midnight + SECOND_US, 14 * SECOND_US), [midnight, eight]);
  assert.deepEqual(charged(midnight + 15 * SECOND_US, 14 * SECOND_US), [eight]);
});

test('the last and the next rate of one market', () => {
  const stamp = (hour: string, market: string, text: string) => ({
    tsUs: at(`2020-03-13T${hour}:00Z`),
    market,
    rate: text,
  });
  const history = fundingHistory(
    [
      stamp('00', 'BTCUSDT', '-0.000161'),
      stamp('04', 'XBTUSD', '-0.00375'),
      stamp('08', 'BTCUSDT', '-0.003'),
    ],
    'BTCUSDT',
  );
  const both = (time: string) =>
    [history.lastRate(at(time)), history.nextRate(at(time))].map((r) => r?.toString());
  assert.deepEqual(both('2020-03-12T23:59:59Z'), [undefined, '-0.000161']);
  assert.deepEqual(both('2020-03-13T00:00Z'), ['-0.000161', '-0.003']);
  assert.deepEqual(both('2020-03-13T07:59Z'), ['-0.000161', '-0.003']);
  assert.deepEqual(both('2020-03-13T08:00Z'), ['-0.003', undefined]);
});

test('a payment per unit: exact for linear, cut at 18 places for inverse', () => {
  assert.equal(paymentPerUnit(BTC, price('41030.15'), rate('-0.000897')).toString(), '-36.80404455');
  // 1 / 750 * 0.0025 = 0.00000333...
  assert.equal(paymentPerUnit(XBT, price('750'), rate('0.0025')).toString(), '0.000003333333333333');
});

test('published payments', () => {
  // freqtrade test_exchange.py:5068: 30 * 2.77 * (-0.000008 - 0.000003) = -0.0009141, short side
  const paid = ['-0.000008', '-0.000003'].map((r) => fundingPayment(BTC, qty('30'), price('2.77'), rate(r)));
  assert.equal(paid[0]!.plus(paid[1]!).toString(), '-0.0009141');
  // test_exchange.py:4920: 10 * 2.5 * 0.0002
  assert.equal(fundingPayment(BTC, qty('10'), price('2.5'), rate('0.0002')).toString(), '0.005');
  // BitMEX guide: 15000 contracts at 750 are 20 XBT; 0.25 % of it is 0.05 XBT
  assert.equal(fundingPayment(XBT, qty('15000'), price('750'), rate('0.0025')).toString(), '0.05');
});

test("Deribit's continuous funding", () => {
  // P = 0.1 / 100 = 0.1 %; max(0.05 %, P) + min(-0.05 %, P) = 0.1 % - 0.05 %; one minute of 480
  const funded = (minutes: number, mark: string) =>
    continuousFunding({
      mark: price(mark),
      index: price('100'),
      position: money('1'),
      dampener: rate('0.0005'),
      elapsedUs: minutes * MINUTE_US,
      periodUs: 480 * MINUTE_US,
    });
  assert.equal(funded(480, '100.1').rate.toString(), '0.0005');
  assert.equal(funded(480, '100.1').payment.toString(), '0.0005');
  assert.equal(funded(1, '100.1').payment.toString(), '0.000001041666666667');
  // inside the damper nothing is paid; below it shorts pay
  assert.equal(funded(480, '100.04').payment.toString(), '0');
  assert.equal(funded(480, '99.9').payment.toString(), '-0.0005');
});
