/**
 * Conformance of index and funding: the same functions of src/mark that the engine uses.
 */
import {
  as,
  cut,
  type Money,
  type Price,
  parse,
  price,
  quotient,
  type Rate,
  rate,
  sum,
  unscaled,
  wholeSteps,
  ZERO_MONEY,
  ZERO_RATE,
} from '../basics/exact.ts';
import {
  formatInstant,
  HOUR_US,
  MINUTE_US,
  type Micros,
  parseInstant,
  SECOND_US,
} from '../basics/instant.ts';
import { profit, valueAt } from '../margin/leg.ts';
import { continuousFunding, fundingPayment, stampsCharged } from '../mark/funding.ts';
import { planIndex, priceOf } from '../mark/indexPlan.ts';
import { formIndex, indexPrice, indexSeries } from '../mark/indexPrice.ts';
import { legacyMark } from '../mark/markPrice.ts';
import { dampedRate, impactPrice, type Level, premiumOf, within } from '../mark/premium.ts';
import type { IndexRule } from '../rules/ruleSet.ts';
import { type Compute, decimals, decimalText, type Inputs, type Json, Unread } from './conformanceCase.ts';
import { marketOf, oneTier, qtyOf, rulesOf, sideOf } from './conformanceMargin.ts';

const indexRule = (part: Partial<IndexRule>): IndexRule => ({
  aggregator: 'equalMean',
  weights: {},
  outlier: { kind: 'none' },
  stale: { afterUs: HOUR_US, mode: 'drop' },
  quorum: { two: 'mean', one: 'use', zero: 'halt' },
  ...part,
});

/** Weights by name: "equal", a list in the order of the names, or an object. */
function weighting(inputs: Inputs, names: readonly string[]): Partial<IndexRule> {
  if (!inputs.has('weights') || inputs.word('weights') === 'equal') return { aggregator: 'equalMean' };
  const given = inputs.json('weights');
  const list = Array.isArray(given)
    ? inputs.list('rate', 'weights')
    : names.map((name) => inputs.inner('weights').exact('rate', name));
  return {
    aggregator: 'weightedMean',
    weights: Object.fromEntries(names.map((name, i) => [name, list[i]!])),
  };
}

const fresh = (name: string, at: Price): { name: string; price: Price; ageUs: number } => ({
  name,
  price: at,
  ageUs: 0,
});

/** Prices of sources: a list, or by name. */
function sourcePrices(inputs: Inputs): { names: string[]; prices: Price[] } {
  if (!inputs.isObject('prices')) {
    const prices = inputs.list('price', 'prices');
    return { names: prices.map((_, i) => String(i)), prices };
  }
  const names = inputs.inner('prices').names();
  return { names, prices: names.map((name) => inputs.inner('prices').exact('price', name)) };
}

const indexAverage: Compute = ({ inputs }) => {
  const { names, prices } = sourcePrices(inputs);
  const { index } = indexPrice(
    indexRule(weighting(inputs, names)),
    prices.map((p, i) => fresh(names[i]!, p)),
  );
  return { index_price: String(index) };
};

/** What each deviating source counts for, beside enough sources at the median. */
const indexClamp: Compute = ({ inputs }) => {
  const median = inputs.exact('price', 'median');
  const away = inputs.list('rate', 'source_deviation').map((d) => median.plus(median.times(d)));
  const prices = [...away, ...away.map(() => median), median];
  const scale = Math.max(...prices.map((p) => p.scale));
  const rule = indexRule({ outlier: { kind: 'clamp', band: inputs.exact('rate', 'clamp') } });
  const tick = String(unscaled('price', 1n, scale));
  const plan = planIndex(
    rule,
    prices.map((_, i) => ({ name: String(i), tick })),
  );
  const ticks = Float64Array.from(prices, (p) => Number(wholeSteps(p, price(tick), 'even')));
  const before = { index: null, live: false };
  formIndex(plan, { ticks, stale: new Uint8Array(prices.length), before, tsUs: 0 });
  return { accounted: away.map((_, i) => String(priceOf(plan, i))) };
};

/** Half of X: how far one of two sources may stray (BitMEX 2017: "X/2"). */
const half = (share: Rate): Rate => share.times(rate('0.5'));

/**
 * BitMEX's index protection through the moments of a case, `prices_t0`, `prices_t1`, ...: the answer is
 * that of the last. With two sources left the last index stands while one is X/2 off what both make now, with
 * one while that is X off the last index.
 */
