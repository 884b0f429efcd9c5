/**
 * Liquidations of one account, worked by hand. Unless a story says otherwise: one tier of 0.5 %
 * without deduction, no clearance fee, fills at the last price of the beat before, fund 1 000.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { rate } from '../../src/basics/exact.ts';
import type { MarketRules } from '../../src/rules/ruleSet.ts';
import { inverseMarket, linearMarket, play, SECOND, tiers } from '../support/tinyWorld.ts';
import { ends, filled, left, paid } from './told.ts';

const PLAIN: Partial<MarketRules> = {
  tiers: tiers([['1000000000', '0.005', '0', '0.01']]),
  clearanceFee: [{ rate: rate('0') }],
};
const PLAIN_BTC = { BTCUSDT: PLAIN };

test('closed at 71 500 against a bankruptcy price of 70 000: 1 500 to the fund (source document 000)', async () => {
  // entry 75 000, margin 5 000; at 70 300 equity 300 <= 0.5 % of 70 300 = 351.50
  const { world, rows } = await play({
    rules: { residue: 'toFund' },
    marketRules: PLAIN_BTC,
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1', entry: '75000', margin: '5000' }] }],
    beats: [
      { index: '75000', last: '71500' },
      { index: '70300', high: '71500' },
    ],
  });
  assert.equal(rows.orders[0]!.bankruptcyPrice.toString(), '70000');
  assert.deepEqual(rows.fills.map(filled), ['A close 1 @ 71500 book']);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 3500 realized-pnl',
    'A -> fund:main 1500 residue',
  ]);
  assert.equal(left(world, 'fund:main'), '2500');
  assert.equal(left(world, 'A'), '0');
});

/** 2 BTC at 43 000 with 4 300: at 41 000 equity 300, required 410. */
const TWO = { name: 'A', legs: [{ side: 'long', qty: '2', entry: '43000', margin: '4300' }] } as const;
const TO_41000 = [{ index: '43000', last: '41000' }, { index: '41000' }];
const SOLVE = { kind: 'solve', buffer: { kind: 'multiplicative', value: rate('0') } } as const;

test('a part saves the account: the fewest lots after which equity is above what is required', async () => {
  // without fee equity stays 300: rest * 205 < 300 from rest 1.463 (299.915) on; at 1.464 it is 300.12
  const { world, rows } = await play({
    rules: { reduction: SOLVE },
    marketRules: PLAIN_BTC,
    accounts: [TWO],
    beats: [...TO_41000, { index: '41000' }],
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 0.537 @ 41000 book']);
  assert.deepEqual(rows.transfers.map(paid), ['A -> market 1074 realized-pnl']); // 0.537 x 2 000
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(world.desk.book.read(0).legs[0]!.margin.toString(), '3226');
});

test('a fee above the maintenance rate leaves no part that helps: all is closed', async () => {
  // closing a lot costs 0.41 in fee and saves 0.205 of requirement; 2 x 41 000 x 1 % = 820, capped by 300
  const { world, rows } = await play({
    rules: { reduction: SOLVE },
    marketRules: { BTCUSDT: { ...PLAIN, clearanceFee: [{ rate: rate('0.01') }] } },
    accounts: [TWO],
    beats: TO_41000,
  });
  assert.equal(rows.decisions.find((d) => d.step === 'plan')!.values.why, 'solve: no part helps');
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 4000 realized-pnl',
    'A -> fund:main 300 clearance-fee',
  ]);
  assert.deepEqual(ends(rows), ['A closed']);
  assert.equal(left(world, 'fund:main'), '1300');
});

test('a step down of one tier in a schedule that jumps', async () => {
  // at 42 400: 84 800 is tier 2, 1 % = 848 >= equity 800. Tier 1 ends at 50 000: 1 179 lots stay
  // (49 989.60), 821 go; 0.4 % of 49 989.60 = 199.96 < 800
  const { rows } = await play({
    rules: { reduction: { kind: 'tierStepDown', tiers: 1 } },
    marketRules: {
      BTCUSDT: {
        ...PLAIN,
        tiers: tiers([
          ['50000', '0.004', '0', '0.01'],
          ['100000', '0.01', '0', '0.02'],
        ]),
      },
    },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '2', entry: '43000', margin: '2000' }] }],
    beats: [{ index: '43000', last: '42400' }, { index: '42400' }],
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 0.821 @ 42400 book']);
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(rows.liquidations[0]!.tier, 2);
});

