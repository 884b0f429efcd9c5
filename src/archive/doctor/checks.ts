/**
 * Everything the doctor looks for: code, what it does to a replay, and what else it accounts for. A
 * fault stops trust; a note is a venue's own habit that a reader should know. docs/data.md has the
 * thresholds with their reasons.
 */
import type { ErrorCode } from '../../basics/errors.ts';

interface Check {
  readonly code: ErrorCode;
  readonly severity: 'fault' | 'note';
  readonly effect: string;
  /** Findings of the same series that this one accounts for: they are its symptoms and are not listed. */
  readonly accountsFor: readonly CheckName[];
}

export type CheckName =
  | 'unreadable'
  | 'unknownFile'
  | 'timeUnit'
  | 'lostDigits'
  | 'disorder'
  | 'doubledRows'
  | 'duplicates'
  | 'conflicts'
  | 'copies'
  | 'mixedIntervals'
  | 'offGrid'
  | 'outsideWindow'
  | 'lateStart'
  | 'missingTail'
  | 'gaps'
  | 'missingIds'
  | 'missingValue'
  | 'badPrice'
  | 'negativeVolume'
  | 'swappedVolumes'
  | 'swappedHighLow'
  | 'ohlc'
  | 'openOutsideRange'
  | 'openIsCloseBefore'
  | 'crossedBook'
  | 'repeatedBars'
  | 'rangeWithoutTrade'
  | 'zeroVolume'
  | 'clockOffset'
  | 'timeZone'
  | 'binEnd'
  | 'samples'
  | 'priceUnit'
  | 'invertedPrice'
  | 'wrongSymbol'
  | 'quoteMix'
  | 'outliers'
  | 'wick'
  | 'stale'
  | 'volumeUnit'
  | 'volumeSwitch'
  | 'venueVolumeUnit'
  | 'flippedSides'
  | 'fundingGrid'
  | 'fundingHours'
  | 'fundingCycle'
  | 'latePayment'
  | 'fundingUnit';

const check = (
  code: ErrorCode,
  effect: string,
  accountsFor: readonly CheckName[] = [],
  severity: Check['severity'] = 'fault',
): Check => ({ code, severity, effect, accountsFor });
const note = (code: ErrorCode, effect: string): Check => check(code, effect, [], 'note');

/** A shifted series ends where it should not, and nothing in it agrees with the others. */
const OF_A_SHIFT = [
  'lateStart',
  'missingTail',
  'outsideWindow',
  'outliers',
  'wick',
  'quoteMix',
  'stale',
] as const;
/** A price on another scale breaks every comparison by price. */
const OF_A_SCALE = ['quoteMix', 'outliers', 'wick', 'stale', 'volumeUnit', 'volumeSwitch', 'copies'] as const;

