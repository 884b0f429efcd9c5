/**
 * Processes that take time, worked by hand: Deribit's steps per second, Hyperliquid's first fifth with
 * cool-down and backstop, limits on the engine's own speed, and outages in the midst of them.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, qty, rate } from '../../src/basics/exact.ts';
import type { MarketRules, RuleSet } from '../../src/rules/ruleSet.ts';
import { inverseMarket, play, SECOND, tiers, type Tiny, type TinyBeat } from '../support/tinyWorld.ts';
import { ends, filled, left } from './told.ts';

const NO_FEE = { clearanceFee: [{ rate: rate('0') }] };
const plain = (maintenance: string): Partial<MarketRules> => ({
  ...NO_FEE,
  tiers: tiers([['1000000000', maintenance, '0', '0.02']]),
});
const stay = (beat: TinyBeat, count: number): TinyBeat[] => Array.from({ length: count }, () => beat);
const timed = (rows: Awaited<ReturnType<typeof play>>['rows']): string[] =>
  rows.fills.map((f) => `${f.tsUs / SECOND} ${filled(f)}`);

/** Deribit: 2 000 contracts of 10 USD at 10 000 are 2 BTC; 0.5 %, strict; 400 an order, two orders a second. */
const deribit = (margin: string, over: Partial<Tiny> = {}) =>
  play({
    markets: [{ ...inverseMarket(), faceValue: money('10') }],
    rules: {
      trigger: { inclusive: false },
      reduction: { kind: 'increments', maxQty: qty('400'), perSecond: 2 },
      order: { kind: 'market' },
      takeover: { when: 'markAtBankruptcy' },
    },
    marketRules: { XBTUSD: plain('0.005') },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '2000', entry: '10000', margin }] }],
    beats: [{ index: '10000', last: '9900' }, ...stay({ index: '9900' }, 5)],
    ...over,
  });

test('Deribit: it stops as soon as maintenance is below equity', async () => {
  // at 9 900 equity 0.03 - 0.02020202 = 0.00979798 < 0.5 % of 2.02020202 = 0.0101010101; after 400 contracts
  // 0.5 % of 1.61616162 = 0.0080808081
  const { rows } = await deribit('0.03');
  assert.deepEqual(timed(rows), ['3 A close 400 @ 9900 book']);
  assert.deepEqual(ends(rows), ['A reduced']);
});

test('Deribit: equity equal to maintenance is not liquidated', async () => {
  // at 8 000 the value is 2.5: 0.5 lost, 0.0125 required
  const beats = [{ index: '10000', last: '8000' }, { index: '8000' }];
  assert.equal((await deribit('0.5125', { beats })).rows.liquidations.length, 0);
  assert.equal((await deribit('0.51249999', { beats })).rows.liquidations.length, 1);
});

test('Deribit: two orders of 400 a second until nothing is left', async () => {
  // equity 0.0215 - 0.02020202 = 0.00129798; 400 contracts ask 0.5 % of 0.40404040 = 0.00202020
  const { rows } = await deribit('0.0215');
  assert.deepEqual(
    timed(rows),
    [3, 3, 4, 4, 5].map((s) => `${s} A close 400 @ 9900 book`),
  );
  assert.deepEqual(ends(rows), ['A closed']);
  assert.equal(
    rows.beats.some((b) => b.stepLimitHit),
    false,
  );
});

test('Deribit while matching is down: an order gets nothing, is written once, then the steps go on', async () => {
  const { rows } = await deribit('0.0215', {
    side: { outages: [{ fromUs: 4 * SECOND, untilUs: 6 * SECOND, part: 'matching' }] },
  });
  assert.deepEqual(
    rows.orders.map((o) => [o.tsUs / SECOND, o.filled.toString()]),
    [
      [3, '400'],
      [3, '400'],
      [4, '0'],
      [6, '400'],
      [6, '400'],
      [7, '400'],
    ],
  );
});

