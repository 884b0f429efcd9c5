/** Vendors whose files need more than a list of columns: books, feather, node fills, messages. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { draw } from '../../../src/basics/draw.ts';
import {
  imported,
  importedAll as all,
  metadataIn,
  refusal,
  type Row,
  rowsIn,
  writeFileAs,
} from '../../support/importing.ts';
import { freshFolder } from '../../support/parquet.ts';

test('Bybit spot: milliseconds, numbered trades, no symbol in the rows', async (t) => {
  const text =
    'id,timestamp,price,volume,side,rpi\n1,1668038400123,18500.5,0.01,buy,0\n2,1668038400124,18500,0.02,sell,0\n';
  const rows = await all(t, 'BTCUSDT_2022-11-10.csv.gz', text, { vendor: 'bybit' });
  assert.deepEqual(rows.get('bybit-spot/BTCUSDT/trades'), [
    { time: 1668038400123000, price: 18500.5, qty: 0.01, side: 'buy', id: 1 },
    { time: 1668038400124000, price: 18500, qty: 0.02, side: 'sell', id: 2 },
  ]);
});

/** The top of a book kept as a list of prices that is searched through: slow, and nothing to go wrong. */
function slowTops(
  messages: readonly { type: string; ts: number; data: { b: string[][]; a: string[][] } }[],
): Row[] {
  const [bids, asks] = [new Map<string, string>(), new Map<string, string>()];
  const rows: Row[] = [];
  for (const { type, ts, data } of messages) {
    for (const [side, levels] of [
      [bids, data.b],
      [asks, data.a],
    ] as const) {
      if (type === 'snapshot') side.clear();
      for (const [price, qty] of levels) Number(qty) === 0 ? side.delete(price!) : side.set(price!, qty!);
    }
    if (bids.size === 0 || asks.size === 0) continue;
    const bid = [...bids.keys()].reduce((best, price) => (Number(price) > Number(best) ? price : best));
    const ask = [...asks.keys()].reduce((best, price) => (Number(price) < Number(best) ? price : best));
    const top = {
      bid: Number(bid),
      ask: Number(ask),
      bidQty: Number(bids.get(bid)),
      askQty: Number(asks.get(ask)),
    };
    const { time: _, ...before } = rows.at(-1) ?? { time: 0 };
    if (JSON.stringify(before) !== JSON.stringify(top)) rows.push({ time: ts * 1000, ...top });
  }
  return rows;
}

test('Bybit ob500: the top of the book, as a slow book has it, through snapshots, removals and empty sides', async (t) => {
  const pick = (n: number, field: number, range: number): number => Math.floor(draw(11, n, field) * range);
  const messages = Array.from({ length: 600 }, (_, n) => {
    const type = n === 0 || n === 300 ? 'snapshot' : 'delta';
    const level = (k: number, base: number): string[] => [
      ((base + pick(n, k, 12)) / 10).toFixed(1),
      pick(n, k + 50, 2) === 0 ? '0' : String(1 + pick(n, k + 90, 40) / 8),
    ];
    const levels = (from: number, base: number): string[][] =>
      Array.from({ length: pick(n, from, 5) }, (_, k) => level(from + 1 + k, base));
    return {
      topic: 'orderbook.500.XRPUSDT',
      type,
      ts: 1733011200000 + n * 10,
      data: { s: 'XRPUSDT', b: levels(1, 100), a: levels(20, 112) },
    };
  });
  const text = messages.map((message) => JSON.stringify(message)).join('\n');
  const rows = await all(t, '2024-12-01_XRPUSDT_ob500.data.zip', text, { vendor: 'bybit' });
  const expected = slowTops(messages);
  assert.ok(expected.length > 100, `${expected.length} rows are few`);
  assert.deepEqual(rows.get('bybit/XRPUSDT/bookTop'), expected);
});

test('Bybit ob500: a line that is no message is named', async (t) => {
  const folder = freshFolder(t);
  const text =
    '{"topic":"orderbook.500.X","type":"snapshot","ts":1,"data":{"s":"X","b":[],"a":[]}}\n{"topic"';
  const files = [await writeFileAs(join(folder, 'x.data'), text)];
  const error = await refusal({ vendor: 'bybit', files, out: join(folder, 'out') });
  assert.deepEqual([error.code, error.place.row], ['DATA_SCHEMA', 2]);
});

test('freqtrade: feather compressed by LZ4, as pyarrow writes it', async (t) => {
  const folder = freshFolder(t);
  const place = join(folder, 'user_data/data/binance/futures');
  mkdirSync(place, { recursive: true });
  const name = 'BTC_USDT_USDT-5m-futures.feather';
  copyFileSync(join(import.meta.dirname, '../../support', name), join(place, name));
  const made = await imported({ vendor: 'freqtrade', files: [join(place, name)], out: join(folder, 'out') });
  const rows = await rowsIn(made.get('binance-um/BTCUSDT/candles-5m')!.folder);
  // 240 rows from 1653000000000 in steps of five minutes, all alike but for the last close and volume
  const bar = {
    time: 1653000000000000,
    open: 29000.5,
    high: 29010.1,
    low: 28990.3,
    close: 29000.5,
    volume: 12.345,
  };
  assert.equal(rows.length, 240);
  assert.deepEqual(rows[0], bar);
  assert.deepEqual(rows[238], { ...bar, time: 1653071400000000 });
  assert.deepEqual(rows[239], { ...bar, time: 1653071700000000, close: 29003.7, volume: 0.1 });
});

