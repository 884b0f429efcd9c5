/**
 * Bankruptcy prices: where closing a leg leaves nothing, to the last grid step in favour of whoever
 * pays deficits. Closing at the price never needs the insurance fund.
 */
import {
  type Money,
  ONE,
  PRICE_SCALE,
  perUnit,
  type Price,
  product,
  quotient,
  type Rate,
  sum,
  toStep,
  ZERO_MONEY,
} from '../basics/exact.ts';
import { type Leg, type Marks, type Pocket, unrealizedPnl, valueAt } from './leg.ts';
import { legMaintenance } from './maintenance.ts';
import { isPooled, wholeShares } from './portfolioVerdict.ts';

/** Decimal places of a share of equity. */
const SHARE_SCALE = 18;

/**
 * Price at which a leg with margin M closes with equity 0 after the closing fee f.
 *
 *   linear   long (entryValue - M) / (qty (1 - f))           short (entryValue + M) / (qty (1 + f))
 *   inverse  long qty face / ((entryValue + M) / (1 + f))    short qty face / ((entryValue - M) / (1 - f))
 *
 * Rounded against the liquidated account (long up, short down) at PRICE_SCALE, then to the tick
 * where the rule says so. Equity at the unrounded-to-tick price is >= 0 and
 *   linear:  < qty (1 + f) 10^-PRICE_SCALE
 *   inverse: < 2 venue units (10^-valueScale) + the value of one grid step
 * because an inverse value is first cut to the venue's unit, against the account.
 *
 * Source: docs/method.md (Bankruptcy price); Bybit help center (inverse, 0.075 %); dYdX v4 for the direction.
 *
 * @param margin  share of the collateral, settlement units, signed
 * @param feeRate closing fee inside the price, 0 <= f < 1
 * @returns       null where no price closes the leg at 0: an inverse short with more margin than
 *                entry value, an inverse long that no price can save. A linear price may be below 0.
 */
export function bankruptcyPrice(leg: Leg, margin: Money, feeRate: Rate): Price | null {
  const long = leg.side === 'long';
  const exact = leg.market.kind === 'linear' ? linear(leg, margin, feeRate) : inverse(leg, margin, feeRate);
  if (exact === null || leg.rules.bankruptcy.rounding === 'none') return exact;
  return toStep(exact, leg.market.priceTick, long ? 'up' : 'down');
}

function linear(leg: Leg, margin: Money, feeRate: Rate): Price {
  if (leg.side === 'long') {
    const perPrice = product('qty', leg.qty, ONE.minus(feeRate));
    return quotient('price', leg.entryValue.minus(margin), perPrice, PRICE_SCALE, 'up');
  }
  const perPrice = product('qty', leg.qty, ONE.plus(feeRate));
  return quotient('price', leg.entryValue.plus(margin), perPrice, PRICE_SCALE, 'down');
}

function inverse(leg: Leg, margin: Money, feeRate: Rate): Price | null {
  const long = leg.side === 'long';
  const { market, qty, entryValue } = leg;
  const value = long
    ? quotient('money', entryValue.plus(margin), ONE.plus(feeRate), market.valueScale, 'down')
    : quotient('money', entryValue.minus(margin), ONE.minus(feeRate), market.valueScale, 'up');
  if (!value.isPositive()) return null;
  return quotient('price', perUnit(qty, market.faceValue), value, PRICE_SCALE, long ? 'up' : 'down');
}

/**
 * The margin that each leg of a pocket brings into its bankruptcy price: the leg's share of the
 * pocket's equity, pro rata to maintenance margin, less the leg's own unrealized profit. One leg:
 * the wallet. Shares are cut downward and the last leg takes the rest, so they sum to the wallet.
 *
 * Source: dYdX v4, `-DNNV - TNC * |DMMR| / TMMR`: the only venue that specifies it in full.
 */
export function marginShares(pocket: Pocket, marks: Marks): Money[] {
  if (isPooled(pocket)) return wholeShares(pocket, marks);
  if (pocket.legs.length <= 1) return pocket.legs.map(() => pocket.wallet);
  const pnl = pocket.legs.map((leg) => unrealizedPnl(leg, marks(leg.market.id)));
  const equity = sum(pnl).plus(pocket.wallet);
  let weights = pocket.legs.map((leg) => legMaintenance(leg, marks(leg.market.id)));
  if (!sum(weights).isPositive()) {
    weights = pocket.legs.map((leg) => valueAt(leg.market, leg.qty, marks(leg.market.id)));
  }
  const total = sum(weights);
  let given = ZERO_MONEY;
  return pocket.legs.map((_leg, i) => {
    const last = i === pocket.legs.length - 1;
    const share = last
      ? equity.minus(given)
      : quotient<'money'>('money', product('money', equity, weights[i]!), total, SHARE_SCALE, 'down');
    given = given.plus(share);
    return share.minus(pnl[i]!);
  });
}

/**
 * Bankruptcy price of each leg of a pocket under its own rule (closing fee, rounding); null as in
 * `bankruptcyPrice`.
 */
export function bankruptcyPrices(pocket: Pocket, marks: Marks): (Price | null)[] {
  const shares = marginShares(pocket, marks);
  return pocket.legs.map((leg, i) => bankruptcyPrice(leg, shares[i]!, leg.rules.bankruptcy.feeRate));
}
