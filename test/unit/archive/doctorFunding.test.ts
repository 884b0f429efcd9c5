/** The doctor against faults of funding stamps and rates. */
import { type Case, at, HOUR, planted, when, within } from '../../support/plantedFaults.ts';

const FAULTS: readonly Case[] = [
  {
    what: 'funding stamps off the hour',
    fault: { file: 'funding', replace: { ts_ms: when(within(1, 6), 'ts_ms + 2220000', 'ts_ms') } },
    problem: 'fundingGrid',
    series: 'alpha',
    row: 1,
    count: 6,
  },
  {
    what: 'one funding stamp two hours late',
    fault: { file: 'funding', replace: { ts_ms: when(at(8), `ts_ms + ${2 * HOUR}`, 'ts_ms') } },
    problem: 'fundingHours',
    series: 'beta',
    row: 8,
    count: 1,
  },
  {
    what: 'funding of a known venue in another time zone',
    fault: {
      file: 'funding',
      replace: {
        ts_ms: when(within(1, 6), `ts_ms + ${3 * HOUR}`, 'ts_ms'),
        venue: when(within(1, 6), `'binance'`, 'venue'),
      },
    },
    problem: 'fundingHours',
    series: 'binance',
    remedy: /--offset -3h/,
  },
  {
    what: 'funding rates in per cent',
    fault: {
      file: 'funding',
      replace: { funding_rate: when(within(7, 12), 'funding_rate * 100', 'funding_rate') },
    },
    problem: 'fundingUnit',
    series: 'beta',
  },
  {
    what: 'a funding payment missing',
    fault: { file: 'funding', where: 'k <> 3' },
    problem: 'gaps',
    series: 'alpha',
    row: 3,
    count: 1,
  },
];

planted(FAULTS, []);
