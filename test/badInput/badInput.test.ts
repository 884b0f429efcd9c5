/**
 * Whatever is wrong with the input, `cascade run` says its code, where it is and what to do, ends with
 * the exit code of its family and leaves nothing that looks like a result. One table, whole program.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cascade } from '../support/cli.ts';
import { tinyScenario } from '../support/tinyScenario.ts';
import { OVERRIDES, SCENARIOS, STORES } from './brokenAsking.ts';
import { BOOKS } from './brokenBooks.ts';
import { DATA } from './brokenData.ts';

const EXIT: Readonly<Record<string, number>> = { RESULT_STORE: 74 };
const exitOf = (code: string): number => EXIT[code] ?? 2;

/** What may lie in the out folder after a failure: what was there before. */
const left = (out: string): readonly string[] =>
  existsSync(out) && !out.startsWith('/sys') ? readdirSync(out).filter((name) => name !== 'tiny.lock') : [];

for (const [group, table] of Object.entries({ SCENARIOS, OVERRIDES, DATA, STORES })) {
  for (const broken of table) {
    test(`${group.toLowerCase()}: ${broken.what}: ${broken.code}`, async (t) => {
      const tiny = await tinyScenario(t, broken.text);
      await broken.harm?.(tiny);
      const more = typeof broken.flags === 'function' ? broken.flags(tiny) : (broken.flags ?? []);
      const { exit, out, err } = await cascade('run', ...tiny.flags, ...more);
      const [first, remedy] = err.split('\n');
      assert.match(first!, new RegExp(`^${broken.code}: \\S.* \\(.+\\)$`), err);
      assert.match(remedy ?? '', /^ {2}\S.+/, 'a remedy');
      assert.match(err, broken.says);
      assert.doesNotMatch(err, /undefined|\[object|at .*\.ts:/);
      assert.equal(exit, exitOf(broken.code));
      assert.equal(out, '');
      if (broken.what !== STORES[0]!.what) assert.deepEqual(left(tiny.out), broken.keeps ?? []);
    });
  }
}

for (const broken of DATA) {
  test(`data check: ${broken.what}: ${broken.code}`, async (t) => {
    const tiny = await tinyScenario(t, broken.text);
    await broken.harm?.(tiny);
    const { exit, out } = await cascade('data', 'check', tiny.scenario, '--data', tiny.folder);
    assert.equal(exit, 2);
    assert.match(out, new RegExp(`^${broken.code}: .*\\(file .*\\)\n {2}effect: .+\n {2}\\S`, 'm'));
  });
}

for (const broken of BOOKS) {
  const { what, text, path, says, only, code = 'RULES_INVALID', flags = [] } = broken;
  const at = path === '' ? '' : `.*path ${path.replaceAll('.', '\\.')}`;
  if (only !== 'run') {
    test(`rules check: ${what}: ${code}`, async (t) => {
      const { folder } = await tinyScenario(t);
      const file = join(folder, 'mine.yaml');
      writeFileSync(file, text);
      const { exit, out } = await cascade('rules', 'check', file);
      assert.equal(exit, 2, out);
      assert.match(out, new RegExp(`^${code}: \\S.*\\(file .*${at}\\)$`, 'm'));
      assert.match(out, says);
    });
  }
  if (only !== 'check') {
    test(`run: ${what}: ${code}`, async (t) => {
      const tiny = await tinyScenario(t);
      const file = join(tiny.folder, 'mine.yaml');
      writeFileSync(file, text);
      const { exit, out, err } = await cascade('run', ...tiny.flags, '--rules', file, ...flags);
      assert.deepEqual([exit, out], [2, '']);
      assert.match(err, new RegExp(`^${code}: \\S.*\\(file .*${at}`), err);
      assert.match(err, /\n {2}\S/, 'a remedy');
      assert.match(err, says);
      assert.deepEqual(left(tiny.out), []);
    });
  }
}

test('the table is not empty of meaning: the sound scenario runs, and its data are sound', async (t) => {
  const tiny = await tinyScenario(t);
  const checked = await cascade('data', 'check', tiny.scenario, '--data', tiny.folder);
  assert.deepEqual([checked.exit, checked.out], [0, '2 streams, 0 findings, 0 not accepted']);
  const { exit, out, err } = await cascade('run', ...tiny.flags, '--json');
  assert.deepEqual([exit, err], [0, '']);
  const { folder } = JSON.parse(out) as { folder: string };
  assert.ok(existsSync(join(folder, 'report.html')));
  assert.deepEqual(left(tiny.out), ['tiny']);
});
