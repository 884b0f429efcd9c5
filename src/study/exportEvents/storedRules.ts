/**
 * Facts of a run as the formulas of `margin` take them: run.json spells exact amounts as texts, here
 * they are amounts again.
 */
import { ReplayError } from '../../basics/errors.ts';
import { money } from '../../basics/exact.ts';
import type { Micros } from '../../basics/instant.ts';
import type { RunFacts } from '../../results/manifest.ts';
import type { Market, MarketId } from '../../rules/market.ts';
import type { RuleSet } from '../../rules/ruleSet.ts';

export interface StoredRules {
  readonly markets: ReadonlyMap<MarketId, Market>;
  readonly rules: RuleSet;
  readonly beatUs: Micros;
  /** Whether maintenance follows from the markets' tiers alone, the whole run through. */
  readonly byTiers: boolean;
}

/** Texts of a market or rule set that look like numbers are amounts; names and sources never do. */
function revived(item: unknown): unknown {
  if (typeof item === 'string') return /^-?\d+(\.\d+)?$/.test(item) ? money(item) : item;
  if (Array.isArray(item)) return item.map(revived);
  if (item === null || typeof item !== 'object') return item;
  return Object.fromEntries(Object.entries(item).map(([key, part]) => [key, revived(part)]));
}

/**
 * @param facts  of run.json
 * @param world  number of the world
 * @throws ReplayError SCENARIO_INVALID when the run has no such world
 */
export function storedRules(facts: RunFacts, world: number): StoredRules {
  const found = facts.worlds.find((w) => w.world === world);
  if (found === undefined) {
    const known = facts.worlds.map((w) => `${w.world} (${w.name})`).join(', ');
    throw new ReplayError('SCENARIO_INVALID', `no world ${world} in this run`, {}, `Worlds: ${known}.`);
  }
  const { markets: ruleOf, trigger, funds, portfolio, collateral, schedule } = found.rules;
  const { markets, beatUs } = facts.scenario.facts;
  const rules = revived({ markets: ruleOf, trigger, funds }) as RuleSet;
  const list = Object.entries(markets).map(
    ([id, market]) => [id, { ...(revived(market) as Market), id }] as const,
  );
  const byTiers = portfolio === undefined && collateral === undefined && (schedule ?? []).length === 0;
  return { markets: new Map(list), rules, beatUs, byTiers };
}
