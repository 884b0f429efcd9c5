/** The hazard profile of a comparison: medians over the populations of its central draws. */
import type { HazardBucket } from '../../report/compare/model.ts';
import { median } from '../../report/sweep/stats.ts';
import { CENTRAL } from './draws.ts';
import { distanceOf } from './hazardRows.ts';
import type { DoneDraw } from './job.ts';

/** Distance from the first mark beyond which a picture shows nothing. */
const FAR = 0.6;

interface Cell {
  readonly candidate: number;
  readonly market: string;
  readonly side: string;
  readonly place: number;
  /** Notional in each population that has the bucket. */
  readonly found: number[];
}

/** Buckets of the baseline and of each candidate in order; draws that share a population count once. */
export function hazardMedians(draws: readonly DoneDraw[]): HazardBucket[] {
  const seeds = new Map<string, DoneDraw>();
  for (const draw of draws)
    if (draw.draw.cell === CENTRAL.name && !seeds.has(draw.draw.seed)) seeds.set(draw.draw.seed, draw);
  const cells = new Map<string, Cell>();
  for (const { worlds } of seeds.values()) {
    for (const { candidate, hazard } of worlds) {
      for (const { market, side, place, notional } of hazard) {
        const key = [candidate, market, side, place].join('|');
        const known = cells.get(key) ?? { candidate, market, side, place, found: [] };
        cells.set(key, known);
        known.found.push(notional);
      }
    }
  }
  return [...cells.values()]
    .sort(
      (a, b) =>
        a.candidate - b.candidate ||
        compared(a.market, b.market) ||
        compared(a.side, b.side) ||
        a.place - b.place,
    )
    .map(({ found, place, ...bucket }) => ({
      ...bucket,
      low: distanceOf(place),
      high: distanceOf(place + 1),
      // a population without the bucket has nothing there
      notional: median([...found, ...new Array<number>(seeds.size - found.length).fill(0)])!,
    }))
    .filter(({ low, high, notional }) => notional > 0 && high > -FAR && low < FAR);
}

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
