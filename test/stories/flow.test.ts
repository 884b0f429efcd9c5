/**
 * What is flow, and may move a candidate's price: lots that liquidations, funds and stop-losses take from the book.
 * What changes hands beside the book is none: takeovers, deleveraging, and trades that the tape holds already.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, rate } from '../../src/basics/exact.ts';
import { emptyOutbox, type FillRow } from '../../src/engine/rows.ts';
import { replay } from '../../src/replay.ts';
import { type Tiny, tiers, tinyWorld } from '../support/tinyWorld.ts';

/** Signed lots by beat, and why something was filled. */
async function flowOf(tiny: Partial<Tiny>): Promise<{ flow: number[]; fills: string[] }> {
  const { world, frames } = tinyWorld({
    marketRules: {
      BTCUSDT: { tiers: tiers([['1000000000', '0.05', '0', '0.1']]), clearanceFee: [{ rate: rate('0') }] },
    },
    accounts: [LONG],
    beats: FALL,
    ...tiny,
  });
  const flow: number[] = [];
  const fills: FillRow[] = [];
  const gather = emptyOutbox();
  await replay(
    frames,
    [world],
    { record: (_world, outbox: typeof gather) => void fills.push(...outbox.fills) },
    () => flow.push(world.flow[0]! + 0),
  );
  return { flow, fills: fills.map((f) => `${f.account} ${f.why}`) };
}

/** Fails at 9 450: equity 450 <= 472.50; bankrupt at 9 000. */
const LONG: Tiny['accounts'][number] = {
  name: 'A',
  legs: [{ side: 'long', qty: '1', entry: '10000', margin: '1000' }],
};
const FALL = ['10000', '9450', '9450', '9450'].map((index) => ({ index }));
const SHORT: Tiny['accounts'][number] = {
  name: 'W',
  legs: [{ side: 'short', qty: '2', entry: '10500', margin: '20000' }],
};
const AT_ONCE = { when: 'equityBelow', share: rate('1') } as const;

test('an order in the book is flow, of a long a sale, of a short a purchase', async () => {
  assert.deepEqual((await flowOf({})).flow, [0, -1000, 0, 0]);
  const rise = ['10000', '10500', '10500'].map((index) => ({ index }));
  const short = { name: 'A', legs: [{ side: 'short', qty: '1', entry: '10000', margin: '1000' }] } as const;
  assert.deepEqual((await flowOf({ accounts: [short], beats: rise })).flow, [0, 1000, 0]);
});

test('a takeover is none; what the fund sells on later is', async () => {
  const held = await flowOf({ rules: { takeover: AT_ONCE } });
  assert.deepEqual(held, { flow: [0, 0, 0, 0], fills: ['A takeover', 'fund:main takeover'] });
  const { world } = tinyWorld({ accounts: [LONG], beats: FALL });
  const [fund] = world.input.rules.funds;
  const unwind = { kind: 'work', participation: rate('1'), afterUs: 0, limit: 'none' } as const;
  const worked = await flowOf({ rules: { takeover: AT_ONCE, funds: [{ ...fund!, unwind }] } });
  assert.deepEqual(worked, {
    flow: [0, 0, -1000, 0],
    fills: ['A takeover', 'fund:main takeover', 'fund:main unwind'],
  });
});

test('deleveraging closes two positions against each other and is none', async () => {
  const { flow, fills } = await flowOf({
    rules: { takeover: AT_ONCE },
    assumptions: { fundOpening: { main: money('0') } },
    accounts: [LONG, SHORT],
  });
  assert.deepEqual(flow, [0, 0, 0, 0]);
  assert.deepEqual(fills.toSorted(), ['A adl', 'W adl']);
});

test('who comes and who goes trades on the tape; a stop-loss is an order in the book', async () => {
  const owners: Tiny['accounts'] = [
    { name: 'B', legs: [{ side: 'long', qty: '1', entry: '10000', margin: '9000', stop: 0.95 }] },
    {
      name: 'C',
      legs: [{ side: 'long', qty: '0', entry: '1', arrives: { beat: 1, qty: '1', leverage: 2 } }],
    },
    { name: 'D', legs: [{ side: 'short', qty: '1', entry: '10000', margin: '9000', departs: 1 }] },
  ];
  const { flow, fills } = await flowOf({ accounts: owners });
  // the stop of 9 500 is reached at the end of the second beat and sold in the third
  assert.deepEqual(flow, [0, 0, -1000, 0]);
  assert.deepEqual(fills, ['C arrival', 'D departure', 'B stop-loss']);
});

test('winners who close against a forced order buy what it sells: the order alone is flow', async () => {
  const { flow, fills } = await flowOf({
    assumptions: { winnersTake: rate('0.5') },
    accounts: [LONG, SHORT],
  });
  assert.deepEqual(flow, [0, -1000, 0, 0]);
  assert.deepEqual(fills, ['A liquidation', 'W winner-closes']);
});
