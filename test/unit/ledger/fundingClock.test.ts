/** Funding charged late: the sum over stamps by hand, venue rounding stamp by stamp, and the float screen of it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { money, qty, steps } from '../../../src/basics/exact.ts';
import { FundingClock } from '../../../src/ledger/fundingClock.ts';

const STEP = qty('0.001');

test('each stamp is paid once, from the one after the last that was charged', () => {
  const clock = new FundingClock(null);
  clock.accrue({ long: money('4'), short: money('-3.6') });
  clock.accrue({ long: money('-1'), short: money('1') });
  assert.equal(clock.due('long', qty('2'), 0).toString(), '6'); // 2 x (4 - 1)
  assert.equal(clock.due('long', qty('2'), 1).toString(), '-2');
  assert.equal(clock.due('short', qty('2'), 0).toString(), '-5.2');
  assert.equal(clock.due('short', qty('2'), 2).toString(), '0');
});

test('a venue that rounds does so at each stamp, to even', () => {
  const clock = new FundingClock(2);
  clock.accrue({ long: money('0.005'), short: money('-0.005') });
  clock.accrue({ long: money('0.015'), short: money('-0.015') });
  assert.equal(clock.due('long', qty('1'), 0).toString(), '0.02'); // 0 + 0.02, not 0.02 of one cut
  assert.equal(clock.due('long', qty('3'), 0).toString(), '0.06'); // 0.015 -> 0.02, 0.045 -> 0.04
});

test('the float screen of a payment is the payment, or says that it cannot tell', () => {
  const payment = fc.integer({ min: -9_999_999, max: 9_999_999 });
  fc.assert(
    fc.property(
      fc.constantFrom(null, 2, 8),
      fc.array(payment, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 50_000_000 }),
      fc.boolean(),
      (scale, stamps, lots, long) => {
        const clock = new FundingClock(scale);
        for (const n of stamps) {
          const each = money((n / 1e6).toFixed(6));
          clock.accrue({ long: each, short: each.neg() });
        }
        const exact = clock.due(long ? 'long' : 'short', steps(lots, STEP), 0).toNumber();
        const screened = clock.dueF64(long, lots * STEP.toNumber());
        const size = lots * 0.001 * stamps.reduce((total, n) => total + Math.abs(n) / 1e6, 0);
        assert.ok(Number.isNaN(screened) || Math.abs(screened - exact) <= 1e-12 * (size + 1));
        const plain = lots * STEP.toNumber() * (long ? clock.longF64 : clock.shortF64);
        assert.ok(Math.abs(plain - exact) <= clock.slackF64 + 1e-12 * (size + 1));
      },
    ),
    { numRuns: 500 },
  );
});
