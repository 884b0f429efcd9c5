/** Amounts by account number against a plain map: the same digits, whatever was put, overwritten or never put. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Money, unscaled } from '../../../src/basics/exact.ts';
import { AmountTable } from '../../../src/ledger/amountTable.ts';

const same = (a: Money | undefined, b: Money | undefined): void => {
  assert.equal(a?.n, b?.n);
  assert.equal(a?.scale, b?.scale);
};

test('it is a map from numbers to amounts, digit for digit', () => {
  const put = fc.record({
    account: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 2 ** 32 - 2 })),
    n: fc.oneof(fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }), fc.bigInt({ min: -100n, max: 100n })),
    scale: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 300 })),
  });
  fc.assert(
    fc.property(fc.array(put, { maxLength: 200 }), (puts) => {
      const table = new AmountTable<'money'>();
      const map = new Map<number, Money>();
      for (const { account, n, scale } of puts) {
        const amount = unscaled('money', n, scale);
        table.put(account, amount);
        map.set(account, amount);
      }
      for (const account of [...map.keys(), ...puts.map((p) => p.account ^ 1), 0])
        same(table.get(account), map.get(account));
      assert.deepEqual(new Set(table.numbers()), new Set(map.keys()));
    }),
  );
});

test('the largest and the smallest 64-bit significand, and one beyond each', () => {
  const table = new AmountTable<'money'>();
  const edges = [2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n].map((n) =>
    unscaled('money', n, 8),
  );
  for (const [account, amount] of edges.entries()) table.put(account, amount);
  for (const [account, amount] of edges.entries()) same(table.get(account), amount);
  for (const [account, amount] of edges.toReversed().entries()) table.put(account, amount); // wide becomes narrow
  for (const [account, amount] of edges.toReversed().entries()) same(table.get(account), amount);
});
