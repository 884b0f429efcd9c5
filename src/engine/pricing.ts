/**
 * Prices of all markets of a world, beat by beat. Worlds with the same index, mark and funding rules
 * that have not diverged share one of these and price each beat once; a world with feedback has its own.
 */
import type { Rate } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import { beatEndUs, type Frames } from '../clock/frames.ts';
import { derivedPrice } from '../mark/derivedPrice.ts';
import { MarketState } from '../mark/marketState.ts';
import type { MarketPrice, Tilt } from '../mark/prices.ts';
import type { Market, MarketId } from '../rules/market.ts';
import type { MarketRules, RuleSet } from '../rules/ruleSet.ts';
import { stagesOf } from '../rules/schedule.ts';

export class Pricing {
  /** Beats priced so far: shared worlds do not add to it. */
  priced = 0;
  readonly midSources: readonly string[];
  private readonly markets: readonly Market[];
  /**
   * Per market a state for each set of price rules that the run knows, with the instant from which it serves;
   * none where the market is derived.
   */
  private readonly states: readonly (readonly { readonly fromUs: Micros; readonly state: MarketState }[])[];
  private readonly frames: Frames;
  private beat = -1;
  private latest: readonly MarketPrice[] | null = null;

  constructor(markets: readonly Market[], rules: RuleSet, frames: Frames) {
    this.frames = frames;
    this.markets = markets;
    this.states = markets.map((market) =>
      (market.derived === undefined ? priceStages(rules, market.id) : []).map(({ fromUs, rules: own }) => ({
        fromUs,
        state: new MarketState({ market, rules: own, frames }),
      })),
    );
    this.midSources = this.states.map((stages) => stages[0]?.state.midSource ?? 'derived');
  }

  /** Prices of a beat, asked for 0, 1, 2, ... in order; null until every market has one. */
  price(beat: number, tilts: readonly Tilt[] | null): readonly MarketPrice[] | null {
    if (beat === this.beat) return this.latest;
    this.beat = beat;
    this.priced++;
    const endUs = beatEndUs(this.frames, beat);
    const prices = this.states.map((stages, m): MarketPrice | null => {
      if (stages.length === 0) return null;
      // each is priced from the start, so that an average is right at the instant from which it serves
      const all = stages.map(({ state }) => state.price(beat, tilts?.[m] ?? null));
      return all[stages.findLastIndex(({ fromUs }) => fromUs <= endUs)]!;
    });
    for (const [m, market] of this.markets.entries()) prices[m] ??= this.derived(m, market, prices, endUs);
    this.latest = prices.includes(null) ? null : (prices as MarketPrice[]);
    return this.latest;
  }

  /** Price of a market that is derived from another's index; null while that has none. */
  private derived(
    m: number,
    market: Market,
    prices: readonly (MarketPrice | null)[],
    nowUs: Micros,
  ): MarketPrice | null {
    const { derived } = market;
    if (derived === undefined) return null;
    const base = prices[this.markets.findIndex(({ id }) => id === derived.underlying)] ?? null;
    if (base === null) return null;
    return derivedPrice(market, derived, { base, nowUs, latest: this.latest?.[m] ?? null });
  }

  /** The rate that a stamp charges in a market, of the beats priced so far; null: none is known. */
  fundingRateAt(market: number, stampUs: Micros): Rate | null {
    const stage = this.states[market]!.findLast(({ fromUs }) => fromUs <= stampUs);
    return stage?.state.fundingRateAt(stampUs) ?? null;
  }
}

/** The rules of one market that prices depend on, in order of time; neighbours that agree are one. */
export function priceStages(rules: RuleSet, id: MarketId): { fromUs: Micros; rules: MarketRules }[] {
  const stages: { fromUs: Micros; rules: MarketRules }[] = [];
  const text = ({ index, mark, funding }: MarketRules): string => JSON.stringify([index, mark, funding]);
  for (const { fromUs, rules: set } of stagesOf(rules)) {
    const own = set.markets[id]!;
    const last = stages.at(-1);
    if (last === undefined || text(last.rules) !== text(own)) stages.push({ fromUs, rules: own });
  }
  return stages;
}
