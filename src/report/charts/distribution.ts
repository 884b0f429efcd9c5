/**
 * What the open positions looked like before (wide, grey) and after (narrow, coloured): longs below
 * the line, shorts above.
 */
import type { Bin } from '../series.ts';
import { type Chart, SIDE_FILL, STILL, zeroLayer } from './chart.ts';

export interface DistributionInput {
  readonly id: string;
  readonly title: string;
  readonly alt: string;
  /** Title of the horizontal axis and its number format. */
  readonly axis: string;
  readonly format: string;
  readonly unit: string;
  readonly bins: readonly Bin[];
  /** Vertical rules with a name: liquidation at 1, the first mark. */
  readonly at: readonly {
    readonly value: number;
    readonly label: string;
    readonly align: 'left' | 'right';
  }[];
  readonly note: string;
  /** A logarithmic axis, with a tick at each power of ten. */
  readonly log?: boolean;
}

/** Open positions by bins of a price or a leverage, before and after. */
export function distributionChart(input: DistributionInput): Chart {
  const rows = input.bins.map((b) => ({
    low: b.low,
    high: b.high,
    from: b.low + (b.high - b.low) * 0.22,
    until: b.high - (b.high - b.low) * 0.22,
    v: b.side === 'long' ? -b.value : b.value,
    z: 0,
    side: b.side,
    when: b.when,
  }));
  const x = {
    field: 'low',
    type: 'quantitative',
    title: input.axis,
    scale: input.log === true ? { type: 'log', nice: false } : { zero: false, nice: false },
    axis: {
      format: input.format,
      grid: false,
      ...(input.log === true ? { values: [0.001, 0.01, 0.1, 1] } : { tickCount: 7 }),
    },
  };
  const y = {
    field: 'v',
    type: 'quantitative',
    title: `Entry value, ${input.unit}`,
    axis: { labelExpr: "format(abs(datum.value), '~s')", tickCount: 5 },
  };
  return {
    id: input.id,
    title: input.title,
    alt: input.alt,
    unit: input.unit,
    key: [
      { color: 'var(--short)', label: 'shorts after', shape: 'bar' },
      { color: 'var(--long)', label: 'longs after', shape: 'bar' },
      { color: 'var(--rule)', label: 'before the run', shape: 'bar' },
    ],
    ...STILL,
    note: input.note,
    rows: {
      before: rows.filter((r) => r.when === 'before'),
      after: rows.filter((r) => r.when === 'after'),
      rules: input.at.map((r) => ({ x: r.value })),
    },
    layers: layersOf(x, y, input.at),
    height: 230,
  };
}

/** Before behind, after in front, the zero line and the named rules. */
function layersOf(x: object, y: object, at: DistributionInput['at']): object[] {
  return [
    {
      data: { name: 'before' },
      mark: { type: 'rect', opacity: 0.6, fill: 'var(--rule)' },
      encoding: { x, x2: { field: 'high' }, y, y2: { field: 'z' } },
    },
    {
      data: { name: 'after' },
      mark: { type: 'rect' },
      encoding: {
        x: { ...x, field: 'from' },
        x2: { field: 'until' },
        y,
        y2: { field: 'z' },
        fill: SIDE_FILL,
      },
    },
    zeroLayer('y'),
    {
      data: { name: 'rules' },
      mark: { type: 'rule', color: 'var(--accent)', strokeDash: [4, 3] },
      encoding: { x: { field: 'x', type: 'quantitative' } },
    },
    ...at.map(ruleLabel),
  ];
}

/** Name of a vertical rule, beside its upper end. */
const ruleLabel = (r: DistributionInput['at'][number]): object => ({
  data: { values: [{ x: r.value, label: r.label }] },
  mark: {
    type: 'text',
    align: r.align,
    baseline: 'top',
    dx: r.align === 'left' ? 4 : -4,
    dy: 2,
    fontSize: 11,
    color: 'var(--accent)',
  },
  encoding: { x: { field: 'x', type: 'quantitative' }, y: { value: 0 }, text: { field: 'label' } },
});
