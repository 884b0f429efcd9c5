/**
 * Conformance of deleveraging: who is closed, when, at what price, and what falls on everybody. The same
 * functions of src/adl, src/margin and src/ledger that the engine uses.
 */
import {
  max,
  type Money,
  money,
  ONE,
  type Price,
  type Qty,
  qty,
  quotient,
  type Rate,
  rate,
  steps,
  sum,
  unscaled,
  wholeSteps,
  ZERO_MONEY,
} from '../basics/exact.ts';
import { adlPrice } from '../adl/price.ts';
import { AdlQueue } from '../adl/queue.ts';
import { binanceScore, exactScore, type Ranking } from '../adl/ranking.ts';
import { type Candidate, selectCloses } from '../adl/select.ts';
import { lossPerUnit } from '../adl/spread.ts';
import { fallsTooFar } from '../ledger/insuranceFund.ts';
import { bankruptcyPrice, bankruptcyPrices } from '../margin/bankruptcy.ts';
import { type Leg, profit, type Pocket, valueAt } from '../margin/leg.ts';
import { judge } from '../margin/trigger.ts';
import type { AdlPrice } from '../rules/ruleSet.ts';
import type { Market } from '../rules/market.ts';
import { type Compute, type Got, type Inputs, type Json, Unread } from './conformanceCase.ts';
import { marketOf, oneTier, qtyOf, rulesOf, sideOf } from './conformanceMargin.ts';

/** Decimal places of a ratio. */
const FINE = 18;
/** Drift counts money in millionths of its quote asset. */
const DRIFT_SCALE = 6;

/** Rankings of venues whose score a case may ask for, beside Binance's own two figures. */
const RANKING_OF: Readonly<Record<string, Ranking>> = {
  bitmex: 'bitmex',
  okx: 'profitTimesLeverage',
  bybit: 'profitTimesLeverage',
  hyperliquid: 'hyperliquid',
};

/**
 * Binance's score with the margin ratio as given, or maintenance / (wallet + profit), 0 where that is not
 * above 0; elsewhere the score of the venue's ranking from values.
 */
const adlScore: Compute = ({ inputs, venue }) => {
  if (!venue.startsWith('binance')) return otherScore(inputs, venue);
  const [up, wallet] = [
    inputs.exact('money', 'unrealized_profit', 'unrealized_pnl'),
    inputs.exact('money', 'wallet_balance'),
  ];
  const equity = up.plus(wallet);
  const ratio = (): Rate =>
    equity.isPositive()
      ? quotient('rate', inputs.exact('money', 'maintenance_margin'), equity, FINE, 'even')
      : rate('0');
  const { percent, score } = binanceScore(up, wallet, inputs.maybe('rate', 'margin_ratio') ?? ratio());
  return { pnl_percent: String(percent), leverage_pnl: String(score) };
};

function otherScore(inputs: Inputs, venue: string): Got {
  const ranking = Object.hasOwn(RANKING_OF, venue) ? RANKING_OF[venue] : undefined;
  if (ranking === undefined) throw new Unread(`no score is known for venue ${venue}`);
  const gains = sideOf(inputs) === 'long';
  const value = inputs.exact('money', 'mark_value', 'notional', 'position_value').abs();
  const entryValue = inputs.exact('money', 'entry_value').abs();
  const backed = (): Money => {
    const bankrupt = inputs.maybe('money', 'bankruptcy_value');
    if (bankrupt === null) return inputs.exact('money', 'equity', 'account_value', 'margin_balance');
    return gains ? value.minus(bankrupt.abs()) : bankrupt.abs().minus(value);
  };
  const equity = backed();
  const gain = gains ? value.minus(entryValue) : entryValue.minus(value);
  const { over, under } = exactScore(ranking, {
    ...{ profit: gain, wallet: equity.minus(gain), margin: equity.minus(gain), equity },
    ...{ maintenance: ZERO_MONEY, notional: value, value, entryValue, fee: ZERO_MONEY, gains },
  });
  const score = String(quotient('rate', over, under, FINE, 'even'));
  return {
    score,
    adl_score: score,
    pnl_percent: String(quotient('rate', gain, entryValue, FINE, 'even')),
    effective_leverage: equity.isPositive() ? String(quotient('rate', value, equity, FINE, 'even')) : null,
  };
}

