/**
 * One case of each monotone law that breaks once a premise is dropped, worked by hand. The laws and how often
 * they break: docs/validation.md (Laws and where they end), test/property/compareLaws.test.ts. A fill is called
 * `impact` where its price lies outside what traded in its second.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money, rate } from '../../src/basics/exact.ts';
import { play, type TinyAccount, type TinyBeat, tiers } from '../support/tinyWorld.ts';
import { filled, paid } from './told.ts';

const venue = (o: {
  readonly maintenance: string;
  readonly fund: string;
  readonly accounts: readonly TinyAccount[];
  readonly beats: readonly TinyBeat[];
}) =>
  play({
    rules: { order: { kind: 'market' } },
    marketRules: {
      BTCUSDT: {
        tiers: tiers([['1000000000', o.maintenance, '0', '0.05']]),
        clearanceFee: [{ rate: rate('0') }],
      },
    },
    assumptions: { fundOpening: { main: money(o.fund) } },
    accounts: o.accounts,
    beats: o.beats,
  });

/** Long 1 BTC from 10 000 with 1 000: bankrupt at 9 000. */
const L: TinyAccount = { name: 'L', legs: [{ side: 'long', qty: '1', entry: '10000', margin: '1000' }] };
/** Short 60 from 15 000 and long 60 from 5 000: in profit throughout, and never near failing. */
const W: TinyAccount[] = [
  { name: 'W1', legs: [{ side: 'short', qty: '60', entry: '15000', margin: '9000000' }] },
  { name: 'W2', legs: [{ side: 'long', qty: '60', entry: '5000', margin: '3000000' }] },
];

test('a higher maintenance rate leaves more bad debt where the book stands below the mark', async () => {
  // at 9 080 equity is 80: above 0.4 % of 9 080 (36.32), below 2 % (181.60). The book pays 8 900, where
  // L loses 1 100 of its 1 000; a second later the price is back, and whoever waited lost nothing.
  const beats = [{ index: '10000', last: '8900' }, { index: '9080', last: '10000' }, { index: '10000' }];
  const of = (maintenance: string) => venue({ maintenance, fund: '100000', accounts: [L, ...W], beats });
  const [low, high] = [await of('0.004'), await of('0.02')];
  assert.deepEqual(low.rows.fills, []);
  assert.deepEqual(high.rows.fills.map(filled), ['L close 1 @ 8900 impact']);
  assert.deepEqual(high.rows.transfers.map(paid), [
    'L -> market 1100 realized-pnl',
    'fund:main -> L 100 deficit',
  ]);
});

test('a higher maintenance rate liquidates fewer accounts where a loss closes a winner who would fail later', async () => {
  // No fund. S: short 1 from 10 000 with 500 and 0.4 % fails at 10 500 / 1.004 = 10 458.17, at 2 % at 10 294.12.
  // At 9 080 the 2 % rate has L sold; nobody pays what 8 900 loses beyond its 9 000, so S, first in the queue (a
  // profit of 920 on 500), is closed at 9 000. At 0.4 % both live on: S fails at 10 600, L at 9 030.
  const S: TinyAccount = { name: 'S', legs: [{ side: 'short', qty: '1', entry: '10000', margin: '500' }] };
  const beats = [
    { index: '10000', last: '8900' },
    { index: '9080', last: '10500' },
    { index: '10480', last: '9030' },
    { index: '9030' },
  ];
  const of = (maintenance: string) => venue({ maintenance, fund: '0', accounts: [L, S, ...W], beats });
  const [low, high] = [await of('0.004'), await of('0.02')];
  assert.deepEqual(high.rows.fills.map(filled), [
    'S close 1 @ 9000 bankruptcy',
    'L close 1 @ 9000 bankruptcy',
  ]);
  // 10 480: equity 500 - 480 = 20 <= 41.92; 9 030: equity 1 000 - 970 = 30 <= 36.12
  assert.deepEqual(low.rows.fills.map(filled), ['S close 1 @ 10500 impact', 'L close 1 @ 9030 book']);
  const accounts = (rows: typeof low.rows) => new Set(rows.liquidations.map((l) => l.account));
  assert.deepEqual([...accounts(low.rows)], ['S', 'L']);
  assert.deepEqual([...accounts(high.rows)], ['L']);
});

test('a larger fund raises auto-deleveraging where it spares a winner who fails later', async () => {
  // C: cross, short 2 from 10 000 with 1 500. L fails in the fall to 8 900: 100 beyond its 9 000.
  // Without a fund C, first in the queue, is closed by 1 at 9 000 and keeps the 1 000: 2 500 behind a short of 1.
  // Then 11 000: equity 1 500. A fund of 100 pays for L and is empty: C has 1 500 behind a short of 2,
  // which is -500 at 11 000, and both are closed against the longs.
  const C: TinyAccount = {
    name: 'C',
    cross: true,
    wallet: '1500',
    legs: [{ side: 'short', qty: '2', entry: '10000' }],
  };
  const beats = [{ index: '10000', last: '8900' }, { index: '8900', last: '11000' }, { index: '11000' }];
  const of = (fund: string) => venue({ maintenance: '0.004', fund, accounts: [L, C, ...W], beats });
  const [small, large] = [await of('0'), await of('100')];
  const closed = (rows: typeof small.rows) => rows.adl.map((a) => `${a.account} ${a.qty} @ ${a.price}`);
  assert.deepEqual(closed(small.rows), ['C 1 @ 9000']);
  // bankrupt at 10 000 + 1 500 / 2
  assert.deepEqual(closed(large.rows), ['W2 2 @ 10750']);
});
