/**
 * Published figures beside ours. Where nothing was published the cell stays blank; where the reruns
 * disagree about ours it is a range, and a part of the window has no number of its own while the
 * figure of the whole window is only a range.
 */
import { DAY_US, MINUTE_US } from '../../basics/instant.ts';
import { type Cell, section, table } from '../components.ts';
import { moneyHtml, rangeHtml, withUnit } from '../figures.ts';
import { dayText, decimals, priceText, timeText } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { Metric, Reconciled } from '../queries.ts';
import { figureOrRange, type Rerun } from '../ranges.ts';
import type { Scope } from './scope.ts';
import { spoken } from './summary.ts';

/** What each figure is called, in the order of the table. */
const WHAT: Readonly<Record<string, string>> = {
  liquidatedLong: 'Longs liquidated',
  liquidatedShort: 'Shorts liquidated',
  liquidatedTotal: 'Liquidated, both sides',
  openInterestChange: 'Open-interest change',
  fundChange: 'Insurance-fund change',
  adlNotional: 'Auto-deleveraged',
  markLow: 'Mark low',
  perpLow: 'Last-price low',
};
const PRICES = new Set(['markLow', 'perpLow']);

/** Section: our figures beside the published ones. */
export function reconciliationSection(scope: Scope, rows: readonly Reconciled[]): Html {
  if (rows.length === 0) {
    return section(
      'reconciliation',
      'Against what was published',
      '',
      html`<p>The scenario names no published figure to hold this run against.</p>`,
    );
  }
  const lead =
    'A ratio of 1 is agreement. Published liquidation totals disagree among each other by a factor of two; ' +
    'only the rows that cover the same venue and span can be held against the model.';
  return section(
    'reconciliation',
    'Against what was published',
    lead,
    table({
      caption: 'Published figures and ours',
      head: ['Figure', 'Covers', 'Published', 'Ours', 'Ours / published', 'Source'],
      rows: inOrder(rows).map((r) => reconciled(scope, r)),
      numbers: [2, 3, 4],
    }),
  );
}

/** In the order of WHAT, and of time within it. */
function inOrder(rows: readonly Reconciled[]): Reconciled[] {
  const names = Object.keys(WHAT);
  const place = (what: string): number => (names.includes(what) ? names.indexOf(what) : names.length);
  return [...rows].sort((a, b) => place(a.what) - place(b.what) || (a.fromUs ?? 0) - (b.fromUs ?? 0));
}

const said = (r: Reconciled, x: number): string =>
  PRICES.has(r.what) ? `${priceText(x)}\u00a0${r.unit}` : withUnit(x, r.unit);

function reconciled(scope: Scope, r: Reconciled): Cell[] {
  const covers = [r.market || 'all markets', coverage(scope, r)].join(', ');
  const ends: Rerun[] = [r.oursLow, r.oursHigh].flatMap((value) =>
    value === null ? [] : [{ kind: 'override', what: 'over the reruns', value }],
  );
  const unknown = ends.length === 0 && !PRICES.has(r.what) ? wholeRunRange(scope, r) : null;
  return [
    WHAT[r.what] ?? spoken(r.what),
    html`${covers}${r.note === '' ? '' : html`<br><small>${r.note}</small>`}`,
    r.published === null ? '' : html`<span class="num">${said(r, r.published)}</span>`,
    unknown ?? ourFigure(r, ends),
    unknown === null ? ratio(r, ends) : '',
    html`<small>${r.source}</small>`,
  ];
}

function ourFigure(r: Reconciled, ends: readonly Rerun[]): Html | null {
  if (r.ours === null) return null;
  if (PRICES.has(r.what)) return html`<span class="num">${said(r, r.ours)}</span>`;
  return moneyHtml(r.ours, r.unit, ends);
}

/** Metric of the whole run that a published figure belongs to. */
const METRIC_OF: Readonly<Record<string, readonly [name: string, side: string]>> = {
  liquidatedLong: ['liquidatedNotional', 'long'],
  liquidatedShort: ['liquidatedNotional', 'short'],
  liquidatedTotal: ['liquidatedNotional', ''],
  adlNotional: ['adlNotional', ''],
  fundChange: ['fundChange', ''],
};

/** Range of the figure over the whole run, where it is one and the reruns do not have this row itself. */
function wholeRunRange(scope: Scope, r: Reconciled): Html | null {
  const [name, side] = METRIC_OF[r.what] ?? ['', ''];
  const fits = (m: Metric): boolean =>
    m.world === scope.figures.mainWorld &&
    m.name === name &&
    m.side === side &&
    (m.market === r.market || name === 'fundChange');
  const m = scope.figures.metrics.find(fits);
  if (m === undefined || m.value === null) return null;
  const found = figureOrRange(m.value, scope.figures.rerunsOf(m));
  return found.kind === 'figure' ? null : html`<small>whole run:</small> ${rangeHtml(found, m.unit)}`;
}

/** Ours over published; of a range both ends. Blank without either. */
function ratio(r: Reconciled, ends: readonly Rerun[]): string {
  if (r.published === null || r.published === 0 || r.ours === null) return '';
  const all = [r.ours, ...ends.map((e) => e.value)].map((x) => x / r.published!);
  const low = decimals(Math.min(...all), 2);
  const high = decimals(Math.max(...all), 2);
  return low === high ? low : `${low} to ${high}`;
}

/** The span of a published figure: its edges are exact, not bound to the resolution of the data. */
function coverage(scope: Scope, r: Reconciled): string {
  if (r.fromUs === null && r.untilUs === null) return 'whole window';
  const [from, until] = [r.fromUs ?? scope.manifest.fromUs, r.untilUs ?? scope.manifest.untilUs];
  if (from % DAY_US === 0 && until - from === DAY_US) return dayText(from);
  return `${timeText(from, MINUTE_US)} \u2013 ${timeText(until, MINUTE_US)}`;
}
