/** Funding that is charged only when an account is touched, against what it is by hand at the stamp. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { rate } from '../../src/basics/exact.ts';
import { inverseMarket, play, SECOND, tiers, type Tiny, tinyRules } from '../support/tinyWorld.ts';
import { ends, filled, left, paid } from './told.ts';

const PLAIN = {
  tiers: tiers([['1000000000', '0.005', '0', '0.01']]),
  clearanceFee: [{ rate: rate('0') }],
};
/** Beats end at 7:59:59, 8:00:00 (the stamp) and 8:00:01. */
const EIGHT = 8 * 3600 * SECOND;
const START = EIGHT - 2 * SECOND;
const FLAT = [{ index: '43000' }, { index: '43000' }, { index: '43000' }];

const venue = (fundingRate: string, over: Partial<Tiny> = {}): Tiny => ({
  marketRules: { BTCUSDT: PLAIN },
  accounts: [
    { name: 'A', legs: [{ side: 'long', qty: '2', entry: '43000', margin: '8600' }] },
    { name: 'B', legs: [{ side: 'short', qty: '1', entry: '43000', margin: '8600' }] },
  ],
  beats: FLAT,
  side: { startUs: START, funding: [{ tsUs: EIGHT, market: 'BTCUSDT', rate: fundingRate }] },
  ...over,
});
const fundingOf = (rows: Awaited<ReturnType<typeof play>>['rows']): string[] =>
  rows.transfers.map((t) => `${(t.tsUs - EIGHT) / SECOND} ${paid(t)}`);

test('a positive rate: longs pay shorts, market at once, accounts when touched or at the end', async () => {
  // 0.1 % of 43 000 is 43 a BTC; market is short 1
  const { world, rows } = await play(venue('0.001'));
  assert.deepEqual(fundingOf(rows), [
    '0 funding:BTCUSDT -> market 43 funding',
    '1 A -> funding:BTCUSDT 86 funding',
    '1 funding:BTCUSDT -> B 43 funding',
  ]);
  assert.deepEqual(
    [left(world, 'A'), left(world, 'B'), left(world, 'funding:BTCUSDT')],
    ['8514', '8643', '0'],
  );
});

test('a negative rate: shorts pay longs', async () => {
  const { world } = await play(venue('-0.001'));
  assert.deepEqual([left(world, 'A'), left(world, 'B'), left(world, 'market')], ['8686', '8557', '-43']);
});

test('inverse: the payment of a contract is its face value over the mark, times the rate', async () => {
  // 1 / 10 000 x 0.001 = 1e-7 a contract
  const { world } = await play({
    markets: [inverseMarket()],
    marketRules: { XBTUSD: PLAIN },
    accounts: [
      { name: 'A', legs: [{ side: 'long', qty: '10000', entry: '10000', margin: '0.1' }] },
      { name: 'B', legs: [{ side: 'short', qty: '4000', entry: '10000', margin: '0.1' }] },
    ],
    beats: [{ index: '10000' }, { index: '10000' }, { index: '10000' }],
    side: { startUs: START, funding: [{ tsUs: EIGHT, market: 'XBTUSD', rate: '0.001' }] },
  });
  assert.deepEqual(
    ['A', 'B', 'market', 'funding:XBTUSD'].map((party) => left(world, party, 'XBT')),
    ['0.099', '0.1004', '0.0006', '0'],
  );
});

test('a tracked account is shown with what it owes, before it is charged', async () => {
  const [a] = venue('0.001').accounts;
  const { rows } = await play(venue('0.001', { accounts: [{ ...a!, tracked: true }] }));
  assert.deepEqual(
    rows.tracked.map((t) => t.equity.toString()),
    ['8600', '8514', '8514'],
  );
});

test('an account that is touched is charged then, and not twice', async () => {
  const deposit = {
    account: 'A',
    kind: 'deposit',
    market: 'BTCUSDT',
    side: 'long',
    amount: '5',
    price: null,
  } as const;
  const { world, rows } = await play(
    venue('0.001', {
      side: {
        startUs: START,
        funding: [{ tsUs: EIGHT, market: 'BTCUSDT', rate: '0.001' }],
        events: [{ ...deposit, tsUs: EIGHT + SECOND }],
      },
    }),
  );
  assert.equal(rows.transfers.filter((t) => t.from === 'A').length, 1);
  assert.equal(left(world, 'A'), '8519'); // 8 600 - 86 + 5
});

