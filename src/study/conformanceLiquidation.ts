/**
 * Conformance of the prices at which a position ends: liquidation price, the wallet that one implies, and
 * bankruptcy price. The same walk and the same formulas that the engine and the calculator use.
 */
import {
  cut,
  type Money,
  PRICE_SCALE,
  perUnit,
  type Price,
  quotient,
  type Rate,
  rate,
  toStep,
  ZERO_MONEY,
} from '../basics/exact.ts';
import { bankruptcyPrice } from '../margin/bankruptcy.ts';
import { type Leg, type Pocket, unrealizedPnl, valueAt } from '../margin/leg.ts';
import { legMaintenance } from '../margin/maintenance.ts';
import { liquidationPrices } from '../margin/prices.ts';
import { judge } from '../margin/trigger.ts';
import { type Compute, type ConformanceCase, Inputs } from './conformanceCase.ts';
import {
  caseLeg,
  caseRules,
  collateral,
  MARK,
  marketOf,
  oneTier,
  qtyOf,
  rulesOf,
  sideOf,
  TAKER_FEE,
} from './conformanceMargin.ts';

/** Decimal places of an initial margin. */
const FINE = 18;
const INCLUSIVE = { inclusive: true };
/** How far from entry the walk to a liquidation price starts, on its sound side. */
const FAR = rate('10000');
const NEAR = rate('0.0001');
const NO_FEE = rate('0');

const SIDES = ['long', 'short'] as const;
const SIDE_SIZE = /^(long|short)_(\w+_)?(qty|contracts|size)$|^(\w+_)?(qty|contracts|size)_(long|short)$/;
const isHedged = (inputs: Inputs): boolean =>
  SIDES.some((side) => inputs.isObject(side)) || inputs.names().some((name) => SIDE_SIZE.test(name));

/** What a case says of one leg of hedge mode: nested under its side, or with the side before or after the name. */
function sideInputs(inputs: Inputs, side: 'long' | 'short'): Inputs {
  if (inputs.isObject(side)) return inputs.inner(side);
  const affix = new RegExp(`^${side}_|_${side}$`);
  const named = inputs.names().filter((name) => affix.test(name));
  return new Inputs(Object.fromEntries(named.map((name) => [name.replace(affix, ''), inputs.json(name)])));
}

/** The LONG and SHORT legs of hedge mode, or the one position. */
function caseLegs(c: ConformanceCase): Leg[] {
  if (!isHedged(c.inputs)) return [caseLeg(c, caseRules(c))];
  const market = marketOf(c);
  const legs = SIDES.map((side): Leg => {
    const own = sideInputs(c.inputs, side);
    const qty = own.names().length === 0 ? qtyOf(new Inputs({ qty: '0' })) : qtyOf(own);
    const entryValue = qty.isZero()
      ? ZERO_MONEY
      : valueAt(market, qty, own.exact('price', 'entry_price', 'entry'));
    return { market, rules: caseRules(c, own), side, qty, entryValue };
  });
  return legs.filter((leg) => !leg.qty.isZero());
}

/**
 * What a wallet keeps for and owes to other positions: the sums as given, or from the positions themselves.
 * Isolated margin knows no others.
 */
function ofOthers(c: ConformanceCase): Money {
  const { inputs } = c;
  if (inputs.word('margin_mode') === 'isolated') return ZERO_MONEY;
  const pnl = inputs.maybe('money', 'other_unrealized_pnl');
  const kept = inputs.maybe('money', 'other_maintenance_margin', 'other_mmr');
  if (pnl !== null || kept !== null) return (pnl ?? ZERO_MONEY).minus(kept ?? ZERO_MONEY);
  const others = inputs.isObject('other_position') ? [inputs.inner('other_position')] : [];
  if (inputs.has('other_positions')) others.push(...inputs.rows('other_positions'));
  return others.reduce((total, own) => {
    const [market, qty] = [marketOf({ inputs: own, venue: c.venue }), qtyOf(own)];
    const entryValue = valueAt(market, qty, own.exact('price', 'entry_price'));
    const leg: Leg = { market, rules: caseRules(c, own), side: sideOf(own), qty, entryValue };
    const mark = own.exact('price', ...MARK);
    return total.plus(unrealizedPnl(leg, mark)).minus(legMaintenance(leg, mark));
  }, ZERO_MONEY);
}

