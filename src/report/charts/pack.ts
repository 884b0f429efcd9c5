/**
 * Series as small text: times in steps and values in units of the last decimal place, each as the
 * difference from the one before. The script of the page (client.ts) unpacks them.
 */
import type { Series } from './chart.ts';

export interface Packed {
  /** Place of the series in its chart. */
  readonly s: number;
  /** Milliseconds a step of time; values are multiples of 1 / scale. */
  readonly step: number;
  readonly scale: number;
  readonly t: readonly number[];
  readonly v: readonly number[];
}

/**
 * @param place   place of the series in its chart
 * @param stepUs  whole milliseconds that divide every instant of the series, else 1 ms is taken
 */
export function pack(series: Series, place: number, stepUs: number): Packed {
  const stepMs = stepUs / 1000;
  const even = Number.isInteger(stepMs) && series.points.every((p) => (p.tsUs / 1000) % stepMs === 0);
  const step = even ? stepMs : 1;
  const scale = scaleOf(series.points.map((p) => p.value));
  return {
    s: place,
    step,
    scale,
    t: differences(series.points.map((p) => Math.round(p.tsUs / 1000 / step))),
    v: differences(series.points.map((p) => Math.round(p.value * scale))),
  };
}

/** The reverse, for tests; the page has the same few lines as a script. */
export function unpack(packed: Packed): { t: number; v: number; s: number }[] {
  let t = 0;
  let v = 0;
  return packed.t.map((dt, i) => {
    t += dt;
    v += packed.v[i]!;
    return { t: t * packed.step, v: v / packed.scale, s: packed.s };
  });
}

const differences = (list: readonly number[]): number[] =>
  list.map((x, i) => x - (i === 0 ? 0 : list[i - 1]!));

/** A power of ten that keeps at least five digits of the largest value: finer than a pixel. */
function scaleOf(values: readonly number[]): number {
  const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  let scale = 1;
  while (largest > 0 && largest * scale < 50_000 && scale < 1e12) scale *= 10;
  return scale;
}
