/**
 * The reruns: how far each figure moves when only the path inside a bar, a seed or one assumption
 * changes.
 */
import { type Cell, details, section, table } from '../components.ts';
import { withUnit } from '../figures.ts';
import { count } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { EnsembleRow, Metric } from '../queries.ts';
import { causeText } from '../ranges.ts';
import type { Scope } from './scope.ts';
import { isMain, spoken } from './summary.ts';

const nameOf = (m: { name: string; market: string; side: string }): string =>
  [spoken(m.name), m.market, m.side].filter((part) => part !== '').join(' \u00b7 ');

/** Section: how far each figure moves with what nobody published. */
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
  const main = scope.figures.metrics.filter(isMain);
  const rest = scope.figures.metrics.filter((m) => !isMain(m));
  const lead =
    `${count(cells.length)} reruns, each with one change. A figure that changes sign or by ` +
    `more than a factor of two is PATH-DEPENDENT and is shown as its range everywhere on this page.`;
  return section(
    'sensitivity',
    'Reruns',
    lead,
    html`${spreadTable(scope, main, 'Lowest and highest value of the main figures, and what gave it')}
${details('Every figure over the reruns', spreadTable(scope, rest, 'The other figures over the reruns'))}
${details('Every rerun', everyRerun(ensemble))}`,
  );
}

function spreadTable(scope: Scope, shown: readonly Metric[], caption: string): Html {
  const { figures, manifest } = scope;
  const rows = shown.flatMap((m): Cell[][] => {
    const reruns = figures.rerunsOf(m);
    if (m.value === null || reruns.length === 0) return [];
    const all = [
      { value: m.value, by: 'this run' },
      ...reruns.map((r) => ({ value: r.value, by: causeText(r) })),
    ];
    const low = all.reduce((a, b) => (b.value < a.value ? b : a));
    const high = all.reduce((a, b) => (b.value > a.value ? b : a));
    const world = manifest.worlds.find((w) => w.index === m.world)?.label ?? String(m.world);
    return [
      [
        manifest.worlds.length === 1 ? nameOf(m) : `${nameOf(m)} \u00b7 ${world}`,
        figures.isRange(m) ? html`<span class="tag">PATH-DEPENDENT</span>` : withUnit(m.value, m.unit),
        html`${withUnit(low.value, m.unit)}<br><small>${low.by}</small>`,
        html`${withUnit(high.value, m.unit)}<br><small>${high.by}</small>`,
        count(reruns.length),
      ],
    ];
  });
  const head = ['Figure', 'This run', 'Lowest', 'Highest', 'Reruns'];
  return table({ caption, head, rows, numbers: [1, 2, 3, 4] });
}

/** One row a rerun, one column a figure. */
function everyRerun(ensemble: readonly EnsembleRow[]): Html {
  const keyOf = (r: EnsembleRow): string => JSON.stringify([r.world, r.name, r.market, r.side, r.unit]);
  const columns = [...new Map(ensemble.map((r) => [keyOf(r), r]))];
  const reruns = new Map<string, { readonly what: string; readonly values: Map<string, string> }>();
  for (const r of ensemble) {
    const key = JSON.stringify([r.cell, r.kind, r.what]);
    const rerun = reruns.get(key) ?? {
      what: r.kind === 'override' ? r.what : causeText(r),
      values: new Map<string, string>(),
    };
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
