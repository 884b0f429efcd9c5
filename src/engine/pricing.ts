/**
 * Prices of all markets of a world, beat by beat. Worlds with the same index, mark and funding rules
 * that have not diverged share one of these and price each beat once; a world with feedback has its own.
 */
import type { Frames } from '../clock/frames.ts';
import { MarketState } from '../mark/marketState.ts';
import type { MarketPrice, Tilt } from '../mark/prices.ts';
import type { Market } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';

export class Pricing {
  /** Beats priced so far: shared worlds do not add to it. */
  priced = 0;
  readonly midSources: readonly string[];
  private readonly states: readonly MarketState[];
  private beat = -1;
  private latest: readonly MarketPrice[] | null = null;

  constructor(markets: readonly Market[], rules: RuleSet, frames: Frames) {
    this.states = markets.map(
      (market) => new MarketState({ market, rules: rules.markets[market.id]!, frames }),
    );
    this.midSources = this.states.map((state) => state.midSource);
  }

  /** Prices of a beat, asked for 0, 1, 2, ... in order; null until every market has one. */
  price(beat: number, tilts: readonly Tilt[] | null): readonly MarketPrice[] | null {
    if (beat === this.beat) return this.latest;
    this.beat = beat;
    this.priced++;
    const prices = this.states.map((state, m) => state.price(beat, tilts?.[m] ?? null));
    this.latest = prices.includes(null) ? null : (prices as MarketPrice[]);
    return this.latest;
  }
}
