/** Every problem of data is an error with file, row and remedy, unless the scenario accepts it by name. */
import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { parseInstant } from '../../../src/basics/instant.ts';
import { checkData, loadFrames } from '../../../src/load/loadFrames.ts';
import type { StreamSpec } from '../../../src/rules/facts.ts';
import { factsOf, stream } from '../../support/facts.ts';
import { CANDLE_COLUMNS, type Cell, freshFolder, TRADE_COLUMNS, writeRows } from '../../support/parquet.ts';

const T = parseInstant('2020-03-12T10:00Z');
const MINUTE = 60_000_000;
const FROM = '2020-03-12T10:00Z';
const UNTIL = '2020-03-12T10:03Z';
const places = (dir: string) => ({ dataDir: dir, folder: dir });
const load = (dir: string, over: Partial<StreamSpec>) =>
  loadFrames(factsOf(FROM, UNTIL, [stream(over)]), {
    ...places(dir),
    timing: 'common',
    seed: '1',
    cacheDir: '',
  });

/** Spoils one cell. */
const set =
  (row: number, column: number, cell: Cell) =>
  (rows: Cell[][]): Cell[][] => {
    rows[row]![column] = cell;
    return rows;
  };

/** Three sound candles; a test spoils one cell. */
const sound = (): Cell[][] => [0, 1, 2].map((i) => [T + i * MINUTE, 100, 101, 99, 100.5, 10]);
const candles = async (t: TestContext, rows: readonly (readonly Cell[])[]): Promise<string> => {
  const dir = freshFolder(t);
  await writeRows(join(dir, 'a.parquet'), CANDLE_COLUMNS, rows);
  return dir;
};
const failsWith = (code: string, row: number | undefined, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ReplayError, String(error));
  assert.equal(error.code, code, error.message);
  assert.equal(error.place.row, row, error.message);
  assert.match(error.message, words);
  assert.ok(error.place.file?.endsWith('.parquet'));
  assert.ok(error.remedy.length > 10);
  return true;
};

const spoilt: [string, (rows: Cell[][]) => Cell[][], string, number | undefined, RegExp][] = [
  ['a null price', set(1, 4, null), 'DATA_SCHEMA', 2, /null in "close"/],
  ['a null time', set(1, 0, null), 'DATA_SCHEMA', 2, /null in time/],
  ['a NaN', set(2, 2, NaN), 'DATA_SCHEMA', 3, /price NaN/],
  ['a price of 0', set(0, 3, 0), 'DATA_SCHEMA', 1, /price 0 is not above 0/],
  ['a negative volume', set(1, 5, -1), 'DATA_SCHEMA', 2, /volume -1/],
  ['a high below the close', set(1, 2, 100.2), 'DATA_SCHEMA', 2, /low 99 <= close/],
  ['a price off its tick', set(1, 4, 100.55), 'DATA_SCHEMA', 2, /no multiple of the tick 0.1/],
  ['a volume off its lot', set(1, 5, 0.0005), 'DATA_SCHEMA', 2, /no whole number of lots/],
  ['a bar off its grid', set(1, 0, T + MINUTE + 1), 'DATA_SCHEMA', 2, /opens no bar on a grid of 1m/],
  ['an outlier', set(2, 2, 160), 'DATA_SCHEMA', 3, /more than 50 %/],
  ['an open outside its range', set(1, 1, 102), 'DATA_SCHEMA', 2, /open 102 lies outside/],
  ['a bar twice', (r) => [r[0]!, r[0]!, r[1]!, r[2]!], 'DATA_DISORDER', 2, /stands there twice/],
  ['bars out of order', (r) => [r[1]!, r[0]!, r[2]!], 'DATA_DISORDER', 2, /follows/],
  [
    'a bar missing',
    (r) => [r[0]!, r[2]!],
    'DATA_GAP',
    undefined,
    /1 bars are missing, the first at 2020-03-12T10:01/,
  ],
  ['a late start', (r) => [r[1]!, r[2]!], 'DATA_GAP', undefined, /covers only/],
  ['an early end', (r) => [r[0]!, r[1]!], 'DATA_GAP', undefined, /covers only/],
  ['nothing traded', set(1, 5, 0), 'DATA_GAP', 2, /nothing traded/],
  ['microseconds called milliseconds', set(1, 0, T / 1000), 'DATA_SCHEMA', 2, /it is one in ms/],
  ['no row at all', () => [], 'DATA_MISSING', undefined, /has no row/],
  [
    'another day',
    (r) => r.map((c) => [Number(c[0]) + 86_400_000_000, ...c.slice(1)]),
    'DATA_GAP',
    undefined,
    /it covers 2020-03-13/,
  ],
];

