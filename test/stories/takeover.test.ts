/**
 * What the book does not take: tries, the fund's takeover, its inventory, its refusals. One tier of
 * 0.5 %, no clearance fee, the fund opens with 1 000 unless a story says otherwise.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, rate } from '../../src/basics/exact.ts';
import type { FundRule } from '../../src/rules/ruleSet.ts';
import { linearMarket, play, SECOND, tiers, tinyRules } from '../support/tinyWorld.ts';
import { ends, filled, left, paid } from './told.ts';

const PLAIN = {
  BTCUSDT: {
    tiers: tiers([['1000000000', '0.005', '0', '0.01']]),
    clearanceFee: [{ rate: rate('0') }],
  },
};
const MAIN = tinyRules({ BTCUSDT: {} as never }, 'USDT').funds[0]!;
const funds = (over: Partial<FundRule>): FundRule[] => [{ ...MAIN, ...over }];
const WORK = { kind: 'work', participation: rate('0.1'), afterUs: 0, limit: 'none' } as const;

/** 1 BTC at 43 000 with 2 150: bankrupt at 40 850, fails from 40 850 / 0.995 = 41 055.27 down. */
const A = { name: 'A', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '2150' }] } as const;
/** The book is at 40 800, below the limit: nothing fills. */
const UNFILLED = [
  { index: '43000', last: '40800' },
  { index: '41050', last: '40800' },
];

test('the fund takes over at the bankruptcy price, is marked, and works its inventory', async () => {
  const { world, rows } = await play({
    rules: { funds: funds({ unwind: WORK }) },
    marketRules: PLAIN,
    accounts: [A],
    beats: [
      ...UNFILLED, // equity 200: the order waits
      { index: '40800', last: '40900', volume: '5' }, // equity -50: handed over at 40 850
      { index: '41000', last: '40750', high: '40900', volume: '5' }, // 10 % of 5 BTC at 40 900, the last of the beat before: +25
      { index: '41000', low: '40750', volume: '5' }, // 0.5 at 40 750: -50
    ],
  });
  assert.deepEqual(rows.fills.map(filled), [
    'A close 1 @ 40850 bankruptcy',
    'fund:main open 1 @ 40850 bankruptcy',
    'fund:main close 0.5 @ 40900 book',
    'fund:main close 0.5 @ 40750 book',
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 2150 realized-pnl',
    'market -> fund:main 25 realized-pnl',
    'fund:main -> market 50 realized-pnl',
  ]);
  assert.deepEqual(ends(rows), ['A takenOver']);
  // 1 BTC at 40 800: -50; 0.5 left at 41 000: +75
  assert.deepEqual(
    rows.fund.map((f) => f.inventoryPnl.toString()),
    ['0', '0', '-50', '75', '0'],
  );
  assert.equal(left(world, 'fund:main'), '975');
});

test('a mark at the bankruptcy price itself is enough: nothing is left to lose', async () => {
  const { world, rows } = await play({
    marketRules: PLAIN,
    accounts: [A],
    beats: [...UNFILLED, { index: '40850', last: '40800' }],
  });
  assert.deepEqual(ends(rows), ['A takenOver']);
  assert.equal(left(world, 'fund:main'), '1000');
});

test('a fund sells all its lots of a side under one share of the beat', async () => {
  const { rows } = await play({
    rules: { funds: funds({ unwind: WORK }), takeover: { when: 'atOnce' } },
    marketRules: PLAIN,
    accounts: [A, { ...A, name: 'B' }],
    beats: [...UNFILLED, { index: '41050', last: '40800', volume: '5' }],
  });
  const sold = rows.fills.filter((f) => f.why === 'unwind');
  assert.deepEqual(sold.map(filled), ['fund:main close 0.5 @ 40800 book']); // not 0.5 of each lot
});

