/** A schedule is read with the file: each change must leave sound rules behind, and says what it leaves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { parseInstant } from '../../../src/basics/instant.ts';
import { liveRules } from '../../../src/rules/liveRules.ts';
import { readRules, ruleTree } from '../../../src/rules/readRules.ts';
import type { RuleSet } from '../../../src/rules/ruleSet.ts';
import { stagesOf, treeAt } from '../../../src/rules/schedule.ts';
import { sourceOf } from '../../../src/rules/sources.ts';
import { SOUND, written } from './soundRules.ts';

const withChanges = (lines: string): string => written(`${SOUND}schedule:\n${lines}`);
const rateOf = (rules: RuleSet, k = 0): string => rules.markets.BTCUSDT!.tiers[k]!.maintenanceRate.toString();

test('a change says what its slot is from then on, deductions computed anew', () => {
  const rules = readRules(
    withChanges(
      '  - { at: 2020-03-12T12:00Z, path: markets.BTCUSDT.tiers.1.maintenanceRate, value: 0.01 }\n' +
        '  - { at: 2020-03-13, path: reduction, value: { kind: full } }\n',
    ),
  );
  assert.deepEqual([rateOf(rules, 1), rules.reduction.kind], ['0.005', 'solve']);
  const [first, second, third] = stagesOf(rules);
  assert.equal(first!.rules, rules);
  assert.equal(second!.fromUs, parseInstant('2020-03-12T12:00Z'));
  assert.deepEqual([rateOf(second!.rules, 1), second!.rules.reduction.kind], ['0.01', 'solve']);
  // 50 000 * (0.01 - 0.004)
  assert.equal(second!.rules.markets.BTCUSDT!.tiers[1]!.maintenanceDeduction.toString(), '300');
  assert.deepEqual([rateOf(third!.rules, 1), third!.rules.reduction.kind], ['0.01', 'full']);
});

test('an override can add a schedule, and a whole list of tiers is a value', () => {
  const rules = readRules(written(SOUND), {
    overrides: [
      'rules.schedule=[{at: 2020-03-12, path: markets.*.tiers, value: [{upTo: 10, maintenanceRate: 0.1, initialRate: 0.2}]}]',
    ],
  });
  assert.equal(rateOf(stagesOf(rules)[1]!.rules), '0.1');
  assert.match(sourceOf(rules.sources, 'schedule.0')!.cite, /^override rules\.schedule/);
});

test('changes of one instant are one change: two slots that need each other', () => {
  const rules = readRules(
    withChanges(
      '  - { at: 2020-03-12, path: markets.BTCUSDT.index.weights, value: { coinbase: 0.5 } }\n' +
        '  - { at: 2020-03-12, path: markets.BTCUSDT.index.weights.kraken, value: 0.5 }\n',
    ),
  );
  const stages = stagesOf(rules);
  assert.equal(stages.length, 2);
  const { weights } = stages[1]!.rules.markets.BTCUSDT!.index;
  assert.deepEqual([weights.coinbase?.toString(), weights.kraken?.toString()], ['0.5', '0.5']);
});

test('the text at an instant holds the values of that instant, with the source of the change', () => {
  const file = withChanges(
    '  - { at: 2020-03-12, path: trigger.inclusive, value: false }\n' +
      '  - { at: 2020-03-14, path: trigger.inclusive, value: true }\n',
  );
  const { tree: plain } = ruleTree(file);
  const sources = {
    ...(plain.sources as object),
    'schedule.1': { cite: 'a notice', confidence: 'verified' },
  };
  const tree = { ...plain, sources };
  const { schedule } = readRules(file);
  const citeOf = (day: string): string =>
    sourceOf(treeAt(tree, schedule!, parseInstant(day)).sources as never, 'trigger.inclusive')!.cite;
  assert.deepEqual([citeOf('2020-03-12'), citeOf('2020-03-14')], ['ours', 'a notice']);
  const inclusive = (day: string): unknown =>
    (treeAt(tree, schedule!, parseInstant(day)).trigger as { inclusive: string }).inclusive;
  assert.deepEqual(['2020-03-11', '2020-03-12', '2020-03-14'].map(inclusive), ['true', 'false', 'true']);
});

test('the live rules are the set itself without a schedule, and read what is in force with one', () => {
  const plain = readRules(written(SOUND));
  assert.equal(liveRules(plain).rules, plain);
  assert.equal(liveRules(plain).reach(parseInstant('2030-01-01')), false);
  const live = liveRules(
    readRules(
      withChanges(
        '  - { at: 2020-03-12, path: trigger.inclusive, value: false }\n' +
          '  - { at: 2020-03-13, path: markets.BTCUSDT.closingFee, value: 0.0005 }\n' +
          '  - { at: 2020-03-13, path: funds.0.floor, value: 100 }\n',
      ),
    ),
  );
  const { trigger, markets, funds } = live.rules;
  const seen = () => [
    trigger.inclusive,
    markets.BTCUSDT!.closingFee?.toString(),
    funds[0]!.floor?.toString(),
  ];
  assert.deepEqual(seen(), [true, undefined, undefined]);
  assert.equal(live.reach(parseInstant('2020-03-12')), true);
  assert.equal(live.reach(parseInstant('2020-03-12T23:00Z')), false);
  assert.deepEqual(seen(), [false, undefined, undefined]);
  assert.equal(live.reach(parseInstant('2020-03-13')), true);
  assert.deepEqual(seen(), [false, '0.0005', '100']);
});

/** Each line: the changes, the path of the complaint, and its words. */
const REFUSED: readonly [what: string, lines: string, path: string, says: RegExp][] = [
  ['no list', '  at: 2020-03-12\n', 'schedule', /a list/],
  ['no instant', '  - { path: residue, value: toFund }\n', 'schedule.0.at', /UTC instant/],
  ['no value', '  - { at: 2020-03-12, path: residue }\n', 'schedule.0.value', /missing: a value/],
  [
    'a path that names nothing',
    '  - { at: 2020-03-12, path: triger.inclusive, value: false }\n',
    'schedule.0.path',
    /Did you mean rules\.trigger\?/,
  ],
  [
    'a misspelt slot',
    '  - { at: 2020-03-12, path: reducton, value: { kind: full } }\n',
    'schedule.0',
    /Did you mean reduction\?/,
  ],
  [
    'another id',
    '  - { at: 2020-03-12, path: id, value: mine }\n',
    'schedule.0.path',
    /id cannot change inside a run/,
  ],
  [
    'other dates',
    '  - { at: 2020-03-12, path: inForce.until, value: none }\n',
    'schedule.0.path',
    /inForce cannot change/,
  ],
  [
    'a fund that goes',
    '  - { at: 2020-03-12, path: funds.0.name, value: other }\n',
    'schedule.0',
    /funds' names, assets and markets cannot change/,
  ],
  [
    'a market that comes',
    '  - { at: 2020-03-12, path: markets.ETHUSDT, value: x }\n',
    'schedule.0',
    /markets\.ETHUSDT: not a map/,
  ],
  [
    'rules that are not sound afterwards',
    '  - { at: 2020-03-12, path: residue, value: toFund }\n' +
      '  - { at: 2020-03-13, path: markets.BTCUSDT.index.weights.kraken, value: 0.3 }\n',
    'schedule.1',
    /after this change markets\.BTCUSDT\.index\.weights: weights sum to 0\.9/,
  ],
  [
    'times that go back',
    '  - { at: 2020-03-13, path: residue, value: toFund }\n' +
      '  - { at: 2020-03-12, path: residue, value: toTrader }\n',
    'schedule.1.at',
    /in order of time/,
  ],
];

for (const [what, lines, path, says] of REFUSED) {
  test(`refuses ${what}`, () => {
    const file = withChanges(lines);
    assert.throws(
      () => readRules(file),
      (error) => {
        assert.ok(error instanceof ReplayError, String(error));
        assert.equal(error.code, 'RULES_INVALID');
        assert.equal(error.place.file, file);
        assert.equal(error.place.path, path);
        assert.ok(error.place.row! > SOUND.split('\n').length - 1);
        assert.match(`${error.message} | ${error.remedy}`, says);
        return true;
      },
    );
  });
}
