/** The three pictures of a sweep: who is in front, two parameters as a map, and what drives the answer. */
import { type Chart, type Row, STILL, zeroLayer } from '../charts/chart.ts';
import { amount, decimals } from '../format.ts';

const ROW_PX = 26;

export interface Axis {
  readonly title: string;
  readonly name: string;
}

/** Points by two objectives; those in front are filled, and larger where the third is better. */
export function paretoChart(o: {
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly z: number | null;
    front: boolean;
  }[];
  readonly x: Axis;
  readonly y: Axis;
  readonly z: Axis;
}): Chart {
  const zs = o.points.map(({ z }) => z ?? 0);
  const [low, high] = [Math.min(...zs), Math.max(...zs)];
  const rows = o.points.map(
    ({ x, y, z, front }): Row => ({
      x,
      y,
      front: front ? 1 : 0,
      size: 40 + (high > low ? (160 * ((z ?? low) - low)) / (high - low) : 60),
    }),
  );
  const layer = (front: number, mark: object): object => ({
    data: { name: 'points' },
    transform: [{ filter: `datum.front === ${front}` }],
    mark: { type: 'point', strokeWidth: 1.5, ...mark },
    encoding: {
      x: quantity('x', o.x.title),
      y: quantity('y', o.y.title),
      size: { field: 'size', type: 'quantitative', scale: null, legend: null },
    },
  });
  return {
    ...STILL,
    id: 'pareto',
    title: 'Points that no other point beats',
    alt:
      `${rows.filter((r) => r.front === 1).length} of ${rows.length} points are in front, ` +
      `by ${o.x.title}, ${o.y.title} and ${o.z.title}.`,
    unit: '',
    key: [
      { color: 'var(--c1)', label: 'in front', shape: 'dot' },
      { color: 'var(--rule)', label: 'beaten by another point', shape: 'dot' },
    ],
    note: `Medians over seeds. Left and low is better; a larger point has more ${o.z.title.toLowerCase()}.`,
    rows: { points: rows },
    layers: [
      layer(0, { stroke: 'var(--rule)', filled: false }),
      layer(1, { fill: 'var(--c1)', stroke: 'var(--c1)', opacity: 0.75 }),
    ],
    height: 300,
  };
}

const quantity = (field: string, title: string): object => ({
  field,
  type: 'quantitative',
  title,
  axis: { format: '~s', tickCount: 6 },
  scale: { zero: false, padding: 12 },
});

export interface HeatCell {
  readonly x: string;
  readonly y: string;
  readonly value: number | null;
}

/** A figure over two parameters, each cell the median of what falls into it. */
export function heatChart(o: {
  readonly cells: readonly HeatCell[];
  readonly x: Axis & { readonly labels: readonly string[] };
  readonly y: Axis & { readonly labels: readonly string[] };
  readonly figure: string;
}): Chart {
  const rows = o.cells
    .filter(({ value }) => value !== null)
    .map(({ x, y, value }): Row => ({ x, y, value, text: amount(value!) }));
  const values = rows.map((r) => Number(r.value));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const band = (
    field: string,
    axis: Axis & { readonly labels: readonly string[] },
    reverse: boolean,
  ): object => ({
    field,
    type: 'ordinal',
    title: axis.title,
    sort: reverse ? [...axis.labels].reverse() : [...axis.labels],
    axis: { labelAngle: 0, domain: false, ticks: false },
  });
  const [x, y] = [band('x', o.x, false), band('y', o.y, true)];
  const shaded = rows.map(
    (r): Row => ({
      ...r,
      shade: high > low ? 0.08 + (0.72 * (Number(r.value) - low)) / (high - low) : 0.3,
    }),
  );
  return {
    ...STILL,
    id: 'heat',
    title: `${o.figure} by ${o.x.name} and ${o.y.name}`,
    alt: shaded.map((r) => `${o.x.name} ${r.x}, ${o.y.name} ${r.y}: ${r.text}`).join('; '),
    unit: '',
    key: [],
    note: 'Each cell: median over all points and seeds in it; darker is more.',
    rows: { cells: shaded },
    layers: [
      {
        data: { name: 'cells' },
        mark: { type: 'rect', fill: 'var(--c6)', stroke: 'var(--card)' },
        encoding: { x, y, opacity: { field: 'shade', type: 'quantitative', scale: null, legend: null } },
      },
      {
        data: { name: 'cells' },
        mark: { type: 'text', fill: 'var(--ink)' },
        encoding: { x, y, text: { field: 'text', type: 'nominal' } },
      },
    ],
    height: Math.max(120, o.y.labels.length * 40 + 60),
  };
}

/** Rank correlation of each parameter with one figure, the strongest first. */
export function tornadoChart(o: {
  readonly id?: string;
  readonly note?: string;
  readonly bars: readonly { readonly name: string; readonly correlation: number }[];
  readonly figure: string;
}): Chart {
  const bars = [...o.bars].sort(
    (a, b) => Math.abs(b.correlation) - Math.abs(a.correlation) || (a.name < b.name ? -1 : 1),
  );
  const rows = bars.map(
    ({ name, correlation }): Row => ({ name, v: correlation, z: 0, text: decimals(correlation, 2) }),
  );
  const y = {
    field: 'name',
    type: 'nominal',
    title: null,
    sort: bars.map(({ name }) => name),
    // a path is longer than a narrow picture is wide: it stands above its bar
    axis: { labels: false, ticks: false },
  };
  const x = {
    field: 'v',
    type: 'quantitative',
    title: 'rank correlation',
    scale: { domain: [-1, 1] },
    axis: { tickCount: 5 },
  };
  return {
    ...STILL,
    id: o.id ?? 'tornado',
    title: `What drives: ${o.figure}`,
    alt: bars.map(({ name, correlation }) => `${name} ${decimals(correlation, 2)}`).join('; '),
    unit: '',
    key: [],
    note:
      o.note ??
      "Spearman's rank correlation over all points: 1 rises surely with the parameter, -1 falls surely, near 0 neither.",
    rows: { bars: rows },
    layers: [
      {
        data: { name: 'bars' },
        mark: { type: 'bar', fill: 'var(--c1)', height: 12, yOffset: 8 },
        encoding: { x, y },
      },
      {
        data: { name: 'bars' },
        mark: { type: 'text', align: 'left', dy: -8, limit: 400, fill: 'var(--ink)' },
        encoding: { x: { datum: -1 }, y, text: { field: 'name' } },
      },
      zeroLayer('x'),
    ],
    height: bars.length * 2 * ROW_PX + 40,
  };
}
