/** A sweep through Redis: the bytes of the local one, though a worker and Redis itself are killed on the way. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { QUEUE, redisParts } from '../../../../src/study/sweep/redisQueue.ts';
import { failure } from '../../../../src/study/sweep/shardTask.ts';
import { cascade } from '../../../support/cli.ts';
import { freePort, NO_REDIS, startRedis } from '../../../support/redis.ts';
import { ROOT } from '../../../support/sources.ts';
import { placedEnsemble } from '../../../support/tinyEnsemble.ts';
import { tinyScenario } from '../../../support/tinyScenario.ts';
import { resultDigest, SWEEP, tinySweep } from '../../../support/tinySweep.ts';

const START = `const { mainProcess } = await import('${join(ROOT, 'src/cli/main.ts')}'); await mainProcess();`;

function startWorker(t: TestContext, folder: string, url: string, data = folder): ChildProcess {
  const args = ['worker', '--redis', url, '--data', data, '--cache', join(folder, 'cache'), '--workers', '1'];
  const given = ['--input-type=module', '-e', START, '--', 'cascade', ...args];
  const worker = spawn(process.execPath, given, { stdio: 'ignore' });
  t.after(() => void worker.kill('SIGKILL'));
  return worker;
}

test('killed workers and a killed Redis lose and double nothing', { skip: NO_REDIS }, async (t) => {
  const tiny = await tinyScenario(t);
  placedEnsemble(tiny);
  const members = SWEEP.replace('seeds: [1, 2]', 'ensemble: ensemble.json');
  const local = await cascade(...tinySweep(tiny, 'local', members), '--workers', '1');
  assert.equal(local.exit, 0, local.err);
  const redis = await startRedis(tiny.folder);
  t.after(redis.stop);
  const first = startWorker(t, tiny.folder, redis.url);
  const sweep = cascade(...tinySweep(tiny, 'far', members), '--redis', redis.url);
  const shards = (): number =>
    readdirSync(join(tiny.folder, 'far'), { recursive: true, encoding: 'utf8' }).filter((f) =>
      f.endsWith('.json'),
    ).length;
  for (
    let k = 0;
    k < 600 &&
    !(await sleep(100)
      .then(() => shards() > 0)
      .catch(() => false));
    k++
  );
  first.kill('SIGKILL'); // in the middle of the second shard
  await redis.killAndRestart();
  startWorker(t, tiny.folder, redis.url);
  const { exit, out, err } = await sweep;
  assert.equal(exit, 0, err);
  assert.match(out, /12 worlds: 6 points, 2 seeds, 6 passes/);
  assert.deepEqual(resultDigest(tiny, 'far'), resultDigest(tiny, 'local'));
});

test('a worker with other data refuses, and the sweep says so', { skip: NO_REDIS }, async (t) => {
  const tiny = await tinyScenario(t);
  const other = await tinyScenario(t);
  const { CANDLE_COLUMNS, writeRows } = await import('../../../support/parquet.ts');
  const { candles } = await import('../../../support/tinyScenario.ts');
  await writeRows(join(other.folder, 'spot.parquet'), CANDLE_COLUMNS, candles(16));
  const redis = await startRedis(tiny.folder);
  t.after(redis.stop);
  startWorker(t, other.folder, redis.url);
  const { exit, err } = await cascade(...tinySweep(tiny, 'far'), '--redis', redis.url);
  assert.equal(exit, 3, err);
  assert.match(
    err,
    /^RESULT_MISMATCH: worker on \S+: another scenario, rules or data than those of the sweep/,
  );
});

test('a disk that refuses is told as one, and our own failures are not', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    syscall: 'write',
    path: '/d/f',
  });
  const told = failure(full);
  assert.ok('failed' in told);
  assert.deepEqual([told.failed.code, told.failed.place], ['RESULT_STORE', { file: '/d/f' }]);
  assert.match(told.failed.message, /ENOSPC/);
  assert.throws(() => failure(new TypeError('x is not a function')), /x is not a function/);
});

test('a worker without data says so, with its name', { skip: NO_REDIS }, async (t) => {
  const tiny = await tinyScenario(t);
  const [own, bare] = [join(tiny.folder, 'own'), join(tiny.folder, 'bare')];
  for (const folder of [own, bare]) mkdirSync(folder);
  renameSync(join(tiny.folder, 'spot.parquet'), join(own, 'spot.parquet'));
  const redis = await startRedis(tiny.folder);
  t.after(redis.stop);
  startWorker(t, bare, redis.url);
  const missing = await cascade(...tinySweep(tiny, 'far'), '--data', own, '--redis', redis.url);
  assert.equal(missing.exit, 2, missing.err);
  assert.match(missing.err, /^DATA_MISSING: worker on \S+: .*spot\.parquet/m);
  assert.deepEqual(
    readdirSync(join(tiny.folder, 'far')).filter((name) => !name.endsWith('.shards')),
    [],
  );
});

test('a sweep that nobody works on says so', { skip: NO_REDIS }, async (t) => {
  const tiny = await tinyScenario(t);
  const redis = await startRedis(tiny.folder);
  t.after(redis.stop);
  const sweep = cascade(...tinySweep(tiny, 'far'), '--redis', redis.url);
  await sleep(6000);
  startWorker(t, tiny.folder, redis.url);
  const { exit, err } = await sweep;
  assert.equal(exit, 0);
  assert.match(err, /no worker is connected: start one with cascade worker --redis URL/);
});

test('a job of other sources is refused by name, and computed by nobody', { skip: NO_REDIS }, async (t) => {
  const tiny = await tinyScenario(t);
  const redis = await startRedis(tiny.folder);
  t.after(redis.stop);
  const { bullmq, connect } = await redisParts(redis.url, () => {});
  const connection = connect();
  const queue = new bullmq.Queue(QUEUE, { connection });
  t.after(async () => {
    await queue.close();
    connection.disconnect();
  });
  const stage = {
    scenario: tiny.scenario,
    overrides: [],
    shocks: [],
    feedback: false,
    dataDir: '',
    cacheDir: '',
  };
  const job = { key: 'k', base: 'b', stage, points: [] };
  await queue.add('shard', { job, code: 'of another build', packaged: null }, { jobId: 'k' });
  startWorker(t, tiny.folder, redis.url);
  let value: unknown = null;
  for (let k = 0; k < 300 && (value === null || value === undefined); k++) {
    await sleep(100);
    value = (await queue.getJob('k'))?.returnvalue;
  }
  const { failed } = value as { failed: { code: string; message: string } };
  assert.equal(failed.code, 'RESULT_MISMATCH');
  assert.match(failed.message, /^worker on \S+: other sources \(.+\) than those of the sweep/);
});

test('no Redis, and no URL, are coded errors', async (t) => {
  const tiny = await tinyScenario(t);
  const port = await freePort();
  for (const args of [tinySweep(tiny, 'none'), ['worker']]) {
    const nobody = await cascade(...args, '--redis', `redis://127.0.0.1:${port}`);
    assert.equal(nobody.exit, 74, nobody.err);
    assert.match(nobody.err, /^RESULT_STORE: Redis does not answer: .*ECONNREFUSED/);
    const wrong = await cascade(...args, '--redis', 'localhost');
    assert.equal(wrong.exit, 2, wrong.err);
    assert.match(wrong.err, /^SCENARIO_INVALID: not a Redis URL: localhost/);
  }
});
