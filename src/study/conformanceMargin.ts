/**
 * Conformance of src/margin: published positions become legs and pockets, and the engine's own
 * functions answer. Venue conventions are data here as everywhere: where maintenance is taken (entry
 * value at Bybit), what the requirement includes (the taker fee at OKX and Gate), which trigger.
 */
import {
  cut,
  type Exact,
  type Money,
  money,
  ONE,
  PRICE_SCALE,
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
import { bankruptcyPrice, marginShares } from '../margin/bankruptcy.ts';
import { type Leg, type Marks, type Pocket, profit, unrealizedPnl, valueAt } from '../margin/leg.ts';
import { initialMargin, legMaintenance, legTerms } from '../margin/maintenance.ts';
import { liquidationPrices } from '../margin/prices.ts';
import { judge } from '../margin/trigger.ts';
import type { Market, Side } from '../rules/market.ts';
import type { MarginTier, MarketRules } from '../rules/ruleSet.ts';
import { type Compute, type ConformanceCase, type Got, type Inputs, Unread } from './conformanceCase.ts';

/** Decimal places of coin values here: published examples do not cut them to the venue's unit. */
const FINE = 18;
const INCLUSIVE = { inclusive: true };
const STRICT = { inclusive: false };
/** How far from entry the walk to a liquidation price starts, on its sound side. */
const FAR = rate('10000');
const NEAR = rate('0.0001');

/** The market that a case speaks of: linear unless it says otherwise. */
export const marketOf = (c: Pick<ConformanceCase, 'inputs' | 'venue'>, id = 'market'): Market => {
  const inverse =
    c.inputs.word('contract') === 'inverse' || c.venue === 'binance-coinm' || c.inputs.has('contracts');
  const face = c.inputs.maybe(
    'money',
    'contract_size_usd',
    'contract_size',
    'contract_multiplier',
    'face_value',
  );
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

/** Quantity; 1 where the example is about one unit and does not say so. */
export const qtyOf = (inputs: Inputs): Qty => (inputs.maybe('qty', ...QTY) ?? qty('1')).abs();

interface Convention {
  /** Where maintenance is taken unless the case says so itself. */
  readonly basis: 'mark' | 'entry';
  /** Whether the trigger also keeps the taker fee of the close. */
  readonly keepsFee: boolean;
}
const AT_MARK: Convention = { basis: 'mark', keepsFee: false };

/** By venue: docs/rules.md. */
const CONVENTIONS: Readonly<Record<string, Convention>> = {
  binance: AT_MARK,
  'binance-usdm': AT_MARK,
  'binance-coinm': AT_MARK,
  seed: AT_MARK,
  generic: AT_MARK,
  bitmex: AT_MARK,
  'dydx-v4': AT_MARK,
  hyperliquid: AT_MARK,
  deribit: AT_MARK,
  bybit: { basis: 'entry', keepsFee: false },
  okx: { basis: 'mark', keepsFee: true },
  gate: { basis: 'mark', keepsFee: true },
};

function conventionOf(venue: string): Convention {
  const convention = Object.hasOwn(CONVENTIONS, venue) ? CONVENTIONS[venue] : undefined;
  if (convention === undefined) throw new Unread(`no margin convention is known for venue ${venue}`);
  return convention;
}

/** What equity is compared with: the margin rules of a case, and the closing fee where the venue keeps it. */
function caseRules(c: ConformanceCase, prefix = ''): MarketRules {
  const rules = marginRules(c, prefix);
  return conventionOf(c.venue).keepsFee
    ? { ...rules, closingFee: c.inputs.exact('rate', 'taker_fee') }
    : rules;
}

/** The rules of a case that gives one rate and one deduction, by the venue's convention. */
function marginRules(c: ConformanceCase, prefix = ''): MarketRules {
  const { inputs } = c;
  const rateNames = [`${prefix}maintenance_margin_rate`, 'maintenance_margin_rate', 'mmf', 'base_rate'];
  const slope = inputs.maybe('rate', 'slope_per_coin');
  const deduction = inputs.maybe(
    'money',
    `${prefix}maintenance_amount`,
    'maintenance_amount',
    'mm_deduction',
  );
  const basis = inputs.word('mm_basis') || conventionOf(c.venue).basis;
  return rulesOf({
    tiers: oneTier(inputs.exact('rate', ...rateNames), deduction ?? ZERO_MONEY),
    notionalAt: basis === 'entry' ? 'entry' : 'mark',
    ...(slope === null ? {} : { sizeSlope: { maintenance: slope, initial: slope } }),
  });
}

function caseLeg(c: ConformanceCase, rules: MarketRules): Leg {
  const market = marketOf(c);
  const size = qtyOf(c.inputs);
  const entry = c.inputs.exact('price', 'entry_price', 'price');
  return { market, rules, side: sideOf(c.inputs), qty: size, entryValue: valueAt(market, size, entry) };
}

/** Money behind the legs: as given, or entry value / leverage, plus what was added. */
function collateral(inputs: Inputs, entryValue: Money): Money {
  const given = inputs.maybe(
    'money',
    'wallet_balance',
    'cross_wallet_balance',
    'margin',
    'position_margin',
    'equity',
  );
  const base =
    given ?? quotient<'money'>('money', entryValue, inputs.exact('rate', 'leverage'), FINE, 'even');
  return base.plus(inputs.maybe('money', 'extra_margin') ?? ZERO_MONEY);
}

/** The LONG and SHORT legs of hedge mode, or the one position. */
function caseLegs(c: ConformanceCase): Leg[] {
  if (!c.inputs.word('position_mode').includes('hedge') || !c.inputs.has('long_qty'))
    return [caseLeg(c, caseRules(c))];
  const market = marketOf(c);
  return (['long', 'short'] as const).map((side) => {
    const size = c.inputs.exact('qty', `${side}_qty`);
    const entryValue = valueAt(market, size, c.inputs.exact('price', `${side}_entry_price`));
    return { market, rules: caseRules(c, `${side}_`), side, qty: size, entryValue };
  });
}

const liquidationPrice: Compute = (c) => {
  const legs = caseLegs(c);
  const entry = c.inputs.exact('price', 'entry_price', 'long_entry_price', 'price');
  const entryValue = legs.reduce((total, leg) => total.plus(leg.entryValue), ZERO_MONEY);
  const others = (c.inputs.maybe('money', 'other_unrealized_pnl') ?? ZERO_MONEY).minus(
    c.inputs.maybe('money', 'other_maintenance_margin', 'other_mmr') ?? ZERO_MONEY,
  );
  const pocket: Pocket = {
    legs,
    wallet: collateral(c.inputs, entryValue).plus(others),
    orderMargin: ZERO_MONEY,
  };
  const found = onlyRoot(pocket, entry);
  const { market, side } = legs[0]!;
  const leverage = c.inputs.maybe('rate', 'leverage');
  const shown =
    found !== null && c.inputs.has('tick_size')
      ? toStep(found, market.priceTick, side === 'long' ? 'up' : 'down')
      : found;
  return {
    liquidation_price: shown === null ? null : String(shown),
    liquidation_price_raw: found === null ? null : String(found),
    maintenance_margin: String(legMaintenance(legs[0]!, entry)),
    position_value: String(entryValue),
    ...(leverage === null
      ? {}
      : { initial_margin: String(quotient('money', entryValue, leverage, FINE, 'even')) }),
  };
};

/** With one tier a leg the headroom has one root: it is met on a walk from whichever far side is sound. */
function onlyRoot(pocket: Pocket, entry: Price): Price | null {
  for (const far of [FAR, NEAR]) {
    const start = cut(entry.times(far), PRICE_SCALE, 'up');
    if (judge(pocket, () => start, INCLUSIVE).liquidatable) continue;
    const { low, high } = liquidationPrices(pocket, 'market', () => start, INCLUSIVE);
    if (low !== null || high !== null) return low ?? high;
  }
  return null;
}

/** WB = MM(LP) - UPNL(LP): the wallet that the published liquidation price implies. */
const walletFromPrice: Compute = (c) => {
  const leg = caseLeg(c, caseRules(c));
  const at = c.inputs.exact('price', 'liquidation_price');
  const others = (c.inputs.maybe('money', 'other_maintenance_margin') ?? ZERO_MONEY).minus(
    c.inputs.maybe('money', 'other_unrealized_pnl') ?? ZERO_MONEY,
  );
  const wallet = String(legMaintenance(leg, at).minus(unrealizedPnl(leg, at)).plus(others));
  return { cross_wallet_balance: wallet, wallet_balance: wallet };
};

const MARK = ['mark_price', 'index_price', 'oracle_price'];

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
    margin_ratio: String(quotient('rate', part, whole, FINE, 'even')),
    liquidatable: verdict.liquidatable,
  };
};