test('more than fifty steps at one mark: the limit is recorded and the rest follows at the next', async () => {
  // 60 tiers of 1 000 each; 5 % is required, equity stays 10, so every step of one tier still fails
  const { rows } = await play({
    rules: { reduction: { kind: 'tierStepDown', tiers: 1 } },
    marketRules: {
      BTCUSDT: {
        ...PLAIN,
        tiers: tiers(
          Array.from({ length: 60 }, (_, k) => [`${(k + 1) * 1000}`, '0.05', '0', '0.06'] as const),
        ),
      },
    },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1.4', entry: '43000', margin: '4210' }] }],
    beats: [{ index: '43000', last: '40000' }, { index: '40000' }, { index: '40000' }],
  });
  assert.deepEqual(
    rows.beats.map((b) => [b.stepLimitHit, b.queue]),
    [
      [false, 0],
      [true, 1],
      [false, 0],
    ],
  );
  // 56 000 is tier 56: 50 steps down to tier 6, then tiers 5 .. 1 and the rest
  assert.equal(rows.orders.filter((o) => o.tsUs === rows.beats[1]!.tsUs).length, 50);
  assert.equal(rows.orders.length, 56);
  assert.deepEqual(ends(rows), ['A closed']);
});

test('an account in hedge mode is watched on both sides', async () => {
  // long 1 and short 0.9 at 43 000, wallet 500; 0.5 % to 45 000, above 20 % less 8 775 (continuous).
  // below 45 000: 500 + 0.1 (m - 43 000) - 1.9 x 0.005 m = 0 at 3 800 / 0.0905 = 41 988.95
  // above: 500 + 0.1 (m - 43 000) - (0.2 m - 8 775) - 0.0045 m = 0 at 4 975 / 0.1045 = 47 607.66
  const world = (index: string) =>
    play({
      marketRules: {
        BTCUSDT: {
          ...PLAIN,
          tiers: tiers([
            ['45000', '0.005', '0', '0.01'],
            ['1000000000', '0.2', '8775', '0.3'],
          ]),
        },
      },
      accounts: [
        {
          name: 'A',
          cross: true,
          tracked: true,
          wallet: '500',
          legs: [
            { side: 'long', qty: '1', entry: '43000' },
            { side: 'short', qty: '0.9', entry: '43000' },
          ],
        },
      ],
      beats: [{ index: '43000' }, { index }],
    });
  const { rows } = await world('43000');
  const near = (x: number | null, y: number): boolean => Math.abs(x! - y) < 0.01;
  assert.ok(
    rows.tracked.every((t) => near(t.liquidationLowF64, 41988.95) && near(t.liquidationHighF64, 47607.66)),
  );
  assert.equal((await world('41988.96')).rows.liquidations.length, 0);
  assert.equal((await world('41988.95')).rows.liquidations.length, 1);
  assert.equal((await world('47607.65')).rows.liquidations.length, 0);
  assert.equal((await world('47607.66')).rows.liquidations.length, 1);
});

test('an inverse long loses more than its price: 1.5 % down is 1.523 % of the coin value', async () => {
  // 10 000 contracts at 10 000 = 1 XBT, margin 0.02. At 9 850: 10 000 / 9 850 = 1.01522843 (8 places),
  // loss 0.01522843, equity 0.00477157 <= 0.5 % of 1.01522843 = 0.00507614. A linear long would still stand.
  const { world, rows } = await play({
    markets: [inverseMarket()],
    marketRules: { XBTUSD: PLAIN },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '10000', entry: '10000', margin: '0.02' }] }],
    beats: [
      { index: '10000', last: '9850' },
      { index: '9850', last: '9850' },
    ],
  });
  assert.deepEqual(rows.transfers.map(paid), ['A -> market 0.01522843 realized-pnl']);
  assert.equal(rows.orders[0]!.bankruptcyPrice.toString(), '9803.921568627451'); // 10 000 / 1.02, up
  assert.equal(rows.liquidations[0]!.equity.toString(), '0.00477157');
  assert.equal(left(world, 'A', 'XBT'), '0.00477157');
  assert.equal(world.desk.book.read(0).wallet.toString(), '0.00477157'); // its margin is free again
});

