/** `cascade stress` from flags to files: baseline beside stressed, the shock told wherever the result speaks. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
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
