/** `cascade validate` as a user types it, on the one record of checks that takes no replay. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDuckDb, rowsOf, sqlText } from '../../src/basics/duckdb.ts';
import type { DayCheck } from '../../src/study/validate/checkRow.ts';
import { cascade } from '../support/cli.ts';
import { NO_SHARED_DATA, SHARED_DATA } from '../support/facts.ts';

const NAME = 'hyperliquid-2025-10-10';

test('a failing check is a row, not an error', { skip: NO_SHARED_DATA }, async () => {
  const { exit, out, err } = await cascade('validate', NAME, '--data', SHARED_DATA);
  assert.deepEqual([exit, err], [0, '']);
  const lines = out.split('\n');
  // three rows of three lines, and the count
  assert.equal(lines.length, 10);
  assert.equal(lines.at(-1), '1 pass, 1 FAIL, 1 not tested');
  const at = lines.findIndex((line) => line.startsWith('FAIL'));
  assert.match(lines[at]!, /check 9, hyperliquid-2025-10-10: first wave of Hyperliquid in AVAX/);
  assert.match(lines[at + 1]!, /ours: .*band: Spearman at least 0.9; source: HyperReplay/);
});

test('the first wave of Hyperliquid is ranked and shared as SQL does it', {
  skip: NO_SHARED_DATA,
}, async () => {
  const { exit, out } = await cascade('validate', NAME, '--data', SHARED_DATA, '--json');
  assert.equal(exit, 0);
  const { rows } = JSON.parse(out) as { rows: DayCheck[] };
  const [order, need] = rows;
  const instance = await openDuckDb();
  const connection = await instance.connect();
  const path = sqlText(join(SHARED_DATA, 'hyperliquid-20251010/adl_first_wave_sample.parquet'));
  // higher score first: entry / mark of a short, times value / equity
  const [found] = await rowsOf<{ rank: number; profit: number; poorest: bigint }>(
    connection,
    `WITH w AS (SELECT row_number() OVER () AS place, *,
         entry_price / adl_price * abs(position_size) * adl_price / account_value AS score
       FROM read_parquet(${path}) WHERE coin = 'AVAX'),
     r AS (SELECT *, rank() OVER (ORDER BY score DESC) AS ours FROM w)
     SELECT corr(place, ours) AS rank, sum(adl_size * (entry_price - adl_price)) AS profit,
       arg_min(place, account_value) AS poorest FROM r`,
  );
  connection.closeSync();
  instance.closeSync();
  assert.equal(order!.ours, found!.rank.toFixed(3));
  assert.match(order!.reason, new RegExp(` ${found!.poorest}th: `));
  // 4222.73 USD of need (autodeleveraging-analysis) over the wave's profit is everybody's haircut
  const haircut = ((100 * 4222.73) / found!.profit).toFixed(1);
  assert.equal(need!.ours, '0.00 USD');
  assert.match(need!.reason, new RegExp(`largest haircut ${haircut.replace('.', '\\.')} %`));
});

test('a scenario without checks is refused, and those that have some are listed', async () => {
  const { exit, out, err } = await cascade('validate', '2020-03-12-xbtsud');
  assert.deepEqual([exit, out], [2, '']);
  assert.match(err, /^SCENARIO_INVALID: .*2020-03-12-xbtsud/);
  assert.match(
    err,
    /Did you mean 2020-03-12-xbtusd\? These have checks: 2020-03-12-xbtusd, 2020-03-12-btcusdt, /,
  );
});

test('data that are not there are named', async () => {
  const { exit, err } = await cascade('validate', NAME, '--data', '/nonexistent', '--json');
  assert.equal(exit, 2);
  const { code, place } = (JSON.parse(err) as { error: { code: string; place: { file: string } } }).error;
  assert.equal(code, 'DATA_MISSING');
  assert.match(place.file, /adl_first_wave_sample\.parquet$/);
});