const indexProtection: Compute = ({ inputs }) => {
  const moments = inputs
    .names()
    .filter((name) => /^prices_t\d+$/.test(name))
    .sort((a, b) => Number(a.slice(8)) - Number(b.slice(8)))
    .map((name) => inputs.inner(name));
  if (moments.length === 0) throw new Unread('no input prices_t0');
  const names = [...new Set(moments.flatMap((moment) => moment.names()))];
  const band = inputs.exact('rate', 'tolerance');
  const rule = indexRule({
    ...weighting(inputs, names),
    outlier: { kind: 'exclude', band, readmit: 'never' },
    quorum: {
      two: { holdBeyond: half(band), of: 'current' },
      one: { holdBeyond: band },
      zero: 'hold',
    },
  });
  const given = inputs.maybe('price', 'last_index', 'current_index', 'previous_index', 'index_t0');
  const instants = moments.map((moment, tsUs) => ({
    tsUs,
    observations: names.map((name) => ({ name, price: moment.maybe('price', name), ageUs: 0 })),
  }));
  const { index, provenance } = indexSeries(rule, instants, given).at(-1)!;
  return { excluded: names.filter((_, i) => provenance[i] === 'x'), index_price: String(index) };
};

/** Freqtrade's reading of Binance's slack: opened less than 15 s after a stamp, still charged. */
const BINANCE_SLACK_US = 15 * SECOND_US - 1;

/** An instant, also as freqtrade writes it: a space for the T, no zone or +00:00 for UTC. */
const instantOf = (text: string): Micros =>
  parseInstant(text.replace(' ', 'T').replace(/(:\d\d(?:\.\d+)?)(?:\+00:00)?$/, '$1Z'));

function instant(inputs: Inputs, name: string): Micros {
  const item = inputs.json(name);
  if (typeof item !== 'string') throw new Unread(`input ${name} is no instant`);
  return instantOf(item);
}

/** Amounts by instant: the names are the instants. */
const byInstant = (inputs: Inputs): Map<Micros, string> =>
  new Map(inputs.names().map((name) => [instantOf(name), name]));

const fundingOfPosition: Compute = (c) => {
  const { inputs } = c;
  const market = marketOf(c);
  const [marks, rates] = [inputs.inner('mark_price_at'), inputs.inner('funding_rate_at')];
  const [markNames, rateNames] = [byInstant(marks), byInstant(rates)];
  // every eight hours, unless the rates are of other hours
  const isGrid = [...rateNames.keys()].every((at) => at % (8 * HOUR_US) === 0);
  const rule = { intervalUs: isGrid ? 8 * HOUR_US : HOUR_US, offsetUs: 0, paymentScale: null };
  const slack = inputs.maybe('rate', 'slack_sec');
  const ownSlackUs = c.venue.startsWith('binance') ? BINANCE_SLACK_US : 0;
  const slackUs = slack === null ? ownSlackUs : Number(String(slack)) * SECOND_US;
  const held = { openUs: instant(inputs, 'open_time'), closeUs: instant(inputs, 'close_time'), slackUs };
  // a history charges what it has: freqtrade's begins with the position's own candles
  const stamps = stampsCharged(rule, held).filter((at) => rateNames.has(at));
  const paid = sum(
    stamps.map((at) => {
      const markName = markNames.get(at);
      if (markName === undefined) throw new Unread(`no mark price at ${formatInstant(at)}`);
      const mark = marks.exact('price', markName);
      return fundingPayment(market, qtyOf(inputs), mark, rates.exact('rate', rateNames.get(at)!));
    }),
  );
  const received = { long: String(paid.neg()), short: String(paid) };
  return {
    funding_received_by_short: received.short,
    funding_received_by_long: received.long,
    ...(inputs.has('side') ? { funding_received: received[sideOf(inputs)] } : {}),
    funding_times_charged: stamps.map(formatInstant),
  };
};

/** Rows of [size, rate, mark]: what a long pays. */
const fundingRows: Compute = (c) => {
  const rows = c.inputs.json('rows');
  if (!Array.isArray(rows)) throw new Unread('input rows is no list');
  const fees = (rows as readonly Json[]).map((row) => {
    const texts = Array.isArray(row) && row.length === 3 ? row.map(decimalText) : [null];
    if (texts.includes(null)) throw new Unread('a row is no [size, rate, mark]');
    const [size, paid, mark] = texts as [string, string, string];
    return fundingPayment(marketOf(c), parse('qty', size), price(mark), rate(paid)).abs();
  });
  return { fees: fees.map(String) };
};

/** BitMEX: interest may pull the premium by 0.05 % an interval (perpetualContractsGuide). */
const BITMEX_DAMPER = rate('0.0005');

/**
 * The rate of an interval: as given; the interest alone where there is no premium, as the example has it;
 * else the premium with the interest's pull.
 */
function intervalRate(inputs: Inputs): Rate {
  const given = inputs.maybe('rate', 'funding_rate');
  if (given !== null) return given;
  const interest = inputs
    .exact('rate', 'funding_quote_rate_daily')
    .minus(inputs.exact('rate', 'funding_base_rate_daily'));
  const part: Rate = quotient('rate', interest, inputs.exact('rate', 'intervals_per_day'), 18, 'even');
  const premium = inputs.maybe('rate', 'premium') ?? ZERO_RATE;
  return premium.isZero() ? part : dampedRate(premium, part, BITMEX_DAMPER);
}

