/**
 * One account over several assets, worked by hand. USDT is the unit; BTC counts 95 % at 1 % buffers. Tiers 0.4 % to
 * 50 000, 0.5 % less 50 above. Fee 0.5 %, fills at the last price, fund 1 000 USDT.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money } from '../../src/basics/exact.ts';
import type { RuleSet } from '../../src/rules/ruleSet.ts';
import { BTC, COLLATERAL, COIN } from '../support/pools.ts';
import { linearMarket, play, type Tiny, tinyRules } from '../support/tinyWorld.ts';
import { filled, paid } from './told.ts';

const ETH = linearMarket('ETH');
const rules = (over: Partial<RuleSet> = {}): Partial<RuleSet> => ({ collateral: COLLATERAL, ...over });
const venue = (over: Partial<Tiny> & Pick<Tiny, 'accounts'>): Tiny => ({
  markets: [BTC, ETH],
  rules: rules(),
  beats: {
    BTC: [{ index: '40000' }, { index: '40000' }, { index: '30000' }],
    ETH: [{ index: '2000' }, { index: '2000' }, { index: '2000' }],
  },
  ...over,
});

test('the collateral falls while the position stands still: liquidated by its own coins', async () => {
  const { world, rows } = await play(
    venue({
      rules: rules({ order: { kind: 'market' } }),
      assumptions: { fundOpening: { main: money('5000') } },
      accounts: [
        {
          name: 'A',
          cross: true,
          asset: 'USDT',
          wallet: '-8700',
          further: { BTC: '0.25' },
          legs: [{ market: 'ETH', side: 'long', qty: '10', entry: '2000' }],
        },
      ],
    }),
  );
  const [row] = rows.liquidations;
  // 0.25 x 30 000 x 0.99 x 0.95 = 7 053.75, less 8 700; before, at 40 000: 9 405 - 8 700 = 705 against 80
  assert.deepEqual([row!.equity, row!.maintenanceMargin].map(String), ['-1646.25', '80']);
  assert.equal(row!.tsUs, 4_000_000);
  assert.deepEqual(rows.fills.map(filled), ['A close 10 @ 2000 book']);
  // all coins at the bid: 0.25 x 29 700 = 7 425; the fund pays what is left of the debt
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 0.25 exchange',
    'market -> A 7425 exchange',
    'fund:main -> A 1275 deficit',
  ]);
  assert.equal(row!.deficit.toString(), '1275');
  assert.equal(world.desk.ledger.balance('A', 'USDT').toString(), '0');
});

test('debts are paid from coins first, which may be all that is needed', async () => {
  const { rows } = await play(
    venue({
      accounts: [
        {
          name: 'A',
          cross: true,
          asset: 'USDT',
          wallet: '-7000',
          further: { BTC: '0.25' },
          legs: [{ market: 'ETH', side: 'long', qty: '10', entry: '2000' }],
        },
      ],
    }),
  );
  // at 30 000: 7 053.75 - 7 000 = 53.75 < 80; paying the debt sells 7 000 / 29 700 = 0.2357 BTC and frees its haircut:
  // 0.0143 BTC x 28 215 = 403.75
  assert.deepEqual(
    rows.liquidations.map((r) => [r.end, r.equity.toString()]),
    [['recovered', '53.75']],
  );
  assert.equal(rows.fills.length, 0);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 0.235690235690235691 exchange',
    'market -> A 7000 exchange',
  ]);
});

test('at 100 % every position is closed, although the first close already restores the account', async () => {
  const { rows } = await play(
    venue({
      rules: rules(),
      marketRules: { BTC: { clearanceFee: [] }, ETH: { clearanceFee: [] } },
      accounts: [
        {
          name: 'A',
          cross: true,
          wallet: '10100',
          legs: [
            { market: 'BTC', side: 'long', qty: '1', entry: '40000' },
            { market: 'ETH', side: 'long', qty: '10', entry: '2000' },
          ],
        },
      ],
    }),
  );
  // at 30 000: 10 100 - 10 000 = 100 against 30 000 x 0.4 % + 20 000 x 0.4 % = 200; without BTC 100 > 80
  assert.deepEqual(
    rows.liquidations.map((r) => [r.end, r.equity.toString(), r.maintenanceMargin.toString()]),
    [['closed', '100', '200']],
  );
  assert.deepEqual(
    rows.fills.map((f) => [f.market, f.qty.toString()]),
    [
      ['BTC', '1'],
      ['ETH', '10'],
    ],
  );
});

test('a debt above the limit is exchanged without a verdict', async () => {
  const side = {
    events: [
      {
        tsUs: 2_000_000,
        account: 'A',
        kind: 'withdraw',
        market: null,
        side: null,
        amount: '0',
        price: null,
      } as const,
    ],
  };
  const { rows } = await play(
    venue({
      rules: rules({ collateral: { ...COLLATERAL, autoExchangeBelow: money('10000') } }),
      side,
      accounts: [
        {
          name: 'A',
          cross: true,
          asset: 'USDT',
          wallet: '-19800',
          further: { BTC: '2' },
          legs: [{ market: 'ETH', side: 'long', qty: '1', entry: '2000' }],
        },
      ],
    }),
  );
  // 19 800 / (40 000 x 0.99)
  assert.deepEqual(rows.transfers.map(paid), ['A -> market 0.5 exchange', 'market -> A 19800 exchange']);
  assert.equal(rows.liquidations.length, 0);
});

test('profit of a coin-margined leg comes in coins, of a linear one in dollars; each fund covers its own', async () => {
  const both = tinyRules({}, 'USDT').funds[0]!;
  const { world, rows } = await play({
    markets: [BTC, COIN],
    rules: rules({
      order: { kind: 'market' },
      funds: [
        { ...both, markets: ['BTC'] },
        { ...both, name: 'coins', asset: 'BTC', markets: ['COIN'] },
      ],
    }),
    marketRules: { BTC: { clearanceFee: [] }, COIN: { clearanceFee: [] } },
    assumptions: { fundOpening: { main: money('1000'), coins: money('1') } },
    accounts: [
      {
        name: 'A',
        cross: true,
        asset: 'USDT',
        wallet: '1000',
        legs: [{ market: 'COIN', side: 'long', qty: '40000', entry: '40000' }],
      },
    ],
    beats: {
      BTC: [{ index: '40000' }, { index: '38000' }],
      COIN: [{ index: '40000', last: '38000' }, { index: '38000' }],
    },
  });
  const [row] = rows.liquidations;
  // 40 000 / 38 000 - 1 = 0.05263158 BTC lost, at the ask 38 380: 2 020.0000404 > 1 000
  assert.equal(row!.equity.toString(), '-1020.0000404');
  // 40 000 / 38 000 = 1.05263158 coins x 0.4 % = 0.00421052632 x 38 000
  assert.equal(row!.maintenanceMargin.toString(), '160.00000016');
  assert.deepEqual(rows.fills.map(filled), ['A close 40000 @ 38000 book']);
  // 1 000 dollars buy 1 000 / 38 380 coins; the fund in coins pays the rest in coins
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 0.05263158 realized-pnl',
    'A -> market 1000 exchange',
    'market -> A 0.026055237102657634 exchange',
    'fund:coins -> A 0.026576342897342366 deficit',
  ]);
  assert.equal(row!.end, 'closed');
  const { ledger } = world.desk;
  assert.deepEqual(
    ledger.assets().map((asset) => [asset, ledger.drift(asset).toString()]),
    [
      ['BTC', '0'],
      ['USDT', '0'],
    ],
  );
});
