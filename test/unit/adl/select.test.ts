/** Who closes how much: shares, remainders, skips; by hand and by property. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Candidate, type Selection, selectCloses } from '../../../src/adl/select.ts';

/** Candidates as [lots, score]; equal scores are ties. */
const select = (
  list: readonly (readonly [number, number])[],
  lots: number,
  over: { ties?: 'proRata' | 'byId'; skip?: readonly number[] } = {},
): Selection =>
  selectCloses({
    queue: list.map(([held, scoreF64], row): Candidate => ({ row, lots: held, scoreF64 })),
    lots,
    ties: over.ties ?? 'proRata',
    isTie: (a, b) => a.scoreF64 === b.scoreF64,
    isEligible: (row) => !(over.skip ?? []).includes(row),
  });
const closes = (s: Selection): number[][] => s.closes.map((c) => [c.row, c.lots, c.rank]);

test('one after the other, the last in part', () => {
  const s = select(
    [
      [10, 9],
      [10, 8],
      [10, 7],
    ],
    15,
  );
  assert.deepEqual(closes(s), [
    [0, 10, 1],
    [1, 5, 2],
  ]);
  assert.deepEqual([s.covered, s.skipped], [15, 0]);
});

test('nobody beyond the need is looked at', () => {
  const looked: number[] = [];
  selectCloses({
    queue: [9, 8, 7].map((scoreF64, row) => ({ row, lots: 10, scoreF64 })),
    lots: 10,
    ties: 'proRata',
    isTie: () => false,
    isEligible: (row) => looked.push(row) > 0,
  });
  assert.deepEqual(looked, [0]);
});

test('equal scores share pro rata: 7 of 10 + 20 + 3 are 2.12, 4.24, 0.64 -> 2, 4, 1', () => {
  assert.deepEqual(
    closes(
      select(
        [
          [10, 1],
          [20, 1],
          [3, 1],
        ],
        7,
      ),
    ),
    [
      [0, 2, 1],
      [1, 4, 2],
      [2, 1, 3],
    ],
  );
});

test('equal remainders go to the lower number: 1 of 5 + 5', () => {
  assert.deepEqual(
    closes(
      select(
        [
          [5, 1],
          [5, 1],
        ],
        1,
      ),
    ),
    [[0, 1, 1]],
  );
});

test('equal scores by number', () => {
  assert.deepEqual(
    closes(
      select(
        [
          [10, 1],
          [20, 1],
          [3, 1],
        ],
        12,
        { ties: 'byId' },
      ),
    ),
    [
      [0, 10, 1],
      [1, 2, 2],
    ],
  );
});

test('who is not eligible is skipped and counted, and does not share', () => {
  const s = select(
    [
      [10, 2],
      [10, 1],
      [10, 1],
      [10, 1],
    ],
    20,
    { skip: [0, 2] },
  );
  assert.deepEqual(closes(s), [
    [1, 10, 2],
    [3, 10, 4],
  ]);
  assert.equal(s.skipped, 2);
});

test('too few winners: everybody is closed and the rest is uncovered', () => {
  const s = select(
    [
      [10, 2],
      [5, 1],
    ],
    100,
  );
  assert.deepEqual(
    [closes(s), s.covered],
    [
      [
        [0, 10, 1],
        [1, 5, 2],
      ],
      15,
    ],
  );
});

test('a part of a tie is its share to within one lot, never more than is held, and they sum up', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (held, share) => {
        const total = held.reduce((a, b) => a + b, 0);
        const wanted = Math.max(1, Math.floor(total * share));
        const s = select(
          held.map((lots) => [lots, 1]),
          wanted,
        );
        assert.equal(s.covered, wanted);
        assert.equal(
          s.closes.reduce((sum, c) => sum + c.lots, 0),
          wanted,
        );
        for (const c of s.closes) {
          assert.ok(c.lots <= held[c.row]!);
          assert.ok(Math.abs(c.lots - (wanted * held[c.row]!) / total) < 1 + 1e-6);
        }
      },
    ),
  );
});
