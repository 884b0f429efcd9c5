/**
 * The hazard profile: what would be liquidated if the mark moved into each per cent of price, longs below
 * the line, shorts above; shaded is where the mark went.
 */
import { type Chart, type KeyItem, SIDE_FILL, STILL, zeroLayer } from './chart.ts';

export interface HazardBin {
  readonly side: string;
  readonly low: number;
  readonly high: number;
  readonly notional: number;
}

export interface HazardInput {
  readonly id: string;
  readonly title: string;
  readonly alt: string;
  /** Title of the horizontal axis and its number format. */
  readonly axis: string;
  readonly format: string;
  readonly unit: string;
  readonly bins: readonly HazardBin[];
  /** The same under other rules, as outlines. */
  readonly others: readonly {
    readonly color: string;
    readonly label: string;
    readonly bins: readonly HazardBin[];
  }[];
  /** Where the mark went; null: not shown. */
  readonly went: { readonly low: number; readonly high: number } | null;
  readonly first: number;
  readonly note: string;
}

const signed = (b: HazardBin): number => (b.side === 'long' ? -b.notional : b.notional);

/** The chart of a profile. */
export function hazardChart(input: HazardInput): Chart {
  const y = {
    field: 'v',
    type: 'quantitative',
    title: `Liquidated per 1 % of price, ${input.unit}`,
    axis: { labelExpr: "format(abs(datum.value), '~s')", tickCount: 5 },
  };
  const x = {
    field: 'low',
    type: 'quantitative',
    title: input.axis,
    scale: { zero: false, nice: false },
    axis: { format: input.format, grid: false, tickCount: 7 },
  };
  const key: KeyItem[] = [
    { color: 'var(--short)', label: 'shorts, by a rise', shape: 'bar' },
    { color: 'var(--long)', label: 'longs, by a fall', shape: 'bar' },
    ...input.others.map(({ color, label }) => ({ color, label, shape: 'line' as const })),
  ];
  return {
    ...STILL,
    id: input.id,
    title: input.title,
    alt: input.alt,
    unit: input.unit,
    key,
    note: input.note,
    rows: {
      bins: input.bins.map((b) => ({ low: b.low, high: b.high, v: signed(b), z: 0, side: b.side })),
      others: input.others.flatMap(({ color, bins }, place) => outline(bins, color, place)),
      went: input.went === null ? [] : [{ low: input.went.low, high: input.went.high }],
      first: [{ x: input.first, label: 'first mark' }],
    },
    layers: layersOf(x, y, input.others.length > 0 ? 0.4 : 1),
    height: 250,
  };
}

/** Steps along the tops of the bars, a line a side. */
const outline = (
  bins: readonly HazardBin[],
  color: string,
  place: number,
): { low: number; v: number; color: string; line: string }[] =>
  ['long', 'short'].flatMap((side) =>
    bins
      .filter((b) => b.side === side)
      .flatMap((b) => [b.low, b.high].map((low) => ({ low, v: signed(b), color, line: `${place} ${side}` }))),
  );

const layersOf = (x: object, y: object, opacity: number): object[] => [
  {
    data: { name: 'went' },
    mark: { type: 'rect', fill: 'var(--rule)', opacity: 0.25 },
    encoding: { x, x2: { field: 'high' } },
  },
  {
    data: { name: 'bins' },
    mark: { type: 'rect', opacity },
    encoding: { x, x2: { field: 'high' }, y, y2: { field: 'z' }, fill: SIDE_FILL },
  },
  {
    data: { name: 'others' },
    mark: { type: 'line', strokeWidth: 1.5, strokeJoin: 'round' },
    encoding: {
      x,
      y,
      detail: { field: 'line' },
      stroke: { field: 'color', type: 'nominal', scale: null },
      order: { field: 'low', type: 'quantitative' },
    },
  },
  zeroLayer('y'),
  {
    data: { name: 'first' },
    mark: { type: 'rule', color: 'var(--accent)', strokeDash: [4, 3] },
    encoding: { x: { field: 'x', type: 'quantitative' } },
  },
  {
    data: { name: 'first' },
    mark: {
      type: 'text',
      align: 'left',
      baseline: 'top',
      dx: 4,
      dy: 2,
      fontSize: 11,
      color: 'var(--accent)',
    },
    encoding: {
      x: { field: 'x', type: 'quantitative' },
      y: { value: 0 },
      text: { field: 'label', type: 'nominal' },
    },
  },
];
