/**
 * Rules that count contracts, for contracts of another size: a tier that ends at 999 contracts of 100 USD ends
 * at 99,900 of 1 USD. Without this a rule book would silently be a hundred times as strict.
 */
import { ReplayError } from '../basics/errors.ts';
import { type Exact, type Money, type Qty, product, quotient, type Unit } from '../basics/exact.ts';
import type { Facts } from '../rules/facts.ts';
import type { MarketId } from '../rules/market.ts';
import type { MarketRules, ReductionRule, RuleSet, RuleSlots } from '../rules/ruleSet.ts';

/** Size of a contract of the book, and of the scenario; quote units. */
interface Sizes {
  readonly theirs: Money;
  readonly ours: Money;
}

/** Decimal places of a recounted quantity. */
const SCALE = 9;

/**
 * The rules with every number of contracts restated in the scenario's contracts, and a caveat for each market
 * in which that changes one.
 *
 * @param rules    under the scenario's names
 * @param markets  of the scenario, restated already where they are
 * @throws ReplayError RULES_INVALID where one number counts contracts of several markets that differ
 */
export function recounted(
  rules: RuleSet,
  markets: Facts['markets'],
): { readonly rules: RuleSet; readonly caveats: readonly string[] } {
  const sizes = new Map<MarketId, Sizes>();
  for (const market of Object.values(markets)) {
    const theirs = rules.markets[market.id]?.contract;
    if (market.kind !== 'inverse' || theirs?.kind !== 'inverse') continue;
    if (!theirs.faceValue.eq(market.faceValue))
      sizes.set(market.id, { theirs: theirs.faceValue, ours: market.faceValue });
  }
  const slots = <S extends RuleSlots>(of: S): S => ({
    ...of,
    ...(of.markets === undefined ? {} : { markets: recountedMarkets(of.markets, sizes) }),
    ...(of.reduction === undefined ? {} : { reduction: recountedReduction(of.reduction, sizes, rules) }),
  });
  const { schedule } = rules;
  const changed = [...sizes].filter(
    ([id]) => rules.markets[id]!.tierKey === 'qty' || rules.reduction.kind === 'increments',
  );
  if (changed.length === 0) return { rules, caveats: [] };
  return {
    rules: {
      ...slots(rules),
      ...(schedule === undefined ? {} : { schedule: schedule.map((c) => ({ ...c, slots: slots(c.slots) })) }),
    },
    caveats: changed.map(
      ([id, { theirs, ours }]) =>
        `${rules.id} counts contracts of ${theirs} where ${id} has contracts of ${ours}: ` +
        'its numbers of contracts are restated by value.',
    ),
  };
}

const restated = <U extends Unit>(unit: U, count: Exact<U>, { theirs, ours }: Sizes): Exact<U> =>
  quotient<U>(unit, product(unit, count, theirs), ours, SCALE, 'down');

function recountedMarkets(
  markets: Readonly<Record<MarketId, MarketRules>>,
  sizes: ReadonlyMap<MarketId, Sizes>,
): Record<MarketId, MarketRules> {
  const entries = Object.entries(markets).map(([id, rules]): [MarketId, MarketRules] => {
    const by = sizes.get(id);
    if (by === undefined || rules.tierKey !== 'qty') return [id, rules];
    const tiers = rules.tiers.map((tier) => ({ ...tier, upTo: restated('money', tier.upTo, by) }));
    return [id, { ...rules, tiers }];
  });
  return Object.fromEntries(entries);
}

function recountedReduction(
  rule: ReductionRule,
  sizes: ReadonlyMap<MarketId, Sizes>,
  rules: RuleSet,
): ReductionRule {
  if (rule.kind !== 'increments' || sizes.size === 0) return rule;
  const each = Object.keys(rules.markets).map((id): Qty => {
    const by = sizes.get(id);
    return by === undefined ? rule.maxQty : restated('qty', rule.maxQty, by);
  });
  const [maxQty, ...others] = each;
  if (maxQty !== undefined && others.every((qty) => qty.eq(maxQty))) return { ...rule, maxQty };
  throw new ReplayError(
    'RULES_INVALID',
    `${rules.id} closes ${rule.maxQty} contracts at a time, and the scenario's contracts differ in size`,
    { path: 'reduction.maxQty' },
    'Replay a scenario with one of these markets.',
  );
}
