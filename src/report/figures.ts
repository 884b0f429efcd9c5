/**
 * Headline figures as they may be said. Every figure of the page goes through `say`: it prints the
 * number, or its range where the reruns disagree, and keeps the keys of what the first screen says,
 * so that `cascade verify` can hold the page against the database.
 */
import { SECOND_US } from '../basics/instant.ts';
import { amountOf, count, percent, priceText, spanText } from './format.ts';
import { type Html, html } from './html.ts';
import { type EnsembleRow, headlineKey, type Metric } from './queries.ts';
import { figureOrRange, type Range, type Rerun } from './ranges.ts';

const COUNTS = new Set(['accounts', 'orders', 'positions', 'closes', 'legs', 'beats', 'liquidations']);

/** A value with its unit, in the form that fits the unit. */
export function withUnit(value: number, unit: string): string {
  if (COUNTS.has(unit)) return count(value);
  if (unit === 'fraction' || unit === 'share') return percent(value);
  if (unit === 'quote units' || unit === 'price') return priceText(value);
  if (unit === 's') return spanText(value * SECOND_US);
  if (unit === 'us') return spanText(value);
  return amountOf(value, unit === '-' ? '' : unit);
}

/** The one way in which a range is written: both ends, what gives them, and the mark. */
export function rangeHtml(range: Range, unit: string): Html {
  const causes =
    range.lowBy === range.highBy ? range.lowBy : `lowest: ${range.lowBy}; highest: ${range.highBy}`;
  return html`<span class="range"><b>${withUnit(range.low, unit)} to ${withUnit(range.high, unit)}</b> <span
    class="tag">PATH-DEPENDENT</span> <small>(${causes})</small></span>`;
}

/** A money figure of the page: the number, or its range over the reruns. */
export function moneyHtml(value: number, unit: string, reruns: readonly Rerun[], exact = ''): Html {
  if (!Number.isFinite(value)) return html`<span class="none">not defined</span>`;
  const found = figureOrRange(value, reruns);
  if (found.kind === 'range') return rangeHtml(found, unit);
  return html`<span class="num"${
    exact === ''
      ? ''
      : html` title="${exact}
    ${unit}"`
  }>${withUnit(value, unit)}</span>`;
}

export class Figures {
  readonly metrics: readonly Metric[];
  readonly mainWorld: number;
  private readonly reruns: ReadonlyMap<string, readonly EnsembleRow[]>;
  private readonly said = new Map<string, string>();

  constructor(metrics: readonly Metric[], ensemble: readonly EnsembleRow[], mainWorld: number) {
    this.metrics = metrics;
    this.mainWorld = mainWorld;
    const reruns = new Map<string, EnsembleRow[]>();
    for (const row of ensemble) {
      const key = headlineKey(row);
      reruns.set(key, [...(reruns.get(key) ?? []), row]);
    }
    this.reruns = reruns;
  }

  /** The metric of the main world, or of another; null where the run has none or it has no value. */
  find(name: string, market = '', side = '', world = this.mainWorld): Metric | null {
    const found = this.metrics.find(
      (m) => m.world === world && m.name === name && m.market === market && m.side === side,
    );
    return found === undefined || found.value === null ? null : found;
  }

  rerunsOf(m: Metric): readonly Rerun[] {
    return this.reruns.get(headlineKey(m)) ?? [];
  }

  /** true where the figure may only be shown as a range. */
  isRange(m: Metric): boolean {
    return m.value !== null && figureOrRange(m.value, this.rerunsOf(m)).kind === 'range';
  }

  /** true where some figure of the main world may only be shown as a range. */
  anyRange(): boolean {
    return this.metrics.some((m) => m.world === this.mainWorld && this.isRange(m));
  }

  /** The figure as it may be said; its key is kept for the page's `figures` block. */
  say(m: Metric): Html {
    if (m.value === null) return html`<span class="none">not defined</span>`;
    this.said.set(headlineKey(m), m.text);
    return moneyHtml(m.value, m.unit, this.rerunsOf(m), m.text);
  }

  /** Keeps a figure that was said in other words (a time, a share of another). */
  keep(m: Metric): void {
    this.said.set(headlineKey(m), m.text);
  }

  /** Key -> value as stored of every figure said so far, in the order of the keys. */
  saidSoFar(): Record<string, string> {
    return Object.fromEntries([...this.said].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
