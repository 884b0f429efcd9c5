/** How far the last price stood from the mark, and the mark from the index. */
import type { Point } from '../m4.ts';
import { APART, type Wave } from '../series.ts';
import { type Chart, fittedY, instantLayer, levelLayer, lineLayers, type Series } from './chart.ts';

export interface DivergenceInput {
  readonly id: string;
  readonly market: string;
  /** Percent. */
  readonly lastMark: readonly Point[];
  readonly markIndex: readonly Point[];
  readonly waves: readonly Wave[];
  readonly title: string;
  readonly time: { readonly fromUs: number; readonly untilUs: number };
}

/** Last price against mark, and mark against index, percent over time. */
export function divergenceChart(input: DivergenceInput): Chart {
  const series: Series[] = [
    { color: 'var(--last)', width: 1.1, points: input.lastMark },
    { color: 'var(--index)', width: 1.3, points: input.markIndex },
  ];
  return {
    id: input.id,
    title: input.title,
    alt:
      `Line chart of the distance between last and mark price and between mark and index price of ` +
      `${input.market}, in percent.`,
    unit: '%',
    key: [
      { color: 'var(--last)', label: 'last above or below mark', shape: 'line' },
      { color: 'var(--index)', label: 'mark above or below index', shape: 'line' },
      { color: 'var(--rule)', label: `${APART * 100} % either way`, shape: 'dash' },
      { color: 'var(--accent)', label: 'first forced order of a wave', shape: 'dash' },
    ],
    note: '',
    series,
    rows: {
      marks: input.waves.map((w) => ({ t: w.firstUs / 1000 })),
      levels: [{ v: -APART * 100 }, { v: APART * 100 }],
    },
    time: input.time,
    layers: [
      levelLayer('var(--rule)'),
      instantLayer('var(--accent)'),
      ...lineLayers(series, fittedY('Distance, %', '.1f')),
    ],
    height: 220,
    fitted: true,
    alsoFit: [-2 * APART * 100, 2 * APART * 100],
  };
}