/** Who is closed, in which order and by how much, from published scores. */
const adlSelection: Compute = ({ inputs }) => {
  const liquidated = inputs.inner('liquidated');
  const winners = inputs.rows(sideOf(liquidated) === 'short' ? 'longs' : 'shorts');
  const ids = winners.map((w) => Number(String(w.exact('qty', 'account'))));
  const sizes: Qty[] = winners.map((w) => w.exact('qty', 'qty'));
  const total: Qty = liquidated.exact('qty', 'qty');
  const { step, lotsOf } = commonLots([total, ...sizes]);
  const lots = Float64Array.from(sizes, lotsOf);
  const scores = Float64Array.from(winners, (w) => w.exact('rate', 'score').toNumber());
  const rows = Uint32Array.from(ids.keys());
  const compareExact = (a: number, b: number): number =>
    winners[b]!.exact('rate', 'score').cmp(winners[a]!.exact('rate', 'score'));
  const queue = new AdlQueue({ rows, lots, scores, compareExact });
  const { closes } = selectCloses({
    queue,
    lots: lotsOf(total),
    ties: 'byId',
    isTie: (a, b) => queue.isTie(a, b),
    isEligible: () => true,
  });
  const text = (n: number): string => String(steps(n, step));
  const at = String(liquidated.exact('price', 'bankruptcy_price'));
  const partly = closes.filter((close) => close.lots < lots[close.row]!);
  return {
    order: [...queue].map((candidate) => ids[candidate.row]!),
    fills: closes.map((close) => ({ account: ids[close.row]!, qty: text(close.lots), price: at })),
    remaining: Object.fromEntries(
      partly.map((close) => [`account${ids[close.row]}`, text(lots[close.row]! - close.lots)]),
    ),
  };
};

/** The finest step that quantities are whole numbers of. */
function commonLots(sizes: readonly Qty[]): { step: Qty; lotsOf: (q: Qty) => number } {
  const step = unscaled<'qty'>('qty', 1n, sum(sizes).scale);
  return { step, lotsOf: (q) => Number(wholeSteps(q.abs(), step, 'even')) };
}

/** Bybit's drawdown of a symbol against its pool, or OKX's fall of the reserve. */
const adlTrigger: Compute = ({ inputs }) => {
  if (inputs.has('reserve')) return reserveTrigger(inputs);
  const base = inputs.exact('money', 'pool_8h_max');
  const fall = inputs.exact('money', 'symbol_pnl_8h_max').minus(inputs.exact('money', 'symbol_pnl_now'));
  const fraction = inputs.exact('rate', 'insurance_pnl_ratio').abs();
  const balance = inputs.maybe('money', 'balance', 'pool_balance') ?? base;
  const threshold = inputs.maybe('money', 'trigger_threshold') ?? ZERO_MONEY;
  // the printed rule says "<", its second example triggers at equality
  const fell = fallsTooFar({ fall, base, fraction, inclusive: true });
  const stop = inputs.maybe('rate', 'stop_ratio');
  return {
    pnl_ratio: String(quotient('rate', fall.neg(), base, FINE, 'even')),
    adl_triggered: !balance.isPositive() || (fell && threshold.lt(balance)),
    loss_amount_to_adl: String(max(ZERO_MONEY, fall.minus(base.times(fraction)))),
    ...(stop === null
      ? {}
      : {
          adl_stopped:
            balance.isPositive() && !fallsTooFar({ fall, base, fraction: stop.abs(), inclusive: true }),
        }),
  };
};

/** threshold = base - max(share of base, floor); triggered strictly below it. */
function reserveTrigger(inputs: Inputs): Got {
  const base = inputs.exact('money', 'avg_8h', 'peak_8h', 'max_8h');
  const fraction = inputs.exact('rate', 'pct');
  const least = inputs.maybe('money', 'floor_usd') ?? ZERO_MONEY;
  const fall = base.minus(inputs.exact('money', 'reserve'));
  return {
    threshold: String(base.minus(max(base.times(fraction), least))),
    adl_triggered: fallsTooFar({ fall, base, fraction, inclusive: false, least }),
  };
}

