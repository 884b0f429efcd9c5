/**
 * The doctor and its command: sound days have no finding, a file that cannot be read does not hide the
 * others, and the command says place, effect and remedy. The planted faults are in doctor*.test.ts beside.
 */
import assert from 'node:assert/strict';
import { copyFileSync, rmSync, statSync, truncateSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CHECKS } from '../../../src/archive/doctor/checks.ts';
import { examineFiles } from '../../../src/archive/doctor/examine.ts';
import { cascade } from '../../support/cli.ts';
import { CANDLE_COLUMNS, writeQuery, writeRows } from '../../support/parquet.ts';
import { PATHS, type Plant, plant, writeCleanDays } from '../../support/plantedDays.ts';
import { within } from '../../support/plantedFaults.ts';
import { readText } from '../../support/sources.ts';
import { candles, tinyScenario } from '../../support/tinyScenario.ts';

let clean = '';
before(async () => {
  clean = await writeCleanDays();
});
after(() => rmSync(clean, { recursive: true, force: true }));

test('the clean days have no finding at all', async (t) => {
  const folder = await plant(t, {
    clean,
    fault: null,
    beside: ['candles', 'funding', 'trades', 'book', 'taker'],
  });
  const { series, findings } = await examineFiles(folder, []);
  assert.deepEqual(findings, []);
  assert.equal(series.length, 12);
});

test('planted: nanoseconds that went through a double: lostDigits', async (t) => {
  const folder = await plant(t, { clean, fault: null, beside: [] });
  const file = join(folder, 'plain.parquet');
  // 1.6e18 lies between 2^60 and 2^61, where doubles are 256 apart
  await writeQuery(
    file,
    `SELECT (time * 1000 + 137 + file_row_number)::DOUBLE::BIGINT AS ts_ns, price, qty, side
     FROM read_parquet('${join(clean, PATHS.trades)}', file_row_number = true)`,
  );
  const { findings } = await examineFiles(file, []);
  assert.deepEqual(
    findings.map(({ problem, field, row, count }) => [problem, field, row, count]),
    [['lostDigits', 'time', 1, 17_280]],
  );
});

test('planted: a file cut off: unreadable, and the others are looked at', async (t) => {
  const folder = await plant(t, { clean, fault: null, beside: ['candles', 'funding'] });
  const file = join(folder, PATHS.candles);
  unlinkSync(file);
  copyFileSync(join(clean, PATHS.candles), file);
  truncateSync(file, Math.floor(statSync(file).size / 2));
  const { series, findings } = await examineFiles(folder, []);
  assert.deepEqual(
    findings.map(({ problem, code, file: where }) => [problem, code, where]),
    [['unreadable', 'DATA_MISSING', file]],
  );
  assert.equal(series.length, 3);
});

test('the command: text with place, effect and remedy; JSON; exit 2; accepted by name', async (t) => {
  const fault: Plant = { file: 'candles', where: `NOT (${within(500, 509)})` };
  const folder = await plant(t, { clean, fault, beside: [] });
  const told = await cascade('data', 'check', folder);
  assert.equal(told.exit, 2);
  assert.match(
    told.out,
    /^DATA_GAP: gaps in alpha .*\(file .*candles\.parquet, row 500, from 2021-05-18T08:18:00Z.*\)\n {2}effect: \S.*\n {2}\S/,
  );
  assert.match(told.out, /6 series, 1 faults, 0 notes, 1 not accepted$/);
  const json = await cascade('data', 'check', join(folder, PATHS.candles), '--json');
  const { ok, findings } = JSON.parse(json.out) as {
    ok: boolean;
    findings: { problem: string; count: number }[];
  };
  assert.deepEqual(
    [json.exit, ok, findings.map(({ problem, count }) => [problem, count])],
    [2, false, [['gaps', 10]]],
  );
  const accepted = await cascade('data', 'check', folder, '--accept', 'gaps');
  assert.equal(accepted.exit, 0);
  assert.match(accepted.out, /^accepted: gaps in alpha/);
  const wrong = await cascade('data', 'check', folder, '--accept', 'gap');
  assert.equal(wrong.exit, 2);
  assert.match(wrong.err, /Did you mean gaps\?/);
});

test("a scenario's streams are compared too: a constituent far from the perpetual", async (t) => {
  const tiny = await tinyScenario(t);
  // 52,000 falling to 47,800 beside 42,000 falling to 37,800: a quarter too high, at every bar
  await writeRows(join(tiny.folder, 'spot.parquet'), CANDLE_COLUMNS, candles(10_000));
  const command = ['data', 'check', tiny.scenario, '--data', tiny.folder];
  const told = await cascade(...command);
  assert.equal(told.exit, 2);
  assert.match(told.out, /^DATA_SCHEMA: wrongSymbol in spot: .*\n {2}effect: .*\n {2}Check symbol/);
  assert.match(told.out, /^2 streams, 1 findings, 1 not accepted$/m);
  const accepted = await cascade(...command, '--accept', 'wrongSymbol');
  assert.equal(accepted.exit, 0);
});

test('docs/data.md has a row for every check, and for no other', () => {
  const [, table = ''] = readText('docs/data.md').split('### The data doctor');
  const rows = table.split('\n## ')[0]!.match(/^\| `\w+`.*?\|/gm) ?? [];
  const named = rows.flatMap((row) => row.match(/\w+(?=`)/g) ?? []);
  assert.deepEqual(named.sort(), Object.keys(CHECKS).sort());
});