/**
 * Bybit's inverse cross margin keeps the fee of a close at the bankruptcy price beside the maintenance
 * margin (help center 360039261334).
 */
function closingCost(c: ConformanceCase, leg: Leg, wallet: Money): { fee: Money; at: Price | null } {
  const feeRate = c.inputs.maybe('rate', ...TAKER_FEE);
  const isIt = c.venue.startsWith('bybit') && leg.market.kind === 'inverse' && feeRate !== null;
  if (!isIt || c.inputs.word('margin_mode') !== 'cross') return { fee: ZERO_MONEY, at: null };
  const at = bankruptcyPrice(leg, wallet, feeRate);
  return { fee: at === null ? ZERO_MONEY : valueAt(leg.market, leg.qty, at).times(feeRate), at };
}

const liquidationPrice: Compute = (c) => {
  // freqtrade puts spot trades to the same function: they have none
  if (c.inputs.word('trading_mode') === 'spot') return { liquidation_price: null };
  const legs = caseLegs(c);
  const [first] = legs;
  if (first === undefined) return { liquidation_price: null };
  const { market, side } = first;
  const entryValue = legs.reduce((total, leg) => total.plus(leg.entryValue), ZERO_MONEY);
  const entry = c.inputs.maybe('price', 'entry_price', 'price') ?? unitPrice(first);
  const locked = c.inputs.maybe('money', 'order_margin') ?? ZERO_MONEY;
  const available = c.inputs.maybe('money', 'margin_available');
  const free =
    available === null
      ? collateral(c.inputs, entryValue).plus(ofOthers(c)).minus(locked)
      : available.plus(legMaintenance(first, entry)); // Hyperliquid: what is left above maintenance
  const cost = closingCost(c, first, free);
  const found = onlyRoot({ legs, wallet: free.minus(cost.fee), orderMargin: ZERO_MONEY }, entry);
  const leverage = c.inputs.maybe('rate', 'leverage');
  const shown =
    found !== null && c.inputs.has('tick_size')
      ? toStep(found, market.priceTick, side === 'long' ? 'up' : 'down')
      : found;
  return {
    liquidation_price: shown === null ? null : String(shown),
    liquidation_price_raw: found === null ? null : String(found),
    maintenance_margin: String(legMaintenance(first, entry)),
    position_value: String(entryValue),
    ...(cost.at === null ? {} : { bankruptcy_price: String(cost.at) }),
    ...(leverage === null
      ? {}
      : { initial_margin: String(quotient('money', entryValue, leverage, FINE, 'even')) }),
  };
};

/** Entry price of a leg, from its value. */
function unitPrice({ market, qty, entryValue }: Leg): Price {
  return market.kind === 'linear'
    ? quotient('price', entryValue, qty, PRICE_SCALE, 'even')
    : quotient('price', perUnit(qty, market.faceValue), entryValue, PRICE_SCALE, 'even');
}

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
  const wallet = String(legMaintenance(leg, at).minus(unrealizedPnl(leg, at)).minus(ofOthers(c)));
  return { cross_wallet_balance: wallet, wallet_balance: wallet };
};

const bankruptcy: Compute = (c) => {
  const rounding = c.inputs.has('tick_size') ? 'tickAgainstUser' : 'none';
  const feeRate: Rate = c.inputs.maybe('rate', ...TAKER_FEE) ?? NO_FEE;
  const locked = c.inputs.maybe('money', 'order_margin') ?? ZERO_MONEY;
  const priceBy = (how: 'none' | 'tickAgainstUser'): string | null => {
    const rules = rulesOf({ tiers: oneTier(NO_FEE), bankruptcy: { feeRate, rounding: how } });
    const leg = caseLeg(c, rules);
    const found = bankruptcyPrice(leg, collateral(c.inputs, leg.entryValue).minus(locked), feeRate);
    return found === null ? null : String(found);
  };
  return { bankruptcy_price: priceBy(rounding), bankruptcy_price_raw: priceBy('none') };
};

export const LIQUIDATION_KINDS: Readonly<Record<string, Compute>> = {
  liquidation_price: liquidationPrice,
  wallet_balance_from_liquidation_price: walletFromPrice,
  bankruptcy_price: bankruptcy,
};
