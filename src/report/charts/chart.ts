/**
 * What every chart shares: its shape, its theme, and how it becomes a still picture. A chart is a
 * vega-lite specification without data plus its data sets; the page holds it twice as SVG (wide and
 * narrow, so that it reads without scripts on a telephone) and once as data for zooming.
 *
 * Colours are CSS variables, so one picture serves light, dark and paper. All time is UTC.
 */
import { parse, type Spec, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Micros } from '../../basics/instant.ts';
import { m4, type Point } from '../m4.ts';

export interface Series {
  readonly color: string;
  readonly dash?: readonly number[];
  readonly width?: number;
  readonly points: readonly Point[];
}

/** An entry of the key above a chart: colour and shape of the sign, and what it stands for. */
export interface KeyItem {
  readonly color: string;
  readonly label: string;
  readonly shape: 'line' | 'dash' | 'dot' | 'bar';
}

export type Row = Readonly<Record<string, number | string | null>>;

export interface Chart {
  readonly id: string;
  /** Says what is seen. */
  readonly title: string;
  /** The picture in a sentence, for those who do not see it. */
  readonly alt: string;
  readonly unit: string;
  readonly key: readonly KeyItem[];
  readonly note: string;
  /** Drawn as lines, from the data set `lines`: columns t (ms), v, s (place of the series). */
  readonly series: readonly Series[];
  /** Further data sets by name: small. */
  readonly rows: Readonly<Record<string, readonly Row[]>>;
  /** The time axis that all time charts zoom together; null: no time. */
  readonly time: { readonly fromUs: Micros; readonly untilUs: Micros } | null;
  /** Layers of the chart, in vega-lite; the x of time charts is `timeX`. */
  readonly layers: readonly object[];
  readonly height: number;
  /** Value axis of a line chart is fitted to the data; otherwise by the layers. */
  readonly fitted: boolean;
  /** Values beside the series' own that a fitted axis must show. */
  readonly alsoFit: readonly number[];
}

export const WIDE = 880;
export const NARROW = 340;
const MS = 1000;

/** Labels of a time axis: the day at midnight, else the hour. */
const TIME_LABEL =
  "utchours(datum.value) === 0 && utcminutes(datum.value) === 0 ? utcFormat(datum.value, '%-d %b') : " +
  "utcFormat(datum.value, '%H:%M')";

/** Horizontal time axis bound to the zoom signals `from` and `until`. */
export const timeX = (field = 't'): object => ({
  field,
  type: 'temporal',
  scale: { type: 'utc', domainMin: { expr: 'from' }, domainMax: { expr: 'until' } },
  axis: { title: null, labelExpr: TIME_LABEL, grid: false, tickCount: { expr: 'max(3, floor(width / 90))' } },
});

/** Vertical axis of a fitted chart. */
export const fittedY = (title: string, format = ',~f'): object => ({
  field: 'v',
  type: 'quantitative',
  title,
  scale: { zero: false, nice: false, domainMin: { expr: 'yLow' }, domainMax: { expr: 'yHigh' } },
  axis: { format, tickCount: 5 },
});

/** The lines of a chart's series, the first at the back; column `s` is the place of the series. */
export const lineLayers = (series: readonly Series[], y: object): object[] =>
  series.map((s, place) => ({
    data: { name: 'lines' },
    transform: [{ filter: `datum.s === ${place}` }],
    mark: {
      type: 'line',
      clip: true,
      strokeJoin: 'round',
      color: s.color,
      strokeWidth: s.width ?? 1.5,
      ...(s.dash === undefined ? {} : { strokeDash: [...s.dash] }),
    },
    encoding: { x: timeX(), y },
  }));

/** The line at zero of a bar chart. */
export const zeroLayer = (channel: 'x' | 'y'): object => ({
  data: { values: [{ v: 0 }] },
  mark: { type: 'rule', color: 'var(--rule)' },
  encoding: { [channel]: { field: 'v', type: 'quantitative' } },
});

/** Fill of longs and shorts, by the column `side`. */
export const SIDE_FILL = {
  field: 'side',
  type: 'nominal',
  legend: null,
  scale: { domain: ['long', 'short'], range: ['var(--long)', 'var(--short)'] },
};

/** Fields of a chart without time, lines or a note. */
export const STILL = { note: '', series: [], time: null, fitted: false, alsoFit: [] } as const;

/** Vertical rules at instants of the data set `marks` (column t). */
export const instantLayer = (color: string): object => ({
  data: { name: 'marks' },
  mark: { type: 'rule', clip: true, color, strokeDash: [2, 3], strokeWidth: 1 },
  encoding: { x: timeX() },
});

