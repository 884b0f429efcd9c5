/** The branching ratio of a comparison over time: medians over its central draws. */
import type { BranchingLine } from '../../report/compare/model.ts';
import { median } from '../../report/sweep/stats.ts';
import { CENTRAL } from './draws.ts';
import type { DoneDraw } from './job.ts';

/**
 * Baseline first, then each candidate with feedback; a draw in which a market had no price yet has no value there.
 *
 * @param market  whose ratio it is
 */
export function branchingMedians(draws: readonly DoneDraw[], market: string): BranchingLine[] {
  const lines = new Map<number, Map<number, number[]>>();
  for (const { draw, worlds } of draws) {
    if (draw.cell !== CENTRAL.name) continue;
    for (const { candidate, feedback, branchingRows } of worlds) {
      if (candidate >= 0 && !feedback) continue;
      const line = lines.get(candidate) ?? new Map<number, number[]>();
      lines.set(candidate, line);
      for (const row of branchingRows) {
        if (row.market !== market) continue;
        line.set(row.startUs, [...(line.get(row.startUs) ?? []), row.ratio]);
      }
    }
  }
  return [...lines].map(([candidate, line]) => ({
    candidate,
    points: [...line].map(([startUs, ratios]) => ({ startUs, ratio: median(ratios)! })),
  }));
}
