/** When a path reaches a level, by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketsOf } from '../../../src/population/buckets.ts';
import { reachOf } from '../../../src/population/lifetimes.ts';

/** Beats of a minute, five a bucket: nothing, 1000 down to 900, back to 980, then 850, a last bucket of two beats. */
const lastTicks = Float64Array.of(Number.NaN, 1000, 950, 900, 950, 980, 960, 970, 980, 980, 880, 850);
const buckets = bucketsOf(
  { startUs: 0, beatUs: 60_000_000, markets: { M: { lots: lastTicks.map(() => 1), lastTicks } } },
  'M',
);

test('a long that is there from the start is reached by the first bucket with so low a price', () => {
  const { fromStart } = reachOf(buckets, 1);
  assert.deepEqual([1000, 900, 899, 850, 849, 0].map(fromStart), [0, 0, 2, 2, Infinity, Infinity]);
});

test('a short is reached from below', () => {
  const { fromStart, from } = reachOf(buckets, -1);
  assert.deepEqual([980, 1000, 1001, 0].map(fromStart), [0, 0, Infinity, Infinity]);
  // opened in beat 3 at 900: 980 is printed in beat 5, the second bucket; 1000 never again
  assert.deepEqual(
    [950, 980, 1000].map((level) => from({ bucket: 0, beat: 3 }, level)),
    [0, 1, Infinity],
  );
});

test('a newcomer sees only what comes after its beat', () => {
  const { from } = reachOf(buckets, 1);
  // opened in beat 4 at 950: the 900 of beat 3 is past, 960 is above 950, 880 comes in the third bucket
  assert.deepEqual(
    [900, 850, 840].map((level) => from({ bucket: 0, beat: 4 }, level)),
    [2, 2, Infinity],
  );
  assert.equal(from({ bucket: 0, beat: 2 }, 900), 0);
});
