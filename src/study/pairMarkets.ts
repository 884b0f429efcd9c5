/**
 * Which market of a rule book stands for which market of a scenario: the one of the same name, the one
 * that somebody names, or the only one where both have one. A book for another contract is refused here
 * unless positions are to be restated in it.
 */
import { nearest, ReplayError } from '../basics/errors.ts';
import { type ContractTerms, contractOf, isDollar } from '../rules/contract.ts';
import type { Facts } from '../rules/facts.ts';
import type { Asset, Market, MarketId } from '../rules/market.ts';
import type { RuleSet, RuleSlots } from '../rules/ruleSet.ts';

/** Scenario market -> market of the rule book. */
export type Pairs = ReadonlyMap<MarketId, MarketId>;

/**
 * The pairs of a scenario and a rule book.
 *
 * @param stated  pairs that the user named: scenario market -> market of the book
 * @throws ReplayError RULES_INVALID naming both sides where a market has no partner
 */
export function pairMarkets(
  rules: RuleSet,
  facts: Facts,
  { stated, file }: { readonly stated: Readonly<Record<MarketId, MarketId>>; readonly file: string },
): Pairs {
  const ours = Object.keys(facts.markets);
  const theirs = Object.keys(rules.markets);
  for (const [id, named] of Object.entries(stated)) {
    if (!ours.includes(id)) throw unknown(id, ours, `the scenario has no market ${id}`);
    if (!theirs.includes(named)) throw unknown(named, theirs, `${rules.id} has no market ${named}`);
  }
  const partner = (id: MarketId): MarketId => {
    const found = stated[id] ?? (theirs.includes(id) ? id : null);
    if (found !== null) return found;
    if (ours.length === 1 && theirs.length === 1) return theirs[0]!;
    const message = `${rules.id} has no rules for the market ${id}: it has ${theirs.join(', ')}`;
    const remedy =
      `Name the one that stands for it: --market ${id}=${theirs[0]}; ` +
      'or choose a rule set with this market, or extend this one.';
    throw new ReplayError('RULES_INVALID', message, { file, path: `markets.${id}` }, remedy);
  };
  return new Map(ours.map((id) => [id, partner(id)]));
}

function unknown(wrong: string, names: readonly string[], message: string): ReplayError {
  const best = nearest(wrong, names);
  const remedy = best === null ? `Valid: ${names.join(', ')}.` : `Did you mean ${best}?`;
  return new ReplayError('SCENARIO_INVALID', message, { file: '--market', path: wrong }, remedy);
}

/** The rule set with the scenario's names, and only the paired markets. */
export function underScenarioNames(rules: RuleSet, pairs: Pairs): RuleSet {
  if ([...pairs].every(([id, named]) => id === named)) return rules;
  const back = new Map([...pairs].map(([id, named]) => [named, id]));
  const path = (text: string): string =>
    text.replace(/^markets\.([^.]+)/, (whole, id: string) =>
      back.has(id) ? `markets.${back.get(id)}` : whole,
    );
  const slots = <S extends RuleSlots>(of: S): S => ({
    ...of,
    ...(of.markets === undefined
      ? {}
      : { markets: Object.fromEntries([...pairs].map(([id, named]) => [id, of.markets![named]!])) }),
    ...(of.funds === undefined
      ? {}
      : { funds: of.funds.map((f) => ({ ...f, markets: f.markets.flatMap((id) => back.get(id) ?? []) })) }),
    ...(of.collateral === undefined ? {} : { collateral: renamedCollateral(of.collateral, back) }),
  });
  const { schedule } = rules;
  return {
    ...slots(rules),
    sources: Object.fromEntries(Object.entries(rules.sources).map(([key, s]) => [path(key), s])),
    ...(schedule === undefined
      ? {}
      : { schedule: schedule.map((c) => ({ ...c, path: path(c.path), slots: slots(c.slots) })) }),
  };
}

function renamedCollateral(
  rule: NonNullable<RuleSet['collateral']>,
  back: ReadonlyMap<MarketId, MarketId>,
): NonNullable<RuleSet['collateral']> {
  const assets = Object.entries(rule.assets).map(([asset, terms]) => [
    asset,
    { ...terms, index: terms.index === null ? null : (back.get(terms.index) ?? terms.index) },
  ]);
  return { ...rule, assets: Object.fromEntries(assets) };
}

/** XBT and BTC are one coin, and one dollar is another. */
const COIN: Readonly<Record<Asset, Asset>> = { XBT: 'BTC' };
const sameAsset = (a: Asset, b: Asset): boolean =>
  (COIN[a] ?? a) === (COIN[b] ?? b) || (isDollar(a) && isDollar(b));

