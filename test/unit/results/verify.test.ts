/** Verification: a sound run passes every line, and each line fails when its own fact is broken. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDuckDb, sqlName } from '../../../src/basics/duckdb.ts';
import { ReplayError } from '../../../src/basics/errors.ts';
import { money, price, qty } from '../../../src/basics/exact.ts';
import { measure } from '../../../src/measure/measure.ts';
import { parquetPath } from '../../../src/results/exportRun.ts';
import { readRun } from '../../../src/results/manifest.ts';
import { TABLES } from '../../../src/results/schema.ts';
import { Store } from '../../../src/results/store.ts';
import { checkRows, verifyRun } from '../../../src/results/verifyRun.ts';
import { type Rows, sampleBeats } from '../../support/rows.ts';
import { sampleFacts } from '../../support/runFacts.ts';
import { writeSample } from '../../support/sampleRun.ts';
import { tampered } from '../../support/tamperedRows.ts';

const base = mkdtempSync(join(tmpdir(), 'cascade-verify-'));
after(() => rmSync(base, { recursive: true, force: true }));
let runs = 0;
const place = (): string => join(base, String(runs++));

async function failing(folder: string): Promise<string[]> {
  return (await verifyRun(folder, measure)).filter((line) => !line.ok).map((line) => line.check);
}

test('a sound run passes', async () => {
  const folder = place();
  await writeSample(folder);
  const lines = await verifyRun(folder, measure);
  assert.deepEqual(
    lines.filter((line) => !line.ok),
    [],
  );
  assert.ok(lines.length > 3 * TABLES.length + 20);
  for (const line of lines) assert.ok(!line.got.startsWith('0 of 0'), `nothing was compared: ${line.check}`);
});

for (const [what, tamper, expected] of tampered) {
  test(`verification finds ${what}`, async () => {
    const beats = sampleBeats();
    tamper(beats);
    const store = await Store.open(place());
    for (const rows of beats) store.record(0, rows);
    const lines = await checkRows(await store.settle(), sampleFacts());
    store.abandon();
    assert.deepEqual(
      lines.filter((line) => !line.ok).map((line) => line.check),
      [...expected],
    );
  });
}

test('a value changed on disk in any table is found, in the database and in the export', async () => {
  const folder = place();
  await writeSample(folder);
  const instance = await openDuckDb({ path: join(folder, 'results.duckdb') });
  const connection = await instance.connect();
  const changed: string[] = [];
  for (const { name, columns, perWorld } of TABLES) {
    const { rows } = readRun(folder).tables[name]!;
    if (rows === 0) continue; // ensemble, reconciliation: the sample has none
    const text = Object.entries(columns).find(([, c]) => c.kind === 'text');
    assert.ok(perWorld || text !== undefined);
    await connection.run(
      text === undefined
        ? `UPDATE ${name} SET world = 7`
        : `UPDATE ${name} SET ${sqlName(text[0])} = 'x' WHERE rowid = 0`,
    );
    changed.push(name);
    const bytes = readFileSync(parquetPath(folder, name));
    bytes[20]! ^= 1;
    writeFileSync(parquetPath(folder, name), bytes);
  }
  connection.closeSync();
  instance.closeSync();
  assert.equal(changed.length, TABLES.length - 2);
  const checks = await failing(folder);
  for (const name of changed) {
    assert.ok(checks.includes(`${name}: contents of results.duckdb`), name);
    assert.ok(checks.includes(`${name}: sha256 of the Parquet file`), name);
  }
});

test('a figure, a fact, a hash or a headline changed after the run is found', async () => {
  const folder = place();
  await writeSample(folder);
  const text = readFileSync(join(folder, 'run.json'), 'utf8');
  const cases: readonly [from: string | RegExp, to: string, check: string][] = [
    ['"participation": "0.25"', '"participation": "0.5"', 'run.json: id of the facts'],
    ['"participation": "0.25"', '"participation": "0.5"', 'manifest: facts of run.json'],
    [/"rules": "[0-9a-f]{64}"/, `"rules": "${'0'.repeat(64)}"`, 'run.json: hashes of the facts'],
    [
      '"0|liquidatedNotional|BTCUSDT|long||USDT": "22572"',
      '"0|liquidatedNotional|BTCUSDT|long||USDT": "22571"',
      'run.json: headline of the metrics table',
    ],
  ];
  for (const [from, to, check] of cases) {
    const other = text.replace(from, to);
    assert.notEqual(other, text, String(from));
    writeFileSync(join(folder, 'run.json'), other);
    assert.ok((await failing(folder)).includes(check), check);
  }
});

test('a metric that its rows do not give is found', async () => {
  const folder = place();
  await writeSample(folder, undefined, {
    measure: async (connection) => {
      const metrics = await measure(connection, sampleFacts());
      return { metrics: metrics.map((m, i) => (i === 0 ? { ...m, value: '22573' } : m)) };
    },
  });
  assert.deepEqual(await failing(folder), ['metrics: every figure computed anew from the rows']);
});

test('a report that says another number is found', async () => {
  const report = (figures: string): string =>
    `<html><script type="application/json" id="figures">${figures}</script></html>`;
  const key = '0|liquidatedNotional|BTCUSDT|long||USDT';
  const cases: readonly [text: string, failing: readonly string[]][] = [
    [report(JSON.stringify({ [key]: '22572' })), []],
    [report(JSON.stringify({ [key]: '22572.1' })), ['report.html: figures of the metrics table']],
    [report(JSON.stringify({ other: '22572' })), ['report.html: figures of the metrics table']],
    [report('{'), ['report.html: figures']],
    ['<html></html>', ['report.html: figures']],
  ];
  for (const [text, expected] of cases) {
    const folder = place();
    await writeSample(folder, undefined, { files: async () => ({ 'report.html': text }) });
    assert.deepEqual(await failing(folder), expected);
  }
});

test('a folder without a result is refused, a broken database is a failing line', async () => {
  await assert.rejects(verifyRun(base), (e) => e instanceof ReplayError && e.code === 'RESULT_STORE');
  const folder = place();
  await writeSample(folder);
  truncateSync(join(folder, 'results.duckdb'), 5000);
  assert.deepEqual(await failing(folder), ['results.duckdb: opens']);
});

/**
 * An inverse market by hand, contracts of 1 USD, cut at a satoshi. A long 100 @ 8000 (0.0125), B short
 * 60 @ 8000 (0.0075): `market` is short 40, entry -0.005. At 6000 A closes 50: value 50 / 6000 =
 * 0.00833333, entry 0.00625, so A pays 0.00208333; `market` has +10, entry 0.00125. At mark 6400 its 10
 * are worth 0.0015625: profit 0.00208333 - (0.0015625 - 0.00125) = 0.00177083.
 */
