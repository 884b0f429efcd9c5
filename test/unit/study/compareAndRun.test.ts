/** What a run sums by SQL over its rows and a comparison row by row as they pass must agree. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDuckDb } from '../../../src/basics/duckdb.ts';
import { CENTRAL } from '../../../src/study/compare/draws.ts';
import { runJob } from '../../../src/study/compare/job.ts';
import type { WorldFigures } from '../../../src/study/compare/metrics.ts';
import { cascade } from '../../support/cli.ts';
import { TINY, tinyScenario } from '../../support/tinyScenario.ts';

const MORE = 'rules.markets.*.tiers.*.maintenanceRate*=1.5';

test('trader cost, partly liquidated and first touch of a run are those of a comparison', async (t) => {
  const crowded = TINY.replace('accounts: 60', 'accounts: 400').replace('BTCUSDT: 100 }', 'BTCUSDT: 2000 }');
  const { scenario, folder, out, flags } = await tinyScenario(t, crowded);
  const { draws } = await runJob({
    scenario,
    read: { overrides: [], dataDir: folder },
    dataDir: folder,
    cacheDir: join(folder, 'cache'),
    candidates: [{ name: 'more', overrides: [MORE] }],
    entry: 'keep',
    feedback: true,
    draws: [{ number: 0, cell: CENTRAL.name, seed: '7', overrides: [] }],
  });
  const ran = await cascade('run', ...flags, '--seed', '7', '--override', MORE, '--baseline', '--json');
  assert.equal(ran.exit, 0, ran.err);
  const place = JSON.parse(ran.out) as { folder: string };
  assert.ok(place.folder.startsWith(out));
  const instance = await openDuckDb({ path: join(place.folder, 'results.duckdb') });
  const connection = await instance.connect();
  const rows = (
    await connection.runAndReadAll(`SELECT sum(value_f64) FILTER (name = 'traderCost'),
      max(value_f64) FILTER (name = 'firstTouchShare' AND side = 'long'),
      max(value_f64) FILTER (name = 'partialRate' AND side = 'long')
      FROM metrics WHERE bucket = '' GROUP BY world ORDER BY world`)
  ).getRows() as [number, number, number][];
  connection.closeSync();
  instance.closeSync();
  // a run's worlds: the baseline, the candidate without feedback, with it
  for (const [world, row] of rows.entries()) {
    const { figures } = draws[0]!.worlds.find(
      ({ candidate, feedback }) => candidate === (world === 0 ? -1 : 0) && feedback === (world === 2),
    )!;
    const names: (keyof WorldFigures)[] = ['traderCost', 'firstTouchLong', 'partialRate'];
    for (const [i, name] of names.entries()) {
      const [theirs, ours] = [row[i]!, figures[name]!];
      const about = 1e-9 * Math.max(1, Math.abs(ours));
      assert.ok(Math.abs(theirs - ours) <= about, `world ${world}, ${name}: ${theirs}, not ${ours}`);
    }
    assert.ok(figures.firstTouchLong! > 0 && figures.firstTouchLong! < 1);
  }
});
