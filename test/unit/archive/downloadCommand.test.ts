/** `cascade download` as typed: words, JSON, exit codes, what an import then finds, proxies, the estimate. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Wanted } from '../../../src/archive/download/archive.ts';
import { Meter } from '../../../src/archive/download/meter.ts';
import { type ArchiveServer, archiveServer, withSum, zipped } from '../../support/archiveServer.ts';
import { cascade, type Ran } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'cascade-download-command-'));
const DAY = 'data/futures/um/daily/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2021-05-19.zip';
const MARKS = 'data/futures/um/daily/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m-2021-05-19.zip';
// the columns of the archive; 2021 had no header
const TRADES =
  '651,38000.5,0.250,700,702,1621382400007,true\n652,38000.0,1.000,703,703,1621382401015,false\n';
const MARK = '1621382400000,38001.5,38010.25,37990,38005,0,1621382459999,0,60,0,0,0\n';
let server: ArchiveServer;

before(async () => {
  const files = [...withSum(DAY, await zipped(DAY, TRADES)), ...withSum(MARKS, await zipped(MARKS, MARK))];
  server = await archiveServer({ files });
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const typed = (out: string, ...more: readonly string[]): Promise<Ran> =>
  cascade(
    ...['download', 'binance-vision', '--symbol', 'BTCUSDT', '--base-url', server.url, '--out', out],
    ...['--retries', '0', ...more],
  );

test('what came is told, then imported with market and kind told by the folders', async () => {
  const out = join(folder, 'mirror');
  const span = ['--from', '2021-05-17', '--until', '2021-05-22', '--kinds', 'aggTrades,markPriceKlines'];
  const first = await typed(out, ...span);
  assert.deepEqual([first.exit, first.err], [0, '']);
  assert.deepEqual(first.out.split('\n'), [
    `${out}: 2 files fetched, 0.0 MB`,
    'not in the archive: aggTrades BTCUSDT: 2021-05-17 .. 2021-05-18, 2021-05-20 .. 2021-05-21 (4 days)',
    'not in the archive: markPriceKlines 1m BTCUSDT: 2021-05-17 .. 2021-05-18, 2021-05-20 .. 2021-05-21 (4 days)',
    `next: cascade import binance-vision ${out}`,
  ]);
  assert.match((await typed(out, ...span)).out, /: 0 files fetched, 0\.0 MB; 2 files there already$/m);

  // what a killed download leaves beside its files is no data
  writeFileSync(join(out, '.binance-vision.lock'), '999999999\n');
  for (const end of ['.part', '.part.json'])
    writeFileSync(join(out, `${DAY.replace('19', '18')}${end}`), '{');
  const archive = join(folder, 'archive');
  const imported = await cascade('import', 'binance-vision', out, '--out', archive, '--json');
  assert.equal(imported.exit, 0, imported.err);
  const rows = (JSON.parse(imported.out) as { series: string; rowsOut: number }[]).map((one) => [
    one.series,
    one.rowsOut,
  ]);
  assert.deepEqual(rows.sort(), [
    ['binance-um/BTCUSDT/aggTrades', 2],
    ['binance-um/BTCUSDT/mark-candles-1m', 1],
  ]);
});

test('a file that does not come is exit code 2, with what to do', async () => {
  const out = join(folder, 'failed');
  server.stays.set(DAY, { kind: 'status', status: 503 });
  const ran = await typed(out, '--from', '2021-05-19', '--kinds', 'aggTrades,markPriceKlines');
  const json = await typed(out, '--from', '2021-05-19', '--kinds', 'aggTrades,markPriceKlines', '--json');
  server.stays.clear();
  assert.equal(ran.exit, 2);
  assert.match(ran.out, new RegExp(`did not come: ${DAY}: HTTP 503`));
  assert.match(
    ran.err,
    /^DATA_MISSING: 1 file did not come, the first: http.*HTTP 503 \(file .*\)\n {2}Run the same/,
  );
  assert.equal(json.exit, 2);
  const told = JSON.parse(json.out) as { present: string[]; failed: { file: string; reason: string }[] };
  assert.deepEqual(told.present, [MARKS]);
  assert.deepEqual([told.failed[0]!.file, told.failed[0]!.reason], [DAY, 'HTTP 503']);
  assert.equal((JSON.parse(json.err) as { error: { code: string } }).error.code, 'DATA_MISSING');
});

test('nothing at all, or a name that is none, is exit code 2', async () => {
  const out = join(folder, 'nothing');
  const none = await typed(out, '--from', '2031-05-19', '--kinds', 'aggTrades');
  assert.deepEqual([none.exit, /DATA_MISSING: the archive has nothing of it/.test(none.err)], [2, true]);
  const wrong = await typed(out, '--from', '2021-05-19', '--kinds', 'aggtrades');
  assert.equal(wrong.exit, 2);
  assert.match(wrong.err, /SCENARIO_INVALID: unknown kind aggtrades[\s\S]*Did you mean aggTrades\?/);
  for (const args of [
    ['--from', '2021-13-01', '--kinds', 'aggTrades'],
    ['--from', '2021-05-19', '--kinds', 'aggTrades,,x'],
    ['--from', '2021-05-19', '--kinds', 'aggTrades', '--retries', '-1'],
    ['--kinds', 'aggTrades'],
  ])
    assert.equal((await typed(out, ...args)).exit, 2, args.join(' '));
});

test('a proxy that the environment names is used', async (t) => {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url!);
    get(request.url!, (reply) => void reply.pipe(response.writeHead(reply.statusCode!, reply.headers)));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  process.env.http_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  t.after(() => {
    delete process.env.http_proxy;
    proxy.closeAllConnections();
    proxy.close();
  });
  const ran = await typed(join(folder, 'proxied'), '--from', '2021-05-19', '--kinds', 'aggTrades');
  assert.match(ran.out, /1 file fetched/);
  assert.deepEqual(asked, [`${server.url}${DAY}.CHECKSUM`, `${server.url}${DAY}`]);
});

test('the estimate takes files not begun for the mean of their like', () => {
  const told: [number, number][] = [];
  const meter = new Meter((done, total) => told.push([done, total]));
  const file = (path: string, label: string): Wanted => ({ path, label, days: [], proof: 'gzip' });
  const [a, b, c, d] = [file('a', 'big'), file('b', 'big'), file('c', 'small'), file('d', 'small')] as const;
  meter.expect([a, b, c, d]);
  meter.at(a, 10, 100);
  assert.deepEqual(told.at(-1), [10, 400]); // nothing known of the small ones: 4 * 100
  meter.at(c, 0, 2);
  assert.deepEqual(told.at(-1), [10, 204]); // 2 * 100 + 2 * 2
  meter.at(a, 0, 100); // begun anew
  meter.at(a, 100, 100);
  meter.at(b, 50, 300);
  assert.deepEqual(told.at(-1), [150, 404]); // 100 + 300 + 2 * 2
  meter.drop(b);
  meter.drop(d);
  assert.deepEqual(told.at(-1), [100, 102]);
  meter.at(c, 2, 2);
  assert.deepEqual(told.at(-1), [102, 102]);
});
