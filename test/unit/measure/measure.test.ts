/** Figures of the sample run against the hand-worked numbers of test/support/rows.ts. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { money, price, qty } from '../../../src/basics/exact.ts';
import { gini, topShare } from '../../../src/measure/adl.ts';
import { measure } from '../../../src/measure/measure.ts';
import { aroundWaves, wavesOf } from '../../../src/measure/waves.ts';
import type { MetricRow } from '../../../src/results/runTables.ts';
import { Store } from '../../../src/results/store.ts';
import { Tally } from '../../../src/results/tally.ts';
import { signedProfit, signedValue } from '../../../src/results/valuation.ts';
import type { Market } from '../../../src/rules/market.ts';
import { beatUs, MARKET, type Rows, sampleBeats } from '../../support/rows.ts';
import { sampleFacts } from '../../support/runFacts.ts';

const base = mkdtempSync(join(tmpdir(), 'cascade-measure-'));
after(() => rmSync(base, { recursive: true, force: true }));

let stores = 0;
async function stored<T>(beats: readonly Rows[], use: (store: Store) => Promise<T>): Promise<T> {
  const store = await Store.open(join(base, String(stores++)));
  for (const rows of beats) store.record(0, rows);
  try {
    return await use(store);
  } finally {
    store.abandon();
  }
}
const measured = (beats: readonly Rows[]): Promise<MetricRow[]> =>
  stored(beats, async (store) => measure(await store.settle(), sampleFacts()));
const finder =
  (rows: readonly MetricRow[]) =>
  (name: string, market = '', side = '', bucket = ''): string | undefined =>
    rows.find((r) => r.name === name && r.market === market && r.side === side && r.bucket === bucket)?.value;

test('the figures of the sample are those worked by hand', async () => {
  const rows = await measured(sampleBeats());
  const find = finder(rows);
  assert.equal(find('liquidatedNotional', MARKET, 'long'), '22572'); // 8980 + 3592 + 1900 + 8100
  assert.equal(find('liquidatedNotional', MARKET, 'short'), '0');
  assert.equal(find('liquidatedNotional', '', 'long'), '22572');
  assert.equal(find('liquidations', MARKET), '3');
  assert.equal(find('liquidatedAccounts', MARKET), '2'); // A twice, C once
  assert.equal(find('accounts', MARKET, 'long'), '3');
  assert.equal(find('deficit', MARKET, 'long'), '208');
  assert.equal(find('badDebt'), '208');
  assert.equal(find('housePaid'), '8');
  assert.equal(find('shortfall'), '8');
  assert.equal(find('adlNotional', MARKET, 'short'), '2850'); // B's 0.3 @ 9500, not C's 0.4
  assert.equal(find('adlContracts', MARKET, 'short'), '0.3');
  assert.equal(find('adlGivenUp', MARKET, 'short'), '150');
  assert.equal(find('uncovered', MARKET, 'long'), '0.1');
  assert.equal(find('uncoveredMoney', MARKET), '50');
  assert.equal(find('adlRequested', MARKET, 'long'), '0.4');
  assert.deepEqual(
    ['markFirst', 'markLow', 'markLast', 'lastLow'].map((n) => find(n, MARKET)),
    ['10000', '8000', '8500', '7950'],
  );
  assert.equal(find('markLowAtUs', MARKET), String(beatUs(3)));
  assert.deepEqual(
    ['fundFirst', 'fundLow', 'fundLast', 'fundChange'].map((n) => find(n, 'main')),
    ['1000', '740', '740', '-260'],
  );
  assert.equal(find('fundInflow'), '88'); // 44.9 + 5.1 + 30 + 8
  assert.equal(find('fundInflow', '', '', 'clearance-fee'), '50');
  assert.equal(find('fundOutflow'), '348'); // 208 + 140
  assert.equal(find('fundDrawdown', 'main'), '0.26'); // (1000 - 740) / 1000
  assert.equal(find('fundDrawdownAtMark', 'main'), '0.41'); // (1000 - (740 - 150)) / 1000
  assert.equal(find('fundLowAtMark', 'main'), '590');
  assert.equal(find('marketProfit', MARKET), '-702');
  assert.equal(find('marketProfitLow', MARKET), '-1602');
  assert.equal(find('marketLowestCash', MARKET), '0'); // 1020, 1628, 1828, 2228, 1928, 2068, 3968, 3248
  assert.equal(find('liquidatedShare', MARKET, 'long'), '0.644914285714'); // 22572 / (3.5 * 10000)
  assert.equal(find('firstTouchShare', MARKET, 'long'), '0.742857142857'); // (2 + 0.6) / 3.5
  assert.equal(find('firstTouchShare', MARKET, 'short'), '0');
  assert.equal(find('partialRate', MARKET, 'long'), '0'); // A and C hold nothing at the end
  assert.equal(find('partialRate', MARKET, 'short'), ''); // nobody was liquidated: no rate
  // A 1*20 and, after its second verdict, -1*100; C 0.4*20 by order, (0.2 + 0.4)*(9000 - 9500) by takeover and ADL
  assert.equal(find('traderSlippage', MARKET, 'long'), '-372');
  assert.equal(find('traderSlippage', MARKET, 'short'), '0'); // B is a winner: its ADL is no cost of liquidation
  assert.equal(find('traderCost', MARKET, 'long'), '-500'); // 50 + 30 - 372 - 208: C's equity of -500 became 0
  assert.equal(find('liquidatedNotional', MARKET, '', 'tier 2'), '8980'); // A's first verdict
  assert.equal(find('liquidatedNotional', MARKET, '', 'tier 1'), '13592'); // 3592 + 1900 + 8100
  assert.equal(find('liquidatedNotional', MARKET, '', 'leverage 5-10'), '22572');
  assert.equal(find('liquidatedNotional', MARKET, '', 'hour 2020-03-12T10'), '22572');
  assert.equal(find('queueDepth', MARKET), '1');
  assert.equal(find('multiLossAccounts'), '0');
  assert.equal(find('waveNotional', MARKET, 'long', 'wave 1'), '20672'); // 8980 + 3592 + 8100
  assert.equal(find('dislocated', MARKET, 'long', 'wave 1'), String(1 / 60)); // beat 3: 1.25 %
});

test('the waterfall is the one worked by hand and sums to 0', async () => {
  // A 0 - 3000; C 0 - (1000 - 500); B 7024 + 4800 - 7500; D 3996 - 750 - 4000; fund 740 - 100 - 1000;
  // market -702 + 1000; house -8
  const rows = (await measured(sampleBeats())).filter((r) => r.name === 'waterfall');
  assert.deepEqual(
    rows.map((r) => [r.bucket, r.value]),
    [
      ['liquidated traders', '-3500'],
      ['deleveraged winners', '4324'],
      ['other holders', '-754'],
      ['fund', '-360'],
      ['market', '298'],
      ['house', '-8'],
      ['funding', '0'],
    ],
  );
  assert.equal(rows.reduce((total, r) => total.plus(money(r.value)), money('0')).toString(), '0');
});

test('an entry value that grew by itself is the loss of `market`, and the sum stays 0', async () => {
  const beats = sampleBeats();
  beats[3]!.accounts[0]!.entryValue = money('25201');
  const rows = await measured(beats);
  // B's profit is 1 larger; market holds the other side of the entry values and loses it: still 0
  assert.equal(finder(rows)('waterfall', '', '', 'rounding'), undefined);
  assert.equal(finder(rows)('waterfall', '', '', 'market'), '297');
});

test('a Tally gives the headline figures of the database', async () => {
  const beats = sampleBeats();
  const tally = new Tally(new Map(Object.entries(sampleFacts().scenario.facts.markets)));
  for (const rows of beats) tally.record(0, rows);
  const headline = tally.rows();
  const rows = await measured(beats);
  assert.ok(headline.length > 60);
  assert.deepEqual(rows.slice(0, headline.length), headline);
});

test('a gap of more than 60 s ends a wave, 60 s does not', async () => {
  const [, , third] = sampleBeats();
  const template = third!.orders[0]!;
  const beats = [0, 60, 120.5, 121].map((sec, i) => {
    const rows = { ...sampleBeats()[3]!, beats: [], fund: [], accounts: [], balances: [] };
    return {
      ...rows,
      orders: [{ ...template, seq: i + 1, tsUs: beatUs(1) + sec * 1_000_000, account: i === 3 ? 'B' : 'A' }],
    };
  });
  const waves = await stored(beats, async (store) => wavesOf(await store.settle(), 0));
  assert.deepEqual(
    waves.map((w) => [
      w.place,
      (w.startUs - beatUs(1)) / 1e6,
      (w.endUs - beatUs(1)) / 1e6,
      w.orders,
      w.accounts,
    ]),
    [
      [1, 0, 60, 2, 1],
      [2, 120.5, 121, 2, 2],
    ],
  );
});

test('times around waves fall before, into or after them', () => {
  const waves = [
    { startUs: 10, endUs: 20 },
    { startUs: 30, endUs: 40 },
  ];
  assert.deepEqual(
    [...aroundWaves([5, 10, 20, 21, 29, 30, 41, 99], waves)],
    [
      ['wave 1 before', 1],
      ['wave 1', 2],
      ['wave 2 before', 2],
      ['wave 2', 1],
      ['after', 2],
    ],
  );
  assert.equal(aroundWaves([1], []).size, 0);
});

test('Gini and top share of small lists', () => {
  const of = (...list: string[]) => list.map(money);
  assert.equal(gini(of('5', '5', '5'))!.toString(), '0');
  assert.equal(gini(of('0', '0', '0', '8'))!.toString(), '0.75'); // (n - 1) / n
  assert.equal(gini(of('3', '1'))!.toString(), '0.25'); // 2 * (1 + 6) / (2 * 4) - 3 / 2
  assert.equal(gini([]), null);
  assert.equal(topShare(of(...Array.from({ length: 20 }, () => '1')))!.toString(), '0.5');
  assert.equal(topShare([]), null);
});

test('an inverse contract is worth face value / price, and gains when the price rises', () => {
  const market: Market = {
    id: 'XBTUSD',
    kind: 'inverse',
    settle: 'XBT',
    priceTick: price('0.5'),
    qtyStep: qty('1'),
    faceValue: money('1'),
    valueScale: 8,
  };
  // 100 contracts of 1 USD at 8000: 0.0125; at 3000: 0.033333333.. cut to a satoshi
  assert.equal(signedValue(market, qty('100'), price('8000')).toString(), '0.0125');
  assert.equal(signedValue(market, qty('100'), price('3000')).toString(), '0.03333333');
  assert.equal(signedValue(market, money('-100'), price('3000')).toString(), '-0.03333333');
  // long 100 from 8000 to 10000: 0.0125 - 0.01
  assert.equal(signedProfit(market, qty('100'), money('0.0125'), price('10000')).toString(), '0.0025');
  assert.equal(signedProfit(market, money('-100'), money('-0.0125'), price('10000')).toString(), '-0.0025');
});
