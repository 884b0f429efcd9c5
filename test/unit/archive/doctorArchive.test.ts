/** The doctor against faults of an importer's folder: trades, a book, candles with takers' volume. */
import { type Case, at, planted, when, within } from '../../support/plantedFaults.ts';

const UM = 'alpha-um BTCUSDT';

const FAULTS: readonly Case[] = [
  {
    what: 'volume columns swapped in a hundred rows',
    fault: {
      file: 'taker',
      replace: {
        volume: when('k <= 100', '"buyVolume"', 'volume'),
        buyVolume: when('k <= 100', 'volume', '"buyVolume"'),
      },
    },
    problem: 'swappedVolumes',
    series: UM,
    row: 1,
    count: 100,
  },
  {
    what: 'volumes in contracts of a hundredth, beside the trades of the same market',
    fault: { file: 'taker', replace: { volume: 'volume * 100', buyVolume: '"buyVolume" * 100' } },
    problem: 'volumeUnit',
    series: `${UM} candles-1m`,
    remedy: /qtyUnit: contracts/,
  },
  {
    what: 'taker buying that is taker selling',
    fault: { file: 'taker', replace: { buyVolume: 'volume - "buyVolume"' } },
    problem: 'flippedSides',
    series: `${UM} candles-1m`,
  },
  {
    what: 'sides of trades flipped',
    fault: { file: 'trades', replace: { side: when(`side = 'buy'`, `'sell'`, `'buy'`) } },
    problem: 'flippedSides',
    series: `${UM} aggTrades`,
  },
  {
    what: 'forty ids missing',
    fault: { file: 'trades', where: `NOT (${within(5001, 5040)})` },
    problem: 'missingIds',
    series: `${UM} aggTrades`,
    row: 5001,
    count: 40,
    says: /the first 1005000 to 1005039/, // row k has id 999,999 + k
  },
  {
    what: 'ids that went through a double',
    fault: { file: 'trades', replace: { id: '(9007199254740993 + k)::DOUBLE::BIGINT' } },
    problem: 'lostDigits',
    series: `${UM} aggTrades`,
    row: 1,
  },
  {
    what: 'every trade twice',
    fault: { file: 'trades', add: 'SELECT * FROM clean' },
    problem: 'doubledRows',
    series: `${UM} aggTrades`,
    count: 17_280,
  },
  {
    what: 'an hour without a trade',
    fault: {
      file: 'trades',
      where: `NOT (${within(7201, 7560)})`,
      replace: { id: when('k > 7200', 'id - 360', 'id') },
    },
    problem: 'gaps',
    series: `${UM} aggTrades`,
    row: 7201,
  },
  {
    what: 'one trade at a third more',
    fault: { file: 'trades', replace: { price: when(at(3000), 'price * 1.33', 'price') } },
    problem: 'outliers',
    series: `${UM} aggTrades`,
    row: 3000,
    count: 1,
  },
  {
    what: 'a clock of trades ninety seconds late',
    fault: { file: 'trades', replace: { time: 'time + 120000000' } },
    problem: 'clockOffset',
    series: `${UM} aggTrades`,
    remedy: /--offset -2m/,
  },
  {
    what: 'bid and ask swapped in one row',
    fault: { file: 'book', replace: { bid: when(at(40), 'ask', 'bid'), ask: when(at(40), 'bid', 'ask') } },
    problem: 'crossedBook',
    series: `${UM} bookTop`,
    row: 40,
    count: 1,
  },
  {
    what: 'a download of candles cut off in the afternoon',
    fault: { file: 'taker', where: 'k <= 2400' },
    problem: 'missingTail',
    series: `${UM} candles-1m`,
    row: 2400,
    minute: 2400,
  },
];

planted(FAULTS, ['candles', 'trades']);
