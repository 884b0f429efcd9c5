/**
 * Conformance of src/margin: published positions become legs and pockets, and the engine's own
 * functions answer. Venue conventions are data here as everywhere: where maintenance is taken (entry
 * value at Bybit), what the requirement includes (the taker fee at OKX and Gate), which trigger.
 */
import {
  type Exact,
  type Money,
  money,
  ONE,
  type Price,
  price,
  product,
  type Qty,
  qty,
  quotient,
  type Rate,
  rate,
  toStep,
  ZERO_MONEY,
  ZERO_RATE,
} from '../basics/exact.ts';
import { marginShares } from '../margin/bankruptcy.ts';
import { type Leg, type Marks, type Pocket, profit, unrealizedPnl, valueAt } from '../margin/leg.ts';
import { initialMargin, legMaintenance, legTerms } from '../margin/maintenance.ts';
import { judge } from '../margin/trigger.ts';
import type { Market, Side } from '../rules/market.ts';
import type { MarginTier, MarketRules } from '../rules/ruleSet.ts';
import { type Compute, type ConformanceCase, type Got, type Inputs, Unread } from './conformanceCase.ts';

/** Decimal places of coin values here: published examples do not cut them to the venue's unit. */
const FINE = 18;
const INCLUSIVE = { inclusive: true };
const STRICT = { inclusive: false };

const FACE = ['contract_size_usd', 'contract_size', 'contract_multiplier', 'face_value'];

/** The market that a case speaks of: as it says, else inverse where it counts contracts, else linear. */
export const marketOf = (c: Pick<ConformanceCase, 'inputs' | 'venue'>, id = 'market'): Market => {
  const said = c.inputs.word('contract');
  const inverse =
    said === 'inverse' || (said !== 'linear' && (c.venue === 'binance-coinm' || c.inputs.has('contracts')));
  const face = c.inputs.maybe('money', ...FACE);
  return {
    id,
    kind: inverse ? 'inverse' : 'linear',
    settle: 'settlement',
    priceTick: c.inputs.maybe('price', 'tick_size') ?? price('0.000000000001'),
    qtyStep: qty('0.000000001'),
    faceValue: face ?? money('1'),
    valueScale: FINE,
  };
};

/** Rules as far as margin reads them: the cases say nothing about the other slots. */
export const rulesOf = (
  part: Partial<MarketRules> & { readonly tiers: readonly MarginTier[] },
): MarketRules =>
  ({
    tierKey: 'notional',
    notionalAt: 'mark',
    clearanceFee: [],
    bankruptcy: { feeRate: rate('0'), rounding: 'none' },
    ...part,
  }) as unknown as MarketRules;

/** A schedule of one tier. */
export const oneTier = (maintenanceRate: Rate, maintenanceDeduction: Money = ZERO_MONEY): MarginTier[] => [
  { upTo: ZERO_MONEY, maintenanceRate, maintenanceDeduction, initialRate: ONE },
];

/** Side of the position of a case: by name, else by the sign of its size. */
export function sideOf(inputs: Inputs): Side {
  const side = inputs.word('side');
  if (side === 'long' || side === 'short') return side;
  const size = inputs.maybe('qty', 'size', 'position_qty');
  if (side !== '' || size === null) throw new Unread('no input side');
  return size.isNegative() ? 'short' : 'long';
}

const QTY = ['position_qty', 'contracts', 'qty', 'size', 'position_size', 'position'];

/** Quantity; 1 where the example is about one unit and does not say so; linear contracts count by their size. */
export function qtyOf(inputs: Inputs): Qty {
  const size = (inputs.maybe('qty', ...QTY) ?? qty('1')).abs();
  const face = inputs.word('contract') === 'linear' ? inputs.maybe('qty', ...FACE) : null;
  return face === null || inputs.maybe('qty', 'contracts') === null ? size : product('qty', size, face);
}

interface Convention {
  /** Where maintenance is taken unless the case says so itself. */
  readonly basis: 'mark' | 'entry';
  /** Whether the trigger also keeps the taker fee of the close. */
  readonly keepsFee: boolean;
}
const AT_MARK: Convention = { basis: 'mark', keepsFee: false };

