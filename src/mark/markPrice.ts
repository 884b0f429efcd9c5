/**
 * The mark price: the price at which equity is judged. One pure function per published rule, exact
 * until the last step, where the mark alone is cut to the rule's tick. What moves (the basis
 * average, the last funding rate) comes in as an argument; see marketState.ts.
 */
import {
  max,
  min,
  ONE,
  PRICE_SCALE,
  type Price,
  product,
  quotient,
  type Rate,
  toStep,
  unscaled,
} from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { MarkRule } from '../rules/ruleSet.ts';

/** What a rule may look at when it prices one beat. */
export interface MarkInputs {
  readonly index: Price;
  readonly last: Price;
  readonly fundingRate: Rate;
  /** Time to the next stamp, in (0, intervalUs]. */
  readonly leftUs: Micros;
  readonly intervalUs: Micros;
  /** The rule's average of the basis; null where it keeps none. */
  readonly basis: Price | null;
  /** The venue's own mark; null where none was recorded. */
  readonly recorded: Price | null;
  /** Best bid and ask; without a book both are the proxy of the mid. */
  readonly bid: Price;
  readonly ask: Price;
  /** The rule's average of median(bid, ask, last); null where it keeps none. */
  readonly bookAverage: Price | null;
  /** Weighted median of other venues' perpetuals; null where there is none. */
  readonly reference: Price | null;
}

/** A mark and where it came from; see MarketPrice for the fields. */
export interface MarkParts {
  readonly mark: Price;
  readonly price1: Price | null;
  readonly price2: Price | null;
  readonly from: string;
}

/**
 * The mark of one beat, cut to the rule's tick.
 *
 * @throws RangeError when an input that the rule needs is null
 */
export function markPrice(rule: MarkRule, inputs: MarkInputs): MarkParts {
  const parts = uncut(rule, inputs);
  return { ...parts, mark: toStep(parts.mark, rule.tick, rule.rounding) };
}

function uncut(rule: MarkRule, inputs: MarkInputs): MarkParts {
  const { index, last } = inputs;
  switch (rule.kind) {
    case 'medianOfThree': {
      const price1 = fundingPrice(inputs);
      const price2 = index.plus(needed(inputs.basis, 'basis'));
      return { ...medianOfThree(price1, price2, last), price1, price2 };
    }
    case 'fundingBasis': {
      const price1 = fundingPrice(inputs);
      return { mark: price1, price1, price2: null, from: 'fundingBasis' };
    }
    case 'emaBasis':
    case 'indexPlusBasisMean': {
      const price2 = index.plus(needed(inputs.basis, 'basis'));
      return { mark: price2, price1: null, price2, from: rule.kind };
    }
    case 'boundedEma': {
      const price2 = index.plus(needed(inputs.basis, 'basis'));
      const mark = rule.markBand === undefined ? price2 : keptNear(price2, index, rule.markBand);
      return { mark, price1: null, price2, from: mark.eq(price2) ? rule.kind : 'markBand' };
    }
    case 'oracleMedian':
      return oracleMedian(inputs);
    case 'clampedLast': {
      const mark = legacyMark({ last, bid: inputs.bid, ask: inputs.ask, fair: index, band: rule.band });
      return { mark, price1: null, price2: null, from: 'clampedLast' };
    }
    case 'indexOnly':
      return { mark: index, price1: null, price2: null, from: 'index' };
    case 'lastPrice':
      return { mark: last, price1: null, price2: null, from: 'last' };
    case 'replayed':
      return { mark: needed(inputs.recorded, 'recorded mark'), price1: null, price2: null, from: 'recorded' };
  }
}

function needed(part: Price | null, name: string): Price {
  if (part === null) throw new RangeError(`the mark rule needs a ${name}`);
  return part;
}

/**
 * Index carried forward by funding: index * (1 + rate * left / interval). Binance's Price1 and
 * BitMEX's fair price (basis index * rate * left / interval).
 *
 * @returns scale 12, to nearest
 * @see docs/method.md (Mark)
 */
export function fundingPrice(
  inputs: Pick<MarkInputs, 'index' | 'fundingRate' | 'leftUs' | 'intervalUs'>,
): Price {
  const { index, fundingRate, leftUs, intervalUs } = inputs;
  if (fundingRate.isZero()) return index;
  const interval = unscaled('rate', BigInt(intervalUs), 0);
  const grown = interval.plus(product('rate', fundingRate, unscaled('rate', BigInt(leftUs), 0)));
  return quotient('price', index.times(grown), interval, PRICE_SCALE, 'even');
}

/** The middle of three prices and its name; of equal ones the first named. */
export function medianOfThree(price1: Price, price2: Price, last: Price): { mark: Price; from: string } {
  const mark = max(min(price1, price2), min(max(price1, price2), last));
  return { mark, from: mark.eq(price1) ? 'price1' : mark.eq(price2) ? 'price2' : 'last' };
}

/**
 * Hyperliquid's mark: the median of index + EMA(mid - index), of median(bid, ask, last) and of the
 * weighted median of other venues' perpetuals; where nobody recorded those, of the EMA of the second.
 *
 * @see docs/method.md (Mark)
 */
function oracleMedian(inputs: MarkInputs): MarkParts {
  const { index, reference } = inputs;
  const oracle = index.plus(needed(inputs.basis, 'basis'));
  const book = bookPrice(inputs);
  const third = reference ?? needed(inputs.bookAverage, 'book average');
  const { mark } = medianOfThree(oracle, book, third);
  const others = reference === null ? 'bookAverage' : 'reference';
  const from = mark.eq(oracle) ? 'oracle' : mark.eq(book) ? 'book' : others;
  return { mark, price1: null, price2: oracle, from };
}

/** A price brought into [centre * (1 - band), centre * (1 + band)]. Exact. */
export const clampToBand = (price: Price, centre: Price, band: Rate): Price =>
  keptNear(price, centre, { below: band, above: band });

/** A price brought into [centre * (1 - below), centre * (1 + above)]. Exact. */
const keptNear = (price: Price, centre: Price, { below, above }: { below: Rate; above: Rate }): Price =>
  max(centre.times(ONE.minus(below)), min(price, centre.times(ONE.plus(above))));

/** The middle of best bid, best ask and last trade: what the book says (Hyperliquid). */
export const bookPrice = ({ bid, ask, last }: Pick<MarkInputs, 'bid' | 'ask' | 'last'>): Price =>
  medianOfThree(bid, ask, last).mark;

/**
 * Deribit's mark of 2016-2018: the last trade brought between bid and ask, then into the band around
 * the fair price (`clampedLast` takes the index for it).
 *
 * @see docs/method.md (Mark)
 */
export function legacyMark(inputs: { last: Price; bid: Price; ask: Price; fair: Price; band: Rate }): Price {
  return clampToBand(max(inputs.bid, min(inputs.last, inputs.ask)), inputs.fair, inputs.band);
}
