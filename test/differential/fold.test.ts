/** The fold of trades, and the same said in SQL: one GROUP BY over whole lots. Both give one digest. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from '../../src/basics/digest.ts';
import { openDuckDb, rowsOf, sqlText } from '../../src/basics/duckdb.ts';
import { loadFrames } from '../../src/load/loadFrames.ts';
import { factsOf, stream } from '../support/facts.ts';
import { freshFolder, writeQuery } from '../support/parquet.ts';

const ROWS = 200_000;
const BEATS = 1800;

/** A day's worth of uneven trades by integer arithmetic only: the same file on every machine. */
const TRADES = `
  SELECT 1584007200000000 + (i * 8999 + (i * 7919) % 8000)::BIGINT AS time,
         (400000 + (i * 37) % 2003 - (i * i) % 311) / 10.0 AS price,
         (1 + (i * 104729) % 5000) / 1000.0 AS qty,
         CASE WHEN (i * 31) % 7 < 3 THEN 'buy' ELSE 'sell' END AS side
    FROM range(${ROWS}) t(i) WHERE (i // 1000) % 9 <> 4`;

const GROUPED = (path: string) => `
  WITH rows AS (
    SELECT (time - 1584007200000000) // 1000000 AS beat, time, file_row_number AS n,
           round(price * 10)::BIGINT AS tick, round(qty * 1000)::BIGINT AS lot, side
      FROM read_parquet(${sqlText(path)}, file_row_number = true))
  SELECT beat::INTEGER AS beat, arg_max(tick, (time, n))::DOUBLE AS last,
         max(tick)::DOUBLE AS high, min(tick)::DOUBLE AS low,
         sum(lot)::DOUBLE AS lots, sum(tick * lot)::DOUBLE AS ticklots,
         sum(CASE WHEN side = 'buy' THEN lot ELSE 0 END)::DOUBLE AS buys, count(*)::DOUBLE AS n
    FROM rows WHERE beat < ${BEATS} GROUP BY beat ORDER BY beat`;

test('the fold and one SQL GROUP BY give one digest', async (t) => {
  const dir = freshFolder(t);
  const path = await writeQuery(join(dir, 'trades.parquet'), TRADES);
  const facts = factsOf('2020-03-12T10:00Z', '2020-03-12T10:30Z', [
    stream({ kind: 'trades', intervalUs: 0, path: 'trades.parquet' }),
  ]);
  const frames = await loadFrames(facts, {
    dataDir: dir,
    folder: dir,
    timing: 'common',
    seed: '',
    cacheDir: '',
  });
  const own = frames.markets.get('BTCUSDT')!;
  const folded = [...Array(BEATS).keys()]
    .filter((beat) => own.trades[beat]! > 0)
    .map((b) => [
      b,
      own.lastTicks[b],
      own.highTicks[b],
      own.lowTicks[b],
      own.lots[b],
      own.tickLots[b],
      own.buyLots[b],
      own.trades[b],
    ]);

  const instance = await openDuckDb();
  const grouped = await rowsOf<Record<string, number>>(await instance.connect(), GROUPED(path));
  instance.closeSync();
  const expected = grouped.map((row) =>
    ['beat', 'last', 'high', 'low', 'lots', 'ticklots', 'buys', 'n'].map((name) => row[name]),
  );

  assert.ok(expected.length > 1000 && expected.length < BEATS, 'busy beats and empty ones');
  assert.deepEqual(folded.slice(0, 3), expected.slice(0, 3));
  assert.equal(sha256(JSON.stringify(folded)), sha256(JSON.stringify(expected)));
  for (let beat = 1; beat < BEATS; beat++) {
    if (own.trades[beat]! > 0) continue;
    assert.deepEqual(
      [own.lastTicks[beat], own.highTicks[beat], own.lowTicks[beat]],
      Array(3).fill(own.lastTicks[beat - 1]),
    );
  }
});
