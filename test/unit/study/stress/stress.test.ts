/** `cascade stress` from flags to files: baseline beside stressed, the shock told wherever the result speaks. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDuckDb } from '../../../../src/basics/duckdb.ts';
import { cascade } from '../../../support/cli.ts';
import { tinyScenario } from '../../../support/tinyScenario.ts';

test('the day as recorded, stressed, and stressed with feedback, in one result', async (t) => {
  const tiny = await tinyScenario(t);
  const flags = tiny.flags.filter((flag) => flag !== '--no-reruns');
  const { exit, out } = await cascade('stress', ...flags, '--shock', 'depth=3', '--shock', 'liquidity=0.3');
  assert.equal(exit, 0, out);
  assert.match(out, /Not what happened: the day under depth=3, then liquidity=0\.3/);
  assert.match(out, /as recorded[\s\S]+stressed, without feedback[\s\S]+stressed, with feedback/);
  const folder = join(tiny.out, 'tiny+stress');
  const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
  const { worlds } = run.facts;
  assert.deepEqual(
    worlds.map((w: { assumptions: { shocks?: string[] } }) => w.assumptions.shocks ?? []),
    [[], ['depth=3', 'liquidity=0.3'], ['depth=3', 'liquidity=0.3']],
  );
  const low = (world: number): number => Number(run.headline[`${world}|lastLow|BTCUSDT|||price`]);
  assert.equal(low(0), 37_790); // the tenth candle: 42,000 - 9 * 420 - 430
  // (37,790 / 42,000)^3 = 0.728426: 30,593.9 from 42,000; the first beat's close lies a few ticks off
  assert.ok(Math.abs(low(1) - 30_593.9) < 20, String(low(1)));
  assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), /liquidity=0\.3/);
  assert.equal((await cascade('verify', folder)).exit, 0);
});

test('each world has its hazard profile, with the branching ratio of its own path', async (t) => {
  const tiny = await tinyScenario(t);
  const flags = tiny.flags.filter((flag) => flag !== '--no-reruns');
  const { exit, err } = await cascade('stress', ...flags, '--shock', 'depth=3');
  assert.equal(exit, 0, err);
  const instance = await openDuckDb({ path: join(tiny.out, 'tiny+stress', 'results.duckdb') });
  const connection = await instance.connect();
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
  // the same accounts stand at the same first mark under the same rules
  const profiles = await ask(
    'SELECT sum(pockets)::INTEGER, sum(notional) FROM hazard GROUP BY world ORDER BY world',
  );
  assert.equal(profiles.length, 3);
  assert.ok((profiles[0]![0] as number) > 20);
  assert.deepEqual(profiles, [profiles[0], profiles[0], profiles[0]]);
  // a bucket of longs has a ratio where a mark of this world came below its upper end, and only there
  const reached = await ask(`SELECT h.world::INTEGER, count(*) FILTER (h.branching_f64 IS NOT NULL)::INTEGER,
      count(*) FILTER ((h.branching_f64 IS NOT NULL) <> (low.mark < h.high))::INTEGER
    FROM hazard h JOIN (SELECT world, min(mark)::DOUBLE AS mark FROM beats GROUP BY world) low USING (world)
    WHERE h.side = 'long' GROUP BY h.world ORDER BY h.world`);
  assert.deepEqual(
    reached.map(([world, , wrong]) => [world, wrong]),
    [
      [0, 0],
      [1, 0],
      [2, 0],
    ],
  );
  assert.ok((reached[1]![1] as number) > (reached[0]![1] as number), 'the stressed mark falls deeper');
  connection.closeSync();
  instance.closeSync();
});

test('a shock that cannot be done leaves no result', async (t) => {
  const tiny = await tinyScenario(t);
  const flags = tiny.flags.filter((flag) => flag !== '--no-reruns');
  const none = await cascade('stress', ...flags);
  assert.equal(none.exit, 2);
  assert.match(none.err, /SCENARIO_INVALID: no shock/);
  const unknown = await cascade(
    'stress',
    ...flags,
    '--shock',
    'constituent=binanse@2021-05-19T12:01Z..2021-05-19T12:02Z',
  );
  assert.equal(unknown.exit, 2);
  assert.match(unknown.err, /Did you mean binance\?/);
  assert.equal(existsSync(join(tiny.out, 'tiny+stress')), false);
});
