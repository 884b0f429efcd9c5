/** What is closed next of a pocket that fails, by the rule slot. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price, qty, rate, ZERO_MONEY } from '../../../src/basics/exact.ts';
import { byExposure, type Case, exposure } from '../../../src/engine/cases.ts';
import { largestLeg, planLiquidation, type Progress } from '../../../src/engine/plan.ts';
import type { Leg, Pocket } from '../../../src/margin/leg.ts';
import type { Market } from '../../../src/rules/market.ts';
import type { ReductionRule } from '../../../src/rules/ruleSet.ts';
import { linearMarket, tiers, tinyMarketRules, tinyRules } from '../../support/tinyWorld.ts';

const RULES = tinyMarketRules({
  tiers: tiers([
    ['50000', '0.004', '0', '0.01'],
    ['1000000000', '0.01', '0', '0.02'],
  ]),
});
const leg = (market: Market, amount: string, entryValue: string): Leg => ({
  market,
  rules: RULES,
  side: 'long',
  qty: qty(amount),
  entryValue: money(entryValue),
});
const pocket = (...legs: Leg[]): Pocket => ({ legs, wallet: money('100'), orderMargin: ZERO_MONEY });
const [BTC, ETH] = [linearMarket('BTCUSDT'), linearMarket('ETHUSDT')];
const marks = (id: string) => (id === 'BTCUSDT' ? price('40000') : price('2000'));

const FRESH: Progress = {
  attempt: 0,
  filled: false,
  elapsedUs: 0,
  freed: ZERO_MONEY,
  turn: { ordersLeft: 1, blocksLeft: 1, spent: ZERO_MONEY, done: new Set() },
};

const plan = (reduction: ReductionRule, of: Pocket, attempt = 0, progress: Partial<Progress> = {}) => {
  const found = planLiquidation({
    pocket: of,
    marks,
    progress: { ...FRESH, attempt, ...progress },
    fillPrice: () => price('40000'),
    feeRate: () => rate('0'),
    rules: tinyRules({ BTCUSDT: RULES }, 'USDT', { reduction }),
  });
  return found === null ? 'waits' : [found.kind, found.leg, found.qty.toString()];
};

test('the largest leg at mark comes first, the first among equals', () => {
  // 0.1 x 40 000 = 4 000 against 2 x 2 000
  assert.equal(largestLeg(pocket(leg(BTC, '0.1', '1'), leg(ETH, '2', '1')), marks), 0);
  assert.equal(largestLeg(pocket(leg(BTC, '0.1', '1'), leg(ETH, '2.001', '1')), marks), 1);
});

test('full', () => {
  assert.deepEqual(plan({ kind: 'full' }, pocket(leg(BTC, '2', '86000'))), ['close', 0, '2']);
});

test('fraction: in lots, rounded up; all of it at the second try or below the threshold', () => {
  const one = pocket(leg(BTC, '1.001', '43043'));
  const rule = { kind: 'fraction', fraction: rate('0.2'), above: money('40040') } as const;
  assert.deepEqual(plan(rule, one), ['close', 0, '1.001']); // 40 040 is not above 40 040
  assert.deepEqual(plan({ ...rule, above: money('40039') }, one), ['reduce', 0, '0.201']); // 0.2002 up
  assert.deepEqual(plan({ ...rule, above: money('40039') }, one, 1), ['close', 0, '1.001']);
});

test('a fraction of one lot is the lot: a close', () => {
  const rule = { kind: 'fraction', fraction: rate('0.2'), above: money('0') } as const;
  assert.deepEqual(plan(rule, pocket(leg(BTC, '0.001', '43'))), ['close', 0, '0.001']);
});

test('tier step down: to the top of the tier below; a close from the lowest', () => {
  // 2 BTC at 40 000 = 80 000; 50 000 / 40 = 1 250 lots may stay
  const rule = { kind: 'tierStepDown', tiers: 1 } as const;
  assert.deepEqual(plan(rule, pocket(leg(BTC, '2', '86000'))), ['reduce', 0, '0.75']);
  assert.deepEqual(plan(rule, pocket(leg(BTC, '1.25', '86000'))), ['close', 0, '1.25']);
  assert.deepEqual(plan({ ...rule, tiers: 2 }, pocket(leg(BTC, '2', '86000'))), ['close', 0, '2']);
});

test('a cool-down: the share is tried until something of it was filled', () => {
  const one = pocket(leg(BTC, '1', '43000'));
  const rule = { kind: 'fraction', fraction: rate('0.2'), above: money('1'), cooldownUs: 1 } as const;
  assert.deepEqual(plan(rule, one, 2), ['reduce', 0, '0.2']);
  assert.deepEqual(plan(rule, one, 2, { filled: true }), ['close', 0, '1']);
});

test('increments: so much an order while the second allows it', () => {
  const rule = { kind: 'increments', maxQty: qty('0.4005'), perSecond: 1 } as const;
  const turn = { ...FRESH.turn, ordersLeft: 0 };
  assert.deepEqual(plan(rule, pocket(leg(BTC, '1', '43000'))), ['reduce', 0, '0.4']); // in lots
  assert.deepEqual(plan(rule, pocket(leg(BTC, '0.4', '43000'))), ['close', 0, '0.4']);
  assert.equal(plan(rule, pocket(leg(BTC, '1', '43000')), 0, { turn }), 'waits');
  assert.deepEqual(plan({ ...rule, maxQty: qty('0.0001') }, pocket(leg(BTC, '1', '43000'))), [
    'reduce',
    0,
    '0.001',
  ]);
});

test('block limit: the largest leg that had no order in this block, within what the account has left', () => {
  // 0.1 BTC = 4 000, 1 ETH = 2 000
  const two = pocket(leg(BTC, '0.1', '4300'), leg(ETH, '1', '2100'));
  const rule = {
    kind: 'blockLimit',
    share: rate('0.1'),
    least: money('1000'),
    accountMost: money('1500'),
    blockUs: 1,
  } as const;
  const turn = (over: Partial<Progress['turn']>) => ({ turn: { ...FRESH.turn, ...over } });
  const done = new Set(['BTCUSDT long']);
  assert.deepEqual(plan(rule, two), ['reduce', 0, '0.025']); // 1 000 / 40 000
  assert.deepEqual(plan(rule, two, 0, turn({ done, spent: money('1000') })), ['reduce', 1, '0.25']); // 500 left
  assert.equal(plan(rule, two, 0, turn({ done: new Set([...done, 'ETHUSDT long']) })), 'waits');
  assert.equal(plan(rule, two, 0, turn({ spent: money('1500') })), 'waits');
  assert.equal(plan(rule, two, 0, turn({ spent: money('1499') })), 'waits'); // 1 is no lot of 40
  assert.equal(plan(rule, two, 0, turn({ blocksLeft: 0 })), 'waits');
  // one lot at least in a fresh block, and all of it where the position is small enough
  assert.deepEqual(plan({ ...rule, least: money('0'), share: rate('0.001') }, two), ['reduce', 0, '0.001']);
  assert.deepEqual(plan({ ...rule, least: money('4000'), accountMost: money('9000') }, two), [
    'close',
    0,
    '0.1',
  ]);
});

test('ramp: waits where the time allows no more than was freed', () => {
  // equity 100 + 80 000 - 86 000 is far below: no part helps, so the share is of all of it
  const one = pocket(leg(BTC, '2', '86000'));
  const rule = {
    kind: 'ramp',
    buffer: rate('0.02'),
    closeAllBelow: money('50'),
    start: rate('0.1'),
    perSecond: rate('0.1'),
  } as const;
  assert.deepEqual(plan(rule, one), ['reduce', 0, '0.2']);
  assert.deepEqual(plan(rule, one, 0, { elapsedUs: 9e6 }), ['close', 0, '2']);
  assert.equal(plan(rule, one, 0, { freed: money('100000') }), 'waits');
});

test('the most exposed victim first: holes before ratios, deeper holes first, then by number', () => {
  const victims = (
    [
      ['a', '10', '20'], // 2
      ['b', '-5', '20'],
      ['c', '10', '30'], // 3
      ['d', '0', '1'],
      ['e', '10', '30'],
      ['f', '-50', '1'],
    ] as const
  ).map(([name, equity, maintenance], pocketId) => ({
    name,
    pocket: pocketId,
    exposureF64: exposure(money(equity), money(maintenance)),
  }));
  const order = victims.toSorted((x, y) => byExposure(x as unknown as Case, y as unknown as Case));
  assert.deepEqual(
    order.map((v) => v.name),
    ['f', 'b', 'd', 'c', 'e', 'a'],
  );
});
