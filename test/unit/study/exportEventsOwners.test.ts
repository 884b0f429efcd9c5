/** What owners do unasked, told in a venue's messages: whose margin the money is in, and whose order it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rate } from '../../../src/basics/exact.ts';
import { storedTiny } from '../../support/storedTiny.ts';
import { type Tiny, tiers } from '../../support/tinyWorld.ts';
import { type Fields, told } from '../../support/toldMessages.ts';

/** A adds 500 below 9 700 and stops at 9 500; N sells 1 at 9 700 with 121.25 and 60.625 free, and leaves at 9 400. */
const OWNERS: Tiny = {
  marketRules: {
    BTCUSDT: { tiers: tiers([['1000000000', '0.005', '0', '0.01']]), clearanceFee: [{ rate: rate('0') }] },
  },
  accounts: [
    {
      name: 'A',
      legs: [{ side: 'long', qty: '1', entry: '10000', margin: '1000', topUp: 0.97, stop: 0.95 }],
    },
    {
      name: 'N',
      legs: [
        {
          side: 'short',
          qty: '0',
          entry: '1',
          arrives: { beat: 1, qty: '1', leverage: 80, free: 0.5 },
          departs: 3,
        },
      ],
    },
  ],
  beats: [
    { index: '10000' },
    { index: '9700' },
    { index: '9500', high: '9700' },
    { index: '9400', high: '9500' },
  ],
};

test('binance: deposits into margin and wallet, a stop at the market, a close by the owner', async (t) => {
  const { folder } = await storedTiny(t, OWNERS);
  const all = await told(folder, {});
  const updates = (account: string): Fields[] =>
    all.filter((m) => m.stream === account && m.data.e === 'ACCOUNT_UPDATE').map((m) => m.data.a);
  const line = ({ m, B, P }: Fields) => [m, B[0].wb, B[0].cw, P[0]?.iw, P[0]?.pa];
  assert.deepEqual(updates('N').map(line), [
    ['DEPOSIT', '421.25', '0', '421.25', '0'], // 121.25, and 300 that a short from 9 700 has lost at 10 000
    ['DEPOSIT', '481.875', '60.625', undefined, undefined],
    ['ORDER', '481.875', '60.625', '421.25', '-1'],
    ['ORDER', '781.875', '781.875', '0', '0'], // 300 won, and the margin is free
  ]);
  assert.deepEqual(updates('A').map(line), [
    ['DEPOSIT', '1500', '0', '1500', '1'],
    ['ORDER', '1000', '1000', '0', '0'], // 500 lost at 9 500
  ]);
  const orders = all.filter((m) => m.data?.e === 'ORDER_TRADE_UPDATE' && m.data.o.x === 'TRADE');
  assert.deepEqual(
    orders.map(({ stream, data: { o } }) => [stream, o.S, o.o, o.ot, o.p, o.L, o.m, o.R]),
    [
      ['N', 'SELL', 'LIMIT', 'LIMIT', '9700', '9700', true, false],
      ['A', 'SELL', 'MARKET', 'STOP_MARKET', '0', '9500', false, true],
      ['N', 'BUY', 'LIMIT', 'LIMIT', '9400', '9400', true, true],
    ],
  );
});

test('bybit and bitmex name a stop in their own words', async (t) => {
  const { folder } = await storedTiny(t, OWNERS);
  const bybit = (await told(folder, { format: 'bybit' })).flatMap((m) =>
    m.topic === 'execution' ? m.data : [],
  );
  assert.deepEqual(
    bybit.map((e) => [e.createType, e.orderType, e.isMaker, e.execPrice]),
    [
      ['CreateByUser', 'Limit', true, '9700'],
      ['CreateByStopLoss', 'Market', false, '9500'],
      ['CreateByUser', 'Limit', true, '9400'],
    ],
  );
  const bitmex = (await told(folder, { format: 'bitmex' }))
    .filter((m) => m.table === 'execution')
    .flatMap((m) => m.data)
    .filter((e) => e.execType === 'Trade');
  assert.deepEqual(
    bitmex.map((e) => [e.text, e.ordType, e.lastPx]),
    [
      ["The account's own order", 'Limit', 9700],
      ['Stop', 'Market', 9500],
      ["The account's own order", 'Limit', 9400],
    ],
  );
});
