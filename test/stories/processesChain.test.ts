/**
 * Processes of chain venues, and of funds, worked by hand: dYdX v4 (fillable price, limits of a block),
 * Drift (a share that grows with time), a fund that aggresses (BitMEX), hedged legs that are netted first (OKX).
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, rate } from '../../src/basics/exact.ts';
import type { FundRule, MarketRules, RuleSet } from '../../src/rules/ruleSet.ts';
import { linearMarket, play, SECOND, tiers, type Tiny, tinyRules } from '../support/tinyWorld.ts';
import { ends, filled, left, paid } from './told.ts';

const plain = (maintenance: string, fee = '0'): Partial<MarketRules> => ({
  clearanceFee: [{ rate: rate(fee) }],
  tiers: tiers([['1000000000', maintenance, '0', '0.05']]),
});
const MAIN = tinyRules({ BTCUSDT: {} as never }, 'USDT').funds[0]!;
const funds = (over: Partial<FundRule>): FundRule[] => [{ ...MAIN, ...over }];
type Rows = Awaited<ReturnType<typeof play>>['rows'];
const timed = (rows: Rows): string[] => rows.fills.map((f) => `${f.tsUs / SECOND} ${filled(f)}`);

/** dYdX v4 at mainnet genesis, but blocks of `blockUs`: 1 BTC at 50 000, 3 %, strict. */
const dydx = (
  margin: string,
  beats: Tiny['beats'],
  over: { accountMost?: string; block?: number; fee?: string; rules?: Partial<RuleSet>; qty?: string } = {},
) =>
  play({
    rules: {
      trigger: { inclusive: false },
      reduction: {
        kind: 'blockLimit',
        share: rate('0.1'),
        least: money('1000'),
        accountMost: money(over.accountMost ?? '100000'),
        blockUs: (over.block ?? 1) * SECOND,
      },
      order: { kind: 'fillable', spread: rate('1.5'), adjustment: rate('1') },
      ...over.rules,
    },
    marketRules: { BTCUSDT: plain('0.03', over.fee) },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: over.qty ?? '1', entry: '50000', margin }] }],
    beats,
  });

test('dYdX: a tenth of the position a block, no worse than the fillable price', async () => {
  // at 49 850 equity 1 450 < 3 % = 1 495.50; fillable 49 850 - 1.5 (1 495.50 - 1 450) = 49 781.75. 0.1 sold at
  // 49 800: 20 lost; 1 445 against 3 % of 0.9 x 49 850 = 1 345.95
  const { rows } = await dydx('1600', [
    { index: '50000', last: '49800' },
    { index: '49850', low: '49800' },
  ]);
  assert.deepEqual(timed(rows), ['3 A close 0.1 @ 49800 book']);
  assert.equal(rows.orders[0]!.limit!.toString(), '49781.75');
  assert.deepEqual(ends(rows), ['A reduced']);
});

test('dYdX: a book below the fillable price fills nothing; the next block asks again', async () => {
  const { rows } = await dydx('1600', [
    { index: '50000', last: '49781.74' },
    { index: '49850', last: '49781.75' },
    { index: '49850' },
  ]);
  assert.deepEqual(
    rows.orders.map((o) => [o.tsUs / SECOND, o.filled.toString()]),
    [
      [3, '0'],
      [4, '0.1'],
    ],
  );
});

test('dYdX: the less margin is left the wider the price, to 150 % of the rate', async () => {
  // margin 1 500. At 48 500 no equity is left: 1.5 x 3 % of 48 500 = 2 182.50 below it; at 48 400 -100, and still
  // no further than 1.5 x 3 % of 48 400 = 2 178
  const at = async (mark: string) => {
    const { rows } = await dydx('1500', [{ index: '50000', last: mark }, { index: mark }]);
    return rows.orders[0]!.limit!.toString();
  };
  assert.equal(await at('48500'), '46317.5');
  assert.equal(await at('48400'), '46222');
});

test('dYdX: at least 1 000 of notional, at most so much an account and block', async () => {
  // 0.1 BTC is worth 4 985: a tenth is 498.50, so 1 000 / 49 850 = 0.02006: 0.020
  const beats = [{ index: '50000', last: '49850' }, { index: '49850' }];
  const small = await dydx('155', beats, { qty: '0.1' });
  assert.deepEqual(timed(small.rows), ['3 A close 0.02 @ 49850 book']);
  // 3 000 / 49 850 = 0.06018
  const capped = await dydx('1600', beats, { accountMost: '3000' });
  assert.deepEqual(timed(capped.rows), ['3 A close 0.06 @ 49850 book']);
});