for (const [what, spoil, code, row, words] of spoilt) {
  test(`candles with ${what}: ${code}`, async (t) => {
    const dir = await candles(t, spoil(sound()));
    const wanted = failsWith(code, row, words);
    await assert.rejects(load(dir, { path: 'a.parquet' }), (error: unknown) => {
      if (row !== undefined || (error as ReplayError).place.file !== undefined) return wanted(error);
      assert.equal((error as ReplayError).code, code); // the absence of rows has no place in a file
      assert.match((error as Error).message, words);
      return true;
    });
  });
}

test('sound candles fold, and what is accepted by name is counted', async (t) => {
  const rows = sound();
  rows[1] = [T + MINUTE, 102, 101, 99, 100.5, 0]; // open outside its range, nothing traded
  const dir = await candles(t, rows);
  const frames = await load(dir, { path: 'a.parquet', accept: ['openOutsideRange', 'zeroVolume'] });
  assert.deepEqual(frames.streams[0]!.accepted, { openOutsideRange: 1, zeroVolume: 1 });
  const { lastTicks, highTicks } = frames.markets.get('BTCUSDT')!;
  assert.equal(lastTicks[60], 1010); // the path starts at the open clamped to the high
  assert.equal(Math.max(...highTicks), 1010);
});

test('a gap that is accepted carries the last price and no volume', async (t) => {
  const dir = await candles(t, [sound()[0]!, sound()[2]!]);
  const frames = await load(dir, { path: 'a.parquet', accept: ['gaps'] });
  const own = frames.markets.get('BTCUSDT')!;
  for (let beat = 60; beat < 120; beat++) {
    assert.deepEqual(
      [own.lastTicks[beat], own.highTicks[beat], own.lowTicks[beat], own.lots[beat]],
      [1005, 1005, 1005, 0],
    );
  }
  assert.deepEqual(frames.streams[0]!.accepted, { gaps: 1 });
});

test('no file, a truncated file, no Parquet at all, a missing and a mistyped column', async (t) => {
  const dir = await candles(t, sound());
  await assert.rejects(load(dir, { path: 'b.parquet' }), failsWith('DATA_MISSING', undefined, /no file/));
  await assert.rejects(load(dir, { path: 'b*.parquet' }), failsWith('DATA_MISSING', undefined, /no file/));
  await assert.rejects(
    load(dir, { path: 'a.parquet', columns: { open: 'opn' } }),
    (e: unknown) =>
      failsWith('DATA_SCHEMA', undefined, /no column opn/)(e) &&
      /Did you mean open/.test((e as ReplayError).remedy),
  );
  await writeRows(join(dir, 'text.parquet'), { ...CANDLE_COLUMNS, close: 'VARCHAR' }, sound());
  await assert.rejects(
    load(dir, { path: 'text.parquet' }),
    failsWith('DATA_SCHEMA', undefined, /close is VARCHAR/),
  );
  await writeRows(join(dir, 'stamp.parquet'), { time: 'TIMESTAMP', close: 'DOUBLE' }, [
    ['2020-03-12 10:00:00', 1],
  ]);
  await assert.rejects(
    load(dir, { path: 'stamp.parquet' }),
    failsWith('DATA_SCHEMA', undefined, /time is TIMESTAMP/),
  );
  writeFileSync(join(dir, 'noise.parquet'), 'no parquet at all, only words');
  await assert.rejects(
    load(dir, { path: 'noise.parquet' }),
    failsWith('DATA_MISSING', undefined, /cannot be read/),
  );
  truncateSync(join(dir, 'a.parquet'), 300);
  await assert.rejects(
    load(dir, { path: 'a.parquet' }),
    failsWith('DATA_MISSING', undefined, /cannot be read/),
  );
});

/** Trades every 30 s of the three minutes. */
const ticks = (): Cell[][] =>
  [0, 1, 2, 3, 4, 5].map((i) => [
    T + i * 30_000_000,
    100 + i / 10,
    0.001 * (i + 1),
    i % 2 === 0 ? 'buy' : 'sell',
  ]);
