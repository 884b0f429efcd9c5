/**
 * The recomputed mark against Binance's own, where perpetual and main constituent are both known at
 * five minutes or finer. The hours with hourly bars are in docs/validation.md as measured; they bind
 * nothing here, because the path inside an hourly bar decides them.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { markLows, markLowTable } from '../../src/study/markLows.ts';

const dataDir = join(import.meta.dirname, '../../../shared/data');
const skip = existsSync(join(dataDir, 'events')) ? false : 'the shared data folder is not here';

const measured = skip === false ? markLows({ dataDir }) : Promise.resolve([]);

test('mark lows of 14 June 2022 and 10 October 2025 within 50 basis points', { skip }, async () => {
  const fine = (await measured).filter((row) => row.perpInterval === '5m' && row.spotInterval === '5m');
  assert.deepEqual(
    [...new Set(fine.map((row) => row.hour))],
    ['2022-06-14T01:00:00Z', '2025-10-10T21:00:00Z'],
  );
  assert.equal(fine.length, 2 * 2 * 4 * 4); // hours, sets, rules, timings
  for (const row of fine) assert.ok(Math.abs(row.differenceBp) <= 50, JSON.stringify(row));
});

test('docs/validation.md shows the table as measured', { skip }, async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/validation.md'), 'utf8');
  assert.ok(
    page.includes(markLowTable(await measured)),
    'print markLowTable(await markLows({ dataDir })) anew',
  );
});
