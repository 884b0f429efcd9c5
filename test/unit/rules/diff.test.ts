/** Two rule books beside each other: every value that differs, with what it rests on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffRules } from '../../../src/rules/diff.ts';
import { ruleTree } from '../../../src/rules/readRules.ts';
import { changed, SOUND, written } from './soundRules.ts';

const sound = () => ruleTree(written(SOUND));

test('a book differs from itself in nothing', () => {
  const { differences, same, paired } = diffRules(sound(), sound());
  assert.deepEqual([differences, paired], [[], null]);
  assert.ok(same > 30);
});

test('a value that differs comes with both values and both sources', () => {
  const other = ruleTree(
    changed(
      /kind: ioc }([\s\S]*)sources: .*/,
      "kind: market }$1sources: { '': { cite: theirs, confidence: assumed }, order: { cite: a page, confidence: verified } }",
    ),
  );
  assert.deepEqual(diffRules(sound(), other).differences, [
    {
      path: 'order.kind',
      first: { value: 'ioc', source: { cite: 'ours', confidence: 'assumed' } },
      second: { value: 'market', source: { cite: 'a page', confidence: 'verified' } },
    },
  ]);
});

test('what only one of them has is missing in the other', () => {
  const other = ruleTree(changed('bankruptcy:', 'closingFee: 0.0005\n    bankruptcy:'));
  const paths = diffRules(sound(), other).differences.map(({ path, first, second }) => [
    path,
    first?.value ?? null,
    second?.value ?? null,
  ]);
  assert.deepEqual(paths, [['markets.BTCUSDT.closingFee', null, '0.0005']]);
});

test('numbers are compared as numbers, and tiers by their rows however they are written', () => {
  const shape = (tiers: string): string => changed(/tiers:\n.*\n.*\n/, `tiers: ${tiers}\n`);
  const steps = shape(
    '{ steps: { base: 200, step: 100, maintenanceRate: 0.005, initialRate: 0.01, perStep: 0.005, rows: 2 } }',
  );
  const whole = shape(
    '{ whole: [{ upTo: 200.0, maintenanceRate: 0.0050, initialRate: 0.01 }, { from: 200, upTo: 300, maintenanceRate: 0.01, initialRate: 0.015 }] }',
  );
  assert.deepEqual(diffRules(ruleTree(steps), ruleTree(whole)).differences, []);
});

test('two books of one market each are laid side by side under the first name', () => {
  const other = ruleTree(
    written(SOUND.replaceAll('BTCUSDT', 'BTCUSD').replace('feeRate: 0,', 'feeRate: 0.00075,')),
  );
  const { differences, paired } = diffRules(sound(), other);
  assert.deepEqual(paired, ['BTCUSDT', 'BTCUSD']);
  assert.deepEqual(
    differences.map(({ path }) => path),
    ['markets.BTCUSDT.bankruptcy.feeRate'],
  );
});
