/**
 * The fillable price of dYdX v4: how far from the mark a forced order may trade. It widens as the account
 * loses its margin, so that somebody takes the position before the fund has to.
 */
import {
  as,
  type Money,
  max,
  min,
  PRICE_SCALE,
  type Price,
  perUnit,
  product,
  quotient,
  type Rate,
  ZERO_MONEY,
} from '../basics/exact.ts';
import { type Leg, valueAt } from './leg.ts';
import { legMaintenance } from './maintenance.ts';
import type { Verdict } from './trigger.ts';

/** Decimal places of the value given up, where the pocket's requirement does not divide it. */
const SPREAD_SCALE = 24;

/**
 * Worst price of a forced order on a leg.
 *
 *   give     spread * maintenance of the leg * clamp(adjustment * (1 - equity / maintenance), 0, 1)
 *   linear   mark -+ give / qty (long down, short up)
 *   inverse  qty * face / (value at mark +- give)
 *
 * Rounded toward the mark at PRICE_SCALE: never worse than the formula. It is the same whatever part is closed.
 *
 * @param verdict  equity and maintenance of the whole pocket; maintenance > 0
 * @param by       spread and adjustment >= 0, shares
 * @returns        null where no price gives that much up: an inverse short worth less than `give`
 * @throws RangeError when the leg or the requirement is empty
 *
 * Source: dYdX v4, x/clob/keeper/liquidations.go, GetFillablePrice: (PNNV - ABR * SMMR * PMMR) / PS.
 */
export function fillablePrice(
  leg: Leg,
  mark: Price,
  verdict: Pick<Verdict, 'equity' | 'maintenance'>,
  by: { readonly spread: Rate; readonly adjustment: Rate },
): Price | null {
  const { equity, maintenance } = verdict;
  if (!leg.qty.isPositive() || !maintenance.isPositive())
    throw new RangeError(`no fillable price: quantity ${leg.qty}, maintenance ${maintenance}`);
  // clamp(adjustment * (1 - equity / maintenance), 0, 1) * maintenance, so that nothing is divided yet
  const lost = max(ZERO_MONEY, min(maintenance.minus(equity).times(by.adjustment), maintenance));
  const most = legMaintenance(leg, mark).times(by.spread);
  const give = product('money', most, lost); // still times maintenance
  return leg.market.kind === 'linear'
    ? linear(leg, mark, give, maintenance)
    : inverse(leg, mark, give, maintenance);
}

function linear(leg: Leg, mark: Price, give: Money, maintenance: Money): Price {
  const away = quotient('price', give, product('qty', leg.qty, as('rate', maintenance)), PRICE_SCALE, 'down');
  return leg.side === 'long' ? mark.minus(away) : mark.plus(away);
}

function inverse(leg: Leg, mark: Price, give: Money, maintenance: Money): Price | null {
  const long = leg.side === 'long';
  const given = quotient<'money'>('money', give, maintenance, SPREAD_SCALE, 'down');
  const atMark = valueAt(leg.market, leg.qty, mark);
  const value = long ? atMark.plus(given) : atMark.minus(given);
  if (!value.isPositive()) return null;
  return quotient('price', perUnit(leg.qty, leg.market.faceValue), value, PRICE_SCALE, long ? 'up' : 'down');
}
