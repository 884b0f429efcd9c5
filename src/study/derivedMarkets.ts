/**
 * Markets without streams of their own (dated futures, options): what a scenario must say of them, and the
 * rules that they take from the market that they are on.
 */
import type { Facts } from '../rules/facts.ts';
import type { Market, MarketId } from '../rules/market.ts';
import type { FundRule, MarketRules, RuleSet, RuleSlots } from '../rules/ruleSet.ts';
import type { Fault } from '../rules/structure.ts';

type Markets = Readonly<Record<MarketId, Omit<Market, 'id'>>>;

/** Every fault of the derived markets of a scenario's facts. */
export function derivedFaults(facts: {
  readonly markets: Markets;
  readonly streams: Facts['streams'];
  readonly untilUs: number;
}): Fault[] {
  return Object.entries(facts.markets).flatMap(([id, { derived, riskUnit }]): Fault[] => {
    const faults: Fault[] = [];
    const recorded = Object.keys(facts.markets).filter((m) => facts.markets[m]!.derived === undefined);
    const at = `facts.markets.${id}`;
    const known = (name: MarketId, path: string): void => {
      if (recorded.includes(name)) return;
      const remedy = `Name a market that has streams: ${recorded.join(', ')}.`;
      faults.push({ path: `${at}.${path}`, message: `${name} is no market with streams`, remedy });
    };
    if (riskUnit !== undefined) known(riskUnit, 'riskUnit');
    if (derived === undefined) return faults;
    known(derived.underlying, 'derived.underlying');
    if (derived.expiryUs <= facts.untilUs) {
      const message = 'it expires inside the window, and settlement at expiry is not replayed';
      faults.push({ path: `${at}.derived.expiry`, message, remedy: 'Let it expire after the window ends.' });
    }
    const stream = facts.streams.find((s) => s.market === id);
    if (stream !== undefined) {
      const message = `${id} is derived, so nothing of it is recorded`;
      const remedy = 'Leave the stream out, or leave derived out of the market.';
      faults.push({ path: `facts.streams.${stream.id}.market`, message, remedy });
    }
    return faults;
  });
}

/**
 * A rule set in which every derived market has rules: its own, or those of the market that it is on, in that
 * market's fund, or, where that settles in another asset, in the first fund of its own. Its index, mark and
 * funding stay unread.
 *
 * @param pairs  scenario market -> market of the rule set, where names differ
 */
export function withDerivedRules(
  rules: RuleSet,
  markets: Facts['markets'],
  pairs: Readonly<Record<MarketId, MarketId>>,
): RuleSet {
  const missing = Object.values(markets).filter(
    (market) => market.derived !== undefined && !(market.id in rules.markets),
  );
  if (missing.length === 0) return rules;
  const baseOf = (market: Market): MarketId => {
    const { underlying } = market.derived!;
    const own = Object.keys(rules.markets);
    return pairs[underlying] ?? (own.length === 1 ? own[0]! : underlying);
  };
  const slots = <S extends RuleSlots>(of: S): S => ({
    ...of,
    ...(of.markets === undefined ? {} : { markets: widened(of.markets, missing, baseOf) }),
    ...(of.funds === undefined ? {} : { funds: funded(of.funds, missing, baseOf) }),
  });
  const schedule = rules.schedule?.map((change) => ({ ...change, slots: slots(change.slots) }));
  return { ...slots(rules), ...(schedule === undefined ? {} : { schedule }) };
}

function widened(
  rules: RuleSet['markets'],
  missing: readonly Market[],
  baseOf: (market: Market) => MarketId,
): Record<MarketId, MarketRules> {
  const all = { ...rules };
  for (const market of missing) {
    const base = rules[baseOf(market)];
    if (base === undefined) continue; // pairMarkets.ts says which market lacks rules
    const { kind, settle, qtyStep, faceValue, valueScale } = market;
    all[market.id] = { ...base, contract: { kind, settle, qtyStep, faceValue, valueScale } };
  }
  return all;
}

function funded(
  funds: readonly FundRule[],
  missing: readonly Market[],
  baseOf: (market: Market) => MarketId,
): FundRule[] {
  const homeOf = (market: Market): FundRule | undefined => {
    const base = funds.find((fund) => fund.markets.includes(baseOf(market)));
    return base?.asset === market.settle ? base : (funds.find((f) => f.asset === market.settle) ?? base);
  };
  return funds.map((fund) => {
    const own = missing.filter((market) => homeOf(market) === fund).map(({ id }) => id);
    return own.length === 0 ? fund : { ...fund, markets: [...fund.markets, ...own] };
  });
}
