/** Black-Scholes against a textbook, parity, an independent integral, and the normal distribution against decimal.js. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { price, rate } from '../../../src/basics/exact.ts';
import { normalCdf } from '../../../src/basics/normal.ts';
import { blackScholes, optionDelta, optionPrice, type OptionTerms } from '../../../src/margin/optionValue.ts';
import { CALL, DAY_US } from '../../support/pools.ts';

const D = Decimal.clone({ precision: 50 });
const terms = (over: Partial<OptionTerms> = {}): OptionTerms => ({
  kind: 'option',
  underlying: 'BTC',
  expiryUs: 365 * DAY_US,
  right: 'call',
  strike: price('40000'),
  volatility: rate('0.8'),
  premium: 'quote',
  ...over,
});

/** N(x) = 1/2 + phi(x) (x + x^3/3 + x^5/15 + ...): a convergent series, summed in 50 digits. */
function oracle(x: number): Decimal {
  const z = new D(x);
  let [term, total] = [z, z];
  for (let k = 3; term.abs().gt(1e-45); k += 2) {
    term = term.times(z).times(z).div(k);
    total = total.plus(term);
  }
  const phi = z
    .times(z)
    .div(-2)
    .exp()
    .div(new D(2).times(D.acos(-1)).sqrt());
  return total.times(phi).plus(0.5);
}

test('the normal distribution function is within 1e-15', () => {
  assert.equal(normalCdf(0), 0.5);
  fc.assert(
    fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (x) => {
      const off = oracle(x).minus(normalCdf(x)).abs();
      assert.ok(off.lt(1e-15), `N(${x}) = ${normalCdf(x)} is off by ${off}`);
    }),
    { numRuns: 2_000 },
  );
});

test('a textbook example: Hull, S = 42, K = 40, r = 10 %, v = 20 %, half a year: call 4.76, put 0.81', () => {
  // interest is 0 here: the strike is discounted instead, 40 e^-0.05 = 38.0492
  const half = { expiryUs: (365 / 2) * DAY_US, strike: price('38.0492'), volatility: rate('0.2') };
  const at = { index: price('42'), nowUs: 0 };
  assert.equal(blackScholes(terms(half), at).toFixed(2), '4.76');
  assert.equal(blackScholes(terms({ ...half, right: 'put' }), at).toFixed(2), '0.81');
});

test('call less put is index less strike, and neither is below what exercising gives', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 200_000 }),
      fc.integer({ min: 1_000, max: 200_000 }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 300 }),
      (s, k, days, vol) => {
        const own = {
          expiryUs: days * DAY_US,
          strike: price(String(k)),
          volatility: rate(String(vol / 100)),
        };
        const at = { index: price(String(s)), nowUs: 0 };
        const call = blackScholes(terms(own), at);
        const put = blackScholes(terms({ ...own, right: 'put' }), at);
        assert.ok(Math.abs(call - put - (s - k)) < 1e-9 * (s + k));
        assert.ok(call >= Math.max(0, s - k) - 1e-9 * s && put >= Math.max(0, k - s) - 1e-9 * k);
        assert.ok(call <= s && put <= k);
      },
    ),
  );
});

test('the value equals the expected payoff under a lognormal index, integrated', () => {
  const [s, k, vol, years] = [40_000, 44_000, 0.8, 30 / 365];
  const spread = vol * Math.sqrt(years);
  let total = 0;
  const step = 1e-3;
  for (let z = -10; z < 10; z += step) {
    const mid = z + step / 2;
    const end = s * Math.exp(spread * mid - (spread * spread) / 2);
    total += (Math.max(0, end - k) * Math.exp((-mid * mid) / 2) * step) / Math.sqrt(2 * Math.PI);
  }
  const got = blackScholes(terms({ expiryUs: 30 * DAY_US, strike: price('44000') }), {
    index: price('40000'),
    nowUs: 0,
  });
  assert.ok(Math.abs(got - total) < 0.01, `${got} against ${total}`);
});

test('prices are cut to the tick; at expiry an option is worth what exercising gives', () => {
  const option = CALL.derived as OptionTerms;
  const at = { index: price('40000'), nowUs: 0 };
  // at the money: S (2 N(v sqrt T / 2) - 1) with v sqrt T = 0.8 x sqrt(30 / 365) = 0.22935: 2 N(0.11467) - 1 = 0.091297
  assert.match(optionPrice(CALL, option, at).toString(), /^3651\.\d\d$/);
  assert.equal(
    optionPrice({ ...CALL, priceTick: price('0.0005') }, { ...option, premium: 'coin' }, at).toString(),
    '0.0915',
  );
  const ended = { index: price('41000.5'), nowUs: option.expiryUs };
  assert.equal(optionPrice(CALL, option, ended).toString(), '1000.5');
  assert.equal(optionDelta(option, ended), 1);
  assert.equal(optionDelta({ ...option, right: 'put' }, ended), 0);
});

test('delta is the slope of the value', () => {
  for (const right of ['call', 'put'] as const) {
    const option = terms({ right, expiryUs: 60 * DAY_US });
    const value = (s: number) => blackScholes(option, { index: price(String(s)), nowUs: 0 });
    const slope = (value(42_001) - value(41_999)) / 2;
    const got = optionDelta(option, { index: price('42000'), nowUs: 0 });
    assert.ok(Math.abs(slope - got) < 1e-6, `${right}: ${got} against ${slope}`);
  }
});
