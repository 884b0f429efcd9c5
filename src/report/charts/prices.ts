/** Last, mark and index of one market with the mean prices of forced fills on them. */
import type { FillPoint } from '../series.ts';
import { type Chart, fittedY, lineLayers, type Series, SIDE_FILL, timeX } from './chart.ts';
import type { Point } from '../m4.ts';

export interface PricesInput {
  readonly id: string;
  readonly market: string;
  readonly quote: string;
  readonly last: readonly Point[];
  readonly mark: readonly Point[];
  readonly index: readonly Point[];
  readonly fills: readonly FillPoint[];
  readonly title: string;
  readonly time: { readonly fromUs: number; readonly untilUs: number };
}

/** Last price, index and mark of one market over time. */
export function pricesChart(input: PricesInput): Chart {
  const series: Series[] = [
    { color: 'var(--last)', width: 1, points: input.last },
    { color: 'var(--index)', dash: [5, 3], width: 1.3, points: input.index },
    { color: 'var(--ink)', width: 1.7, points: input.mark },
  ];
  const title = `Price, ${input.quote || 'quote units'}`;
  const y = fittedY(title);
  return {
    id: input.id,
    title: input.title,
    alt:
      `Line chart of last, mark and index price of ${input.market} over the run, with the mean ` +
      `prices of forced fills.`,
    unit: input.quote,
    key: [
      { color: 'var(--last)', label: 'last trade', shape: 'line' },
      { color: 'var(--ink)', label: 'mark', shape: 'line' },
      { color: 'var(--index)', label: 'index', shape: 'dash' },
      { color: 'var(--long)', label: 'forced sale (a long closed)', shape: 'dot' },
      { color: 'var(--short)', label: 'forced purchase (a short closed)', shape: 'dot' },
    ],
    note: '',
    series,
    rows: { fills: input.fills.map((f) => ({ t: f.ts / 1000, v: f.price, side: f.side, q: f.qty })) },
    time: input.time,
    layers: [
      ...lineLayers(series, y),
      {
        data: { name: 'fills' },
        mark: { type: 'point', filled: true, clip: true, opacity: 0.75 },
        encoding: {
          x: timeX(),
          y,
          fill: SIDE_FILL,
          size: { field: 'q', type: 'quantitative', legend: null, scale: { type: 'sqrt', range: [4, 70] } },
        },
      },
    ],
    height: 340,
    fitted: true,
    alsoFit: input.fills.map((f) => f.price),
  };
}
