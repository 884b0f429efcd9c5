/**
 * A scenario under a rule book of another market name or another contract: what is taken over, what is
 * restated (`--convert`) and what the run must say about it.
 */
import { ReplayError } from '../basics/errors.ts';
import { as, type Money, quotient, steps, sum } from '../basics/exact.ts';
import { type Restating, restatedLots, restatedMoney } from '../population/restate.ts';
import type { Assumptions } from '../rules/assumptions.ts';
import type { Market, MarketId } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { Scenario } from '../rules/scenario.ts';
import type { Pairs } from './pairMarkets.ts';

type Openings = Readonly<Record<string, Money>>;

/**
 * Opening cash of the book's funds: as the scenario states it under the fund's name, else what its own
 * funds of the same markets open with, in the scenario's asset.
 *
 * @returns  the openings, and which of them speak of the scenario's own funds
 * @throws ReplayError SCENARIO_INVALID where the scenario's own fund covers other markets too
 */
export function openingsUnder(
  rules: RuleSet,
  own: Scenario,
  given: Openings,
): { readonly openings: Openings; readonly taken: readonly string[] } {
  const ownNames = own.rules.funds.map((fund) => fund.name);
  const openings: Record<string, Money> = {};
  const taken: string[] = [];
  for (const { name, markets } of rules.funds) {
    if (name in given && !ownNames.includes(name)) {
      openings[name] = given[name]!; // stated for this book
      continue;
    }
    const behind = own.rules.funds.filter((fund) => fund.markets.some((id) => markets.includes(id)));
    const shared = behind.find((fund) => fund.markets.some((id) => !markets.includes(id)));
    if (shared !== undefined) {
      throw new ReplayError(
        'SCENARIO_INVALID',
        `no opening cash of the fund ${name}: the scenario's fund ${shared.name} covers ${shared.markets.join(', ')}`,
        { path: `assumptions.fundOpening.${name}` },
        `State it: --override assumptions.fundOpening.${name}=<amount>.`,
      );
    }
    openings[name] = sum(behind.map((fund) => given[fund.name] ?? own.assumptions.fundOpening[fund.name]!));
    taken.push(name);
  }
  return { openings, taken };
}

/** What a run under other market names says; empty where every name is the scenario's own. */
export const pairCaveats = (pairs: Pairs, rules: RuleSet): string[] =>
  [...pairs]
    .filter(([id, named]) => id !== named)
    .map(([id, named]) => `The rules of ${named} of ${rules.id} stand for ${id}.`);

/** Whose cash a fund opens with that the scenario does not name. */
export const fundCaveats = (taken: readonly string[], own: Scenario): string[] => {
  const names = own.rules.funds.map((fund) => fund.name);
  return taken
    .filter((name) => !names.includes(name))
    .map((name) => `The fund ${name} opens with what ${names.join(' and ')} would have opened with.`);
};

/** What cannot be restated yet. @throws ReplayError SCENARIO_INVALID */
export function refuseUnrestatable(own: Scenario, restated: readonly Market[]): void {
  const { facts } = own;
  const changesKind = restated.some((market) => facts.markets[market.id]!.kind !== market.kind);
  const events = facts.streams.find((stream) => stream.kind === 'accountEvents');
  const why =
    changesKind && Object.keys(facts.markets).length > 1
      ? { path: 'facts.markets', message: '--convert restates one market; this scenario has several' }
      : events !== undefined
        ? { path: `facts.streams.${events.id}`, message: '--convert does not restate account events' }
        : null;
  if (why === null) return;
  const remedy = 'Write a scenario in the contract that you ask for.';
  throw new ReplayError('SCENARIO_INVALID', why.message, { path: why.path }, remedy);
}

/**
 * The assumptions of a world in the new contract.
 *
 * @param taken  funds whose opening is stated in the scenario's asset
 */
export function restateAssumptions(
  assumptions: Assumptions,
  by: readonly Restating[],
  { taken, rules }: { readonly taken: readonly string[]; readonly rules: RuleSet },
): Assumptions {
  const of = (id: MarketId): Restating => by.find(({ from }) => from.id === id)!;
  const fundOpening = Object.entries(assumptions.fundOpening).map(([name, amount]): [string, Money] => {
    const market = rules.funds.find((fund) => fund.name === name)?.markets[0];
    return [name, market === undefined || !taken.includes(name) ? amount : restatedMoney(amount, of(market))];
  });
  const { population } = assumptions;
  return {
    ...assumptions,
    fundOpening: Object.fromEntries(fundOpening),
    population:
      population.kind === 'file'
        ? population
        : {
            ...population,
            openInterest: Object.fromEntries(
              Object.entries(population.openInterest).map(([id, size]) => [id, restatedSize(size, of(id))]),
            ),
          },
    restated: by.map(({ from, to, mark, index }) => ({
      market: from.id,
      from: `${from.kind} ${from.settle}`,
      to: `${to.kind} ${to.settle}`,
      mark,
      index,
    })),
  };
}

/** An open interest in the new unit, whole lots to nearest. */
function restatedSize(size: Money, by: Restating): Money {
  const lots = Number(quotient('rate', size, by.from.qtyStep, 0, 'even').n);
  return as('money', steps(restatedLots(lots, by), by.to.qtyStep));
}

/** What the summary, run.json and the report say of a restated run. */
export const restatedCaveats = (by: readonly Restating[]): string[] =>
  by.map(
    ({ from, to, mark, index }) =>
      `--convert: ${from.id} restated from ${from.kind} ${from.settle} to ${to.kind} ${to.settle}: ` +
      `notional at the first mark ${mark}, collateral and funds at the first index ${index}, ` +
      'entry prices as they were.',
  );
