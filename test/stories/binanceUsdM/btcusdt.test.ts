/**
 * Binance USD-M BTCUSDT by its book of 19 May 2021: fee 1.2 %, one fund for BTC and ETH that takes inventory up to its own
 * size. Worked by hand.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TinyAccount } from '../../support/tinyWorld.ts';
import { venueStory } from '../../support/venueStory.ts';
import { ends, filled, left, paid } from '../told.ts';

const BOOK = 'binance-usdm@2021-05';

test('above a million of notional the rate of 2.5 % beats the fee: a small part of the position is enough', async () => {
  // 60 BTC from 40 000; at 39 000: 2 340 000 x 2.5 % - 16 300 = 42 200, equity 40 000. Closing q spares 975 and costs 468 each:
  // 507 q > 2 200 from 4.340 on (4.339 makes 2 199.873).
  const { world, rows } = await venueStory(BOOK, 'BTCUSDT', {
    fund: '1000000',
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '60', entry: '40000', margin: '100000' }] }],
    beats: [{ index: '40000', last: '39000' }, { index: '39000' }, { index: '39000' }],
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 4.34 @ 39000 book']);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 4340 realized-pnl',
    'A -> fund:btc-eth 2031.12 clearance-fee', // 1.2 % of 169 260
  ]);
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(left(world, 'A'), '93628.88');
});

/** Fails from 39 200 / 0.996 = 39 357.43 down; bankrupt with 0.04 % at 39 200 / 0.9996 = 39 215.686274509803..., up. */
const B: TinyAccount = { name: 'B', legs: [{ side: 'long', qty: '1', entry: '40000', margin: '800' }] };
const FALL = [
  { index: '40000', last: '38000' },
  { index: '39300', last: '38000' },
  { index: '39200', last: '38000' },
];

test('the book is below the limit until the mark is past bankruptcy: the fund takes the whole', async () => {
  const { rows } = await venueStory(BOOK, 'BTCUSDT', { fund: '60000', accounts: [B], beats: FALL });
  assert.deepEqual(rows.fills.map(filled), [
    'B close 1 @ 39215.686274509804 bankruptcy',
    'fund:btc-eth open 1 @ 39215.686274509804 bankruptcy',
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'B -> market 784.313725490196 realized-pnl',
    'B -> fund:btc-eth 15.686274509804 residue', // the fee inside the price
  ]);
  assert.deepEqual(ends(rows), ['B takenOver']);
});

test('a fund of 30,000 takes 0.765 at 39 200, the rest goes to a winner', async () => {
  // 0.765 x 39 200 = 29 988, 0.766 would make 30 027.20. S: 0.235 x (41 000 - 39 215.686274509804).
  const S: TinyAccount = { name: 'S', legs: [{ side: 'short', qty: '1', entry: '41000', margin: '4100' }] };
  const { rows } = await venueStory(BOOK, 'BTCUSDT', { fund: '30000', accounts: [B, S], beats: FALL });
  assert.deepEqual(
    rows.fills.map(filled).map((line) => line.replace(/ @.*/, '')),
    ['B close 0.765', 'fund:btc-eth open 0.765', 'S close 0.235', 'B close 0.235'],
  );
  assert.ok(rows.transfers.map(paid).includes('market -> S 419.31372549019606 realized-pnl'));
  assert.deepEqual(ends(rows), ['B deleveraged']);
});