const PRICE_RULE: Readonly<Record<string, AdlPrice['kind']>> = {
  bybit: 'bankruptcyWithin',
  okx: 'mark',
  hyperliquid: 'previousMark',
};

/** The loser's bankruptcy price, and the price that its winners are closed at. */
const closingPrice: Compute = (c) => {
  const { inputs, venue } = c;
  const market = marketOf(c);
  const [side, size] = [sideOf(inputs), qtyOf(inputs)];
  const entryValue = valueAt(market, size, inputs.exact('price', 'entry_price'));
  const behind =
    inputs.maybe('money', 'position_margin', 'margin') ??
    quotient<'money'>('money', entryValue, inputs.exact('rate', 'leverage'), FINE, 'even');
  const wallet = inputs.maybe('money', 'wallet_balance') ?? ZERO_MONEY;
  const leg: Leg = { market, rules: rulesOf({ tiers: oneTier(rate('0')) }), side, qty: size, entryValue };
  const fee = inputs.maybe('rate', 'taker_fee') ?? rate('0');
  const mark = inputs.exact('price', 'mark_price');
  const bankruptcy = bankruptcyPrice(leg, behind.plus(wallet), fee);
  if (bankruptcy === null) return { bankruptcy_price: null, adl_price: String(mark) };
  const kind = PRICE_RULE[venue] ?? 'bankruptcy';
  const band = inputs.maybe('rate', 'max_deviation');
  if (kind === 'bankruptcyWithin' && band === null) throw new Unread('no input max_deviation');
  const rule: AdlPrice = kind === 'bankruptcyWithin' ? { kind, band: band! } : { kind };
  const previousMark = inputs.maybe('price', 'previous_mark_price') ?? mark;
  const { price } = adlPrice(rule, { bankruptcy, mark, previousMark });
  return { bankruptcy_price: String(bankruptcy), adl_price: String(price) };
};

/** An account as dYdX counts it: a balance and signed positions that were entered at nothing. */
function accountOf(inputs: Inputs, market: (id: string) => Market): Pocket & { readonly usdc: Money } {
  const position = inputs.has('position') ? inputs.inner('position') : null;
  const usdc = inputs.exact('money', 'usdc');
  const legs = (position?.names() ?? []).map((id): Leg => {
    const size = position!.exact('qty', id);
    const side = size.isNegative() ? 'short' : 'long';
    const rules = rulesOf({ tiers: oneTier(rate('1')) });
    return { market: market(id), rules, side, qty: size.abs(), entryValue: ZERO_MONEY };
  });
  return { usdc, wallet: usdc, orderMargin: ZERO_MONEY, legs: legs.filter((leg) => !leg.qty.isZero()) };
}

