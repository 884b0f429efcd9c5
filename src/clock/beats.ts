/**
 * The beat grid: time cut into equal steps. Nothing is decided between two mark prices, so a row is
 * known only by the beat it falls into, and no merge of streams is ever needed.
 */
import { ReplayError } from '../basics/errors.ts';
import { formatInstant, type Micros } from '../basics/instant.ts';

/** Beat b covers [startUs + b * beatUs, startUs + (b + 1) * beatUs). */
export interface BeatGrid {
  readonly startUs: Micros;
  readonly beatUs: Micros;
  readonly beats: number;
}

/**
 * The grid of a window.
 *
 * @param fromUs, untilUs  the window [fromUs, untilUs), both multiples of the beat, so that bars and
 *                         beats of all streams share their borders
 * @throws ReplayError SCENARIO_INVALID when the window is empty or does not consist of whole beats
 */
export function gridOf(fromUs: Micros, untilUs: Micros, beatUs: Micros): BeatGrid {
  const whole = Number.isSafeInteger(beatUs) && beatUs > 0 && fromUs % beatUs === 0 && untilUs % beatUs === 0;
  if (!whole || untilUs <= fromUs) {
    throw new ReplayError(
      'SCENARIO_INVALID',
      `${formatInstant(fromUs)} .. ${formatInstant(untilUs)} is no whole number of beats of ${beatUs} us.`,
      { path: 'facts.window' },
      'Start and end the window on multiples of the beat.',
    );
  }
  return { startUs: fromUs, beatUs, beats: (untilUs - fromUs) / beatUs };
}

/** The beat that an instant falls into; below 0 or at least `beats` outside the window. */
export const beatOf = (grid: BeatGrid, tsUs: Micros): number =>
  Math.floor((tsUs - grid.startUs) / grid.beatUs);

/** End of beat b. */
export const endOfBeatUs = (grid: BeatGrid, beat: number): Micros => grid.startUs + (beat + 1) * grid.beatUs;

/** A column of one number a beat. */
export const column = (grid: BeatGrid, value: number): Float64Array =>
  new Float64Array(grid.beats).fill(value);
