/** The search on conditions that are known: one flip, several, none, downwards, in whole numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rate } from '../../../../src/basics/exact.ts';
import { type Found, search } from '../../../../src/study/frontier/search.ts';

interface Asked {
  readonly from: string;
  readonly to: string;
  readonly tolerance?: string;
  readonly grid?: number;
  readonly met: (x: number) => boolean;
}

async function searched(o: Asked): Promise<Found<number> & { asked: string[] }> {
  const asked: string[] = [];
  const found = await search(
    {
      from: rate(o.from),
      to: rate(o.to),
      tolerance: o.tolerance === undefined ? null : rate(o.tolerance),
      grid: o.grid ?? 5,
      cuts: 4,
    },
    async (values) => {
      asked.push(...values);
      return values.map((value) => ({ met: o.met(Number(value)), found: Number(value) }));
    },
  );
  return { ...found, asked };
}

const flipsOf = ({ flips }: Found<number>): [number, number][] =>
  flips.map(({ before, after }) => [Number(before.value), Number(after.value)]);

test('one flip is bracketed as narrowly as asked', async () => {
  const found = await searched({ from: '1', to: '2', tolerance: '0.001', met: (x) => x > 1.3333 });
  // a grid of five: 1, 1.25, 1.5, 1.75, 2; then 1.25 .. 1.5 in fifths: 1.30 .. 1.35; then 1.33 .. 1.34,
  // 1.332 .. 1.334, and with a thousandth the last two thousandths apart
  assert.deepEqual(flipsOf(found), [[1.333, 1.334]]);
  assert.equal(found.coarseFlips, 1);
  assert.equal(new Set(found.asked).size, found.asked.length, 'no value is asked for twice');
});

test('the tolerance is a hundredth of the range where none is stated', async () => {
  const [[before, after]] = flipsOf(await searched({ from: '0', to: '50', met: (x) => x > 17.3 })) as [
    [number, number],
  ];
  assert.ok(before <= 17.3 && 17.3 < after && after - before <= 0.5, `${before} ${after}`);
});

test('a way downwards finds the first value that breaks from its beginning', async () => {
  const found = await searched({ from: '100', to: '0', tolerance: '1', met: (x) => x < 41.5 });
  assert.deepEqual(flipsOf(found), [[42, 41]]);
  assert.deepEqual([found.probes[0]!.value, found.probes.at(-1)!.value], ['100', '0']);
  assert.ok(
    found.asked.every((value) => /^\d+$/.test(value)),
    'whole numbers stay whole',
  );
});

test('a condition that flips thrice is told thrice, each interval as narrow as asked', async () => {
  const met = (x: number): boolean => (x > 2 && x < 4) || x > 7;
  const found = await searched({ from: '0', to: '10', tolerance: '0.1', grid: 11, met });
  assert.equal(found.coarseFlips, 3);
  assert.deepEqual(flipsOf(found), [
    [2, 2.1],
    [3.9, 4],
    [7, 7.1],
  ]);
});

test('what a coarse grid cannot see is not claimed: a narrow island between its points', async () => {
  const found = await searched({ from: '0', to: '10', grid: 3, met: (x) => x > 1 && x < 2 });
  assert.equal(found.flips.length, 0);
});

test('an empty range and a tolerance of nothing are refused', async () => {
  await assert.rejects(searched({ from: '1', to: '1.0', met: () => true }), RangeError);
  await assert.rejects(searched({ from: '1', to: '2', tolerance: '0', met: () => true }), RangeError);
});