test('dYdX: a block that ends after three beats lets one order through', async () => {
  // equity 100 all along: what is left asks more until 0.068 BTC
  const { rows } = await dydx(
    '1500',
    [{ index: '50000', last: '48600' }, ...Array.from({ length: 5 }, () => ({ index: '48600' }))],
    { block: 3 },
  );
  // beats end at 2, 3, .. 7 s; blocks at 3 and 6 s: 0.1, then a tenth of 0.9
  assert.deepEqual(timed(rows), ['3 A close 0.1 @ 48600 book', '6 A close 0.09 @ 48600 book']);
  assert.deepEqual(
    rows.beats.map((b) => b.queue),
    [0, 1, 1, 1, 1, 1],
  );
});

test('dYdX: a fund that may lose 100 a block carries 71 lots; the rest is deleveraged', async () => {
  // at 48 000 equity -400, bankrupt at 48 400; sold at 47 000 every lot loses 1.40: 71 lots lose 99.40
  const { rows, world } = await play({
    rules: {
      trigger: { inclusive: false },
      reduction: {
        kind: 'blockLimit',
        share: rate('0.1'),
        least: money('1000'),
        accountMost: money('100000'),
        blockUs: SECOND,
      },
      order: { kind: 'fillable', spread: rate('1.5'), adjustment: rate('1') },
      funds: funds({
        refusal: { empty: true, netNotionalCap: null, drawdown: null, lossPerBeat: money('100') },
      }),
    },
    marketRules: { BTCUSDT: plain('0.03') },
    accounts: [
      { name: 'A', legs: [{ side: 'long', qty: '1', entry: '50000', margin: '1600' }] },
      { name: 'B', legs: [{ side: 'short', qty: '2', entry: '50000', margin: '9000' }] },
    ],
    beats: [
      { index: '50000', last: '47000' },
      { index: '48000', low: '47000' },
    ],
  });
  assert.deepEqual(timed(rows), [
    '3 A close 0.071 @ 47000 book',
    '3 B close 0.929 @ 48400 bankruptcy',
    '3 A close 0.929 @ 48400 bankruptcy',
  ]);
  assert.equal(left(world, 'fund:main'), '900.6');
});

test('dYdX: the fee is 1.5 % of the close, or what is left where that is less', async () => {
  // 0.02 BTC, margin 30 (a tenth is below 1 000: closed whole). At 49 400 equity 18 < 29.64, fillable 48 527.
  // Sold at 49 900: 2 lost, 1.5 % of 998 = 14.97. At 49 000: 20 lost, 10 left, 1.5 % of 980 would be 14.70
  const whole = async (last: string) => {
    const { rows } = await dydx('30', [{ index: '50000', last }, { index: '49400' }], {
      qty: '0.02',
      fee: '0.015',
    });
    return rows.transfers.map(paid);
  };
  assert.deepEqual(await whole('49900'), [
    'A -> market 2 realized-pnl',
    'A -> fund:main 14.97 clearance-fee',
  ]);
  assert.deepEqual(await whole('49000'), ['A -> market 20 realized-pnl', 'A -> fund:main 10 clearance-fee']);
});

/** Drift: 100 at 105, mark 100, 5 % and a buffer of 2 %; filled at the oracle price. */
const drift = (rule: { start: string; perSecond: string; closeAllBelow?: string }, fee = '0', beats = 5) =>
  play({
    rules: {
      reduction: {
        kind: 'ramp',
        buffer: rate('0.02'),
        closeAllBelow: money(rule.closeAllBelow ?? '50'),
        start: rate(rule.start),
        perSecond: rate(rule.perSecond),
      },
      order: { kind: 'atMark' },
    },
    marketRules: { BTCUSDT: plain('0.05', fee) },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '100', entry: '105', margin: '990' }] }],
    beats: [{ index: '105' }, ...Array.from({ length: beats }, () => ({ index: '100' }))],
  });

test('Drift: a tenth of the shortage at once, half after a second, nine tenths after two, then the last 50', async () => {
  // equity 490 < 5 % of 10 000; the target of 7 % lacks 210: 210 / (0.07 x 100) = 30 in all. Freed 21, then
  // 105, then 189; the 21 that are lacking then are below 50
  const { rows } = await drift({ start: '0.1', perSecond: '0.4' });
  assert.deepEqual(timed(rows), [
    '3 A close 3 @ 100 mark',
    '4 A close 12 @ 100 mark',
    '5 A close 12 @ 100 mark',
    '5 A close 3 @ 100 mark',
  ]);
  assert.deepEqual(ends(rows), ['A reduced']);
});

test('Drift: the closes go on to the buffer although maintenance is covered after the first', async () => {
  // 9.7 x 1 000 x 5 % = 485 < 490 after the first tenth
  const { rows } = await drift({ start: '0.1', perSecond: '0.015' }, '0', 2);
  assert.deepEqual(timed(rows), ['3 A close 3 @ 100 mark', '4 A close 0.45 @ 100 mark']); // 0.115 x 210 = 24.15
  assert.deepEqual(ends(rows), ['A open']);
});

