/**
 * Tier ladders worked by hand: BitMEX and Bybit (one fill-or-kill order down a tier, else everything is
 * taken over), OKX 2019 (down to the first tier, a pause, again), OKX later (two tiers down).
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { rate } from '../../src/basics/exact.ts';
import type { MarketRules, RuleSet } from '../../src/rules/ruleSet.ts';
import { inverseMarket, linearMarket, play, SECOND, tiers, type TinyAccount } from '../support/tinyWorld.ts';
import { ends, filled, left } from './told.ts';

const NO_FEE = { clearanceFee: [{ rate: rate('0') }] };
/** BitMEX and Bybit: mechanics.md 6.6. */
const LADDER: Partial<RuleSet> = {
  reduction: { kind: 'tierStepDown', tiers: 1 },
  order: { kind: 'fok' },
  takeover: { when: 'atOnce' },
  residue: 'toFund',
};

/** 2 XBT at 0.5 %, 3 XBT at 1 %; 25 000 contracts at 10 000 are 2.5 XBT: tier 2. */
const XBT: Partial<MarketRules> = {
  ...NO_FEE,
  tiers: tiers([
    ['2', '0.005', '0', '0.01'],
    ['3', '0.01', '0', '0.015'],
  ]),
};
const bitmex = (mark: string, over: { volume?: string; qty?: string; margin?: string } = {}) =>
  play({
    markets: [inverseMarket()],
    rules: LADDER,
    marketRules: { XBTUSD: XBT },
    accounts: [
      {
        name: 'A',
        legs: [{ side: 'long', qty: over.qty ?? '25000', entry: '10000', margin: over.margin ?? '0.05' }],
      },
    ],
    beats: [
      { index: '10000', last: mark },
      { index: mark, volume: over.volume ?? '1000000' },
    ],
  });

test('BitMEX: one fill-or-kill order brings the value under the lower tier and saves the account', async () => {
  // at 9 900 the value is 2.52525253, equity 0.05 - 0.02525253 = 0.02474747 <= 1 % = 0.02525253; 2 XBT are
  // 19 800 contracts: 5 200 go at 9 900. Then 0.5 % of 2 = 0.01 < 0.02474747
  const { rows, world } = await bitmex('9900');
  assert.deepEqual(rows.fills.map(filled), ['A close 5200 @ 9900 book']);
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(rows.orders[0]!.kind, 'fok');
  assert.equal(left(world, 'A', 'XBT'), '0.04474747'); // 0.05 - (0.52525253 - 0.52)
});

test('BitMEX: still short after the order: everything is taken over at the bankruptcy price', async () => {
  // at 9 830 equity is 0.05 - 0.04323499 = 0.00676501; the order closes 5 340 (19 660 / 9 830 = 2) and books
  // a loss of 0.54323499 - 0.534 = 0.00923499; 0.5 % of 2 = 0.01 is still more than the equity. What is left
  // is bankrupt at 19 660 / (1.966 + 0.04076501) = 9 796.8620650805...
  const { rows, world } = await bitmex('9830');
  assert.deepEqual(rows.fills.map(filled), [
    'A close 5340 @ 9830 book',
    'A close 19660 @ 9796.862065080555 bankruptcy',
    'fund:main open 19660 @ 9796.862065080555 bankruptcy',
  ]);
  assert.equal(rows.orders.length, 1);
  assert.deepEqual(ends(rows), ['A takenOver']);
  assert.equal(left(world, 'A', 'XBT'), '0');
});

test('BitMEX: an order that does not fill whole is killed, and everything is taken over', async () => {
  const { rows } = await bitmex('9900', { volume: '5199' });
  assert.deepEqual(rows.fills.map(filled), [
    'A close 25000 @ 9803.921568627451 bankruptcy', // 25 000 / (2.5 + 0.05), up
    'fund:main open 25000 @ 9803.921568627451 bankruptcy',
  ]);
  assert.deepEqual([rows.orders.length, rows.orders[0]!.filled.toString()], [1, '0']);
});

