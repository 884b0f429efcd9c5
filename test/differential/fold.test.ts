/** The fold of trades, and the same said in SQL: one GROUP BY over whole lots. Both give one digest. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from '../../src/basics/digest.ts';
import { type DuckDBConnection, openDuckDb, rowsOf, sqlText } from '../../src/basics/duckdb.ts';
import { framesDigest } from '../../src/clock/frameCache.ts';
import type { Frames } from '../../src/clock/frames.ts';
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

const GROUPED = (path: string, beats = BEATS) => `
  WITH rows AS (
    SELECT (time - 1584007200000000) // 1000000 AS beat, time, file_row_number AS n,
           round(price * 10)::BIGINT AS tick, round(qty * 1000)::BIGINT AS lot, side
      FROM read_parquet(${sqlText(path)}, file_row_number = true))
  SELECT beat::INTEGER AS beat, arg_max(tick, (time, n))::DOUBLE AS last,
         max(tick)::DOUBLE AS high, min(tick)::DOUBLE AS low,
         sum(lot)::DOUBLE AS lots, sum(tick * lot)::DOUBLE AS ticklots,
         sum(CASE WHEN side = 'buy' THEN lot ELSE 0 END)::DOUBLE AS buys, count(*)::DOUBLE AS n
    FROM rows WHERE beat < ${beats} GROUP BY beat ORDER BY beat`;

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
  const folded = foldedRows(frames);
  const instance = await openDuckDb();
  const expected = await groupedRows(await instance.connect(), GROUPED(path));
  instance.closeSync();
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

/** Busy beats as the fold has them. */
function foldedRows(frames: Frames): (number | undefined)[][] {
  const own = frames.markets.get('BTCUSDT')!;
  const { lastTicks, highTicks, lowTicks, lots, tickLots, buyLots, trades } = own;
  const columns = [lastTicks, highTicks, lowTicks, lots, tickLots, buyLots, trades];
  return [...Array(frames.beats).keys()]
    .filter((beat) => trades[beat]! > 0)
    .map((beat) => [beat, ...columns.map((column) => column[beat])]);
}

/** The same by SQL. */
async function groupedRows(db: DuckDBConnection, sql: string): Promise<(number | undefined)[][]> {
  const names = ['beat', 'last', 'high', 'low', 'lots', 'ticklots', 'buys', 'n'];
  const rows = await rowsOf<Record<string, number>>(db, sql);
  return rows.map((row) => names.map((name) => row[name]));
}

/** Two minutes of trades drawn by whole-number arithmetic from a seed: several rows a beat share their instant. */
const drawnTrades = (seed: number): string => `
  SELECT 1584007200000000 + (i * 120000000 // n)::BIGINT // 1000 * 1000 AS time,
         (400000 + (i * ${7 + (seed % 91)} * 37) % 1499 - (i * i + ${seed}) % 711) / 10.0 AS price,
         (1 + (i * ${104729 + seed}) % 4999) / 1000.0 AS qty,
         CASE WHEN (i * 31 + ${seed}) % 7 < 3 THEN 'buy' ELSE 'sell' END AS side
    FROM (SELECT i, ${40 + ((seed * 7919) % 900)} AS n FROM range(${40 + ((seed * 7919) % 900)}) t(i))
   WHERE (i // ${5 + (seed % 13)}) % ${3 + (seed % 5)} <> 1`;

test('200 drawn tapes: fold, SQL, and frames from the cache give one digest each', async (t) => {
  const dir = freshFolder(t);
  const cacheDir = join(dir, 'cache');
  const instance = await openDuckDb();
  const db = await instance.connect();
  const seen = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const path = join(dir, `${seed}.parquet`);
    await db.run(`COPY (${drawnTrades(seed)}) TO ${sqlText(path)} (FORMAT parquet)`);
    const facts = factsOf('2020-03-12T10:00Z', '2020-03-12T10:02Z', [
      stream({ kind: 'trades', intervalUs: 0, path: `${seed}.parquet`, accept: ['outliers'] }),
    ]);
    const options = { dataDir: dir, folder: dir, timing: 'common', seed: '', cacheDir } as const;
    const fresh = await loadFrames(facts, options);
    const cached = await loadFrames(facts, options);
    assert.equal(framesDigest(cached), framesDigest(fresh), `seed ${seed}: fresh and cached`);
    assert.deepEqual(
      foldedRows(fresh),
      await groupedRows(db, GROUPED(path, 120)),
      `seed ${seed}: fold and SQL`,
    );
    seen.add(framesDigest(fresh));
  }
  instance.closeSync();
  assert.equal(seen.size, 200, 'no two tapes are alike');
});
