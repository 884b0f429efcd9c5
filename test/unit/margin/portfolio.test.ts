/** Margin by scenarios, worked by hand: OKX and Deribit, offsets, spot inventory, and which leg or inventory goes first. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price, rate } from '../../../src/basics/exact.ts';
import type { Leg } from '../../../src/margin/leg.ts';
import { optionPrice } from '../../../src/margin/optionValue.ts';
import { unitRequirements } from '../../../src/margin/portfolioRules.ts';
import { inUse, spotSales } from '../../../src/margin/portfolioSpot.ts';
import { legToClose } from '../../../src/margin/portfolioVerdict.ts';
import { judge } from '../../../src/margin/trigger.ts';
import { solveReduction } from '../../../src/margin/partial.ts';
import { linearMarket } from '../../support/tinyWorld.ts';
import {
  BTC,
  CALL,
  COIN,
  DATED,
  DERIBIT,
  legOf,
  marksOf,
  OKX,
  poolOf,
  settingOf,
} from '../../support/pools.ts';

const MARKS = marksOf({ BTC: '40000', COIN: '40000', DATED: '40400', ETH: '2000', CALL: '3651.88' });
const HELD_OKX = (held: Readonly<Record<string, string>> = {}) => poolOf({ portfolio: OKX, held });
/** worst, extreme, offsetting, minimum, total of each risk unit. */
const parts = (legs: readonly Leg[], pool = HELD_OKX(), marks = MARKS): string[][] =>
  unitRequirements(legs, pool.portfolio!, settingOf(pool, marks)).map((u) =>
    [u.riskUnit, u.worst, u.extreme, u.offsetting, u.minimum, u.total].map(String),
  );

test('OKX: a naked long loses 15 %', () => {
  // 400 000 x 15 %; 400 000 x 30 % x 50 %; no offset; 400 000 x 0.25 %
  assert.deepEqual(parts([legOf(BTC, 'long', '10', '40000')]), [
    ['BTC', '60000', '60000', '0', '1000', '60000'],
  ]);
});

test('OKX: a perpetual against a dated future nets, and bears the basis charge', () => {
  const legs = [legOf(BTC, 'long', '10', '40000'), legOf(DATED, 'short', '10', '40400')];
  // +15 %: 60 000 - 60 600; +30 %: half of 1 200; 400 000 x 0.75 %; 804 000 x 0.25 %; 600 + 3 000
  assert.deepEqual(parts(legs), [['BTC', '600', '600', '3000', '2010', '3600']]);
});

test('OKX: legs of one tenor bear no basis charge, and at least the minimum charge is kept', () => {
  const legs = [legOf(BTC, 'long', '10', '40000'), legOf(BTC, 'short', '10', '41000')];
  assert.deepEqual(parts(legs), [['BTC', '0', '0', '0', '2000', '2000']]);
});

test('OKX: risk units do not net, their requirements add up', () => {
  const legs = [legOf(BTC, 'long', '1', '40000'), legOf(linearMarket('ETH'), 'short', '20', '2000')];
  assert.deepEqual(
    parts(legs).map((unit) => [unit[0], unit[5]]),
    [
      ['BTC', '6000'],
      ['ETH', '6000'],
    ],
  );
});

test('OKX: inventory nets against a short as far as the short goes; the rest is collateral', () => {
  const short = legOf(BTC, 'short', '1', '40000');
  assert.deepEqual(parts([short], HELD_OKX({ BTC: '1' })), [['BTC', '0', '0', '0', '100', '100']]);
  assert.deepEqual(parts([short], HELD_OKX({ BTC: '5' })), [['BTC', '0', '0', '0', '100', '100']]);
  // 0.4 BTC hedges: 0.6 x 6 000 are left
  assert.deepEqual(parts([short], HELD_OKX({ BTC: '0.4' }))[0]![1], '3600');
  // a long is hedged by none of it
  assert.deepEqual(parts([legOf(BTC, 'long', '1', '40000')], HELD_OKX({ BTC: '1' }))[0]![1], '6000');
});

test('OKX: a coin-margined short and its coins are flat at every price: what the coin is worth after the move counts', () => {
  const short = legOf(COIN, 'short', '40000', '40000'); // delta -1 BTC
  assert.deepEqual(parts([short], HELD_OKX({ BTC: '1' })), [['BTC', '0', '0', '0', '100', '100']]);
  assert.deepEqual(parts([short])[0]![1], '6000'); // 40 000 x 15 %
});

test('inventory in use lies between nothing and the balance', () => {
  const used = (balance: string, least: string, most: string) => {
    const span = inUse(money(balance), { least: money(least), most: money(most) });
    return [span.least.toString(), span.most.toString()];
  };
  assert.deepEqual(used('2', '-3', '-1'), ['1', '2']);
  assert.deepEqual(used('2', '1', '3'), ['0', '0']);
  assert.deepEqual(used('-2', '1', '3'), ['-2', '-1']); // borrowed coins hedge a long
});

