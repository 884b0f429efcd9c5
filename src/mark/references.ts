/**
 * Other venues' perpetuals as a part of an oracle's mark: their weighted median. A silent one leaves
 * by the index rule's own staleness; while none speaks there is no such part.
 */
import type { Frames } from '../clock/frames.ts';
import type { Market } from '../rules/market.ts';
import type { MarketRules } from '../rules/ruleSet.ts';
import { IndexFeed } from './indexFeed.ts';

/**
 * The feed of the perpetuals that the mark rule weighs; null where the rule has no such part or nobody
 * recorded one.
 */
export function referenceFeed(options: {
  market: Market;
  rules: MarketRules;
  frames: Frames;
}): IndexFeed | null {
  const { market, rules, frames } = options;
  if (rules.mark.kind !== 'oracleMedian') return null;
  const weights = rules.mark.references;
  const recorded = frames.references?.get(market.id) ?? [];
  const sources = recorded.filter(({ name }) => Object.hasOwn(weights, name));
  if (sources.length === 0) return null;
  return new IndexFeed({
    rule: {
      aggregator: 'weightedMedian',
      weights,
      outlier: { kind: 'none' },
      stale: { afterUs: rules.index.stale.afterUs, mode: 'drop' },
      quorum: { two: 'mean', one: 'use', zero: 'halt' },
    },
    sources,
    beatUs: frames.beatUs,
    path: `markets.${market.id}.mark.references`,
  });
}
