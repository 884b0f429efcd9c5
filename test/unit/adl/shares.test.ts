/** Policies that take a part of everybody: by hand, by property, and against trying everything. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { SharePolicy } from '../../../src/adl/ranking.ts';
import { planShared } from '../../../src/adl/shareRequests.ts';
import { shareOut } from '../../../src/adl/shares.ts';

const POLICIES: readonly SharePolicy[] = [
  'proRataContracts',
  'proRataProfit',
  'riskWeighted',
  'leverageDrain',
  'minMaxHaircut',
];
type Book = readonly { readonly lots: number; readonly weight: number }[];
const columns = (book: Book) => ({
  lots: Float64Array.from(book, (w) => w.lots),
  scores: Float64Array.from(book, (w) => w.weight),
});
const share = (
  policy: SharePolicy,
  book: readonly (readonly [number, number])[],
  wanted: number,
): number[] => [...shareOut(policy, columns(book.map(([lots, weight]) => ({ lots, weight }))), wanted)];
const winner = fc.record({
  lots: fc.integer({ min: 0, max: 3_000_000 }),
  weight: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 1e9, noNaN: true })),
});
const sum = (list: Iterable<number>): number => [...list].reduce((a, b) => a + b, 0);

test('pro rata in contracts by hand: 7 of 10, 20, 3 are 2.12, 4.24, 0.64', () => {
  assert.deepEqual(
    share(
      'proRataContracts',
      [
        [10, 1],
        [20, 1],
        [3, 1],
      ],
      7,
    ),
    [2, 4, 1],
  );
});

test('pro rata in profit by hand: the same share of everybody, but the small one is closed whole', () => {
  // 100 lots over profits 10, 10, 80 with 50, 5, 200 held. Uncapped t = 1: 10, 10 > 5, 80.
  // The second gives 5; the other 95 go over 90: t = 1.0556: 10.56 and 84.44 -> 10 + 1, 84
  assert.deepEqual(
    share(
      'proRataProfit',
      [
        [50, 10],
        [5, 10],
        [200, 80],
      ],
      100,
    ),
    [11, 5, 84],
  );
});

test('draining by hand: everybody above 4 comes down to 4', () => {
  // 100 lots each at leverage 10, 5 and 2; l = 4: 100 (1 - 4 / 10) = 60, 100 (1 - 4 / 5) = 20, nothing: 80 lots
  const drain = share(
    'leverageDrain',
    [
      [100, 10],
      [100, 5],
      [100, 2],
    ],
    80,
  );
  assert.deepEqual(drain, [60, 20, 0]);
});

test('whole contracts with the smallest largest haircut by hand', () => {
  // haircuts of a lot: 1 / 10, 1 / 4, 1 / 3. The five smallest: 0.1, 0.2, 0.25, 0.3, 1 / 3
  assert.deepEqual(
    share(
      'minMaxHaircut',
      [
        [9, 10],
        [9, 4],
        [9, 3],
      ],
      5,
    ),
    [3, 1, 1],
  );
});

test('who has no profit is asked last, pro rata in contracts', () => {
  for (const policy of ['proRataProfit', 'riskWeighted', 'minMaxHaircut', 'leverageDrain'] as const) {
    assert.deepEqual(
      share(
        policy,
        [
          [5, 0],
          [10, 3],
          [15, 0],
        ],
        14,
      ),
      [1, 10, 3],
    );
  }
});

test('every policy closes exactly what is wanted, never more than a winner holds', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...POLICIES),
      fc.array(winner, { minLength: 1, maxLength: 30 }),
      fc.double({ min: 0, max: 1.2, noNaN: true }),
      (policy, book, part) => {
        const held = sum(book.map((w) => w.lots));
        const wanted = Math.floor(held * part);
        const parts = shareOut(policy, columns(book), wanted);
        assert.equal(sum(parts), Math.min(held, wanted));
        for (const [i, w] of book.entries())
          assert.ok(Number.isInteger(parts[i]) && parts[i]! >= 0 && parts[i]! <= w.lots);
      },
    ),
    { numRuns: 1500 },
  );
});

test('pro rata in contracts is exact to the last lot, also beyond 2^53', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 200_000_000 }), { minLength: 1, maxLength: 8 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (held, part) => {
        const total = sum(held);
        const wanted = Math.floor(total * part);
        const parts = shareOut(
          'proRataContracts',
          columns(held.map((lots) => ({ lots, weight: 1 }))),
          wanted,
        );
        if (total === 0) return;
        const exact = held.map((n) => BigInt(n) * BigInt(wanted));
        const floors = exact.map((n) => Number(n / BigInt(total)));
        const order = [...held.keys()].sort((a, b) => {
          const [x, y] = [exact[a]! % BigInt(total), exact[b]! % BigInt(total)];
          return x === y ? a - b : x > y ? -1 : 1;
        });
        for (const i of order.slice(0, wanted - sum(floors))) floors[i]!++;
        assert.deepEqual([...parts], floors);
      },
    ),
  );
});

test('haircut fractions are equal to within one lot, except where somebody is closed whole', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('proRataProfit' as const, 'riskWeighted' as const),
      fc.array(
        fc.record({
          lots: fc.integer({ min: 1, max: 100_000 }),
          weight: fc.double({ min: 1, max: 1e4, noNaN: true }),
        }),
        { minLength: 2, maxLength: 12 },
      ),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (policy, book, part) => {
        const wanted = Math.floor(sum(book.map((w) => w.lots)) * part);
        const parts = shareOut(policy, columns(book), wanted);
        // the common level lies within one lot of everybody's part who is not capped, and above every cap
        const bounds = book.map((w, i) => [(parts[i]! - 1) / w.weight, (parts[i]! + 1) / w.weight]);
        const free = bounds.filter((_, i) => parts[i]! < book[i]!.lots);
        const low = Math.max(...free.map((b) => b[0]!));
        const high = Math.min(...free.map((b) => b[1]!));
        assert.ok(free.length === 0 || low <= high * (1 + 1e-9), `${low} ${high}`);
        for (const [i, w] of book.entries())
          if (parts[i] === w.lots && free.length > 0) assert.ok((w.lots - 1) / w.weight <= high * (1 + 1e-9));
      },
    ),
    { numRuns: 800 },
  );
});

test('draining leaves a common level: nobody above it, nobody below it was touched', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          lots: fc.integer({ min: 1, max: 100_000 }),
          weight: fc.double({ min: 0.1, max: 100, noNaN: true }),
        }),
        { minLength: 2, maxLength: 12 },
      ),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      (book, part) => {
        const wanted = Math.floor(sum(book.map((w) => w.lots)) * part);
        const parts = shareOut('leverageDrain', columns(book), wanted);
        const after = (i: number, lots: number) => book[i]!.weight * (1 - lots / book[i]!.lots);
        const lowestHigh = Math.min(
          ...book.map((_, i) => (parts[i]! > 0 ? after(i, parts[i]! - 1) : Infinity)),
        );
        const highestLeft = Math.max(...book.map((_, i) => after(i, parts[i]! + 1)));
        assert.ok(highestLeft <= lowestHigh * (1 + 1e-9), `${highestLeft} ${lowestHigh}`);
      },
    ),
    { numRuns: 500 },
  );
});

/** Every way to close `wanted` lots, one list of parts each. */
function* ways(lots: readonly number[], wanted: number): Generator<number[]> {
  if (lots.length === 0) {
    if (wanted === 0) yield [];
    return;
  }
  const [first, ...rest] = lots;
  for (let n = 0; n <= Math.min(first!, wanted); n++)
    for (const others of ways(rest, wanted - n)) yield [n, ...others];
}