test('BitMEX: in the lowest tier there is no lower one to reach: no order, taken over whole', async () => {
  // 10 000 contracts are 1 XBT: at 9 850 equity 0.02 - 0.01522843 <= 0.5 % of 1.01522843
  const { rows } = await bitmex('9850', { qty: '10000', margin: '0.02' });
  assert.equal(rows.orders.length, 0);
  assert.deepEqual(rows.fills.map(filled), [
    'A close 10000 @ 9803.921568627451 bankruptcy', // 10 000 / 1.02
    'fund:main open 10000 @ 9803.921568627451 bankruptcy',
  ]);
  assert.deepEqual(
    rows.decisions.map((d) => d.step),
    ['verdict', 'plan', 'takeover', 'end'],
  );
});

test('BitMEX: open orders are cancelled first', async () => {
  const { rows } = await play({
    markets: [inverseMarket()],
    rules: LADDER,
    marketRules: { XBTUSD: XBT },
    accounts: [
      {
        name: 'A',
        cross: true,
        wallet: '0.05',
        orderMargin: '0.01',
        legs: [{ side: 'long', qty: '25000', entry: '10000' }],
      },
    ],
    beats: [{ index: '10000', last: '9900' }, { index: '9900' }],
  });
  assert.deepEqual(
    rows.decisions.map((d) => d.step),
    ['verdict', 'cancelOrders', 'plan', 'order', 'end'],
  );
  assert.deepEqual(ends(rows), ['A reduced']);
});

test('Bybit: the same ladder on entry value, bankruptcy to the tick', async () => {
  // 2 BTC at 43 000 = 86 000 (tier 2, 1 % = 860). At 42 430 equity 2 000 - 1 140 = 860. 50 000 / 43 000 =
  // 1.16279: 1.162 stay (0.5 % of 49 966 = 249.83), 0.838 go and lose 0.838 x 570 = 477.66
  const { rows, world } = await play({
    rules: LADDER,
    marketRules: {
      BTCUSDT: {
        ...NO_FEE,
        notionalAt: 'entry',
        bankruptcy: { feeRate: rate('0'), rounding: 'tickAgainstUser' },
        tiers: tiers([
          ['50000', '0.005', '0', '0.01'],
          ['100000', '0.01', '0', '0.02'],
        ]),
      },
    },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '2', entry: '43000', margin: '2000' }] }],
    beats: [{ index: '43000', last: '42430' }, { index: '42430' }],
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 0.838 @ 42430 book']);
  assert.equal(rows.orders[0]!.limit!.toString(), '42000'); // 43 000 - 2 000 / 2
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(left(world, 'A'), '1522.34');
});

/** OKX 2019-20: contracts of 100 USD, tiers by contracts (source: OKX help 360020411711, okx-partial-1). */
const OKX = { ...inverseMarket('BTC-USD-SWAP'), faceValue: linearMarket().faceValue.times(rate('100')) };
const okx = (mark: string, over: { qty?: string; margin?: string; volume?: string; pause?: number } = {}) =>
  play({
    markets: [OKX],
    rules: {
      reduction: {
        kind: 'tierStepDown',
        tiers: 'toFirst',
        fromTier: 3,
        pauseUs: (over.pause ?? 60) * SECOND,
      },
      order: { kind: 'ioc' },
      takeover: { when: 'atOnce' },
      residue: 'toFund',
    },
    marketRules: {
      'BTC-USD-SWAP': {
        ...NO_FEE,
        tierKey: 'qty',
        tiers: tiers([
          ['2000', '0.005', '0', '0.01'],
          ['10000', '0.01', '0', '0.02'],
          ['50000', '0.015', '0', '0.03'],
        ]),
      },
    },
    accounts: [
      {
        name: 'A',
        legs: [{ side: 'long', qty: over.qty ?? '15000', entry: '10000', margin: over.margin ?? '3' }],
      },
    ],
    beats: [
      { index: '10000', last: mark },
      ...Array.from({ length: (over.pause ?? 60) + 2 }, () => ({
        index: mark,
        volume: over.volume ?? '1000000',
      })),
    ],
  });

