/**
 * What drives the answer: Spearman's rank correlation of each headline difference with each drawn assumption,
 * over the central draws.
 */
import type { Driver } from '../../report/compare/model.ts';
import { rankCorrelation } from '../../report/sweep/stats.ts';
import { CENTRAL } from './draws.ts';
import type { DoneDraw } from './job.ts';
import { METRICS } from './metrics.ts';
import { differenceIn } from './result.ts';

/** What a draw sets, path -> number; what is no number (a leverage mix) is left out. */
function drawn(overrides: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const override of overrides) {
    const [path, value] = override.split(/\*?=/, 2) as [string, string?];
    const number = Number(value?.replace(/s$/, ''));
    if (value !== undefined && value !== '' && !Number.isNaN(number)) found.set(path, number);
  }
  return found;
}

/** Correlations that exist: an assumption that never changes and a figure that never moves have none. */
export function driversOf(draws: readonly DoneDraw[], candidates: number): Driver[] {
  const central = draws.filter(({ draw }) => draw.cell === CENTRAL.name);
  const set = central.map(({ draw }) => drawn(draw.overrides));
  const paths = [...(set[0]?.keys() ?? [])].filter((path) => set.every((own) => own.has(path)));
  return Array.from({ length: candidates }, (_, candidate) =>
    METRICS.filter((m) => m.headline).flatMap(({ name: metric }) => {
      const moved = central.flatMap((draw, i) => {
        const difference = differenceIn(draw, { candidate, metric, feedback: true });
        return difference === null ? [] : [{ difference, own: set[i]! }];
      });
      return paths.flatMap((path): Driver[] => {
        const correlation = rankCorrelation(
          moved.map(({ own }) => own.get(path)!),
          moved.map(({ difference }) => difference),
        );
        return correlation === null ? [] : [{ candidate, metric, path, correlation, draws: moved.length }];
      });
    }),
  ).flat();
}
