/** The exact module against decimal.js: identical strings, whatever the operation and direction. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import {
  carried,
  cut,
  type Direction,
  type Exact,
  money,
  parse,
  price,
  product,
  qty,
  quotient,
  rate,
  scaled,
  toStep,
  unscaled,
  value,
  wholeSteps,
} from '../../src/basics/exact.ts';

const D = Decimal.clone({ precision: 200, toExpNeg: -1000, toExpPos: 1000 });
const ROUND: Record<Direction, Decimal.Rounding> = {
  up: Decimal.ROUND_CEIL,
  down: Decimal.ROUND_FLOOR,
  even: Decimal.ROUND_HALF_EVEN,
};
const same = (a: { toString(): string }, b: Decimal, what: string): void => {
  assert.equal(a.toString(), (b.isZero() ? new D(0) : b).toFixed(), what);
};

/** Decimal text of up to 25 digits with up to 18 places, ties and zeros among them. */
const text = fc
  .tuple(
    fc.oneof(
      fc.bigInt(-(10n ** 25n), 10n ** 25n),
      fc.bigInt(-2000n, 2000n),
      fc.constantFrom(0n, 5n, -5n, 25n, 125n),
    ),
    fc.integer({ min: 0, max: 18 }),
  )
  .map(([n, scale]) => {
    const digits = (n < 0n ? -n : n).toString().padStart(scale + 1, '0');
    const whole = digits.slice(0, digits.length - scale);
    return `${n < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
  });
const direction = fc.constantFrom<Direction>('up', 'down', 'even');
const scale = fc.integer({ min: 0, max: 20 });

test('one random operation: the same string as decimal.js', () => {
  fc.assert(
    fc.property(text, text, scale, direction, (x, y, s, d) => {
      const [a, b] = [money(x), money(y)];
      const [u, v] = [new D(x), new D(y)];
      same(a, u, 'read and print');
      same(a.plus(b), u.plus(v), 'plus');
      same(a.minus(b), u.minus(v), 'minus');
      same(a.times(rate(y)), u.times(v), 'times');
      same(product('money', a, b), u.times(v), 'product');
      same(value(qty(x), price(y)), u.times(v), 'value');
      same(a.neg().abs(), u.abs(), 'neg, abs');
      same(cut(a, s, d), u.toDecimalPlaces(s, ROUND[d]), 'cut');
      assert.equal(a.cmp(b), u.cmp(v), 'cmp');
      assert.equal(a.lt(b), u.lt(v));
      assert.equal(a.lte(b), u.lte(v));
      assert.equal(a.eq(b), u.eq(v));
      assert.equal(a.isZero(), u.isZero());
      assert.equal(a.isNegative(), u.lt(0));
      if (!b.isZero()) {
        const whole = u.div(v);
        // 200 digits cannot hide a tie of numbers with 43: what is not finite by then is no tie.
        same(quotient('money', a, b, s, d), whole.toDecimalPlaces(s, ROUND[d]), `quotient ${x} / ${y}`);
        const step = b.abs();
        same(toStep(a, step, d), u.div(v.abs()).toDecimalPlaces(0, ROUND[d]).times(v.abs()), 'toStep');
        assert.equal(
          wholeSteps(a, step, d).toString(),
          u.div(v.abs()).toDecimalPlaces(0, ROUND[d]).plus(0).toFixed().replace(/^-0$/, '0'),
        );
      }
    }),
    { numRuns: 20_000 },
  );
});

test('a chain of operations: the same string at every step', () => {
  const step = fc.tuple(fc.constantFrom('+', '-', '*', '/', 'cut'), text, scale, direction);
  fc.assert(
    fc.property(text, fc.array(step, { minLength: 2, maxLength: 6 }), (start, chain) => {
      let a: Exact<'money'> = money(start);
      let u = new D(start);
      for (const [op, y, s, d] of chain) {
        if (op === '+') [a, u] = [a.plus(money(y)), u.plus(y)];
        else if (op === '-') [a, u] = [a.minus(money(y)), u.minus(y)];
        else if (op === '*')
          [a, u] = [cut(a.times(rate(y)), 20, d), u.times(y).toDecimalPlaces(20, ROUND[d])];
        else if (op === 'cut') [a, u] = [cut(a, s, d), u.toDecimalPlaces(s, ROUND[d])];
        else if (!money(y).isZero())
          [a, u] = [quotient('money', a, money(y), s, d), u.div(y).toDecimalPlaces(s, ROUND[d])];
        same(a, u, `${op} ${y}`);
      }
    }),
    { numRuns: 3_000 },
  );
});

test('toNumber is the nearest float64, in one rounding', () => {
  fc.assert(
    fc.property(text, (x) => {
      assert.equal(money(x).toNumber() + 0, Number(x) + 0);
    }),
    { numRuns: 20_000 },
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), (f64) => {
      assert.equal(parse('rate', new D(f64).toFixed()).toNumber() + 0, f64 + 0);
    }),
    { numRuns: 3_000 },
  );
});

test('a float64 carries a published number of 15 digits and gives it back', () => {
  const published = fc.tuple(fc.bigInt(-(10n ** 15n) + 1n, 10n ** 15n - 1n), fc.integer({ min: 0, max: 20 }));
  fc.assert(
    fc.property(published, ([n, s]) => {
      const exact = unscaled<'price'>('price', n, s);
      assert.equal(carried('price', Number(exact.toString())).toString(), exact.toString());
    }),
    { numRuns: 20_000 },
  );
});

test('a significand comes back at any scale that holds it', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 25 }), (x, s) => {
      const a = money(x);
      const holds = new D(x).decimalPlaces() <= s;
      if (!holds) return assert.throws(() => scaled(a, s), RangeError);
      same(unscaled('money', scaled(a, s), s), new D(x), 'scaled');
    }),
    { numRuns: 5_000 },
  );
});

test('what is no decimal number is refused', () => {
  for (const wrong of [
    '',
    '.',
    '1.2.3',
    '1,000',
    ' 1',
    '1 ',
    '0x10',
    'NaN',
    'Infinity',
    '--1',
    '1e',
    '١',
    '.5',
  ]) {
    assert.throws(() => money(wrong), RangeError, wrong);
  }
  assert.throws(() => carried('price', Number.NaN), RangeError);
  assert.throws(() => quotient('price', money('1'), money('0'), 2, 'up'), RangeError);
  assert.equal(money('1e-7').toString(), '0.0000001');
  assert.equal(money('+1.50e3').toString(), '1500');
  assert.equal(money('-0').toString(), '0');
});
