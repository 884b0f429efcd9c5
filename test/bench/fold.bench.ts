/**
 * How fast Parquet becomes frames, as a share of a bare DuckDB scan of the same columns in the same
 * process: ratios hold on shared machines, absolute times do not. One line of JSON.
 *
 *   node test/bench/fold.bench.ts                  20 M rows in 6 streams
 *   BENCH_ROWS=2000000 node test/bench/fold.bench.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDb, rawColumn, sqlText } from '../../src/basics/duckdb.ts';
import { loadFrames } from '../../src/load/loadFrames.ts';
import { factsOf, stream } from '../support/facts.ts';
import { writeQuery } from '../support/parquet.ts';

const ROWS = Number(process.env.BENCH_ROWS ?? 20_000_000);
const DAY_MS = 86_400_000;
/** Half of the rows are the perpetual's, a tenth each of five constituents'. */
const STREAMS = [0.5, 0.1, 0.1, 0.1, 0.1, 0.1].map((share) => Math.round(ROWS * share));

const tradesSql = (rows: number, i: number): string => `
  SELECT 1583971200000000 + (n * ${DAY_MS * 1000}::HUGEINT // ${rows})::BIGINT AS time,
         (400000 + (n * 37 + ${i}) % 2003) / 10.0 AS price, (1 + (n * 104729) % 5000) / 1000.0 AS qty
    FROM range(${rows}) t(n)`;

/** Streams the same columns and looks at nothing. */
async function bareScan(paths: readonly string[]): Promise<number> {
  const instance = await openDuckDb();
  let rows = 0;
  for (const path of paths) {
    const db = await instance.connect();
    const result = await db.stream(`SELECT time::DOUBLE, price, qty FROM read_parquet(${sqlText(path)})`);
    for (let chunk = await result.fetchChunk(); chunk !== null; chunk = await result.fetchChunk()) {
      const count = chunk.rowCount;
      if (count === 0) break;
      for (const column of [0, 1, 2]) rawColumn(chunk, column, count);
      rows += count;
    }
    db.closeSync();
  }
  instance.closeSync();
  return rows;
}

const seconds = async (run: () => Promise<unknown>): Promise<number> => {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start) / 1e9;
};

const folder = mkdtempSync(join(tmpdir(), 'cascade-bench-'));
try {
  const names = STREAMS.map((_, i) => `s${i}.parquet`);
  for (const [i, rows] of STREAMS.entries()) await writeQuery(join(folder, names[i]!), tradesSql(rows, i));
  const streams = names.map((path, i) =>
    stream({
      id: path,
      path,
      kind: 'trades',
      intervalUs: 0,
      tick: '0.1',
      ...(i > 0 ? { role: 'constituent' as const, name: `venue${i}` } : {}),
    }),
  );
  const facts = factsOf('2020-03-12', '2020-03-13', streams);
  const options = { dataDir: folder, folder, timing: 'common', seed: '', cacheDir: '' } as const;
  const cached = { ...options, cacheDir: join(folder, 'cache') };
  await bareScan(names.slice(1, 2).map((name) => join(folder, name))); // compiled code for both sides
  const scanSec = await seconds(() => bareScan(names.map((name) => join(folder, name))));
  const coldSec = await seconds(() => loadFrames(facts, cached)); // hashes the files and writes the cache
  const cacheSec = await seconds(() => loadFrames(facts, cached));
  const other = {
    ...facts,
    outages: [{ fromUs: facts.fromUs, untilUs: facts.untilUs, part: 'feed' as const, source: '' }],
  };
  const foldSec = await seconds(() => loadFrames(other, cached)); // another key, hashes known
  const rate = (sec: number): number => Math.round(ROWS / sec);
  const line = {
    rows: ROWS,
    streams: STREAMS.length,
    rowsPerSec: rate(foldSec),
    bareScanRowsPerSec: rate(scanSec),
    ratio: Number((scanSec / foldSec).toFixed(3)),
    firstRunSec: Number(coldSec.toFixed(3)),
    cachedSec: Number(cacheSec.toFixed(3)),
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
