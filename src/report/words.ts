/**
 * What happened, in plain sentences made from the figures. Nothing is said without its number, and
 * a figure that a rerun would change is said as its range. The names of the metrics are here, once.
 */
import { count, listed, percent, priceText, timeText } from './format.ts';
import type { Figures } from './figures.ts';
import { type Html, html } from './html.ts';
import type { Manifest } from './manifest.ts';
import type { Metric } from './queries.ts';

/** Path of one market's mark, from the stored beats. */
export interface MarkPath {
  readonly market: string;
  readonly first: number;
  readonly last: number;
  readonly low: number;
  readonly lowUs: number;
  readonly high: number;
  readonly highUs: number;
}

/** All sentences, one paragraph a subject; markets and funds without figures say nothing. */
export function words(
  manifest: Manifest,
  figures: Figures,
  paths: readonly MarkPath[],
  funds: readonly string[],
): Html[] {
  return [
    ...paths.map((path) => priceWords(manifest, figures, path)),
    ...manifest.markets.flatMap((m) => liquidationWords(figures, m.id)),
    ...funds.flatMap((fund) => fundWords(figures, fund)),
    ...deficitWords(figures),
  ];
}

function priceWords(manifest: Manifest, figures: Figures, path: MarkPath): Html {
  /** The stored figure; the path's own where the run stored none. */
  const stored = (name: string, own: number): number => {
    const m = figures.find(name, path.market);
    if (m === null) return own;
    figures.keep(m);
    return m.value!;
  };
  const [first, last] = [stored('markFirst', path.first), stored('markLast', path.last)];
  const fell = path.first - path.low >= path.high - path.first;
  const extreme = fell ? stored('markLow', path.low) : stored('markHigh', path.high);
  const atUs = fell ? stored('markLowAtUs', path.lowUs) : path.highUs;
  return html`<p>The mark price of <b>${path.market}</b> ${fell ? 'fell' : 'rose'} from ${priceText(first)} to
    <b>${priceText(extreme)}</b> (${percent(extreme / first - 1, 1, true)}) at
      ${timeText(atUs, manifest.resolutionUs)} UTC
    and ended the window at ${priceText(last)} (${percent(last / first - 1, 1, true)}).</p>`;
}

function liquidationWords(figures: Figures, market: string): Html[] {
  const parts: Html[] = [];
  for (const side of ['long', 'short'] as const) {
    const accounts = figures.find('liquidatedAccounts', market, side);
    const value = figures.find('liquidatedNotional', market, side);
    if (accounts === null && value === null) continue;
    const held = figures.find('accounts', market, side);
    const who =
      accounts === null
        ? html`${side}s`
        : html`${figures.say(accounts)} ${side} accounts${atStart(figures, held)}`;
    parts.push(value === null ? html`${who}` : html`${who} with forced closes worth ${figures.say(value)}`);
  }
  if (parts.length === 0) return [];
  return [
    html`<p>In <b>${market}</b> the engine liquidated ${parts[0]!}${
      parts.length > 1
        ? html` and
      ${parts[1]!}`
        : ''
    }. ${lastPriceWords(figures, market)}${adlWords(figures, market)}</p>`,
  ];
}

/** What the mark price saved people from, or did not. */
function lastPriceWords(figures: Figures, market: string): Html {
  const accounts = figures.find('liquidatedAccountsAtLastPrice', market);
  if (accounts === null) return html``;
  return html`Had the last price been the mark, ${figures.say(accounts)} accounts would have been liquidated. `;
}

/** No share of a whole: some of the liquidated may have come later. */
function atStart(figures: Figures, held: Metric | null): Html | string {
  if (held === null || held.value === null) return '';
  figures.keep(held);
  return html` (${count(held.value)} at the start)`;
}