/** By venue, or by what a venue's name begins with (bybit-inverse): docs/rules.md. */
const CONVENTIONS: Readonly<Record<string, Convention>> = {
  binance: AT_MARK,
  seed: AT_MARK,
  generic: AT_MARK,
  bitmex: AT_MARK,
  dydx: AT_MARK,
  hyperliquid: AT_MARK,
  deribit: AT_MARK,
  'bybit-uta': AT_MARK,
  bybit: { basis: 'entry', keepsFee: false },
  okx: { basis: 'mark', keepsFee: true },
  gate: { basis: 'mark', keepsFee: true },
};

function conventionOf(venue: string): Convention {
  const name = [venue, venue.split('-')[0]!].find((n) => Object.hasOwn(CONVENTIONS, n));
  if (name === undefined) throw new Unread(`no margin convention is known for venue ${venue}`);
  return CONVENTIONS[name]!;
}

/** What equity is compared with: the margin rules of a case, and the closing fee where the venue keeps it. */
export function caseRules(c: ConformanceCase, own: Inputs = c.inputs): MarketRules {
  const rules = marginRules(c, own);
  const closingFee = c.inputs.maybe('rate', ...TAKER_FEE);
  return closingFee !== null && conventionOf(c.venue).keepsFee ? { ...rules, closingFee } : rules;
}

export const TAKER_FEE = ['taker_fee', 'taker_fee_rate', 'fee_rate'];
const MAINTENANCE_RATE = ['maintenance_margin_rate', 'mmr', 'mmf', 'base_rate'];
const DEDUCTION = ['maintenance_amount', 'mm_deduction', 'maintenance_deduction', 'cum'];

/** Maintenance rate: as given, or half of 1 / the greatest leverage (Hyperliquid). */
function maintenanceRate(own: Inputs, all: Inputs): Rate {
  const given = own.maybe('rate', ...MAINTENANCE_RATE) ?? all.maybe('rate', ...MAINTENANCE_RATE);
  const most = all.maybe('rate', 'max_leverage');
  if (given !== null || most === null) return given ?? all.exact('rate', ...MAINTENANCE_RATE);
  return quotient('rate', ONE, most.plus(most), FINE, 'even');
}

/** The rules of a leg that gives one rate and one deduction, or its case for it, by the venue's convention. */
function marginRules(c: ConformanceCase, own: Inputs = c.inputs): MarketRules {
  const { inputs } = c;
  const slope = inputs.maybe('rate', 'slope_per_coin');
  const deduction = own.maybe('money', ...DEDUCTION) ?? inputs.maybe('money', ...DEDUCTION);
  const basis = inputs.word('mm_basis') || conventionOf(c.venue).basis;
  return rulesOf({
    tiers: oneTier(maintenanceRate(own, inputs), deduction ?? ZERO_MONEY),
    notionalAt: basis === 'entry' ? 'entry' : 'mark',
    ...(slope === null ? {} : { sizeSlope: { maintenance: slope, initial: slope } }),
  });
}

/** The one position of a case, at its entry price. @throws Unread without one */
export function caseLeg(c: ConformanceCase, rules: MarketRules): Leg {
  const market = marketOf(c);
  const size = qtyOf(c.inputs);
  const entry = c.inputs.exact('price', 'entry_price', 'price');
  return { market, rules, side: sideOf(c.inputs), qty: size, entryValue: valueAt(market, size, entry) };
}

const COLLATERAL = [
  ...['wallet_balance', 'cross_wallet_balance', 'isolated_wallet', 'account_balance', 'available_balance'],
  ...['margin', 'position_margin', 'isolated_margin', 'equity', 'account_value'],
];

/** Money behind the legs: as given, or entry value / leverage, plus what was added. */
export function collateral(inputs: Inputs, entryValue: Money): Money {
  const given = inputs.maybe('money', ...COLLATERAL);
  const base =
    given ?? quotient<'money'>('money', entryValue, inputs.exact('rate', 'leverage'), FINE, 'even');
  return base.plus(inputs.maybe('money', 'extra_margin') ?? ZERO_MONEY);
}

