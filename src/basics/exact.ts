/**
 * Exact amounts. Everything the ledger touches is one of these four.
 *
 *   Price   settlement units per base unit (linear), quote units per coin (inverse)
 *   Qty     base units or contracts, never negative; the side says long or short
 *   Money   settlement units (USDT, BTC, ...), signed
 *   Rate    dimensionless fraction: 0.005 is 0.5 %
 *
 * value = n / 10^scale with n a bigint. Sums and products are exact and scales add; a quotient is
 * born with a stated scale and direction, and state that survives a beat is `cut`, so scales stay
 * below 40. decimal.js is the oracle of test/property/exact.test.ts.
 */
export type Unit = 'price' | 'qty' | 'money' | 'rate';
/** Where a cut goes: `up` to +infinity, `down` to -infinity, `even` to nearest with ties to even. */
export type Direction = 'up' | 'down' | 'even';

export type Price = Exact<'price'>;
export type Qty = Exact<'qty'>;
export type Money = Exact<'money'>;
export type Rate = Exact<'rate'>;

/** Scale at which a price that is a quotient is born. */
export const PRICE_SCALE = 12;
/** Scale at which money that is a quotient is born; also the finest money the ledger stores. */
export const MONEY_SCALE = 18;

const POWERS: bigint[] = [1n];
/** 10^k for 0 <= k. */
const power = (k: number): bigint => {
  for (let i = POWERS.length; i <= k; i++) POWERS.push(POWERS[i - 1]! * 10n);
  return POWERS[k]!;
};

/** 10^0 .. 10^22: the powers of ten that float64 holds exactly. */
const TENS = Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

export class Exact<U extends Unit> {
  declare private readonly unit: U;
  /** Significand: value = n / 10^scale. */
  readonly n: bigint;
  /** Decimal places of the significand, >= 0. */
  readonly scale: number;

  constructor(n: bigint, scale: number) {
    this.n = n;
    this.scale = scale;
  }

  plus(o: Exact<U>): Exact<U> {
    if (this.scale === o.scale) return new Exact(this.n + o.n, this.scale);
    return this.scale > o.scale
      ? new Exact(this.n + o.n * power(this.scale - o.scale), this.scale)
      : new Exact(this.n * power(o.scale - this.scale) + o.n, o.scale);
  }

  minus(o: Exact<U>): Exact<U> {
    if (this.scale === o.scale) return new Exact(this.n - o.n, this.scale);
    return this.scale > o.scale
      ? new Exact(this.n - o.n * power(this.scale - o.scale), this.scale)
      : new Exact(this.n * power(o.scale - this.scale) - o.n, o.scale);
  }

  neg(): Exact<U> {
    return new Exact(-this.n, this.scale);
  }

  abs(): Exact<U> {
    return this.n < 0n ? this.neg() : this;
  }

  /** Product with a dimensionless rate, exact; scales add. */
  times(rate: Rate): Exact<U> {
    return new Exact(this.n * rate.n, this.scale + rate.scale);
  }

