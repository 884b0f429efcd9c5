/**
 * docs/validation.md shows what the program gives: every row of its table of checks is computed anew
 * and compared. `UPDATE=1` writes the table, `UPDATE=fitted` the rows of fitted populations, which take too long
 * to be made anew each time; a check that fails against history is no failing test.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { midProxyDifference } from '../../src/study/midProxy.ts';
import { FITTED, VALIDATED, validationRows, validationTable } from '../../src/study/validate/checks.ts';
import { tapeOf } from '../../src/study/validate/runs.ts';
import { NO_SHARED_DATA, SHARED_DATA } from '../support/facts.ts';

const PAGE = join(import.meta.dirname, '../../docs/validation.md');
const [BEGIN, END] = ['<!-- table of checks: generated -->', '<!-- end of the table of checks -->'];
const FITTED_BEGIN = '<!-- fitted on the first day: generated -->';
const FITTED_END = '<!-- end of the fitted rows -->';
const cacheDir = mkdtempSync(join(tmpdir(), 'cascade-validation-'));
after(() => rmSync(cacheDir, { recursive: true, force: true }));
const places = { dataDir: SHARED_DATA, scenarios: join(import.meta.dirname, '../../scenarios'), cacheDir };

test('docs/validation.md shows the checks as computed', { skip: NO_SHARED_DATA }, async () => {
  const table = validationTable(
    await validationRows(
      places,
      VALIDATED.filter((name) => name !== FITTED),
    ),
  );
  const page = readFileSync(PAGE, 'utf8');
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  assert.ok(before >= 0 && after > before, 'the page marks where the table stands');
  if (process.env.UPDATE === '1') {
    writeFileSync(PAGE, `${page.slice(0, before)}${BEGIN}\n\n${table}\n\n${page.slice(after)}`);
    return;
  }
  const stands = page.slice(before + BEGIN.length, after).trim();
  assert.deepEqual(stands.split('\n'), table.split('\n'), 'UPDATE=1 writes the table');
});

test('what fitted populations say of the day after is told with the verdict that its numbers give', async () => {
  if (process.env.UPDATE === 'fitted') {
    const rows = validationTable(await validationRows(places, [FITTED]));
    const page = readFileSync(PAGE, 'utf8');
    const [before, after] = [page.indexOf(FITTED_BEGIN), page.indexOf(FITTED_END)];
    writeFileSync(PAGE, `${page.slice(0, before)}${FITTED_BEGIN}\n\n${rows}\n\n${page.slice(after)}`);
  }
  const page = readFileSync(PAGE, 'utf8');
  const part = page.slice(page.indexOf(FITTED_BEGIN), page.indexOf(FITTED_END));
  const rows = part.split('\n').filter((line) => line.startsWith('| 4 |'));
  const found = rows.map((line) => line.split(' | '));
  // 1,170 and 1,400 are two readings of one feed: their geometric mean; bands of the list of checks
  assert.deepEqual(
    found.map(([, , target, , , band]) => [/(\d+) M USD$/.exec(target!)![1], band]),
    [
      ['1280', '30 %'],
      ['485', '50 %'],
    ],
  );
  for (const [, , target, , ours, band, verdict] of found) {
    const off = Number.parseFloat(ours!) / Number.parseFloat(/: (\d+)/.exec(target!)![1]!) - 1;
    assert.equal(verdict, Math.abs(off) <= Number.parseFloat(band!) / 100 ? 'pass' : 'FAIL', target);
  }
});

test('the last trade stands for the mid within a twentieth of a basis point', {
  skip: NO_SHARED_DATA,
}, async () => {
  const { scenario, tape } = await tapeOf(places, '2024-08-08-ticks');
  const market = tape.markets[0]!;
  const rules = scenario.rules.markets[market.id]!;
  const found = midProxyDifference({ market, rules, frames: tape.frames });
  assert.equal(found.beats, tape.frames.beats);
  assert.ok(found.meanBp > 0 && found.maxBp < 0.05 && found.meanBp <= found.maxBp, JSON.stringify(found));
  const [mean, max] = [found.meanBp.toFixed(3), found.maxBp.toFixed(3)];
  const text = `on average ${mean} bp and at most ${max} bp`;
  assert.ok(readFileSync(PAGE, 'utf8').includes(text), text);
});
