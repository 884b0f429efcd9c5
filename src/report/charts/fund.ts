/** Three pictures of an insurance fund: its balance, what flowed, and how near it was to empty. */
import type { Point } from '../m4.ts';
import type { FlowBar } from '../series.ts';
import {
  type Chart,
  fittedY,
  type KeyItem,
  levelLayer,
  lineLayers,
  type Series,
  timeX,
  zeroLayer,
} from './chart.ts';

interface Common {
  readonly id: string;
  readonly fund: string;
  readonly asset: string;
  readonly title: string;
  readonly time: { readonly fromUs: number; readonly untilUs: number };
}

export interface FundInput extends Common {
  readonly cash: readonly Point[];
  readonly total: readonly Point[];
  readonly recorded: readonly Point[];
}

/** Cash and inventory of the insurance funds over time. */
export function fundChart(input: FundInput): Chart {
  const lines: Series[] = [
    { color: 'var(--fund-soft)', width: 1.2, points: input.total },
    { color: 'var(--fund)', width: 2, points: input.cash },
  ];
  const y = fittedY(`Fund, ${input.asset}`);
  const key: KeyItem[] = [
    { color: 'var(--fund)', label: 'cash', shape: 'line' },
    { color: 'var(--fund-soft)', label: 'with open positions at mark', shape: 'line' },
  ];
  const layers = lineLayers(lines, y);
  if (input.recorded.length > 0) {
    key.push({ color: 'var(--accent)', label: 'balance that the venue recorded', shape: 'dot' });
    layers.push({
      data: { name: 'recorded' },
      mark: { type: 'point', filled: true, clip: true, size: 70, color: 'var(--accent)', opacity: 1 },
      encoding: { x: timeX(), y },
    });
  }
  return {
    id: input.id,
    title: input.title,
    alt:
      `Line chart of the balance of the ${input.fund} fund over the ` +
      `run${input.recorded.length > 0 ? ', with the recorded balances' : ''}.`,
    unit: input.asset,
    key,
    note: '',
    series: lines,
    rows: { recorded: input.recorded.map((p) => ({ t: p.tsUs / 1000, v: p.value })) },
    time: input.time,
    layers,
    height: 240,
    fitted: true,
    alsoFit: input.recorded.map((p) => p.value),
  };
}

/** Reasons in the order of the key; a colour each, the rest share the last. */
const REASONS: readonly (readonly [string, string])[] = [
  ['clearance-fee', 'var(--c1)'],
  ['residue', 'var(--c2)'],
  ['funding-share', 'var(--c3)'],
  ['injection', 'var(--c4)'],
  ['floor-contribution', 'var(--c4)'],
  ['realized-pnl', 'var(--c5)'],
  ['deficit', 'var(--c6)'],
  ['socialised-loss', 'var(--c7)'],
];
const OTHER = 'var(--muted)';

/** A reason of a transfer as a fund sees it. */
export const reasonText = (reason: string): string =>
  reason === 'realized-pnl' ? 'profit or loss on positions taken over' : reason.replaceAll('-', ' ');

/** What flows into the funds and out of them, per slice of time. */
export function fundFlowChart(
  input: Common & { readonly flows: readonly FlowBar[]; readonly widthUs: number },
): Chart {
  const present = [...new Set(input.flows.map((f) => f.reason))].sort();
  const colors = present.map((reason) => REASONS.find(([name]) => name === reason)?.[1] ?? OTHER);
  return {
    id: input.id,
    title: input.title,
    alt: `Stacked bars of what flowed into and out of the ${input.fund} fund by reason.`,
    unit: input.asset,
    key: present.map((reason, i) => ({
      color: colors[i]!,
      label: reasonText(reason),
      shape: 'bar' as const,
    })),
    note: '',
    series: [],
    rows: { bars: stacked(input.flows, input.widthUs) },
    time: input.time,
    layers: [
      {
        data: { name: 'bars' },
        mark: { type: 'rect', clip: true },
        encoding: {
          x: timeX(),
          x2: { field: 'u' },
          y: {
            field: 'a',
            type: 'quantitative',
            title: `In above, out below, ${input.asset}`,
            axis: { format: '~s', tickCount: 5 },
          },
          y2: { field: 'b' },
          fill: { field: 'reason', type: 'nominal', legend: null, scale: { domain: present, range: colors } },
        },
      },
      zeroLayer('y'),
    ],
    height: 220,
    fitted: false,
    alsoFit: [],
  };
}

/** Bars of one instant on top of each other: inflows upwards from 0, outflows downwards. */
function stacked(
  flows: readonly FlowBar[],
  widthUs: number,
): { t: number; u: number; a: number; b: number; reason: string }[] {
  const tops = new Map<string, number>();
  return flows.map((f) => {
    const key = `${f.ts}${f.value < 0 ? '-' : '+'}`;
    const a = tops.get(key) ?? 0;
    tops.set(key, a + f.value);
    return { t: f.ts / 1000, u: (f.ts + widthUs) / 1000, a, b: a + f.value, reason: f.reason };
  });
}

/** Smallest further move that would empty the fund, percent; 50 stands for "none within 50 %". */
export function fundHealthChart(input: Common & { readonly move: readonly Point[] }): Chart {
  const series: Series[] = [{ color: 'var(--fund)', width: 1.5, points: input.move }];
  return {
    id: input.id,
    title: input.title,
    alt: `Line chart of the smallest further price move that would have emptied the ${input.fund} fund.`,
    unit: '%',
    key: [
      {
        color: 'var(--fund)',
        label: 'further move, either way, that empties the fund (50 %: none within 50 %)',
        shape: 'line',
      },
    ],
    note: '',
    series,
    rows: { levels: [{ v: 5 }] },
    time: input.time,
    layers: [levelLayer('var(--rule)'), ...lineLayers(series, fittedY('Further move, %', '.0f'))],
    height: 180,
    fitted: true,
    alsoFit: [0],
  };
}