const bankruptcy: Compute = (c) => {
  const rounding = c.inputs.has('tick_size') ? 'tickAgainstUser' : 'none';
  const fee = c.inputs.maybe('rate', 'fee_rate', 'taker_fee') ?? rate('0');
  const priceBy = (how: 'none' | 'tickAgainstUser'): string | null => {
    const leg = caseLeg(
      c,
      rulesOf({ tiers: oneTier(rate('0')), bankruptcy: { feeRate: fee, rounding: how } }),
    );
    const found = bankruptcyPrice(leg, collateral(c.inputs, leg.entryValue), fee);
    return found === null ? null : String(found);
  };
  return { bankruptcy_price: priceBy(rounding), bankruptcy_price_raw: priceBy('none') };
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

/** A dYdX subaccount: quote balance and signed positions without entry value. */
function subaccount(c: ConformanceCase): { pocket: Pocket; marks: Marks } {
  const held = c.inputs.inner('positions');
  const oracle = c.inputs.inner('oracle_prices');
  const rules = rulesOf({ tiers: oneTier(c.inputs.exact('rate', 'mmf')) });
  const legs = held.names().map((name): Leg => {
    const size = held.exact('qty', name);
    const side = size.isNegative() ? 'short' : 'long';
    return {
      market: { ...marketOf(c, name), kind: 'linear' },
      rules,
      side,
      qty: size.abs(),
      entryValue: ZERO_MONEY,
    };
  });
  const pocket = { legs, wallet: c.inputs.exact('money', 'usdc_balance'), orderMargin: ZERO_MONEY };
  return { pocket, marks: (id) => oracle.exact('price', id) };
}

const isLiquidatable: Compute = (c) => {
  const { pocket, marks } = subaccount(c);
  return { liquidatable: judge(pocket, marks, STRICT).liquidatable };
};

/** Quote received (+) or paid (-) for closing `delta_qty` at the bankruptcy price, up to the quantum. */
const bankruptcyQuote: Compute = (c) => {
  const { pocket, marks } = subaccount(c);
  const name = c.inputs.json('market');
  const i = pocket.legs.findIndex((leg) => leg.market.id === name);
  if (i === -1) throw new Unread('input market is no position');
  const delta = c.inputs.exact('qty', 'delta_qty').abs();
  const quantum: Exact<'money'> = c.inputs.exact('money', 'quote_quantum');
  const whole = profit(pocket.legs[i]!, ZERO_MONEY, ZERO_MONEY).minus(marginShares(pocket, marks)[i]!);
  const part = quotient<'money'>('money', product('money', whole, delta), pocket.legs[i]!.qty, FINE, 'up');
  return { bankruptcy_quote: String(toStep(part, quantum, 'up')) };
};

export const MARGIN_KINDS: Readonly<Record<string, Compute>> = {
  liquidation_price: liquidationPrice,
  wallet_balance_from_liquidation_price: walletFromPrice,
  maintenance_margin: maintenance,
  initial_margin: initial,
  margin_ratio: marginRatio,
  bankruptcy_price: bankruptcy,
  inverse_pnl: inversePnl,
  is_liquidatable: isLiquidatable,
  bankruptcy_quote: bankruptcyQuote,
};
