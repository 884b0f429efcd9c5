/**
 * Deleveraging by other venues' rules, worked by hand: who is closed, at what price, and who pays the
 * difference. The loser is L: long 1 BTC from 43 000 with 430, bankrupt at 42 570; the mark falls to
 * 42 000, where L lacks 570. No clearance fee, an empty fund unless a story says otherwise.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, rate } from '../../src/basics/exact.ts';
import type { AdlRule, FundRule } from '../../src/rules/ruleSet.ts';
import { play, tiers, type Tiny, type TinyAccount } from '../support/tinyWorld.ts';
import { ends, filled, left, paid } from './told.ts';

const L: TinyAccount = { name: 'L', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '430' }] };
const holds = (
  side: 'long' | 'short',
  name: string,
  qty: string,
  entry: string,
  margin: string,
): TinyAccount => ({
  name,
  legs: [{ side, qty, entry, margin }],
});
const short = (name: string, qty: string, entry: string, margin: string): TinyAccount =>
  holds('short', name, qty, entry, margin);
const fund = (refusal: Partial<FundRule['refusal']> = {}): FundRule => ({
  name: 'main',
  asset: 'USDT',
  markets: ['BTCUSDT'],
  fundingShare: rate('0'),
  injections: [],
  floor: null,
  clearEveryUs: 0,
  unwind: { kind: 'hold' },
  refusal: { empty: true, netNotionalCap: null, drawdown: null, ...refusal },
});
const at42000 = (
  adl: Partial<AdlRule>,
  accounts: readonly TinyAccount[],
  over: Tiny['rules'] = {},
  cash = '0',
) =>
  play({
    rules: {
      order: { kind: 'market' },
      adl: { ranking: 'binance', triggers: ['fundRefuses'], ties: 'byId', shortage: 'market', ...adl },
      ...over,
    },
    marketRules: {
      BTCUSDT: {
        tiers: tiers([['1000000000', '0.001', '0', '0.01']]),
        clearanceFee: [{ rate: rate('0') }],
      },
    },
    assumptions: { fundOpening: { main: money(cash) } },
    accounts: [L, ...accounts],
    beats: [{ index: '43000' }, { index: '42800', last: '42000' }, { index: '42000' }],
  });
const closed = (rows: Awaited<ReturnType<typeof play>>['rows']): string[] =>
  rows.adl.map((a) => `${a.account} ${a.qty}`);

test('BitMEX: profit percent times leverage, and losers last by percent over leverage', async () => {
  // S1 500 / 21 500 x 21 000 / 2 650 = 0.1843; S2 150 / 12 750 x 12 600 / 575 = 0.2578
  // S3 loses 500: -500 / 20 500 / (21 000 / 3 600) = -0.0042
  const accounts = [
    short('S1', '0.5', '43000', '2150'),
    short('S2', '0.3', '42500', '425'),
    short('S3', '0.5', '41000', '4100'),
  ];
  const all = await at42000({ ranking: 'bitmex', eligible: 'anySolvent' }, accounts);
  assert.deepEqual(closed(all.rows), ['S2 0.3', 'S1 0.5', 'S3 0.2']);
  assert.ok(Math.abs(all.rows.adl[2]!.scoreF64 - -500 / 20500 / (21000 / 3600)) < 1e-12);
  // without the losers 0.2 are uncovered
  const winners = await at42000({ ranking: 'bitmex' }, accounts);
  assert.deepEqual(closed(winners.rows), ['S2 0.3', 'S1 0.5']);
  assert.equal(winners.rows.adlRequests[0]!.uncovered.toString(), '0.2');
});

test('Hyperliquid: entry over mark of a short, times notional over equity', async () => {
  // S1 43 000 / 42 000 x 21 000 / 2 650 = 8.113; S2 42 500 / 42 000 x 12 600 / 575 = 22.17
  const { rows } = await at42000({ ranking: 'hyperliquid' }, [
    short('S1', '0.9', '43000', '3870'),
    short('S2', '0.3', '42500', '425'),
  ]);
  assert.deepEqual(closed(rows), ['S2 0.3', 'S1 0.7']);
});

test('at the mark the fund pays what the loser lacks, as far as it goes; then the bankruptcy price', async () => {
  // the fund takes no position (cap 0) but has 300: 0.57 a lot carries 526 lots, 299.82; 474 close at 42 570
  const { world, rows } = await at42000(
    { price: { kind: 'mark' } },
    [short('W', '1', '43000', '4300')],
    { order: { kind: 'ioc' }, funds: [fund({ netNotionalCap: rate('0') })] },
    '300',
  );
  assert.deepEqual(rows.fills.map(filled), [
    'W close 0.526 @ 42000 mark',
    'L close 0.526 @ 42000 mark',
    'W close 0.474 @ 42570 bankruptcy',
    'L close 0.474 @ 42570 bankruptcy',
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'fund:main -> L 299.82 deficit',
    'market -> W 526 realized-pnl',
    'L -> market 526 realized-pnl',
    'market -> W 203.82 realized-pnl', // 0.474 x 430
    'L -> market 203.82 realized-pnl',
  ]);
  // nothing given up at the mark; 0.474 x 570 at the bankruptcy price
  assert.deepEqual(
    rows.adl.map((a) => a.givenUp.toString()),
    ['0', '270.18'],
  );
  assert.equal(left(world, 'L'), '0');
  assert.equal(left(world, 'fund:main'), '0.18');
});

test('Hyperliquid closes at the mark of the beat before: the loser keeps a rest, the winner gives up the fall', async () => {
  const { world, rows } = await at42000({ price: { kind: 'previousMark' } }, [
    short('W', '1', '43000', '4300'),
  ]);
  assert.deepEqual(rows.fills.map(filled), [
    'W close 1 @ 42800 previousMark',
    'L close 1 @ 42800 previousMark',
  ]);
  assert.equal(rows.adl[0]!.givenUp.toString(), '800');
  assert.equal(left(world, 'W'), '4500');
  assert.equal(left(world, 'fund:main'), '230'); // 430 - 200
});

test('Bybit: the mark where bankruptcy is further off it than the band', async () => {
  // 570 / 42 000 = 1.357 %
  const price = async (band: string) => {
    const rule = { kind: 'bankruptcyWithin', band: rate(band) } as const;
    const funds = [fund({ netNotionalCap: rate('0') })];
    const over = { order: { kind: 'ioc' }, funds } as const;
    const { rows } = await at42000({ price: rule }, [short('W', '1', '43000', '4300')], over, '1000');
    return rows.adl.map((a) => a.price.toString());
  };
  assert.deepEqual(await price('0.01'), ['42000']);
  assert.deepEqual(await price('0.02'), ['42570']);
});

test('the winner pays the fee of the rule to the fund', async () => {
  const { world, rows } = await at42000({ winnerFee: rate('0.0005') }, [short('W', '1', '43000', '4300')]);
  assert.deepEqual(rows.transfers.filter((t) => t.reason === 'adl-fee').map(paid), [
    'W -> fund:main 21.285 adl-fee', // 42 570 x 0.05 %
  ]);
  assert.equal(left(world, 'W'), '4708.715'); // 4 300 + 430 - 21.285
});

test('dYdX: from a drawn start in order of account, at most so many looked at', async () => {
  const names = ['T0', 'T1', 'T2', 'T3'];
  const winners = names.map((name) => short(name, '0.4', '43000', '1720'));
  const { rows } = await at42000({ ranking: 'random', eligible: 'anySolvent' }, winners);
  const first = names.indexOf(rows.adl[0]!.account);
  const round = [0, 1, 2].map((i) => names[(first + i) % 4]!);
  assert.deepEqual(closed(rows), [`${round[0]} 0.4`, `${round[1]} 0.4`, `${round[2]} 0.2`]);
  const two = await at42000({ ranking: 'random', eligible: 'anySolvent', maxVisits: 2 }, winners);
  assert.deepEqual(closed(two.rows), [`${round[0]} 0.4`, `${round[1]} 0.4`]);
  assert.equal(two.rows.adlRequests[0]!.uncovered.toString(), '0.2');
});

test('dYdX: whose bankruptcy price does not overlap is passed over', async () => {
  // D: short 1 from 42 300 with 200: solvent at the mark (500), bankrupt at 42 500, below the 42 570 of L
  const { rows } = await at42000({ ranking: 'random', eligible: 'anySolvent' }, [
    short('D', '1', '42300', '200'),
    short('W', '1', '41500', '4300'), // loses 500, but keeps 4 300 - 1 070 at 42 570
  ]);
  assert.deepEqual(closed(rows), ['W 1']);
});

test('pro rata in contracts: 1 of 0.5, 0.3, 0.4 is 416.67, 250, 333.33 lots', async () => {
  const { rows } = await at42000({ ranking: 'proRataContracts' }, [
    short('S1', '0.5', '43000', '4300'),
    short('S2', '0.3', '43000', '4300'),
    short('S3', '0.4', '43000', '4300'),
  ]);
  assert.deepEqual(closed(rows), ['S1 0.417', 'S2 0.25', 'S3 0.333']);
});

test('pro rata in profit: the same share of everybody; whom the price would bankrupt gives nothing', async () => {
  // profits 600, 300, 1 000 (H); H is worth 500 and would give up 570: 2 to 1 over S1 and S2, 667 and 333
  const { rows } = await at42000({ ranking: 'proRataProfit' }, [
    short('S1', '1.2', '42500', '4300'),
    short('S2', '0.6', '42500', '4300'),
    {
      name: 'H',
      cross: true,
      wallet: '400',
      legs: [
        { side: 'short', qty: '1', entry: '43000' },
        { side: 'long', qty: '0.9', entry: '43000' },
      ],
    },
  ]);
  assert.deepEqual(closed(rows), ['S1 0.667', 'S2 0.333']);
  assert.equal(rows.adlRequests[0]!.skipped, 1);
  assert.deepEqual(
    rows.adl.map((a) => a.lights),
    [0, 0],
  );
});

test('draining: everybody above the common leverage comes down to it', async () => {
  // value / equity: S1 42 000 / 4 200 = 10, S2 42 000 / 8 400 = 5, S3 42 000 / 21 000 = 2
  // l = 10/3: 1 - 1/3 = 2/3 of S1 and 1 - 2/3 = 1/3 of S2 make 1 BTC: 666.67 and 333.33 lots
  const { rows } = await at42000({ ranking: 'leverageDrain' }, [
    short('S1', '1', '43000', '3200'),
    short('S2', '1', '43000', '7400'),
    short('S3', '1', '43000', '20000'),
  ]);
  assert.deepEqual(closed(rows), ['S1 0.667', 'S2 0.333']);
});

test('two losers of one beat draw on one sharing, each at its own price', async () => {
  // M: long 0.5 from 43 000 with 430, bankrupt at 42 140. 1 500 lots over 2 000 and 1 000: 1 000 and 500
  const { world, rows } = await at42000({ ranking: 'proRataContracts' }, [
    holds('long', 'M', '0.5', '43000', '430'),
    short('S1', '2', '43000', '8600'),
    short('S2', '1', '43000', '4300'),
  ]);
  assert.deepEqual(
    rows.adl.map((a) => `${a.loser}: ${a.account} ${a.qty} @ ${a.price}`),
    ['L: S1 1 @ 42570', 'M: S2 0.5 @ 42140'],
  );
  assert.deepEqual([left(world, 'L'), left(world, 'M')], ['0', '0']);
  assert.deepEqual(
    rows.adlRequests.map((r) => r.covered.toString()),
    ['1', '0.5'],
  );
});

test('a fund that may lose 10 in a beat pays 9.69 and leaves the rest to the winners', async () => {
  // sold at 42 000, 0.57 a lot beyond bankruptcy: 17 lots of L; for a second one like it 0.31 are left: no lot
  const { world, rows } = await at42000(
    {},
    [holds('long', 'M', '1', '43000', '430'), short('W', '2', '43000', '8600')],
    { funds: [fund({ lossPerBeat: money('10') })] },
    '5000',
  );
  assert.deepEqual(
    rows.adl.map((a) => `${a.loser}: ${a.account} ${a.qty}`),
    ['L: W 0.983', 'M: W 1'],
  );
  assert.equal(left(world, 'fund:main'), '4990.31');
});

/** Nobody is closed: the position goes at the mark, and 570 are spread. */
const SOCIALISE = { ranking: 'socialise', shortage: 'socialise' } as const;

