/**
 * How often bands of a comparison hold the truth, over tapes whose truth is known. The whole experiment takes
 * minutes: `UPDATE=1` makes it anew and writes twinCoverage.json and the tables of docs/validation.md. Without, the
 * first tapes are made anew and must give what is stored, and the page must show what is stored.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CENTRAL, drawsOf } from '../../src/study/compare/draws.ts';
import { openVenue, scenariosAt, type Venue } from '../support/twin.ts';
import { assumptionsOf, coveredOn, drawnOf, HELD, type Mistake, poolOf } from '../support/twinCoverage.ts';
import { LIVELY } from '../support/twinScenario.ts';
import { codeOf, coverageTables, MISTAKES, type Stored, tapesOf } from '../support/twinTable.ts';

const UPDATE = process.env.UPDATE === '1';
const STORED = join(import.meta.dirname, 'twinCoverage.json');
const PAGE = join(import.meta.dirname, '../../docs/validation.md');
const [BEGIN, END] = ['<!-- coverage of the twin: generated -->', '<!-- end of the coverage of the twin -->'];
/** Tapes that are made anew in every run: of the right assumptions, and of each mistake. */
const ANEW = { right: 6, wrong: 1 };

const folder = mkdtempSync(join(tmpdir(), 'cascade-twin-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Codes of the first tapes of a mistake. */
async function codes(
  venue: Venue,
  pool: Awaited<ReturnType<typeof poolOf>>,
  mistake: Mistake,
  tapes: number,
) {
  const truths = await drawnOf(venue, { seed: 'truth', n: 100, first: tapes, impacts: 1, mistake });
  const found: string[] = [];
  for (const [i, [truth]] of truths.entries())
    found.push(codeOf(await coveredOn({ venue, seed: `tape ${i}`, truth: truth!, pool })));
  return found;
}

test('the draws of the twin are read as the scenario would be', async () => {
  const venue = await openVenue(folder, [LIVELY]);
  const { assumptions } = venue.tape.scenario;
  for (const draw of drawsOf({ n: 8, cell: CENTRAL, seed: 'read', assumptions })) {
    const overrides = draw.overrides.filter((text) => !HELD.test(text));
    const [read] = await scenariosAt(venue, [], { ...draw, overrides });
    assert.deepEqual(assumptionsOf(assumptions, draw), read!.assumptions);
  }
});

test('what is stored of coverage is what the experiment gives', async () => {
  const venue = await openVenue(folder, [LIVELY]);
  const pool = await poolOf(venue);
  const stored: Stored = UPDATE ? {} : JSON.parse(readFileSync(STORED, 'utf8'));
  for (const [name, mistake] of Object.entries(MISTAKES)) {
    const isRight = mistake.share === 1 && mistake.impact === 1;
    const tapes = UPDATE ? tapesOf(mistake) : isRight ? ANEW.right : ANEW.wrong;
    const found = await codes(venue, pool, mistake, tapes);
    if (UPDATE) stored[name] = found;
    else assert.deepEqual(found, stored[name]!.slice(0, tapes), `${name}: UPDATE=1 makes all tapes anew`);
  }
  if (UPDATE) writeFileSync(STORED, `${JSON.stringify(stored, null, 2)}\n`);
});

test('the page shows the coverage that is stored', () => {
  const stored: Stored = JSON.parse(readFileSync(STORED, 'utf8'));
  for (const [name, mistake] of Object.entries(MISTAKES))
    assert.equal(stored[name]!.length, tapesOf(mistake), `${name} has all of its tapes`);
  const page = readFileSync(PAGE, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  assert.ok(from >= 0 && to > from, 'the page marks where the tables stand');
  const tables = coverageTables(stored);
  if (UPDATE) writeFileSync(PAGE, `${page.slice(0, from)}${BEGIN}\n\n${tables}\n\n${page.slice(to)}`);
  else assert.equal(page.slice(from + BEGIN.length, to).trim(), tables, 'UPDATE=1 writes the tables');
  assert.ok(
    tables.includes('| pass |') && !tables.includes('FAIL'),
    'the bands hold the truth as often as they say',
  );
});
