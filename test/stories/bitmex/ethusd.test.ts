/**
 * BitMEX ETHUSD by its book of March 2020: a quanto contract, 0.000001 XBT a dollar, so that profit in bitcoin is linear
 * in the price of ether. Size 0.1 is 100 000 contracts. Worked by hand.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TinyAccount } from '../../support/tinyWorld.ts';
import { venueStory } from '../../support/venueStory.ts';
import { ends, filled, left, paid } from '../told.ts';

const BOOK = 'bitmex-ethusd@2020-03';

test('above 50 XBT the position comes under its risk limit in one order, and stands', async () => {
  // 300 000 contracts from 200 are 60 XBT. At 197: 59.1, equity 2 - 0.9 = 1.1, asked 2 % = 1.182. 50 / 197 = 0.2538071...: 46 193
  // contracts are closed, 0.046193 x 3 lost; the rest asks for 1 % of 49.999979.
  const { world, rows } = await venueStory(BOOK, 'ETHUSD', {
    fund: '100',
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '0.3', entry: '200', margin: '2' }] }],
    beats: [{ index: '200', last: '197' }, { index: '197' }, { index: '197' }],
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 0.046193 @ 197 book']);
  assert.deepEqual(rows.transfers.map(paid), ['A -> market 0.138579 realized-pnl']);
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(rows.liquidations[0]!.maintenanceMargin.toString(), '1.182');
  assert.equal(left(world, 'A', 'XBT'), '1.861421');
});

/** 100 000 contracts from 200 are 20 XBT. Bankrupt at 19.6 / (0.1 x 0.99925) = 196.1471..., to the tick: 196.15. */
const B: TinyAccount = { name: 'B', legs: [{ side: 'long', qty: '0.1', entry: '200', margin: '0.4' }] };

test('the lowest tier is taken over whole, and what is left of it goes to the fund', async () => {
  // At 197.5: equity 0.4 - 0.25 = 0.15, asked 1 % of 19.75 = 0.1975.
  const { world, rows } = await venueStory(BOOK, 'ETHUSD', {
    fund: '100',
    accounts: [B],
    beats: [
      { index: '200', last: '190' },
      { index: '197.5', last: '190' },
    ],
  });
  assert.deepEqual(rows.fills.map(filled), [
    'B close 0.1 @ 196.15 bankruptcy',
    'fund:XBT open 0.1 @ 196.15 bankruptcy',
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'B -> market 0.385 realized-pnl', // 0.1 x 3.85
    'B -> fund:XBT 0.015 residue',
  ]);
  assert.deepEqual(ends(rows), ['B takenOver']);
  assert.equal(left(world, 'fund:XBT', 'XBT'), '100.015');
});

test('a gap to 195 with an empty fund: winners are closed at 196.15', async () => {
  const S: TinyAccount = { name: 'S', legs: [{ side: 'short', qty: '0.1', entry: '210', margin: '2' }] };
  const { rows } = await venueStory(BOOK, 'ETHUSD', {
    fund: '0',
    accounts: [B, S],
    beats: [
      { index: '200', last: '190' },
      { index: '195', last: '190' },
    ],
  });
  assert.deepEqual(rows.fills.map(filled), [
    'S close 0.1 @ 196.15 bankruptcy',
    'B close 0.1 @ 196.15 bankruptcy',
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'market -> S 1.385 realized-pnl', // 0.1 x 13.85
    'B -> market 0.385 realized-pnl',
    'B -> fund:XBT 0.015 residue',
  ]);
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.givenUp.toString()]),
    [['S', '0.115']], // 0.1 x (196.15 - 195)
  );
});
