/** Downloads from an archive that fails in every way that archives do: the bytes are right, or there are none. */
import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { checksumOf, gzipped, noise, withSum } from '../../support/archiveServer.ts';
import { ask, bitmexDay, tree, serve, newFolder, DAY, TRADES, dayOf } from '../../support/downloads.ts';

test('a spoilt file is fetched anew', async (t) => {
  const bytes = noise(200_000, 1);
  const server = await serve(t, { files: withSum(DAY, bytes) });
  server.faults.set(DAY, [{ kind: 'spoilt' }]);
  const out = newFolder();
  const { fetched } = await ask(server, { out });
  assert.equal(fetched.length, 1);
  assert.ok(tree(out).get(DAY)!.equals(bytes));
  assert.deepEqual(
    server.sent(DAY).map(({ from }) => from),
    [0, 0],
  );
});

test('a file that stays spoilt is told of, and nothing of it is kept; the others come', async (t) => {
  const [good, bad] = [dayOf('2021-05-18'), DAY];
  const files = [...withSum(good, noise(1000, 1)), ...withSum(bad, noise(1000, 2))];
  const server = await serve(t, { files });
  server.stays.set(bad, { kind: 'spoilt' });
  const out = newFolder();
  const { fetched, failed } = await ask(server, { from: '2021-05-18', out });
  assert.deepEqual([fetched.length, failed.length, failed[0]!.file], [1, 1, bad]);
  assert.equal(failed[0]!.url, `${server.url}${bad}`);
  assert.match(failed[0]!.reason, /its sha256 is [0-9a-f]{12}\.\.\., the archive says/);
  assert.deepEqual([...tree(out).keys()], [good, `${good}.CHECKSUM`]);
  assert.equal(server.sent(bad).length, 3); // wrong three times: it is the archive
});

test('a gzip that is not whole is no file, though its length is right', async (t) => {
  const server = await serve(t, { files: [[TRADES, gzipped(50_000, 3).subarray(0, 40_000)]] });
  const out = newFolder();
  const { failed } = await bitmexDay(server, { out });
  assert.match(failed[0]!.reason, /no whole gzip file/);
  assert.deepEqual([...tree(out).keys()], []);
});

test('an empty gzip is a day without data, an empty file is none', async (t) => {
  const server = await serve(t, { files: [[TRADES, gzipped(0, 0)]] });
  assert.equal((await bitmexDay(server)).fetched.length, 1);
  server.files.set(TRADES, Buffer.alloc(0));
  assert.match((await bitmexDay(server)).failed[0]!.reason, /it is empty/);
});

