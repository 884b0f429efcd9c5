/** Fresh and cached frames are one; a damaged cache is rebuilt without a word; the key covers the inputs. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type TestContext, test } from 'node:test';
import { parseInstant, SECOND_US } from '../../../src/basics/instant.ts';
import { framesDigest, hashInputs, readCache } from '../../../src/clock/frameCache.ts';
import type { Frames } from '../../../src/clock/frames.ts';
import { type LoadOptions, loadFrames } from '../../../src/load/loadFrames.ts';
import type { Facts } from '../../../src/rules/facts.ts';
import { factsOf, stream } from '../../support/facts.ts';
import { CANDLE_COLUMNS, freshFolder, writeRows } from '../../support/parquet.ts';

const T = parseInstant('2020-03-12T10:00Z');

async function setUp(
  t: TestContext,
): Promise<{ dir: string; cacheDir: string; facts: Facts; options: LoadOptions }> {
  const dir = freshFolder(t);
  const rows = [0, 1].map((i) => [T + i * 60 * SECOND_US, 100, 101 + i, 99, 100.5, 10]);
  await writeRows(join(dir, 'a.parquet'), CANDLE_COLUMNS, rows);
  const streams = [
    stream({ path: 'a.parquet' }),
    stream({ id: 'spot', role: 'constituent', name: 'alpha', path: 'a.parquet' }),
    stream({ id: 'mark', role: 'mark', path: 'a.parquet' }),
    stream({ id: 'elsewhere', role: 'reference', name: 'beta', path: 'a.parquet' }),
  ];
  const outages = [{ fromUs: T, untilUs: T + 1, part: 'engine', source: 'made' }] as const;
  const cacheDir = join(dir, 'cache');
  const facts = factsOf('2020-03-12T10:00Z', '2020-03-12T10:02Z', streams, { outages });
  return {
    dir,
    cacheDir,
    facts,
    options: { dataDir: dir, folder: dir, timing: 'common', seed: '1', cacheDir },
  };
}

const arrowOf = (cacheDir: string): string =>
  join(cacheDir, readdirSync(cacheDir).find((name) => name.endsWith('.arrow'))!);

test('fresh and cached frames have one digest, and the second run reads no rows', async (t) => {
  const { cacheDir, facts, options } = await setUp(t);
  const fresh = await loadFrames(facts, options);
  const cached = await readCache(fresh.key, cacheDir);
  assert.ok(cached !== null);
  assert.equal(framesDigest(cached), framesDigest(fresh));
  assert.deepEqual(cached.side, fresh.side);
  assert.deepEqual([...cached.constituents.get('BTCUSDT')!.map((own) => own.name)], ['alpha']);
  const [elsewhere] = cached.references!.get('BTCUSDT')!;
  assert.equal(elsewhere!.name, 'beta');
  assert.deepEqual(elsewhere!.lastTicks, fresh.references!.get('BTCUSDT')![0]!.lastTicks);
  assert.ok(cached.markets.get('BTCUSDT')!.recordedMarkF64 !== null);
  assert.equal(cached.markets.get('BTCUSDT')!.bidPlusAskTicks, null);
  let rows = 0;
  await loadFrames(facts, { ...options, onProgress: ({ done }) => (rows += done) });
  assert.equal(rows, 0);
  await loadFrames(facts, { ...options, cacheDir: '', onProgress: ({ done }) => (rows += done) });
  assert.equal(rows, 8); // two rows of each of four streams
  assert.ok(!readdirSync(cacheDir).some((name) => name.endsWith('.tmp')));
});

test('a truncated file, a flipped byte and a lost seal are all no cache, and are rebuilt', async (t) => {
  const { cacheDir, facts, options } = await setUp(t);
  const fresh = await loadFrames(facts, options);
  const file = arrowOf(cacheDir);
  const damages: (() => void)[] = [
    () => truncateSync(file, 100),
    () => {
      const bytes = readFileSync(file);
      const at = Math.floor(bytes.length / 2);
      bytes[at] = bytes[at]! ^ 1;
      writeFileSync(file, bytes);
    },
    () => writeFileSync(file.replace('.arrow', '.json'), '{'),
    () => writeFileSync(file, ''),
  ];
  for (const damage of damages) {
    damage();
    assert.equal(await readCache(fresh.key, cacheDir), null);
    assert.equal(framesDigest(await loadFrames(facts, options)), framesDigest(fresh));
    assert.ok((await readCache(fresh.key, cacheDir)) !== null, 'rebuilt');
  }
});

test('the key changes with all that frames depend on, not with the place of files or a seed', async (t) => {
  const { dir, facts, options } = await setUp(t);
  const keyOf = async (f: Facts, o: Partial<LoadOptions> = {}): Promise<string> =>
    (await loadFrames(f, { ...options, ...o })).key;
  const key = await keyOf(facts);
  const [perp, ...others] = facts.streams;
  const market = facts.markets.BTCUSDT!;
  const changed: Facts[] = [
    { ...facts, untilUs: facts.untilUs - SECOND_US },
    { ...facts, beatUs: 2 * SECOND_US },
    { ...facts, outages: [] },
    { ...facts, streams: [{ ...perp!, accept: ['gaps'] }, ...others] },
    { ...facts, streams: [{ ...perp!, columns: { close: 'open' } }, ...others] },
    { ...facts, markets: { BTCUSDT: { ...market, valueScale: 4 } } },
  ];
  const keys = await Promise.all(changed.map((f) => keyOf(f)));
  assert.equal(new Set([key, ...keys, await keyOf(facts, { timing: 'bySign' })]).size, changed.length + 2);
  assert.equal(await keyOf(facts, { seed: 'another' }), key);
  const elsewhere = freshFolder(t);
  writeFileSync(join(elsewhere, 'a.parquet'), readFileSync(join(dir, 'a.parquet')));
  const moved: Frames = await loadFrames(facts, {
    ...options,
    dataDir: elsewhere,
    folder: elsewhere,
    cacheDir: '',
  });
  assert.equal(moved.key, key);
  assert.equal(framesDigest(moved), framesDigest(await loadFrames(facts, options)));
});

test('inputs are hashed once, and again when size or time of change differ', async (t) => {
  const dir = freshFolder(t);
  const [file, cacheDir] = [join(dir, 'x'), join(dir, 'cache')];
  writeFileSync(file, 'abc');
  // sha256('abc'): FIPS 180-2, appendix B.1
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  assert.equal((await hashInputs([file, file], cacheDir)).get(file), abc);
  const sidecar = join(cacheDir, 'input-hashes.json');
  writeFileSync(sidecar, readFileSync(sidecar, 'utf8').replace(abc, 'remembered'));
  assert.equal((await hashInputs([file], cacheDir)).get(file), 'remembered');
  utimesSync(file, 1, 1);
  assert.equal((await hashInputs([file], cacheDir)).get(file), abc);
  writeFileSync(sidecar, 'no json');
  assert.equal((await hashInputs([file], cacheDir)).get(file), abc);
  assert.ok(existsSync(sidecar));
});

test("threads that write the same frames at once do not take each other's file away", async (t) => {
  const { cacheDir, facts, options } = await setUp(t);
  const { key } = await loadFrames(facts, options);
  const code = `
    import { workerData } from 'node:worker_threads';
    const { readCache, writeCache } = await import(workerData.module);
    const frames = await readCache(workerData.key, workerData.cacheDir);
    for (let k = 0; k < 200; k++) await writeCache(frames, workerData.cacheDir);`;
  const { href: module } = new URL('../../../src/clock/frameCache.ts', import.meta.url);
  const writer = (): Promise<unknown> => {
    const source = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const worker = new Worker(source, { workerData: { module, key, cacheDir } });
    return once(worker, 'exit'); // rejects with the error of the thread
  };
  assert.deepEqual(await Promise.all([writer(), writer()]), [[0], [0]]);
  assert.ok((await readCache(key, cacheDir)) !== null);
});
