/**
 * A handler that believes the liquidation stream. Five longs of one second go under; the venue pushes
 * one order a symbol and second, the latest, and who adds up what arrives sees a fraction of the cascade.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { rate } from '../../src/basics/exact.ts';
import { storedTiny } from '../support/storedTiny.ts';
import { tiers, type TinyAccount } from '../support/tinyWorld.ts';
import { told } from '../support/toldMessages.ts';

/** Longs from 43 000 with 430 a BTC, bankrupt at 42 570, under 0.5 % below 42 783.92. */
const long = (name: string, qty: string, margin: string): TinyAccount => ({
  name,
  legs: [{ side: 'long', qty, entry: '43000', margin }],
});

/** What a handler adds up: quantity x average price of every order that arrives. */
async function seen(run: string, throttle: boolean): Promise<{ orders: number; notional: number }> {
  const arrived = (await told(run, { throttle }))
    .filter((m) => m.data?.e === 'forceOrder')
    .map((m) => m.data.o);
  return {
    orders: arrived.length,
    notional: arrived.reduce((sum, o) => sum + Number(o.z) * Number(o.ap), 0),
  };
}

test('the throttled stream shows one order of five, and a fourteenth of the money', async (t) => {
  const { folder, rows } = await storedTiny(t, {
    marketRules: {
      BTCUSDT: { tiers: tiers([['1000000000', '0.005', '0', '0.01']]), clearanceFee: [{ rate: rate('0') }] },
    },
    accounts: [
      long('A', '5', '2150'),
      long('B', '4', '1720'),
      long('C', '3', '1290'),
      long('D', '1', '430'),
      long('E', '1', '429.9'), // the nearest to bankruptcy is worked first, so E does not come last
    ],
    // second 2: the mark falls to 42 700, the book pays the last price before, 42 750
    beats: [{ index: '43000', last: '42750' }, { index: '42700' }, { index: '42700' }],
    side: { startUs: 0 },
  });
  // 14 BTC at 42 750
  assert.equal(rows.orders.length, 5);
  assert.deepEqual(await seen(folder, false), { orders: 5, notional: 598_500 });
  const last = rows.orders.at(-1)!;
  const shown = await seen(folder, true);
  assert.deepEqual(shown, { orders: 1, notional: Number(last.filled) * 42_750 });
  assert.equal(last.account, 'D');
  assert.equal(598_500 / shown.notional, 14);
});
