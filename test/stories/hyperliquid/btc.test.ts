/** Hyperliquid BTC by its book of October 2025: a fifth first, no fee, a vault below two thirds of maintenance. Worked by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TinyAccount } from '../../support/tinyWorld.ts';
import { venueStory } from '../../support/venueStory.ts';
import { ends, filled, left, paid } from '../told.ts';

const BOOK = 'hyperliquid@2025-10';
/** 10 BTC from 40 000; at 39 500 maintenance is 1.25 % of 395 000 = 4 937.50, two thirds of it 3 291.67. */
const long = (margin: string): TinyAccount => ({
  name: 'A',
  legs: [{ side: 'long', qty: '10', entry: '40000', margin }],
});

test('above 100,000 USDC a fifth is sold first, and it is enough', async () => {
  // Equity 9 000 - 5 000 = 4 000. 8 BTC ask for 3 950.
  const { world, rows } = await venueStory(BOOK, 'BTC', {
    fund: '1000000',
    accounts: [long('9000')],
    beats: [{ index: '40000', last: '39500' }, { index: '39500' }, { index: '39500' }],
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 2 @ 39500 book']);
  assert.deepEqual(rows.transfers.map(paid), ['A -> market 1000 realized-pnl']);
  assert.equal(rows.liquidations[0]!.maintenanceMargin.toString(), '4937.5');
  assert.equal(left(world, 'A', 'USDC'), '8000');
});

test('the trigger is strict: equity equal to maintenance stands', async () => {
  // 9 937.50 - 5 000 = 4 937.50
  const { rows } = await venueStory(BOOK, 'BTC', {
    fund: '1000000',
    accounts: [long('9937.5')],
    beats: [{ index: '40000' }, { index: '39500' }],
  });
  assert.deepEqual(rows.liquidations, []);
});

test('below two thirds of maintenance the vault takes position and margin at once', async () => {
  // Equity 8 000 - 5 000 = 3 000. Taken at 40 000 - 800 = 39 200: nothing comes back, and the vault is 3 000 ahead at the mark.
  const { world, rows } = await venueStory(BOOK, 'BTC', {
    fund: '1000000',
    accounts: [long('8000')],
    beats: [{ index: '40000', last: '39500' }, { index: '39500' }],
  });
  assert.deepEqual(rows.fills.map(filled), [
    'A close 10 @ 39200 bankruptcy',
    'fund:HLP open 10 @ 39200 bankruptcy',
  ]);
  assert.deepEqual(ends(rows), ['A takenOver']);
  assert.equal(left(world, 'A', 'USDC'), '0');
  assert.equal(rows.fund.at(-1)!.inventoryPnl.toString(), '3000');
});

test('with nothing behind the vault winners are closed at the mark before', async () => {
  // 39 800, then 39 000: equity -2 000. S closes at 39 800.
  const S: TinyAccount = { name: 'S', legs: [{ side: 'short', qty: '10', entry: '41000', margin: '41000' }] };
  const { rows } = await venueStory(BOOK, 'BTC', {
    fund: '0',
    accounts: [long('8000'), S],
    beats: [
      { index: '40000', last: '38000' },
      { index: '39800', last: '38000' },
      { index: '39000', last: '38000' },
    ],
  });
  assert.deepEqual(ends(rows), ['A deleveraged']);
  assert.deepEqual(
    rows.fills.filter((f) => f.account === 'S').map((f) => [f.qty.toString(), f.price.toString()]),
    [['10', '39800']],
  );
  assert.ok(rows.transfers.map(paid).includes('market -> S 12000 realized-pnl')); // 10 x (41 000 - 39 800)
});
