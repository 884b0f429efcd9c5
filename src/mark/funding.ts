/**
 * Funding: when it is due, which rate was last charged, and what a position pays. F > 0: longs pay
 * shorts. Only the arithmetic; who is charged when is the ledger's funding clock.
 */
import {
  MONEY_SCALE,
  type Money,
  type Price,
  parse,
  perUnit,
  product,
  quotient,
  type Qty,
  type Rate,
  rate,
} from '../basics/exact.ts';
import { DAY_US, type Micros } from '../basics/instant.ts';
import type { FundingStamp } from '../clock/frames.ts';
import type { Market, MarketId } from '../rules/market.ts';
import type { FundingRule } from '../rules/ruleSet.ts';
import { beyondDamper, premiumOf } from './premium.ts';
import type { FundingRateAt } from './prices.ts';

/**
 * Time to the next stamp, in (0, intervalUs]: a full interval at a stamp itself. Stamps are at
 * offsetUs + k * intervalUs of the UTC day, in a grid that runs on over midnight.
 *
 * @throws RangeError unless the interval divides a day
 */
export function timeUntilFundingUs(rule: FundingRule, tsUs: Micros): Micros {
  if (!(rule.intervalUs > 0) || DAY_US % rule.intervalUs !== 0) {
    throw new RangeError(`a funding interval of ${rule.intervalUs} us does not divide a day`);
  }
  const since = (tsUs - rule.offsetUs) % rule.intervalUs;
  return rule.intervalUs - (since < 0 ? since + rule.intervalUs : since);
}

const NO_STAMPS: readonly Micros[] = [];

/** The stamps s with fromUs < s <= untilUs, in order: a beat's are those of (start, end]. */
export function fundingStampsIn(rule: FundingRule, fromUs: Micros, untilUs: Micros): readonly Micros[] {
  const first = fromUs + timeUntilFundingUs(rule, fromUs);
  if (first > untilUs) return NO_STAMPS; // nearly every beat
  const stamps: Micros[] = [];
  for (let s = first; s <= untilUs; s += rule.intervalUs) stamps.push(s);
  return stamps;
}

/**
 * The stamps that charge a position: openUs - slackUs <= stamp <= closeUs. Binance states up to 15 s
 * of slack; freqtrade charges a position opened 1 s after the stamp and not one opened 15 s after it.
 */
export function stampsCharged(
  rule: FundingRule,
  held: { openUs: Micros; closeUs: Micros; slackUs: Micros },
): readonly Micros[] {
  return fundingStampsIn(rule, held.openUs - held.slackUs - 1, held.closeUs);
}

/** Rates of one market in order of time, parsed once. */
export interface FundingHistory {
  /** Rate of the last stamp at or before an instant; null before the first. */
  readonly lastRate: FundingRateAt;
  /** Rate of the first stamp after an instant; null after the last. */
  readonly nextRate: FundingRateAt;
}

/** The recorded stamps of one market as a question about instants: a search by halves. */
export function fundingHistory(stamps: readonly FundingStamp[], market: MarketId): FundingHistory {
  const own = stamps.filter((s) => s.market === market);
  const rates = own.map((s) => rate(s.rate));
  /** How many stamps are at or before tsUs. */
  const passed = (tsUs: Micros): number => {
    let low = 0;
    let high = own.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (own[middle]!.tsUs <= tsUs) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    lastRate: (tsUs) => rates[passed(tsUs) - 1] ?? null,
    nextRate: (tsUs) => rates[passed(tsUs)] ?? null,
  };
}

/**
 * What a long pays per base unit (linear: mark * rate, exact) or per contract (inverse:
 * faceValue / mark * rate, cut at MONEY_SCALE to nearest), settlement units; negative: it receives.
 */
export function paymentPerUnit(market: Market, mark: Price, fundingRate: Rate): Money {
  if (market.kind === 'linear') return product('money', mark, fundingRate);
  return quotient('money', market.faceValue.times(fundingRate), mark, MONEY_SCALE, 'even');
}

/**
 * What a long of a quantity pays at one stamp: value at mark * rate, with one cut at MONEY_SCALE for
 * an inverse contract. A short receives it.
 */
export function fundingPayment(market: Market, qty: Qty, mark: Price, fundingRate: Rate): Money {
  if (market.kind === 'linear') return perUnit(qty, product('money', mark, fundingRate));
  return quotient('money', perUnit(qty, market.faceValue).times(fundingRate), mark, MONEY_SCALE, 'even');
}

/**
 * Deribit's continuous funding: P = (mark - index) / index, rate = max(d, P) + min(-d, P), payment
 * of a long = rate * position * elapsed / period. Both cut at MONEY_SCALE to nearest. For single questions:
 * a run sums what FundingRates samples.
 *
 * @param inputs.dampener  d: the band within which nothing is paid; 0.0005 in the published case
 * @see docs/method.md (Funding)
 */
export function continuousFunding(inputs: {
  mark: Price;
  index: Price;
  position: Money;
  dampener: Rate;
  elapsedUs: Micros;
  periodUs: Micros;
}): { rate: Rate; payment: Money } {
  const { mark, index, position, dampener } = inputs;
  const paid = beyondDamper(premiumOf({ bid: null, ask: null, index, centre: mark }), dampener);
  const share = product('money', position.times(paid), parse('rate', String(inputs.elapsedUs)));
  return {
    rate: paid,
    payment: quotient('money', share, parse('rate', String(inputs.periodUs)), MONEY_SCALE, 'even'),
  };
}