/** An inverse position through one stamp and, where it has one, its exit. */
const fundingInverse: Compute = (c) => {
  const { inputs } = c;
  const market = { ...marketOf(c), kind: 'inverse' as const };
  const size = qtyOf(inputs);
  const fundingRate = intervalRate(inputs);
  const entryValue = valueAt(market, size, inputs.exact('price', 'entry_price'));
  const leg = {
    market,
    rules: rulesOf({ tiers: oneTier(rate('0')) }),
    side: sideOf(inputs),
    qty: size,
    entryValue,
  };
  const at = inputs.exact('price', 'mark_price_at_funding', 'mark_price');
  const byLong = fundingPayment(market, size, at, fundingRate);
  const paid = leg.side === 'long' ? byLong : byLong.neg();
  const exit = inputs.maybe('price', 'exit_price');
  const trade: Money = exit === null ? ZERO_MONEY : profit(leg, valueAt(market, size, exit), entryValue);
  return {
    entry_value: String(entryValue),
    funding_rate: String(fundingRate),
    funding_paid: String(paid),
    ...(exit === null ? {} : { trade_pnl: String(trade), total_pnl: String(trade.minus(paid)) }),
  };
};

const continuous: Compute = ({ inputs }) => {
  const minutes = (name: string): Micros => Number(String(inputs.exact('rate', name))) * MINUTE_US;
  const { rate: paid, payment } = continuousFunding({
    mark: inputs.exact('price', 'mark'),
    index: inputs.exact('price', 'index'),
    position: inputs.exact('money', 'position'),
    dampener: inputs.exact('rate', 'dampener'),
    elapsedUs: minutes('minutes'),
    periodUs: minutes('period_minutes'),
  });
  return { funding_rate_8h: String(paid), payment: String(payment) };
};

/** The mark of Deribit's first years, for one last price or a list of them. */
const markLegacy: Compute = ({ inputs }) => {
  const fair = inputs.exact('price', 'fair_price', 'index', 'index_price');
  const band = inputs.maybe('rate', 'band', 'max_deviation') ?? LEGACY_BAND;
  const [bid, ask] = [inputs.exact('price', 'bid'), inputs.exact('price', 'ask')];
  const markOf = (last: Price): string => String(legacyMark({ last, bid, ask, fair, band }));
  const single = inputs.maybe('price', 'last');
  return { mark: single === null ? inputs.list('price', 'last').map(markOf) : markOf(single) };
};

/** "Within 10 % of the fair price": deribit.com/docs/mark-price. */
const LEGACY_BAND = rate('0.1');

/** One side of a book: rows of [price, quantity], best first. */
function levels(inputs: Inputs, name: string): Level[] {
  const rows = inputs.has(name) ? inputs.json(name) : [];
  if (!Array.isArray(rows)) throw new Unread(`input ${name} is no list of levels`);
  return (rows as readonly Json[]).map((row) => {
    const [at, size] = decimals('price', isPair(row) ? [row.price ?? null, row.qty ?? null] : row, name);
    if (at === undefined || size === undefined)
      throw new Unread(`a level of ${name} is no [price, quantity]`);
    return { price: at, qty: as('qty', size) };
  });
}

const isPair = (row: Json): row is { readonly [name: string]: Json } =>
  typeof row === 'object' && row !== null && !Array.isArray(row);

/** Impact prices and the premium over the index, in millionths cut toward zero (dYdX), within a limit. */
const premium: Compute = ({ inputs }) => {
  const notional = inputs.exact('money', 'impact_notional');
  const index = inputs.exact('price', 'index', 'index_price');
  const [bid, ask] = [levels(inputs, 'bids'), levels(inputs, 'asks')].map((side) =>
    impactPrice(side, notional),
  );
  const paid = premiumOf({ bid: bid!, ask: ask!, index, centre: index });
  const limit = inputs.maybe('rate', 'max_abs_premium_ppm', 'max_abs_premium_vote_ppm');
  const ppm = within(paid.times(MILLION), limit);
  return {
    impact_bid: bid === null ? null : String(bid),
    impact_ask: ask === null ? null : String(ask),
    premium_ppm: String(cut(ppm, 0, ppm.isNegative() ? 'up' : 'down')),
    premium: String(paid),
  };
};

const MILLION = rate('1000000');

export const MARKET_KINDS: Readonly<Record<string, Compute>> = {
  index_average: indexAverage,
  index_clamp: indexClamp,
  index_protection: indexProtection,
  funding_payment: fundingOfPosition,
  funding_payment_simple: fundingRows,
  funding_payment_inverse: fundingInverse,
  continuous_funding: continuous,
  mark_price_legacy: markLegacy,
  premium,
};
