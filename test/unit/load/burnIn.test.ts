/** Candles of the days before in short buckets, and recorded open interest beside them: small files by hand. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDuckDb, sqlText } from '../../../src/basics/duckdb.ts';
import { ReplayError } from '../../../src/basics/errors.ts';
import { parseInstant } from '../../../src/basics/instant.ts';
import { loadShortBars } from '../../../src/load/dailyBars.ts';
import { loadInterestBefore } from '../../../src/load/interestBefore.ts';
import type { BurnInBar, StreamSpec } from '../../../src/rules/facts.ts';
import { readScenario } from '../../../src/study/scenario.ts';
import { inverseMarket, linearMarket } from '../../support/tinyWorld.ts';
import { folder as scenarios, SOUND, written } from '../study/soundScenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'burn-in-'));
after(() => rmSync(folder, { recursive: true }));
const HOUR = 3_600_000_000;
const START = parseInstant('2021-05-18T00:00Z');

/** Rows of numbers as a Parquet file. */
async function write(path: string, columns: string, rows: readonly (readonly number[])[]): Promise<string> {
  const instance = await openDuckDb();
  const db = await instance.connect();
  const list = rows.map((row) => `(${row.map((x) => `${x}::DOUBLE`).join(', ')})`).join(', ');
  await db.run(
    `COPY (SELECT * REPLACE (ts::BIGINT AS ts) FROM (VALUES ${list}) AS t(${columns})) TO ${sqlText(path)} (FORMAT parquet)`,
  );
  db.closeSync();
  instance.closeSync();
  return path;
}
const CANDLE = 'ts, open, high, low, close, volume';
const atMinute = (minute: number): number => START / 1000 + minute * 60_000;
const options = (path: string) => ({
  path,
  columns: { time: 'ts' },
  filter: {},
  timeUnit: 'ms' as const,
  fromUs: START,
  untilUs: START + 4 * HOUR,
  dataDir: folder,
  folder,
});

test('minutes become hours: highs, lows, volume, and the mean price by volume', async () => {
  const path = await write(join(folder, 'minutes.parquet'), CANDLE, [
    [atMinute(0), 100, 110, 90, 104, 30], // (100 + 110 + 90 + 104) / 4 = 101
    [atMinute(30), 104, 108, 100, 100, 10], // 103
    [atMinute(60), 100, 100, 96, 96, 0],
    [atMinute(90), 96, 96, 96, 96, 0],
    [atMinute(180), 90, 92, 88, 90, 7], // the only one of its hour: half of two is enough
  ]);
  const bar = (hour: number, [open, high, low, close, volume, average]: readonly number[]) => ({
    tsUs: START + hour * HOUR,
    ...{ open, high, low, close, volume, average },
  });
  assert.deepEqual(await loadShortBars(options(path), HOUR), [
    bar(0, [100, 110, 90, 100, 40, 101.5]), // (30 * 101 + 10 * 103) / 40
    bar(1, [100, 100, 96, 96, 0, 96]), // nothing traded: the close
    bar(3, [90, 92, 88, 90, 7, 90]),
  ]);
});

test('candles longer than the bucket are refused', async () => {
  const hour = (n: number) => [atMinute(60 * n), 100, 101, 99, 100, 5];
  const path = await write(join(folder, 'hours.parquet'), CANDLE, [hour(0), hour(1), hour(3)]);
  assert.equal((await loadShortBars(options(path), HOUR)).length, 3);
  await assert.rejects(
    loadShortBars(options(path), HOUR / 4),
    (error: unknown) => error instanceof ReplayError && error.code === 'SCENARIO_INVALID',
  );
});

const bars = [0, 1, 2].map(
  (hour): BurnInBar => ({
    tsUs: START + hour * HOUR,
    ...{ open: 100, high: 100, low: 100, close: 100 * 2 ** hour, volume: 1, average: 100 },
  }),
);
const stream = (path: string, qtyUnit: StreamSpec['qtyUnit']): StreamSpec => ({
  id: 'interest',
  market: 'BTCUSDT',
  kind: 'openInterest',
  role: 'none',
  name: '',
  path,
  columns: { time: 'ts' },
  filter: {},
  timeUnit: 'ms',
  intervalUs: 0,
  quote: 'USDT',
  qtyUnit,
  tick: '',
  accept: [],
  source: 'ours',
});
const wanted = { market: linearMarket(), bars, bucketUs: HOUR, dataDir: folder, folder };

