/** Downsampling keeps what a picture shows, in memory and in SQL alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openDuckDb, rowsOf } from '../../../src/basics/duckdb.ts';
import { pack, unpack } from '../../../src/report/charts/pack.ts';
import { m4, m4Sql, type Point } from '../../../src/report/m4.ts';

/** Slow twin: a point stays when it is the first, last, or first lowest or highest of its column. */
function slow(points: readonly Point[], fromUs: number, widthUs: number): Point[] {
  return points.filter((p) => {
    const column = points.filter(
      (q) => Math.floor((q.tsUs - fromUs) / widthUs) === Math.floor((p.tsUs - fromUs) / widthUs),
    );
    const low = Math.min(...column.map((q) => q.value));
    const high = Math.max(...column.map((q) => q.value));
    return [
      column[0],
      column.at(-1),
      column.find((q) => q.value === low),
      column.find((q) => q.value === high),
    ].includes(p);
  });
}

const points = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: -5, max: 5 })), { maxLength: 60 })
  .map((steps) => {
    let at = 0;
    return steps.map(([step, value]) => {
      at += step;
      return { tsUs: at, value };
    });
  });

test('of every column first, last, lowest and highest stay', () => {
  fc.assert(
    fc.property(points, (list) => {
      // 600 us in 20 columns: 30 us each
      assert.deepEqual(m4(list, { fromUs: 0, untilUs: 600, columns: 20 }), slow(list, 0, 30));
    }),
  );
});

test('SQL keeps the same points', async () => {
  const instance = await openDuckDb();
  const connection = await instance.connect();
  await connection.run(
    'CREATE TABLE s AS SELECT (range * 7)::BIGINT AS ts_us, (hash(range) % 11)::DOUBLE AS v FROM range(500)',
  );
  await connection.run('INSERT INTO s VALUES (100000, NULL), (100001, 1.0 / 0.0)');
  const all = await rowsOf<{ t: number; v: number }>(
    connection,
    'SELECT ts_us::DOUBLE AS t, v FROM s WHERE ts_us < 100000 ORDER BY ts_us',
  );
  const columns = { fromUs: 0, untilUs: 3500, columns: 25 };
  const kept = await rowsOf<{ ts: number; v: number }>(connection, m4Sql('SELECT ts_us, v FROM s', columns));
  connection.closeSync();
  instance.closeSync();
  assert.deepEqual(
    kept.map((p) => ({ tsUs: p.ts, value: p.v })),
    slow(
      all.map((p) => ({ tsUs: p.t, value: p.v })),
      0,
      140,
    ),
  );
});

test('packed series come back within a pixel, instants exactly', () => {
  const list = [3_000_000, 4_000_000, 9_000_000].map((tsUs, i) => ({ tsUs, value: [7938.25, -3.5, 0][i]! }));
  const back = unpack(pack({ color: '', points: list }, 2, 1_000_000));
  assert.deepEqual(back, [
    { t: 3000, v: 7938.3, s: 2 },
    { t: 4000, v: -3.5, s: 2 },
    { t: 9000, v: 0, s: 2 },
  ]);
  const uneven = unpack(pack({ color: '', points: [{ tsUs: 1_500_000, value: 0.000123456 }] }, 0, 1_000_000));
  assert.deepEqual(uneven, [{ t: 1500, v: 0.000123456, s: 0 }]);
});