test('a fund that never sells below its price waits for a better one', async () => {
  const { rows } = await play({
    rules: { funds: funds({ unwind: { ...WORK, limit: 'bankruptcy' } }), takeover: { when: 'atOnce' } },
    marketRules: PLAIN,
    accounts: [A],
    beats: [...UNFILLED, { index: '41050', last: '40851', volume: '5' }, { index: '41050', volume: '5' }],
  });
  assert.deepEqual(
    rows.fills.filter((f) => f.why === 'unwind').map((f) => [f.tsUs / SECOND, f.price.toString()]),
    [[5, '40851']],
  );
});

test('a fund waits before it works what it took over', async () => {
  const { rows } = await play({
    rules: { funds: funds({ unwind: { ...WORK, afterUs: 2 * SECOND } }), takeover: { when: 'atOnce' } },
    marketRules: PLAIN,
    accounts: [A],
    beats: [...UNFILLED, { index: '41050', volume: '50' }, { index: '41050', volume: '50' }],
  });
  assert.deepEqual(
    rows.fills.filter((f) => f.why === 'unwind').map((f) => f.tsUs / SECOND),
    [5], // taken over at 3 s
  );
});

test('handed over at once, or after the second try', async () => {
  const beats = [...UNFILLED, { index: '41050', last: '40800' }, { index: '41050', last: '40800' }];
  const whenTaken = async (takeover: { when: 'atOnce' } | { when: 'afterTries'; tries: number }) => {
    const { rows } = await play({ rules: { takeover }, marketRules: PLAIN, accounts: [A], beats });
    return rows.liquidations.map((l) => [l.endUs / SECOND, l.tries, l.end]);
  };
  assert.deepEqual(await whenTaken({ when: 'atOnce' }), [[3, 1, 'takenOver']]);
  assert.deepEqual(await whenTaken({ when: 'afterTries', tries: 2 }), [[4, 2, 'takenOver']]);
});

/** B is short 2 from 45 000 with 9 000: the winner who is closed where the fund refuses. */
const B = { name: 'B', legs: [{ side: 'short', qty: '2', entry: '45000', margin: '9000' }] } as const;

test('a cap on net notional leaves room for a part; the rest is deleveraged', async () => {
  // mark 40 800, fund 20 400, cap 1: room for 20 400 / 40.80 = 500 lots
  const { world, rows } = await play({
    rules: {
      funds: funds({ refusal: { empty: true, netNotionalCap: rate('1'), drawdown: null } }),
    },
    assumptions: { fundOpening: { main: money('20400') } },
    marketRules: PLAIN,
    accounts: [A, B],
    beats: [
      { index: '43000', last: '40800' },
      { index: '40800', last: '40800' },
    ],
  });
  assert.deepEqual(rows.fills.map(filled), [
    'A close 0.5 @ 40850 bankruptcy',
    'fund:main open 0.5 @ 40850 bankruptcy',
    'B close 0.5 @ 40850 bankruptcy',
    'A close 0.5 @ 40850 bankruptcy',
  ]);
  assert.deepEqual(ends(rows), ['A deleveraged']);
  assert.equal(left(world, 'A'), '0');
  assert.equal(left(world, 'B'), '11075'); // 9 000 + 0.5 x (45 000 - 40 850)
});