/**
 * The rules with funds and collateral in what the scenario's markets settle in, however the venue calls
 * it (XBT, BTC; USDC, USDT), and a caveat for each asset that stands for another.
 *
 * @param markets  of the scenario, restated already where they are
 */
export function settledAs(
  rules: RuleSet,
  markets: Facts['markets'],
): { readonly rules: RuleSet; readonly caveats: readonly string[] } {
  const stands = new Map<Asset, Asset>();
  for (const { asset, markets: ids } of rules.funds) {
    const settle = markets[ids[0]!]!.settle;
    if (asset !== settle && sameAsset(asset, settle)) stands.set(asset, settle);
  }
  if (stands.size === 0) return { rules, caveats: [] };
  const named = (asset: Asset): Asset => stands.get(asset) ?? asset;
  const slots = <S extends RuleSlots>(of: S): S => ({
    ...of,
    ...(of.funds === undefined ? {} : { funds: of.funds.map((f) => ({ ...f, asset: named(f.asset) })) }),
    ...(of.collateral === undefined
      ? {}
      : {
          collateral: {
            ...of.collateral,
            unit: named(of.collateral.unit),
            assets: Object.fromEntries(
              Object.entries(of.collateral.assets).map(([asset, terms]) => [named(asset), terms]),
            ),
          },
        }),
  });
  const { schedule } = rules;
  const settled = {
    ...slots(rules),
    ...(schedule === undefined ? {} : { schedule: schedule.map((c) => ({ ...c, slots: slots(c.slots) })) }),
  };
  const caveats = [...stands]
    .filter(([asset, settle]) => (COIN[asset] ?? asset) !== (COIN[settle] ?? settle))
    .map(([asset, settle]) => `${rules.id} settles in ${asset}: here ${settle} stands for it, one for one.`);
  return { rules: settled, caveats };
}

/** A market whose rules are for another contract. */
export interface OtherContract {
  readonly market: Market;
  /** What the book is for, in words. */
  readonly is: string;
  /** Terms to restate positions in; null where the book does not state them. */
  readonly terms: ContractTerms | null;
}

/**
 * The markets of a scenario whose rules are for another contract: of another kind, or settled in another
 * asset. A book that states no contract is known by the asset of its fund alone.
 *
 * @param rules  under the scenario's names
 */
export function otherContracts(rules: RuleSet, facts: Facts): OtherContract[] {
  return Object.values(facts.markets).flatMap((market): OtherContract[] => {
    const terms = rules.markets[market.id]!.contract ?? null;
    const { kind, settle } = contractOf(rules, market.id);
    const same = sameAsset(settle, market.settle) && (terms === null || kind === market.kind);
    return same ? [] : [{ market, is: `${kind} ${settle}`, terms }];
  });
}

/**
 * States that every market keeps its contract.
 *
 * @throws ReplayError RULES_INVALID at the first that does not
 */
export function refuseOtherContracts(rules: RuleSet, others: readonly OtherContract[], file: string): void {
  const first = others[0];
  if (first === undefined) return;
  const { market, is } = first;
  throw new ReplayError(
    'RULES_INVALID',
    `${rules.id} is for ${is} contracts, and ${market.id} of the scenario is ${market.kind} ${market.settle}`,
    { file, path: `markets.${market.id}.contract` },
    '--convert restates positions by notional at the first mark and collateral at the first index.',
  );
}

/**
 * The market in the book's contract: prices keep the tick in which they were recorded.
 *
 * @throws ReplayError RULES_INVALID where the book does not state its contract or cannot be reached
 */
export function restatedMarket({ market, terms }: OtherContract, rules: RuleSet, file: string): Market {
  const path = `markets.${market.id}.contract`;
  const refuse = (message: string, remedy: string): ReplayError =>
    new ReplayError('RULES_INVALID', message, { file, path }, remedy);
  if (terms === null) {
    const stated = 'contract={kind: inverse, settle: BTC, qtyStep: 1, faceValue: 1, valueScale: 8}';
    throw refuse(
      `${rules.id} does not state its contract, so positions cannot be restated in it`,
      `State it in the file, or with --override 'rules.markets.*.${stated}'.`,
    );
  }
  if (terms.kind === market.kind) {
    throw refuse(
      `there is no price that turns ${market.settle} into ${terms.settle}`,
      `Choose a rule set for ${market.kind} ${market.settle} contracts, or for the other kind.`,
    );
  }
  return { ...market, ...terms };
}
