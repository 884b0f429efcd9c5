/** What a forced order pays: its own kick, and that of those before it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FillInputs, fillPriceTicks, lotsWithinLimit } from '../../../src/impact/fillPrice.ts';

const sell: FillInputs = { prevLastTicks: 100000, lambda: 1e-4, lotsBefore: 0, lots: 200, taker: 'sell' };

test('an order pays half of its own kick, to the tick against it', () => {
  // 100000 e^-0.01 = 99004.98, 100000 e^0.01 = 101005.02
  assert.equal(fillPriceTicks(sell), 99004);
  assert.equal(fillPriceTicks({ ...sell, taker: 'buy' }), 101006);
  // without impact, or without lots, exactly the price before
  assert.equal(fillPriceTicks({ ...sell, lambda: 0 }), 100000);
  assert.equal(fillPriceTicks({ ...sell, lots: 0, taker: 'buy' }), 100000);
});

test('an order pays the whole kick of those before it', () => {
  // e^-(0.01 + 0.01) * 100000 = 98019.87
  assert.equal(fillPriceTicks({ ...sell, lotsBefore: 100 }), 98019);
});

test('a price never falls below one tick', () => {
  assert.equal(fillPriceTicks({ ...sell, lambda: 1 }), 1);
});

test('how many lots a limit lets through', () => {
  // 100000 e^(-0.0001 q / 2) >= 99500 up to q = 2e4 ln(100000 / 99500) = 100.25; rounding down a tick
  // at q = 100: 99501.25 -> 99501, at q = 101: 99496
  assert.equal(lotsWithinLimit({ ...sell, limitTicks: 99500 }), 100);
  assert.equal(lotsWithinLimit({ ...sell, limitTicks: 99004 }), 200);
  assert.equal(lotsWithinLimit({ ...sell, limitTicks: 100001 }), 0);
  assert.equal(lotsWithinLimit({ ...sell, taker: 'buy', limitTicks: 99999 }), 0);
  assert.equal(lotsWithinLimit({ ...sell, taker: 'buy', limitTicks: 100000 }), 0);
  assert.equal(lotsWithinLimit({ ...sell, lambda: 0, limitTicks: 100000 }), 200);
});

test('one lot more would break the limit', () => {
  const inputs = fc.record({
    prevLastTicks: fc.integer({ min: 1000, max: 1e7 }),
    lambda: fc.double({ min: 1e-9, max: 1e-3, noNaN: true }),
    lotsBefore: fc.integer({ min: 0, max: 1000 }),
    lots: fc.integer({ min: 1, max: 100000 }),
    taker: fc.constantFrom('buy', 'sell') as fc.Arbitrary<'buy' | 'sell'>,
    share: fc.double({ min: 0, max: 0.2, noNaN: true }),
  });
  fc.assert(
    fc.property(inputs, ({ share, ...order }) => {
      const limitTicks = Math.round(order.prevLastTicks * (order.taker === 'buy' ? 1 + share : 1 - share));
      const within = (lots: number) => {
        const fill = fillPriceTicks({ ...order, lots });
        return order.taker === 'buy' ? fill <= limitTicks : fill >= limitTicks;
      };
      const lots = lotsWithinLimit({ ...order, limitTicks });
      assert.ok(lots === 0 || within(lots));
      assert.ok(lots === order.lots || !within(lots + 1));
    }),
    { numRuns: 500 },
  );
});
