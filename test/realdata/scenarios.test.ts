/**
 * Every scenario that needs recorded data, from file to report: nothing in the run fails its own
 * verification, and the lows of the perpetual are those of the data, hour by hour, to the tick.
 * Without reruns: they repeat the same path under other assumptions and would multiply the time.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDuckDb, rowsOf, sqlText } from '../../src/basics/duckdb.ts';
import { HOUR_US } from '../../src/basics/instant.ts';
import { measure } from '../../src/measure/measure.ts';
import { readRun } from '../../src/results/manifest.ts';
import { verifyRun } from '../../src/results/verifyRun.ts';
import type { StreamSpec } from '../../src/rules/facts.ts';
import { type RunSummary, runScenario } from '../../src/study/run.ts';
import { NO_SHARED_DATA, SHARED_DATA } from '../support/facts.ts';

const SCENARIOS = [
  '2020-03-12-xbtusd',
  '2020-03-12-btcusdt',
  '2021-05-19-btcusdt',
  '2021-05-19-btc-eth-cross',
  '2021-05-19-xbtusd',
  '2024-08-08-ticks',
  '2022-06-13-btcusdt',
  '2022-06-13-okx-btcusdt',
  '2025-10-10-btcusdt',
];
const REPORT_BYTES_MAX = 2_000_000;
const folder = mkdtempSync(join(tmpdir(), 'cascade-scenarios-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (name: string): string => join(import.meta.dirname, '../../scenarios', `${name}.yaml`);

const run = (name: string): Promise<RunSummary> =>
  runScenario({
    scenario: fileOf(name),
    overrides: [],
    baseline: false,
    dataDir: SHARED_DATA,
    outDir: folder,
    workers: 0,
    reruns: false,
    allowNotInForce: false,
    cacheDir: join(folder, 'frames'),
    onProgress: () => {},
  });

for (const name of SCENARIOS) {
  test(`${name} runs, verifies, and has the lows of its data`, { skip: NO_SHARED_DATA }, async () => {
    const summary = await run(name);
    const lines = await verifyRun(summary.folder, measure);
    assert.ok(lines.length > 30, `${lines.length} checks`);
    assert.deepEqual(
      lines.filter((line) => !line.ok),
      [],
    );
    const bytes = statSync(summary.reportPath).size;
    assert.ok(bytes > 100_000 && bytes < REPORT_BYTES_MAX, `report.html has ${bytes} bytes`);
    const { facts } = readRun(summary.folder).facts.scenario;
    const window = { fromUs: facts.fromUs, untilUs: facts.untilUs };
    for (const stream of facts.streams.filter((s) => s.role === 'perp' && s.kind !== 'bookTop')) {
      const ours = await storedLows(summary.folder, stream.market!, window);
      assert.deepEqual(ours, await recordedLows(stream, window), stream.id);
    }
    assert.deepEqual(await withoutOurs(summary.folder), []);
    if (name === '2021-05-19-btc-eth-cross') await assertSeveralLost(summary);
  });
}

interface Window {
  readonly fromUs: number;
  readonly untilUs: number;
}

/** Lowest trade of each hour by the run's own rows: the end of a beat belongs to the hour before it. */
async function storedLows(run: string, market: string, { fromUs }: Window): Promise<[number, number][]> {
  return lowsOf(
    `SELECT ${fromUs}::BIGINT AS fromUs, (ts_us - 1) // ${HOUR_US} * ${HOUR_US} AS hour, min(low)::DOUBLE AS low
       FROM read_parquet(${sqlText(join(run, 'tables/beats.parquet'))})
      WHERE world = 0 AND market = ${sqlText(market)} GROUP BY ALL ORDER BY hour`,
  );
}

/** The same from the data file, by SQL alone. */
async function recordedLows(stream: StreamSpec, { fromUs, untilUs }: Window): Promise<[number, number][]> {
  const time = stream.columns.time ?? 'time';
  const low = stream.kind === 'trades' ? 'price' : 'low';
  const filter = Object.entries(stream.filter).map(([column, value]) => `AND ${column} = ${sqlText(value)}`);
  return lowsOf(
    `SELECT ${time} * 1000 // ${HOUR_US} * ${HOUR_US} AS hour, min(${low})::DOUBLE AS low
       FROM read_parquet(${sqlText(join(SHARED_DATA, stream.path))})
      WHERE ${time} * 1000 >= ${fromUs} AND ${time} * 1000 < ${untilUs} ${filter.join(' ')}
      GROUP BY hour ORDER BY hour`,
  );
}

async function lowsOf(sql: string): Promise<[number, number][]> {
  const instance = await openDuckDb();
  try {
    const rows = await rowsOf<{ hour: bigint; low: number }>(await instance.connect(), sql);
    return rows.map((r) => [Number(r.hour), r.low]);
  } finally {
    instance.closeSync();
  }
}

/** Published figures that have none of ours beside them: nobody liquidated is 0, not nothing. */
async function withoutOurs(run: string): Promise<string[]> {
  const instance = await openDuckDb();
  const rows = await rowsOf<{ what: string }>(
    await instance.connect(),
    `SELECT what FROM read_parquet(${sqlText(join(run, 'tables/reconciliation.parquet'))})
      WHERE coalesce(ours, '') = ''`,
  );
  instance.closeSync();
  return rows.map((row) => row.what);
}

/** One wallet, two markets: a fall of both must cost somebody both positions in one beat. */
async function assertSeveralLost({ folder: of }: RunSummary): Promise<void> {
  const instance = await openDuckDb();
  const rows = await rowsOf<{ value: number }>(
    await instance.connect(),
    `SELECT value::DOUBLE AS value FROM read_parquet(${sqlText(join(of, 'tables/metrics.parquet'))})
      WHERE world = 0 AND name = 'multiLossAccounts' AND bucket = '' AND coalesce(market, '') = ''`,
  );
  instance.closeSync();
  assert.ok((rows[0]?.value ?? 0) > 0, JSON.stringify(rows));
}
