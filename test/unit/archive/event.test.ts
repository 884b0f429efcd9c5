/** What `cascade event new` chooses from series at hand, and what it says of those that are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseOf, choose, quoteOf, type Wanted } from '../../../src/archive/event/choose.ts';
import type { Found } from '../../../src/archive/event/inventory.ts';
import { missingData } from '../../../src/archive/event/missing.ts';
import { readRules } from '../../../src/rules/readRules.ts';

const DAY = 86_400_000;
const FROM = Date.UTC(2021, 4, 19);
const wanted: Wanted = { venue: 'binance', symbol: 'BTCUSDT', fromMs: FROM, untilMs: FROM + DAY };

/** A series of bars that covers the day and 40 days before, whole. */
const bars = (over: Partial<Found>): Found => {
  const intervalMs = over.intervalMs ?? 3_600_000;
  return {
    venue: 'binance',
    market: 'perp',
    symbol: 'BTCUSDT',
    priceType: 'trade',
    kind: 'candles',
    intervalMs,
    fromMs: FROM - 40 * DAY,
    untilMs: FROM + 2 * DAY,
    rows: DAY / intervalMs,
    qtyUnit: 'base',
    path: 'a.parquet',
    columns: {},
    filter: {},
    timeUnit: 'ms',
    source: '',
    ...over,
  };
};

test('symbols of one coin in every spelling', () => {
  for (const symbol of ['BTCUSDT', 'XBTUSD', 'BTC-USDT-SWAP', 'BTCUSD_PERP', 'BTC-PERPETUAL', 'BTC'])
    assert.equal(baseOf(symbol), 'BTC', symbol);
  assert.equal(baseOf('ETHUSD'), 'ETH');
  assert.deepEqual(['BTCUSDT', 'XBTUSD', 'BTC-USDT-SWAP'].map(quoteOf), ['USDT', 'USD', 'USDT']);
});

test('the finest series that covers the day: a file of other windows does not, nor one with half its bars', () => {
  const hourly = bars({});
  const elsewhere = bars({ intervalMs: 60_000, rows: 0, path: 'windows.parquet' });
  const half = bars({ intervalMs: 300_000, rows: 144, path: 'half.parquet' });
  const late = bars({ intervalMs: 900_000, fromMs: FROM + 1, path: 'late.parquet' });
  assert.equal(choose([elsewhere, half, late, hourly], wanted).perp, hourly);
  const trades = bars({ kind: 'trades', intervalMs: 0, rows: 1_000_000, path: 't.parquet' });
  assert.equal(choose([hourly, trades], wanted).perp, trades);
});

test('one constituent a spot venue, dollars only; a finer perpetual elsewhere times the bars', () => {
  const perp = bars({});
  const spot = (venue: string, over: Partial<Found> = {}) =>
    bars({ venue, market: 'spot', symbol: 'BTCUSD', ...over });
  const minute = spot('binance', { symbol: 'BTCUSDT', intervalMs: 60_000 });
  const found = [
    perp,
    minute,
    spot('binance', { symbol: 'BTCUSDT' }),
    spot('kraken', { symbol: 'XBTUSD' }),
    spot('binance', { symbol: 'ETHUSDT', intervalMs: 1000 }),
    spot('binance', { symbol: 'BTCEUR', intervalMs: 1000 }),
    bars({ venue: 'bitmex', symbol: 'XBTUSD', intervalMs: 60_000 }),
  ];
  const choice = choose(found, wanted);
  assert.deepEqual(
    choice.constituents.map((f) => `${f.venue} ${f.symbol} ${f.intervalMs}`),
    ['binance BTCUSDT 60000', 'kraken XBTUSD 3600000'],
  );
  assert.equal(choice.timing?.venue, 'bitmex');
  assert.equal(choose(found.slice(0, 6), wanted).timing, null);
});

test('thirty days before, from the series that reaches back furthest', () => {
  const short = bars({ fromMs: FROM - 3 * DAY });
  assert.equal(choose([short], wanted).daysBefore, 3);
  const choice = choose([short, bars({ path: 'long.parquet' })], wanted);
  assert.equal(choice.before?.path, 'long.parquet');
  assert.equal(choice.daysBefore, 30);
});

test('what is missing names the command that brings it, or that there is none', () => {
  const rules = readRules('bitmex-xbtusd@2020-03');
  const marketRules = rules.markets.XBTUSD!;
  const bitmex: Wanted = { venue: 'bitmex', symbol: 'XBTUSD', fromMs: FROM, untilMs: FROM + DAY };
  const choice = choose([bars({ venue: 'bitmex', symbol: 'XBTUSD', intervalMs: 60_000 })], bitmex);
  const missing = missingData(choice, { wanted: bitmex, rules, marketRules });
  const how = (start: string) => missing.find((m) => m.what.startsWith(start))?.how ?? 'not said';
  assert.equal(
    how('trades'),
    'cascade download bitmex --symbol XBTUSD --from 2021-05-19 --until 2021-05-20 --kinds trade',
  );
  assert.match(how('open interest'), /not in a public archive/);
  assert.match(how('spot prices of coinbase (weight 0.523)'), /import files of coinbase/);
});
