/** Tracked accounts: where each began, how near it came, where it ended. */
import { section, table } from '../components.ts';
import { amount, amountOf, percent, timeText } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { TrackedSummary } from '../queries.ts';
import type { Scope } from './scope.ts';

/** Section: what happened to the accounts that the scenario names. */
export function trackedSection(scope: Scope, rows: readonly TrackedSummary[]): Html {
  if (rows.length === 0)
    return section('tracked', 'Tracked accounts', '', html`<p>The scenario tracks no account.</p>`);
  const settle = (market: string): string =>
    scope.manifest.markets.find((m) => m.id === market)?.settle ?? '';
  return section(
    'tracked',
    'Tracked accounts',
    html`Followed beat by beat. For every input of a decision about one of them: <code>cascade
      explain</code>.`,
    table({
      caption:
        'Equity of the pocket in the settlement asset; nearest is the smallest distance of the mark to ' +
        'a liquidation price',
      head: [
        'Account',
        'Market',
        'Side',
        'Quantity first',
        'last',
        'Equity first',
        'lowest',
        'last',
        'Lowest at, UTC',
        'Nearest',
        'ADL lights',
        'End',
      ],
      rows: rows.map((r) => [
        r.account,
        r.market,
        r.side,
        amount(r.qtyFirst),
        amount(r.qtyLast),
        amountOf(r.equityFirst, settle(r.market)),
        amountOf(r.equityLow, settle(r.market)),
        amountOf(r.equityLast, settle(r.market)),
        timeText(r.worstAtUs, scope.manifest.resolutionUs),
        r.nearest === null ? '' : percent(r.nearest),
        amount(r.lightsMost),
        ENDS[r.end] ?? r.end,
      ]),
      numbers: [3, 4, 5, 6, 7, 9, 10],
    }),
  );
}

const ENDS: Readonly<Record<string, string>> = {
  '': 'untouched',
  takenOver: 'taken over',
  open: 'under liquidation',
};
