/**
 * Funding without touching every account: per market and side the exact cumulative payment of one
 * base unit (linear) or contract (inverse). A position is charged when it is touched and at the end,
 * exactly quantity times what has accrued since it was last charged. What payers owe and receivers
 * are due meets in the clearing party `funding:<market>`, which ends at 0 but for venue rounding.
 */
import { cut, type Money, perUnit, type Qty, ZERO_MONEY } from '../basics/exact.ts';
import type { Side } from '../rules/market.ts';

/** What one unit pays at one stamp; negative: receives. Settlement units. */
export interface StampPayment {
  readonly long: Money;
  readonly short: Money;
}

export class FundingClock {
  private readonly stamps: StampPayment[] = [];
  private sumLong = ZERO_MONEY;
  private sumShort = ZERO_MONEY;
  /** Decimal places to which each stamp's payments are cut; null: not at all. */
  private readonly scales: (number | null)[] = [];
  private paymentScale: number | null;
  /** Whether any stamp so far was cut. */
  private isCut = false;
  /** One unit of each stamp's decimal places; 0 where nothing is cut. */
  private readonly unitsF64: number[] = [];
  private slack = 0;
  private readonly stampsLongF64: number[] = [];
  private readonly stampsShortF64: number[] = [];
  /** Cumulative payment of one unit as float64, for triggers. */
  longF64 = 0;
  shortF64 = 0;

  /** @param paymentScale  decimal places of a payment (venue rounding), null for exact */
  constructor(paymentScale: number | null) {
    this.paymentScale = paymentScale;
  }

  /** The rounding of the stamps to come, where a rule changes; those that were charged keep theirs. */
  rescale(paymentScale: number | null): void {
    this.paymentScale = paymentScale;
  }

  /** Number of stamps so far: what a freshly charged position has seen. */
  get seen(): number {
    return this.stamps.length;
  }

  /** What venue rounding may add to the unrounded payment of one position; 0 without rounding. */
  get slackF64(): number {
    return this.slack;
  }

  /**
   * `due` of a position that was never charged, in float64; NaN where float64 cannot tell which way
   * the venue rounds.
   */
  dueF64(long: boolean, qty: number): number {
    if (!this.isCut) return qty * (long ? this.longF64 : this.shortF64);
    let total = 0;
    for (const [i, each] of (long ? this.stampsLongF64 : this.stampsShortF64).entries()) {
      const unit = this.unitsF64[i]!;
      if (unit === 0) {
        total += qty * each;
        continue;
      }
      const units = (qty * each) / unit;
      const rest = units - Math.floor(units);
      if (Math.abs(rest - 0.5) < 1e-6 + Math.abs(units) * 1e-15) return Number.NaN;
      total += Math.round(units) * unit;
    }
    return total;
  }

  /** Adds a stamp. */
  accrue(payment: StampPayment): void {
    this.stamps.push(payment);
    this.scales.push(this.paymentScale);
    this.isCut ||= this.paymentScale !== null;
    const unit = this.paymentScale === null ? 0 : Number(`1e-${this.paymentScale}`);
    this.unitsF64.push(unit);
    this.slack += unit;
    this.stampsLongF64.push(payment.long.toNumber());
    this.stampsShortF64.push(payment.short.toNumber());
    this.sumLong = this.sumLong.plus(payment.long);
    this.sumShort = this.sumShort.plus(payment.short);
    this.longF64 = this.sumLong.toNumber();
    this.shortF64 = this.sumShort.toNumber();
  }

  /**
   * Payment due by a position that was last charged at stamp `seen`; negative: it is owed.
   *
   * @param qty   base units or contracts, >= 0
   * @returns     exact; with venue rounding each stamp is cut to nearest-even on its own
   */
  due(side: Side, qty: Qty, seen: number): Money {
    if (seen === this.stamps.length || qty.isZero()) return ZERO_MONEY;
    if (!this.isCut && seen === 0) {
      return perUnit(qty, side === 'long' ? this.sumLong : this.sumShort);
    }
    let total = ZERO_MONEY;
    for (let i = seen; i < this.stamps.length; i++) {
      const each = perUnit(qty, this.stamps[i]![side]);
      const scale = this.scales[i]!;
      total = total.plus(scale === null ? each : cut(each, scale, 'even'));
    }
    return total;
  }
}