/** One after the other at the bankruptcy price of the liquidated; who would end below 0 is passed over. */
const deleverage: Compute = (c, all) => {
  const { inputs } = c;
  if (!inputs.has('liquidated')) return twoAccounts(c, all);
  const oracle = inputs.inner('oracle');
  const market = (id: string): Market => marketOf(c, id);
  const marks = (id: string): Price => oracle.exact('price', id);
  const loser = accountOf(inputs.inner('liquidated'), market);
  const others = inputs.rows('offsetting').map((row) => accountOf(row, market));
  const [leg] = loser.legs;
  if (leg === undefined) throw new Unread('the liquidated account has no position');
  const price = bankruptcyPrices(loser, marks)[0] ?? marks(leg.market.id);
  const against = others.map((o) => o.legs.find((l) => l.market.id === leg.market.id && l.side !== leg.side));
  const { step, lotsOf } = commonLots([leg.qty, ...against.map((l) => l?.qty ?? qty('0'))]);
  const isEligible = (row: number): boolean => {
    const own = against[row]!;
    const { equity } = judge(others[row]!, marks, { inclusive: false });
    const given = profit(
      own,
      valueAt(own.market, own.qty, marks(own.market.id)),
      valueAt(own.market, own.qty, price),
    );
    return !equity.minus(given).isNegative();
  };
  const queue = against.flatMap((l, row): Candidate[] =>
    l === undefined ? [] : [{ row, lots: lotsOf(l.qty), scoreF64: 1 }],
  );
  const wanted = lotsOf(leg.qty);
  const { closes, covered } = selectCloses({
    queue,
    lots: wanted,
    ties: 'byId',
    isTie: () => false,
    isEligible,
  });
  const cash = (side: Leg, lots: number): Money =>
    profit(side, valueAt(side.market, steps(lots, step), price), ZERO_MONEY);
  return {
    fills: closes.map(({ lots }) => ({ qty: String(steps(lots, step)), price: String(price) })),
    offsetting_usdc_after: others.map((o, row): Json => {
      const lots = closes.find((close) => close.row === row)?.lots ?? 0;
      return String(lots === 0 ? o.usdc : o.usdc.plus(cash(against[row]!, lots)));
    }),
    liquidated_usdc_after: String(loser.usdc.plus(cash(leg, covered))),
    bankruptcy_price: String(price),
    remaining: String(steps(wanted - covered, step)),
    quantums_remaining: String(steps(wanted - covered, step)),
  };
};

/** Two accounts on opposite sides and a jump: the one that is bankrupt closes against the other. */
const twoAccounts: Compute = (c) => {
  const { inputs } = c;
  const market = marketOf(c);
  const marks = (): Price => inputs.exact('price', 'price_jump_to');
  const names = inputs.names().filter((name) => name !== 'price_jump_to');
  const accounts = names.map((name) => {
    const one = inputs.inner(name);
    const size = one.exact('qty', 'qty');
    const entryValue = valueAt(market, size, one.exact('price', 'entry'));
    const rules = rulesOf({ tiers: oneTier(ONE) });
    const leg: Leg = { market, rules, side: sideOf(one), qty: size, entryValue };
    const wallet = one.exact('money', 'deposit');
    return { name, leg, pocket: { legs: [leg], wallet, orderMargin: money('0') } };
  });
  const equityOf = (pocket: Pocket): Money => judge(pocket, marks, { inclusive: false }).equity;
  const loser = accounts.find((a) => equityOf(a.pocket).isNegative());
  const winner = accounts.find((a) => a.leg.side !== loser?.leg.side);
  if (loser === undefined || winner === undefined) throw new Unread('nobody is bankrupt against somebody');
  const price = bankruptcyPrice(loser.leg, loser.pocket.wallet, rate('0'));
  if (price === null) throw new Unread('no bankruptcy price');
  const got: Record<string, Json> = { [`bankruptcy_price_${loser.name}`]: String(price) };
  for (const { name, leg, pocket } of [loser, winner]) {
    const realized = profit(leg, valueAt(market, leg.qty, price), leg.entryValue);
    got[`${name}_realized`] = String(realized);
    got[`${name}_equity_before`] = String(equityOf(pocket));
    got[`${name}_equity_after`] = String(pocket.wallet.plus(realized));
  }
  return got;
};

/** Drift's loss per base unit over both sides, in its own unit of money. */
const socialisedLoss: Compute = ({ inputs, venue }) => {
  if (venue !== 'drift') throw new Unread(`no unit of money is known for venue ${venue}`);
  const rounding = inputs.word('rounding');
  if (rounding !== 'ceil' && rounding !== 'up' && rounding !== '') throw new Unread(`rounding ${rounding}`);
  const open = inputs.exact('qty', 'oi_long').abs().plus(inputs.exact('qty', 'oi_short').abs());
  return { per_base: String(lossPerUnit(inputs.exact('money', 'loss').abs(), open, DRIFT_SCALE)) };
};

export const ADL_KINDS: Readonly<Record<string, Compute>> = {
  adl_score: adlScore,
  adl_selection: adlSelection,
  adl_trigger: adlTrigger,
  adl_price: closingPrice,
  deleverage,
  socialized_loss_per_base: socialisedLoss,
};
