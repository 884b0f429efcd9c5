/** Whether the facts of a market hold what its mark rule looks at. */
import { ReplayError } from '../basics/errors.ts';
import type { Frames } from '../clock/frames.ts';
import type { Market } from '../rules/market.ts';
import type { MarketRules } from '../rules/ruleSet.ts';
import type { BasisAverage } from './basisAverage.ts';
import { checkEvery } from './indexFeed.ts';

/**
 * @throws ReplayError RULES_INVALID when the mark samples or is published between beats; DATA_MISSING
 *         when a recorded mark or a constituent is missing
 */
export function checkFacts(
  { market, rules, frames }: { market: Market; rules: MarketRules; frames: Frames },
  basis: BasisAverage | null,
  constituents: number,
): void {
  const { kind, everyUs } = rules.mark;
  const path = `markets.${market.id}.mark`;
  if (basis !== null) checkEvery('the mark samples', basis.sampleUs, frames.beatUs, path);
  if (everyUs !== undefined) checkEvery('the mark is published', everyUs, frames.beatUs, path);
  if (kind === 'replayed' && (frames.markets.get(market.id)?.recordedMarkF64 ?? null) === null) {
    throw new ReplayError(
      'DATA_MISSING',
      `no recorded mark of ${market.id}`,
      { path },
      'Add a mark stream to the facts, or choose a mark rule that computes it.',
    );
  }
  if (constituents === 0 && kind !== 'replayed' && kind !== 'lastPrice') {
    throw new ReplayError(
      'DATA_MISSING',
      `no index constituent of ${market.id}, and mark rule ${kind} needs one`,
      { path },
      'Add constituent streams to the facts, or choose mark rule lastPrice or replayed.',
    );
  }
}