test('no way at all, and so no other policy, has a smaller largest haircut: every way tried', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ lots: fc.integer({ min: 1, max: 5 }), weight: fc.integer({ min: 1, max: 40 }) }), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (book, part) => {
        const wanted = Math.floor(sum(book.map((w) => w.lots)) * part);
        const largest = (parts: Iterable<number>) =>
          Math.max(...[...parts].map((n, i) => n / book[i]!.weight));
        const found = largest(shareOut('minMaxHaircut', columns(book), wanted));
        for (const way of ways(
          book.map((w) => w.lots),
          wanted,
        ))
          assert.ok(found <= largest(way) * (1 + 1e-12));
        for (const policy of POLICIES)
          assert.ok(found <= largest(shareOut(policy, columns(book), wanted)) * (1 + 1e-12), policy);
      },
    ),
    { numRuns: 300 },
  );
});

test('requests together: each is covered from winners that its price leaves solvent, as long as they hold enough', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...POLICIES),
      fc.array(
        fc.record({ lots: fc.integer({ min: 1, max: 900 }), weight: fc.integer({ min: 1, max: 50 }) }),
        {
          minLength: 1,
          maxLength: 8,
        },
      ),
      fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 5 }),
      // how bad a price a winner bears, and how bad each request's is
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 8 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 5, maxLength: 5 }),
      (policy, book, wanted, bears, costs) => {
        const plans = planShared({
          policy,
          winners: columns(book),
          wanted,
          isEligible: (k, i) => bears[k]! >= costs[i]!,
        });
        const given = book.map(() => 0);
        for (const [i, plan] of plans.entries()) {
          for (const [k, lots] of plan.parts) {
            assert.ok(lots > 0 && bears[k]! >= costs[i]!);
            given[k]! += lots;
          }
          assert.equal(sum(plan.parts.values()) + plan.left, wanted[i]);
        }
        for (const [k, w] of book.entries()) {
          assert.ok(given[k]! <= w.lots);
          // nobody who could still give is left beside a request that lacks
          for (const [i, plan] of plans.entries())
            assert.ok(plan.left === 0 || given[k] === w.lots || bears[k]! < costs[i]!, `${policy} ${k} ${i}`);
        }
      },
    ),
    { numRuns: 1500 },
  );
});

test('a million winners are shared out in seconds, to the lot', () => {
  const n = 1_000_000;
  const lots = Float64Array.from({ length: n }, (_, i) => 1 + ((i * 7919) % 5000));
  const scores = Float64Array.from({ length: n }, (_, i) => 0.5 + ((i * 104729) % 9973) / 10);
  const wanted = Math.floor(sum(lots) / 3);
  for (const policy of POLICIES) {
    const before = process.cpuUsage().user;
    assert.equal(sum(shareOut(policy, { lots, scores }, wanted)), wanted);
    const seconds = (process.cpuUsage().user - before) / 1e6;
    assert.ok(seconds < 10, `${policy}: ${seconds} s`);
  }
});
