/**
 * An account as typed or read becomes pockets, the things that are judged: every isolated leg its own,
 * all cross legs one. Whatever cannot be so is refused with its place.
 */
import { ReplayError } from '../basics/errors.ts';
import {
  as,
  cut,
  MONEY_SCALE,
  type Money,
  PRICE_SCALE,
  type Price,
  quotient,
  wholeSteps,
  ZERO_MONEY,
} from '../basics/exact.ts';
import { type Leg, type Marks, type Pocket, valueAt } from '../margin/leg.ts';
import type { Market, MarketId } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { isPooled } from '../margin/portfolioVerdict.ts';
import { contractFor, type FoundContract } from './priceContracts.ts';
import {
  derivedContract,
  indexesOf,
  isJudgedWhole,
  markAt,
  type Moved,
  rulesFor,
  wholeMoved,
  wholePocket,
} from './pricePool.ts';
import type { AccountForm, ContractForm, LegForm, Velocity } from './priceSchema.ts';

/** One pocket and what was said about it. */
export interface AskedPocket {
  readonly mode: 'isolated' | 'cross';
  readonly pocket: Pocket;
  readonly marks: Marks;
  /** The form of each leg, in the order of the pocket's. */
  readonly forms: readonly LegForm[];
  readonly velocities: Readonly<Record<MarketId, Velocity>>;
  /** The pocket and its marks after a market moved to a price. */
  readonly moved: (market: Market, to: Price) => Moved;
  /** Where a contract's facts come from, by market. */
  readonly contractSource: (market: MarketId) => string;
}

const refused = (message: string, path: string, remedy: string): ReplayError =>
  new ReplayError('SCENARIO_INVALID', message, { path }, remedy);

/**
 * The pockets of an account under a rule set.
 *
 * @throws ReplayError SCENARIO_INVALID with the path inside the account
 */
export function pocketsOf(account: AccountForm, asked: RuleSet): AskedPocket[] {
  const named = legNames(account, asked);
  const form = byMarket(account, named[0]!.market);
  const rules = rulesFor(form, asked);
  const contracts = contractsOf(form, named, rules);
  const stated = marksOf(named);
  const index = indexesOf(form, stated);
  const forms = named.map(
    (leg, i): LegForm => ({ ...leg, mark: markOf(leg, i, { contracts, index, form }) }),
  );
  const marks = new Map(forms.map((leg) => [leg.market, leg.mark]));
  const legs = forms.map((leg, i) => legOf(leg, i, { contracts, rules }));
  for (const id of Object.keys(form.velocities)) {
    if (!marks.has(id))
      throw refused(
        `no position in ${id}`,
        `velocities.${id}`,
        `Positions: ${[...marks.keys()].join(', ')}.`,
      );
  }
  const common = {
    mode: form.mode,
    marks: (id: MarketId): Price => marks.get(id)!,
    velocities: form.velocities,
    contractSource: (id: MarketId): string => contracts.get(id)!.source,
  };
  if (form.mode === 'cross') {
    const pocket = isJudgedWhole(form, rules)
      ? wholePocket(withoutMargins(form), legs, { rules, index })
      : crossPocket(withoutMargins(form), legs);
    return [{ ...common, pocket, forms, moved: movedBy(pocket, common.marks, form) }];
  }
  for (const name of ['wallet', 'balances', 'orderMargin'] as const) {
    if (form[name] !== undefined)
      throw refused(`an isolated position has no ${name}`, name, 'Leave it out, or make the account cross.');
  }
  return forms.map((leg, i) => {
    const pocket = { legs: [legs[i]!], wallet: isolatedMargin(leg, i, legs[i]!), orderMargin: ZERO_MONEY };
    return { ...common, pocket, forms: [leg], moved: movedBy(pocket, common.marks, form) };
  });
}

/** How a pocket looks after a market moved: its other markets stand still, unless it is judged as one. */
function movedBy(pocket: Pocket, marks: Marks, form: AccountForm): AskedPocket['moved'] {
  return (market, to) =>
    isPooled(pocket)
      ? wholeMoved({ pocket, marks, form }, market, to)
      : { pocket, marks: (id) => (id === market.id ? to : marks(id)) };
}

