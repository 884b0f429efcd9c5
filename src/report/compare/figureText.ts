/** How a figure of a comparison is written: by the unit of its metric, differences with their sign. */
import { amountOf, count, decimals, percent } from '../format.ts';
import type { Band, MetricDefinition } from './model.ts';

const MOST_PLACES = 9;

/** Places at which a number that is not 0 does not look like it. */
function telling(x: number, places: number): number {
  let enough = places;
  while (x !== 0 && enough < MOST_PLACES && Number(x.toFixed(enough)) === 0) enough++;
  return enough;
}

/** A level: money with its asset, a share in percent. What is written as 0 is 0. */
export function levelText(x: number | null | undefined, { unit }: MetricDefinition, asset: string): string {
  if (x === null || x === undefined || Number.isNaN(x)) return '\u2013';
  if (unit === 'money') return amountOf(x, asset);
  if (unit === 'share') return percent(x, telling(x * 100, Math.abs(x) < 0.01 ? 3 : 1));
  if (unit === 'accounts') return Number.isInteger(x) ? count(x) : decimals(x, telling(x, 1));
  if (unit === 'min' || unit === 'bp min')
    return `${decimals(x, telling(x, 1))}${asset === '' ? '' : `\u00a0${unit}`}`;
  return decimals(x, telling(x, 2));
}

/** A difference: the same with a plus where it is above 0. */
export const changeText = (x: number, metric: MetricDefinition, asset: string): string =>
  `${x > 0 ? '+' : ''}${levelText(x, metric, asset)}`;

/** Median and band of a difference, the asset once. */
export function bandText(band: Band, metric: MetricDefinition, asset: string): string {
  const of = (x: number): string => changeText(x, metric, '');
  const named = metric.unit === 'money' ? asset : metric.unit.endsWith('min') ? metric.unit : '';
  const unit = named === '' ? '' : `\u00a0${named}`;
  if (band.low === band.high) return `${of(band.median)}${unit}`;
  return `${of(band.median)}${unit} [${of(band.low)}, ${of(band.high)}]`;
}
