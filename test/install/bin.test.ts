/** The built program as a process: pipes that close, disks that are full, and Ctrl-C. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/sources.ts';
import { TINY, tinyScenario } from '../support/tinyScenario.ts';

const BIN = join(ROOT, 'bin/cascade.mjs');
const skip = existsSync(join(ROOT, 'dist/cli/main.js')) ? false : 'not built (make build)';

const bin = (...args: readonly string[]) => spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' });

test('run, verify, explain and report of one tiny run', { skip }, async (t) => {
  const tiny = await tinyScenario(t);
  const ran = bin('run', ...tiny.flags);
  assert.deepEqual([ran.status, ran.stderr], [0, '']);
  assert.match(ran.stdout, /\nreport to open: .*report\.html\n$/);
  const folder = join(tiny.out, 'tiny');
  const verified = bin('verify', folder, '--json');
  assert.equal(verified.status, 0, verified.stdout.slice(0, 500));
  assert.equal((JSON.parse(verified.stdout) as { ok: boolean }).ok, true);
  const nobody = bin('explain', folder, 'nobody-of-this-name');
  assert.equal(nobody.status, 2);
  assert.match(nobody.stderr, /^SCENARIO_INVALID: no account nobody-of-this-name/);
  const report = bin('report', folder, '--out', join(tiny.folder, 'again.html'));
  assert.deepEqual([report.status, report.stderr], [0, '']);
  const full = bin('report', folder, '--out', '/dev/full');
  assert.equal(full.status, 74, full.stderr);
  assert.match(full.stderr, /^RESULT_STORE: .*ENOSPC/);
});

test('an unknown command ends with 2, a code and a remedy', { skip }, () => {
  const { status, stdout, stderr } = bin('rpelay');
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /^SCENARIO_INVALID: unknown command 'rpelay'\n {2}\S.*\n$/);
});

test('a reader that goes away is no error; a stdout that is full is one', { skip }, () => {
  const head = spawnSync(
    'bash',
    ['-c', `set -o pipefail; "$0" "$1" rules show binance-usdm@2021-05 | head -1`, process.execPath, BIN],
    {
      encoding: 'utf8',
    },
  );
  assert.deepEqual([head.status, head.stderr], [0, '']);
  const full = spawnSync('bash', ['-c', `"$0" "$1" rules list >/dev/full`, process.execPath, BIN], {
    encoding: 'utf8',
  });
  assert.equal(full.status, 74, full.stderr);
  assert.match(full.stderr, /^RESULT_STORE: .*ENOSPC/);
});

test('a disk that is full leaves no result', { skip }, async (t) => {
  const tiny = await tinyScenario(t);
  // no file of this process may pass 40 kB: what a quota does in the middle of a database
  const script = `trap '' XFSZ; ulimit -f 40; exec "$@"`;
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', script, 'bash', process.execPath, BIN, 'run', ...tiny.flags],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(status, 74, stderr);
  assert.match(stderr, /^RESULT_STORE: /);
  assert.deepEqual(existsSync(tiny.out) ? readdirSync(tiny.out) : [], []);
});

test('Ctrl-C deletes the run in progress and ends with 130', { skip, timeout: 60_000 }, async (t) => {
  const many = TINY.replace('accounts: 60', 'accounts: 60000');
  const tiny = await tinyScenario(t, many);
  const child = spawn(process.execPath, [BIN, 'run', ...tiny.flags], { stdio: 'pipe' });
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  const started = (): boolean => existsSync(join(tiny.out, 'tiny.lock'));
  while (!started() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGINT');
  assert.equal(await ended, 130);
  assert.deepEqual(readdirSync(tiny.out), []);
});
