/**
 * Auto-deleveraging, worked by hand: who is closed, how much, at what price, and who pays when nobody
 * is left. No clearance fee. The loser is L: long 1 BTC from 43 000 with 430, bankrupt at 42 570.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, rate } from '../../src/basics/exact.ts';
import type { AdlRule } from '../../src/rules/ruleSet.ts';
import { play, tiers, type TinyAccount } from '../support/tinyWorld.ts';
import { ends, filled, left, paid } from './told.ts';

const plain = (maintenance: string) => ({
  BTCUSDT: {
    tiers: tiers([['1000000000', maintenance, '0', '0.01']]),
    clearanceFee: [{ rate: rate('0') }],
  },
});
const L: TinyAccount = { name: 'L', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '430' }] };
const short = (name: string, qty: string, entry: string, margin: string): TinyAccount => ({
  name,
  legs: [{ side: 'short', qty, entry, margin }],
});
const adl = (over: Partial<AdlRule>): AdlRule => ({
  ranking: 'binance',
  triggers: ['fundRefuses'],
  ties: 'proRata',
  shortage: 'market',
  ...over,
});

test('the fund pays as far as whole lots go, then winners are closed by score, the last in part, free of fees', async () => {
  // 42 600: equity 30 <= 213. The book pays 42 000: 0.57 a lot beyond bankruptcy; 10 carries 17 lots (9.69).
  // Binance scores at 42 600, profit / wallet x maintenance / equity:
  //   S1 1 200 / 2 250 x 106.50 / 3 450 = 0.01646; S2 420 / 4 400 x 63.90 / 4 820 = 0.00127
  //   S3   450 /   435 x 106.50 /   885 = 0.12449 -> S3 whole, S1 for the remaining 0.483
  const { world, rows } = await play({
    rules: { order: { kind: 'market' } },
    marketRules: plain('0.005'),
    assumptions: { fundOpening: { main: money('10') } },
    accounts: [
      L,
      short('S1', '0.5', '45000', '2250'),
      short('S2', '0.3', '44000', '4400'),
      short('S3', '0.5', '43500', '435'),
    ],
    beats: [{ index: '43000', last: '42000' }, { index: '42600' }],
  });
  assert.deepEqual(rows.fills.map(filled), [
    'L close 0.017 @ 42000 impact',
    'S3 close 0.5 @ 42570 bankruptcy',
    'S1 close 0.483 @ 42570 bankruptcy',
    'L close 0.983 @ 42570 bankruptcy',
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'L -> market 17 realized-pnl', // 0.017 x 1 000
    'fund:main -> L 9.69 deficit', // 0.017 x 570
    'market -> S3 465 realized-pnl', // 0.5 x 930
    'market -> S1 1173.69 realized-pnl', // 0.483 x 2 430
    'L -> market 422.69 realized-pnl', // 0.983 x 430: to the last unit
  ]);
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.rank, a.lights, a.givenUp.toString()]),
    // closing a short at 42 570 is 30 better than the mark: nothing given up
    [
      ['S3', 1, 5, '-15'],
      ['S1', 2, 4, '-14.49'],
    ],
  );
  assert.ok(Math.abs(rows.adl[0]!.scoreF64 - 0.124488) < 1e-6);
  assert.deepEqual(ends(rows), ['L deleveraged']);
  assert.equal(left(world, 'fund:main'), '0.31');
  assert.equal(left(world, 'L'), '0');
  assert.equal(rows.liquidations[0]!.deficit.toString(), '9.69');
  // S1 keeps 0.017: its margin is freed pro rata
  assert.equal(world.desk.book.read(1).legs[0]!.lots, 17);
});

/** At 42 000 L lacks 570. H (cross 200, short 1 and long 0.9) gains 1 000 on its short but is worth 300 in all. */
const H: TinyAccount = {
  name: 'H',
  cross: true,
  wallet: '200',
  legs: [
    { side: 'short', qty: '1', entry: '43000' },
    { side: 'long', qty: '0.9', entry: '43000' },
  ],
};
const shortageWorld = (shortage: AdlRule['shortage']) =>
  play({
    rules: { order: { kind: 'market' }, adl: adl({ shortage }) },
    marketRules: plain('0.001'),
    assumptions: { fundOpening: { main: money('0') } },
    accounts: [L, H, short('W', '0.3', '43000', '1290')],
    beats: [
      { index: '43000', last: '42000' },
      { index: '42000', last: '42000' },
    ],
  });

test('a winner whom the price would bankrupt is skipped and counted; W covers 0.3, 0.7 are short', async () => {
  // H would give up 570 of its 300
  const { rows } = await shortageWorld('market');
  const [request] = rows.adlRequests;
  assert.equal(request!.skipped, 1);
  assert.deepEqual([request!.covered.toString(), request!.uncovered.toString()], ['0.3', '0.7']);
  assert.equal(request!.uncoveredMoney.toString(), '399'); // 0.7 x 570
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.qty.toString(), a.givenUp.toString()]),
    [['W', '0.3', '171']], // 0.3 x 570
  );
});

test('short of winners: the market stands in at the bankruptcy price', async () => {
  const { world, rows } = await shortageWorld('market');
  assert.deepEqual(rows.fills.map(filled).slice(-1), ['L close 0.7 @ 42570 bankruptcy']);
  assert.equal(left(world, 'L'), '0');
  assert.equal(left(world, 'house'), '0');
  // W 0.3 x 430, L 0.3 x 430 and 0.7 x 430: market keeps the 301 that L lost on what nobody took
  assert.equal(left(world, 'market'), '301');
});

