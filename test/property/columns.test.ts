/** Sets of bits and columns of exact amounts against a plain set and a plain list. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Bits } from '../../src/basics/bits.ts';
import { ExactColumn } from '../../src/basics/columns.ts';
import { unscaled } from '../../src/basics/exact.ts';

/** Around the ends of a word and of two. */
const EDGES = [64n, 127n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits, -(2n ** bits), -(2n ** bits) - 1n]);

test('a column gives back the digits that it was given', () => {
  const n = fc.oneof(
    fc.bigInt({ min: -(2n ** 130n), max: 2n ** 130n }),
    fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }),
    fc.constantFrom(0n, -1n, ...EDGES),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(n, fc.nat({ max: 260 })), { maxLength: 150 }), (list) => {
      const column = new ExactColumn<'money'>();
      for (const [digits, scale] of list) column.push(unscaled('money', digits, scale));
      for (const [row, [digits, scale]] of list.entries()) {
        assert.equal(column.at(row).n, digits);
        assert.equal(column.at(row).scale, scale);
      }
    }),
  );
});

test('bits are a set of numbers, and sets are united without counting one twice', () => {
  const numbers = fc.array(fc.nat({ max: 500 }));
  fc.assert(
    fc.property(fc.nat({ max: 200 }), fc.array(numbers, { maxLength: 4 }), (room, lists) => {
      const sets = lists.map((list) => {
        const bits = new Bits(room);
        for (const n of list) bits.add(n);
        return bits;
      });
      for (const [i, list] of lists.entries())
        for (let n = 0; n < 520; n++) assert.equal(sets[i]!.has(n), list.includes(n));
      assert.equal(Bits.united(sets), new Set(lists.flat()).size);
    }),
  );
});
