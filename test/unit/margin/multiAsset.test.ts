/** Several assets as one margin, worked by hand: what they count for, equity, exchanges, Bybit's account rate. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price, rate } from '../../../src/basics/exact.ts';
import {
  assetRates,
  autoExchange,
  countedValue,
  exchangePlan,
  inAsset,
  soldForDeficit,
  unifiedRate,
} from '../../../src/margin/multiAsset.ts';
import { availableWhole, wholeShares } from '../../../src/margin/portfolioVerdict.ts';
import { judge } from '../../../src/margin/trigger.ts';
import { BTC, COIN, legOf, marksOf, poolOf } from '../../support/pools.ts';

const at40k = { low: () => price('40000'), high: () => price('40000') };
const INCLUSIVE = { inclusive: true };

test('rates and auto-exchange as Binance prints them', () => {
  const { bid, ask } = assetRates(price('0.99'), rate('0.01'), rate('0.005'));
  assert.deepEqual([bid.toString(), ask.toString()], ['0.9801', '0.99495']);
  assert.equal(soldForDeficit(money('20000'), rate('0.025')).toString().slice(0, 8), '20512.82');
});

test('balances count at the bid with a haircut, debts at the ask, profit without a haircut', () => {
  const pool = poolOf();
  const value = (asset: string, amount: string, what: 'balance' | 'profit' = 'balance') =>
    countedValue(pool, { asset, amount: money(amount), what }, at40k).toString();
  assert.equal(value('BTC', '1.5'), '56430'); // 1.5 x 40 000 x 0.99 x 0.95
  assert.equal(value('BTC', '1.5', 'profit'), '59400'); // 1.5 x 39 600
  assert.equal(value('BTC', '-0.5'), '-20200'); // 0.5 x 40 400
  assert.equal(value('USDC', '-100'), '-100.1');
  assert.equal(value('USDT', '-7'), '-7');
  assert.equal(value('DOGE', '1000'), '0');
});

test('over a range of the index the lower end counts for balances, the upper for debts', () => {
  const range = { low: () => price('36000'), high: () => price('44000') };
  const value = (amount: string) =>
    countedValue(poolOf(), { asset: 'BTC', amount: money(amount), what: 'balance' }, range).toString();
  assert.deepEqual([value('1'), value('-1')], ['33858', '-44440']); // 36 000 x 0.99 x 0.95; 44 000 x 1.01
});

test('one account of two assets and two settlement assets', () => {
  const pool = poolOf({ held: { BTC: '1.5', USDT: '-20000' } });
  const legs = [legOf(BTC, 'long', '2', '41000'), legOf(COIN, 'short', '20000', '32000')];
  const marks = marksOf({ BTC: '40000', COIN: '40000' });
  const pocket = { legs, wallet: money('-20000'), orderMargin: money('1000'), pool };
  const { equity, maintenance, notional, liquidatable } = judge(pocket, marks, INCLUSIVE);
  // balances 56 430 - 20 000; long 2 x -1 000 = -2 000; short 20 000 / 40 000 - 20 000 / 32 000 = -0.125 BTC x 40 400
  assert.equal(equity.toString(), '29380');
  // 80 000 x 0.5 % - 50 = 350; 0.5 BTC x 0.4 % = 0.002 BTC at the index: 80
  assert.equal(maintenance.toString(), '430');
  assert.equal(notional.toString(), '100000'); // 80 000 + 20 000
  assert.equal(liquidatable, false);
  // initial 80 000 x 1 % + 0.5 x 0.8 % x 40 000 = 960, orders 1 000
  assert.equal(availableWhole(pocket, marks).toString(), '27420');
});

test('bankruptcy shares split the equity by maintenance, each in its own asset', () => {
  const pool = poolOf({ held: { USDT: '8600' } });
  const legs = [legOf(BTC, 'long', '2', '40000'), legOf(COIN, 'short', '20000', '40000')];
  const pocket = { legs, wallet: money('8600'), orderMargin: money('0'), pool };
  // 8 600 by 350 : 80 is 7 000 and 1 600, the latter 0.04 BTC
  assert.deepEqual(wholeShares(pocket, marksOf({ BTC: '40000', COIN: '40000' })).map(String), [
    '7000',
    '0.04',
  ]);
});

test('debts are paid from other assets in the order of the rule book', () => {
  const plan = exchangePlan(poolOf({ held: { BTC: '0.5', USDC: '5000', USDT: '-20000' } }));
  // BTC first: 0.5 x 39 600 = 19 800; the rest of 200 from USDC
  assert.deepEqual(
    plan.map((x) => [x.sold, x.amount.toString(), x.bought, x.proceeds.toString()]),
    [
      ['BTC', '0.5', 'USDT', '19800'],
      ['USDC', '200', 'USDT', '200'],
    ],
  );
  const coin = exchangePlan(poolOf({ held: { BTC: '-0.1', USDT: '5000' } }));
  // 0.1 x 40 400
  assert.deepEqual(
    coin.map((x) => [x.sold, x.amount.toString(), x.bought, x.proceeds.toString()]),
    [['USDT', '4040', 'BTC', '0.1']],
  );
  assert.deepEqual(exchangePlan(poolOf({ held: { BTC: '1', USDT: '5' } })), []);
});

test('debts up to the limit are left alone', () => {
  const held = (debt: string) => poolOf({ held: { BTC: '1', USDT: debt } });
  assert.equal(autoExchange(held('-10000')).length, 0);
  assert.equal(autoExchange(held('-10000.01')).length, 1);
  const never = { ...poolOf().collateral!, autoExchangeBelow: null };
  assert.equal(autoExchange({ ...held('-50000'), collateral: never }).length, 0);
});

test('a value in an asset is cut downward', () => {
  assert.equal(inAsset(poolOf(), 'BTC', money('10000')).toString(), '0.25');
  assert.equal(
    inAsset(poolOf({ index: () => price('30000') }), 'BTC', money('10000')).toString(),
    '0.333333333333333333',
  );
});

test("Bybit's account rate", () => {
  const of = (marginBalance: string) =>
    unifiedRate({
      totalMaintenance: money('500'),
      marginBalance: money(marginBalance),
      haircutLoss: money('1000'),
      orderLoss: money('-500'),
    });
  assert.equal(of('10000')!.toString(), '0.058823529412'); // 500 / 8 500
  assert.equal(of('2000')!.toString(), '1'); // 500 / 500: liquidated
  assert.equal(of('1500'), null);
});
