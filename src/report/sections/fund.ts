/** The insurance funds: balance beside the recorded one, flows by reason, how near to empty. */
import { type Cell, details, figure, section, table } from '../components.ts';
import { fundChart, fundFlowChart, fundHealthChart, reasonText } from '../charts/fund.ts';
import { amountOf, percent, spanText } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { Point } from '../m4.ts';
import * as series from '../series.ts';
import { onePath, pathNote } from './market.ts';
import type { Draw, Scope } from './scope.ts';

/** Section: the insurance funds. */
export async function fundSection(scope: Scope, draw: Draw): Promise<Html> {
  const funds = await series.funds(scope.source);
  const parts: Html[] = [];
  for (const [place, { fund, asset }] of funds.entries())
    parts.push(await oneFund(scope, fund, asset, place, draw));
  if (parts.length === 0)
    return section('fund', 'Insurance fund', '', html`<p>This run has no insurance fund.</p>`);
  return section(
    'fund',
    'Insurance fund',
    'What it held, what flowed, and how large a further move it could have borne.',
    html`${parts}`,
  );
}

async function oneFund(scope: Scope, fund: string, asset: string, place: number, draw: Draw): Promise<Html> {
  const { source, manifest, time, figures } = scope;
  const where = { world: manifest.mainWorld, fund };
  const columns = { ...time, columns: 880 };
  const cash = await series.fundSeries(source, where, 'cash', columns);
  const move = await series.fundSeries(source, where, '100 * least(coalesce(abs(adl_move_f64), 0.5), 0.5)', {
    ...columns,
    columns: 440,
  });
  const recorded: Point[] = manifest.recordedFund
    .filter((b) => b.fund === fund)
    .map((b) => ({ tsUs: b.tsUs, value: b.balance }));
  const common = { fund, asset, time };
  const isRange = ['fundChange', 'fundLast', 'fundLow'].some((name) => {
    const m = figures.find(name, fund);
    return m !== null && figures.isRange(m);
  });
  const balance = await draw(
    fundChart({
      ...common,
      id: `fund-${place}`,
      title: balanceTitle(fund, asset, cash, isRange),
      cash,
      total: await series.fundSeries(source, where, 'cash + inventory_pnl', columns),
      recorded,
    }),
  );
  const least = move.reduce((a, b) => Math.min(a, b.value), 50);
  const health = await draw(
    fundHealthChart({
      ...common,
      id: `health-${place}`,
      title:
        least >= 50
          ? `${fund}: no further move within 50 % would have emptied it`
          : `${fund}: at its weakest a further move of ${percent(least / 100)} would have emptied it`,
      move,
    }),
  );
  return html`${figure(
    balance,
    html`${isRange ? pathNote(scope) : ''}${
      recorded.length === 0
        ? html`<p
    class="note">No recorded balance in this run\u2019s data.</p>`
        : ''
    }`,
  )}
${await flows(scope, fund, asset, place, draw)}${figure(health)}`;
}

/** Numbers in the title only where no rerun would change them. */
function balanceTitle(fund: string, asset: string, cash: readonly Point[], isRange: boolean): string {
  const [first, last] = [cash[0], cash.at(-1)];
  if (first === undefined || last === undefined) return `${fund}: no balance`;
  if (isRange) return `${fund}: one path of its balance`;
  return `${fund}: from ${amountOf(first.value, asset)} to ${amountOf(last.value, asset)} in cash`;
}

async function flows(scope: Scope, fund: string, asset: string, place: number, draw: Draw): Promise<Html> {
  const widthUs = series.barUs(scope.manifest);
  const found = await series.fundFlows(scope.source, { world: scope.manifest.mainWorld, fund }, widthUs);
  if (found.length === 0) return html`<p>Nothing flowed into or out of <b>${fund}</b>.</p>`;
  const reasons = [...new Set(found.map((f) => f.reason))].sort();
  const total = (reason: string, sign: 1 | -1): number =>
    found.filter((f) => f.reason === reason && f.value * sign > 0).reduce((sum, f) => sum + f.value, 0);
  const rows: Cell[][] = reasons.map((r) => [
    reasonText(r),
    amountOf(total(r, 1), asset),
    amountOf(total(r, -1), asset),
    amountOf(total(r, 1) + total(r, -1), asset),
  ]);
  const main = reasons
    .map((r) => ({ r, net: total(r, 1) + total(r, -1) }))
    .reduce((a, b) => (Math.abs(b.net) > Math.abs(a.net) ? b : a));
  const drawn = await draw(
    fundFlowChart({
      fund,
      asset,
      time: scope.time,
      id: `flows-${place}`,
      flows: found,
      widthUs,
      title: `${fund}: most of what flowed was ${reasonText(main.r)}, ` + `${main.net < 0 ? 'out' : 'in'}`,
    }),
  );
  return figure(
    drawn,
    details(
      'Numbers behind this chart',
      table({
        caption: `${onePath(scope)}Flows of ${fund} by reason; bars of ${spanText(widthUs)} above`,
        head: ['Reason', 'In', 'Out', 'Net'],
        rows,
        numbers: [1, 2, 3],
      }),
    ),
  );
}
