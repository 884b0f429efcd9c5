/**
 * The premium of a perpetual over its index, from which funding rates are made: what the book would
 * pay for a fixed notional against the index, or the mark against it.
 */
import {
  as,
  MONEY_SCALE,
  max,
  min,
  type Money,
  type Price,
  PRICE_SCALE,
  type Qty,
  quotient,
  type Rate,
  ZERO_PRICE,
} from '../basics/exact.ts';

/** One level of one side of a book. */
export interface Level {
  readonly price: Price;
  /** Base units; null: not recorded, taken to be enough (a best price without its size). */
  readonly qty: Qty | null;
}

/**
 * Average price of eating a quote notional into one side of a book: notional / quantity, at scale 12
 * to nearest.
 *
 * @param levels    best first
 * @param notional  quote units, > 0
 * @returns         null when the book does not hold that much
 * @see docs/method.md (Funding)
 */
export function impactPrice(levels: readonly Level[], notional: Money): Price | null {
  let left = notional;
  let got = as('qty', ZERO_PRICE);
  for (const { price, qty } of levels) {
    const worth = qty === null ? null : as<'money'>('money', price.times(as('rate', qty)));
    if (worth === null || left.lte(worth)) {
      const last = quotient('qty', left, price, MONEY_SCALE, 'even');
      // a notional that the best level fills is paid at its price, whatever the quotient would round
      if (left === notional) return price;
      return quotient('price', notional, got.plus(last), PRICE_SCALE, 'even');
    }
    left = left.minus(worth);
    got = got.plus(qty!);
  }
  return null;
}

/**
 * P = [max(0, impactBid - centre) - max(0, centre - impactAsk)] / index + (centre - index) / index.
 * The centre is the index itself, or the mark (BitMEX: impact against the fair price, plus its basis).
 *
 * @param inputs.bid, inputs.ask  impact prices; null where the book does not suffice: no premium from
 *                                that side (dYdX: an impact bid of 0, an impact ask without limit)
 * @returns scale 18, to nearest
 * @see docs/method.md (Funding)
 */
export function premiumOf(inputs: {
  bid: Price | null;
  ask: Price | null;
  index: Price;
  centre: Price;
}): Rate {
  const { bid, ask, index, centre } = inputs;
  const above = bid === null ? ZERO_PRICE : max(ZERO_PRICE, bid.minus(centre));
  const below = ask === null ? ZERO_PRICE : max(ZERO_PRICE, centre.minus(ask));
  return quotient('rate', above.minus(below).plus(centre.minus(index)), index, MONEY_SCALE, 'even');
}

/** Brought into [-limit, limit]; unchanged where there is none. */
export const within = (rate: Rate, limit: Rate | null): Rate =>
  limit === null ? rate : max(limit.neg(), min(rate, limit));

/** F = P + clamp(interest - P, -damper, damper); without a damper the interest is added whole. */
export const dampedRate = (premium: Rate, interest: Rate, damper: Rate | null): Rate =>
  premium.plus(damper === null ? interest : within(interest.minus(premium), damper));

/** Deribit: max(d, P) + min(-d, P); 0 while |P| <= d. */
export const beyondDamper = (premium: Rate, damper: Rate): Rate =>
  max(damper, premium).plus(min(damper.neg(), premium));
