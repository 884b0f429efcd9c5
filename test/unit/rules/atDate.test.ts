/** A book at a day: of what has dates only what holds, each value with its own source. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { parseInstant } from '../../../src/basics/instant.ts';
import { treeAtDate } from '../../../src/rules/atDate.ts';
import { citedValues } from '../../../src/rules/checkRules.ts';
import { rulesOf, ruleTree } from '../../../src/rules/readRules.ts';
import { SOUND, written } from './soundRules.ts';

const dated = written(
  `${SOUND.replace('until: none', 'until: 2021-01-01')
    .replace(
      'outlier:',
      'weightSets: [{ from: 2020-04-01, weights: { coinbase: 0.5, kraken: 0.5 } }, { from: 2020-07-01, weights: { coinbase: 1 } }]\n      outlier:',
    )
    .replace(
      '[{ rate: 0.005 }]',
      '[{ rate: 0.003, until: 2020-04-01 }, { rate: 0.004, from: 2020-04-01, mode: cross }, { rate: 0.005 }]',
    )
    .replace(
      /sources: .*/,
      "sources: { '': { cite: ours, confidence: assumed }, " +
        'markets.BTCUSDT.index.weightSets.1: { cite: third quarter, confidence: verified }, ' +
        'markets.BTCUSDT.clearanceFee.1: { cite: fee of April, confidence: derived }, ' +
        'schedule.0: { cite: notice of May, confidence: verified } }',
    )}schedule: [{ at: 2020-05-01T12:00Z, path: trigger.inclusive, value: false }]\n`,
);

/** Path -> value and source of the day. */
function at(day: string): Record<string, string> {
  const read = ruleTree(dated);
  const tree = treeAtDate(read, parseInstant(day));
  const rows = citedValues(tree, rulesOf({ ...read, tree }));
  return Object.fromEntries(rows.map(({ path, value, source }) => [path, `${value} (${source?.cite})`]));
}
const weight = 'markets.BTCUSDT.index.weights.coinbase';
const fee = 'markets.BTCUSDT.clearanceFee.0';

test('index weights are those of the quarter', () => {
  assert.equal(at('2020-03-31T23:59:59Z')[weight], '0.6 (ours)');
  assert.equal(at('2020-04-01')[weight], '0.5 (ours)');
  assert.equal(at('2020-07-01')[weight], '1 (third quarter)');
  assert.deepEqual(
    Object.keys(at('2020-07-01')).filter((path) => /weightSets|weights\.kraken/.test(path)),
    [],
  );
});

test('of the fees only those stay whose dates hold', () => {
  assert.equal(at('2020-03-01')[`${fee}.rate`], '0.003 (ours)');
  const april = at('2020-04-01');
  assert.deepEqual(
    [april[`${fee}.rate`], april[`${fee}.mode`], april['markets.BTCUSDT.clearanceFee.1.rate']],
    ['0.004 (fee of April)', 'cross (fee of April)', '0.005 (ours)'],
  );
  assert.equal(april[`${fee}.from`], undefined);
});

test('what was scheduled has happened, and is cited as the schedule is', () => {
  assert.equal(at('2020-05-01T11:59:59Z')['trigger.inclusive'], 'true (ours)');
  assert.equal(at('2020-05-01T12:00Z')['trigger.inclusive'], 'false (notice of May)');
  assert.equal(at('2020-05-01T12:00Z')['schedule.0.at'], undefined);
});

test('outside its dates a book does not say', () => {
  for (const day of ['2019-12-31', '2021-01-01']) {
    assert.throws(
      () => at(day),
      (error) =>
        error instanceof ReplayError &&
        error.code === 'RULES_NOT_IN_FORCE' &&
        error.place.path === 'inForce' &&
        error.place.file === dated,
    );
  }
});
