/** A run on one screen of text: what happened, in words a terminal can show. */
import { figureOrRange, type Rerun } from '../report/ranges.ts';
import { amountOf, priceText } from '../report/format.ts';
import { formatInstant } from '../basics/instant.ts';
import type { WorldFacts } from '../results/manifest.ts';
import type { EnsembleRow, MetricRow } from '../results/runTables.ts';
import type { Scenario } from '../rules/scenario.ts';
import type { DoneCell } from './reruns.ts';

export interface SummaryInput {
  readonly scenario: Scenario;
  readonly metrics: readonly MetricRow[];
  readonly ensemble: readonly EnsembleRow[];
  readonly done: readonly DoneCell[];
  readonly accountingOnly: boolean;
  readonly worlds: readonly WorldFacts[];
}

/** Figures of the screen, in order: metric, side, what to call it. */
const SHOWN: readonly (readonly [string, string, string])[] = [
  ['markLow', '', 'mark low'],
  ['liquidatedNotional', 'long', 'longs liquidated'],
  ['liquidatedNotional', 'short', 'shorts liquidated'],
  ['liquidatedAccounts', '', 'accounts liquidated'],
  ['liquidatedAccountsAtLastPrice', '', '... had the last price been the mark'],
  ['multiLossAccounts', '', '... that lost several positions at once'],
  ['fundChange', '', 'insurance fund, change'],
  ['adlNotional', '', 'auto-deleveraged'],
  ['badDebt', '', 'losses beyond margin'],
  ['housePaid', '', 'paid by the operator'],
];

/** What `unverified` means, in words. */
const UNVERIFIED = 'not yet proven against three published worked examples';

/** At most 24 lines of at most 100 characters. */
export function summaryLines(input: SummaryInput): string[] {
  const { scenario, worlds } = input;
  const { fromUs, untilUs } = scenario.facts;
  const lines = [
    scenario.title,
    `${formatInstant(fromUs)} to ${formatInstant(untilUs)}, rules ${worlds.at(-1)!.rules.id}`,
  ];
  if (input.accountingOnly) {
    lines.push(
      "ACCOUNTING ONLY: the rules are not the scenario's, and prices do not react. --baseline applies the feedback.",
    );
  }
  const { unverified, id } = worlds.at(-1)!.rules;
  if (unverified === true) lines.push(`! The rules ${id} are unverified: ${UNVERIFIED}.`);
  for (const caveat of scenario.caveats.slice(0, 2)) lines.push(`! ${caveat}`);
  for (const { world, name, feedback, baseline } of worlds) {
    if (worlds.length > 1)
      lines.push(
        '',
        `${name}${baseline === null ? '' : feedback ? ', with feedback' : ', without feedback'}`,
      );
    lines.push(...figureLines(input, world));
  }
  if (input.done.length === 0)
    lines.push('! No reruns: every figure is of one path and one set of assumptions.');
  for (const { cell, leftOut } of input.done) {
    if (leftOut !== '') lines.push(`! rerun left out: ${cell.variation}: ${leftOut}`);
  }
  return lines;
}

function figureLines({ metrics, ensemble }: SummaryInput, world: number): string[] {
  const lines: string[] = [];
  for (const [name, side, label] of SHOWN) {
    const rows = metrics.filter(
      (m) => m.world === world && m.name === name && m.side === side && m.bucket === '' && m.value !== '',
    );
    const rows1 =
      rows.some((m) => m.market !== '') && rows.length > 1 ? rows.filter((m) => m.market !== '') : rows;
    for (const m of rows1) {
      const reruns = ensemble.filter(
        (e) =>
          e.world === world &&
          e.name === name &&
          e.side === side &&
          e.market === m.market &&
          e.unit === m.unit,
      );
      const of = rows1.length > 1 ? ` (${m.market})` : '';
      lines.push(`${`  ${label}${of}`.padEnd(46)} ${valueText(m, reruns)}`);
    }
  }
  return lines;
}

function valueText(m: MetricRow, list: readonly EnsembleRow[]): string {
  const reruns = list.map((e): Rerun => ({ kind: e.kind, what: e.variation, value: e.valueF64 }));
  const shown = figureOrRange(m.valueF64, reruns);
  const text = (value: number): string => (m.unit === 'price' ? priceText(value) : amountOf(value, m.unit));
  if (shown.kind === 'figure') return text(m.valueF64);
  return `${text(shown.low)} .. ${text(shown.high)}  PATH-DEPENDENT`;
}