test('Deribit: the loss is spread over all winners, on both sides, in proportion to profit', async () => {
  // W1 is short 0.5 from 43 000 (500), W2 long 0.3 from 41 000 (300), S loses: 570 x 5/8 and 3/8
  const { world, rows } = await at42000(SOCIALISE, [
    short('W1', '0.5', '43000', '4300'),
    holds('long', 'W2', '0.3', '41000', '4300'),
    short('S', '0.5', '41000', '4300'),
  ]);
  assert.equal(rows.adl.length, 0);
  assert.deepEqual(rows.fills.map(filled), ['L close 1 @ 42000 mark']);
  assert.deepEqual(rows.transfers.map(paid), [
    'W2 -> socialised 213.75 socialised-loss', // longs first
    'W1 -> socialised 356.25 socialised-loss',
    'socialised -> L 570 socialised-loss',
    'L -> market 1000 realized-pnl',
  ]);
  const [request] = rows.adlRequests;
  assert.deepEqual([request!.covered, request!.uncovered, request!.uncoveredMoney].map(String), [
    '0',
    '1',
    '570',
  ]);
  assert.deepEqual(ends(rows), ['L closed']);
  assert.deepEqual([left(world, 'L'), left(world, 'house'), left(world, 'socialised')], ['0', '0', '0']);
});

