/** What accounts do by themselves: money in and out, openings, cancelled orders; and events that name nobody. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { ReplayError } from '../../src/basics/errors.ts';
import type { AccountEvent } from '../../src/clock/frames.ts';
import { play, SECOND } from '../support/tinyWorld.ts';
import { filled, left, paid } from './told.ts';

const event = (over: Partial<AccountEvent>): AccountEvent => ({
  tsUs: 3 * SECOND,
  account: 'A',
  kind: 'deposit',
  market: null,
  side: null,
  amount: '0',
  price: null,
  ...over,
});
/** A is cross with 10 000, long 0.1 at 43 000, 50 locked in orders; its short leg is empty. */
const venue = (...events: AccountEvent[]) =>
  play({
    accounts: [
      {
        name: 'A',
        cross: true,
        tracked: true,
        wallet: '10000',
        orderMargin: '50',
        legs: [
          { side: 'long', qty: '0.1', entry: '43000' },
          { side: 'short', qty: '0', entry: '43000' },
        ],
      },
    ],
    beats: [{ index: '43000' }, { index: '43000' }, { index: '43000' }],
    side: { events },
  });

test('money in and out meets the outside, at the beat in which it happens', async () => {
  const { world, rows } = await venue(
    event({ amount: '12.5' }),
    event({ kind: 'withdraw', amount: '2.5', tsUs: 3 * SECOND + 1 }),
  );
  assert.deepEqual(
    rows.transfers.map((t) => `${t.tsUs / SECOND} ${paid(t)}`),
    ['3 outside -> A 12.5 deposit', '4 A -> outside 2.5 withdrawal'],
  );
  assert.equal(left(world, 'A'), '10010');
});

test('an opening enlarges the leg at its price and moves no money; market is on the other side', async () => {
  const open = { kind: 'open', market: 'BTCUSDT', side: 'short', amount: '0.25', price: '43100' } as const;
  const { world, rows } = await venue(event(open));
  assert.deepEqual(rows.fills.map(filled), ['A open 0.25 @ 43100 event']);
  assert.equal(rows.transfers.length, 0);
  assert.equal(world.desk.book.read(0).legs[1]!.entryValue.toString(), '10775');
  assert.deepEqual(
    rows.beats.map((b) => [b.marketSide, b.marketNet.toString()]),
    [
      ['short', '0.1'],
      ['long', '0.15'],
      ['long', '0.15'],
    ],
  );
  // short 0.25 from 43 100, marked at 43 000: +25
  assert.equal(rows.tracked.at(-1)!.equity.toString(), '10025');
});

test('cancelled orders free their margin', async () => {
  const { world } = await venue(event({ kind: 'cancelOrders' }));
  assert.equal(world.desk.book.read(0).orderMargin.toString(), '0');
  assert.equal(left(world, 'A'), '10000');
});

const refused =
  (word: string) =>
  (error: unknown): boolean =>
    error instanceof ReplayError && error.code === 'SCENARIO_INVALID' && error.message.includes(word);

test('an event that names nobody, no leg, no price or less than a lot is refused with its place', async () => {
  const open = { kind: 'open', market: 'BTCUSDT', side: 'short', amount: '1', price: '43000' } as const;
  await assert.rejects(venue(event({ account: 'nobody' })), refused('no account nobody'));
  await assert.rejects(venue(event({ account: 'a7' })), refused('no account a7'));
  await assert.rejects(venue(event({ account: 'a0' })), refused('no account a0')); // that one is called A
  await assert.rejects(venue(event({ ...open, market: 'ETHUSDT' })), refused('no leg'));
  await assert.rejects(venue(event({ ...open, price: null })), refused('no leg'));
  await assert.rejects(venue(event({ ...open, amount: '0.0009' })), refused('less than one lot'));
});
