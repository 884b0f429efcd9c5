/**
 * `market`: the rest of the world, unmargined, on the other side of every fill (docs/decisions/
 * 0003). It opens with what the population lacks to balance, so signed contracts and signed entry
 * values of all parties sum to 0 from the first beat on.
 */
import { as, type Money, type Price, perUnit, quotient, steps, value, ZERO_MONEY } from '../basics/exact.ts';
import type { Market, Side } from '../rules/market.ts';
import { sign } from './side.ts';

export class MarketParty {
  readonly market: Market;
  /** Signed lots. */
  lots: number;
  /** Signed entry value: side * entry value, settlement units. */
  entryValue: Money;
  /** Signed value at the fills' own prices: the second bookkeeping, against which the first is checked. */
  fillValue: Money;
  /** Realized profit received from those who closed; negative: paid. */
  pnl: Money = ZERO_MONEY;
  /** Funding, rounding and guarantees received. */
  other: Money = ZERO_MONEY;
  lowestCash: Money = ZERO_MONEY;

  constructor(market: Market, lots: number, entryValue: Money) {
    this.market = market;
    this.lots = lots;
    this.entryValue = entryValue;
    this.fillValue = entryValue;
  }

  /** Somebody closes a position of `side` against us at `fillValue`: we take it at its entry value. */
  takeClose(side: Side, lots: number, entryValue: Money, fillValue: Money): void {
    this.lots += sign(side) * lots;
    this.entryValue = side === 'long' ? this.entryValue.plus(entryValue) : this.entryValue.minus(entryValue);
    this.fillValue = side === 'long' ? this.fillValue.plus(fillValue) : this.fillValue.minus(fillValue);
  }

  /** Somebody opens a position of `side` against us at `fillValue`: we take the other side at that value. */
  takeOpen(side: Side, lots: number, fillValue: Money): void {
    this.lots -= sign(side) * lots;
    this.entryValue = side === 'long' ? this.entryValue.minus(fillValue) : this.entryValue.plus(fillValue);
    this.fillValue = side === 'long' ? this.fillValue.minus(fillValue) : this.fillValue.plus(fillValue);
  }

  /** Cash received (negative: paid). */
  receive(amount: Money, kind: 'pnl' | 'other'): void {
    this[kind] = this[kind].plus(amount);
    const cash = this.pnl.plus(this.other);
    if (cash.lt(this.lowestCash)) this.lowestCash = cash;
  }

  /** Cash plus value at mark minus entry value. Exact for linear; an inverse value is cut at 18 places. */
  profitAt(mark: Price): Money {
    const at = signedValueAt(this.market, this.lots, mark);
    const open = this.market.kind === 'linear' ? at.minus(this.entryValue) : this.entryValue.minus(at);
    return open.plus(this.pnl).plus(this.other);
  }

  /**
   * The gain by cash and entry values equals the gain counted fill by fill, sum of qty * (mark - fill):
   * the mark's part is common to both, so pnl must be the difference of the two values.
   */
  get agreesWithFills(): boolean {
    const difference = this.entryValue.minus(this.fillValue);
    return this.pnl.eq(this.market.kind === 'linear' ? difference : difference.neg());
  }
}

/** lots valued at a price, with the sign of lots; linear exact, inverse cut at 18 places. */
export function signedValueAt(market: Market, lots: number, mark: Price): Money {
  if (lots === 0) return ZERO_MONEY;
  const q = steps(lots, market.qtyStep);
  return market.kind === 'linear'
    ? value(q, mark)
    : quotient('money', perUnit(q, market.faceValue), as('rate', mark), 18, 'even');
}
