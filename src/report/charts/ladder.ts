/** The ladder of auto-deleveraging: profit given up by place in the queue, five lights at the front. */
import { amount, count } from '../format.ts';
import type { LadderRow } from '../queries.ts';
import { type Chart, STILL } from './chart.ts';

const said = (qty: number, accounts: number): string =>
  accounts === 0
    ? 'nobody'
    : `${amount(qty)} in ${count(accounts)} ${accounts === 1 ? 'account' : 'accounts'}`;

/** The queue of one side: profit given up, bar by bar, in the order of the queue. */
export function ladderChart(input: {
  readonly id: string;
  readonly market: string;
  readonly unit: string;
  readonly rows: readonly LadderRow[];
  readonly title: string;
}): Chart {
  const rungs = rungsOf(input.rows);
  const y = {
    field: 'rung',
    type: 'nominal',
    sort: rungs.map((r) => r.rung),
    axis: {
      title: 'ADL lights',
      labelExpr: "split(datum.label, '\\n')",
      labelLineHeight: 13,
      labelLimit: 0,
      labelOverlap: false,
      titleAngle: 0,
      titleAlign: 'left',
      titleY: -8,
      titleX: -70,
      ticks: false,
      domain: false,
      labelColor: 'var(--ink)',
      labelFontSize: 12,
    },
  };
  const x = {
    field: 'qty',
    type: 'quantitative',
    title: `Quantity closed, ${input.unit}`,
    axis: { format: '~s', tickCount: 4 },
  };
  return {
    id: input.id,
    title: input.title,
    alt: `Bars of the quantity that auto-deleveraging closed in ${input.market} by lights of the queue.`,
    unit: input.unit,
    key: [],
    ...STILL,
    rows: { rungs },
    layers: [
      {
        data: { name: 'rungs' },
        mark: { type: 'bar', color: 'var(--c3)', height: { band: 0.6 } },
        encoding: { y, x },
      },
    ],
    height: 230,
  };
}

/** One rung a number of lights, the front of the queue first. */
function rungsOf(rows: readonly LadderRow[]): { rung: string; lights: number; qty: number }[] {
  return [5, 4, 3, 2, 1].map((lights) => {
    const here = rows.filter((r) => r.lights === lights);
    const qty = here.reduce((total, r) => total + r.qty, 0);
    const accounts = here.reduce((total, r) => total + r.accounts, 0);
    return {
      rung: `${'\u25cf'.repeat(lights)}${'\u25cb'.repeat(5 - lights)}\n${said(qty, accounts)}`,
      lights,
      qty,
    };
  });
}