/** Horizontal rules at the values of the data set `levels` (column v). */
export const levelLayer = (color: string): object => ({
  data: { name: 'levels' },
  mark: { type: 'rule', clip: true, color, strokeDash: [4, 3], strokeWidth: 1 },
  encoding: { y: { field: 'v', type: 'quantitative' } },
});

const CONFIG = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: 'var(--muted)',
    titleColor: 'var(--muted)',
    gridColor: 'var(--grid)',
    domainColor: 'var(--rule)',
    tickColor: 'var(--rule)',
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    tickSize: 4,
    labelPadding: 4,
    labelOverlap: 'greedy',
  },
  axisY: {
    domain: false,
    ticks: false,
    titleAnchor: 'end',
    titleAngle: 0,
    titleAlign: 'left',
    titleY: -8,
    titleX: 0,
  },
  text: { color: 'var(--ink)', fontSize: 11 },
};

/** The compiled vega specification, without data. Signals: from, until, yLow, yHigh where they apply. */
export function compiled(chart: Chart, width: number): Spec {
  const [yLow, yHigh] = fit(chart);
  const params = [
    ...(chart.time
      ? [
          { name: 'from', value: chart.time.fromUs / MS },
          { name: 'until', value: chart.time.untilUs / MS },
        ]
      : []),
    ...(chart.fitted
      ? [
          { name: 'yLow', value: yLow },
          { name: 'yHigh', value: yHigh },
        ]
      : []),
  ];
  const height = width < 600 && chart.time !== null ? Math.round(chart.height * 0.8) : chart.height;
  const spec = {
    width,
    height,
    params,
    config: CONFIG,
    padding: { left: 0, right: 4, top: 4, bottom: 6 },
    autosize: { type: 'fit', contains: 'padding' },
    data: { name: 'lines' },
    layer: chart.layers,
  };
  return compile(spec as unknown as TopLevelSpec).spec as Spec;
}

/** Range of the series with a margin of 4 %. */
function fit(chart: Chart): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const s of chart.series) {
    for (const p of s.points) {
      if (p.value < low) low = p.value;
      if (p.value > high) high = p.value;
    }
  }
  for (const value of chart.alsoFit) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low > high) return [0, 1];
  const margin = (high - low || Math.abs(high) || 1) * 0.04;
  return [low - margin, high + margin];
}

/** The chart as SVG text of a width in pixels; the same bytes for the same data. */
export async function drawn(chart: Chart, width: number): Promise<string> {
  const spec = compiled(chart, width) as Spec & { data: { name: string; values?: unknown }[] };
  const sets: Record<string, readonly object[]> = { ...chart.rows, lines: lineRows(chart, width) };
  for (const set of spec.data) {
    const values = sets[set.name];
    if (values !== undefined) set.values = values;
  }
  const view = new View(parse(spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return ownIds(lean(svg), `${chart.id}-${width}`).replace(
    /^<svg ([^>]*?)width="\d+(?:\.\d+)?" height="\d+(?:\.\d+)?"/,
    '<svg $1',
  );
}

/**
 * A picture without what nobody sees or hears: the page names the whole of it as one image, so its marks need no
 * names of their own, and a hundredth of a pixel is less than a screen shows.
 */
const lean = (svg: string): string =>
  svg
    .replace(/ (?:aria-label|aria-roledescription|role)="[^"]*"/g, '')
    .replace(/ (?:d|transform)="[^"]*"/g, (shape) =>
      shape.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (n) => String(Math.round(Number(n) * 100) / 100)),
    );

/** Still pictures need one M4 column a pixel. */
function lineRows(chart: Chart, width: number): object[] {
  return chart.series.flatMap((s, place) => {
    const kept = chart.time ? m4(s.points, { ...chart.time, columns: Math.floor(width / 2) }) : s.points;
    return kept.map((p) => ({ t: p.tsUs / MS, v: p.value, s: place }));
  });
}

/** Ids inside one SVG made its own: two pictures on a page must not share a clip path. */
function ownIds(svg: string, prefix: string): string {
  const names = new Map<string, string>();
  const nameOf = (old: string): string => {
    if (!names.has(old)) names.set(old, `${prefix}-${names.size}`);
    return names.get(old)!;
  };
  return svg
    .replace(/ id="([^"]+)"/g, (_, old: string) => ` id="${nameOf(old)}"`)
    .replace(/url\(#([^)]+)\)/g, (_, old: string) => `url(#${nameOf(old)})`);
}
