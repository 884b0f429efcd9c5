/**
 * A run told in the messages of its venue. Three small worlds give every message by hand: one
 * liquidation (numbers of docs/architecture.md's walk), one deleveraging (test/stories/deleverage.test.ts),
 * one funding stamp.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { price, rate } from '../../../src/basics/exact.ts';
import { SECOND_US } from '../../../src/basics/instant.ts';
import { storedTiny } from '../../support/storedTiny.ts';
import { inverseMarket, type Tiny, tiers } from '../../support/tinyWorld.ts';
import { deleveraged, type Fields, oneLong, told } from '../../support/toldMessages.ts';

const T = 3000; // end of the third beat, ms

test('binance: one liquidation, message by message', async (t) => {
  const { folder } = await storedTiny(t, oneLong);
  const all = await told(folder, {});
  const at = all.filter((m) => m.data?.E === T || m.time === T);
  assert.deepEqual(at[0], {
    stream: 'btcusdt@markPrice@1s',
    // the next stamp of the eight-hour grid from 1970-01-01T00:00:03Z is at 08:00
    data: { e: 'markPriceUpdate', E: T, s: 'BTCUSDT', p: '41030', i: '41030', T: 28_800_000 },
  });
  assert.deepEqual(at[1], {
    stream: 'A',
    data: {
      e: 'MARGIN_CALL',
      E: T,
      // 82 060 x 0.5 % - 50; 2 x (41 030 - 43 000)
      p: [
        {
          s: 'BTCUSDT',
          ps: 'BOTH',
          pa: '2',
          mt: 'ISOLATED',
          iw: '4300',
          mp: '41030',
          up: '-3940',
          mm: '360.3',
        },
      ],
    },
  });
  const order = {
    s: 'BTCUSDT',
    S: 'SELL',
    o: 'LIQUIDATION',
    f: 'IOC',
    q: '0.4',
    p: '40850', // bankruptcy: 43 000 - 4 300 / 2
    R: true,
    ot: 'LIQUIDATION',
    ps: 'BOTH',
    T,
    m: false,
  };
  const first = at[2]!.data.o;
  assert.match(first.c, /^autoclose-\d+$/);
  const { c, i } = first;
  assert.deepEqual(first, {
    ...order,
    c,
    i,
    ap: '0',
    x: 'NEW',
    X: 'NEW',
    l: '0',
    z: '0',
    L: '0',
    t: 0,
    rp: '0',
  });
  const filled = at[3]!.data.o;
  // 0.4 x (40 968.46 - 43 000) = -812.616; fee 0.5 % of 16 387.384
  const trade = {
    l: '0.4',
    z: '0.4',
    L: '40968.46',
    ap: '40968.46',
    N: 'USDT',
    n: '81.93692',
    rp: '-812.616',
  };
  assert.deepEqual(filled, { ...order, c, i, x: 'TRADE', X: 'FILLED', ...trade, t: filled.t });
  assert.deepEqual(at[4], {
    stream: 'btcusdt@forceOrder',
    data: {
      e: 'forceOrder',
      E: T,
      o: {
        s: 'BTCUSDT',
        S: 'SELL',
        o: 'LIMIT',
        f: 'IOC',
        q: '0.4',
        p: '40850',
        ap: '40968.46',
        X: 'FILLED',
        l: '0.4',
        z: '0.4',
        T,
      },
    },
  });
  const position = {
    s: 'BTCUSDT',
    pa: '1.6',
    ep: '43000',
    cr: '-812.616',
    up: '-3152',
    mt: 'isolated',
    ps: 'BOTH',
  };
  const update = (wb: string, cw: string, P: Fields[]): Fields => ({
    stream: 'A',
    data: { e: 'ACCOUNT_UPDATE', E: T, T, a: { m: 'ORDER', B: [{ a: 'USDT', wb, cw, bc: '0' }], P } },
  });
  // 4 300 - 812.616 - 81.93692 = 3 405.44708; the profit and the fee of one order are told together
  assert.deepEqual(at[5], update('3405.44708', '0', [{ ...position, iw: '3405.44708' }]));
  const updates = at.filter((m) => m.data?.e === 'ACCOUNT_UPDATE');
  const empty = { ...position, pa: '0', ep: '0', cr: '-4063.08', up: '0', iw: '0' };
  assert.deepEqual(updates.at(-1), update('0', '0', [empty]));
  const last = at.filter((m) => m.rest === 'GET /fapi/v2/positionRisk').at(-1)!;
  assert.deepEqual([last.account, last.response[0].positionAmt], ['A', '0']);
});

test('bitmex: the same liquidation, money in millionths of a USDT', async (t) => {
  const { folder } = await storedTiny(t, oneLong);
  const all = await told(folder, { format: 'bitmex' });
  const rows = (table: string): Fields[] =>
    all.filter((m) => m.table === table && m.action !== 'partial').flatMap((m) => m.data as Fields[]);
  const executions = rows('execution');
  assert.deepEqual(
    executions.map((e) => [e.execType, e.ordStatus, e.side, e.lastQty, e.lastPx, e.cumQty, e.leavesQty]),
    [
      ['New', 'New', 'Sell', undefined, undefined, 0, 0.4],
      ['Liquidation', 'Filled', 'Sell', 0.4, 40968.46, 0.4, 0],
      ['New', 'New', 'Sell', undefined, undefined, 0, 1.6],
      ['Liquidation', 'Filled', 'Sell', 1.6, 40968.46, 1.6, 0],
    ],
  );
  // 16 387.384 and 81.93692 USDT; a sale costs less than nothing
  assert.deepEqual([executions[1]!.execCost, executions[1]!.execComm], [-16_387_384_000, 81_936_920]);
  assert.equal(executions[0]!.account, 10_000_000);
  assert.deepEqual(
    all.filter((m) => m.table === 'liquidation').map((m) => [m.action, m.data[0].leavesQty, m.data[0].price]),
    [
      ['insert', 0.4, 40850],
      ['delete', undefined, undefined],
      // after the first order 1.6 is left with 3 405.44708: 43 000 - 3 405.44708 / 1.6
      ['insert', 1.6, 40_871.595575],
      ['delete', undefined, undefined],
    ],
  );
  assert.deepEqual(
    rows('margin').map((m) => m.walletBalance),
    [3_405_447_080, 0],
  );
  assert.deepEqual(
    rows('position').map((p) => [p.currentQty, p.posCost, p.isOpen, p.strategy]),
    [
      [1.6, 68_800_000_000, true, 'OneWay'],
      [0, 0, false, 'OneWay'],
    ],
  );
  assert.equal(rows('instrument').at(-1)!.timestamp, '1970-01-01T00:00:03.000Z');
});

test('bybit: the same liquidation', async (t) => {
  const { folder } = await storedTiny(t, oneLong);
  const all = await told(folder, { format: 'bybit' });
  const of = (topic: string): Fields[] => all.filter((m) => m.topic === topic);
  assert.deepEqual(
    of('order').map(({ data: [o] }) => [
      o.orderStatus,
      o.createType,
      o.side,
      o.qty,
      o.cumExecQty,
      o.cumExecFee,
    ]),
    [
      ['New', 'CreateByLiq', 'Sell', '0.4', '0', '0'],
      ['Filled', 'CreateByLiq', 'Sell', '0.4', '0.4', '81.93692'],
      ['New', 'CreateByLiq', 'Sell', '1.6', '0', '0'],
      ['Filled', 'CreateByLiq', 'Sell', '1.6', '1.6', '154.98308'], // capped by what is left
    ],
  );
  assert.deepEqual(
    of('execution').map(({ data: [e] }) => [e.execType, e.execPrice, e.execValue, e.markPrice]),
    [
      ['Trade', '40968.46', '16387.384', '41030'],
      ['Trade', '40968.46', '65549.536', '41030'],
    ],
  );
  assert.deepEqual(
    of('position').map(({ data: [p] }) => [p.side, p.size, p.positionStatus, p.positionBalance]),
    [
      ['Buy', '1.6', 'Liq', '3405.44708'],
      ['', '0', 'Liq', '0'],
    ],
  );
  assert.deepEqual(
    of('allLiquidation.BTCUSDT').map(({ data: [l] }) => [l.S, l.v, l.p]),
    [
      ['Buy', '0.4', '40850'],
      ['Buy', '1.6', '40871.595575'],
    ],
  );
  assert.deepEqual(
    of('wallet').map(({ data: [w] }) => w.coin[0].walletBalance),
    ['3405.44708', '0'],
  );
  assert.deepEqual(
    of('insurance.USDT').map(({ data: [f] }) => f.balance),
    ['1000', '1236.92'],
  );
});

test('binance: one deleveraging: client ids, execution types, balances afterwards', async (t) => {
  const { folder } = await storedTiny(t, deleveraged);
  const all = await told(folder, {});
  const orders = all.filter((m) => m.data?.e === 'ORDER_TRADE_UPDATE').map((m) => [m.stream, m.data.o]);
  assert.deepEqual(
    orders.map(([who, o]) => [who, o.c.replace(/\d+/, 'N'), o.S, o.x, o.X, o.l, o.L, o.rp, o.er]),
    [
      // the market order for all of it gets 0.017; the rest is told as expired, reason 2
      ['L', 'autoclose-N', 'SELL', 'NEW', 'NEW', '0', '0', '0', undefined],
      ['L', 'autoclose-N', 'SELL', 'TRADE', 'PARTIALLY_FILLED', '0.017', '42000', '-17', undefined],
      ['L', 'autoclose-N', 'SELL', 'EXPIRED', 'EXPIRED', '0', '0', '0', '2'],
      ['S3', 'adl_autoclose', 'BUY', 'NEW', 'NEW', '0', '0', '0', undefined],
      ['S3', 'adl_autoclose', 'BUY', 'CALCULATED', 'FILLED', '0.5', '42570', '465', undefined],
      ['S1', 'adl_autoclose', 'BUY', 'NEW', 'NEW', '0', '0', '0', undefined],
      ['S1', 'adl_autoclose', 'BUY', 'CALCULATED', 'FILLED', '0.483', '42570', '1173.69', undefined],
      ['L', 'autoclose-N', 'SELL', 'NEW', 'NEW', '0', '0', '0', undefined],
      ['L', 'autoclose-N', 'SELL', 'CALCULATED', 'FILLED', '0.983', '42570', '-422.69', undefined],
    ],
  );
  const updates = all.filter((m) => m.data?.e === 'ACCOUNT_UPDATE');
  assert.deepEqual(
    updates.map(({ stream, data: { a } }) => [stream, a.m, a.B[0].wb, a.B[0].bc, a.P[0].pa, a.P[0].iw]),
    [
      ['L', 'ORDER', '413', '0', '0.983', '413'], // 430 - 17
      ['L', 'INSURANCE_CLEAR', '422.69', '9.69', '0.983', '422.69'], // the fund pays 0.017 x 570
      ['S3', 'ORDER', '900', '0', '0', '0'], // 435 + 465, all of it free
      // 2 250 + 1 173.69; of that margin the part of 0.483 in 0.5 is free: 3 423.69 x 0.034 stays
      ['S1', 'ORDER', '3423.69', '0', '-0.017', '116.40546'],
      ['L', 'ORDER', '0', '0', '0', '0'],
    ],
  );
  // only what the book took is a liquidation order
  assert.deepEqual(
    all
      .filter((m) => m.data?.e === 'forceOrder')
      .map((m) => [m.data.o.o, m.data.o.q, m.data.o.z, m.data.o.X]),
    [['MARKET', '1', '0.017', 'PARTIALLY_FILLED']],
  );
});

test("binance: a deleveraged winner's fee is in its fill and in the balance told with it", async (t) => {
  const adl = { ranking: 'binance', triggers: ['fundRefuses'], ties: 'proRata', shortage: 'market' } as const;
  const rules = { ...deleveraged.rules, adl: { ...adl, winnerFee: rate('0.001') } };
  const all = await told((await storedTiny(t, { ...deleveraged, rules })).folder, { account: 'S3' });
  const { o } = all.find((m) => m.data?.o?.x === 'CALCULATED')!.data;
  assert.deepEqual([o.n, o.N], ['21.285', 'USDT']); // 0.5 x 42 570 x 0.1 %
  const updates = all.filter((m) => m.data?.e === 'ACCOUNT_UPDATE').map((m) => m.data.a.B[0].wb);
  assert.deepEqual(updates, ['878.715']); // 435 + 465 - 21.285
});

test('bybit and bitmex name takeover and deleveraging in their own words', async (t) => {
  const { folder } = await storedTiny(t, deleveraged);
  const bybit = await told(folder, { format: 'bybit' });
  assert.deepEqual(
    bybit
      .filter((m) => m.topic === 'execution')
      .map((m) => [m.id.split(':')[0], m.data[0].execType, m.data[0].createType]),
    [
      ['L', 'Trade', 'CreateByLiq'],
      ['S3', 'AdlTrade', 'CreateByAdl_PassThrough'],
      ['S1', 'AdlTrade', 'CreateByAdl_PassThrough'],
      ['L', 'BustTrade', 'CreateByTakeOver_PassThrough'],
    ],
  );
  const positions = bybit
    .filter((m) => m.topic === 'position')
    .map(({ id, data: [p] }) => [id.split(':')[0], p]);
  assert.deepEqual(
    positions
      .filter(([who]) => who[0] === 'S')
      .map(([who, p]) => [who, p.positionStatus, p.size, p.adlRankIndicator]),
    [
      ['S3', 'Adl', '0', 0], // flat: no place in the queue any more
      ['S1', 'Adl', '0.017', 4],
    ],
  );
  const bitmex = await told(folder, { format: 'bitmex' });
  const trades = bitmex.filter((m) => m.table === 'execution' && m.data[0].lastQty !== undefined);
  assert.deepEqual(
    trades.map(({ data: [e] }) => [e.execType, e.lastPx, e.text]),
    [
      ['Liquidation', 42000, 'Liquidation'],
      ['Liquidation', 42570, 'Auto-deleveraging'],
      ['Liquidation', 42570, 'Auto-deleveraging'],
      ['Bankruptcy', 42570, 'Takeover at the bankruptcy price'],
    ],
  );
});

/** Beats end at 7:59:59, 8:00:00 (the stamp) and 8:00:01; 0.1 % of 43 000 is 43 a BTC. */
const EIGHT = 8 * 3600 * SECOND_US;
const funded: Tiny = {
  marketRules: {
    BTCUSDT: { tiers: tiers([['1000000000', '0.005', '0', '0.01']]), clearanceFee: [{ rate: rate('0') }] },
  },
  accounts: [
    { name: 'A', legs: [{ side: 'long', qty: '2', entry: '43000', margin: '8600' }] },
    { name: 'B', cross: true, wallet: '8600', legs: [{ side: 'short', qty: '1', entry: '43000' }] },
  ],
  beats: [{ index: '43000' }, { index: '43000' }, { index: '43000' }],
  side: { startUs: EIGHT - 2 * SECOND_US, funding: [{ tsUs: EIGHT, market: 'BTCUSDT', rate: '0.001' }] },
};