/** The mark of a leg: as stated, or made from the index of what its market is on. */
function markOf(
  leg: NamedLeg,
  i: number,
  by: {
    readonly contracts: ReadonlyMap<MarketId, FoundContract>;
    readonly index: Marks;
    readonly form: AccountForm;
  },
): Price {
  const { market } = by.contracts.get(leg.market)!;
  if (market.derived === undefined) {
    if (leg.mark !== undefined) return leg.mark;
    throw refused('no mark', `legs.${i}.mark`, "State today's mark.");
  }
  if (leg.mark === undefined) return markAt(market, by.index, by.form);
  const remedy = 'Leave it out: it follows from the index.';
  throw refused(
    `${market.id} is priced from the index of ${market.derived.underlying}`,
    `legs.${i}.mark`,
    remedy,
  );
}

/** What was stated without a market is about the first leg's. */
function byMarket(form: AccountForm, first: MarketId): AccountForm {
  const { contract, velocity, contracts, velocities } = form;
  return {
    ...form,
    contracts: contract === undefined ? contracts : { ...contracts, [first]: contract },
    velocities: velocity === undefined ? velocities : { ...velocities, [first]: velocity },
  };
}

/** A leg whose market is known. */
type NamedLeg = AccountForm['legs'][number] & { readonly market: string };

/** The legs with their markets: where the rules have one market, it need not be said. */
function legNames({ legs }: AccountForm, rules: RuleSet): NamedLeg[] {
  if (legs.length === 0) throw refused('no position', 'legs', 'State at least one leg.');
  const [only, ...others] = Object.keys(rules.markets);
  return legs.map((leg, i) => {
    const market = leg.market ?? (others.length === 0 ? only : undefined);
    const remedy = `Markets of these rules: ${Object.keys(rules.markets).join(', ')}.`;
    if (market === undefined) throw refused('no market', `legs.${i}.market`, remedy);
    checkRank(leg.adl, `legs.${i}.adl`);
    return { ...leg, market };
  });
}

/** A place among the winners, or the scores of the others. */
function checkRank(adl: LegForm['adl'], path: string): void {
  if (adl === undefined) return;
  const { rank, winners, scores } = adl;
  const remedy = 'State rank and winners, or the scores of the other winners.';
  if (scores !== undefined && (rank !== undefined || winners !== undefined))
    throw refused('both a rank and scores', `${path}.scores`, remedy);
  if (scores !== undefined) return;
  if (rank === undefined) throw refused('no rank', `${path}.rank`, remedy);
  if (winners === undefined) throw refused('no number of winners', `${path}.winners`, remedy);
  if (rank > winners)
    throw refused(
      `rank ${rank} of ${winners}`,
      `${path}.rank`,
      'The first of n winners has rank 1, the last n.',
    );
}

/** One mark a market, and one leg a side. */
function marksOf(forms: readonly NamedLeg[]): Map<MarketId, Price> {
  const marks = new Map<MarketId, Price>();
  for (const [i, { market, side, mark }] of forms.entries()) {
    const before = marks.get(market);
    if (mark !== undefined && before !== undefined && !before.eq(mark))
      throw refused(
        `two marks for ${market}: ${before} and ${mark}`,
        `legs.${i}.mark`,
        'A market has one mark.',
      );
    if (forms.findIndex((f) => f.market === market && f.side === side) !== i)
      throw refused(
        `two ${side} legs in ${market}`,
        `legs.${i}.side`,
        'Add them up: a side is one position.',
      );
    if (mark !== undefined) marks.set(market, mark);
  }
  return marks;
}