function inverse(): { facts: ReturnType<typeof sampleFacts>; beats: Rows[] } {
  const facts = structuredFacts();
  const [first, second] = sampleBeats().map((rows) => {
    for (const list of Object.values(rows)) if (list !== rows.beats) list.length = 0;
    return rows;
  });
  const template = sampleBeats()[1]!;
  Object.assign(first!.beats[0]!, {
    market: 'XBTUSD',
    mark: price('8000'),
    openInterest: qty('100'),
    marketNet: qty('40'),
    marketSide: 'short',
    marketProfit: money('0'),
  });
  Object.assign(second!.beats[0]!, {
    market: 'XBTUSD',
    mark: price('6400'),
    low: price('5900'),
    openInterest: qty('60'),
    marketNet: qty('10'),
    marketSide: 'long',
    marketProfit: money('0.00177083'),
  });
  const leg = sampleBeats()[0]!.accounts[0]!;
  for (const [when, account, side, q, entry] of [
    ['before', 'A', 'long', '100', '0.0125'],
    ['before', 'B', 'short', '60', '0.0075'],
    ['after', 'A', 'long', '50', '0.00625'],
    ['after', 'B', 'short', '60', '0.0075'],
  ] as const)
    first!.accounts.push({
      ...leg,
      when,
      account,
      side,
      market: 'XBTUSD',
      qty: qty(q),
      entryValue: money(entry),
    });
  second!.fills.push({
    ...template.fills[0]!,
    market: 'XBTUSD',
    qty: qty('50'),
    price: price('6000'),
    value: money('0.00833333'),
    entryValue: money('0.00625'),
    why: 'account-event',
    priceRule: 'book',
  });
  second!.transfers.push({
    ...template.transfers[0]!,
    market: 'XBTUSD',
    asset: 'XBT',
    amount: money('0.00208333'),
  });
  for (const [when, account, amount] of [
    ['before', 'A', '1'],
    ['before', 'market', '0'],
    ['after', 'A', '0.99791667'],
    ['after', 'market', '0.00208333'],
  ] as const)
    first!.balances.push({ when, account, asset: 'XBT', balance: money(amount) });
  return { facts, beats: [first!, second!] };
}

function structuredFacts(): ReturnType<typeof sampleFacts> {
  const facts = sampleFacts();
  const [linear] = Object.values(facts.scenario.facts.markets);
  const market = { ...linear!, id: 'XBTUSD', kind: 'inverse' as const, settle: 'XBT', qtyStep: qty('1') };
  return {
    ...facts,
    scenario: { ...facts.scenario, facts: { ...facts.scenario.facts, markets: { XBTUSD: market } } },
    worlds: [{ ...facts.worlds[0]!, world: 1 }],
  };
}

test('an inverse market in a second world passes, and fails by a satoshi', async () => {
  const profitLines = (await checked()).filter((line) => line.check.startsWith('beats'));
  assert.equal(profitLines.length, 6);
  assert.deepEqual(
    (await checked()).filter((line) => !line.ok),
    [],
  );
  const wrong = await checked((beats) => {
    beats[1]!.beats[0]!.marketProfit = money('0.00177084');
  });
  assert.deepEqual(
    wrong.filter((line) => !line.ok).map((line) => line.check),
    [
      'beats: profit of `market` = cash + value at mark - entry value, entry values summing to 0',
      'beats: realized profit of `market` = the same counted fill by fill, qty * (mark - price)',
    ],
  );

  async function checked(tamper: (beats: Rows[]) => void = () => {}) {
    const { facts, beats } = inverse();
    tamper(beats);
    const store = await Store.open(place());
    for (const rows of beats) store.record(1, rows);
    const lines = await checkRows(await store.settle(), facts);
    store.abandon();
    return lines;
  }
});
