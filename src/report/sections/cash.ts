/**
 * Who paid and who gained: change of wealth by party, money and open profit at mark, which sums to
 * zero in every asset; behind it the cash that moved, by reason.
 */
import { money, sum } from '../../basics/exact.ts';
import { type Cell, details, figure, section, table } from '../components.ts';
import { cashChart, inWaterfallOrder } from '../charts/cash.ts';
import { amountOf } from '../format.ts';
import { type Html, html } from '../html.ts';
import * as queries from '../queries.ts';
import { onePath, pathNote } from './market.ts';
import type { Draw, Scope } from './scope.ts';

const NAMES: Readonly<Record<string, string>> = {
  market: 'Rest of the market',
  house: 'Operator (house)',
  fund: 'Insurance fund',
  funding: 'Funding in transit',
  outside: 'Deposits and withdrawals',
  socialised: 'Socialised loss in transit',
  liquidated: 'Liquidated accounts',
  'liquidated traders': 'Liquidated accounts',
  deleveraged: 'Deleveraged winners',
  'deleveraged winners': 'Deleveraged winners',
  others: 'Other accounts',
  'other holders': 'Other accounts',
  rounding: 'Rounding of the venue',
};

/** Name of a party on the page; a fund by its own name. */
const partyName = (party: string): string => NAMES[party] ?? `Fund ${party.replace(/^fund:/, '')}`;

/** Section: who paid and who gained. */
export async function cashSection(scope: Scope, draw: Draw): Promise<Html> {
  const wealth = await queries.waterfall(scope.source, scope.manifest.mainWorld);
  const cash = await queries.cash(scope.source, scope.manifest.mainWorld);
  const assets = [...new Set([...wealth, ...cash].map((r) => r.asset))].sort();
  const parts: Html[] = [];
  for (const [place, asset] of assets.entries()) {
    const moved = cashTable(
      scope,
      cash.filter((r) => r.asset === asset),
      asset,
    );
    const own = wealth.filter((r) => r.asset === asset);
    parts.push(own.length === 0 ? moved : await oneAsset(scope, own, asset, place, draw, moved));
  }
  if (parts.length === 0) return section('cash', 'Who paid, who gained', '', html`<p>No money moved.</p>`);
  return section(
    'cash',
    'Who paid, who gained',
    'Change of wealth from the first mark to the last: money and open profit at mark. The rest of the ' +
      'market is whoever took the other side of the modelled accounts.',
    html`${parts}`,
  );
}

/** One waterfall; numbers in its title only where no rerun would change them. */
async function oneAsset(
  scope: Scope,
  rows: readonly queries.PartyRow[],
  asset: string,
  place: number,
  draw: Draw,
  behind: Html,
): Promise<Html> {
  const total = sum(rows.map((r) => money(r.net)));
  const nets = inWaterfallOrder(
    rows.map((r) => ({ label: partyName(r.party), net: money(r.net).toNumber() })),
  ).filter((p) => p.net !== 0);
  const [payer, gainer] = [nets[0], nets.at(-1)];
  const drawn = await draw(
    cashChart({
      id: `cash-${place}`,
      asset,
      parties: nets,
      numbers: !scope.figures.anyRange(),
      title:
        payer === undefined || gainer === undefined
          ? `${asset}: nobody paid`
          : `${asset}: ${payer.label.toLowerCase()} lost most, ${gainer.label.toLowerCase()} gained most`,
    }),
  );
  return figure(
    drawn,
    html`<p class="note">Sum over all parties: exactly <b>${total.toString()}
      ${asset}</b>.</p>${scope.figures.anyRange() ? pathNote(scope) : ''}${behind}`,
  );
}

/** Realised cash by party and reason: exact sums of the transfers. */
function cashTable(scope: Scope, rows: readonly queries.CashRow[], asset: string): Html {
  if (rows.length === 0) return html``;
  const parties = [...new Set(rows.map((r) => r.party))].sort();
  const reasons = [...new Set(rows.map((r) => r.reason))].sort();
  const net = (some: readonly queries.CashRow[]): Cell =>
    some.length === 0 ? '' : amountOf(sum(some.map((r) => money(r.net))).toNumber(), asset);
  const line = (name: string, some: readonly queries.CashRow[]): Cell[] => [
    name,
    ...reasons.map((reason) => net(some.filter((r) => r.reason === reason))),
    net(some),
  ];
  return details(
    'Cash that moved, by reason',
    table({
      caption: `${onePath(scope)}Realised cash in ${asset} by party and reason, ` + 'open profit left out',
      head: ['Party', ...reasons.map((r) => r.replaceAll('-', ' ')), 'Net'],
      rows: [
        ...parties.map((p) =>
          line(
            partyName(p),
            rows.filter((r) => r.party === p),
          ),
        ),
        line('All parties', rows),
      ],
      numbers: [...reasons.keys(), reasons.length].map((i) => i + 1),
    }),
  );
}
