/** The first screen: what happened, in words and world by world, and what the numbers rest on. */
import { type Cell, details, section, table } from '../components.ts';
import { count, timeText } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { Manifest, Statement } from '../manifest.ts';
import type { Metric } from '../queries.ts';
import { type MarkPath, notices, words } from '../words.ts';
import type { Scope } from './scope.ts';

/** Section: the figures of the first screen. */
export function summarySection(scope: Scope, paths: readonly MarkPath[], funds: readonly string[]): Html {
  const { manifest, figures } = scope;
  const caveats =
    manifest.caveats.length === 0
      ? ''
      : html`<ul class="caveats">${manifest.caveats.map((c) => html`<li>${c}</li>`)}</ul>`;
  return section(
    'summary',
    'What happened',
    '',
    html`<div class="words">${words(manifest, figures, paths, funds)}</div>
${notices(manifest).map(
  (n) => html`<aside class="notice
  ${n.kind}"><h3>${n.title}</h3><p>${n.text}</p></aside>`,
)}
${caveats}${manifest.worlds.length > 1 ? worldsTable(scope) : ''}`,
  );
}

/** Figures shown side by side on the first screen, in this order and in these words. */
const MAIN: Readonly<Record<string, string>> = {
  markLow: 'Lowest mark',
  liquidatedAccounts: 'Accounts liquidated',
  liquidatedNotional: 'Value liquidated',
  deficit: 'Losses beyond margin',
  fundChange: 'Insurance fund, change',
  fundLow: 'Insurance fund, lowest',
  adlAccounts: 'Winners deleveraged',
  adlNotional: 'Value deleveraged',
  housePaid: 'Paid by the operator',
  openInterestChange: 'Open interest, change',
};

/** At the level at which a figure is read; the rest is in the table of all. */
export function isMain(m: Metric): boolean {
  if (['liquidatedAccounts', 'liquidatedNotional'].includes(m.name)) return m.market !== '' && m.side !== '';
  if (['adlAccounts', 'adlNotional'].includes(m.name)) return m.market !== '' && m.side === '';
  if (['deficit', 'housePaid'].includes(m.name)) return m.market === '' && m.side === '';
  return MAIN[m.name] !== undefined;
}

/** One column a world: the same figure with and without feedback, under each rule set. */
function worldsTable(scope: Scope): Html {
  const shown = Object.keys(MAIN).flatMap((name) =>
    scope.figures.metrics.filter((m) => m.name === name && isMain(m)),
  );
  if (shown.length === 0) return html``;
  return html`<h3>World by world</h3>${pivot(scope, shown, 'The main figures, one column a world')}`;
}

const rowKey = (m: Metric): string => JSON.stringify([m.name, m.market, m.side, m.unit]);

/** `liquidatedNotional` -> `liquidated notional`. */
export const spoken = (name: string): string =>
  name.replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);

function pivot(scope: Scope, shown: readonly Metric[], caption: string): Html {
  const { worlds } = scope.manifest;
  const keys = [...new Set(shown.map(rowKey))];
  const rows = keys.map((key): Cell[] => {
    const same = shown.filter((m) => rowKey(m) === key);
    const first = same[0]!;
    const what = [MAIN[first.name] ?? spoken(first.name), first.market, first.side]
      .filter((part) => part !== '')
      .join(' \u00b7 ');
    const cells = worlds.map((w) => {
      const m = same.find((x) => x.world === w.index);
      return m === undefined ? '' : isInstant(m) ? sayInstant(scope, m) : scope.figures.say(m);
    });
    return [html`<span title="${first.definition}">${what}</span>`, ...cells];
  });
  return table({
    caption,
    head: ['Figure', ...worlds.map((w) => w.label)],
    rows,
    numbers: worlds.map((_, i) => i + 1),
  });
}

const isInstant = (m: Metric): boolean => /Us$/.test(m.name) || m.unit === 'us UTC';

function sayInstant(scope: Scope, m: Metric): Html {
  scope.figures.keep(m);
  return html`${m.value === null ? '' : timeText(m.value, scope.manifest.resolutionUs)}`;
}

const term = (name: string, meaning: string): Html => html`<dt>${spoken(name)}</dt><dd>${meaning}</dd>`;

/** Every figure of the run with its definition: what `cascade verify` recomputes. */
export function allFigures(scope: Scope): Html {
  const { metrics } = scope.figures;
  if (metrics.length === 0) return html`<p>This run stored no figures.</p>`;
  const definitions = [...new Map(metrics.map((m) => [m.name, m.definition]))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return html`${details('All figures', pivot(scope, metrics, 'Every figure of the run, one column a world'))}
${details(
  'Definitions',
  html`<dl
  class="terms">${definitions.map(([name, meaning]) => term(name, meaning))}</dl>`,
)}`;
}

/** The three lists that are never mixed. */
export function statementsSection(scope: Scope): Html {
  const { manifest } = scope;
  return section(
    'basis',
    'What the numbers rest on',
    'Facts were recorded or published. Rules are what the venue decides; each has a source or says ' +
      'assumed. Assumptions are what nobody published.',
    html`${isUnverified(manifest) ? UNVERIFIED : ''}
<div class="three">${card('Facts', manifest.facts)}${card('Rules', manifest.rules)}
${card('Assumptions', manifest.assumptions)}</div>`,
  );
}

/** Whether the rules say of themselves that they are not proven yet. */
export const isUnverified = ({ rules }: Pick<Manifest, 'rules'>): boolean =>
  rules.some(({ name }) => name === 'unverified');

const UNVERIFIED = html`<p class="warned">The rule book is unverified: it has not been proven against three
published worked examples yet.</p>`;

/** One list: how many by standing, the first lines, and all of it behind. */
export function card(title: string, list: readonly Statement[]): Html {
  const kinds = [...new Set(list.map((s) => s.confidence))].sort();
  const of = (kind: string): number => list.filter((s) => s.confidence === kind).length;
  return html`<div class="card"><h3>${title} <span class="count">${count(list.length)}</span></h3>
<p>${kinds.map((kind, i) => html`${i === 0 ? '' : ', '}${count(of(kind))} ${kind || 'unmarked'}`)}</p>
<ul>${inBrief(list).map((line) => html`<li>${line}</li>`)}</ul>
${details(
  `All ${title.toLowerCase()}`,
  table({
    caption: title,
    head: ['Name', 'Value', 'Source', 'Standing'],
    rows: list.map((s) => [
      html`<code>${s.name}</code>`,
      s.value,
      html`<small>${s.source}</small>`,
      s.confidence,
    ]),
  }),
)}</div>`;
}

/** A short list as it is, a long one by its first words and how many numbers each has. */
function inBrief(list: readonly Statement[]): string[] {
  if (list.length <= 9) return list.map((s) => `${s.name}: ${s.value}`);
  const groups = new Map<string, number>();
  for (const s of list) {
    const group = s.name.split('.')[0]!;
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  return [...groups].map(
    ([group, n]) =>
      `${spoken(group)}${
        n === 1 ? `: ${list.find((s) => s.name.split('.')[0] === group)!.value}` : ` ` + `(${count(n)})`
      }`,
  );
}