test('a 500 heals, a 403 does not', async (t) => {
  const server = await serve(t, { files: withSum(DAY, noise(1000, 4)) });
  server.faults.set(DAY, [
    { kind: 'status', status: 500 },
    { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
    { kind: 'status', status: 503 },
  ]);
  assert.equal((await ask(server)).fetched.length, 1);
  server.stays.set(DAY, { kind: 'status', status: 403 });
  const before = server.log.length;
  const { failed } = await ask(server);
  assert.match(failed[0]!.reason, /HTTP 403/);
  assert.equal(server.log.slice(before).filter(({ path }) => path === DAY).length, 1);
  server.stays.set(DAY, { kind: 'status', status: 503 });
  assert.match((await ask(server)).failed[0]!.reason, /HTTP 503/);
});

test('a server that says how long to wait is waited for', async (t) => {
  const server = await serve(t, { files: withSum(DAY, noise(1000, 4)) });
  server.faults.set(DAY, [{ kind: 'status', status: 429, headers: { 'retry-after': '1' } }]);
  const start = performance.now();
  assert.equal((await ask(server)).fetched.length, 1);
  assert.ok(performance.now() - start >= 990);
});

// What a client has buffered when the connection ends is lost to it, some 64 kB: cuts come well after.
test('a connection that breaks is continued where it broke', async (t) => {
  const bytes = noise(600_000, 5);
  const server = await serve(t, { files: withSum(DAY, bytes) });
  server.faults.set(DAY, [
    { kind: 'cut', after: 300_000 },
    { kind: 'cut', after: 100_000 },
  ]);
  const out = newFolder();
  assert.equal((await ask(server, { out })).fetched.length, 1);
  assert.ok(tree(out).get(DAY)!.equals(bytes));
  const [first, second, third] = server.sent(DAY);
  assert.deepEqual([first!.from, second!.status, third!.status], [0, 206, 206]);
  assert.ok(second!.from > 0 && second!.from <= 300_000 && third!.from >= second!.from);
});

test('a line that breaks after each megabyte brings a long file all the same', async (t) => {
  const bytes = noise(5_000_000, 6);
  const server = await serve(t, { files: [...withSum(DAY, bytes)] });
  server.faults.set(DAY, Array(3).fill({ kind: 'cut', after: 1_500_000 }));
  const out = newFolder();
  assert.equal((await ask(server, { out, request: { retries: 1 } })).failed.length, 0);
  assert.ok(tree(out).get(DAY)!.equals(bytes));
  assert.equal(server.sent(DAY).length, 4);
});

test('a server without ranges sends it whole again', async (t) => {
  const bytes = gzipped(300_000, 7);
  const server = await serve(t, { files: [[TRADES, bytes]], ranges: false });
  server.faults.set(TRADES, [{ kind: 'cut', after: 200_000 }]);
  const out = newFolder();
  assert.equal((await bitmexDay(server, { out })).fetched.length, 1);
  assert.ok(tree(out).get(TRADES)!.equals(bytes));
  assert.deepEqual(
    server.sent(TRADES).map(({ status, from }) => [status, from]),
    [[200, 0], [200, 0]], // biome-ignore format: pairs
  );
});

test('a server that does not tell the length is believed its end, and its sums', async (t) => {
  const bytes = gzipped(100_000, 8);
  const server = await serve(t, { files: [[TRADES, bytes]], length: false });
  server.faults.set(TRADES, [{ kind: 'cut', after: 50_000 }]);
  const out = newFolder();
  assert.equal((await bitmexDay(server, { out })).fetched.length, 1);
  assert.deepEqual(tree(out), new Map([[TRADES, bytes]]));
});

test('a file that the archive changed meanwhile is begun anew', async (t) => {
  const [old, now] = [gzipped(600_000, 9), gzipped(580_000, 10)];
  const server = await serve(t, { files: [[TRADES, old]] });
  server.stays.set(TRADES, { kind: 'cut', after: 400_000 });
  const out = newFolder();
  assert.equal((await bitmexDay(server, { out, request: { retries: 0 } })).failed.length, 1);
  assert.ok(statSync(join(out, `${TRADES}.part`)).size > 0);
  server.files.set(TRADES, now);
  server.stays.clear();
  assert.equal((await bitmexDay(server, { out })).fetched.length, 1);
  assert.deepEqual(tree(out), new Map([[TRADES, now]]));
  assert.deepEqual(
    server.sent(TRADES).map(({ status }) => status),
    [200, 200],
  ); // asked for the rest only if it were the same
});

test('the rest of another version is not taken, even from a server that sends it', async (t) => {
  const versions = [gzipped(600_000, 20), gzipped(600_000, 21), gzipped(610_000, 22)] as const;
  for (const [old, now, etag] of [
    [versions[0], versions[1], true], // as long
    [versions[0], versions[2], false],
  ] as const) {
    const server = await serve(t, { files: [[TRADES, old]], conditions: false, etag });
    server.stays.set(TRADES, { kind: 'cut', after: 400_000 });
    const out = newFolder();
    await bitmexDay(server, { out, request: { retries: 0 } });
    server.files.set(TRADES, now);
    server.stays.clear();
    const { failed } = await bitmexDay(server, { out, request: { retries: 0 } });
    assert.equal(failed[0]!.reason, 'the archive changed it meanwhile');
    assert.deepEqual([...tree(out).keys()], []);
    assert.equal((await bitmexDay(server, { out })).fetched.length, 1);
    assert.deepEqual(tree(out), new Map([[TRADES, now]]));
  }
});

test('a new version with its new sum replaces a part and a sum of the old one', async (t) => {
  const [old, now] = [noise(600_000, 11), noise(600_000, 12)];
  const server = await serve(t, { files: withSum(DAY, old) });
  server.stays.set(DAY, { kind: 'cut', after: 400_000 });
  const out = newFolder();
  await ask(server, { out, request: { retries: 0 } });
  assert.ok(statSync(join(out, `${DAY}.part`)).size > 0);
  for (const [path, bytes] of withSum(DAY, now)) server.files.set(path, bytes);
  server.stays.clear();
  assert.equal((await ask(server, { out })).fetched.length, 1);
  assert.deepEqual(tree(out), new Map(withSum(DAY, now)));
});

test('a part whose note is broken, too short or of nothing is no part', async (t) => {
  const bytes = gzipped(100_000, 13);
  for (const [part, note] of [
    [bytes.subarray(0, 50_000), '{"length":'],
    [bytes.subarray(0, 50_000), '{"length":"x","validator":null}'],
    [bytes, `{"length":${bytes.length - 1},"validator":null}`],
    [noise(50_000, 1), `{"length":${bytes.length},"validator":null}`],
    [noise(bytes.length, 1), `{"length":${bytes.length},"validator":null}`],
  ] as const) {
    const server = await serve(t, { files: [[TRADES, bytes]] });
    const out = newFolder();
    mkdirSync(dirname(join(out, TRADES)), { recursive: true });
    writeFileSync(join(out, `${TRADES}.part`), part);
    writeFileSync(join(out, `${TRADES}.part.json`), note);
    assert.equal((await bitmexDay(server, { out })).fetched.length, 1, note);
    assert.deepEqual(tree(out), new Map([[TRADES, bytes]]), note);
  }
});

test('a whole part that a killed process had not named yet is proven, not fetched', async (t) => {
  const bytes = gzipped(100_000, 14);
  const server = await serve(t, { files: [[TRADES, bytes]] });
  const out = newFolder();
  mkdirSync(dirname(join(out, TRADES)), { recursive: true });
  writeFileSync(join(out, `${TRADES}.part`), bytes);
  writeFileSync(join(out, `${TRADES}.part.json`), JSON.stringify({ length: bytes.length, validator: null }));
  assert.equal((await bitmexDay(server, { out })).fetched.length, 1);
  assert.deepEqual(tree(out), new Map([[TRADES, bytes]]));
  assert.deepEqual(server.log, []);
});

test('slow is no fault, silence is', async (t) => {
  const bytes = gzipped(20_000, 15);
  const drip = { bytes: 2_000, ms: 60 }; // 600 ms in all, twice the patience
  const server = await serve(t, { files: [[TRADES, bytes]], drip });
  assert.equal((await bitmexDay(server)).fetched.length, 1);
  assert.equal(server.sent(TRADES).length, 1);
  const silent = await serve(t, { files: [[TRADES, bytes]] });
  silent.faults.set(TRADES, [{ kind: 'stall', after: 8_000 }]);
  assert.equal((await bitmexDay(silent)).fetched.length, 1);
  assert.deepEqual(
    silent.sent(TRADES).map(({ from }) => from),
    [0, 8_000],
  );
});

test('a sum of another file, or a page instead of one, is none', async (t) => {
  const bytes = noise(1000, 16);
  const server = await serve(t, { files: [[DAY, bytes]] });
  for (const text of [checksumOf('other.zip', bytes)[1], Buffer.from('<html>sign in</html>')]) {
    server.files.set(`${DAY}.CHECKSUM`, text);
    const out = newFolder();
    assert.match((await ask(server, { out })).failed[0]!.reason, /its \.CHECKSUM is none/);
    assert.deepEqual([...tree(out).keys()], []);
  }
});
