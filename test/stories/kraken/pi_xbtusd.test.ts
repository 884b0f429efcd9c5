/**
 * Kraken Futures by its book of July 2021 and the example of its page on equity protection: 1 000 contracts from 8000
 * with 0.01 BTC. The venue closes whole; there is no partial close to tell.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { TinyAccount, TinyBeat } from '../../support/tinyWorld.ts';
import { venueStory } from '../../support/venueStory.ts';
import { ends, filled, left, paid } from '../told.ts';

const A: TinyAccount = { name: 'A', legs: [{ side: 'long', qty: '1000', entry: '8000', margin: '0.01' }] };
/** Short 1 000 from 10 000: 0.1 BTC. */
const S: TinyAccount = { name: 'S', legs: [{ side: 'short', qty: '1000', entry: '10000', margin: '0.05' }] };
const kraken = (beats: readonly TinyBeat[]) =>
  venueStory('kraken-futures@2021-07', 'PI_XBTUSD', { fund: '0', accounts: [A, S], beats });

test('a fill better than bankruptcy: what remains stays with the trader', async () => {
  // 1 000 / 7 450 = 0.13422819: a loss of 0.00922819.
  const { world, rows } = await kraken([
    { index: '8000', last: '7450' },
    { index: '7482', last: '7450' },
    { index: '7481' },
  ]);
  assert.deepEqual(rows.fills.map(filled), ['A close 1000 @ 7450 impact']);
  assert.deepEqual(rows.transfers.map(paid), ['A -> market 0.00922819 realized-pnl']);
  assert.deepEqual(ends(rows), ['A closed']);
  assert.equal(rows.liquidations[0]!.markAtVerdict.toString(), '7481');
  assert.equal(left(world, 'A', 'BTC'), '0.00077181');
});

test('no bid at 7407 or better: all of it is unwound against a winner there', async () => {
  // 1 000 / 0.135 = 7 407.407407407407..., up. S: 0.135 - 0.1.
  const { rows } = await kraken([
    { index: '8000', last: '7400' },
    { index: '7481', last: '7400' },
  ]);
  assert.deepEqual(rows.fills.map(filled), [
    'S close 1000 @ 7407.407407407408 bankruptcy',
    'A close 1000 @ 7407.407407407408 bankruptcy',
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'market -> S 0.035 realized-pnl',
    'A -> market 0.01 realized-pnl',
  ]);
  assert.deepEqual(ends(rows), ['A deleveraged']);
});

test('a gap through bankruptcy: the winner bears it, no fund does', async () => {
  // At 7 300 the position lacks 0.135 - 1 000 / 7 300 = -0.00198630; S is closed at 7 407.41 instead of 7 300.
  const { world, rows } = await kraken([
    { index: '8000', last: '7000' },
    { index: '7300', last: '7000' },
  ]);
  assert.deepEqual(ends(rows), ['A deleveraged']);
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.givenUp.toString()]),
    [['S', '0.0019863']],
  );
  assert.equal(left(world, 'A', 'BTC'), '0');
  assert.equal(left(world, 'fund:none', 'BTC'), '0');
});
