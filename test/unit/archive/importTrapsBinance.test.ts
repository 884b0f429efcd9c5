/**
 * The traps of Binance's archive that are known, one test each: what is in the file and what must stand
 * in the archive. Rows are short and made up in the vendor's format; values are read off them by eye.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { imported, importedOne as one, type Row, rowsIn, writeFileAs } from '../../support/importing.ts';
import { freshFolder } from '../../support/parquet.ts';

const column = (rows: readonly Row[], name: string): unknown[] => rows.map((row) => row[name]);

const KLINE = '1621425600000,41000,41100.5,40900,41050,12.5,1621425659999,512500,321,6.25,256250,0';
const HEAD =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore';
const BAR = {
  time: 1621425600000000,
  open: 41000,
  high: 41100.5,
  low: 40900,
  close: 41050,
  volume: 12.5,
  buyVolume: 6.25,
  trades: 321,
};

test('Binance: a head line appears only from 2022, and never on spot', async (t) => {
  for (const text of [`${KLINE}\n`, `${HEAD}\n${KLINE}\n`]) {
    const { rows } = await one(t, 'data/futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2021-05-19.zip', text, {
      vendor: 'binance-vision',
    });
    assert.deepEqual(rows, [BAR]);
  }
});

test('Binance: spot is in microseconds since 2025, in milliseconds before, also in one series', async (t) => {
  const folder = freshFolder(t);
  const place = join(folder, 'data/spot/daily/trades/BTCUSDT');
  const files = [
    await writeFileAs(
      join(place, 'BTCUSDT-trades-2024-12-31.zip'),
      '7,93000.5,0.1,9300.05,1735689599999,True,True\n',
    ),
    await writeFileAs(
      join(place, 'BTCUSDT-trades-2025-01-01.zip'),
      '8,93001.5,0.2,18600.3,1735689600010866,False,True\n',
    ),
  ];
  const made = await imported({ vendor: 'binance-vision', files, out: join(folder, 'out') });
  const rows = await rowsIn(made.get('binance-spot/BTCUSDT/trades')!.folder);
  assert.deepEqual(rows, [
    { time: 1735689599999000, price: 93000.5, qty: 0.1, side: 'sell', id: 7 },
    { time: 1735689600010866, price: 93001.5, qty: 0.2, side: 'buy', id: 8 },
  ]);
});

test('Binance: spot aggTrades end in a column more, whether the trade was the best match', async (t) => {
  const text = '0,0.2,50,0,0,1735689600010866,False,True\n1,0.21,3,1,2,1735689600010900,True,False\n';
  const { key, rows } = await one(t, 'spot/BTCUSDT-aggTrades-2025-01.zip', text, {
    vendor: 'binance-vision',
  });
  assert.equal(key, 'binance-spot/BTCUSDT/aggTrades');
  assert.deepEqual(column(rows, 'side'), ['buy', 'sell']);
  assert.deepEqual(column(rows, 'id'), [0, 1]);
});

test('Binance: COIN-M trades name baseQty where USD-M names quoteQty; quantities are contracts', async (t) => {
  const text = 'id,price,qty,base_qty,time,is_buyer_maker\n28457,9635.0,1,0.01037883,1591250192508,true\n';
  const { key, rows, metadata } = await one(t, 'cm/BTCUSD_PERP-trades-2020-06-04.csv', text, {
    vendor: 'binance-vision',
  });
  assert.equal(key, 'binance-cm/BTCUSD_PERP/trades');
  assert.deepEqual(rows, [{ time: 1591250192508000, price: 9635, qty: 1, side: 'sell', id: 28457 }]);
  assert.equal(metadata.qtyUnit, 'contracts');
});

test('Binance: mark, index and premium candles have the columns of candles and no volume', async (t) => {
  const flat = '1621425600000,41000,41100,40900,41050,0,1621425659999,0,60,0,0,0\n';
  for (const [folder, name] of [
    ['markPriceKlines', 'mark-candles-1m'],
    ['indexPriceKlines', 'index-candles-1m'],
    ['premiumIndexKlines', 'premium-candles-1m'],
  ] as const) {
    const path = `futures/um/daily/${folder}/BTCUSDT/1m/BTCUSDT-1m-2021-05-19.zip`;
    const { key, rows } = await one(t, path, flat, { vendor: 'binance-vision' });
    assert.equal(key, `binance-um/BTCUSDT/${name}`);
    assert.deepEqual(rows, [{ time: 1621425600000000, open: 41000, high: 41100, low: 40900, close: 41050 }]);
  }
});

test('Binance: funding stamps jitter by milliseconds, to either side', async (t) => {
  const text =
    'calc_time,funding_interval_hours,last_funding_rate\n1751328000007,8,0.0001\n1751356799998,8,-0.0002\n';
  const { rows } = await one(t, 'um/ETHUSDT-fundingRate-2025-07.zip', text, { vendor: 'binance-vision' });
  assert.deepEqual(rows, [
    { time: 1751328000000000, rate: 0.0001 },
    { time: 1751356800000000, rate: -0.0002 },
  ]);
});

const METRICS =
  'create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,' +
  'sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio';

test('Binance: metrics have times as text, and rows twice on some days', async (t) => {
  const row = '2020-09-01 00:00:00,BTCUSDT,100.5,1000000.25,1,1,1,1';
  const text = `${METRICS}\n${row}\n${row}\n2020-09-01 00:05:00,BTCUSDT,101,1000001,1,1,1,1\n`;
  const { rows, metadata } = await one(t, 'um/BTCUSDT-metrics-2020-09-01.zip', text, {
    vendor: 'binance-vision',
  });
  // day 18506: 18506 * 86400
  assert.deepEqual(rows, [
    { time: 1598918400000000, openInterest: 100.5, value: 1000000.25 },
    { time: 1598918700000000, openInterest: 101, value: 1000001 },
  ]);
  assert.deepEqual(metadata.dropped, { duplicate: 1 });
  assert.equal(metadata.conflicts, 0);
});

test('Binance: metrics of COIN-M have empty quoted fields; a value in coins is no quote', async (t) => {
  const rows = [
    '"2023-06-25 00:00:00","BTCUSD_PERP","8000","","","","",""',
    '"2023-06-25 00:05:00","BTCUSD_PERP","","","","","",""',
  ];
  const made = await one(t, 'cm/BTCUSD_PERP-metrics-2023-06-25.zip', `${METRICS}\n${rows.join('\n')}\n`, {
    vendor: 'binance-vision',
  });
  // day 19533
  assert.deepEqual(made.rows, [{ time: 1687651200000000, openInterest: 8000 }]);
  assert.deepEqual(made.metadata.dropped, { 'no open interest': 1 });
});

const SNAPSHOT =
  'time,side,order_type,time_in_force,original_quantity,price,average_price,order_status,last_fill_quantity,accumulated_fill_quantity';

test('Binance: every liquidation is written twice, and a true pair of equal ones stays a pair', async (t) => {
  const [a, b] = [
    '1687656471926,SELL,LIMIT,IOC,7,30741.3,30631.6,FILLED,6,7',
    '1687656473356,BUY,LIMIT,IOC,43,30756.6,30631.6,FILLED,1,43',
  ];
  const text = `${[SNAPSHOT, a, a, b, b, b, b].join('\n')}\n`;
  const { rows, metadata } = await one(t, 'cm/BTCUSD_PERP-liquidationSnapshot-2023-06-25.zip', text, {
    vendor: 'binance-vision',
  });
  assert.deepEqual(rows, [
    { time: 1687656471926000, side: 'sell', qty: 7, price: 30631.6 },
    { time: 1687656473356000, side: 'buy', qty: 43, price: 30631.6 },
    { time: 1687656473356000, side: 'buy', qty: 43, price: 30631.6 },
  ]);
  assert.deepEqual(
    [metadata.rowsIn, metadata.rowsOut, metadata.dropped],
    [6, 3, { 'second copy of a row': 3 }],
  );
});

test('Binance: a sell closed a long; the quantity is what the order filled in all', async (t) => {
  const text = `${SNAPSHOT}\n1687656471926,SELL,LIMIT,IOC,10,30741.3,30631.6,PARTIALLY_FILLED,2,6\n`;
  const { rows } = await one(t, 'cm/BTCUSD_PERP-liquidationSnapshot-2023-06-25.csv', text, {
    vendor: 'binance-vision',
  });
  assert.deepEqual(rows, [{ time: 1687656471926000, side: 'sell', qty: 6, price: 30631.6 }]);
});

test('two copies of one series: duplicates and contradictions are counted, the first stays', async (t) => {
  const folder = freshFolder(t);
  const bar = (ms: number, close: number): string =>
    `${ms},7000,7100,6900,${close},1,${ms + 59999},1,1,1,1,0\n`;
  const files = [
    await writeFileAs(
      join(folder, 'um/BTCUSDT-1m-2020-03-12.zip'),
      bar(1584007200000, 7001) + bar(1584007260000, 7002),
    ),
    await writeFileAs(
      join(folder, 'um/BTCUSDT-1m-2020-03.zip'),
      bar(1584007200000, 7001) + bar(1584007260000, 7003) + bar(1584007320000, 7004),
    ),
  ];
  const made = await imported({ vendor: 'binance-vision', files, out: join(folder, 'out') });
  const {
    folder: where,
    rowsIn: read,
    rowsOut,
    dropped,
    conflicts,
  } = made.get('binance-um/BTCUSDT/candles-1m')!;
  assert.deepEqual([read, rowsOut, dropped, conflicts], [5, 3, { duplicate: 2 }, 1]);
  // BTCUSDT-1m-2020-03-12.zip comes before BTCUSDT-1m-2020-03.zip: '-' before '.'
  assert.deepEqual(column(await rowsIn(where), 'close'), [7001, 7002, 7004]);
});
