/**
 * The reruns: how far each figure moves when only the path inside a bar, a seed or one assumption
 * changes.
 */
import { type Cell, details, section, table } from '../components.ts';
import { withUnit } from '../figures.ts';
import { count } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { EnsembleRow } from '../queries.ts';
import { causeText, figureOrRange } from '../ranges.ts';
import type { Scope } from './scope.ts';
import { spoken } from './summary.ts';

const nameOf = (m: { name: string; market: string; side: string }): string =>
  [spoken(m.name), m.market, m.side].filter((part) => part !== '').join(' \u00b7 ');

export function sensitivitySection(scope: Scope, ensemble: readonly EnsembleRow[]): Html {
  const cells = [...new Set(ensemble.map((r) => r.cell))].sort();
  if (cells.length === 0) {
    return section(
      'sensitivity',
      'Reruns',
      '',
      html`<p>Nothing was rerun, so nothing here says how far the figures depend on the path inside a bar, on
        the seed or on the assumptions.</p>`,
    );
  }
  const lead =
    `${count(cells.length)} reruns, each with one change. A figure that changes sign or by ` +
    `more than a factor of two is PATH-DEPENDENT and is shown as its range everywhere on this page.`;
  return section(
    'sensitivity',
    'Reruns',
    lead,
    html`${spreadTable(scope)}${details('Every rerun', everyRerun(ensemble))}`,
  );
}

function spreadTable(scope: Scope): Html {
  const { figures, manifest } = scope;
  const rows = figures.metrics.flatMap((m): Cell[][] => {
    const reruns = figures.rerunsOf(m);
    if (m.value === null || reruns.length === 0) return [];
    const all = [
      { value: m.value, by: 'this run' },
      ...reruns.map((r) => ({ value: r.value, by: causeText(r) })),
    ];
    const low = all.reduce((a, b) => (b.value < a.value ? b : a));
    const high = all.reduce((a, b) => (b.value > a.value ? b : a));
    const isRange = figureOrRange(m.value, reruns).kind === 'range';
    const world =
      manifest.worlds.length === 1
        ? ''
        : ` \u00b7 ${manifest.worlds.find((w) => w.index === m.world)?.label ?? m.world}`;
    return [
      [
        `${nameOf(m)}${world}`,
        isRange ? html`<span class="tag">PATH-DEPENDENT</span>` : withUnit(m.value, m.unit),
        html`${withUnit(low.value, m.unit)}<br><small>${low.by}</small>`,
        html`${withUnit(high.value, m.unit)}<br><small>${high.by}</small>`,
        count(reruns.length),
      ],
    ];
  });
  return table({
    caption: 'Lowest and highest value of each figure over the reruns, and what gave it',
    head: ['Figure', 'This run', 'Lowest', 'Highest', 'Reruns'],
    rows,
    numbers: [1, 2, 3, 4],
  });
}

/** One row a rerun, one column a figure. */
function everyRerun(ensemble: readonly EnsembleRow[]): Html {
  const keyOf = (r: EnsembleRow): string => JSON.stringify([r.world, r.name, r.market, r.side, r.unit]);
  const columns = [...new Map(ensemble.map((r) => [keyOf(r), r]))];
  const reruns = new Map<string, { readonly what: string; readonly values: Map<string, string> }>();
  for (const r of ensemble) {
    const key = JSON.stringify([r.cell, r.kind, r.what]);
    const rerun = reruns.get(key) ?? { what: causeText(r), values: new Map<string, string>() };
    rerun.values.set(keyOf(r), withUnit(r.value, r.unit));
    reruns.set(key, rerun);
  }
  return table({
    caption: 'Every rerun; each differs from this run by one change',
    head: ['Changed', ...columns.map(([, r]) => nameOf(r))],
    rows: [...reruns.values()].map((r) => [r.what, ...columns.map(([key]) => r.values.get(key) ?? '')]),
    numbers: columns.map((_, i) => i + 1),
  });
}
