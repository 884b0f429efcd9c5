/**
 * dYdX v4 BTC-USD by its book: a tenth of the position a block, at most 1.5 % of the fill as a fee, no fund inventory,
 * deleveraging of whoever stays solvent. Worked by hand.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TinyAccount } from '../../support/tinyWorld.ts';
import { venueStory } from '../../support/venueStory.ts';
import { ends, filled, left, paid } from '../told.ts';

const BOOK = 'dydx-v4@2024-01';
const long = (margin: string): TinyAccount => ({
  name: 'A',
  legs: [{ side: 'long', qty: '1', entry: '50000', margin }],
});

test('a tenth of the position in one block is enough', async () => {
  // At 49 500 equity 1 500 is above 3 % = 1 485; at 49 450 it is 1 450 against 1 483.50. 0.1 BTC is closed, the fee is 1.5 % of
  // 4 945. Equity 1 375.825 against 1 335.15.
  const { world, rows } = await venueStory(BOOK, 'BTC-USD', {
    fund: '1000',
    accounts: [long('2000')],
    beats: [{ index: '50000' }, { index: '49500', last: '49450' }, { index: '49450' }, { index: '49450' }],
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 0.1 @ 49450 book']);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 55 realized-pnl',
    'A -> fund:insurance 74.175 clearance-fee',
  ]);
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(left(world, 'A', 'USDC'), '1870.825');
});

test('block after block until nothing is left: the fee takes the share of equity that each part carries', async () => {
  // At 49 000 equity is 500, one percent of the value, and 1.5 % may be charged: every block takes the whole share.
  // A tenth a block, then 1 000 USDC worth, until nothing is left; the fund has it all.
  const { world, rows } = await venueStory(BOOK, 'BTC-USD', {
    fund: '1000',
    accounts: [long('1500')],
    beats: [{ index: '50000', last: '49000' }, ...Array.from({ length: 40 }, () => ({ index: '49000' }))],
  });
  assert.deepEqual(rows.fills.slice(0, 3).map(filled), [
    'A close 0.1 @ 49000 book',
    'A close 0.09 @ 49000 book',
    'A close 0.081 @ 49000 book',
  ]);
  assert.equal(new Set(rows.fills.map((f) => f.tsUs)).size, rows.fills.length); // one a block
  assert.deepEqual(ends(rows), ['A closed']);
  assert.equal(left(world, 'A', 'USDC'), '0');
  assert.equal(left(world, 'fund:insurance', 'USDC'), '1500');
});

test('negative equity and no bid at the fillable price: somebody solvent is closed at bankruptcy, in profit or not', async () => {
  // At 48 400 A is worth -100: bankrupt at 48 500, fillable down to 48 400 x (1 - 1.5 x 3 %) = 46 222; the book is at 46 000.
  // S, short from 47 000 with 5 000, loses 1 400 at the mark and 1 500 at 48 500, and stays solvent.
  const S: TinyAccount = { name: 'S', legs: [{ side: 'short', qty: '1', entry: '47000', margin: '5000' }] };
  const { world, rows } = await venueStory(BOOK, 'BTC-USD', {
    fund: '1000',
    accounts: [long('1500'), S],
    beats: [
      { index: '50000', last: '46000' },
      { index: '48400', last: '46000' },
    ],
  });
  assert.deepEqual(rows.fills.map(filled), ['S close 1 @ 48500 bankruptcy', 'A close 1 @ 48500 bankruptcy']);
  assert.deepEqual(rows.transfers.map(paid), [
    'S -> market 1500 realized-pnl',
    'A -> market 1500 realized-pnl',
  ]);
  assert.deepEqual(ends(rows), ['A deleveraged']);
  assert.equal(left(world, 'fund:insurance', 'USDC'), '1000');
});
