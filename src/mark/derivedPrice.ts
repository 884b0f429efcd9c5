/**
 * Prices of markets without a stream of their own: a dated future at a stated distance from the index of its
 * underlying, an option by Black-Scholes on it. Assumptions both; nothing here is recorded.
 */
import { ONE, type Price, toStep } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import { optionPrice } from '../margin/optionValue.ts';
import type { Derived, Market } from '../rules/market.ts';
import type { MarketPrice } from './prices.ts';

/**
 * Price of a derived market in one beat.
 *
 *   future  mark = index * (1 + basis), cut to the tick, half to even
 *   option  mark = its value at the index, of which at least one tick stands
 *
 * `last` is the mark: there are no trades.
 *
 * @param base    price of the underlying in the same beat
 * @param latest  what this market had before; given back where nothing changed
 */
export function derivedPrice(
  market: Market,
  derived: Derived,
  at: { readonly base: MarketPrice; readonly nowUs: Micros; readonly latest: MarketPrice | null },
): MarketPrice {
  const { base, nowUs, latest } = at;
  const { index, held } = base;
  const mark = derivedMark(market, derived, { index, nowUs });
  const same = latest?.mark.eq(mark) === true && latest.index === index && latest.held === held;
  if (same) return latest;
  const markF64 = mark.toNumber();
  const from = derived.kind === 'future' ? 'basis' : 'blackScholes';
  const none = { price1: null, price2: null, provenance: '' };
  return { mark, markF64, index, last: mark, lastF64: markF64, from, held, ...none };
}

/** Mark of a derived market at an index, as `derivedPrice` says; at least one tick. */
export function derivedMark(
  market: Market,
  derived: Derived,
  at: { readonly index: Price; readonly nowUs: Micros },
): Price {
  const { index, nowUs } = at;
  const exact =
    derived.kind === 'future'
      ? toStep(index.times(ONE.plus(derived.basis)), market.priceTick, 'even')
      : optionPrice(market, derived, { index, nowUs });
  return exact.isPositive() ? exact : market.priceTick;
}
