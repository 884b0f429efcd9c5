/**
 * Source document 003: winners are deleveraged only when the fund is exhausted AND the position cannot
 * be closed at the mark. What the book has room for is closed at the mark first.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money } from '../../src/basics/exact.ts';
import { play, type Tiny } from '../support/tinyWorld.ts';

/** L is bankrupt at 90 (100 - 10); the mark falls to 80 in one beat; the fund is empty; W is short. */
const tiny = (volume: string, triggers: readonly ('fundRefuses' | 'noFillAtMark')[]): Tiny => ({
  rules: { adl: { ranking: 'profitOnly', triggers, ties: 'byId', shortage: 'market' } },
  assumptions: { fundOpening: { main: money('0') } },
  accounts: [
    { name: 'L', legs: [{ side: 'long', qty: '1', entry: '100', margin: '10' }] },
    { name: 'W', legs: [{ side: 'short', qty: '1', entry: '100', margin: '50' }] },
  ],
  // fills are at the last price of the beat before, 80: below the limit of 90, so no order fills
  beats: [
    { index: '100', last: '80' },
    { index: '80', volume },
  ],
});

test('with room in the book nobody is deleveraged: the close at 80 costs the operator 10', async () => {
  const { rows, world } = await play(tiny('5', ['fundRefuses', 'noFillAtMark']));
  assert.equal(rows.adl.length, 0);
  const close = rows.fills.find((f) => f.account === 'L')!;
  assert.deepEqual([close.price.toString(), close.priceRule], ['80', 'mark']);
  // loss 20, margin 10: the empty fund owes 10, the operator pays them
  assert.equal(world.desk.ledger.balance('house', 'USDT').toString(), '-10');
  assert.equal(world.desk.ledger.balance('fund:main', 'USDT').toString(), '0');
});

test('without room the winner is closed at the bankruptcy price, for the whole', async () => {
  const { rows, world } = await play(tiny('0', ['fundRefuses', 'noFillAtMark']));
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.qty.toString(), a.price.toString()]),
    [['W', '1', '90']],
  );
  assert.equal(world.desk.ledger.balance('house', 'USDT').toString(), '0');
});

test('with room for 0.4 only the rest of 0.6 is deleveraged', async () => {
  const { rows } = await play(tiny('0.4', ['fundRefuses', 'noFillAtMark']));
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.qty.toString()]),
    [['W', '0.6']],
  );
});

test('where the fund refusing is enough, the book is not asked', async () => {
  const { rows } = await play(tiny('5', ['fundRefuses']));
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.qty.toString()]),
    [['W', '1']],
  );
});
