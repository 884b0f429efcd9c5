/**
 * The commands of README.md, run as a reader would: in an empty folder, one after another, each a
 * process of its own. `npx cascade` stands for the program in this tree. Rules, so that it stays short:
 *
 *   - `run` gets --no-reruns and --no-progress added: reruns repeat what the first run shows; `compare` one draw of
 *     two hours, which holds every world that eight of two days do
 *   - `cp` copies from the project into the folder
 *   - `~/data` is ../shared/data, `my-buckets.json` and all that is made from it a file there; where that is
 *     missing the lines that need it are skipped
 *   - `make` lines are not run here: test/install and the build server do that
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { NO_SHARED_DATA, SHARED_DATA } from './support/facts.ts';

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'cascade-readme-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const lines = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
  .flatMap((m) => m[1]!.split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => line !== '' && !line.startsWith('make '));

/** Words of a shell line, quotes taken off. */
const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2]!.replace(/^~\/data$/, SHARED_DATA));

const START = `const { mainProcess } = await import('${join(ROOT, 'src/cli/main.ts')}'); await mainProcess();`;

const MORE: Readonly<Record<string, readonly string[]>> = {
  run: ['--no-reruns', '--no-progress'],
  compare: ['--draws', '1', '--from', '2020-03-12T10:00Z', '--until', '2020-03-12T12:00Z'],
};

function cascade(args: readonly string[]): { status: number | null; text: string } {
  const given = ['--input-type=module', '-e', START, '--', 'cascade', ...args, ...(MORE[args[0]!] ?? [])];
  const { status, stdout, stderr } = spawnSync(process.execPath, given, { cwd: folder, encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}` };
}

test('README shows commands of every kind', () => {
  assert.ok(lines.length >= 8, `${lines.length} lines`);
  for (const name of ['run', 'verify', 'explain', 'rules', 'data'])
    assert.ok(
      lines.some((line) => line.startsWith(`npx cascade ${name} `)),
      name,
    );
});

const SAMPLE = join(SHARED_DATA, 'vendor-samples/bitmex/api_v1_trade_bucketed_1m_1000_rows.json');
if (NO_SHARED_DATA === false) copyFileSync(SAMPLE, join(folder, 'my-buckets.json'));

for (const line of lines) {
  const needsData = /~\/data|my-buckets|my-day|--data archive/.test(line) ? NO_SHARED_DATA : false;
  test(`README: ${line}`, { skip: needsData }, () => {
    const [program, ...args] = words(line);
    if (program === 'cp') return copyFileSync(join(ROOT, args[0]!), join(folder, args[1]!));
    assert.deepEqual([program, args.shift()], ['npx', 'cascade']);
    const { status, text } = cascade(args);
    assert.equal(status, 0, text);
    assert.ok(text.trim().length > 20, text);
    if (args[0] !== 'run') return;
    const report = /\S+report\.html/.exec(text)?.[0];
    assert.ok(report !== undefined && existsSync(join(folder, report)), text);
  });
}

test('the picture in README is there, and small', () => {
  const picture = join(ROOT, 'docs/img/report.png');
  assert.ok(readme.includes('docs/img/report.png'));
  const bytes = statSync(picture).size;
  assert.ok(bytes > 20_000 && bytes < 300_000, `${bytes} bytes`);
});
