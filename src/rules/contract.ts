/**
 * Which contract a rule book speaks of. A scenario's market is a fact and stands; a book names the
 * contract that the venue lists, so that a run under another kind of contract is noticed, and can be
 * restated where somebody asks for it.
 */
import type { Asset, Market, MarketId } from './market.ts';
import type { RuleSet } from './ruleSet.ts';

/** A contract's terms. Prices keep the tick in which they were recorded, so a book states none. */
export type ContractTerms = Omit<Market, 'id' | 'priceTick'>;

export interface ContractName {
  readonly kind: Market['kind'];
  readonly settle: Asset;
}

/** Assets that are a dollar: what a linear contract settles in where a book states no contract. */
const DOLLARS: readonly Asset[] = ['USD', 'USDT', 'USDC', 'BUSD'];

/** Whether an asset is worth a dollar. */
export const isDollar = (asset: Asset): boolean => DOLLARS.includes(asset);

/**
 * Kind and settlement asset of a market of a rule book: as it states them (`contract`), else by the asset
 * of its fund: dollars settle linear contracts, coins inverse ones.
 */
export function contractOf(rules: RuleSet, id: MarketId): ContractName {
  const stated = rules.markets[id]?.contract;
  if (stated !== undefined) return { kind: stated.kind, settle: stated.settle };
  const settle = rules.funds.find((fund) => fund.markets.includes(id))?.asset ?? 'USD';
  return { kind: isDollar(settle) ? 'linear' : 'inverse', settle };
}

/** `linear USDT`, or several where a book's markets differ. */
export const contractText = (rules: RuleSet): string => {
  const names = Object.keys(rules.markets).map((id) => {
    const { kind, settle } = contractOf(rules, id);
    return `${kind} ${settle}`;
  });
  return [...new Set(names)].join(', ');
};
