/**
 * Binance COIN-M BTCUSD by its own book of May 2021 (binance-coinm@2021-05): contracts of 100 USD, margin in
 * bitcoin, fee 0.6 %, a fund for the coin that takes inventory up to its own size. Worked by hand.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money } from '../../../src/basics/exact.ts';
import { play, type TinyAccount, type TinyBeat } from '../../support/tinyWorld.ts';
import { conserved, venueBook } from '../../support/venueBook.ts';
import { ends, filled, left, paid } from '../told.ts';

const { markets, rules, own } = venueBook('binance-coinm@2021-05', 'BTCUSD_PERP');
const coinM = async (fund: string, accounts: readonly TinyAccount[], beats: readonly TinyBeat[]) => {
  const told = await play({
    markets,
    rules,
    marketRules: { BTCUSD_PERP: own },
    assumptions: { fundOpening: { 'coin-btc': money(fund) } },
    accounts,
    beats,
  });
  conserved(told.world);
  return told;
};

test('a large long is cut to where its margin suffices again, and is saved', async () => {
  // 12 000 contracts from 50 000 are 24 BTC of entry value; at 40 000 they are worth 30 BTC: equity 6.3 - 6 = 0.3,
  // maintenance 30 x 2.5 % - 0.355 = 0.395. Closing q at 40 000 costs a fee of 0.6 % x 0.0025 q and spares
  // 2.5 % x 0.0025 q: 0.3 - 0.000015 q > 0.395 - 0.0000625 q from q = 2 001 on (at 2 000 they are equal, which
  // the trigger takes). What is left, 9 999 contracts, is 24.9975 BTC and still in the row above 20.
  const { world, rows } = await coinM(
    '100',
    [{ name: 'A', legs: [{ side: 'long', qty: '12000', entry: '50000', margin: '6.3' }] }],
    [{ index: '50000', last: '40000' }, { index: '40000' }, { index: '40000' }],
  );
  assert.deepEqual(rows.fills.map(filled), ['A close 2001 @ 40000 book']);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 1.0005 realized-pnl', // 5.0025 - 24 x 2 001 / 12 000
    'A -> fund:coin-btc 0.030015 clearance-fee', // 0.6 % of 5.0025
  ]);
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(rows.liquidations[0]!.equity.toString(), '0.3');
  assert.equal(rows.liquidations[0]!.maintenanceMargin.toString(), '0.395');
  assert.equal(left(world, 'A', 'BTC'), '5.269485');
});

/** 400 contracts from 40 000 are 1 BTC. Bankrupt at 40 000 x 1.0005 / (1 + 0.02) = 39 235.294117647059. */
const B: TinyAccount = { name: 'B', legs: [{ side: 'long', qty: '400', entry: '40000', margin: '0.02' }] };
/** Fails from 40 160 / 1.02 = 39 372.55 down; the book is below the limit, so the mark goes on to 39 200. */
const FALL = [
  { index: '40000', last: '39000' },
  { index: '39300', last: '39000' },
  { index: '39200', last: '39000' },
];

test('a small long is below the fee: it is closed whole into the fund of its coin', async () => {
  // Its rate of 0.4 % is below the fee of 0.6 %, so no part of it helps. At 39 200 the mark is past bankruptcy.
  const { world, rows } = await coinM('5', [B], FALL);
  assert.deepEqual(rows.fills.map(filled), [
    'B close 400 @ 39235.294305168687 bankruptcy',
    'fund:coin-btc open 400 @ 39235.294305168687 bankruptcy',
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'B -> market 0.01949025 realized-pnl', // 1.01949025 less 1
    'B -> fund:coin-btc 0.00050975 residue', // the closing fee inside the bankruptcy price
  ]);
  assert.deepEqual(ends(rows), ['B takenOver']);
  assert.equal(left(world, 'B', 'BTC'), '0');
});

test('a fund of 1 BTC takes 392 contracts at 39 200, the other 8 go to a winner', async () => {
  // 100 % of the fund: 392 x 100 / 39 200 = 1 BTC exactly. C is short 400 from 41 000: 0.975609756...
  const C: TinyAccount = { name: 'C', legs: [{ side: 'short', qty: '400', entry: '41000', margin: '0.1' }] };
  const { world, rows } = await coinM('1', [B, C], FALL);
  assert.deepEqual(rows.fills.map(filled), [
    'B close 392 @ 39235.294305168687 bankruptcy',
    'fund:coin-btc open 392 @ 39235.294305168687 bankruptcy',
    'C close 8 @ 39235.294305168687 bankruptcy',
    'B close 8 @ 39235.294305168687 bankruptcy',
  ]);
  // values cut to 8 places: 39 200 / 39 235.2943... = 0.999100445 -> 0.99910044, 800 / it = 0.020389805 -> 0.0203898
  assert.deepEqual(rows.transfers.map(paid), [
    'B -> market 0.01910044 realized-pnl', // 0.99910044 less 0.98
    'market -> C 0.0008776048 realized-pnl', // 0.0203898 less 0.97560976 x 8 / 400
    'B -> market 0.0003898 realized-pnl', // 0.0203898 less 0.02
    'B -> fund:coin-btc 0.00050976 residue',
  ]);
  assert.deepEqual(ends(rows), ['B deleveraged']);
  assert.equal(left(world, 'fund:coin-btc', 'BTC'), '1.00050976');
});
