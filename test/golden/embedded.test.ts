/**
 * One hour of the embedded crash day, with its 20 reconstructions, in two processes and on different
 * numbers of workers: the exported bytes are the same. The digests beside this file are a golden: they
 * guard against drift and say nothing about truth. UPDATE=1 rewrites them; review by diff.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../src/basics/digest.ts';
import type { RunFile } from '../../src/results/manifest.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const GOLDEN = fileURLToPath(new URL('./embedded.json', import.meta.url));
const ID = '2020-03-12-btcusdt-reconstructed';
/** Depends on the code's own digest, which changes with every edit. */
const OF_THE_CODE = new Set(['manifest']);

/** Runs the program in a process of its own and returns the folder of the result. */
function runOnce(out: string, workers: number): string {
  const script = `import { main } from ${JSON.stringify(MAIN)};
    const words = { result: () => {}, note: (line) => console.error(line), watched: false, env: {} };
    process.exitCode = await main(process.argv.slice(1), words);`;
  const window = ['--from', '2020-03-12T10:00Z', '--until', '2020-03-12T11:00Z'];
  const flags = ['--out', out, '--cache', join(out, 'frames'), '--workers', String(workers)];
  const node = ['--input-type=module', '-e', script, '--', 'run', ...window, ...flags];
  execFileSync(process.execPath, node, { stdio: ['ignore', 'ignore', 'inherit'] });
  return join(out, ID);
}

/** Every exported file but the database, whose bytes are promised to nobody. */
const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(parquet|json|html)$/.test(name))
    .sort();

test('two processes, one and two workers: the same bytes, and those of the golden', (t) => {
  const out = mkdtempSync(join(tmpdir(), 'cascade-golden-'));
  t.after(() => rmSync(out, { recursive: true, force: true }));
  const first = runOnce(join(out, 'a'), 1);
  const second = runOnce(join(out, 'b'), 2);
  assert.deepEqual(filesOf(first), filesOf(second));
  assert.ok(filesOf(first).length > 15, 'tables, run.json and report are there');
  for (const name of filesOf(first)) {
    assert.equal(sha256(readFileSync(join(first, name))), sha256(readFileSync(join(second, name))), name);
  }
  const run = JSON.parse(readFileSync(join(first, 'run.json'), 'utf8')) as RunFile;
  const digests = Object.fromEntries(
    Object.entries(run.tables)
      .filter(([name]) => !OF_THE_CODE.has(name))
      .map(([name, table]) => [name, `${table.rows} rows, ${table.contents}`]),
  );
  if (process.env.UPDATE === '1') {
    writeFileSync(GOLDEN, `${JSON.stringify(digests, null, 2)}\n`);
  }
  assert.deepEqual(digests, JSON.parse(readFileSync(GOLDEN, 'utf8')));
  const ensemble = run.tables.ensemble!;
  assert.ok(ensemble.rows > 19, 'at least 20 reconstructions stand behind the ranges');
});
