/** Downloads: what comes, what is there, what the archive lacks, where they may land. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { gzipped, noise, withSum, zipped } from '../../support/archiveServer.ts';
import {
  ask,
  bitmexDay,
  tree,
  serve,
  newFolder,
  DAY,
  MONTH,
  TRADES,
  dayOf,
} from '../../support/downloads.ts';

test('files come with their sums, a second call asks nothing, what the archive lacks is told', async (t) => {
  const days = ['2021-05-18', '2021-05-19'].map(dayOf);
  const files = (await Promise.all(days.map((path) => zipped(path, `${path}\n`)))).flatMap((bytes, i) =>
    withSum(days[i]!, bytes),
  );
  const server = await serve(t, { files });
  const out = newFolder();
  const steps: [number, number][] = [];
  const span = { from: '2021-05-17', until: '2021-05-21', out };
  const first = await ask(server, {
    ...span,
    request: { onProgress: (done, total) => steps.push([done, total]) },
  });
  assert.deepEqual(tree(out), new Map(files.sort()));
  assert.deepEqual(
    first.fetched,
    days.map((file) => ({ file, bytes: server.files.get(file)!.length })),
  );
  assert.deepEqual(first.absent, [{ label: 'aggTrades BTCUSDT', days: ['2021-05-17', '2021-05-20'] }]);
  assert.deepEqual([first.present, first.failed], [[], []]);
  const bytes = first.fetched.reduce((sum, file) => sum + file.bytes, 0);
  assert.deepEqual(steps.at(-1), [bytes, bytes]);

  const before = server.log.length;
  const second = await ask(server, span);
  assert.deepEqual([second.present, second.fetched], [days, []]);
  assert.ok(server.log.slice(before).every(({ path }) => !days.some((day) => path.startsWith(day))));
});

test('where nobody answers the first files wait, the others are not tried', async (t) => {
  const server = await serve(t);
  await server.close();
  const { failed, fetched } = await ask(server, { from: '2021-05-01', until: '2021-05-21' });
  assert.deepEqual([fetched.length, failed.length], [0, 20]);
  const reasons = failed.map(({ reason }) => reason);
  assert.match(reasons[0]!, /ECONNREFUSED/);
  assert.ok(reasons.filter((reason) => /^not tried/.test(reason)).length >= 14, reasons.join('\n'));
});

test('a month is one file; days where the archive has no month, or days of it are there', async (t) => {
  const february = { from: '2021-02-01', until: '2021-03-01' };
  const days = Array.from({ length: 28 }, (_, i) => dayOf(`2021-02-${String(i + 1).padStart(2, '0')}`));
  const files = days.flatMap((path, i) => withSum(path, noise(500, i)));
  const server = await serve(t, { files: [...files, ...withSum(MONTH, noise(9_000, 99))] });
  const whole = newFolder();
  assert.deepEqual((await ask(server, { ...february, out: whole })).fetched, [{ file: MONTH, bytes: 9_000 }]);

  // a day of a month that is there is there
  const requests = server.log.length;
  const again = await ask(server, { from: '2021-02-10', until: '2021-02-12', out: whole });
  assert.deepEqual([again.present, again.fetched], [[MONTH], []]);
  assert.equal(server.log.length, requests);

  // a month of which days are there is completed by days
  const some = newFolder();
  assert.equal((await ask(server, { from: '2021-02-10', until: '2021-02-12', out: some })).fetched.length, 2);
  const rest = await ask(server, { ...february, out: some });
  assert.deepEqual([rest.present.length, rest.fetched.length], [2, 26]);
  assert.ok(!existsSync(join(some, MONTH)));

  server.files.delete(MONTH);
  server.files.delete(`${MONTH}.CHECKSUM`);
  server.files.delete(days[3]!);
  const byDays = await ask(server, february);
  assert.equal(byDays.fetched.length, 27);
  assert.deepEqual(byDays.absent, [{ label: 'aggTrades BTCUSDT', days: ['2021-02-04'] }]);
});

test('a mirror without sums: the zip answers for itself', async (t) => {
  const bytes = await zipped(DAY, 'a,b\n1,2\n'.repeat(1000));
  const server = await serve(t, { files: [[DAY, bytes]] });
  const out = newFolder();
  assert.equal((await ask(server, { out })).fetched.length, 1);
  assert.deepEqual(tree(out), new Map([[DAY, bytes]]));
  const spoilt = Buffer.from(bytes);
  spoilt[80]! ^= 0xff; // within the deflated text: the local header and its name end at 30 + 32
  server.files.set(DAY, spoilt);
  assert.match((await ask(server)).failed[0]!.reason, /zip|CRC/);
});

test('a redirect is followed, with its range', async (t) => {
  const bytes = gzipped(600_000, 17);
  const real = await serve(t, { files: [[TRADES, bytes]] });
  real.faults.set(TRADES, [{ kind: 'cut', after: 400_000 }]);
  const server = await serve(t, { files: [[TRADES, bytes]] });
  const headers = { location: `${real.url}${TRADES}` };
  server.stays.set(TRADES, { kind: 'status', status: 302, headers });
  const out = newFolder();
  assert.equal((await bitmexDay(server, { out })).fetched.length, 1);
  assert.deepEqual(tree(out), new Map([[TRADES, bytes]]));
  assert.equal(real.sent(TRADES)[1]!.status, 206);
});

const refusal = (code: string, told: RegExp) => (error: unknown) =>
  error instanceof ReplayError && error.code === code && told.test(`${error.message} ${error.remedy}`);

test('one download a folder; a lock of a dead or unborn process is none', async (t) => {
  const server = await serve(t, { files: withSum(DAY, noise(1000, 18)) });
  const out = newFolder();
  mkdirSync(out);
  const lock = join(out, '.binance-vision.lock');
  writeFileSync(lock, '1\n'); // process 1 is always alive
  await assert.rejects(ask(server, { out }), refusal('RESULT_STORE', /another download writes into/));
  assert.deepEqual([readFileSync(lock, 'utf8'), server.log.length], ['1\n', 0]);
  for (const text of ['', '999999999\n']) {
    writeFileSync(lock, text);
    const { fetched, present } = await ask(server, { out });
    assert.equal(fetched.length + present.length, 1);
    assert.ok(!existsSync(lock));
  }
});

test('a disk that refuses ends it', async (t) => {
  const server = await serve(t, { files: withSum(DAY, noise(1000, 19)) });
  const out = newFolder();
  mkdirSync(out);
  writeFileSync(join(out, 'data'), 'a file where a folder should be');
  await assert.rejects(ask(server, { out }), refusal('RESULT_STORE', /cannot be written/));
  assert.deepEqual([...tree(out).keys()], ['data']);
  await assert.rejects(ask(server, { out: join(out, 'data') }), refusal('RESULT_STORE', /cannot be written/));
});

test('no days and no address are refused', async (t) => {
  const server = await serve(t);
  await assert.rejects(ask(server, { until: '2021-05-19' }), refusal('SCENARIO_INVALID', /no day/));
  for (const url of ['ftp://mirror/', 'mirror', ''])
    await assert.rejects(ask({ url }), refusal('SCENARIO_INVALID', /no base address/));
});