test('a cross account over two markets loses both positions in one beat', async () => {
  // -0.1 x 2 000 and -1 x 100 leave 0 of 300; required 20.50 + 14.50. Equity 0: bankruptcy prices are the marks.
  const [btc, eth] = [linearMarket('BTCUSDT'), linearMarket('ETHUSDT')];
  const { world, rows } = await play({
    markets: [btc, eth],
    marketRules: { BTCUSDT: PLAIN, ETHUSDT: PLAIN },
    accounts: [
      {
        name: 'A',
        cross: true,
        wallet: '300',
        legs: [
          { side: 'long', qty: '0.1', entry: '43000', market: 'BTCUSDT' },
          { side: 'long', qty: '1', entry: '3000', market: 'ETHUSDT' },
        ],
      },
    ],
    beats: {
      BTCUSDT: [{ index: '43000', last: '41000' }, { index: '41000' }],
      ETHUSDT: [{ index: '3000', last: '2900' }, { index: '2900' }],
    },
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 0.1 @ 41000 book', 'A close 1 @ 2900 book']); // largest first
  assert.equal(rows.liquidations.length, 1);
  assert.deepEqual([rows.liquidations[0]!.legs, rows.liquidations[0]!.positionsLost], [2, 2]);
  assert.equal(left(world, 'A'), '0');
});

test('fill or kill: a beat that trades too little fills nothing', async () => {
  const { rows } = await play({
    rules: { order: { kind: 'fok' } },
    marketRules: PLAIN_BTC,
    accounts: [TWO],
    beats: [
      { index: '43000', last: '41000' },
      { index: '41000', volume: '1.999' },
      { index: '41000', volume: '2' },
    ],
  });
  assert.deepEqual(
    rows.orders.map((o) => o.filled.toString()),
    ['0', '2'],
  );
  assert.deepEqual(ends(rows), ['A closed']);
});

test('a fill at the mark, and a fill at the bankruptcy price, ask no book', async () => {
  const world = (kind: 'atMark' | 'atBankruptcy') =>
    play({
      rules: { order: { kind } },
      marketRules: PLAIN_BTC,
      accounts: [TWO],
      beats: [
        { index: '43000', last: '43000' },
        { index: '41000', volume: '0' },
      ],
    });
  const mark = await world('atMark');
  assert.deepEqual(mark.rows.fills.map(filled), ['A close 2 @ 41000 mark']);
  assert.equal(left(mark.world, 'A'), '300');
  const bankruptcy = await world('atBankruptcy');
  assert.deepEqual(bankruptcy.rows.fills.map(filled), ['A close 2 @ 40850 bankruptcy']);
  assert.equal(left(bankruptcy.world, 'A'), '0');
});

test('an account that fails at the very first mark is closed at that beat', async () => {
  const { rows } = await play({ marketRules: PLAIN_BTC, accounts: [TWO], beats: [{ index: '41000' }] });
  assert.deepEqual(rows.fills.map(filled), ['A close 2 @ 41000 book']);
});

test('a margin call: a deposit saves the account as long as it is not frozen', async () => {
  // verdict at 3 s, grace of 2 s; 500 arrive at 4 s: equity 800 > 410
  const world = (at: 'atVerdict' | 'atOrder') =>
    play({
      rules: { freeze: { at, graceUs: 2 * SECOND } },
      marketRules: PLAIN_BTC,
      accounts: [TWO],
      beats: [...TO_41000, { index: '41000' }, { index: '41000' }, { index: '41000' }],
      side: {
        events: [
          {
            tsUs: 4 * SECOND,
            account: 'A',
            kind: 'deposit',
            market: 'BTCUSDT',
            side: 'long',
            amount: '500',
            price: null,
          },
        ],
      },
    });
  const saved = await world('atOrder');
  assert.deepEqual(ends(saved.rows), ['A recovered']);
  assert.equal(saved.rows.fills.length, 0);
  assert.equal(left(saved.world, 'A'), '4800');
  const lost = await world('atVerdict');
  assert.deepEqual(ends(lost.rows), ['A closed']);
  assert.equal(lost.rows.transfers.filter((t) => t.reason === 'deposit').length, 0);
  assert.equal(lost.rows.liquidations[0]!.queueSec, 2);
  assert.equal(left(lost.world, 'A'), '300');
});

test('an account in its grace period is not called a second time', async () => {
  const { rows } = await play({
    rules: { freeze: { at: 'atOrder', graceUs: 2 * SECOND } },
    marketRules: PLAIN_BTC,
    accounts: [TWO],
    beats: [...TO_41000, { index: '40990' }, { index: '40980' }],
  });
  assert.deepEqual(
    rows.liquidations.map((l) => [l.tsUs / SECOND, l.endUs / SECOND, l.end]),
    [[3, 5, 'closed']],
  );
  assert.equal(rows.decisions.filter((d) => d.step === 'verdict').length, 1);
});

test('matching is down: verdict and order at 3 s, the fill when it is back', async () => {
  const { rows } = await play({
    marketRules: PLAIN_BTC,
    accounts: [TWO],
    beats: [...TO_41000, { index: '41000' }],
    side: { outages: [{ fromUs: 3 * SECOND, untilUs: 4 * SECOND, part: 'matching' }] },
  });
  assert.deepEqual(
    rows.orders.map((o) => [o.tsUs / SECOND, o.filled.toString()]),
    [
      [3, '0'],
      [4, '2'],
    ],
  );
});

test('the engine is down: nobody is judged until it is back, at the mark of then', async () => {
  // at 40 800 equity is -100; the limit is the bankruptcy price of 40 850, and 41 000 is better
  const { world, rows } = await play({
    marketRules: PLAIN_BTC,
    accounts: [TWO],
    beats: [...TO_41000, { index: '40800', last: '40800' }],
    side: { outages: [{ fromUs: 3 * SECOND, untilUs: 4 * SECOND, part: 'engine' }] },
  });
  assert.deepEqual(
    rows.liquidations.map((l) => [l.tsUs / SECOND, l.equity.toString(), l.end]),
    [[4, '-100', 'closed']],
  );
  assert.equal(left(world, 'A'), '300'); // filled at 41 000, the last price of the beat before
});

test('resting orders are cancelled first, and it is written down', async () => {
  const { rows } = await play({
    marketRules: PLAIN_BTC,
    accounts: [
      {
        name: 'A',
        cross: true,
        wallet: '4300',
        orderMargin: '100',
        legs: [{ side: 'long', qty: '2', entry: '43000' }],
      },
    ],
    beats: TO_41000,
  });
  assert.deepEqual(
    rows.decisions.map((d) => d.step),
    ['verdict', 'cancelOrders', 'plan', 'order', 'end'],
  );
  assert.equal(rows.decisions[1]!.values.released, '100');
  assert.equal(rows.liquidations[0]!.openOrdersCancelled, true);
});

test('winners who close let open interest fall by what was forced', async () => {
  // B is short 5, A long 1, so market is long 4: open interest 5. Both close one contract.
  const { world, rows } = await play({
    assumptions: { winnersTake: rate('1') },
    marketRules: PLAIN_BTC,
    accounts: [
      { name: 'A', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '2150' }] },
      { name: 'B', legs: [{ side: 'short', qty: '5', entry: '43000', margin: '21500' }] },
    ],
    beats: TO_41000,
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 1 @ 41000 book', 'B close 1 @ 41000 book']);
  assert.deepEqual(
    rows.beats.map((b) => b.openInterest.toString()),
    ['5', '4'],
  );
  assert.equal(left(world, 'B'), '23500'); // 21 500 + 2 000
  assert.equal(left(world, 'market'), '0'); // it only stood between the two
});