function contractsOf(
  form: AccountForm,
  legs: readonly NamedLeg[],
  rules: RuleSet,
): Map<MarketId, FoundContract> {
  const found = new Map<MarketId, FoundContract>();
  for (const [i, { market: id }] of legs.entries()) {
    if (!Object.hasOwn(rules.markets, id)) {
      const remedy = `Markets of these rules: ${Object.keys(rules.markets).join(', ')}.`;
      throw refused(`${rules.id} has no market ${id}`, `legs.${i}.market`, remedy);
    }
    found.set(id, foundContract(rules, id, form.contracts[id] ?? {}));
  }
  for (const id of Object.keys(form.contracts)) {
    if (!found.has(id))
      throw refused(`no position in ${id}`, `contracts.${id}`, `Positions: ${[...found.keys()].join(', ')}.`);
  }
  const settle = new Set([...found.values()].map(({ market }) => market.settle));
  if (form.mode === 'cross' && settle.size > 1 && !isJudgedWhole(form, rules)) {
    const remedy = 'State balances by asset under rules that count several, or ask for each asset alone.';
    throw refused(`the legs settle in ${[...settle].join(' and ')}`, 'legs', remedy);
  }
  return found;
}

function foundContract(rules: RuleSet, id: MarketId, stated: ContractForm): FoundContract {
  const found = derivedContract(rules, id, stated) ?? contractFor(rules, id, stated);
  if (found === null) {
    const remedy = 'State its face value: quote units per contract.';
    throw refused(
      `the inverse contract ${id} of ${rules.venue} is not known here`,
      `contracts.${id}.faceValue`,
      remedy,
    );
  }
  if (found.market.kind === 'linear' && stated.valueScale !== undefined)
    throw refused(
      'a linear contract has no valueScale',
      `contracts.${id}.valueScale`,
      'State its faceValue too.',
    );
  return found;
}

function legOf(
  form: LegForm,
  i: number,
  by: { readonly contracts: ReadonlyMap<MarketId, FoundContract>; readonly rules: RuleSet },
): Leg {
  const { market } = by.contracts.get(form.market)!;
  const { side, qty, entry, mark } = form;
  if (!isWhole(qty, market)) {
    const remedy = `A lot of ${market.id} is ${market.qtyStep}; another one is stated as its lot.`;
    throw refused(`${qty} is no whole number of lots`, `legs.${i}.qty`, remedy);
  }
  if (!cut(mark, PRICE_SCALE, 'down').eq(mark))
    throw refused(
      `more than ${PRICE_SCALE} decimal places: ${mark}`,
      `legs.${i}.mark`,
      'Write fewer digits.',
    );
  const leg = {
    market,
    rules: by.rules.markets[form.market]!,
    side,
    qty,
    entryValue: valueAt(market, qty, entry),
  };
  if (leg.entryValue.isPositive() && valueAt(market, qty, mark).isPositive()) return leg;
  throw refused(`${qty} is worth less than the venue's unit`, `legs.${i}.qty`, 'Write a larger position.');
}

const isWhole = (qty: LegForm['qty'], { qtyStep }: Market): boolean =>
  wholeSteps(qty, qtyStep, 'down') === wholeSteps(qty, qtyStep, 'up');

/** Margin as stated, or entry value / leverage. */
function isolatedMargin({ margin, leverage }: LegForm, i: number, leg: Leg): Money {
  if (margin !== undefined && leverage !== undefined)
    throw refused(
      'both margin and leverage',
      `legs.${i}.leverage`,
      'State one: margin = entry value / leverage.',
    );
  if (margin !== undefined) return margin;
  if (leverage === undefined)
    throw refused('no margin', `legs.${i}.margin`, 'State margin, or leverage, or make the account cross.');
  return quotient('money', leg.entryValue, as('money', leverage), MONEY_SCALE, 'down');
}

function crossPocket(form: AccountForm, legs: readonly Leg[]): Pocket {
  if (form.wallet === undefined)
    throw refused('no wallet', 'wallet', 'A cross account needs its wallet balance, settlement units.');
  return { legs, wallet: form.wallet, orderMargin: form.orderMargin ?? ZERO_MONEY };
}

/** A cross account as it is. @throws ReplayError where one of its legs has margin of its own */
function withoutMargins(form: AccountForm): AccountForm {
  for (const [i, { margin, leverage }] of form.legs.entries()) {
    const name = margin === undefined ? 'leverage' : 'margin';
    if (margin !== undefined || leverage !== undefined)
      throw refused(
        `a cross leg has no ${name} of its own`,
        `legs.${i}.${name}`,
        'The wallet stands behind it.',
      );
  }
  return form;
}
