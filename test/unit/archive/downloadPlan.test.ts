/** Which files of an archive a wish means: paths, months and days, names that are none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Wish } from '../../../src/archive/download/archive.ts';
import { archiveNamed } from '../../../src/archive/download/archives.ts';
import { ReplayError } from '../../../src/basics/errors.ts';
import { parseInstant } from '../../../src/basics/instant.ts';

const wish = (over: Partial<Omit<Wish, 'fromUs' | 'untilUs'>> & { from?: string; until?: string }): Wish => ({
  symbols: ['BTCUSDT'],
  kinds: ['aggTrades'],
  intervals: ['1m'],
  market: 'um',
  fromUs: parseInstant(over.from ?? '2021-05-19'),
  untilUs: parseInstant(over.until ?? '2021-05-20'),
  ...over,
});

const paths = (archive: string, over: Parameters<typeof wish>[0]): string[] =>
  archiveNamed(archive)
    .filesOf(wish(over))
    .map((file) => file.path);

test('files lie where the archives have them', () => {
  // the addresses that binance-public-data's README and python helpers, and collectors of the other two, show
  assert.deepEqual(paths('binance-vision', {}), [
    'data/futures/um/daily/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2021-05-19.zip',
  ]);
  assert.deepEqual(
    paths('binance-vision', { market: 'spot', kinds: ['klines', 'trades'], intervals: ['1h'] }),
    [
      'data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2021-05-19.zip',
      'data/spot/daily/trades/BTCUSDT/BTCUSDT-trades-2021-05-19.zip',
    ],
  );
  assert.deepEqual(
    paths('binance-vision', {
      market: 'cm',
      symbols: ['BTCUSD_PERP'],
      kinds: ['markPriceKlines', 'indexPriceKlines', 'liquidationSnapshot'],
    }),
    [
      'data/futures/cm/daily/markPriceKlines/BTCUSD_PERP/1m/BTCUSD_PERP-1m-2021-05-19.zip',
      'data/futures/cm/daily/indexPriceKlines/BTCUSD/1m/BTCUSD-1m-2021-05-19.zip',
      'data/futures/cm/daily/liquidationSnapshot/BTCUSD_PERP/BTCUSD_PERP-liquidationSnapshot-2021-05-19.zip',
    ],
  );
  assert.deepEqual(paths('bitmex', { kinds: ['trade', 'quote'], symbols: [] }), [
    'data/trade/20210519.csv.gz',
    'data/quote/20210519.csv.gz',
  ]);
  assert.deepEqual(paths('bybit', { kinds: ['trading', 'spot'] }), [
    'trading/BTCUSDT/BTCUSDT2021-05-19.csv.gz',
    'spot/BTCUSDT/BTCUSDT_2021-05-19.csv.gz',
  ]);
});

test('whole months are months, the rest days', () => {
  const found = archiveNamed('binance-vision').filesOf(wish({ from: '2021-01-30', until: '2021-03-03' }));
  const dates = found.map((file) => /\d{4}-\d\d(-\d\d)?(?=\.zip)/.exec(file.path)![0]);
  assert.deepEqual(dates, ['2021-01-30', '2021-01-31', '2021-02', '2021-03-01', '2021-03-02']);
  const february = found[2]!;
  assert.match(
    february.path,
    /^data\/futures\/um\/monthly\/aggTrades\/BTCUSDT\/BTCUSDT-aggTrades-2021-02\.zip$/,
  );
  assert.equal(february.days.length, 28);
  assert.equal(february.instead!.length, 28);
  assert.equal(february.instead![27]!.month, february.path);
  assert.match(found[0]!.month!, /monthly\/.*2021-01\.zip$/);
});

test('what the archive has by the month or by the day only is asked for so', () => {
  const dates = (over: Parameters<typeof wish>[0]): string[] =>
    paths('binance-vision', over).map((path) =>
      path.replace(/^.*\/(daily|monthly)\/.*?(\d{4}-[\d-]+)\.zip$/, '$1 $2'),
    );
  assert.deepEqual(dates({ kinds: ['fundingRate'] }), ['monthly 2021-05']);
  assert.deepEqual(dates({ kinds: ['klines'], intervals: ['1w'] }), ['monthly 2021-05']);
  const metrics = dates({ kinds: ['metrics'], from: '2021-02-01', until: '2021-03-01' });
  assert.deepEqual(
    [metrics.length, metrics[0], metrics.at(-1)],
    [28, 'daily 2021-02-01', 'daily 2021-02-28'],
  );
});

test('hours count as their days, a leap day is one', () => {
  const days = archiveNamed('bitmex')
    .filesOf(wish({ kinds: ['trade'], from: '2020-02-28T10:00Z', until: '2020-03-01T00:01Z' }))
    .flatMap((file) => file.days);
  assert.deepEqual(days, ['2020-02-28', '2020-02-29', '2020-03-01']);
});

test('a name that is none is refused with the nearest', () => {
  const cases: [archive: string, over: Parameters<typeof wish>[0], told: RegExp][] = [
    ['binance-visoin', {}, /unknown archive binance-visoin.*Did you mean binance-vision\?/],
    ['binance-vision', { kinds: ['aggtrade'] }, /unknown kind aggtrade.*Did you mean aggTrades\?/],
    ['binance-vision', { intervals: ['1M'], kinds: ['klines'] }, /unknown interval 1M.*Did you mean/],
    ['binance-vision', { market: 'usdm' }, /unknown market usdm.*Known: spot, um, cm/],
    ['binance-vision', { market: 'spot', kinds: ['metrics'] }, /spot has no metrics.*um or cm/],
    ['binance-vision', { symbols: ['btcusdt'] }, /no symbol: btcusdt.*BTCUSDT/],
    ['binance-vision', { symbols: ['../../x'] }, /no symbol/],
    ['bybit', { symbols: [], kinds: ['trading'] }, /no symbol.*--symbol/],
    ['bitmex', { kinds: ['trades'] }, /Did you mean trade\?/],
  ];
  for (const [archive, over, told] of cases)
    assert.throws(
      () => paths(archive, over),
      (error) =>
        error instanceof ReplayError &&
        error.code === 'SCENARIO_INVALID' &&
        told.test(`${error.message} ${error.remedy}`),
      `${archive} ${JSON.stringify(over)}`,
    );
});
