/**
 * European options on an index: Black-Scholes without interest (assumed), one volatility a leg. Values
 * are float64 from fixed operations, carried to an exact price and cut to the tick: the same everywhere.
 */
import { carried, type Price, type Rate, toStep } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import { log } from '../basics/maths.ts';
import { normalCdf } from '../basics/normal.ts';
import type { Derived, Market } from '../rules/market.ts';

export type OptionTerms = Extract<Derived, { kind: 'option' }>;

/** A year of 365 days. */
const YEAR_US = 365 * 86_400 * 1e6;
/** A shock leaves at least this volatility. */
const LEAST_VOLATILITY = 0.01;

/** Where an option is valued: the index, when, and how far its volatility is moved. */
export interface OptionPoint {
  /** > 0. */
  readonly index: Price;
  readonly nowUs: Micros;
  /** Added to the leg's volatility, absolute. */
  readonly volShock?: Rate;
}

/**
 * Value of one base unit, quote units.
 *
 *   d1 = (ln(S / K) + v^2 T / 2) / (v sqrt T), d2 = d1 - v sqrt T
 *   call S N(d1) - K N(d2), put K N(-d2) - S N(-d1); at expiry what it is worth exercised
 *
 * Source: F. Black, M. Scholes (1973), interest 0.
 *
 * @returns  float64 >= 0
 */
export function blackScholes(terms: OptionTerms, point: OptionPoint): number {
  const s = point.index.toNumber();
  const k = terms.strike.toNumber();
  const call = terms.right === 'call';
  const spread = deviation(terms, point);
  if (spread === 0) return Math.max(0, call ? s - k : k - s);
  const d1 = (log(s / k) + (spread * spread) / 2) / spread;
  const d2 = d1 - spread;
  const value = call ? s * normalCdf(d1) - k * normalCdf(d2) : k * normalCdf(-d2) - s * normalCdf(-d1);
  return Math.max(0, value);
}

/** Standard deviation of the log index until expiry: v sqrt T; 0 from expiry on. */
function deviation(terms: OptionTerms, { nowUs, volShock }: OptionPoint): number {
  const years = (terms.expiryUs - nowUs) / YEAR_US;
  if (years <= 0) return 0;
  const shocked = terms.volatility.toNumber() + (volShock?.toNumber() ?? 0);
  return Math.max(LEAST_VOLATILITY, shocked) * Math.sqrt(years);
}

/** Price of an option in quote units, cut to a tick, half to even. */
export const quotePrice = (market: Market, terms: OptionTerms, point: OptionPoint): Price =>
  toStep(carried('price', blackScholes(terms, point)), market.priceTick, 'even');

/** Price of an option as its market counts it: quote units, or coin (value / index); cut to the tick, half to even. */
export function optionPrice(market: Market, terms: OptionTerms, point: OptionPoint): Price {
  if (terms.premium === 'quote') return quotePrice(market, terms, point);
  const coin = blackScholes(terms, point) / point.index.toNumber();
  return toStep(carried('price', coin), market.priceTick, 'even');
}

/** Base units that one option moves like: N(d1) of a call, N(d1) - 1 of a put; at expiry 0, 1 or -1. */
export function optionDelta(terms: OptionTerms, point: OptionPoint): number {
  const s = point.index.toNumber();
  const k = terms.strike.toNumber();
  const spread = deviation(terms, point);
  const above = spread === 0 ? (s > k ? 1 : 0) : normalCdf((log(s / k) + (spread * spread) / 2) / spread);
  return terms.right === 'call' ? above : above - 1;
}