test('binance: one funding stamp, told when it is due although the ledger charges it at the end', async (t) => {
  const { folder, rows } = await storedTiny(t, funded);
  assert.deepEqual(
    rows.transfers.filter((f) => f.from === 'A').map((f) => f.tsUs - EIGHT),
    [SECOND_US],
  );
  const all = await told(folder, {});
  const [E, T] = [EIGHT / 1000, EIGHT / 1000];
  const update = (B: Fields, P: Fields[]): Fields => ({
    e: 'ACCOUNT_UPDATE',
    E,
    T,
    a: { m: 'FUNDING_FEE', B: [B], P },
  });
  const position = {
    s: 'BTCUSDT',
    pa: '2',
    ep: '43000',
    cr: '0',
    up: '0',
    mt: 'isolated',
    iw: '8514',
    ps: 'BOTH',
  };
  assert.deepEqual(
    all.filter((m) => m.data?.e === 'ACCOUNT_UPDATE'),
    [
      { stream: 'A', data: update({ a: 'USDT', wb: '8514', cw: '0', bc: '-86' }, [position]) },
      // funding of a cross position comes without the position
      { stream: 'B', data: update({ a: 'USDT', wb: '8643', cw: '8643', bc: '43' }, []) },
    ],
  );
  const marks = all.filter((m) => m.data?.e === 'markPriceUpdate').map((m) => m.data.T - T);
  assert.deepEqual(marks, [0, 8 * 3_600_000, 8 * 3_600_000]);
});

