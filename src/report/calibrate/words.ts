/** How a prediction stands to what was published, in words that the page and the terminal share. */
import type { CalibrationTarget } from './model.ts';

/** `0.62 times the published figure`, and whether the 90 % band of the kept draws holds it. */
export function timesText({ observed, predicted: { low, median, high } }: CalibrationTarget): string {
  const times = median / observed;
  const holds = low <= observed && observed <= high ? 'inside the band' : 'outside the band';
  return times > 0
    ? `${times.toFixed(2)} times the published figure, ${holds}`
    : `of the other sign or none, ${holds}`;
}