test('open interest at the end of each bar; in quote units it is divided by the price', async () => {
  // before the first bar, at the end of the second, in the third
  const rows = [
    [atMinute(-60), 800],
    [atMinute(120), 900],
    [atMinute(150), 1000],
  ];
  const path = await write(join(folder, 'interest.parquet'), 'ts, "openInterest"', rows);
  assert.deepEqual(await loadInterestBefore(stream(path, 'base'), wanted), [800, 900, 1000]);
  // closes 100, 200, 400
  assert.deepEqual(await loadInterestBefore(stream(path, 'quote'), wanted), [8, 4.5, 2.5]);
  const inverse = { ...wanted, market: inverseMarket() };
  assert.deepEqual(await loadInterestBefore(stream(path, 'contracts'), inverse), [800, 900, 1000]);
  assert.deepEqual(await loadInterestBefore(stream(path, 'base'), inverse), [80_000, 180_000, 400_000]);
});

test('a series that does not cover the bars is not used, and a broken one is refused', async () => {
  const write2 = (name: string, rows: number[][]) => write(join(folder, name), 'ts, "openInterest"', rows);
  const late = await write2('late.parquet', [[atMinute(61), 800]]);
  assert.equal(await loadInterestBefore(stream(late, 'base'), wanted), null);
  const old = await write2('old.parquet', [[atMinute(-47 * 60), 800]]); // 48 h old at the end of the first
  assert.equal(await loadInterestBefore(stream(old, 'base'), wanted), null);
  const only = { ...wanted, bars: bars.slice(0, 1) };
  assert.deepEqual(await loadInterestBefore(stream(old, 'base'), only), [800]);
  const broken = await write2('broken.parquet', [[atMinute(-60), -1]]);
  await assert.rejects(
    loadInterestBefore(stream(broken, 'base'), wanted),
    (error: unknown) => error instanceof ReplayError && error.code === 'DATA_SCHEMA' && error.place.row === 1,
  );
});

test('a scenario that asks for hours gets them beside the days; without asking there are none', async () => {
  const hours = Array.from({ length: 36 }, (_, n) => [atMinute(60 * n), 100, 101, 99, 100, 5]);
  await write(join(scenarios, 'hours.parquet'), CANDLE, hours);
  const before = (extra: string): string => {
    const own = `      path: hours.parquet\n      columns: { time: ts }\n${extra}`;
    return written(SOUND.replace(/ {6}bars:\n.*\n/, own));
  };
  const { facts } = await readScenario(before('      bucket: 1h\n'));
  // the window begins at noon of the 19th: the daily candles end at midnight, the hours with the window
  assert.equal(facts.before.BTCUSDT!.length, 1);
  const found = facts.burnIn!.BTCUSDT!;
  assert.deepEqual([found.bucketUs, found.bars.length, found.openInterest], [HOUR, 36, null]);
  assert.equal((await readScenario(before(''))).facts.burnIn, undefined);
  for (const [bucket, path] of [
    ['7m', 'facts.before.BTCUSDT.bucket'],
    ['1m', 'facts.before.BTCUSDT.bucket'],
    ['2d', 'facts.before.BTCUSDT.bucket'],
  ]) {
    await assert.rejects(
      readScenario(before(`      bucket: ${bucket}\n`)),
      (error: unknown) =>
        error instanceof ReplayError && error.code === 'SCENARIO_INVALID' && error.place.path === path,
    );
  }
  await assert.rejects(
    readScenario(written(SOUND.replace('      bars:', '      bucket: 1h\n      bars:'))),
    (error: unknown) => error instanceof ReplayError && error.code === 'SCENARIO_INVALID',
  );
});
