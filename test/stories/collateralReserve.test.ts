/**
 * A collateral reserve as a lever: a tenth of a cross wallet does not count, by the haircut of the only asset under a unit
 * that nobody holds (an account's own unit bears no haircut). Worked
 * by hand. A is long 1 at 10 000 with 1 000 and no other asset; maintenance is 1 % of notional.
 *
 *   mark 9 200   900 - 800 = 100 against 92: stands      mark 9 150   900 - 850 = 50 against 91.50: fails
 *   without      1 000 - 850 = 150 against 91.50: stands
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { rate } from '../../src/basics/exact.ts';
import type { CollateralRule } from '../../src/rules/collateralRules.ts';
import { linearMarket, play, SECOND, type Tiny, tiers } from '../support/tinyWorld.ts';

const RESERVE: CollateralRule = {
  kind: 'multi',
  unit: 'USD',
  assets: { USDT: { haircut: rate('0.1'), bidBuffer: rate('0'), askBuffer: rate('0'), index: null } },
  autoExchangeBelow: null,
};

const venue = (reserve: boolean): Tiny => ({
  markets: [linearMarket()],
  rules: reserve ? { collateral: RESERVE } : {},
  marketRules: { BTCUSDT: { tiers: tiers([['1000000000', '0.01', '0', '0.02']]) } },
  beats: { BTCUSDT: [{ index: '10000' }, { index: '9200' }, { index: '9150', volume: '10' }] },
  accounts: [
    {
      name: 'A',
      cross: true,
      wallet: '1000',
      legs: [{ side: 'long', qty: '1', entry: '10000' }],
    },
  ],
});

test('what is held back brings the verdict forward, and stays the trader’s', async () => {
  const { rows, world } = await play(venue(true));
  const [row] = rows.liquidations;
  assert.deepEqual([row!.equity, row!.maintenanceMargin].map(String), ['50', '91.5']);
  assert.equal(row!.tsUs, 4 * SECOND);
  const paid = rows.transfers.filter(({ from }) => from === 'A');
  const left = paid.reduce((rest, { amount }) => rest - amount.toNumber(), 1000);
  assert.equal(world.desk.ledger.balance('A', 'USDT').toNumber(), left);
  assert.ok(left > 50, `${left} is left: the tenth that did not count is still there`);
});

test('without a reserve the same account stands', async () => {
  const { rows } = await play(venue(false));
  assert.deepEqual(rows.liquidations, []);
});