  /** -1, 0 or 1 as this is below, equal to or above `o`. Relational operators on objects are banned. */
  cmp(o: Exact<U>): -1 | 0 | 1 {
    const scale = this.scale > o.scale ? this.scale : o.scale;
    const a = this.scale === scale ? this.n : this.n * power(scale - this.scale);
    const b = o.scale === scale ? o.n : o.n * power(scale - o.scale);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  lt(o: Exact<U>): boolean {
    return this.cmp(o) < 0;
  }

  lte(o: Exact<U>): boolean {
    return this.cmp(o) <= 0;
  }

  eq(o: Exact<U>): boolean {
    return this.cmp(o) === 0;
  }

  isZero(): boolean {
    return this.n === 0n;
  }

  /** Strictly below 0. */
  isNegative(): boolean {
    return this.n < 0n;
  }

  /** Strictly above 0. */
  isPositive(): boolean {
    return this.n > 0n;
  }

  /** Plain decimal text without exponent and without trailing zeros: the same for equal values. */
  toString(): string {
    const digits = (this.n < 0n ? -this.n : this.n).toString().padStart(this.scale + 1, '0');
    const whole = digits.slice(0, digits.length - this.scale);
    const part = digits.slice(digits.length - this.scale).replace(/0+$/, '');
    return `${this.n < 0n ? '-' : ''}${whole}${part === '' ? '' : `.${part}`}`;
  }

  toJSON(): string {
    return this.toString();
  }

  /** A float64 within two roundings (relative 2^-52), without a detour over text: for screens only. */
  approxF64(): number {
    return this.scale <= 22 ? Number(this.n) / TENS[this.scale]! : this.toNumber();
  }

  /** The nearest float64: one rounding. For screens and published numbers, never for money. */
  toNumber(): number {
    if (this.scale <= 22 && this.n < 9007199254740992n && this.n > -9007199254740992n) {
      return Number(this.n) / TENS[this.scale]!; // both operands exact, so this is one IEEE rounding
    }
    return Number(this.toString());
  }
}

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Reads decimal text.
 *
 * @param text  `-12.50`, `1e-7`; no spaces, no thousands separators
 * @throws RangeError when the text is no decimal number
 */
export function parse<U extends Unit>(_unit: U, text: string): Exact<U> {
  const m = DECIMAL.exec(text);
  if (m === null) throw new RangeError(`not a decimal number: ${JSON.stringify(text)}`);
  const part = m[3] ?? '';
  const n = BigInt(m[2]! + part) * (m[1] === '-' ? -1n : 1n);
  const scale = part.length - Number(m[4] ?? 0);
  return scale >= 0 ? new Exact(n, scale) : new Exact(n * power(-scale), 0);
}

export const price = (text: string): Price => parse('price', text);
export const qty = (text: string): Qty => parse('qty', text);
export const money = (text: string): Money => parse('money', text);
export const rate = (text: string): Rate => parse('rate', text);

export const ZERO_MONEY: Money = new Exact(0n, 0);
export const ZERO_QTY: Qty = new Exact(0n, 0);
export const ZERO_PRICE: Price = new Exact(0n, 0);
export const ZERO_RATE: Rate = new Exact(0n, 0);
export const ONE: Rate = new Exact(1n, 0);

/**
 * The published number that a float64 carries: its shortest decimal text, exactly.
 *
 * @throws RangeError when `f64` is not finite
 */
export function carried<U extends Unit>(unit: U, f64: number): Exact<U> {
  if (!Number.isFinite(f64)) throw new RangeError(`not a finite number: ${f64}`);
  return parse(unit, String(f64));
}

/** n steps of a size: price ticks, quantity lots. `n` is a whole number below 2^53. */
export function steps<U extends Unit>(n: number, step: Exact<U>): Exact<U> {
  if (!Number.isSafeInteger(n)) throw new RangeError(`not a whole number of steps: ${n}`);
  return new Exact(BigInt(n) * step.n, step.scale);
}

/** qty * price: the value of a linear quantity. Exact. */
export function value(q: Qty, p: Price): Money {
  return new Exact(q.n * p.n, q.scale + p.scale);
}

/** qty * money per unit (a face value, a cumulative funding sum). Exact. */
export function perUnit(q: Qty, each: Money): Money {
  return new Exact(q.n * each.n, q.scale + each.scale);
}

/** price * rate product of any two exact amounts, in the unit named by the caller. Exact. */
export function product<U extends Unit>(_unit: U, a: Exact<Unit>, b: Exact<Unit>): Exact<U> {
  return new Exact(a.n * b.n, a.scale + b.scale);
}

/** The same number seen as another unit; for the few places where dimensions really change. */
export function as<U extends Unit>(_unit: U, a: Exact<Unit>): Exact<U> {
  return new Exact(a.n, a.scale);
}

/** Integer quotient with a direction; `b` not 0. */
function divide(a: bigint, b: bigint, toward: Direction): bigint {
  if (b < 0n) {
    a = -a;
    b = -b;
  }
  let q = a / b;
  let r = a % b;
  if (r === 0n) return q;
  if (r < 0n) {
    q -= 1n; // now q is the floor and 0 < r < b
    r += b;
  }
  if (toward === 'down') return q;
  if (toward === 'up') return q + 1n;
  const twice = r * 2n;
  return twice > b || (twice === b && q % 2n !== 0n) ? q + 1n : q;
}

/**
 * a / b, born with a scale and a direction.
 *
 * @param scale   decimal places of the result, >= 0
 * @throws RangeError when `b` is zero
 */
export function quotient<U extends Unit>(
  _unit: U,
  a: Exact<Unit>,
  b: Exact<Unit>,
  scale: number,
  toward: Direction,
): Exact<U> {
  if (b.n === 0n) throw new RangeError('division by zero');
  const shift = scale + b.scale - a.scale;
  return shift >= 0
    ? new Exact(divide(a.n * power(shift), b.n, toward), scale)
    : new Exact(divide(a.n, b.n * power(-shift), toward), scale);
}

/** `a` with at most `scale` decimal places; the cut goes in the stated direction. */
export function cut<U extends Unit>(a: Exact<U>, scale: number, toward: Direction): Exact<U> {
  if (a.scale <= scale) return a;
  return new Exact(divide(a.n, power(a.scale - scale), toward), scale);
}

/** The multiple of `step` (> 0) at or beside `a`, in the stated direction. */
export function toStep<U extends Unit>(a: Exact<U>, step: Exact<U>, toward: Direction): Exact<U> {
  return new Exact(wholeSteps(a, step, toward) * step.n, step.scale);
}

/** How many whole steps `a` is, in the stated direction. */
export function wholeSteps<U extends Unit>(a: Exact<U>, step: Exact<U>, toward: Direction): bigint {
  const scale = a.scale > step.scale ? a.scale : step.scale;
  return divide(a.n * power(scale - a.scale), step.n * power(scale - step.scale), toward);
}

/** Significand of `a` at a scale; exact. @throws RangeError when digits would be lost */
export function scaled(a: Exact<Unit>, scale: number): bigint {
  if (a.scale <= scale) return a.n * power(scale - a.scale);
  const unit = power(a.scale - scale);
  if (a.n % unit !== 0n) throw new RangeError(`${a} has more than ${scale} decimal places`);
  return a.n / unit;
}

/** The amount with a significand and a scale: the reverse of `scaled`. */
export function unscaled<U extends Unit>(_unit: U, n: bigint, scale: number): Exact<U> {
  return new Exact(n, scale);
}

export const min = <U extends Unit>(a: Exact<U>, b: Exact<U>): Exact<U> => (b.lt(a) ? b : a);
export const max = <U extends Unit>(a: Exact<U>, b: Exact<U>): Exact<U> => (a.lt(b) ? b : a);

/** Exact sum; 0 of an empty list. */
export function sum<U extends Unit>(list: Iterable<Exact<U>>): Exact<U> {
  let total = new Exact<U>(0n, 0);
  for (const a of list) total = total.plus(a);
  return total;
}
