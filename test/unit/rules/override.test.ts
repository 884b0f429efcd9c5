/** Overrides work on the tree: whole slots, single values, every element, and the consequences they draw. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { applyOverride, parseOverride } from '../../../src/rules/override.ts';
import { readRules } from '../../../src/rules/readRules.ts';
import { sourceOf } from '../../../src/rules/sources.ts';

const refusal = (pattern: RegExp) => (error: unknown) =>
  error instanceof ReplayError &&
  error.code === 'SCENARIO_INVALID' &&
  error.place.file === 'override' &&
  pattern.test(`${error.message} | ${error.remedy}`);

test('PATH=VALUE is read with a YAML value', () => {
  const override = parseOverride('rules.reduction={kind: fraction, fraction: 0.2, above: 100000}');
  assert.deepEqual(override.path, ['rules', 'reduction']);
  assert.deepEqual(override.value, { kind: 'fraction', fraction: '0.2', above: '100000' });
  assert.equal(override.times, false);
  assert.deepEqual(parseOverride(' rules.trigger.inclusive = false').value, 'false');
  assert.equal(parseOverride('assumptions.winnersTake*=0.5').times, true);
});

test('what is no override is refused', () => {
  assert.throws(() => parseOverride('rules.reduction'), refusal(/PATH=VALUE/));
  assert.throws(() => parseOverride('=1'), refusal(/PATH=VALUE/));
  assert.throws(() => parseOverride('rules..x=1'), refusal(/PATH=VALUE/));
  assert.throws(() => parseOverride('rules.x*=two'), refusal(/factor/));
  assert.throws(
    () => parseOverride('rules.x={'),
    (e) => e instanceof ReplayError && /YAML/.test(e.message),
  );
});

test('a slot, a value, an element and every element', () => {
  const rules = readRules('binance-usdm@2021-05', {
    overrides: [
      'rules.reduction={kind: full}',
      'rules.trigger.inclusive=false',
      'rules.funds.0.refusal.netNotionalCap=none',
      'rules.markets.*.clearanceFee.0.rate=0.02',
    ],
  });
  assert.deepEqual(rules.reduction, { kind: 'full' });
  assert.equal(rules.trigger.inclusive, false);
  assert.equal(rules.funds[0]!.refusal.netNotionalCap, null);
  assert.deepEqual(
    Object.values(rules.markets).map((m) => m.clearanceFee[0]!.rate.toString()),
    ['0.02', '0.02'],
  );
});

test('*= multiplies exactly', () => {
  const { clearanceFee } = readRules('binance-usdm@2021-05', {
    overrides: ['rules.markets.BTCUSDT.clearanceFee.0.rate*=1.1'],
  }).markets.BTCUSDT!;
  assert.equal(clearanceFee[0]!.rate.toString(), '0.0132'); // 0.012 * 1.1; float64 gives 0.013200000000000002
});

test('a changed rate of a continuous table gets its deductions computed anew', () => {
  const { tiers } = readRules('binance-usdm@2021-05', {
    overrides: ['rules.markets.BTCUSDT.tiers.*.maintenanceRate*=2'],
  }).markets.BTCUSDT!;
  // twice every rate is twice every deduction: 0, 100, 2 600, 32 600
  assert.deepEqual(
    tiers.slice(0, 4).map((t) => t.maintenanceDeduction.toString()),
    ['0', '100', '2600', '32600'],
  );
  assert.equal(tiers[0]!.maintenanceRate.toString(), '0.008');
});

test('an overridden rule has the override as its source, and only it', () => {
  const text = 'rules.markets.*.mark={kind: indexOnly, tick: 0.01, rounding: even}';
  const { sources } = readRules('binance-usdm@2021-05', { overrides: [text] });
  assert.equal(sourceOf(sources, 'markets.ETHUSDT.mark.tick')!.cite, `override ${text}`);
  assert.equal(sourceOf(sources, 'markets.ETHUSDT.index.stale')!.confidence, 'verified');
});

test('later overrides see earlier ones', () => {
  const { order } = readRules('binance-usdm@2021-05', {
    overrides: ['rules.order={kind: fok}', 'rules.order.kind=market'],
  });
  assert.equal(order.kind, 'market');
});

test('an unknown path names the nearest that exists', () => {
  const tree = {
    rules: { reduction: { kind: 'full' }, funds: [{ name: 'a' }], trigger: { inclusive: 'true' } },
  };
  const refused = (text: string, pattern: RegExp) =>
    assert.throws(() => applyOverride(tree, parseOverride(text)), refusal(pattern));
  refused('rules.trigr.inclusive=false', /Did you mean rules\.trigger\?/);
  refused('rules.funds.1.name=b', /rules\.funds\.0/);
  refused('rules.trigger.inclusive.deep=1', /single value/);
  refused('rules.trigger.inclusive*=2', /not a number/);
  refused('rules.trigger.exclusive*=2', /unknown path/);
  refused('rule.trigger.inclusive=false', /rules/);
  refused('facts.beat=2s', /never edited/);
});

test('an unknown name at the end of a path is found by the schema, with the nearest', () => {
  assert.throws(
    () => readRules('binance-usdm@2021-05', { overrides: ['rules.trigger.inclusve=false'] }),
    (error) =>
      error instanceof ReplayError &&
      error.code === 'RULES_INVALID' &&
      /Did you mean inclusive/.test(error.remedy),
  );
});

test('the tree that was given stays as it was', () => {
  const tree = { rules: { reduction: { kind: 'full' }, sources: {} } };
  const before = structuredClone(tree);
  applyOverride(tree, parseOverride('rules.reduction={kind: tierStepDown, tiers: 2}'));
  assert.deepEqual(tree, before);
});