/** All checks, in the order in which findings of a series are listed. */
export const CHECKS: Readonly<Record<CheckName, Check>> = {
  unreadable: check('DATA_MISSING', 'no row of the file can be used'),
  unknownFile: note('DATA_SCHEMA', 'the file is left out'),
  timeUnit: check('DATA_SCHEMA', 'rows fall outside the window or into another year', ['lostDigits']),
  lostDigits: check(
    'DATA_SCHEMA',
    'rows of one id or instant were different ones: trades count twice or in wrong order',
    ['duplicates', 'conflicts', 'missingIds', 'disorder', 'offGrid', 'gaps'],
  ),
  disorder: check('DATA_DISORDER', 'rows would be counted in the wrong place'),
  doubledRows: check('DATA_DISORDER', 'every volume counts twice', ['duplicates', 'conflicts']),
  duplicates: check('DATA_DISORDER', 'volume counts twice'),
  conflicts: check('DATA_DISORDER', 'two versions of one row: which one counts is luck'),
  copies: note('DATA_DISORDER', 'two copies of one series would count twice'),
  mixedIntervals: check('DATA_SCHEMA', 'bars of another length are folded as if they were of this one', [
    'gaps',
    'offGrid',
    'missingTail',
  ]),
  offGrid: check('DATA_SCHEMA', 'a bar would be spread over the wrong beats', ['gaps', 'mixedIntervals']),
  outsideWindow: check('DATA_GAP', 'rows of another day enter the file', ['gaps']),
  lateStart: check('DATA_GAP', 'there is no price before the first row'),
  missingTail: check('DATA_GAP', 'the last price is carried to the end'),
  gaps: check('DATA_GAP', 'the last price is carried over the hole'),
  missingIds: check('DATA_GAP', 'trades are missing: volume, lows and highs of that time are too small'),
  missingValue: check('DATA_SCHEMA', 'the row has no meaning'),
  badPrice: check('DATA_SCHEMA', 'a price of zero or less liquidates everybody'),
  negativeVolume: check('DATA_SCHEMA', 'market depth would be negative'),
  swappedVolumes: check('DATA_SCHEMA', 'depth is read from the wrong column'),
  swappedHighLow: check('DATA_SCHEMA', 'the path inside the bar turns the wrong way'),
  ohlc: check('DATA_SCHEMA', 'no path inside the bar exists'),
  openOutsideRange: check('DATA_SCHEMA', 'the path starts at the open clamped to the range'),
  openIsCloseBefore: note('DATA_SCHEMA', 'the path starts at the open clamped to the range'),
  crossedBook: check('DATA_SCHEMA', 'the mid is no price'),
  repeatedBars: check('DATA_GAP', 'a move and its volume are told several times', ['stale']),
  rangeWithoutTrade: check('DATA_SCHEMA', 'depth is zero while the price moves'),
  zeroVolume: note('DATA_GAP', 'the price is carried, and a constituent grows older'),
  clockOffset: check('DATA_DISORDER', 'index and mark mix prices of different instants', OF_A_SHIFT),
  timeZone: check('DATA_DISORDER', 'index and mark mix prices of different hours', OF_A_SHIFT),
  binEnd: check('DATA_DISORDER', 'every bar is replayed one bar late', OF_A_SHIFT),
  samples: note('DATA_SCHEMA', 'a value is replayed one bar after its instant when it is read as a bar'),
  priceUnit: check('DATA_SCHEMA', 'notional and margin are wrong by the factor', OF_A_SCALE),
  invertedPrice: check('DATA_SCHEMA', 'losses become gains', OF_A_SCALE),
  wrongSymbol: check('DATA_SCHEMA', 'the prices are of something else', OF_A_SCALE),
  quoteMix: check('DATA_SCHEMA', 'the basis to other venues is a currency, not a market'),
  outliers: check('DATA_SCHEMA', 'one row would liquidate on a price that was none'),
  wick: note('DATA_SCHEMA', 'a trade far from the market: highs and lows of the perpetual feel it'),
  stale: check('DATA_GAP', 'the series stands still while the market moves'),
  volumeUnit: check('DATA_SCHEMA', 'depth is wrong by the factor'),
  volumeSwitch: check('DATA_SCHEMA', 'depth is wrong by the factor in a part of the rows'),
  venueVolumeUnit: note('DATA_SCHEMA', 'depth is wrong by the factor unless qtyUnit says so'),
  flippedSides: check('DATA_SCHEMA', 'buyers count as sellers'),
  fundingGrid: check('DATA_SCHEMA', 'funding is paid at the wrong instant', [
    'fundingHours',
    'fundingCycle',
    'latePayment',
  ]),
  fundingHours: check('DATA_SCHEMA', 'funding is paid at the wrong hour'),
  fundingCycle: note('DATA_SCHEMA', 'funding is paid at these hours'),
  latePayment: note('DATA_SCHEMA', 'funding is paid at the stamp that the file has'),
  fundingUnit: check('DATA_SCHEMA', 'funding is a hundred times too large'),
};
