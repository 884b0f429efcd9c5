/**
 * `cascade download` as a process that is killed ten times at random moments, each time without a word
 * (SIGKILL), and started again: at the end the tree is the archive's, and nothing was fetched twice.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { draw } from '../../src/basics/draw.ts';
import { archiveServer, noise, type Sent, withSum } from '../support/archiveServer.ts';

const ROOT = join(import.meta.dirname, '../..');
const START = `const { mainProcess } = await import('${join(ROOT, 'src/cli/main.ts')}'); await mainProcess();`;
const out = mkdtempSync(join(tmpdir(), 'cascade-killed-'));
after(() => rmSync(out, { recursive: true, force: true }));

const um = (form: string, kind: string, date: string): string =>
  `data/futures/um/${form}/${kind}/BTCUSDT/BTCUSDT-${kind}-${date}.zip`;
// 30 January to 3 March: two days, the month of February, three days; metrics by the day, one day missing
const JANUARY_AND_MARCH = ['2021-01-30', '2021-01-31', '2021-03-01', '2021-03-02', '2021-03-03'];
const FEBRUARY = Array.from({ length: 28 }, (_, i) => `2021-02-${String(i + 1).padStart(2, '0')}`);
const LOST = '2021-02-14';
const METRICS = [...JANUARY_AND_MARCH, ...FEBRUARY].filter((day) => day !== LOST);
const SOURCE = new Map([
  ...withSum(um('monthly', 'aggTrades', '2021-02'), noise(1_200_000, 1)),
  ...JANUARY_AND_MARCH.flatMap((day, i) => withSum(um('daily', 'aggTrades', day), noise(300_000, 2 + i))),
  ...METRICS.flatMap((day, i) => withSum(um('daily', 'metrics', day), noise(5_000, 10 + i))),
]);

const tree = (): Map<string, Buffer> =>
  new Map(
    readdirSync(out, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(out, name)).isFile())
      .map((name) => [name, readFileSync(join(out, name))]),
  );

const chance = (n: number, what: number): number => draw(20210519, n, what);

function started(url: string, ...more: readonly string[]): { child: ChildProcess; ended: Promise<string> } {
  const asked = ['--symbol', 'BTCUSDT', '--from', '2021-01-30', '--until', '2021-03-04'];
  const args = ['binance-vision', ...asked, '--kinds', 'aggTrades,metrics', '--out', out, '--base-url', url];
  const given = ['--input-type=module', '-e', START, '--', 'cascade', 'download', ...args, ...more];
  const child = spawn(process.execPath, given, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => said.push(part));
  child.stderr.on('data', (part: Buffer) => said.push(part));
  const ended = new Promise<string>((end) => {
    child.on('close', (code, signal) => end(`${signal ?? code}\n${Buffer.concat(said).toString()}`));
  });
  return { child, ended };
}

/** What a process that begins with `before` on its disk may not ask for. */
function fetchedTwice(before: ReadonlyMap<string, Buffer>, log: readonly Sent[]): string[] {
  const asked = new Set<string>();
  return log.flatMap(({ path, from, status }) => {
    if (asked.has(path) || status === 404) return [];
    asked.add(path);
    if (before.has(path)) return [`${path} was there`];
    const part = before.get(`${path}.part`)?.length ?? 0;
    const told = before.get(`${path}.part.json`)?.toString().endsWith('}') === true;
    return told && part !== from ? [`${path}: ${part} bytes were there, asked from ${from}`] : [];
  });
}

test('killed ten times at random moments, resumed, the same tree, nothing twice', async (t) => {
  let asked = (): void => {};
  const drip = { bytes: 8_192, ms: 20 };
  const server = await archiveServer({ files: SOURCE, drip, onRequest: () => asked() });
  t.after(() => server.close());
  let before = tree();
  const checked = (from: number): void => {
    assert.deepEqual(fetchedTwice(before, server.log.slice(from)), []);
    before = tree();
    for (const [name, bytes] of before)
      if (!/\.(part|json|lock)$/.test(name))
        assert.ok(SOURCE.get(name)?.equals(bytes), `${name} is not whole`);
  };
  for (let n = 0; n < 10; n++) {
    const from = server.log.length;
    const first = new Promise<void>((now) => {
      asked = now;
    });
    const { child, ended } = started(server.url);
    // some in its first moments, most while files come
    if (n % 4 === 3) await pause(600 * chance(n, 1));
    else await first.then(() => pause(10 + 200 * chance(n, 2)));
    child.kill('SIGKILL');
    assert.match(await ended, /^SIGKILL/);
    checked(from);
  }
  const resumed = server.log.filter(({ status }) => status === 206).length;
  assert.ok(resumed >= 3, `${resumed} parts were continued`);
  const from = server.log.length;
  const last = await started(server.url).ended;
  assert.match(last, /^0\n/);
  assert.match(last, /not in the archive: metrics BTCUSDT: 2021-02-14 \(1 day\)/);
  checked(from);
  assert.deepEqual([...before.keys()].sort(), [...SOURCE.keys()].sort());

  const requests = server.log.length;
  assert.match(await started(server.url, '--json').ended, /^0\n[\s\S]*"fetched": \[\]/);
  assert.deepEqual(
    new Set(server.log.slice(requests).map(({ path }) => path.replace(/\.CHECKSUM$/, ''))),
    new Set([um('daily', 'metrics', LOST)]),
  );
});

test('Ctrl-C says how to go on and leaves no lock', async (t) => {
  rmSync(out, { recursive: true, force: true });
  let asked = (): void => {};
  const first = new Promise<void>((now) => {
    asked = now;
  });
  const server = await archiveServer({
    files: SOURCE,
    drip: { bytes: 1000, ms: 50 },
    onRequest: () => asked(),
  });
  t.after(() => server.close());
  const { child, ended } = started(server.url);
  await first;
  child.kill('SIGINT');
  assert.match(await ended, /^130\nInterrupted: nothing is lost/);
  assert.ok(![...tree().keys()].some((name) => name.endsWith('.lock')));
});
