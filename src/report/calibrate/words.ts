/** Words that the page and the terminal share: what a figure is, and how a prediction stands to it. */
import { formatWindow } from '../format.ts';
import type { CalibrationTarget } from './model.ts';

const TITLES: Readonly<Record<string, string>> = {
  liquidatedLong: 'Longs liquidated',
  liquidatedShort: 'Shorts liquidated',
  liquidatedTotal: 'Liquidated, both sides',
  openInterestChange: 'Open-interest change',
  fundChange: 'Insurance-fund change',
};

/** `Longs liquidated, XBTUSD`. */
export const titleOf = ({ what, market }: Pick<CalibrationTarget, 'what' | 'market'>): string =>
  `${TITLES[what] ?? what}${market === '' ? '' : `, ${market}`}`;

/** The same with its part of the window. */
export const placedTitle = (target: CalibrationTarget): string =>
  `${titleOf(target)}, ${formatWindow(target.fromUs, target.untilUs)}`;

/** `0.62 x, outside`: median over the published figure, and whether the 90 % band of the kept draws holds it. */
export function timesText({ observed, predicted: { low, median, high } }: CalibrationTarget): string {
  const times = median / observed;
  const holds = low <= observed && observed <= high ? 'inside' : 'outside';
  return `${times > 0 ? `${times.toFixed(2)} x` : 'other sign or none'}, ${holds}`;
}
