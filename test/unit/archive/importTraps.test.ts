/**
 * The traps of vendors' formats that are known, one test each: what is in the file and what must stand
 * in the archive. Rows are short and made up in the vendor's format; values are read off them by eye.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  imported,
  importedOne as one,
  refusal,
  type Row,
  rowsIn,
  writeFileAs,
} from '../../support/importing.ts';
import { freshFolder } from '../../support/parquet.ts';

const times = (rows: readonly Row[]): unknown[] => rows.map(({ time }) => time);
const column = (rows: readonly Row[], name: string): unknown[] => rows.map((row) => row[name]);

const BITMEX_TRADES =
  'timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional';

test('BitMEX: the archive separates date and time by a D, and has all symbols in one file', async (t) => {
  const text = `${BITMEX_TRADES}
2018-11-27D00:00:01.123456789,XBTUSD,Buy,100,3780.5,PlusTick,aaaa,1,1,100
2018-11-27D00:00:01.200000000,ETHUSD,Sell,5,108.4,PlusTick,bbbb,1,1,5
2018-11-27D00:00:02.000000000,XBTUSD,Sell,200,3780,MinusTick,cccc,1,1,200
`;
  const { rows, metadata } = await one(t, '20181127.csv.gz', text, { vendor: 'bitmex', symbol: 'XBTUSD' });
  // day 17862: 17862 * 86400 + 1.123456
  assert.deepEqual(rows, [
    { time: 1543276801123456, price: 3780.5, qty: 100, side: 'buy', id: 'aaaa' },
    { time: 1543276802000000, price: 3780, qty: 200, side: 'sell', id: 'cccc' },
  ]);
  assert.deepEqual(metadata.dropped, { 'another symbol': 1 });
  assert.equal(metadata.qtyUnit, 'contracts');
  const folder = freshFolder(t);
  const files = [await writeFileAs(join(folder, '20181127.csv.gz'), text)];
  const error = await refusal({ vendor: 'bitmex', files, out: join(folder, 'out') });
  assert.match(`${error.message} ${error.remedy}`, /2 symbols in one file.*--symbol/);
});

test('BitMEX: a bucket is stamped with its end, and its open is the close before', async (t) => {
  const bin = (stamp: string, open: number, low: number, high: number, close: number): unknown => ({
    ...{ timestamp: stamp, symbol: 'XBTUSD', open, high, low, close, trades: 3, volume: 300, vwap: close },
  });
  // the second bucket opens at 7000, the close before, although nothing traded above 6990
  const text = JSON.stringify([
    bin('2020-03-12T10:01:00.000Z', 7010, 6995, 7010, 7000),
    bin('2020-03-12T10:02:00.000Z', 7000, 6980, 6990, 6985),
  ]);
  const { key, rows } = await one(t, 'bins.json', text, { vendor: 'bitmex' });
  assert.equal(key, 'bitmex/XBTUSD/candles-1m');
  // day 18333: 18333 * 86400 + 10 * 3600
  assert.deepEqual(times(rows), [1584007200000000, 1584007260000000]);
  assert.deepEqual(
    [column(rows, 'open'), column(rows, 'high')],
    [
      [7010, 7000],
      [7010, 6990],
    ],
  );
});

test('BitMEX: an empty bucket is absent, a bucket without volume stays', async (t) => {
  const text =
    '[{"timestamp":"2020-03-13T02:22:00.000Z","symbol":"XBTUSD","open":4000,"high":4000,"low":4000,"close":4000,"trades":0,"volume":0,"vwap":null},' +
    '{"timestamp":"2020-03-13T02:23:00.000Z","symbol":"XBTUSD","open":null,"high":null,"low":null,"close":null,"trades":0,"volume":0,"vwap":null}]';
  const { rows, metadata } = await one(t, 'bins.json', text, { vendor: 'bitmex' });
  assert.deepEqual(column(rows, 'volume'), [0]);
  assert.deepEqual(metadata.dropped, { 'empty bucket': 1 });
});

const TICKER =
  'exchange,symbol,timestamp,local_timestamp,funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,index_price,mark_price';

test('Tardis: the rate of a funding stamp is that of the last ticker before it; an empty cell is no value', async (t) => {
  const text = `${TICKER}
bitmex,XBTUSD,1584000000000000,1584000000100000,1584014400000000,0.0001,,100,7000,7001,7002
bitmex,XBTUSD,1584010000000000,1584010000100000,1584014400000000,0.0003,,,,,7003
bitmex,XBTUSD,1584014399000000,1584014399100000,1584014400000000,-0.00375,,101,7000,,
bitmex,XBTUSD,1584014401000000,1584014401100000,1584014400000000,0.5,,,,,7004
`;
  const { rows, metadata } = await one(t, 'bitmex_derivative_ticker_2020-03-12_XBTUSD.csv.gz', text, {
    vendor: 'tardis',
    series: 'funding',
  });
  assert.deepEqual(rows, [{ time: 1584014400000000, rate: -0.00375 }]);
  assert.deepEqual(metadata.dropped, {
    'ticker after its funding stamp': 1,
    'an earlier ticker of the same funding stamp': 2,
  });
  assert.equal(metadata.conflicts, 0);
  const marks = await one(t, 'bitmex_derivative_ticker_2020-03-12_XBTUSD.csv.gz', text, {
    vendor: 'tardis',
    series: 'mark',
  });
  assert.deepEqual(column(marks.rows, 'price'), [7002, 7003, 7004]);
  assert.deepEqual(marks.metadata.dropped, { 'empty cell': 1 });
});

test('Tardis: a file is in order of local_timestamp, the archive in order of time', async (t) => {
  const text = `exchange,symbol,timestamp,local_timestamp,id,side,price,amount
deribit,BTC-PERPETUAL,1584000000200000,1584000000300000,b,sell,7001,20
deribit,BTC-PERPETUAL,1584000000100000,1584000000400000,a,buy,7000,10
`;
  const { rows, metadata } = await one(t, 'trades.csv', text, {
    vendor: 'tardis',
    options: { qtyUnit: 'quote' },
  });
  assert.deepEqual(column(rows, 'id'), ['a', 'b']);
  assert.deepEqual([metadata.sorted, metadata.qtyUnit], [true, 'quote']);
});

test('Tardis: an empty gzip is a day without data, a file of 0 bytes too', async (t) => {
  const folder = freshFolder(t);
  const head = 'exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\n';
  const files = [
    await writeFileAs(join(folder, 'quotes_2020-03-11.csv.gz'), ''),
    await writeFileAs(
      join(folder, 'quotes_2020-03-12.csv.gz'),
      `${head}bitmex,XBTUSD,1584000000000000,1584000000100000,5,7000.5,7000,6\n`,
    ),
    await writeFileAs(join(folder, 'quotes_2020-03-13.csv'), ''),
  ];
  const made = await imported({ vendor: 'tardis', files, out: join(folder, 'out') });
  const rows = await rowsIn(made.get('bitmex/XBTUSD/bookTop')!.folder);
  assert.deepEqual(rows, [{ time: 1584000000000000, bid: 7000, ask: 7000.5, bidQty: 6, askQty: 5 }]);
  const error = await refusal({ vendor: 'tardis', files: [files[0]!], out: join(folder, 'none') });
  assert.deepEqual([error.code, error.message], ['DATA_MISSING', 'the file is empty']);
});

test('Tardis: liquidations have the columns of trades, and equal ones are two', async (t) => {
  const row = 'bitmex,XBTUSD,1584000000000000,1584000000100000,,sell,7000,100';
  const text = `exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n${row}\n${row}\n`;
  const { key, rows } = await one(t, 'bitmex_liquidations_2020-03-12_XBTUSD.csv.gz', text, {
    vendor: 'tardis',
  });
  assert.equal(key, 'bitmex/XBTUSD/liquidations');
  assert.deepEqual(rows, Array(2).fill({ time: 1584000000000000, side: 'sell', qty: 100, price: 7000 }));
});

test('Bybit: seconds with a fraction in a float column, to the microsecond', async (t) => {
  const text = `${BITMEX_TRADES}\n1583971199.583375,BTCUSD,Sell,1500,7900.5,ZeroMinusTick,x1,1,1,1\n1583971200.0001,BTCUSD,Buy,2,7901,PlusTick,x2,1,1,1\n`;
  const { key, rows, metadata } = await one(t, 'BTCUSD2020-03-12.csv.gz', text, { vendor: 'bybit' });
  assert.equal(key, 'bybit/BTCUSD/trades');
  assert.deepEqual(times(rows), [1583971199583375, 1583971200000100]);
  assert.equal(metadata.qtyUnit, 'contracts');
});

test('Kraken: no head line, seconds, and bars without a trade are absent', async (t) => {
  const { key, rows } = await one(
    t,
    'XBTUSD_60.csv',
    '1584007200,7000,7010,6990,7005,1E+1,6\n1584014400,6900,6900,6900,6900,0.5,1\n',
    {
      vendor: 'kraken',
    },
  );
  assert.equal(key, 'kraken/XBTUSD/candles-1h');
  assert.deepEqual(times(rows), [1584007200000000, 1584014400000000]);
  assert.deepEqual(column(rows, 'volume'), [10, 0.5]);
});

test('CryptoDataDownload: seconds and milliseconds in one file, newest first, below a banner', async (t) => {
  const text = `https://www.CryptoDataDownload.com
unix,date,symbol,open,high,low,close,Volume BTC,Volume USD
1609462800000,2021-01-01 01:00:00,BTC/USD,29000,29100,28900,29050,2,58100
1609459200,2021-01-01 00:00:00,BTC/USD,28900,29000,28800,29000,3,87000
`;
  const { rows, metadata } = await one(t, 'Bitfinex_BTCUSD_1h.csv', text, { vendor: 'cryptodatadownload' });
  assert.deepEqual(times(rows), [1609459200000000, 1609462800000000]);
  assert.equal(metadata.sorted, true);
});

test('CryptoDataDownload: volume columns change places, from file to file and from row to row', async (t) => {
  const text = `unix,date,symbol,open,high,low,close,Volume USD,Volume BTC
1609459200,2021-01-01 00:00:00,BTC/USD,28900,29000,28800,29000,87000,3
1609462800,2021-01-01 01:00:00,BTC/USD,29000,29100,28900,29050,2,58100
`;
  const { rows } = await one(t, 'Gemini_BTCUSD_1h.csv', text, { vendor: 'cryptodatadownload' });
  assert.deepEqual(column(rows, 'volume'), [3, 2]);
});

test('CryptoDataDownload: a price near 1 swaps nothing', async (t) => {
  const text = `unix,date,symbol,open,high,low,close,Volume USDC,Volume USD
1609459200,2021-01-01 00:00:00,USDC/USD,1,1,0.9,0.95,1000,950
`;
  const { rows } = await one(t, 'Gemini_USDCUSD_1h.csv', text, { vendor: 'cryptodatadownload' });
  assert.deepEqual(column(rows, 'volume'), [1000]);
});

test('CryptoDataDownload: a stamp that a spreadsheet rounded gives way to the date beside it', async (t) => {
  const text = `unix,date,symbol,open,high,low,close,Volume BTC,Volume USD
1.61888E+12,2021-04-20 01:07:00,BTC/USD,55000,55000,55000,55000,1,55000
1618880880000,2021-04-20 01:08:00,BTC/USD,55001,55001,55001,55001,1,55001
`;
  const { rows } = await one(t, 'Gemini_BTCUSD_2020_1m.csv'.replace('_2020', ''), text, {
    vendor: 'cryptodatadownload',
  });
  // day 18737: 18737 * 86400 + 67 * 60
  assert.deepEqual(times(rows), [1618880820000000, 1618880880000000]);
});

test('a file of UTC+8 is moved by an offset, which the metadata say', async (t) => {
  const { rows, metadata } = await one(t, 'XBTUSD_60.csv', '1584036000,7000,7010,6990,7005,1,6\n', {
    vendor: 'kraken',
    offsetUs: -8 * 3600 * 1e6,
  });
  assert.deepEqual(times(rows), [1584007200000000]);
  assert.equal(metadata.timeOffsetUs, -28800000000);
});

test('contracts, coins and dollars: the unit of quantities is said, never guessed from the numbers', async (t) => {
  const text = 'time,open,high,low,close,volume\n1584007200,7000,7010,6990,7005,350000\n';
  const { metadata } = await one(t, 'ftx.csv', text, {
    vendor: 'csv',
    symbol: 'BTCUSD',
    options: {
      ...{ kind: 'candles', venue: 'ftx', interval: '1h', qtyUnit: 'quote', unit: 's' },
      ...{ time: 'time', open: 'open', high: 'high', low: 'low', close: 'close', volume: 'volume' },
    },
  });
  assert.equal(metadata.qtyUnit, 'quote');
});
