/** What files are like in the wild: line ends, cut-off ends, twice the same, and an import that is interrupted. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDuckDb, rowsOf } from '../../../src/basics/duckdb.ts';
import { cascade } from '../../support/cli.ts';
import { type Asked, imported, refusal, rowsIn, writeFileAs } from '../../support/importing.ts';
import { freshFolder } from '../../support/parquet.ts';

const HEAD = 'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker';
const trade = (id: number, time = 1761091200000 + id): string =>
  `${id},108253.${id % 10},0.011,1,2,${time},false`;
const NAME = 'um/BTCUSDT-aggTrades-2025-10-22.csv';
const SERIES = 'binance-um/BTCUSDT/aggTrades';
const BINANCE = { vendor: 'binance-vision' } as const;

async function written(t: TestContext, name: string, text: string | Buffer): Promise<Asked> {
  const folder = freshFolder(t);
  return { ...BINANCE, files: [await writeFileAs(join(folder, name), text)], out: join(folder, 'out') };
}

const TEXTS: Readonly<Record<string, string>> = {
  'a newline at the end': `${HEAD}\n${trade(1)}\n${trade(2)}\n`,
  'no newline at the end': `${HEAD}\n${trade(1)}\n${trade(2)}`,
  'blank lines at the end': `${HEAD}\n${trade(1)}\n${trade(2)}\n\n\n\n`,
  'lines that end in CRLF': `${HEAD}\r\n${trade(1)}\r\n${trade(2)}\r\n`,
  'CRLF, and none at the end': `${HEAD}\r\n${trade(1)}\r\n${trade(2)}`,
  'a byte order mark': `\uFEFF${HEAD}\n${trade(1)}\n${trade(2)}\n`,
  'a byte order mark and no head line': `\uFEFF${trade(1)}\n${trade(2)}\n`,
  'quoted names and values': `"${HEAD.replaceAll(',', '","')}"\n"1","108253.1","0.011","1","2","1761091200001","false"\n${trade(2)}\n`,
  'columns in another order': `${HEAD.replace('price,quantity', 'quantity,price')}\n1,0.011,108253.1,1,2,1761091200001,false\n2,0.011,108253.2,1,2,1761091200002,false\n`,
};
for (const [what, text] of Object.entries(TEXTS)) {
  for (const name of [NAME, `${NAME}.gz`, NAME.replace('.csv', '.zip')]) {
    test(`${what}: ${name.slice(name.indexOf('22') + 2)}`, async (t) => {
      const made = await imported(await written(t, name, text));
      assert.deepEqual(await rowsIn(made.get(SERIES)!.folder), [
        { time: 1761091200001000, price: 108253.1, qty: 0.011, side: 'buy', id: 1 },
        { time: 1761091200002000, price: 108253.2, qty: 0.011, side: 'buy', id: 2 },
      ]);
    });
  }
}

test('one series from files with and without a head line, in the order of time', async (t) => {
  const folder = freshFolder(t);
  const files = [
    await writeFileAs(join(folder, 'um/BTCUSDT-aggTrades-2022-08-12.zip'), `${HEAD}\n${trade(3)}\n`),
    await writeFileAs(join(folder, 'um/BTCUSDT-aggTrades-2022-08-11.zip'), `${trade(1)}\n${trade(2)}\n`),
  ];
  const made = (await imported({ ...BINANCE, files, out: join(folder, 'out') })).get(SERIES)!;
  assert.deepEqual(
    (await rowsIn(made.folder)).map(({ id }) => id),
    [1, 2, 3],
  );
  assert.equal(made.sorted, false);
  assert.deepEqual(
    made.files.map((path) => path.slice(-6, -4)),
    ['11', '12'],
  );
});

test('days that overlap a month: the trades of both count once', async (t) => {
  const folder = freshFolder(t);
  const files = [
    await writeFileAs(
      join(folder, 'um/BTCUSDT-aggTrades-2025-10-22.zip'),
      [1, 2].map((n) => `${trade(n)}\n`).join(''),
    ),
    await writeFileAs(
      join(folder, 'um/BTCUSDT-aggTrades-2025-10.zip'),
      [1, 2, 3].map((n) => `${trade(n)}\n`).join(''),
    ),
  ];
  const made = (await imported({ ...BINANCE, files, out: join(folder, 'out') })).get(SERIES)!;
  assert.deepEqual([made.rowsIn, made.rowsOut, made.dropped, made.conflicts], [5, 3, { duplicate: 2 }, 0]);
});

test('trades without ids: equal ones of a file stay, those that another file has too count once', async (t) => {
  const folder = freshFolder(t);
  const [a, b, c] = ['1584007200,7000,1\n', '1584007201,7001,2\n', '1584007202,7002,3\n'];
  const files = [
    await writeFileAs(join(folder, 'old/XBTUSD.csv'), `${a}${b}${b}`),
    await writeFileAs(join(folder, 'update/XBTUSD.csv'), `${b}${b}${b}${c}`),
  ];
  const made = (await imported({ vendor: 'kraken', files, out: join(folder, 'out') })).get(
    'kraken/XBTUSD/trades',
  )!;
  assert.deepEqual(
    (await rowsIn(made.folder)).map(({ qty }) => qty),
    [1, 2, 2, 2, 3],
  );
  assert.deepEqual(made.dropped, { duplicate: 2 });
});

test('the same file in two places counts once', async (t) => {
  const folder = freshFolder(t);
  const files = [
    await writeFileAs(join(folder, 'a/XBTUSD.csv'), '1584007200,7000,1\n'),
    await writeFileAs(join(folder, 'b/XBTUSD.csv'), '1584007200,7000,1\n'),
  ];
  const made = (await imported({ vendor: 'kraken', files, out: join(folder, 'out') })).get(
    'kraken/XBTUSD/trades',
  )!;
  assert.deepEqual([made.rowsIn, made.rowsOut, made.files.length], [1, 1, 1]);
});

test('ids beyond what float64 can hold stay whole', async (t) => {
  const asked = await written(t, NAME, `${HEAD}\n9007199254740993,1,1,1,2,1761091200001,true\n`);
  const made = (await imported(asked)).get(SERIES)!;
  const db = await openDuckDb();
  const connection = await db.connect();
  const [row] = await rowsOf<{ id: bigint }>(
    connection,
    `SELECT id FROM '${join(made.folder, 'data.parquet')}'`,
  );
  connection.closeSync();
  db.closeSync();
  assert.equal(row!.id, 9007199254740993n); // 2^53 + 1
});

const BROKEN: Readonly<Record<string, [text: string, code: string, message: RegExp, row?: number]>> = {
  'a text where a number should be': [
    `${HEAD}\n${trade(1)}\n2,x,1,1,2,1761091200002,true\n`,
    'DATA_SCHEMA',
    /"x"/,
    3,
  ],
  'a row that is cut off': [
    `${HEAD}\n${trade(1)}\n2,108253.2,0.0`,
    'DATA_SCHEMA',
    /Expected Number of Columns: 7 Found: 3/,
    3,
  ],
  'an empty cell': [`${HEAD}\n1,,0.011,1,2,1761091200002,true\n`, 'DATA_SCHEMA', /price/],
  'a NaN': [`${HEAD}\n1,nan,0.011,1,2,1761091200002,true\n`, 'DATA_SCHEMA', /price/],
  'a price without end': [`${HEAD}\n1,inf,0.011,1,2,1761091200002,true\n`, 'DATA_SCHEMA', /price/],
  'line ends of two kinds': [
    `${HEAD}\n${trade(1)}\r\n${trade(2)}\n`,
    'DATA_SCHEMA',
    /line ends of two kinds/,
  ],
  'a time that is none': [`${HEAD}\n${trade(1, 1761)}\n`, 'DATA_SCHEMA', /outside 2009/],
  'only a head line': [`${HEAD}\n`, 'DATA_MISSING', /no row of trades/],
  'nothing at all': ['', 'DATA_MISSING', /empty/],
  'a missing column': [
    `${HEAD.replace('quantity', 'amount')}\n${trade(1)}\n`,
    'DATA_SCHEMA',
    /no column quantity/,
  ],
  'columns of another kind': ['1,2,3\n', 'DATA_SCHEMA', /3 columns in its first line, but aggTrades have 7/],
};
for (const [what, [text, code, message, row]] of Object.entries(BROKEN)) {
  test(`${what} is refused with file and row, and nothing is left`, async (t) => {
    const asked = await written(t, NAME, text);
    const error = await refusal(asked);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.equal(error.place.file, asked.files[0]);
    assert.equal(error.place.row, row);
    assert.deepEqual(readdirSync(asked.out), []);
  });
}

test('a gzip or zip that is cut off is no whole one, wherever it is cut', async (t) => {
  const text = `${HEAD}\n${Array.from({ length: 4000 }, (_, n) => trade(n)).join('\n')}\n`;
  for (const name of [`${NAME}.gz`, NAME.replace('.csv', '.zip')]) {
    const asked = await written(t, name, text);
    const whole = readFileSync(asked.files[0]!);
    for (const cut of [1, 8, 9, 100, whole.length - 30]) {
      truncateSync(asked.files[0]!, whole.length - cut);
      const error = await refusal(asked);
      assert.equal(error.code, 'DATA_MISSING', `${name} less ${cut}: ${error.message}`);
      writeFileSync(asked.files[0]!, whole);
    }
  }
});

test('a cut-off gzip whose last line happens to be whole is refused', async (t) => {
  const folder = freshFolder(t);
  const parts = [`${HEAD}\n${trade(1)}\n`, `${trade(2)}\n`].map((text) => gzipSync(text));
  const path = join(folder, 'BTCUSDT-aggTrades-2025-10-22.csv.gz');
  writeFileSync(path, Buffer.concat([parts[0]!, parts[1]!.subarray(0, -8)]));
  const asked = { ...BINANCE, files: [path], out: join(folder, 'out'), options: { market: 'um' } };
  assert.equal((await refusal(asked)).code, 'DATA_MISSING');
});

test('a file is held to the checksum that lies beside it', async (t) => {
  const asked = await written(t, NAME.replace('.csv', '.zip'), `${trade(1)}\n`);
  const sum = `${'0'.repeat(64)}  BTCUSDT-aggTrades-2025-10-22.zip\n`;
  writeFileSync(`${asked.files[0]}.CHECKSUM`, sum);
  const error = await refusal(asked);
  assert.deepEqual([error.code, /CHECKSUM says 0000/.test(error.message)], ['DATA_MISSING', true]);
});

test('a packing that is not read says how to unpack', async (t) => {
  const folder = freshFolder(t);
  writeFileSync(join(folder, '21.lz4'), 'x');
  const error = await refusal({
    vendor: 'hyperliquid',
    files: [join(folder, '21.lz4')],
    out: join(folder, 'out'),
  });
  assert.match(error.remedy, /lz4 -d/);
});

test('a series that is there stays, and with --replace goes as a whole', async (t) => {
  const asked = await written(t, NAME, `${trade(1)}\n`);
  const folder = (await imported(asked)).get(SERIES)!.folder;
  const before = readFileSync(join(folder, 'data.parquet'));
  writeFileSync(join(folder, 'notes-of-mine.txt'), 'x');
  const error = await refusal(asked);
  assert.deepEqual([error.code, error.place.file], ['SCENARIO_INVALID', folder]);
  assert.deepEqual(readFileSync(join(folder, 'data.parquet')), before);
  await writeFileAs(asked.files[0]!, `${trade(2)}\n`);
  await imported({ ...asked, replace: true });
  assert.deepEqual(
    (await rowsIn(folder)).map(({ id }) => id),
    [2],
  );
  assert.deepEqual(readdirSync(folder).sort(), ['data.parquet', 'metadata.json']);
  assert.deepEqual(readdirSync(asked.out), ['binance-um']);
});

test('one bad series of several: none is written', async (t) => {
  const folder = freshFolder(t);
  const files = [
    await writeFileAs(join(folder, NAME), `${trade(1)}\n`),
    await writeFileAs(join(folder, 'um/ETHUSDT-aggTrades-2025-10-22.csv'), 'x,y\n'),
  ];
  await refusal({ ...BINANCE, files, out: join(folder, 'out') });
  assert.deepEqual(readdirSync(join(folder, 'out')), []);
});

test('the same files give the same bytes, in whatever order they are named', async (t) => {
  const folder = freshFolder(t);
  const rows = (from: number): string =>
    Array.from({ length: 60_000 }, (_, n) => `${trade(from + n)}\n`).join('');
  const files = [
    await writeFileAs(join(folder, 'um/BTCUSDT-aggTrades-2025-10-22.zip'), rows(0)),
    await writeFileAs(join(folder, 'um/BTCUSDT-aggTrades-2025-10-23.zip'), rows(50_000)),
    await writeFileAs(join(folder, 'um/BTCUSDT-aggTrades-2025-10-24.csv.gz'), rows(110_000)),
  ];
  const sums = new Set<string>();
  for (const named of [files, files.toReversed(), files]) {
    const out = join(folder, `out-${sums.size}-${named === files}`);
    const made = (await imported({ ...BINANCE, files: named, out, replace: true })).get(SERIES)!;
    assert.deepEqual([made.rowsOut, made.dropped], [170_000, { duplicate: 10_000 }]);
    sums.add(made.sha256 + readFileSync(join(made.folder, 'metadata.json'), 'utf8'));
  }
  assert.equal(sums.size, 1);
});

test('of a folder with many symbols one is picked', async (t) => {
  const folder = freshFolder(t);
  const files = [
    await writeFileAs(join(folder, NAME), `${trade(1)}\n`),
    await writeFileAs(join(folder, 'um/ETHUSDT-aggTrades-2025-10-22.csv'), `${trade(2)}\n`),
  ];
  const made = await imported({ ...BINANCE, files, out: join(folder, 'out'), symbol: 'ETHUSDT' });
  assert.deepEqual([...made.keys()], ['binance-um/ETHUSDT/aggTrades']);
  const error = await refusal({ ...BINANCE, files, out: join(folder, 'out'), symbol: 'SOLUSDT' });
  assert.deepEqual([error.code, /another symbol than SOLUSDT/.test(error.message)], ['DATA_MISSING', true]);
});

test('a symbol cannot lead out of the archive', async (t) => {
  const folder = freshFolder(t);
  const files = [await writeFileAs(join(folder, 'XBTUSD.csv'), '1584007200,7000,1\n')];
  const out = join(folder, 'out');
  const made = await imported({ vendor: 'kraken', files, out, symbol: '../../XBT/USD' });
  assert.deepEqual([...made.keys()], ['kraken/..-..-XBT-USD/trades']);
  assert.equal((await refusal({ vendor: 'kraken', files, out, symbol: '..' })).code, 'DATA_SCHEMA');
});

test('the command: list, options that do not exist, offsets, JSON', async (t) => {
  const list = await cascade('import', 'list');
  assert.equal(list.exit, 0);
  assert.match(list.out, /^bitmex: /m);
  const asked = await written(t, NAME, `${HEAD}\n${trade(1)}\n`);
  const file = asked.files[0]!;
  const wrong = await cascade('import', 'binance-vison', file);
  assert.match(wrong.err, /SCENARIO_INVALID: unknown vendor binance-vison[\s\S]*Did you mean binance-vision/);
  const option = await cascade('import', 'binance-vision', file, '--option', 'markt=um', '--out', asked.out);
  assert.match(option.err, /no option markt[\s\S]*Did you mean market/);
  assert.equal((await cascade('import', 'binance-vision', file, '--offset=8x')).exit, 2);
  assert.match(
    (await cascade('import', 'binance-vision', 'nowhere/*.zip')).err,
    /DATA_MISSING: no such file/,
  );
  for (const beside of ['x.zip.CHECKSUM', 'x.zip.part', 'x.zip.part.json', '.lock'])
    writeFileSync(join(file, '..', beside), 'x');
  const done = await cascade(
    'import',
    'binance-vision',
    join(file, '..'),
    '--offset=-8h',
    '--json',
    '--out',
    asked.out,
  );
  const [made] = JSON.parse(done.out) as { rowsOut: number; fromUs: number }[];
  assert.deepEqual([done.exit, made!.rowsOut, made!.fromUs], [0, 1, 1761091200001000 - 28_800_000_000]);
});

const CLI = join(import.meta.dirname, '../../../src/cli/main.ts');
test('Ctrl-C leaves nothing half-written; what a kill leaves the next import takes away', async (t) => {
  const folder = freshFolder(t);
  const out = join(folder, 'out');
  const text = Array.from({ length: 400_000 }, (_, n) => trade(n)).join('\n');
  const file = await writeFileAs(join(folder, `${NAME}.gz`), text);
  const script = `import(${JSON.stringify(CLI)}).then((m) => m.mainProcess())`;
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const child = spawn(process.execPath, [
      '-e',
      script,
      'cascade',
      'import',
      'binance-vision',
      file,
      '--out',
      out,
    ]);
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    const working = (): boolean =>
      existsSync(out) && readdirSync(out).some((name) => hasData(join(out, name)));
    while (!working() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill(signal);
    const code = await ended;
    assert.equal(code, signal === 'SIGINT' ? 130 : null, 'it ended before the signal');
    assert.equal(readdirSync(out).length, signal === 'SIGINT' ? 0 : 1);
  }
  mkdirSync(join(out, '.importing-1-x')); // of a process that lives: it stays
  const small = await writeFileAs(
    join(folder, 'um/ETHUSDT-aggTrades-2025-10-22.csv'),
    `${HEAD}\n${trade(1)}\n`,
  );
  await imported({ ...BINANCE, files: [small], out });
  assert.deepEqual(readdirSync(out).sort(), ['.importing-1-x', 'binance-um']);
});

/** Whether an import in progress has begun to write rows. */
function hasData(work: string): boolean {
  return existsSync(join(work, 'series-0/data.parquet'));
}
