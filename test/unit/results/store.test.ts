/** A stored run: what is on disk, that it appears whole or not at all, and one writer at a time. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { type DuckDBConnection, openDuckDb, rowsOf } from '../../../src/basics/duckdb.ts';
import { ReplayError } from '../../../src/basics/errors.ts';
import { money } from '../../../src/basics/exact.ts';
import { emptyOutbox } from '../../../src/engine/rows.ts';
import { contentDigest, parquetPath } from '../../../src/results/exportRun.ts';
import { readRun } from '../../../src/results/manifest.ts';
import { TABLES } from '../../../src/results/schema.ts';
import { Store, writeRun } from '../../../src/results/store.ts';
import { sampleBeats } from '../../support/rows.ts';
import { sampleFacts } from '../../support/runFacts.ts';
import { writeSample } from '../../support/sampleRun.ts';

const base = mkdtempSync(join(tmpdir(), 'cascade-store-'));
after(() => rmSync(base, { recursive: true, force: true }));
const codeOf = (code: string) => (error: unknown) => error instanceof ReplayError && error.code === code;

async function opened<T>(folder: string, work: (c: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await openDuckDb({ path: join(folder, 'results.duckdb'), readOnly: true });
  try {
    return await work(await instance.connect());
  } finally {
    instance.closeSync();
  }
}

test('a row comes back digit by digit', async () => {
  const folder = join(base, 'digits');
  await writeSample(folder, (beats) => {
    beats[1]!.transfers[0]!.amount = money('12345678901234567890.123456789012345678');
    beats[1]!.transfers[1]!.amount = money('0.000000000000000001');
    beats[3]!.balances[6]!.balance = money('-99999999999999999999.999999999999999999');
    beats[0]!.tracked[0]!.marginRatioF64 = Number.POSITIVE_INFINITY;
    beats[0]!.tracked[0]!.distanceF64 = Number.NaN;
  });
  await opened(folder, async (c) => {
    const amounts = await rowsOf(c, 'SELECT amount::VARCHAR AS a FROM transfers ORDER BY seq LIMIT 2');
    assert.deepEqual(amounts, [
      { a: '12345678901234567890.123456789012345678' },
      { a: '0.000000000000000001' },
    ]);
    const [house] = await rowsOf(
      c,
      `SELECT balance::VARCHAR AS b FROM balances WHERE account = 'house' AND "when" = 'after'`,
    );
    assert.deepEqual(house, { b: '-99999999999999999999.999999999999999999' });
    const [tracked] = await rowsOf(
      c,
      'SELECT world, ts_us, margin_ratio_f64, distance_f64, liquidation_high_f64 FROM tracked',
    );
    assert.deepEqual(tracked, {
      world: 0,
      ts_us: 1_584_007_201_000_000n,
      margin_ratio_f64: Number.POSITIVE_INFINITY,
      distance_f64: null,
      liquidation_high_f64: null,
    });
    const [decision] = await rowsOf(c, 'SELECT "values" AS v, market FROM decisions');
    assert.deepEqual(decision, { v: '{"equity":"1000","mark":"9000"}', market: 'BTCUSDT' });
    const [none] = await rowsOf(c, `SELECT market FROM transfers WHERE reason = 'insolvency'`);
    assert.deepEqual(none, { market: null });
  });
});

test('another reader of Parquet sees the same rows', async () => {
  const folder = join(base, 'parquet');
  await writeSample(folder);
  const bytes = readFileSync(parquetPath(folder, 'fills'));
  const rows = await parquetReadObjects({
    file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    compressors,
  });
  assert.deepEqual(
    rows.map((r) => [r.seq, r.account, r.effect]),
    [
      [3n, 'A', 'close'],
      [8n, 'C', 'close'],
      [11n, 'C', 'close'],
      [13n, 'fund:main', 'open'],
      [15n, 'C', 'close'],
      [18n, 'B', 'close'],
      [22n, 'fund:main', 'close'],
      [26n, 'A', 'close'],
      [30n, 'B', 'close'],
    ],
  );
});

test('an amount that does not fit is our own broken fact, never a rounding', async () => {
  for (const amount of ['0.0000000000000000001', '100000000000000000000']) {
    await assert.rejects(
      writeSample(join(base, 'wide'), (beats) => {
        beats[1]!.transfers[0]!.amount = money(amount);
      }),
      codeOf('INVARIANT'),
    );
  }
  await assert.rejects(
    writeSample(join(base, 'wide'), (beats) => {
      beats[1]!.liquidations[0]!.tries = 1.5;
    }),
    codeOf('INVARIANT'),
  );
  assert.deepEqual(
    readdirSync(base).filter((name) => name.startsWith('wide')),
    [],
  );
});

test('rows over many chunks keep their order, their NULLs and their number', async () => {
  const store = await Store.open(join(base, 'chunks'));
  const count = 5000; // three chunks of at most 2,048
  const [, crash] = sampleBeats();
  const template = crash!.transfers[0]!;
  for (let i = 1; i <= count; i++) {
    const outbox = emptyOutbox();
    outbox.transfers.push({
      ...template,
      seq: i,
      market: i % 3 === 0 ? null : 'M',
      amount: money(String(i)),
    });
    store.record(i % 2, outbox);
  }
  const connection = await store.settle();
  const [row] = await rowsOf(
    connection,
    `SELECT count(*) AS n, count(market) AS named, sum(amount)::VARCHAR AS total,
    count(*) FILTER (WHERE amount = seq AND world = seq % 2 AND (market IS NULL) = (seq % 3 = 0)) AS right
      FROM transfers`,
  );
  // 5000 * 5001 / 2 = 12502500; 1666 multiples of 3 up to 5000
  assert.deepEqual(row, { n: 5000n, named: 3334n, total: '12502500.000000000000000000', right: 5000n });
  store.abandon();
  assert.deepEqual(
    readdirSync(base).filter((name) => name.startsWith('chunks')),
    [],
  );
});

test('run.json holds a digest of every table, and the id of the facts', async () => {
  const folder = join(base, 'runfile');
  await writeSample(folder);
  const run = readRun(folder);
  assert.deepEqual(Object.keys(run.tables).sort(), TABLES.map((t) => t.name).sort());
  assert.equal(run.tables.fills!.rows, 9);
  assert.match(run.id, /^[0-9a-f]{16}$/);
  assert.deepEqual(readdirSync(folder).sort(), ['results.duckdb', 'run.json', 'tables']);
  assert.throws(() => readRun(base), codeOf('RESULT_STORE'));
});

test('a contents digest sees a changed, an added and a doubled row', async () => {
  const instance = await openDuckDb();
  const c = await instance.connect();
  const table = TABLES.find((t) => t.name === 'manifest')!;
  const digest = async (rows: string) =>
    (await contentDigest(c, table, `(VALUES ${rows}) t(key, value)`)).contents;
  const first = await digest(`('a', 'b'), ('c', 'd')`);
  assert.equal(await digest(`('c', 'd'), ('a', 'b')`), first); // order is no content
  for (const other of [
    `('a', 'b'), ('c', 'x')`,
    `('a', 'b')`,
    `('a', 'b'), ('a', 'b'), ('c', 'd')`,
    `('ab', ''), ('c', 'd')`,
    `('a', NULL), ('c', 'd')`,
  ]) {
    assert.notEqual(await digest(other), first);
  }
  instance.closeSync();
});

test('the same rows give the same bytes in another process, in any order within a beat', async () => {
  const here = join(base, 'here');
  const there = join(base, 'there');
  await writeSample(here, (beats) => {
    for (const b of beats) b.transfers.reverse();
  });
  execFileSync(process.execPath, ['test/support/sampleRun.ts', there], { stdio: 'pipe' });
  const files = readdirSync(join(here, 'tables'));
  assert.equal(files.length, TABLES.length);
  for (const file of [...files.map((f) => join('tables', f)), 'run.json']) {
    assert.ok(readFileSync(join(here, file)).equals(readFileSync(join(there, file))), `${file} differs`);
  }
});

test('a failed run leaves nothing, and the former result stays', async () => {
  const folder = join(base, 'failed');
  await writeSample(folder);
  const before = readFileSync(join(folder, 'run.json'), 'utf8');
  await assert.rejects(
    writeRun({
      folder,
      facts: sampleFacts,
      measure: async () => ({ metrics: [] }),
      replay: async (sink) => {
        await sink.record(0, sampleBeats()[0]!);
        throw new RangeError('stop');
      },
    }),
    RangeError,
  );
  assert.equal(readFileSync(join(folder, 'run.json'), 'utf8'), before);
  assert.deepEqual(
    readdirSync(base).filter((name) => name.startsWith('failed')),
    ['failed'],
  );
});

test('a killed run leaves no result; the next one cleans up and succeeds', async () => {
  const folder = join(base, 'killed');
  const killed = spawnSync(process.execPath, ['test/support/sampleRun.ts', folder, 'kill'], {
    stdio: 'pipe',
  });
  assert.equal(killed.signal, 'SIGKILL');
  assert.ok(!existsSync(folder), 'no result');
  assert.ok(existsSync(`${folder}.lock`), 'the lock of a dead process');
  await writeSample(folder);
  assert.deepEqual(
    readdirSync(base).filter((name) => name.startsWith('killed')),
    ['killed'],
  );
});

test('a result that was moved away when the machine stopped comes back', async () => {
  const folder = join(base, 'moved');
  await writeSample(folder);
  const { renameSync } = await import('node:fs');
  renameSync(folder, `${folder}.replaced`);
  const store = await Store.open(folder);
  assert.ok(existsSync(join(folder, 'run.json')));
  store.abandon();
  assert.ok(existsSync(join(folder, 'run.json')));
});

test('two writers on one folder: the second is refused and the first goes on', async () => {
  const folder = join(base, 'two');
  const first = await Store.open(folder);
  await assert.rejects(Store.open(folder), codeOf('RESULT_STORE'));
  first.record(0, sampleBeats()[0]!);
  await first.add({ metrics: [] });
  await first.finish(sampleFacts());
  first.publish();
  assert.ok(existsSync(join(folder, 'run.json')));
  assert.ok(!existsSync(`${folder}.lock`));
});

test('a place that cannot be written is a RESULT_STORE error', async () => {
  const file = join(base, 'file');
  writeFileSync(file, 'x');
  await assert.rejects(Store.open(join(file, 'run')), codeOf('RESULT_STORE'));
});

test('a full disk is a RESULT_STORE error and leaves nothing', async (t) => {
  const disk = join(base, 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0) {
    t.skip('no right to mount a small disk');
    return;
  }
  try {
    await assert.rejects(writeSample(join(disk, 'run')), codeOf('RESULT_STORE'));
    assert.deepEqual(readdirSync(disk), []);
  } finally {
    spawnSync('umount', [disk]);
  }
});