function adlWords(figures: Figures, market: string): Html {
  const value = figures.find('adlNotional', market);
  const accounts = figures.find('adlAccounts', market);
  if (value === null && accounts === null) return html``;
  const none = [value, accounts].every((m) => m === null || (m.value === 0 && !figures.isRange(m)));
  if (none) {
    for (const m of [value, accounts]) if (m !== null) figures.keep(m);
    return html`No winner was deleveraged.`;
  }
  const worth = value === null ? '' : html` worth ${figures.say(value)}`;
  const who = accounts === null ? '' : html`; winning accounts: ${figures.say(accounts)}`;
  return html`Auto-deleveraging closed positions of winners${worth}${who}.`;
}

const listedHtml = (parts: readonly Html[]): Html =>
  html`${parts.map((p, i) => (i === 0 ? p : html`, ${p}`))}`;

function fundWords(figures: Figures, fund: string): Html[] {
  const [first, low, last, change] = ['fundFirst', 'fundLow', 'fundLast', 'fundChange'].map((name) =>
    figures.find(name, fund),
  );
  const said: Html[] = [];
  if (first != null) said.push(html`began with ${figures.say(first)}`);
  if (low != null) said.push(html`stood at ${figures.say(low)} at its lowest`);
  if (last != null) said.push(html`ended with ${figures.say(last)}`);
  if (said.length === 0 && change == null) return [];
  const by =
    change == null ? '' : html`${said.length === 0 ? 'changed by' : ', a change of'} ${figures.say(change)}`;
  return [html`<p>The insurance fund <b>${fund}</b> ${listedHtml(said)}${by}.</p>`];
}

function deficitWords(figures: Figures): Html[] {
  const deficits = figures.metrics.filter(
    (m) =>
      m.world === figures.mainWorld &&
      m.name === 'deficit' &&
      m.market === '' &&
      m.side === '' &&
      m.value !== null,
  );
  const paid = figures.metrics.filter(
    (m) =>
      m.world === figures.mainWorld &&
      m.name === 'housePaid' &&
      m.market === '' &&
      m.side === '' &&
      m.value !== null,
  );
  if (deficits.length === 0) return [];
  const zero = (m: Metric): boolean => m.value === 0 && !figures.isRange(m);
  if ([...deficits, ...paid].every(zero)) {
    for (const m of [...deficits, ...paid]) figures.keep(m);
    return [html`<p>No account lost more than its margin, and the operator paid nothing.</p>`];
  }
  const house =
    paid.length === 0 ? '' : html`; the operator paid ${listedHtml(paid.map((m) => figures.say(m)))}`;
  return [
    html`<p>Losses beyond the margin of liquidated accounts came to
      ${listedHtml(deficits.map((m) => figures.say(m)))}${house}.</p>`,
  ];
}

/** What the reader must know before the first number: nature of the data, and what the run is not. */
export function notices(
  manifest: Manifest,
): { readonly kind: 'warn' | 'info'; readonly title: string; readonly text: Html }[] {
  const list: { kind: 'warn' | 'info'; title: string; text: Html }[] = [];
  if (manifest.reconstructed) {
    const made = manifest.streams.filter((x) => x.nature !== 'recorded');
    const natures = [...new Set(made.map((x) => x.nature))].sort();
    const which = natures
      .map((n) => `${n}: ${listed(made.filter((x) => x.nature === n).map((x) => x.stream))}`)
      .join('; ');
    list.push({
      kind: 'warn',
      title: 'Data are reconstructed',
      text: html`Not every stream was recorded (${which}). What happens between recorded
        points is one possible path, not history; a figure that depends on it is shown as a range.`,
    });
  }
  if (manifest.accountingOnly) {
    list.push({
      kind: 'warn',
      title: 'Accounting only',
      text: html`The rules differ from the scenario\u2019s and no baseline was run, so prices do not answer
        to the changed
        liquidations. Read it as who would have been closed on the historical path, not as what would have
          happened.`,
    });
  }
  if (manifest.worlds.length > 1 && manifest.worlds.some((w) => w.feedback)) {
    list.push({
      kind: 'info',
      title: 'With and without feedback',
      text: html`Worlds with feedback move the price by the impact of their own forced flow less the
        baseline\u2019s; that impact is
        modelled, not measured. The same rules without feedback stand beside them: where the two disagree on
          the order of
        the rule sets, the comparison is unresolved.`,
    });
  }
  return list;
}
