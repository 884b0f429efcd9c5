/**
 * What a quantity is worth, written again from the definition and not from the engine's code: a
 * check that called the formula under check could not disagree with it.
 */
import {
  type Exact,
  money,
  type Money,
  type Price,
  price,
  product,
  type Qty,
  qty,
  quotient,
  type Unit,
  value,
} from '../basics/exact.ts';
import type { Market, MarketId } from '../rules/market.ts';
import type { RunFacts } from './manifest.ts';

/** Markets of a run by id; amounts may be Exact or, from run.json, their texts. */
export function marketsOf(facts: RunFacts): ReadonlyMap<MarketId, Market> {
  return new Map(
    Object.values(facts.scenario.facts.markets).map((m) => [
      m.id,
      {
        ...m,
        priceTick: price(String(m.priceTick)),
        qtyStep: qty(String(m.qtyStep)),
        faceValue: money(String(m.faceValue)),
      },
    ]),
  );
}

/**
 * Value of a signed quantity: q * p (linear), q * faceValue / p cut to the venue's unit (inverse).
 *
 * @param q  contracts or base units, signed: below 0 for a short
 */
export function signedValue(market: Market, q: Exact<Unit>, p: Price): Money {
  if (market.kind === 'linear') return product('money', q, p);
  const quote = product('money', q, market.faceValue);
  const at = (amount: Money): Money => quotient('money', amount, p, market.valueScale, 'even');
  return quote.isNegative() ? at(quote.neg()).neg() : at(quote);
}

/** Value of a quantity >= 0 at a price. */
export const valueAt = (market: Market, q: Qty, p: Price): Money =>
  market.kind === 'linear' ? value(q, p) : signedValue(market, q, p);

/**
 * Unrealized profit of signed contracts: value at mark - entry value, the other way round where the
 * value of a contract falls as the price rises (inverse).
 */
export function signedProfit(market: Market, q: Exact<Unit>, entryValue: Money, mark: Price): Money {
  const gain = signedValue(market, q, mark).minus(entryValue);
  return market.kind === 'linear' ? gain : gain.neg();
}
