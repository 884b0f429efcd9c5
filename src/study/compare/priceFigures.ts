/**
 * What forced orders did to the price of the first market, and how long it took to come back. P is the last
 * price at the end of a beat, S the index.
 */
import { HOUR_US, MINUTE_US } from '../../basics/instant.ts';
import type { WorldFigures } from './metrics.ts';
import type { WorldView } from './worldView.ts';

/** Basis within which the price counts as back, for how long, and the windows in which verdicts are counted. */
const NEAR = 0.001;
const STAY_US = 10 * MINUTE_US;
const WINDOW_US = 10 * MINUTE_US;
const BASIS_POINTS = 1e4;

type Names = 'overshoot' | 'overshootIntegral' | 'recovery' | 'retrace' | 'clustering';

/** Price figures of a world; null where nothing was sold, or the price never came back within the window. */
export function priceFigures(view: WorldView): Pick<WorldFigures, Names> {
  const { notes, world } = view;
  const { premium, last } = notes.path;
  const { beatUs } = world.input.frames;
  const minutes = beatUs / MINUTE_US;
  const below = notes.sells.map((beat) => -premium[beat]!);
  const trough = lowest(last);
  return {
    overshoot: below.length === 0 ? null : below.reduce((a, b) => Math.max(a, b)),
    overshootIntegral:
      below.length === 0 ? null : below.reduce((sum, x) => sum + x, 0) * minutes * BASIS_POINTS,
    recovery: scaled(back(premium, trough, Math.round(STAY_US / beatUs)), trough, minutes),
    retrace: scaled(retraced(view, trough), trough, minutes),
    clustering: clustering(view),
  };
}

const scaled = (beat: number, trough: number, minutes: number): number | null =>
  beat < 0 ? null : (beat - trough) * minutes;

/** First beat of the lowest price; -1 without any. */
function lowest(last: Float64Array): number {
  let found = -1;
  for (let beat = 0; beat < last.length; beat++)
    if (last[beat]! < (found < 0 ? Infinity : last[found]!)) found = beat;
  return found;
}

/** First beat after the trough from which on the basis stays within bounds for some beats; -1: none. */
function back(premium: Float64Array, trough: number, stay: number): number {
  let run = 0;
  for (let beat = trough + 1; beat < premium.length; beat++) {
    run = Math.abs(premium[beat]!) < NEAR ? run + 1 : 0;
    if (run >= stay) return beat - stay + 1;
  }
  return -1;
}

/** First beat after the trough at which half of its fall from the open of its hour (UTC) is made good; -1: none. */
function retraced(view: WorldView, trough: number): number {
  if (trough < 0) return -1;
  const { last } = view.notes.path;
  const { startUs, beatUs } = view.world.input.frames;
  const hour = Math.floor((startUs + trough * beatUs) / HOUR_US) * HOUR_US;
  const from = Math.max(0, Math.round((hour - startUs) / beatUs));
  const open = last.subarray(from).find((x) => !Number.isNaN(x))!;
  const half = last[trough]! + 0.5 * (open - last[trough]!);
  if (open <= last[trough]!) return -1;
  for (let beat = trough + 1; beat < last.length; beat++) if (last[beat]! >= half) return beat;
  return -1;
}

/** 1 - 1 / sqrt(variance / mean) of verdicts in windows of 10 minutes; 0 where they spread like chance; null: none. */
function clustering(view: WorldView): number | null {
  const { startUs, beatUs, beats } = view.world.input.frames;
  const counts = new Float64Array(Math.ceil((beats * beatUs) / WINDOW_US));
  for (const own of view.notes.ended.values())
    for (const { row } of own) counts[Math.floor((row.tsUs - 1 - startUs) / WINDOW_US)]!++;
  const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  if (mean === 0) return null;
  const variance = counts.reduce((sum, n) => sum + (n - mean) * (n - mean), 0) / counts.length;
  return variance <= mean ? 0 : 1 - 1 / Math.sqrt(variance / mean);
}
