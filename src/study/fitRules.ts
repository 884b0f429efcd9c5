/**
 * A venue's rule set made to fit a scenario: only the scenario's markets, only the constituents that
 * have data. The rules keep saying what the venue decided; here is said what of it can be replayed.
 */
import { nearest, ReplayError } from '../basics/errors.ts';
import { type Rate, rate, sum, ZERO_RATE } from '../basics/exact.ts';
import type { Facts } from '../rules/facts.ts';
import type { MarketId } from '../rules/market.ts';
import type { IndexRule, MarketRules, RuleChange, RuleSet } from '../rules/ruleSet.ts';

export interface FittedRules {
  readonly rules: RuleSet;
  /** Sentences for the report: what of the venue's index has no data here. */
  readonly caveats: readonly string[];
}

/** Names of a market's constituents, in the scenario's order. */
const constituentsOf = (facts: Facts, market: MarketId): string[] =>
  facts.streams.filter((s) => s.market === market && s.role === 'constituent').map((s) => s.name);

/**
 * @param rules  under the scenario's names
 * @throws ReplayError RULES_INVALID when the rules weigh none of a market's constituents
 */
export function fitRules(rules: RuleSet, facts: Facts, file: string): FittedRules {
  const caveats: string[] = [];
  const markets = fitMarkets(rules, facts, { file, caveats });
  const funds = fitFunds(rules.funds, markets);
  const collateral = fitCollateral(rules.collateral, markets, caveats);
  const fitted = { ...rules, markets, funds, ...(collateral === undefined ? {} : { collateral }) };
  if (rules.schedule === undefined) return { rules: fitted, caveats };
  const schedule = rules.schedule
    .filter(({ path }) => !otherMarket(path.split('.'), markets))
    .map((change): RuleChange => {
      const { markets: later, funds: laterFunds } = change.slots;
      return {
        ...change,
        slots: {
          ...change.slots,
          ...(later === undefined
            ? {}
            : { markets: fitMarkets({ ...rules, markets: later }, facts, { file, caveats: [] }) }),
          ...(laterFunds === undefined ? {} : { funds: fitFunds(laterFunds, markets) }),
        },
      };
    });
  return { rules: { ...fitted, schedule }, caveats };
}

/** Whether a change speaks of a market that the scenario does not have. */
const otherMarket = ([slot, id]: readonly string[], markets: RuleSet['markets']): boolean =>
  slot === 'markets' && id !== undefined && id !== '*' && !(id in markets);

/** Assets whose price is the index of a market that is not replayed cannot be valued: they are left out. */
function fitCollateral(
  rule: RuleSet['collateral'],
  markets: RuleSet['markets'],
  caveats: string[],
): RuleSet['collateral'] {
  if (rule === undefined) return undefined;
  const valued = Object.entries(rule.assets).filter(([, { index }]) => index === null || index in markets);
  const left = Object.keys(rule.assets).filter((asset) => valued.every(([name]) => name !== asset));
  if (left.length === 0) return rule;
  caveats.push(`Collateral in ${left.join(', ')} is left out: this scenario has no price of it.`);
  return { ...rule, assets: Object.fromEntries(valued) };
}

const fitFunds = (funds: RuleSet['funds'], markets: RuleSet['markets']): RuleSet['funds'] =>
  funds
    .map((fund) => ({ ...fund, markets: fund.markets.filter((id) => id in markets) }))
    .filter((fund) => fund.markets.length > 0);

function fitMarkets(
  rules: RuleSet,
  facts: Facts,
  { file, caveats }: { readonly file: string; readonly caveats: string[] },
): Record<MarketId, MarketRules> {
  const markets: Record<MarketId, MarketRules> = {};
  for (const id of Object.keys(facts.markets)) {
    const market = rules.markets[id]!; // pairMarkets.ts has seen to it
    const index = fitIndex(market.index, constituentsOf(facts, id), { id, file, caveats });
    markets[id] = { ...market, index };
  }
  return markets;
}

function fitIndex(
  index: IndexRule,
  names: readonly string[],
  { id, file, caveats }: { id: MarketId; file: string; caveats: string[] },
): IndexRule {
  const sets = [index.weights, ...(index.weightSets ?? []).map((set) => set.weights)];
  const known = [...new Set(sets.flatMap((weights) => Object.keys(weights)))];
  if (known.length === 0 || names.length === 0) return index; // equal weights, or a mark without an index
  for (const name of names) {
    if (known.includes(name)) continue;
    const best = nearest(name, known);
    const remedy = best === null ? `Weighted are: ${known.join(', ')}.` : `Did you mean ${best}?`;
    const place = { file, path: `markets.${id}.index.weights.${name}` };
    throw new ReplayError('RULES_INVALID', `no weight for the constituent ${name}`, place, remedy);
  }
  const left = known.filter((name) => !names.includes(name));
  if (left.length === 0) return index;
  const missing = sum(left.map((name) => index.weights[name] ?? ZERO_RATE));
  caveats.push(
    `Index of ${id}: no data for ${left.join(', ')} (${percent(missing)} of its weight); ` +
      'the rest is renormalised.',
  );
  const kept = (weights: IndexRule['weights']): IndexRule['weights'] =>
    Object.fromEntries(names.filter((name) => name in weights).map((name) => [name, weights[name]!]));
  const later = index.weightSets?.map((set) => ({ ...set, weights: kept(set.weights) }));
  return { ...index, weights: kept(index.weights), ...(later !== undefined && { weightSets: later }) };
}

const percent = (share: Rate): string => `${share.times(rate('100')).toString()} %`;