test('Drift: the same for every unit that is open, rounded up; the dust is the fund’s', async () => {
  // open: W1 short 0.45, W2 long 0.05, and market, which was short 0.6 and takes L's 1: long 0.4. 0.9 in all.
  // 570 / 0.9 = 633.33... up at the 15th place: 633.333333333333334
  const { world, rows } = await at42000({ ...SOCIALISE, spread: 'perBase' }, [
    short('W1', '0.45', '43000', '4300'),
    holds('long', 'W2', '0.05', '41000', '4300'),
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'L -> market 1000 realized-pnl',
    'market -> funding:BTCUSDT 253.3333333333333336 socialised-loss', // 0.4
    'funding:BTCUSDT -> fund:main 0.0000000000000006 socialised-loss',
    'funding:BTCUSDT -> L 570 socialised-loss',
    'W1 -> funding:BTCUSDT 285.0000000000000003 funding', // 0.45, charged when the account is next looked at
    'W2 -> funding:BTCUSDT 31.6666666666666667 funding',
  ]);
  assert.deepEqual([left(world, 'L'), left(world, 'house'), left(world, 'funding:BTCUSDT')], ['0', '0', '0']);
});

test('Drift: whom the charge bankrupts is liquidated next, and its loss is spread again', async () => {
  // X is long 0.2 from 42 000 with 100: 570 / 1.2 = 475 a unit costs it 95; 5 left, 8.4 to be kept
  const { world, rows } = await play({
    rules: {
      order: { kind: 'market' },
      adl: { triggers: ['fundRefuses'], ties: 'byId', ...SOCIALISE, spread: 'perBase' },
    },
    marketRules: {
      BTCUSDT: { tiers: tiers([['1000000000', '0.001', '0', '0.01']]), clearanceFee: [{ rate: rate('0') }] },
    },
    assumptions: { fundOpening: { main: money('0') } },
    accounts: [L, holds('long', 'X', '0.2', '42000', '100'), short('W1', '0.6', '43000', '4300')],
    beats: [
      { index: '43000', last: '42000' },
      { index: '42000', last: '42000' },
      { index: '42000', last: '41000' },
      { index: '41000' },
    ],
  });
  assert.deepEqual(
    rows.liquidations.map((l) => `${l.account} ${l.equity} of ${l.maintenanceMargin}`),
    ['L -570 of 42', 'X 5 of 8.4'],
  );
  assert.ok(world.desk.ledger.drift('USDT').isZero());
});
