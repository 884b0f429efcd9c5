/**
 * The price at which winners are closed, by the venue's rule. Every rule but `bankruptcy` may be better
 * for the winner than the loser can pay: who pays the difference is the engine's question.
 */
import { type Price, product } from '../basics/exact.ts';
import type { AdlPrice } from '../rules/ruleSet.ts';

export interface AdlPrices {
  /** Where the loser ends with nothing. */
  readonly bankruptcy: Price;
  readonly mark: Price;
  /** Mark of the beat before. */
  readonly previousMark: Price;
}

/** What fixed a price, as the rows of fills name it. */
export type AdlPriceRule = 'bankruptcy' | 'mark' | 'previousMark';

/**
 * Which of the three prices a rule takes.
 *
 *   bankruptcy, mark, previousMark   that one
 *   bankruptcyWithin                 mark where |bankruptcy - mark| > band * mark, else bankruptcy
 *
 * @param rule  absent: bankruptcy
 *
 * Sources: BitMEX, Binance and dYdX v4 (bankruptcy), OKX (mark), Hyperliquid (previous mark), Bybit
 * (the mark where bankruptcy is more than 5 % off it; a third-party copy)
 */
export function adlPrice(rule: AdlPrice | undefined, at: AdlPrices): { price: Price; by: AdlPriceRule } {
  const kind = rule?.kind ?? 'bankruptcy';
  if (kind === 'mark' || kind === 'previousMark') return { price: at[kind], by: kind };
  if (rule?.kind === 'bankruptcyWithin') {
    const off = at.bankruptcy.minus(at.mark).abs();
    if (product<'price'>('price', at.mark, rule.band).lt(off)) return { price: at.mark, by: 'mark' };
  }
  return { price: at.bankruptcy, by: 'bankruptcy' };
}