export const MARK = ['mark_price', 'index_price', 'oracle_price'];

const maintenance: Compute = (c) => {
  const market = marketOf(c);
  const mark = c.inputs.exact('price', ...MARK);
  const size = qtyOf(c.inputs);
  const entry = c.inputs.maybe('price', 'entry_price');
  const entryValue = valueAt(market, size, entry ?? mark);
  const side = entry === null ? 'long' : sideOf(c.inputs);
  const leg: Leg = { market, rules: marginRules(c), side, qty: size, entryValue };
  return {
    notional: String(valueAt(market, size, mark)),
    maintenance_margin: String(legMaintenance(leg, mark)),
    ...inBothAssets(leg, mark, 'maintenanceRate'),
    ...(entry === null ? {} : { unrealized_pnl: String(unrealizedPnl(leg, mark)) }),
  };
};

/** A margin as Deribit prints it: its rate, and the amount in coin and in quote. */
function inBothAssets(leg: Leg, mark: Price, which: 'maintenanceRate' | 'initialRate'): Got {
  const margin = which === 'initialRate' ? initialMargin(leg, mark) : legMaintenance(leg, mark);
  const linear = leg.market.kind === 'linear';
  const coin = linear ? quotient<'money'>('money', margin, mark, FINE, 'even') : margin;
  const quote = linear ? margin : product('money', margin, mark);
  return {
    rate: String(legTerms(leg, mark)[which]),
    margin_coin: String(coin),
    margin_quote: String(quote),
  };
}

/** Initial margin of a position by its rate, which may grow with its size; or by leverage. */
const initial: Compute = (c) => {
  const { inputs } = c;
  const market = marketOf(c);
  const mark = inputs.exact('price', ...MARK, 'entry_price');
  const slope = inputs.maybe('rate', 'slope_per_coin') ?? ZERO_RATE;
  const initialRate =
    inputs.maybe('rate', 'base_rate', 'initial_margin_rate', 'imf') ??
    quotient<'rate'>('rate', ONE, inputs.exact('rate', 'leverage'), FINE, 'even');
  const rules = rulesOf({
    tiers: [{ ...oneTier(ZERO_RATE)[0]!, initialRate }],
    sizeSlope: { maintenance: ZERO_RATE, initial: slope },
  });
  const leg: Leg = { market, rules, side: 'long', qty: qtyOf(inputs), entryValue: ZERO_MONEY };
  return {
    initial_margin: String(initialMargin(leg, mark)),
    notional: String(valueAt(market, leg.qty, mark)),
    ...inBothAssets(leg, mark, 'initialRate'),
  };
};

/**
 * Equity and maintenance / equity; the maintenance margin as a sum, or by rate. Where the requirement
 * includes a fee (OKX, Gate) the venue prints equity / requirement.
 */
const marginRatio: Compute = (c) => {
  const fixed = c.inputs.maybe('money', 'maintenance_margin');
  const rules = fixed === null ? caseRules(c) : rulesOf({ tiers: oneTier(rate('0'), fixed.neg()) });
  const leg = caseLeg(c, rules);
  const pocket: Pocket = {
    legs: [leg],
    wallet: collateral(c.inputs, leg.entryValue),
    orderMargin: ZERO_MONEY,
  };
  const verdict = judge(pocket, () => c.inputs.exact('price', ...MARK), INCLUSIVE);
  const [part, whole] =
    rules.closingFee === undefined
      ? [verdict.maintenance, verdict.equity]
      : [verdict.equity, verdict.maintenance];
  return {
    margin_balance: String(verdict.equity),
    maintenance_margin: String(verdict.maintenance),
    margin_ratio: whole.isZero() ? null : String(quotient('rate', part, whole, FINE, 'even')),
    liquidatable: verdict.liquidatable,
  };
};