test('who opens after the stamp owes only on what was held at it', async () => {
  const open = {
    account: 'A',
    kind: 'open',
    market: 'BTCUSDT',
    side: 'long',
    amount: '1',
    price: '43000',
  } as const;
  const { world } = await play(
    venue('0.001', {
      side: {
        startUs: START,
        funding: [{ tsUs: EIGHT, market: 'BTCUSDT', rate: '0.001' }],
        events: [{ ...open, tsUs: EIGHT + SECOND }],
      },
    }),
  );
  assert.equal(world.desk.book.read(0).legs[0]!.qty.toString(), '3');
  assert.equal(left(world, 'A'), '8514');
});

test('a leg that cannot pay is judged at the stamp; what it lacks leaves the fund', async () => {
  // margin 400 >= 215; 1 % of 43 000 is 430: margin -30 at 8:00:00. Sold at 43 000 without limit: 30 from the fund
  const { world, rows } = await play(
    venue('0.01', {
      rules: { order: { kind: 'market' } },
      accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '400' }] }],
    }),
  );
  assert.deepEqual(fundingOf(rows), [
    '0 funding:BTCUSDT -> market 430 funding',
    '0 A -> funding:BTCUSDT 430 funding',
    '0 fund:main -> A 30 deficit',
  ]);
  assert.deepEqual(rows.fills.map(filled), ['A close 1 @ 43000 book']);
  assert.deepEqual(ends(rows), ['A closed']);
  assert.equal(left(world, 'fund:main'), '970');
});

test('a liquidation that is under way at the stamp pays like everybody else', async () => {
  // fails at 7:59:59 (equity 200 <= 205.25), the book at 40 800 does not meet 40 850; at the stamp it owes 41.05
  // and is filled at the end: 2 150 - 41.05 - 1 950 (43 000 - 41 050)
  const { world, rows } = await play(
    venue('0.001', {
      accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '2150' }] }],
      beats: [
        { index: '41050', last: '40800' },
        { index: '41050', last: '41050' },
        { index: '41050', last: '41050' },
      ],
      rules: { order: { kind: 'ioc' } },
    }),
  );
  assert.deepEqual(
    rows.orders.map((o) => [(o.tsUs - EIGHT) / SECOND, o.filled.toString()]),
    [
      [-1, '0'],
      [0, '0'],
      [1, '1'],
    ],
  );
  assert.equal(left(world, 'A'), '158.95');
  assert.equal(left(world, 'funding:BTCUSDT'), '0');
});

test('a share of what payers pay goes to the fund', async () => {
  // 10 % of 86: receivers get 38.70 a BTC
  const [fund] = tinyRules({ BTCUSDT: {} as never }, 'USDT').funds;
  const { world } = await play(
    venue('0.001', { rules: { funds: [{ ...fund!, fundingShare: rate('0.1') }] } }),
  );
  assert.deepEqual(
    ['A', 'B', 'market', 'fund:main'].map((party) => left(world, party)),
    ['8514', '8638.7', '38.7', '1008.6'],
  );
});

test('a venue that rounds payments: the residual goes to market', async () => {
  // 0.333 BTC x 43 000 x 0.0123 % = 1.761237, paid as 1.76; market is due 1.761237
  const { world, rows } = await play(
    venue('0.000123', {
      marketRules: { BTCUSDT: { ...PLAIN, funding: { intervalUs: EIGHT, offsetUs: 0, paymentScale: 2 } } },
      accounts: [{ name: 'A', legs: [{ side: 'long', qty: '0.333', entry: '43000', margin: '8600' }] }],
    }),
  );
  assert.deepEqual(fundingOf(rows), [
    '0 funding:BTCUSDT -> market 1.761237 funding',
    '1 A -> funding:BTCUSDT 1.76 funding',
    '1 market -> funding:BTCUSDT 0.001237 funding-rounding',
  ]);
  assert.equal(left(world, 'market'), '1.76');
});

test('a fund pays and receives on its inventory at the stamp', async () => {
  // A is taken over at 7:59:59 at 40 850; at the stamp the fund holds 1 BTC and pays 0.1 % of 41 050
  const { world } = await play(
    venue('0.001', {
      rules: { takeover: { when: 'atOnce' } },
      accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '2150' }] }],
      beats: [
        { index: '41050', last: '40800' },
        { index: '41050', last: '40800' },
        { index: '41050', last: '40800' },
      ],
    }),
  );
  assert.equal(left(world, 'fund:main'), '958.95');
  assert.equal(left(world, 'market'), '2191.05'); // A's 2 150 and the fund's 41.05
});