/** Hyperliquid: 3 BTC at 40 000, 1 %, strict, 2 500 of margin; a fifth above 100 000, here 3 s of cool-down. */
const HYPERLIQUID: Partial<RuleSet> = {
  trigger: { inclusive: false },
  reduction: { kind: 'fraction', fraction: rate('0.2'), above: money('100000'), cooldownUs: 3 * SECOND },
  order: { kind: 'market' },
  takeover: { when: 'equityBelow', share: rate('0.666666666667') },
  freeze: { at: 'atOrder', graceUs: 0 },
};
const hyperliquid = (marks: readonly string[], over: Partial<Tiny> = {}) =>
  play({
    rules: HYPERLIQUID,
    marketRules: { BTCUSDT: plain('0.01') },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '3', entry: '40000', margin: '2500' }] }],
    beats: [{ index: '40000', last: marks[0]! }, ...marks.map((index) => ({ index }))],
    ...over,
  });

test('Hyperliquid: a fifth first; the account is looked at again when the cool-down is over', async () => {
  // at 39 550 equity 1 150 < 1 % of 118 650 = 1 186.50; 2.4 left ask 949.20
  const { rows } = await hyperliquid(['39550', '39550', '39550', '39550']);
  assert.deepEqual(timed(rows), ['3 A close 0.6 @ 39550 book']);
  assert.deepEqual(
    rows.liquidations.map((l) => [l.end, l.endUs / SECOND]),
    [['reduced', 6]],
  );
});

test('Hyperliquid: still failing after the cool-down: the full size', async () => {
  // at 39 480 equity 940 < 1 184.40; 2.4 ask 947.52, more than 940 and less than 1.5 times it
  const { rows } = await hyperliquid(['39480', '39480', '39480', '39480']);
  assert.deepEqual(timed(rows), ['3 A close 0.6 @ 39480 book', '6 A close 2.4 @ 39480 book']);
  assert.deepEqual(ends(rows), ['A closed']);
});

test('Hyperliquid: at or below 100 000 there is no first fifth', async () => {
  const { rows } = await hyperliquid(['39480'], {
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '2.5', entry: '40000', margin: '2083' }] }],
  });
  // 98 700; equity 783 < 987, above two thirds (658)
  assert.deepEqual(timed(rows), ['3 A close 2.5 @ 39480 book']);
});

test('Hyperliquid: below two thirds of maintenance the vault takes position and margin without an order', async () => {
  // at 39 400 equity 700 < 2/3 of 1 182 = 788; bankrupt at 40 000 - 2 500 / 3, rounded up
  const { rows, world } = await hyperliquid(['39400']);
  assert.equal(rows.orders.length, 0);
  assert.deepEqual(rows.fills.map(filled), [
    'A close 3 @ 39166.666666666667 bankruptcy',
    'fund:main open 3 @ 39166.666666666667 bankruptcy',
  ]);
  assert.deepEqual(ends(rows), ['A takenOver']);
  assert.equal(left(world, 'A'), '0'); // the 700 that were left are in the vault's position
  assert.equal(rows.fund.at(-1)!.inventoryPnl.toString(), '699.999999999999');
});

test('Hyperliquid: the vault does not wait for the cool-down', async () => {
  // 0.6 go at 39 480 (margin left 2 188); 2.4 at 39 300: 2 188 - 1 680 = 508 < 2/3 of 943.20 = 628.80
  const { rows } = await hyperliquid(['39480', '39300', '39300']);
  assert.deepEqual(
    rows.liquidations.map((l) => [l.end, l.endUs / SECOND, l.tries]),
    [['takenOver', 4, 1]],
  );
});

test('Hyperliquid: an order that got nothing starts no cool-down: the fifth is tried again', async () => {
  const { rows } = await hyperliquid(['39550', '39550'], {
    side: { outages: [{ fromUs: 3 * SECOND, untilUs: 4 * SECOND, part: 'matching' }] },
  });
  assert.deepEqual(
    rows.orders.map((o) => [o.tsUs / SECOND, o.qty.toString(), o.filled.toString()]),
    [
      [3, '0.6', '0'],
      [4, '0.6', '0.6'],
    ],
  );
});

