/** The doctor against faults that only another series shows: clocks, units of price and volume, spikes. */
import {
  type Case,
  at,
  HOUR,
  of,
  planted,
  scaled,
  shifted,
  when,
  within,
} from '../../support/plantedFaults.ts';

const ALPHA = 'alpha perp BTCUSDT trade';
const MARK = 'alpha perp BTCUSDT mark';
const BETA = 'beta perp';
const GAMMA = 'gamma spot';

const FAULTS: readonly Case[] = [
  {
    what: 'one close thirty per cent too high',
    fault: { file: 'candles', replace: scaled(at(700), '1.3', ['high', 'close']) },
    problem: 'outliers',
    series: ALPHA,
    row: 700,
    count: 1,
  },
  {
    what: 'one high thirty per cent too high',
    fault: { file: 'candles', replace: scaled(at(700), '1.3', ['high']) },
    problem: 'wick',
    series: ALPHA,
    row: 700,
    severity: 'note',
  },
  {
    what: 'a clock seven minutes late',
    fault: shifted('beta', 7 * 60_000),
    problem: 'clockOffset',
    series: BETA,
    remedy: /--offset -7m/,
  },
  {
    what: 'a file stamped UTC+8',
    fault: shifted('beta', 8 * HOUR),
    problem: 'timeZone',
    series: BETA,
    says: /UTC\+8/,
    remedy: /--offset -8h/,
  },
  {
    what: 'a file stamped UTC-5, of another bar length than the rest',
    fault: shifted('delta', -5 * HOUR),
    problem: 'timeZone',
    series: 'delta',
    remedy: /--offset 5h/,
  },
  { what: 'bars stamped with their end', fault: shifted('gamma', 60_000), problem: 'binEnd', series: GAMMA },
  {
    what: 'hourly bars stamped with their end',
    fault: shifted('epsilon', HOUR),
    problem: 'binEnd',
    series: 'epsilon',
    remedy: /--offset -1h/,
  },
  {
    what: 'prices in cents',
    fault: { file: 'candles', replace: scaled(of('gamma'), '100') },
    problem: 'priceUnit',
    series: GAMMA,
    says: /factor 1\/100/,
  },
  {
    what: 'prices upside down',
    fault: {
      file: 'candles',
      replace: {
        open: when(of('gamma'), '1 / open', 'open'),
        high: when(of('gamma'), '1 / low', 'high'),
        low: when(of('gamma'), '1 / high', 'low'),
        close: when(of('gamma'), '1 / close', 'close'),
      },
    },
    problem: 'invertedPrice',
    series: GAMMA,
  },
  {
    what: 'prices of another asset',
    fault: { file: 'candles', replace: scaled(of('gamma'), '0.07') },
    problem: 'wrongSymbol',
    series: GAMMA,
  },
  {
    what: 'another dollar under the same name',
    fault: { file: 'candles', replace: scaled(of('beta'), '1.01') },
    problem: 'quoteMix',
    series: BETA,
  },
  {
    what: 'volume in dollars',
    fault: { file: 'candles', replace: { volume: when(of('alpha'), 'volume * close', 'volume') } },
    problem: 'volumeUnit',
    series: ALPHA,
    remedy: /qtyUnit: quote/,
  },
  {
    what: 'volume columns swapped in the first twelve hours',
    fault: { file: 'candles', replace: { volume: when(within(5761, 6480), 'volume * close', 'volume') } },
    problem: 'volumeSwitch',
    series: GAMMA,
    count: 12,
    minute: 0,
  },
  {
    what: 'a mark that stands still for ten hours',
    fault: {
      file: 'candles',
      replace: Object.fromEntries(
        ['open', 'high', 'low', 'close'].map((name) => [
          name,
          when(within(9865, 10_464), '(SELECT c.close FROM clean c WHERE c.k = 9864)', name),
        ]),
      ),
    },
    problem: 'stale',
    series: MARK,
    row: 9864, // the bar whose close is carried
    count: 601,
    minute: 599,
  },
  {
    what: 'the same series from two files',
    fault: {
      file: 'candles',
      add: `SELECT * REPLACE ('copy.parquet' AS source_file, k + 20000 AS k) FROM clean WHERE ${of('epsilon')}`,
    },
    problem: 'copies',
    series: 'epsilon',
    count: 48,
    severity: 'note',
  },
  {
    what: 'the same series from two files that differ in one bar',
    fault: {
      file: 'candles',
      add: `SELECT * REPLACE ('other.parquet' AS source_file, k + 20000 AS k, ${when(at(9220), 'close * 1.001', 'close')} AS close,
        ${when(at(9220), 'greatest(high, close * 1.001)', 'high')} AS high) FROM clean WHERE ${of('epsilon')}`,
    },
    problem: 'conflicts',
    series: 'other.parquet',
    count: 1,
    minute: 180,
  },
];

planted(FAULTS, []);
