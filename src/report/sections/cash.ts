/** Who paid and who gained: realised cash by party, which sums to zero in every asset. */
import { money, sum } from '../../basics/exact.ts';
import { type Cell, details, figure, section, table } from '../components.ts';
import { cashChart, inWaterfallOrder } from '../charts/cash.ts';
import { amountOf } from '../format.ts';
import { type Html, html } from '../html.ts';
import * as queries from '../queries.ts';
import type { Draw, Scope } from './scope.ts';

const NAMES: Readonly<Record<string, string>> = {
  market: 'Rest of the market',
  house: 'Operator (house)',
  funding: 'Funding in transit',
  liquidated: 'Liquidated accounts',
  deleveraged: 'Deleveraged winners',
  others: 'Other accounts',
};

/** Name of a party on the page; a fund by its own name. */
export const partyName = (party: string): string => NAMES[party] ?? `Fund ${party.replace(/^fund:/, '')}`;

export async function cashSection(scope: Scope, draw: Draw): Promise<Html> {
  const rows = await queries.cash(scope.source, scope.manifest.mainWorld);
  const assets = [...new Set(rows.map((r) => r.asset))].sort();
  const parts: Html[] = [];
  for (const [place, asset] of assets.entries())
    parts.push(
      await oneAsset(
        rows.filter((r) => r.asset === asset),
        asset,
        place,
        draw,
      ),
    );
  if (parts.length === 0) return section('cash', 'Who paid, who gained', '', html`<p>No money moved.</p>`);
  return section(
    'cash',
    'Who paid, who gained',
    html`Realised cash over the run. Open profit is not in it: the rest of the market holds what others lost, at the prices at which it took it over.`,
    html`${parts}`,
  );
}

async function oneAsset(
  rows: readonly queries.CashRow[],
  asset: string,
  place: number,
  draw: Draw,
): Promise<Html> {
  const parties = [...new Set(rows.map((r) => r.party))].sort();
  const netOf = (party: string) => sum(rows.filter((r) => r.party === party).map((r) => money(r.net)));
  const total = sum(rows.map((r) => money(r.net)));
  const nets = inWaterfallOrder(
    parties.map((p) => ({ label: partyName(p), net: netOf(p).toNumber() })).filter((p) => p.net !== 0),
  );
  const payer = nets[0];
  const drawn = await draw(
    cashChart({
      id: `cash-${place}`,
      asset,
      parties: nets,
      title:
        payer === undefined || payer.net >= 0
          ? `${asset}: nobody paid`
          : `${asset}: ${payer.label.toLowerCase()} paid most, ${amountOf(-payer.net, asset)}`,
    }),
  );
  const reasons = [...new Set(rows.map((r) => r.reason))].sort();
  const cell = (party: string, reason: string): Cell => {
    const found = rows.filter((r) => r.party === party && r.reason === reason);
    return found.length === 0 ? '' : amountOf(sum(found.map((r) => money(r.net))).toNumber(), asset);
  };
  const body: Cell[][] = parties.map((p) => [
    partyName(p),
    ...reasons.map((r) => cell(p, r)),
    amountOf(netOf(p).toNumber(), asset),
  ]);
  body.push([
    'All parties',
    ...reasons.map((r) =>
      amountOf(sum(rows.filter((x) => x.reason === r).map((x) => money(x.net))).toNumber(), asset),
    ),
    `${total.toString()} ${asset}`,
  ]);
  return figure(
    drawn,
    html`<p class="note">Sum over all parties: exactly <b>${total.toString()} ${asset}</b>.</p>${details(
      'By reason',
      table({
        caption: `Realised cash in ${asset} by party and reason`,
        head: ['Party', ...reasons.map((r) => r.replaceAll('-', ' ')), 'Net'],
        rows: body,
        numbers: reasons.map((_, i) => i + 1).concat(reasons.length + 1),
      }),
    )}`,
  );
}
