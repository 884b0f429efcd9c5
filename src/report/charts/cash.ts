/**
 * Who paid and who gained: each bar begins where the one before ended, payers
 * first, so that the last ends at 0. It must: every amount left one account and reached another.
 */
import { amount } from '../format.ts';
import type { Chart, Row } from './chart.ts';

export interface PartyNet {
  readonly label: string;
  readonly net: number;
}

export interface CashInput {
  readonly id: string;
  readonly asset: string;
  readonly parties: readonly PartyNet[];
  readonly title: string;
}

/** Payers, the largest first, then those who gained, the smallest first. */
export const inWaterfallOrder = (parties: readonly PartyNet[]): PartyNet[] =>
  [...parties].sort((a, b) => a.net - b.net || (a.label < b.label ? -1 : 1));

export function cashChart(input: CashInput): Chart {
  let at = 0;
  const rows: Row[] = inWaterfallOrder(input.parties).map((p, i) => {
    const from = at;
    at += p.net;
    return {
      party: `${p.label}\n${p.net > 0 ? '+' : ''}${amount(p.net)}`,
      i,
      from,
      until: at,
      sign: p.net < 0 ? 'paid' : 'gained',
    };
  });
  const y = {
    field: 'party',
    type: 'nominal',
    sort: rows.map((r) => r.party),
    axis: {
      title: null,
      labelExpr: "split(datum.label, '\\n')",
      labelLineHeight: 13,
      labelLimit: 150,
      ticks: false,
      domain: false,
      labelColor: 'var(--ink)',
    },
  };
  const x = { type: 'quantitative', title: input.asset, axis: { format: '~s', tickCount: 4 } };
  return {
    id: input.id,
    title: input.title,
    alt: `Waterfall of the change of wealth in ${input.asset} by party; it ends at zero.`,
    unit: input.asset,
    key: [
      { color: 'var(--long)', label: 'lost', shape: 'bar' },
      { color: 'var(--c2)', label: 'gained', shape: 'bar' },
    ],
    note: '',
    series: [],
    rows: { parties: rows },
    time: null,
    layers: [
      {
        data: { name: 'parties' },
        mark: { type: 'bar', height: { band: 0.62 } },
        encoding: {
          y,
          x: { ...x, field: 'from' },
          x2: { field: 'until' },
          fill: {
            field: 'sign',
            type: 'nominal',
            legend: null,
            scale: { domain: ['paid', 'gained'], range: ['var(--long)', 'var(--c2)'] },
          },
        },
      },
      {
        data: { values: [{ v: 0 }] },
        mark: { type: 'rule', color: 'var(--rule)' },
        encoding: { x: { field: 'v', type: 'quantitative' } },
      },
    ],
    height: 48 * Math.max(rows.length, 2) + 40,
    fitted: false,
    alsoFit: [],
  };
}
