/** Where a venue's number comes from: the source with the longest path prefix. */
import type { RuleSet, Source } from './ruleSet.ts';

/**
 * The source of a path such as `markets.BTCUSDT.tiers.3.maintenanceRate`.
 *
 * @returns  the source whose key is the path, or its longest prefix at a dot; null when none covers it
 */
export function sourceOf(sources: RuleSet['sources'], path: string): Source | null {
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const found = sources[path.slice(0, end)];
    if (found !== undefined) return found;
  }
  return sources[''] ?? null;
}
