/** Value of forced closes over time: longs below the line, shorts above it. */
import type { SideBar } from '../series.ts';
import { type Chart, SIDE_FILL, STILL, timeX, zeroLayer } from './chart.ts';

export interface LiquidationsInput {
  readonly id: string;
  readonly market: string;
  readonly unit: string;
  readonly bars: readonly SideBar[];
  readonly widthUs: number;
  readonly title: string;
  readonly time: { readonly fromUs: number; readonly untilUs: number };
}

/** Liquidated notional over time, longs and shorts. */
export function liquidationsChart(input: LiquidationsInput): Chart {
  return {
    id: input.id,
    title: input.title,
    alt: `Bar chart of the value of forced closes in ${input.market} by side over time.`,
    unit: input.unit,
    key: [
      { color: 'var(--short)', label: 'shorts closed (upwards)', shape: 'bar' },
      { color: 'var(--long)', label: 'longs closed (downwards)', shape: 'bar' },
    ],
    ...STILL,
    rows: {
      bars: input.bars.map((b) => ({
        t: b.ts / 1000,
        u: (b.ts + input.widthUs) / 1000,
        v: b.side === 'long' ? -b.value : b.value,
        z: 0,
        side: b.side,
      })),
    },
    time: input.time,
    layers: [
      {
        data: { name: 'bars' },
        mark: { type: 'rect', clip: true },
        encoding: {
          x: timeX(),
          x2: { field: 'u' },
          y: {
            field: 'v',
            type: 'quantitative',
            title: `Value closed, ${input.unit}`,
            axis: { labelExpr: "format(abs(datum.value), '~s')", tickCount: 5 },
          },
          y2: { field: 'z' },
          fill: SIDE_FILL,
        },
      },
      zeroLayer('y'),
    ],
    height: 240,
  };
}
