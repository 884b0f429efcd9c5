/** What stood to be liquidated in each per cent of price of one market, before the run. */
import { hazardChart } from '../charts/hazard.ts';
import { figure } from '../components.ts';
import { amountOf } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { MarketLabel } from '../manifest.ts';
import * as queries from '../queries.ts';
import type { MarkPath } from '../words.ts';
import type { Draw, Scope } from './scope.ts';

/** The hazard profile at the start, and how much of it the day went through. */
export async function hazardFigure(
  scope: Scope,
  market: MarketLabel,
  { place, path }: { readonly place: number; readonly path: MarkPath },
  draw: Draw,
): Promise<Html> {
  const bins = await queries.hazard(scope.source, scope.manifest.mainWorld, market.id, path.first);
  if (bins.length === 0) return html``;
  const passed = bins.filter((b) => (b.side === 'long' ? b.low >= path.low : b.high <= path.high));
  const met = passed.reduce((sum, b) => sum + b.notional, 0);
  const chart = await draw(
    hazardChart({
      id: `hazard-${place}`,
      title: `${market.id}: positions of ${amountOf(met, market.settle)} stood to be liquidated where the mark went`,
      alt: `Bars of what would be liquidated in each per cent of price of ${market.id}, by side, before the run.`,
      axis: `Liquidation price, ${market.quote}`,
      format: ',~f',
      unit: market.settle,
      bins,
      others: [],
      went: { low: path.low, high: path.high },
      first: path.first,
      note:
        'Before the first beat, under the rules of the run; shaded: where the mark went. Pockets over several ' +
        'markets have no such price and are not counted. Table hazard, with the branching ratio of each bucket.',
    }),
  );
  return figure(chart);
}