const inversePnl: Compute = (c) => {
  const leg = caseLeg(c, rulesOf({ tiers: oneTier(rate('0')) }));
  const mark = c.inputs.exact('price', 'mark_price');
  const fee = c.inputs.maybe('rate', 'taker_fee');
  return {
    unrealized_pnl: String(unrealizedPnl(leg, mark)),
    notional: String(valueAt(leg.market, leg.qty, mark)),
    ...(fee === null ? {} : { open_commission: String(leg.entryValue.times(fee)) }),
  };
};

/** dYdX counts quote in millionths. */
const QUANTUM_SCALE = 6;

/** A dYdX subaccount: quote balance and signed positions without entry value; requirements in whole quantums. */
export function subaccount(c: ConformanceCase): { pocket: Pocket; marks: Marks } {
  const held = c.inputs.inner('positions');
  const oracle = c.inputs.inner('oracle_prices');
  const rateFor = (name: string, market: string): Rate | null =>
    c.inputs.isObject(name) ? c.inputs.inner(name).exact('rate', market) : c.inputs.maybe('rate', name);
  const legs = held.names().map((name): Leg => {
    const size = held.exact('qty', name);
    const maintenance = rateFor('mmf', name) ?? c.inputs.exact('rate', 'maintenance_margin_rate');
    const tiers = [{ ...oneTier(maintenance)[0]!, initialRate: rateFor('imf', name) ?? ZERO_RATE }];
    return {
      market: { ...marketOf(c, name), kind: 'linear' },
      rules: rulesOf({ tiers, requirementScale: QUANTUM_SCALE }),
      side: size.isNegative() ? 'short' : 'long',
      qty: size.abs(),
      entryValue: ZERO_MONEY,
    };
  });
  const open = legs.filter((leg) => !leg.qty.isZero());
  const wallet = c.inputs.exact('money', 'usdc_balance');
  return {
    pocket: { legs: open, wallet, orderMargin: ZERO_MONEY },
    marks: (id) => oracle.exact('price', id),
  };
}

/**
 * The leg that a case closes. @throws RangeError, as dYdX refuses it, when there is none, or `delta_qty` is
 * nothing, enlarges the position or exceeds it
 */
export function closedLeg(c: ConformanceCase, pocket: Pocket): { i: number; leg: Leg; delta: Qty } {
  const name = c.inputs.json('market');
  const i = pocket.legs.findIndex((l) => l.market.id === name);
  const leg = pocket.legs[i];
  if (leg === undefined) throw new RangeError(`no position in ${String(name)}`);
  const signed = c.inputs.maybe('qty', 'delta_qty');
  const delta = (signed ?? leg.qty).abs();
  const closes = signed === null || signed.isNegative() === (leg.side === 'long');
  if (delta.isZero() || !closes || leg.qty.lt(delta)) throw new RangeError(`closes no part: ${signed}`);
  return { i, leg, delta };
}

const isLiquidatable: Compute = (c) => {
  const { pocket, marks } = subaccount(c);
  const { equity, maintenance: required, liquidatable } = judge(pocket, marks, STRICT);
  return { liquidatable, net_collateral: String(equity), maintenance_margin: String(required) };
};

/** Quote received (+) or paid (-) for closing `delta_qty` at the bankruptcy price, up to the quantum. */
const bankruptcyQuote: Compute = (c) => {
  const { pocket, marks } = subaccount(c);
  const { i, leg, delta } = closedLeg(c, pocket);
  const quantum: Exact<'money'> = c.inputs.exact('money', 'quote_quantum');
  const whole = profit(leg, ZERO_MONEY, ZERO_MONEY).minus(marginShares(pocket, marks)[i]!);
  const part = quotient<'money'>('money', product('money', whole, delta), leg.qty, FINE, 'up');
  return { bankruptcy_quote: String(toStep(part, quantum, 'up')) };
};

export const MARGIN_KINDS: Readonly<Record<string, Compute>> = {
  maintenance_margin: maintenance,
  initial_margin: initial,
  margin_ratio: marginRatio,
  inverse_pnl: inversePnl,
  is_liquidatable: isLiquidatable,
  bankruptcy_quote: bankruptcyQuote,
};
