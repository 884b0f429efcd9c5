/**
 * The seven critical hours as recorded, and the bands of the checks over several days: written down
 * before any value of ours was looked at.
 */

/** A critical hour of Binance BTCUSDT as recorded: hourly bars of perpetual and spot, mark klines. */
export interface CriticalHour {
  readonly scenario: string;
  readonly hour: string;
  /** The perpetual led, or everything fell together. */
  readonly kind: typeof LED | typeof COMMON;
  /** Spot's drop over the perpetual's, low against open of the hour. */
  readonly spotOverPerp: number;
  /** Lowest perpetual over lowest spot, less 1, basis points. */
  readonly basisBp: number;
  /** Low of the recorded mark. */
  readonly markLow: number;
}

const [MARCH, MAY] = ['2020-03-12-btcusdt', '2021-05-19-btcusdt'];
const [JUNE, OCTOBER] = ['2022-06-13-btcusdt', '2025-10-10-btcusdt'];
/** The two kinds of day. */
export const LED = 'led by the perpetual';
export const COMMON = 'common shock';

const row = (
  scenario: string,
  hour: string,
  kind: CriticalHour['kind'],
  [spotOverPerp, basisBp, markLow]: readonly [number, number, number],
): CriticalHour => ({ scenario, hour, kind, spotOverPerp, basisBp, markLow });

export const CRITICAL: readonly CriticalHour[] = [
  row(MARCH, '2020-03-12T10:00Z', LED, [0.84, -632, 5620.9]),
  row(MARCH, '2020-03-12T23:00Z', LED, [0.96, -143, 4448.4]),
  row(MARCH, '2020-03-13T02:00Z', LED, [0.78, -424, 3801.8]),
  row(MAY, '2021-05-19T12:00Z', LED, [0.91, -192, 32_524.4]),
  row(MAY, '2021-05-19T13:00Z', LED, [0.82, -437, 29_563.4]),
  row(JUNE, '2022-06-14T01:00Z', COMMON, [1, -10, 20_838.4]),
  row(OCTOBER, '2025-10-10T21:00Z', COMMON, [0.97, -47, 101_877.7]),
];

/** Rank correlation between simulated peak forced flow over volume and how far the perpetual stood below spot. */
export const RANK_BAND = 0.6;
/** How far the simulated ratio of drops may miss the recorded one. */
export const DROP_BAND = 0.15;
/** Largest contribution of forced flow to the gap between perpetual and index in June 2022, basis points. */
export const CALM_BASIS_BP = 30;
/** Largest branching ratio in June 2022. */
export const CALM_BRANCHING = 0.5;