test('OKX 2019: 15 000 contracts of tier 3 come down to the 2 000 of tier 1; judged again a minute later', async () => {
  // at 9 950: value 150.75376884, equity 2.24623116 <= 1.5 % = 2.26130653; 13 000 close
  const { rows } = await okx('9950');
  assert.deepEqual(rows.fills.map(filled), ['A close 13000 @ 9950 book']);
  assert.deepEqual(
    rows.liquidations.map((l) => [l.tsUs / SECOND, l.endUs / SECOND, l.end, l.tier]),
    [[3, 63, 'reduced', 3]],
  );
});

test('OKX 2019: still short when the pause is over: from tier 1 the rest is closed whole', async () => {
  // at 9 808 equity is 3 - 2.93637847 = 0.06362153; 2 000 contracts ask 0.5 % of 20.39151713 = 0.10195759
  const { rows } = await okx('9808', { pause: 3 });
  assert.deepEqual(
    rows.fills.map((f) => `${f.tsUs / SECOND} ${filled(f)}`),
    ['3 A close 13000 @ 9808 book', '6 A close 2000 @ 9808 book'],
  );
  assert.deepEqual(ends(rows), ['A closed']);
});

test('OKX 2019: a step that the book takes in part is a step: the account waits and is judged again', async () => {
  // 6 500 of 13 000 at 3 s; 8 500 are tier 2, which is closed whole
  const { rows } = await okx('9808', { pause: 3, volume: '6500' });
  assert.deepEqual(
    rows.orders.map((o) => [o.tsUs / SECOND, o.qty.toString(), o.filled.toString()]),
    [
      [3, '13000', '6500'],
      [6, '8500', '6500'],
    ],
  );
  assert.deepEqual(ends(rows), ['A takenOver']); // what was left of the close
});

test('OKX 2019: a position below tier 3 is closed whole', async () => {
  // 10 000 contracts are 100 BTC, tier 2; at 9 900 1.01010101 lost of 2, left 0.98989899 <= 1.01010101
  const { rows } = await okx('9900', { qty: '10000', margin: '2' });
  assert.deepEqual(rows.fills.map(filled), ['A close 10000 @ 9900 book']);
});

/** OKX later: four tiers by size; two tiers down, whole in tiers 1 and 2 or below what tier 1 asks. */
const later = (mark: string, qty = '60', margin = '2000') => {
  const account: TinyAccount = { name: 'A', legs: [{ side: 'long', qty, entry: '1000', margin }] };
  return play({
    rules: {
      reduction: { kind: 'tierStepDown', tiers: 2, unlessBelowFirst: true },
      order: { kind: 'ioc' },
      takeover: { when: 'atOnce' },
    },
    marketRules: {
      BTCUSDT: {
        ...NO_FEE,
        tierKey: 'qty',
        tiers: tiers([
          ['2', '0.005', '0', '0.01'],
          ['10', '0.01', '0', '0.02'],
          ['50', '0.015', '0', '0.03'],
          ['100', '0.02', '0', '0.04'],
        ]),
      },
    },
    accounts: [account],
    beats: [{ index: '1000', last: mark }, { index: mark }],
  });
};

test('OKX later: two tiers down while the equity covers what tier 1 asks for all of it', async () => {
  // at 985: 2 000 - 900 = 1 100 <= 2 % of 59 100 = 1 182, above 0.5 % = 295.50. Tier 4 to the 10 of tier 2:
  // 1 % of 9 850 = 98.50
  const { rows } = await later('985');
  assert.deepEqual(rows.fills.map(filled), ['A close 50 @ 985 book']);
  assert.deepEqual(ends(rows), ['A reduced']);
});

test('OKX later: below what tier 1 asks everything is closed; at that sum itself it is not', async () => {
  // at 970: 0.5 % of 58 200 = 291. Equity 2 000 - 1 800 = 200 is below it; with 91 more it is equal
  assert.deepEqual((await later('970')).rows.fills.map(filled), ['A close 60 @ 970 book']);
  assert.deepEqual((await later('970', '60', '2091')).rows.fills.map(filled), ['A close 50 @ 970 book']);
});

test('OKX later: from tier 2 there are no two tiers down', async () => {
  // 10 at 985: 240 - 150 = 90 <= 98.50
  assert.deepEqual((await later('985', '10', '240')).rows.fills.map(filled), ['A close 10 @ 985 book']);
});
