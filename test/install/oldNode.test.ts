/**
 * A machine where the project's own Node is missing or too old: one clear line, before anything is
 * compiled or run. npm skips Node's install script when scripts are switched off, with exit code 0.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { freshFolder } from '../support/parquet.ts';
import { ROOT } from '../support/sources.ts';

/** A clone whose node_modules looks installed as locked. */
function clone(context: { after(run: () => void): void }): string {
  const folder = freshFolder(context);
  for (const name of [
    'Makefile',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ]) {
    copyFileSync(join(ROOT, name), join(folder, name));
  }
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  writeFileSync(join(folder, 'node_modules/.package-lock.json'), '{}');
  return folder;
}

/** The environment without what an outer make (`make test`) passes on. */
const { MAKEFLAGS: _flags, MAKELEVEL: _level, MFLAGS: _old, ...env } = process.env;

/** What `make replay` says, with make's own last line taken off. */
function replay(folder: string): { status: number | null; out: string; lines: readonly string[] } {
  const { status, stdout, stderr } = spawnSync('make', ['replay'], {
    cwd: folder,
    encoding: 'utf8',
    input: '',
    env,
  });
  return {
    status,
    out: stdout,
    lines: stderr.split('\n').filter((l) => l !== '' && !/^make(\[\d\])?: /.test(l)),
  };
}

const noMake = spawnSync('make', ['--version']).status === 0 ? false : 'make is not installed';

test('a Node that was never installed', { skip: noMake }, (t) => {
  const folder = clone(t);
  // as npm leaves it when install scripts are skipped: a link to nothing
  symlinkSync('../node/bin/node', join(folder, 'node_modules/.bin/node'));
  const { status, out, lines } = replay(folder);
  assert.equal(status, 2);
  assert.equal(out, '');
  assert.deepEqual(lines, [
    'Node 24 is missing in node_modules (install scripts were skipped?); run: rm -rf node_modules && make setup',
  ]);
});

test('a Node that is too old', { skip: noMake }, (t) => {
  const folder = clone(t);
  const old = join(folder, 'node_modules/.bin/node');
  writeFileSync(old, '#!/bin/sh\necho 20\n');
  chmodSync(old, 0o755);
  const { status, lines } = replay(folder);
  assert.equal(status, 2);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^Node 24 is missing/);
});

test('the program itself refuses an old Node in one line', () => {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, join(ROOT, 'bin/cascade.mjs'), 'run'],
    { encoding: 'utf8' },
  );
  assert.equal(status, 2);
  assert.match(stderr, /^cascade needs Node 24 or newer; this is 20\.20\.2\..*\n$/);
});