test('a fund that lost a twentieth of its highest value pauses: the next victim goes to winners', async () => {
  const { rows } = await play({
    rules: {
      takeover: { when: 'atOnce' },
      funds: funds({
        refusal: {
          empty: true,
          netNotionalCap: null,
          drawdown: { fraction: rate('0.05'), windowUs: 10 * SECOND, pauseUs: 5 * SECOND },
        },
      }),
    },
    marketRules: PLAIN,
    accounts: [
      A,
      { name: 'C', legs: [{ side: 'long', qty: '0.1', entry: '43000', margin: '200' }] }, // bankrupt at 41 000
      { name: 'D', legs: [{ side: 'long', qty: '0.1', entry: '43000', margin: '250' }] }, // at 40 500
      B,
    ],
    beats: [
      { index: '43000', last: '40400' },
      { index: '41206', last: '40400' }, // C: 200 - 179.40 = 20.60 <= 20.603. Value 1 000 + 20.60
      { index: '40800', last: '40400' }, // A. Value 1 000 - 20 - 50 = 930 < 95 % of 1 020.60 = 969.57: pause
      { index: '40700', last: '40400' }, // D: 250 - 230 = 20 <= 20.35: refused
    ],
  });
  assert.deepEqual(ends(rows), ['C takenOver', 'A takenOver', 'D deleveraged']);
  assert.deepEqual(
    rows.fund.map((f) => f.refusing),
    [false, false, true, true],
  );
  assert.equal(rows.decisions.findLast((d) => d.step === 'takeover')!.values.refusal, 'drawdown');
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.qty.toString(), a.price.toString()]),
    [['B', '0.1', '40500']],
  );
});

test('negative balances are covered only every four seconds where the rule says so', async () => {
  // order without limit: sold at 40 000 against 40 850: 850 missing at 3 s, paid at 4 s
  const { world, rows } = await play({
    rules: { order: { kind: 'market' }, funds: funds({ clearEveryUs: 4 * SECOND }) },
    marketRules: PLAIN,
    accounts: [A],
    beats: [{ index: '43000', last: '40000' }, { index: '41000' }, { index: '41000' }],
  });
  assert.deepEqual(
    rows.transfers.map((t) => [t.tsUs / SECOND, paid(t)]),
    [
      [3, 'A -> market 3000 realized-pnl'],
      [4, 'fund:main -> A 850 deficit'],
    ],
  );
  assert.equal(left(world, 'A'), '0');
  assert.equal(left(world, 'fund:main'), '150');
});

test('injections arrive at their hour, a floor lifts what is below it', async () => {
  const { world, rows } = await play({
    rules: {
      funds: funds({ injections: [{ atUs: 3 * SECOND, amount: money('50') }], floor: money('1010') }),
    },
    marketRules: PLAIN,
    accounts: [A],
    beats: [{ index: '43000' }, { index: '43000' }, { index: '43000' }],
  });
  assert.deepEqual(
    rows.transfers.map((t) => [t.tsUs / SECOND, paid(t)]),
    [
      [2, 'house -> fund:main 10 floor-contribution'],
      [3, 'house -> fund:main 50 injection'],
    ],
  );
  assert.equal(left(world, 'fund:main'), '1060');
});

test('two funds of one asset: each stands in for its own markets', async () => {
  // ETH is sold at 2 700 against a bankruptcy price of 2 850: 150 missing, from the fund of ETH alone
  const { world, rows } = await play({
    markets: [linearMarket('BTCUSDT'), linearMarket('ETHUSDT')],
    rules: {
      order: { kind: 'market' },
      funds: [
        { ...MAIN, name: 'btc', markets: ['BTCUSDT'] },
        { ...MAIN, name: 'eth', markets: ['ETHUSDT'] },
      ],
    },
    assumptions: { fundOpening: { btc: money('1000'), eth: money('1000') } },
    marketRules: { BTCUSDT: PLAIN.BTCUSDT, ETHUSDT: PLAIN.BTCUSDT },
    accounts: [
      { name: 'E', legs: [{ side: 'long', qty: '1', entry: '3000', margin: '150', market: 'ETHUSDT' }] },
    ],
    beats: {
      BTCUSDT: [{ index: '43000' }, { index: '43000' }],
      ETHUSDT: [{ index: '3000', last: '2700' }, { index: '2860' }],
    },
  });
  assert.deepEqual(rows.transfers.map(paid), ['E -> market 300 realized-pnl', 'fund:eth -> E 150 deficit']);
  assert.equal(left(world, 'fund:btc'), '1000');
  assert.equal(left(world, 'fund:eth'), '850');
});
