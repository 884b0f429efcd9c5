/**
 * Conformance of liquidation processes: the price that a forced order accepts, what the insurance fund
 * receives or pays for it, and rates that depend on the shortage or on time (dYdX v4, Drift).
 */
import {
  cut,
  type Money,
  ONE,
  type Price,
  product,
  quotient,
  type Rate,
  rate,
  ZERO_MONEY,
  ZERO_RATE,
} from '../basics/exact.ts';
import { cappedFeeRate, fundDelta, grown } from '../margin/clearance.ts';
import { fillablePrice } from '../margin/fillable.ts';
import { type Leg, profit, valueAt } from '../margin/leg.ts';
import { judge } from '../margin/trigger.ts';
import { type Compute, type ConformanceCase, type Got, type Inputs, Unread } from './conformanceCase.ts';
import { closedLeg, marketOf, oneTier, qtyOf, rulesOf, sideOf, subaccount } from './conformanceMargin.ts';

const STRICT = { inclusive: false };
/** dYdX v4 at mainnet genesis: liquidation fee at most 1.5 % of the fill, spread 150 % of the maintenance rate. */
const GENESIS_FEE = rate('0.015');
const GENESIS_SPREAD = rate('1.5');

const fillable: Compute = (c) => {
  const { inputs } = c;
  const { pocket, marks } = subaccount(c);
  const { leg } = closedLeg(c, pocket);
  const found = fillablePrice(leg, marks(leg.market.id), judge(pocket, marks, STRICT), {
    spread: inputs.maybe('rate', 'spread_to_mmr') ?? GENESIS_SPREAD,
    adjustment: inputs.maybe('rate', 'bankruptcy_adjustment') ?? ONE,
  });
  return { fillable_price: found === null ? null : String(found) };
};

/** One account of a deposit and a position: equity at the oracle price, and what its close leaves the fund. */
function wholeAccount(c: ConformanceCase): Got {
  const { inputs } = c;
  const market = marketOf(c);
  const maintenanceRate = inputs.exact('rate', 'mmf', 'maintenance_margin_rate');
  const size = qtyOf(inputs);
  const entryValue = valueAt(market, size, inputs.exact('price', 'entry', 'entry_price'));
  const rules = rulesOf({ tiers: oneTier(maintenanceRate) });
  const leg: Leg = { market, rules, side: sideOf(inputs), qty: size, entryValue };
  const wallet = inputs.exact('money', 'deposit');
  const oracle = inputs.exact('price', 'oracle', 'oracle_price');
  const verdict = judge({ legs: [leg], wallet, orderMargin: ZERO_MONEY }, () => oracle, STRICT);
  const value = valueAt(market, size, inputs.exact('price', 'fill', 'fill_price'));
  const pnl = profit(leg, value, entryValue);
  return {
    equity_at_oracle: String(verdict.equity),
    maintenance_margin: String(verdict.maintenance),
    liquidatable: verdict.liquidatable,
    pnl_at_fill: String(pnl),
    insurance_fund_delta: String(toQuantum(fundDelta(value, feeOf(inputs), wallet.plus(pnl)))),
    max_spread: String(widest(leg, oracle, inputs.maybe('rate', 'spread_to_mmr') ?? GENESIS_SPREAD)),
  };
}

/** dYdX moves whole millionths of quote; a fee is cut down to one. */
const toQuantum = (delta: Money): Money => cut(delta, 6, 'down');

const feeOf = (inputs: Inputs): Rate => inputs.maybe('rate', 'max_liquidation_fee') ?? GENESIS_FEE;

/** How far a fillable price is off the mark, a share, once nothing is left of the margin. */
function widest(leg: Leg, mark: Price, spread: Rate): Rate {
  const pocket = { legs: [leg], wallet: ZERO_MONEY, orderMargin: ZERO_MONEY };
  const { maintenance } = judge(pocket, () => mark, STRICT);
  const found = fillablePrice(leg, mark, { equity: ZERO_MONEY, maintenance }, { spread, adjustment: ONE });
  if (found === null) throw new Unread('no widest spread');
  return quotient('rate', found.minus(mark).abs(), mark, 12, 'even');
}

const insuranceDelta: Compute = (c) => {
  const { inputs } = c;
  if (inputs.has('deposit')) return wholeAccount(c);
  const size = qtyOf(inputs);
  if (!size.isPositive()) throw new RangeError(`nothing is closed: ${size}`);
  const value = valueAt(marketOf(c), size, inputs.exact('price', 'fill_price', 'fill'));
  const side = inputs.word('close_side');
  if (side !== 'sell' && side !== 'buy') throw new Unread('no input close_side');
  const quote = side === 'sell' ? value : value.neg();
  const bankrupt: Money =
    inputs.maybe('money', 'bankruptcy_quote') ?? inputs.exact('money', 'usdc_balance').neg();
  const delta = fundDelta(value, feeOf(inputs), quote.minus(bankrupt));
  return { insurance_fund_delta: String(c.venue.startsWith('dydx') ? toQuantum(delta) : delta) };
};

const insuranceFee: Compute = ({ inputs }) => {
  const price = inputs.exact('money', 'oracle_price').times(inputs.maybe('rate', 'quote_price') ?? rate('1'));
  const fee = cappedFeeRate(inputs.exact('rate', 'max_if_fee', 'if_fee'), {
    value: product('money', inputs.exact('qty', 'base_qty').abs(), price),
    shortage: inputs.exact('money', 'margin_shortage'),
    ratio: inputs.exact('rate', 'margin_ratio'),
    discount: inputs.exact('rate', 'liquidator_fee'),
  });
  return { if_fee_rate: String(fee) };
};

const feeRamp: Compute = ({ inputs }) => {
  const by = {
    from: inputs.exact('rate', 'base_fee'),
    most: inputs.exact('rate', 'max_fee'),
    perUnit: inputs.exact('rate', 'increase_per_slot'),
    grace: inputs.maybe('rate', 'grace_slots') ?? ZERO_RATE,
  };
  const one = inputs.maybe('rate', 'elapsed_slots');
  const fees = (one === null ? inputs.list('rate', 'elapsed_slots') : [one]).map((slots) =>
    String(grown(by, slots)),
  );
  return one === null ? { fees } : { fee: fees[0]!, fees };
};

export const PROCESS_KINDS: Readonly<Record<string, Compute>> = {
  fillable_price: fillable,
  insurance_fund_delta: insuranceDelta,
  insurance_fee_rate: insuranceFee,
  liquidation_fee_ramp: feeRamp,
};