test('short of winners: the house pays the loss at mark, the fund is never below 0', async () => {
  const { world, rows } = await shortageWorld('house');
  assert.deepEqual(rows.fills.map(filled).slice(-1), ['L close 0.7 @ 42000 mark']);
  assert.deepEqual(rows.transfers.filter((t) => t.from === 'house').map(paid), ['house -> L 399 insolvency']);
  assert.equal(left(world, 'L'), '0');
  assert.equal(left(world, 'fund:main'), '0');
  assert.ok(rows.fund.every((f) => !f.cash.isNegative()));
});

test('short of winners: the loss is spread over the side, as far as its equity goes; the house pays the rest', async () => {
  // H alone still stands on the winning side: gain 1 000, equity 300
  const { world, rows } = await shortageWorld('socialise');
  assert.deepEqual(
    rows.transfers.filter((t) => t.reason === 'socialised-loss' || t.reason === 'insolvency').map(paid),
    [
      'H -> socialised 300 socialised-loss',
      'house -> L 99 insolvency',
      'socialised -> L 300 socialised-loss',
    ],
  );
  assert.equal(left(world, 'L'), '0');
  assert.equal(left(world, 'socialised'), '0');
});

test('equal scores share pro rata in contracts: largest remainder, then the lower number', async () => {
  // 1 BTC over three equal shorts of 0.4: 333.3 lots each -> 334, 333, 333
  const { rows } = await play({
    rules: { order: { kind: 'market' } },
    marketRules: plain('0.001'),
    assumptions: { fundOpening: { main: money('0') } },
    accounts: [L, ...['T1', 'T2', 'T3'].map((name) => short(name, '0.4', '43000', '1720'))],
    beats: [{ index: '43000', last: '42000' }, { index: '42000' }],
  });
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.qty.toString()]),
    [
      ['T1', '0.334'],
      ['T2', '0.333'],
      ['T3', '0.333'],
    ],
  );
});

test('equal scores by number: the first one takes it', async () => {
  const { rows } = await play({
    rules: { order: { kind: 'market' }, adl: adl({ ties: 'byId' }) },
    marketRules: plain('0.001'),
    assumptions: { fundOpening: { main: money('0') } },
    accounts: [L, ...['T1', 'T2', 'T3'].map((name) => short(name, '0.8', '43000', '3440'))],
    beats: [{ index: '43000', last: '42000' }, { index: '42000' }],
  });
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.qty.toString()]),
    [
      ['T1', '0.8'],
      ['T2', '0.2'],
    ],
  );
});

test('without deleveraging the fund carries everything and the house pays what it cannot', async () => {
  // sold at 42 000: 570 beyond bankruptcy, the fund has 10
  const { world, rows } = await play({
    rules: { order: { kind: 'market' }, adl: adl({ ranking: 'none' }) },
    marketRules: plain('0.001'),
    assumptions: { fundOpening: { main: money('10') } },
    accounts: [L, short('S1', '1', '45000', '4500')],
    beats: [{ index: '43000', last: '42000' }, { index: '42000' }],
  });
  assert.deepEqual(rows.transfers.map(paid), [
    'L -> market 1000 realized-pnl',
    'fund:main -> L 570 deficit',
    'house -> fund:main 560 insolvency',
  ]);
  assert.equal(left(world, 'fund:main'), '0');
  assert.equal(rows.adl.length, 0);
});

test('a fund that is empty hands its inventory to winners at the price it took it over', async () => {
  // 42 600: equity 30; handed over at 42 570 with the fund at 10 + 30. At 42 550: 10 - 20 < 0: empty
  const { world, rows } = await play({
    rules: { takeover: { when: 'atOnce' } },
    marketRules: plain('0.005'),
    assumptions: { fundOpening: { main: money('10') } },
    accounts: [L, short('S1', '1', '45000', '4500')],
    beats: [{ index: '43000', last: '42000' }, { index: '42600', last: '42000' }, { index: '42550' }],
  });
  assert.deepEqual(rows.fills.map(filled), [
    'L close 1 @ 42570 bankruptcy',
    'fund:main open 1 @ 42570 bankruptcy',
    'S1 close 1 @ 42570 bankruptcy',
    'fund:main close 1 @ 42570 bankruptcy',
  ]);
  assert.deepEqual(
    rows.adlRequests.map((r) => [r.loser, r.trigger]),
    [['fund:main', 'fundRefuses']],
  );
  assert.equal(left(world, 'fund:main'), '10');
  assert.equal(left(world, 'S1'), '6930'); // 4 500 + 2 430
});

test('a deficit of one lot closes one lot of one winner, never more', async () => {
  // the loser holds one lot, the winner a thousand
  const { world, rows } = await play({
    rules: { order: { kind: 'market' } },
    marketRules: plain('0.001'),
    assumptions: { fundOpening: { main: money('0') } },
    accounts: [
      { name: 'L', legs: [{ side: 'long', qty: '0.001', entry: '43000', margin: '0.43' }] },
      short('S1', '1', '43000', '4300'),
    ],
    beats: [{ index: '43000', last: '42000' }, { index: '42000' }],
  });
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.qty.toString()]),
    [['S1', '0.001']],
  );
  assert.equal(world.desk.book.read(1).legs[0]!.lots, 999);
  assert.equal(rows.adlRequests[0]!.covered.toString(), '0.001');
});
