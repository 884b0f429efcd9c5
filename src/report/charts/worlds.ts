/** One figure of every world over time, so that a counterfactual is seen beside its baseline. */
import type { Point } from '../m4.ts';
import { type Chart, fittedY, lineLayers, type Series } from './chart.ts';

/** Colours of worlds by their place; the first is the quietest. Dashes repeat what colour says. */
const worldColor = (place: number): string => `var(--w${place % 5})`;
const DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3],
];

/** One line a world: a figure over time under different rules. */
export function worldsChart(input: {
  readonly id: string;
  readonly title: string;
  readonly axis: string;
  readonly unit: string;
  readonly format: string;
  readonly lines: readonly { readonly label: string; readonly points: readonly Point[] }[];
  /** Place of the first line among the worlds, for its colour; 0 when absent. */
  readonly firstPlace?: number;
  readonly time: { readonly fromUs: number; readonly untilUs: number };
}): Chart {
  const first = input.firstPlace ?? 0;
  const series: Series[] = input.lines.map((line, i) => ({
    color: worldColor(first + i),
    dash: DASHES[(first + i) % DASHES.length]!,
    width: first + i === 0 ? 2.4 : 1.6,
    points: line.points,
  }));
  return {
    id: input.id,
    title: input.title,
    alt: `Line chart of ${input.axis} in each world.`,
    unit: input.unit,
    key: input.lines.map((line, i) => ({
      color: worldColor(first + i),
      label: line.label,
      shape: first + i < 2 ? ('line' as const) : ('dash' as const),
    })),
    note: '',
    series,
    rows: {},
    time: input.time,
    layers: lineLayers(series, fittedY(input.axis, input.format)),
    height: 220,
    fitted: true,
    alsoFit: [],
  };
}
