/** The arithmetic behind a sweep's page: fronts, ranks and bins worked by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draw } from '../../../src/basics/draw.ts';
import { binned, median, paretoFront, rankCorrelation } from '../../../src/report/sweep/stats.ts';

test('the front: nobody is at least as good in everything and better in something', () => {
  const objectives = [
    { name: 'loss', better: 'lower' },
    { name: 'use', better: 'higher' },
  ] as const;
  const points = [
    { loss: 1, use: 1 }, // least loss
    { loss: 2, use: 3 }, // most use for that loss
    { loss: 2, use: 2 }, // beaten by the second
    { loss: 3, use: 3 }, // beaten by the second, equal use
    { loss: 2, use: 3 }, // equal to the second: neither beats the other
    { loss: null, use: 9 }, // says nothing
  ];
  assert.deepEqual(paretoFront(points, objectives), [0, 1, 4]);
});

test('the front of drawn points in two and three objectives is that of every pair compared', () => {
  const names = ['a', 'b', 'c'] as const;
  for (let seed = 0; seed < 200; seed++) {
    const value = (i: number, k: number): number => Math.floor(draw(seed, i, k) * (3 + (seed % 7)));
    const points = Array.from({ length: 40 }, (_, i) => ({ a: value(i, 0), b: value(i, 1), c: value(i, 2) }));
    for (const used of [names, names.slice(0, 2)]) {
      const beaten = (p: (typeof points)[number]): boolean =>
        points.some((q) => used.every((n) => q[n] <= p[n]) && used.some((n) => q[n] < p[n]));
      const slow = [...points.keys()].filter((i) => !beaten(points[i]!));
      const objectives = used.map((name) => ({ name, better: 'lower' as const }));
      assert.deepEqual(paretoFront(points, objectives), slow, `seed ${seed}, ${used.length} objectives`);
    }
  }
});

test('rank correlation: 1, -1, ties, and nothing where nothing moves', () => {
  assert.equal(rankCorrelation([1, 2, 3], [10, 20, 900]), 1);
  assert.equal(rankCorrelation([1, 2, 3], [3, 2, 1]), -1);
  // ranks 1 2 3 4 and 1.5 1.5 3 4: deviations -1.5 -.5 .5 1.5 and -1 -1 .5 1.5; sum of products 4.5,
  // squares 5 and 4.5: 4.5 / sqrt(22.5) = 0.948683
  assert.ok(Math.abs(rankCorrelation([1, 2, 3, 4], [7, 7, 8, 9])! - 0.948683) < 1e-6);
  assert.equal(rankCorrelation([1, 1, 1], [1, 2, 3]), null);
  assert.equal(rankCorrelation([1, 2], [1, 2]), null);
});

test('medians leave out what does not exist', () => {
  assert.equal(median([3, null, 1, 2]), 2);
  assert.equal(median([4, 1]), 2.5);
  assert.equal(median([null]), null);
});

test('few values are bins of their own in order of size; many become five of equal number', () => {
  assert.deepEqual(binned(['10', '9', '10']), { labels: ['9', '10'], bins: [1, 0, 1] });
  assert.deepEqual(binned(['b', 'a']), { labels: ['b', 'a'], bins: [0, 1] });
  const many = Array.from({ length: 20 }, (_, i) => String(i));
  const { labels, bins } = binned(many);
  assert.deepEqual(labels, ['0 to 3', '4 to 7', '8 to 11', '12 to 15', '16 to 19']);
  assert.deepEqual([bins[0], bins[4], bins[19]], [0, 1, 4]);
});
