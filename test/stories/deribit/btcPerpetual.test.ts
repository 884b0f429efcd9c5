/**
 * Deribit's BTC perpetual by its book of 2021: margin that grows with size, 400 contracts an order and 25 orders a second,
 * a fund that pays what is lacking and takes no position. Worked by hand.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TinyAccount } from '../../support/tinyWorld.ts';
import { venueStory } from '../../support/venueStory.ts';
import { ends, left, paid } from '../told.ts';

const BOOK = 'deribit-btc@2021-05';
const A: TinyAccount = { name: 'A', legs: [{ side: 'long', qty: '100000', entry: '40000', margin: '0.8' }] };

test('small orders until the requirement is met: 25 in the first second, 7 in the next', async () => {
  // 100 000 contracts of 10 USD are 25 BTC at entry and 25.64102564 at 39 000: equity 0.15897436. Asked: 25.64102564 x
  // (0.525 % + 0.005 % x 25.64102564) = 0.16748849. An order closes 0.1025641 BTC, loses 0.0025641 of the margin and pays
  // 0.5 % of it, 0.0005128205; the requirement falls by 0.0008 each time. After 32 of them equity 0.142564184 is above the
  // 0.14238 that 87 200 contracts (22.35897436 BTC) ask for: 22.35897436 x (0.00525 + 0.00111794872).
  const { world, rows } = await venueStory(BOOK, 'BTC-PERPETUAL', {
    fund: '100',
    accounts: [A],
    beats: [{ index: '40000', last: '39000' }, { index: '39000' }, { index: '39000' }, { index: '39000' }],
  });
  assert.deepEqual([...new Set(rows.fills.map((f) => f.qty.toString()))], ['400']);
  const seconds = rows.fills.map((f) => f.tsUs / 1_000_000);
  assert.deepEqual(
    [...new Set(seconds)].map((s) => seconds.filter((t) => t === s).length),
    [25, 7],
  );
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(left(world, 'A', 'BTC'), '0.701538544'); // 0.8 - 32 x (0.0025641 + 0.0005128205)
});

test('the trigger is strict and the slope counts: what a flat rate would spare is liquidated', async () => {
  // 0.525 % of 25.64102564 alone would be 0.13461538, below the equity of 0.15897436.
  const { rows } = await venueStory(BOOK, 'BTC-PERPETUAL', {
    fund: '100',
    accounts: [A, { name: 'small', legs: [{ side: 'long', qty: '4000', entry: '40000', margin: '0.032' }] }],
    beats: [{ index: '40000', last: '39000' }, { index: '39000' }],
  });
  // 4 000 contracts in the same proportion (1.02564103 BTC, equity 0.00635897) are asked for 0.525 % + 0.005128 %: 0.00543721
  assert.deepEqual([...new Set(rows.fills.map((f) => f.account))], ['A']);
});

test('a gap through the margin: the fund pays what it has, the operator the rest, and nobody is deleveraged', async () => {
  // 4 000 contracts, 1 BTC, with 0.02: ten orders at 39 000 lose 0.025641. The fund has 0.001.
  const S: TinyAccount = { name: 'S', legs: [{ side: 'short', qty: '4000', entry: '41000', margin: '0.1' }] };
  const { world, rows } = await venueStory(BOOK, 'BTC-PERPETUAL', {
    fund: '0.001',
    accounts: [{ name: 'L', legs: [{ side: 'long', qty: '4000', entry: '40000', margin: '0.02' }] }, S],
    beats: [{ index: '40000', last: '39000' }, { index: '39000' }, { index: '39000' }],
  });
  assert.deepEqual(ends(rows), ['L closed']);
  assert.deepEqual(rows.adl, []);
  assert.equal(rows.fills.filter((f) => f.account === 'L').length, 10);
  assert.equal(left(world, 'L', 'BTC'), '0');
  assert.equal(left(world, 'fund:BTC', 'BTC'), '0');
  assert.equal(rows.liquidations[0]!.deficit.toString(), '0.005641');
  assert.deepEqual(rows.transfers.filter((t) => t.from === 'house').map(paid), [
    'house -> fund:BTC 0.004641 insolvency',
  ]);
});
