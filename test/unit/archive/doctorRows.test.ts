/** The doctor against faults of rows and of the span of a series of candles. */
import { type Case, at, HOUR, of, planted, when, within } from '../../support/plantedFaults.ts';

const ALPHA = 'alpha perp BTCUSDT trade';
const BETA = 'beta perp';
const GAMMA = 'gamma spot';

const FAULTS: readonly Case[] = [
  {
    what: 'a row twice',
    fault: { file: 'candles', add: `SELECT * FROM clean WHERE ${at(100)}` },
    problem: 'duplicates',
    series: ALPHA,
    row: 101,
    count: 1,
    minute: 99,
  },
  {
    what: 'a row twice that says something else the second time',
    fault: { file: 'candles', add: `SELECT * REPLACE (volume + 1 AS volume) FROM clean WHERE ${at(100)}` },
    problem: 'conflicts',
    series: ALPHA,
    row: 101,
    count: 1,
  },
  {
    what: 'ten bars missing',
    fault: { file: 'candles', where: `NOT (${within(500, 509)})` },
    problem: 'gaps',
    series: ALPHA,
    row: 500,
    count: 10,
    minute: 498, // the bar before the hole: row 499
  },
  {
    what: 'two rows in the wrong order',
    fault: { file: 'candles', order: when(at(200), '201.5', 'k') },
    problem: 'disorder',
    series: ALPHA,
    row: 201,
    count: 1,
  },
  {
    what: 'a negative volume',
    fault: { file: 'candles', replace: { volume: when(at(50), '-volume', 'volume') } },
    problem: 'negativeVolume',
    series: ALPHA,
    row: 50,
    count: 1,
  },
  {
    what: 'high and low swapped',
    fault: {
      file: 'candles',
      replace: { high: when(at(60), 'low', 'high'), low: when(at(60), 'high', 'low') },
    },
    problem: 'swappedHighLow',
    series: ALPHA,
    row: 60,
  },
  {
    what: 'a close above the high',
    fault: { file: 'candles', replace: { close: when(at(70), 'high * 1.0005', 'close') } },
    problem: 'ohlc',
    series: ALPHA,
    row: 70,
  },
  {
    what: 'an open above the high',
    fault: { file: 'candles', replace: { open: when(at(80), 'high * 1.0005', 'open') } },
    problem: 'openOutsideRange',
    series: ALPHA,
    row: 80,
  },
  {
    what: 'opens that are all the close before: a habit of the venue',
    fault: {
      file: 'candles',
      replace: {
        open: when(
          of('beta'),
          'coalesce((SELECT c.close FROM clean c WHERE c.k = clean.k - 1), open)',
          'open',
        ),
      },
    },
    problem: 'openIsCloseBefore',
    series: BETA,
    severity: 'note',
  },
  {
    what: 'a bar off its grid',
    fault: { file: 'candles', replace: { ts_ms: when(at(90), 'ts_ms + 17000', 'ts_ms') } },
    problem: 'offGrid',
    series: ALPHA,
    row: 90,
    count: 1,
  },
  {
    what: 'a second day of five-minute bars in a one-minute file',
    fault: { file: 'candles', where: `NOT (${within(1441, 2880)}) OR k % 5 = 1` },
    problem: 'mixedIntervals',
    series: ALPHA,
    row: 1442, // rows 1 to 1441 are a minute apart; the next is the first that is not
    count: 287, // of 288 bars the first stands a minute after the last of the day before
  },
  {
    what: 'a low of zero',
    fault: { file: 'candles', replace: { low: when(at(110), '0', 'low') } },
    problem: 'badPrice',
    series: ALPHA,
    row: 110,
  },
  {
    what: 'a missing close',
    fault: { file: 'candles', replace: { close: when(at(120), 'NULL', 'close') } },
    problem: 'missingValue',
    series: ALPHA,
    row: 120,
  },
  {
    what: 'ten bars carried forward with their volume',
    fault: {
      file: 'candles',
      replace: Object.fromEntries(
        ['open', 'high', 'low', 'close', 'volume'].map((name) => [
          name,
          when(within(5861, 5870), `(SELECT c.${name} FROM clean c WHERE c.k = 5860)`, name),
        ]),
      ),
    },
    problem: 'repeatedBars',
    series: GAMMA,
    row: 5861,
    count: 10,
  },
  {
    what: 'ten bars without a trade',
    fault: {
      file: 'candles',
      replace: {
        volume: when(within(130, 139), '0', 'volume'),
        ...Object.fromEntries(
          ['open', 'high', 'low', 'close'].map((name) => [
            name,
            when(within(130, 139), '(SELECT c.close FROM clean c WHERE c.k = 129)', name),
          ]),
        ),
      },
    },
    problem: 'zeroVolume',
    series: ALPHA,
    row: 130,
    count: 10,
    severity: 'note',
  },
  {
    what: 'a bar that moves without a trade',
    fault: { file: 'candles', replace: { volume: when(at(140), '0', 'volume') } },
    problem: 'rangeWithoutTrade',
    series: ALPHA,
    row: 140,
  },
  {
    what: 'ten stamps in seconds',
    fault: { file: 'candles', replace: { ts_ms: when(within(150, 159), 'ts_ms // 1000', 'ts_ms') } },
    problem: 'timeUnit',
    series: ALPHA,
    row: 150,
    count: 10,
    minute: 149,
  },
  {
    what: 'a whole series in microseconds',
    fault: { file: 'candles', replace: { ts_ms: when(of('delta'), 'ts_ms * 1000', 'ts_ms') } },
    problem: 'timeUnit',
    series: 'delta',
    row: 8641,
    count: 576,
  },
  {
    what: 'five hours missing at the start',
    fault: { file: 'candles', where: `NOT (${within(5761, 6060)})` },
    problem: 'lateStart',
    series: GAMMA,
    minute: 0,
  },
  {
    what: 'a tail missing',
    fault: { file: 'candles', where: `NOT (${within(5000, 5760)})` },
    problem: 'missingTail',
    series: BETA,
    minute: 2119, // row 5000 is minute 5000 - 2881 of beta
  },
  {
    what: 'rows of another day',
    fault: {
      file: 'candles',
      add: `SELECT * REPLACE (ts_ms + ${48 * HOUR} AS ts_ms, k + 20000 AS k) FROM clean WHERE ${within(5731, 5760)}`,
    },
    problem: 'outsideWindow',
    series: BETA,
    row: 12_145,
    count: 30,
  },
  {
    what: 'ten minutes of the next day',
    fault: {
      file: 'candles',
      add: `SELECT * REPLACE (ts_ms + ${48 * HOUR} AS ts_ms, k + 20000 AS k) FROM clean WHERE ${within(2881, 2890)}`,
    },
    problem: 'outsideWindow',
    series: BETA,
    row: 12_145,
    count: 10,
    minute: 2880,
  },
];

planted(FAULTS, []);