test('freqtrade: the funding rate stands in the column open; marks have no volume; gzipped JSON', async (t) => {
  const folder = freshFolder(t);
  const place = (name: string): string => join(folder, 'data/okx/futures', name);
  const files = [
    await writeFileAs(
      place('BTC_USDT_USDT-8h-funding_rate.json.gz'),
      '[[1653004800000,0.0001,0,0,0,0],[1653033600000,-2.5e-05,0,0,0,0]]',
    ),
    await writeFileAs(place('BTC_USDT_USDT-1h-mark.json'), '[[1653004800000,29000,29100.5,28900,29050,0.0]]'),
  ];
  const made = await imported({ vendor: 'freqtrade', files, out: join(folder, 'out') });
  assert.deepEqual(await rowsIn(made.get('okx/BTCUSDT/funding')!.folder), [
    { time: 1653004800000000, rate: 0.0001 },
    { time: 1653033600000000, rate: -0.000025 },
  ]);
  assert.deepEqual(await rowsIn(made.get('okx/BTCUSDT/mark-candles-1h')!.folder), [
    { time: 1653004800000000, open: 29000, high: 29100.5, low: 28900, close: 29050 },
  ]);
});

test('freqtrade: spot, coin-margined, trades, and a folder that does not say the exchange', async (t) => {
  const given = { vendor: 'freqtrade' };
  const candle = '[[1653004800000,29000,29100,28900,29050,1.5]]';
  const spot = await all(t, 'data/binance/BTC_USDT-1h.json', candle, given);
  assert.deepEqual([...spot.keys()], ['binance-spot/BTCUSDT/candles-1h']);
  const coin = await all(t, 'data/binance/futures/BTC_USD_BTC-1h-futures.json', candle, given);
  assert.deepEqual([...coin.keys()], ['binance-cm/BTCUSD/candles-1h']);
  const trades = await all(
    t,
    'BTC_USDT-trades.json',
    '[[1653004800001,"x9","","sell",29000.5,0.25,7250.125]]',
    {
      ...given,
      options: { venue: 'kraken' },
    },
  );
  assert.deepEqual(trades.get('kraken-spot/BTCUSDT/trades'), [
    { time: 1653004800001000, price: 29000.5, qty: 0.25, side: 'sell', id: 'x9' },
  ]);
  const folder = freshFolder(t);
  const files = [await writeFileAs(join(folder, 'BTC_USDT-1h.json'), candle)];
  assert.match((await refusal({ ...given, files, out: join(folder, 'out') })).remedy, /venue=binance/);
});

const fill = (user: string, over: Record<string, unknown>): [string, Record<string, unknown>] => [
  user,
  {
    coin: 'BTC',
    px: '106427.0',
    sz: '0.5',
    side: 'A',
    time: 1760130964831,
    startPosition: '0.5',
    dir: 'Close Long',
    closedPnl: '-1.5',
    crossed: true,
    fee: '0.1',
    tid: 1,
    ...over,
  },
];
const FORCED = { liquidatedUser: '0xbb', markPx: '106400', method: 'market' };
/** A plain trade, a liquidation order with its maker, and a winner deleveraged against a loser. */
const FILLS = [
  fill('0xaa', { side: 'B', dir: 'Open Long', tid: 1 }),
  fill('0xcc', { crossed: false, dir: 'Open Short', tid: 1 }),
  fill('0xbb', { sz: '2.0', px: '106300', tid: 2, time: 1760130964900, liquidation: FORCED }),
  fill('0xdd', {
    sz: '2.0',
    px: '106300',
    side: 'B',
    crossed: false,
    tid: 2,
    time: 1760130964900,
    liquidation: FORCED,
  }),
  fill('0xee', {
    sz: '3.0',
    side: 'B',
    dir: 'Auto-Deleveraging',
    tid: 3,
    time: 1760130965000,
    liquidation: FORCED,
  }),
  fill('0xbb', { sz: '3.0', dir: 'Auto-Deleveraging', tid: 3, time: 1760130965000, liquidation: FORCED }),
  fill('0xaa', { coin: 'ETH', tid: 4 }),
];