test('bitmex, inverse: funding in satoshis, cost below 0 for a long', async (t) => {
  const markets = [inverseMarket()];
  const XBTUSD = {
    tiers: tiers([['1000000000', '0.005', '0', '0.01']]),
    clearanceFee: [{ rate: rate('0') }],
  };
  const { folder } = await storedTiny(t, {
    markets,
    marketRules: { XBTUSD: { ...XBTUSD, mark: { kind: 'indexOnly', tick: price('0.5'), rounding: 'even' } } },
    accounts: [
      { name: 'A', legs: [{ side: 'long', qty: '10000', entry: '10000', margin: '0.1' }] },
      { name: 'B', legs: [{ side: 'short', qty: '4000', entry: '10000', margin: '0.1' }] },
    ],
    beats: [{ index: '10000' }, { index: '10000' }, { index: '10000' }],
    side: { startUs: EIGHT - 2 * SECOND_US, funding: [{ tsUs: EIGHT, market: 'XBTUSD', rate: '0.001' }] },
  });
  const all = await told(folder, { format: 'bitmex' });
  // 1 / 10 000 x 0.001 = 1e-7 XBT a contract, 10 XBt
  const funding = all.filter((m) => m.table === 'execution').flatMap((m) => m.data as Fields[]);
  assert.deepEqual(
    funding.map((f) => [f.execType, f.account, f.lastQty, f.execComm]),
    [
      ['Funding', 10_000_000, 10_000, 100_000],
      ['Funding', 10_000_001, 4_000, -40_000],
    ],
  );
  const opening = all.find((m) => m.table === 'position' && m.action === 'partial')!.data[0];
  assert.deepEqual([opening.currency, opening.posCost, opening.posMargin], ['XBt', -100_000_000, 10_000_000]);
});
