/** Where each rule set would liquidate: the hazard profile of the baseline, and those of the candidates over it. */
import type { Chart } from '../charts/chart.ts';
import { type HazardBin, hazardChart } from '../charts/hazard.ts';
import { type Drawn, figure, section } from '../components.ts';
import { type Html, html } from '../html.ts';
import { colorOf } from './chart.ts';
import type { CompareResult } from './model.ts';
import { shortName } from './words.ts';

/** The chart; null where nothing has a liquidation price. */
export function profileChart(result: CompareResult): Chart | null {
  const of = (candidate: number) =>
    result.hazard
      .filter((b) => b.candidate === candidate && b.market === result.market)
      .map((b) => ({ ...b, low: b.low * 100, high: b.high * 100 }));
  const bins = of(-1);
  if (bins.length === 0) return null;
  return hazardChart({
    id: 'hazard',
    title: 'What would be liquidated in each per cent of price, before the first beat',
    alt: `Bars of what ${result.baseline.rules} would liquidate in each per cent of price, by side; candidates as lines.`,
    axis: 'Distance of the liquidation price from the first mark, %',
    format: '+.0f',
    unit: result.asset,
    bins,
    others: result.candidates
      .map((c, k) => ({ color: colorOf(k), label: shortName(c.name), bins: of(k) }))
      .filter((o) => !isSame(o.bins, bins)),
    went: null,
    first: 0,
    note:
      'Medians over the populations of the central draws. Bars: the baseline; lines: candidates, where they differ. Every ' +
      'population, with the branching ratio of each bucket, is in the table hazard.',
  });
}

/** Whether two profiles are the same: most rules change no liquidation price. */
const isSame = (a: readonly HazardBin[], b: readonly HazardBin[]): boolean =>
  a.length === b.length &&
  a.every(({ side, low, notional }, i) => {
    const other = b[i]!;
    return side === other.side && low === other.low && notional === other.notional;
  });

/** The profile, or why there is none. */
export const hazardSection = (picture: Drawn | null): Html =>
  section(
    'hazard',
    'Where it would bite',
    'Rules that liquidate earlier move positions towards the mark; rules that ask for less move them away.',
    picture === null ? html`<p>No position has a liquidation price of its own.</p>` : figure(picture),
  );