test('Drift: a shortage below the threshold is closed at once', async () => {
  const { rows } = await drift({ start: '0.1', perSecond: '0.4', closeAllBelow: '211' });
  assert.deepEqual(timed(rows), ['3 A close 30 @ 100 mark']);
});

test("Drift: the fund's fee is capped by the room that the shortage leaves", async () => {
  // 5 % asked; 0.95 (0.07 - 210 / 10 000) = 0.04655 given. Needed 210 / (7 - 4.655) = 89.5522.., in lots 89.553;
  // a tenth 8.9553, in lots 8.956: 0.04655 x 895.60 = 41.69018
  const { rows } = await drift({ start: '0.1', perSecond: '0' }, '0.05', 1);
  assert.deepEqual(timed(rows), ['3 A close 8.956 @ 100 mark']);
  assert.equal(rows.orders[0]!.fee.toString(), '41.69018');
});

/** 1 BTC at 43 000 with 2 150: bankrupt at 40 850; the fund of 1 000 takes it over at once and works it. */
const aggress = (beats: Tiny['beats'], opening = '1000') =>
  play({
    rules: {
      takeover: { when: 'atOnce' },
      funds: funds({ unwind: { kind: 'work', participation: rate('1'), afterUs: 0, limit: 'aggress' } }),
    },
    assumptions: { fundOpening: { main: money(opening) } },
    marketRules: { BTCUSDT: plain('0.005') },
    accounts: [
      { name: 'A', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '2150' }] },
      { name: 'B', legs: [{ side: 'short', qty: '2', entry: '45000', margin: '9000' }] },
    ],
    beats,
  });
const TAKEN = [
  { index: '43000', last: '40100' },
  { index: '41050', last: '40100' },
];

test('a fund that aggresses keeps to the bankruptcy price while the mark is not worse', async () => {
  const { rows } = await aggress([...TAKEN, { index: '40850', last: '40900' }, { index: '41000' }]);
  assert.deepEqual(
    rows.fills.filter((f) => f.why === 'unwind').map((f) => `${f.tsUs / SECOND} ${filled(f)}`),
    ['5 fund:main close 1 @ 40900 impact'],
  );
});

test('once the mark is worse it sells at any price: 750 of its 1 000 are lost', async () => {
  const { rows, world } = await aggress([...TAKEN, { index: '40000', low: '40000', high: '40100' }]);
  assert.deepEqual(rows.fills.filter((f) => f.why === 'unwind').map(filled), [
    'fund:main close 1 @ 40100 book',
  ]);
  assert.equal(left(world, 'fund:main'), '250');
  assert.equal(rows.adl.length, 0);
});

test('as far as cash reaches: 666 lots for 499.50 of 500; winners take the rest', async () => {
  // 0.334 left are worth 0.334 x (40 000 - 40 850) = -283.90 against 0.50 of cash: empty
  const { rows } = await aggress([...TAKEN, { index: '40000', low: '40000', high: '40100' }], '500');
  assert.deepEqual(rows.fills.slice(2).map(filled), [
    'fund:main close 0.666 @ 40100 book',
    'B close 0.334 @ 40850 bankruptcy',
    'fund:main close 0.334 @ 40850 bankruptcy',
  ]);
});

test('hedged legs of one market are netted first, at the mark and free of fee', async () => {
  // long 1 and short 0.6 from 43 000, at 42 600: 480 - 400 + 240 = 320 <= 0.5 % of 1.6 x 42 600 = 340.80; of the
  // 0.4 that are left 85.20 is asked
  const world = (netFirst: boolean) =>
    play({
      markets: [linearMarket()],
      rules: { reduction: netFirst ? { kind: 'full', netFirst } : { kind: 'full' } },
      marketRules: { BTCUSDT: plain('0.005', '0.001') },
      accounts: [
        {
          name: 'A',
          cross: true,
          wallet: '480',
          legs: [
            { side: 'long', qty: '1', entry: '43000' },
            { side: 'short', qty: '0.6', entry: '43000' },
          ],
        },
      ],
      beats: [{ index: '43000', last: '42600' }, { index: '42600' }],
    });
  const { rows, world: after } = await world(true);
  assert.deepEqual(rows.fills.map(filled), ['A close 0.6 @ 42600 mark', 'A close 0.6 @ 42600 mark']);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 240 realized-pnl',
    'market -> A 240 realized-pnl',
  ]);
  assert.equal(rows.orders.length, 0);
  assert.deepEqual(
    rows.liquidations.map((l) => [l.end, l.closedNotional.toString(), l.positionsLost]),
    [['reduced', '51120', 1]],
  );
  assert.equal(left(after, 'A'), '480');
  assert.deepEqual((await world(false)).rows.fills.map(filled)[0], 'A close 1 @ 42600 book');
});