test('Hyperliquid: fills of its nodes are trades, liquidations and auto-deleveraging, each once', async (t) => {
  const lines = FILLS.map((one) => JSON.stringify(one)).join('\n');
  const blocks = `${JSON.stringify({ block: 1, events: FILLS.slice(0, 3) })}\n${JSON.stringify({ block: 2, events: FILLS.slice(3) })}`;
  for (const text of [lines, blocks]) {
    const rows = await all(t, 'node_fills/20251010/21', text, { vendor: 'hyperliquid', symbol: 'BTC' });
    assert.deepEqual(rows.get('hyperliquid/BTC/trades'), [
      { time: 1760130964831000, price: 106427, qty: 0.5, side: 'buy', id: 1 },
      { time: 1760130964900000, price: 106300, qty: 2, side: 'sell', id: 2 },
    ]);
    assert.deepEqual(rows.get('hyperliquid/BTC/liquidations'), [
      { time: 1760130964900000, side: 'sell', qty: 2, price: 106300, account: '0xbb' },
    ]);
    assert.deepEqual(rows.get('hyperliquid/BTC/autoDeleveraging'), [
      { time: 1760130965000000, side: 'buy', qty: 3, price: 106427, account: '0xee' },
    ]);
  }
});

test('Hyperliquid: fills of every coin need a symbol; a coin without liquidations is fine', async (t) => {
  const text = FILLS.map((one) => JSON.stringify(one)).join('\n');
  const rows = await all(t, 'fills', text, { vendor: 'hyperliquid', symbol: 'ETH' });
  assert.deepEqual([...rows.keys()], ['hyperliquid/ETH/trades']);
  const folder = freshFolder(t);
  const files = [await writeFileAs(join(folder, 'fills'), text)];
  assert.match(
    (await refusal({ vendor: 'hyperliquid', files, out: join(folder, 'o') })).remedy,
    /--symbol BTC/,
  );
});

test('messages: closed bars of a combined stream, the last mark of an instant, cut-off lines told', async (t) => {
  const folder = freshFolder(t);
  const bar = {
    t: 1621425600000,
    s: 'BTCUSDT',
    i: '1m',
    o: '1',
    c: '2',
    h: '3',
    l: '0.5',
    v: '10',
    n: 4,
    V: '6',
  };
  const mark = (p: string): string =>
    JSON.stringify({ e: 'markPriceUpdate', E: 1621425600000, s: 'BTCUSDT', p, i: '9' });
  const lines = [
    'wss://fstream.binance.com/stream <-> 1621425599.9',
    `1621425601.1: ${JSON.stringify({ stream: 'x', data: { e: 'kline', s: 'BTCUSDT', k: { ...bar, x: false } } })}`,
    `1621425660.1: ${JSON.stringify({ stream: 'x', data: { e: 'kline', s: 'BTCUSDT', k: { ...bar, x: true } } })}`,
    `1621425660.2: ${mark('10')}`,
    `1621425660.3: ${mark('11')}`,
    '1621425660.4: {"e":"markPri',
  ];
  const files = [await writeFileAs(join(folder, 'capture.txt'), lines.join('\n'))];
  const made = await imported({ vendor: 'messages', files, out: join(folder, 'out') });
  assert.deepEqual(await rowsIn(made.get('binance-um/BTCUSDT/candles-1m')!.folder), [
    { time: 1621425600000000, open: 1, high: 3, low: 0.5, close: 2, volume: 10, buyVolume: 6, trades: 4 },
  ]);
  const marks = made.get('binance-um/BTCUSDT/mark')!;
  assert.deepEqual(await rowsIn(marks.folder), [{ time: 1621425600000000, price: 11, index: 9 }]);
  assert.deepEqual(metadataIn(marks.folder).dropped, { 'an earlier message of the same instant': 1 });
  assert.match(marks.notes.join(), /1 lines are no whole message/);
});

test('messages: a file is asked for one symbol, and says which it has', async (t) => {
  const trade = (s: string): string =>
    JSON.stringify({ e: 'aggTrade', s, p: '1', q: '2', a: 1, T: 1621425600000, m: true });
  const text = `${trade('AAAUSDT')}\n${trade('BBBUSDT')}\n`;
  const rows = await all(t, 'x.ndjson', text, {
    vendor: 'messages',
    symbol: 'BBBUSDT',
    options: { market: 'cm' },
  });
  assert.deepEqual([...rows.keys()], ['binance-cm/BBBUSDT/aggTrades']);
  const folder = freshFolder(t);
  const files = [await writeFileAs(join(folder, 'x.ndjson'), text)];
  const error = await refusal({ vendor: 'messages', files, out: join(folder, 'out'), symbol: 'CCC' });
  assert.match(`${error.message} ${error.remedy}`, /nothing of CCC.*AAAUSDT, BBBUSDT/);
});

test('Binance: klines as the API answers, an array of arrays', async (t) => {
  const text =
    '[[1759276800000,"114048.94","114308.0","113966.67","114239.53","434.59",1759280399999,"49594240.07",99955,"212.2","24221831.4","0"]]';
  const rows = await all(t, 'x.json', text, {
    vendor: 'binance-vision',
    symbol: 'BTCUSDT',
    options: { market: 'spot' },
  });
  assert.deepEqual(rows.get('binance-spot/BTCUSDT/candles-1h'), [
    {
      ...{ time: 1759276800000000, open: 114048.94, high: 114308, low: 113966.67, close: 114239.53 },
      ...{ volume: 434.59, buyVolume: 212.2, trades: 99955 },
    },
  ]);
});
