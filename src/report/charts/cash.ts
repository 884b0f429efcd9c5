/**
 * Who paid and who gained: each bar begins where the one before ended, payers
 * first, so that the last ends at 0. It must: every amount left one account and reached another.
 */
import { amount } from '../format.ts';
import { type Chart, type Row, STILL, zeroLayer } from './chart.ts';

export interface PartyNet {
  readonly label: string;
  readonly net: number;
}

export interface CashInput {
  readonly id: string;
  readonly asset: string;
  readonly parties: readonly PartyNet[];
  readonly title: string;
  /** false: the amounts are one path of several, so the bars carry no numbers. */
  readonly numbers: boolean;
}

/** Payers, the largest first, then those who gained, the smallest first. */
export const inWaterfallOrder = (parties: readonly PartyNet[]): PartyNet[] =>
  [...parties].sort((a, b) => a.net - b.net || (a.label < b.label ? -1 : 1));

/** Bars of the waterfall: each from where the one before ended. */
function steps(parties: readonly PartyNet[], numbers: boolean): (Row & { readonly party: string })[] {
  let at = 0;
  return inWaterfallOrder(parties).map((p) => {
    const from = at;
    at += p.net;
    const party = numbers ? `${p.label}\n${p.net > 0 ? '+' : ''}${amount(p.net)}` : p.label;
    return { party, from, until: at, sign: p.net < 0 ? 'lost' : 'gained' };
  });
}

/** Who paid and who gained, as steps that add up to nothing left over. */
export function cashChart(input: CashInput): Chart {
  const rows = steps(input.parties, input.numbers);
  const y = {
    field: 'party',
    type: 'nominal',
    sort: rows.map((r) => r.party),
    axis: {
      title: null,
      labelExpr: "split(datum.label, '\\n')",
      labelLineHeight: 13,
      labelLimit: 160,
      labelOverlap: false,
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
    ...STILL,
    rows: { parties: rows },
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
            scale: { domain: ['lost', 'gained'], range: ['var(--long)', 'var(--c2)'] },
          },
        },
      },
      zeroLayer('x'),
    ],
    height: 48 * Math.max(rows.length, 2) + 40,
  };
}