test('OKX: a call against a short future; the worst of price and volatility', () => {
  const legs = [legOf(CALL, 'long', '10', '3651.88'), legOf(BTC, 'short', '5', '40000')];
  const option = CALL.derived as Extract<NonNullable<typeof CALL.derived>, { kind: 'option' }>;
  const value = (index: string, volShock: string) =>
    Number(optionPrice(CALL, option, { index: price(index), nowUs: 0, volShock: rate(volShock) }).toString());
  let worst = 0;
  for (const [index, move] of [
    ['34000', -6000],
    ['36000', -4000],
    ['38000', -2000],
    ['40000', 0],
  ] as const)
    for (const vol of ['-0.25', '0', '0.25'])
      worst = Math.max(worst, 10 * (value('40000', '0') - value(index, vol)) + 5 * move);
  for (const [index, move] of [
    ['42000', 2000],
    ['44000', 4000],
    ['46000', 6000],
  ] as const)
    for (const vol of ['-0.25', '0', '0.25'])
      worst = Math.max(worst, 10 * (value('40000', '0') - value(index, vol)) + 5 * move);
  assert.equal(Number(parts(legs)[0]![1]).toFixed(2), worst.toFixed(2));
  assert.ok(worst > 0);
  // least charge: 10 x 40 000 of options and 200 000 of the future, 0.25 %
  assert.equal(parts(legs)[0]![4], '1500');
});

test('Deribit in coin: 16 % down, the extended table, and offsetting futures', () => {
  const pool = poolOf({ collateral: undefined, portfolio: DERIBIT, unit: 'BTC', held: { BTC: '1' } });
  const long = legOf(COIN, 'long', '40000', '40000');
  // 40 000 / 33 600 - 1 = 0.19047619; (40 000 / 26 800 - 1) x 48 % = 0.49253731 x 0.48
  assert.deepEqual(parts([long], pool), [['BTC', '0.19047619', '0.2364179088', '0', '0', '0.2364179088']]);
  const other = { ...COIN, id: 'COINQ', priceTick: price('0.01') };
  const legs = [long, legOf(other, 'short', '40000', '40000')];
  const marks = marksOf({ COIN: '40000', COINQ: '40000' });
  assert.deepEqual(parts(legs, pool, marks), [['BTC', '0', '0', '0.01', '0', '0.01']]); // 1 % of 1 BTC
});

test('a verdict by scenarios: equity against the requirement, in the unit', () => {
  const legs = [legOf(BTC, 'long', '10', '41000'), legOf(DATED, 'short', '10', '41400')];
  const pocket = { legs, wallet: money('0'), orderMargin: money('0'), pool: HELD_OKX({ USDT: '3600' }) };
  const verdict = judge(pocket, MARKS, { inclusive: true });
  assert.deepEqual([verdict.equity.toString(), verdict.maintenance.toString()], ['3600', '3600']);
  assert.equal(verdict.liquidatable, true);
  assert.equal(judge(pocket, MARKS, { inclusive: false }).liquidatable, false);
});

test('inventory that hedges nothing is sold first, the largest haircut first, as far as is lacking', () => {
  const setting = (held: Readonly<Record<string, string>>) => settingOf(HELD_OKX(held), MARKS);
  const sales = (held: Readonly<Record<string, string>>, lacking: string, legs: readonly Leg[] = []) =>
    spotSales(legs, money(lacking), setting(held)).map((x) => [
      x.sold,
      x.amount.toString(),
      x.proceeds.toString(),
    ]);
  // a sale turns 39 600 x 0.95 into 39 600: relief 1 980 a coin
  assert.deepEqual(sales({ BTC: '2', USDC: '500' }, '990'), [['BTC', '0.5', '19800']]);
  assert.deepEqual(sales({ BTC: '2' }, '9999'), [['BTC', '2', '79200']]);
  const short = legOf(BTC, 'short', '1.5', '40000');
  assert.deepEqual(sales({ BTC: '2' }, '9999', [short]), [['BTC', '0.5', '19800']]);
  assert.deepEqual(sales({ USDC: '500' }, '10'), []); // no haircut, no relief
});

test('futures close before options, and the leg that relieves most before the others', () => {
  const legs = [
    legOf(CALL, 'short', '100', '3651.88'),
    legOf(BTC, 'long', '1', '40000'),
    legOf(DATED, 'long', '3', '40400'),
  ];
  const pocket = { legs, wallet: money('0'), orderMargin: money('0'), pool: HELD_OKX({ USDT: '1000' }) };
  const covered = {
    ...pocket,
    legs: [legOf(BTC, 'long', '10', '40000'), legOf(DATED, 'short', '7', '40400')],
  };
  assert.equal(legToClose({ ...pocket, legs: legs.slice(0, 1) }, MARKS), 0);
  // without the call's hedge the account is worse off, and least so without the smaller one
  assert.equal(legToClose(pocket, MARKS), 1);
  // without the long 7 are left naked, without the short 10
  assert.equal(legToClose(covered, MARKS), 0);
});

test('a reduction of an account as one stops at the first lot that suffices', () => {
  const legs = [legOf(BTC, 'long', '10', '40000')];
  const pocket = { legs, wallet: money('0'), orderMargin: money('0'), pool: HELD_OKX({ USDT: '30000' }) };
  const part = solveReduction({
    pocket,
    legIndex: 0,
    marks: MARKS,
    fillPrice: price('40000'),
    feeRate: rate('0'),
    trigger: { inclusive: true },
    buffer: { kind: 'multiplicative', value: rate('0') },
  });
  assert.equal(part!.toString(), '5.001'); // (10 - q) x 6 000 < 30 000
});
