/** Ensemble files: what is written is read again, and what is no ensemble is refused by name and row. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ReplayError } from '../../../../src/basics/errors.ts';
import { type Ensemble, ensembleText, readEnsemble } from '../../../../src/study/calibrate/ensemble.ts';

const folder = mkdtempSync(join(tmpdir(), 'ensemble-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'ensemble.json');

const ENSEMBLE: Ensemble = {
  format: '1',
  scenario: 'tiny',
  rules: 'tiny-rules@2020-01',
  overrides: [],
  seed: '7',
  code: '0.1.0',
  draws: 4,
  targets: [
    {
      what: 'liquidatedLong',
      market: 'BTCUSDT',
      from: '2021-01-01T00:00:00Z',
      until: '2021-01-01T01:00:00Z',
      observed: -1.5e-7,
      unit: 'USD',
      sigmaLn: 0.26,
      tolerance: 'x 1.3: a feed before May 2021',
      sources: ['a feed'],
      notes: [],
      role: 'fit',
      predicted: { low: 1, median: 2, high: 3 },
    },
  ],
  parameters: [
    {
      path: 'assumptions.population.liquidatableShare',
      law: 'log-uniform .05 to 1',
      prior: { low: 0.05, median: 0.2, high: 1 },
      posterior: { low: 0.2, median: 0.25, high: 0.3 },
      shrinkage: 0.9,
      identified: true,
    },
  ],
  members: [
    { seed: '7/calibrate/3', overrides: ['assumptions.population.liquidatableShare=0.25'], loss: 0.5 },
    { seed: '7/calibrate/0', overrides: [], loss: 2 },
  ],
};

test('what is written is read again, number by number', () => {
  writeFileSync(file, ensembleText(ENSEMBLE));
  assert.deepEqual(readEnsemble(file), ENSEMBLE);
});

test('the order in which an ensemble was made does not change its bytes', () => {
  const turned = Object.fromEntries(Object.entries(ENSEMBLE).reverse()) as Ensemble;
  assert.equal(ensembleText(turned), ensembleText(ENSEMBLE));
});

const refused = (text: string): ReplayError => {
  writeFileSync(file, text);
  try {
    readEnsemble(file);
  } catch (error) {
    assert.ok(error instanceof ReplayError);
    assert.equal(error.code, 'SCENARIO_INVALID');
    return error;
  }
  assert.fail('it was read');
};

test('what is no ensemble is refused at its place', () => {
  assert.throws(() => readEnsemble(join(folder, 'none.json')), /no such ensemble file/);
  const written = ensembleText(ENSEMBLE);
  assert.match(refused(written.replace('"members"', '"member"')).message, /unknown name "member"/);
  const wrong = refused(written.replace('"loss":0.5', '"loss":"half"'));
  assert.equal(wrong.place.path, 'members.0.loss');
  assert.match(wrong.message, /not a number: half/);
  assert.equal(written.split('\n')[wrong.place.row! - 1]!.includes('"loss":0.5'), true);
  assert.match(refused(ensembleText({ ...ENSEMBLE, members: [] })).message, /without members/);
});

test('members that nothing published chose are no fit', () => {
  assert.match(refused(ensembleText({ ...ENSEMBLE, targets: [] })).message, /without a fit of its baseline/);
  const only = ENSEMBLE.targets.map((t) => ({ ...t, role: 'check' as const }));
  assert.match(refused(ensembleText({ ...ENSEMBLE, targets: only })).message, /without a fit/);
});