test('Hyperliquid: time passes while the engine is down; what cooled is judged when it is back', async () => {
  const { rows } = await hyperliquid(['39480', '39480', '39480', '39480', '39480'], {
    side: { outages: [{ fromUs: 4 * SECOND, untilUs: 7 * SECOND, part: 'engine' }] },
  });
  assert.deepEqual(timed(rows), ['3 A close 0.6 @ 39480 book', '7 A close 2.4 @ 39480 book']);
});

/** Three longs of 1 BTC that fail together at 41 000, closed whole at the book's price. */
const three = (over: { rules: Partial<RuleSet>; after?: readonly TinyBeat[] }) =>
  play({
    rules: over.rules,
    marketRules: { BTCUSDT: plain('0.005') },
    accounts: ['A', 'B', 'C'].map((name) => ({
      name,
      legs: [{ side: 'long', qty: '1', entry: '43000', margin: '2100' }],
    })),
    beats: [{ index: '43000', last: '41000' }, ...(over.after ?? stay({ index: '41000' }, 4))],
  });
const queue = (rows: Awaited<ReturnType<typeof play>>['rows']): unknown[] =>
  rows.orders.map((o) => [o.tsUs / SECOND, o.account, o.queueSec]);

test('one account a second: the others wait, and the wait is their time in the queue', async () => {
  const speed = { accountsPerSecond: 1, ordersPerSecond: null, latencyUs: 0 };
  const { rows } = await three({ rules: { speed } });
  assert.deepEqual(queue(rows), [
    [3, 'A', 0],
    [4, 'B', 1],
    [5, 'C', 2],
  ]);
  assert.deepEqual(
    rows.liquidations.map((l) => l.queueSec),
    [0, 1, 2],
  );
  assert.deepEqual(
    rows.beats.map((b) => b.queue),
    [0, 2, 1, 0, 0],
  );
});

test('two orders a second over all accounts', async () => {
  const speed = { accountsPerSecond: null, ordersPerSecond: 2, latencyUs: 0 };
  const { rows } = await three({ rules: { speed } });
  assert.deepEqual(queue(rows), [
    [3, 'A', 0],
    [3, 'B', 0],
    [4, 'C', 1],
  ]);
});

test('latency: the first order comes two seconds after the verdict, at the price of then', async () => {
  const speed = { accountsPerSecond: null, ordersPerSecond: null, latencyUs: 2 * SECOND };
  const { rows } = await three({ rules: { speed } });
  assert.deepEqual(queue(rows), [
    [5, 'A', 2],
    [5, 'B', 2],
    [5, 'C', 2],
  ]);
});

test('who recovers while waiting takes no place: the engine begins the next one', async () => {
  // A is closed at 3 s; at 4 s the mark is back at 42 000 and B and C are sound when their turn comes
  const speed = { accountsPerSecond: 1, ordersPerSecond: null, latencyUs: 0 };
  const { rows } = await three({
    rules: { speed },
    after: [{ index: '41000' }, { index: '42000' }, { index: '42000' }],
  });
  assert.deepEqual(
    rows.liquidations.map((l) => [l.account, l.end, l.endUs / SECOND]),
    [
      ['A', 'closed', 3],
      ['B', 'recovered', 4],
      ['C', 'recovered', 4],
    ],
  );
});

test('an outage leaves no speed unused for later', async () => {
  const speed = { accountsPerSecond: 1, ordersPerSecond: null, latencyUs: 0 };
  const { rows } = await play({
    rules: { speed },
    marketRules: { BTCUSDT: plain('0.005') },
    accounts: ['A', 'B'].map((name) => ({
      name,
      legs: [{ side: 'long', qty: '1', entry: '43000', margin: '2100' }],
    })),
    beats: [{ index: '43000', last: '41000' }, ...stay({ index: '41000' }, 4)],
    side: { outages: [{ fromUs: 3 * SECOND, untilUs: 5 * SECOND, part: 'engine' }] },
  });
  assert.deepEqual(
    rows.orders.map((o) => [o.tsUs / SECOND, o.account]),
    [
      [5, 'A'],
      [6, 'B'],
    ],
  );
});