const trades = async (t: TestContext, rows: readonly (readonly Cell[])[]): Promise<string> => {
  const dir = freshFolder(t);
  await writeRows(join(dir, 'a.parquet'), TRADE_COLUMNS, rows);
  return dir;
};
const asTrades = { kind: 'trades', intervalUs: 0, path: 'a.parquet' } as const;

const spoiltTrades: [string, (rows: Cell[][]) => Cell[][], string, number, RegExp][] = [
  ['a negative quantity', set(3, 2, -1), 'DATA_SCHEMA', 4, /quantity -1/],
  ['a null quantity', set(3, 2, null), 'DATA_SCHEMA', 4, /null/],
  ['a negative price', set(3, 1, -5), 'DATA_SCHEMA', 4, /price -5/],
  ['disorder', set(3, 0, T), 'DATA_DISORDER', 4, /follows/],
  ['an outlier', set(3, 1, 1000), 'DATA_SCHEMA', 4, /more than 50 %/],
  ['an unknown side', set(3, 3, 'up'), 'DATA_SCHEMA', 4, /null in/],
];
for (const [what, spoil, code, row, words] of spoiltTrades) {
  test(`trades with ${what}: ${code}`, async (t) => {
    await assert.rejects(load(await trades(t, spoil(ticks())), asTrades), failsWith(code, row, words));
  });
}

test('more than ten silent minutes are a gap; at the ends the stream is too short', async (t) => {
  const dir = freshFolder(t);
  const at = (minutes: number): Cell[] => [T + minutes * MINUTE, 100, 1, 'buy'];
  const facts = factsOf(FROM, '2020-03-12T11:00Z', [stream(asTrades)]);
  const options = { ...places(dir), timing: 'common', seed: '', cacheDir: '' } as const;
  const cases: [number[], RegExp, string][] = [
    [[0, 10, 20, 31, 40, 50, 55], /no trade for 11m/, 'gaps'],
    [[12, 20, 30, 40, 50, 55], /no trade for 12m/, 'beyondWindow'],
    [[0, 10, 20, 30, 40, 49], /11m before the window does/, 'beyondWindow'],
  ];
  for (const [minutes, words, problem] of cases) {
    await writeRows(join(dir, 'a.parquet'), TRADE_COLUMNS, minutes.map(at));
    await assert.rejects(loadFrames(facts, options), (e: unknown) => {
      assert.equal((e as ReplayError).code, 'DATA_GAP');
      assert.match((e as Error).message, words);
      assert.ok((e as ReplayError).remedy.includes(problem));
      return true;
    });
  }
});

test('a trade id twice is a duplicate; accepted, it counts once', async (t) => {
  const dir = freshFolder(t);
  const rows = [
    [1, 2],
    [2, 3],
    [2, 3],
    [3, 1],
  ].map(([id, lots], i) => [T + i, 100, lots! / 1000, id!]);
  await writeRows(
    join(dir, 'a.parquet'),
    { time: 'BIGINT', price: 'DOUBLE', qty: 'DOUBLE', id: 'BIGINT' },
    rows,
  );
  await assert.rejects(load(dir, asTrades), failsWith('DATA_DISORDER', 3, /twice/));
  const frames = await load(dir, { ...asTrades, accept: ['duplicates'] });
  assert.equal(frames.markets.get('BTCUSDT')!.lots[0], 6); // 2 + 3 + 1
});

test('data check notes every kind of problem of every stream, with its number and first place', async (t) => {
  const rows = sound();
  rows[0]![1] = 102;
  rows[1]![1] = 103;
  rows[2]![5] = 0;
  const dir = await candles(t, rows);
  const streams = [
    stream({ path: 'a.parquet', accept: ['zeroVolume'] }),
    stream({ id: 'gone', role: 'mark', path: 'x.parquet' }),
  ];
  const findings = await checkData(factsOf(FROM, UNTIL, streams), places(dir));
  assert.deepEqual(
    findings.map(({ stream: id, code, row, accepted, count }) => [id, code, row, accepted, count]),
    [
      ['perp', 'DATA_SCHEMA', 1, false, 2],
      ['perp', 'DATA_GAP', 3, true, 1],
      ['gone', 'DATA_MISSING', null, false, 1],
    ],
  );
});
