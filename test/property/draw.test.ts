/** Draws: uniform, unrelated along seed, id and field, and a pure function of the three. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { draw, hashText } from '../../src/basics/draw.ts';

/** Pearson's statistic of counts that should be equal. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((total, c) => total + (c - expected) ** 2 / expected, 0);
}

/** 99.99 % of the distribution with k degrees of freedom (Wilson-Hilferty, z = 3.719). */
const bound = (k: number): number => k * (1 - 2 / (9 * k) + 3.719 * Math.sqrt(2 / (9 * k))) ** 3;

const N = 100_000;

for (const [name, of] of [
  ['ids in a row', (i: number) => draw(hashText('7'), i, hashText('size'))],
  ['fields', (i: number) => draw(hashText('7'), 5, hashText(`field ${i}`))],
  ['seeds', (i: number) => draw(hashText(`seed ${i}`), 5, hashText('size'))],
  ['ids beyond 2^32', (i: number) => draw(hashText('7'), i * 4294967296 + 3, hashText('size'))],
] as const) {
  test(`uniform over ${name}: chi-square of 100 buckets and of the low bits`, () => {
    const counts = new Array<number>(100).fill(0);
    const lowBits = new Array<number>(64).fill(0);
    for (let i = 0; i < N; i++) {
      const x = of(i);
      assert.ok(x >= 0 && x < 1);
      counts[Math.floor(x * 100)]!++;
      lowBits[(x * 9007199254740992) % 64]!++;
    }
    assert.ok(chiSquare(counts) < bound(99), `${chiSquare(counts)} against ${bound(99)}`);
    assert.ok(chiSquare(lowBits) < bound(63), `${chiSquare(lowBits)} against ${bound(63)}`);
  });
}

for (const [name, pair] of [
  ['neighbouring ids', (i: number) => [draw(1, i, 2), draw(1, i + 1, 2)]],
  ['two fields of one id', (i: number) => [draw(1, i, hashText('size')), draw(1, i, hashText('leverage'))]],
  ['two seeds of one id', (i: number) => [draw(hashText('7'), i, 3), draw(hashText('8'), i, 3)]],
] as const) {
  test(`unrelated: ${name}, chi-square of a 10 x 10 table`, () => {
    const counts = new Array<number>(100).fill(0);
    for (let i = 0; i < N; i++) {
      const [x, y] = pair(i) as [number, number];
      counts[Math.floor(x * 10) * 10 + Math.floor(y * 10)]!++;
    }
    assert.ok(chiSquare(counts) < bound(99), `${chiSquare(counts)} against ${bound(99)}`);
  });
}

test('the order of calls does not matter', () => {
  const call = fc.tuple(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.maxSafeNat(),
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  );
  fc.assert(
    fc.property(fc.array(call, { minLength: 2, maxLength: 20 }), (calls) => {
      const forward = calls.map((c) => draw(...c));
      const backward = calls
        .toReversed()
        .map((c) => draw(...c))
        .toReversed();
      assert.deepEqual(forward, backward);
    }),
  );
});

test('no two of 100,000 ids draw alike', () => {
  const seen = new Set<number>();
  for (let i = 0; i < N; i++) seen.add(draw(hashText('7'), i, hashText('size')));
  assert.equal(seen.size, N);
});
