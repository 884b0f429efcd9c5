/** A broken rule file says what is broken, where, and what to do. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { readRules } from '../../../src/rules/readRules.ts';
import { changed, SOUND, written } from './soundRules.ts';

/** Each line: what is done to the sound file, and the path and the words that must come back. */
const BROKEN: readonly [what: string, from: string | RegExp, to: string, path: string, says: RegExp][] = [
  ['a misspelt slot', 'reduction:', 'reductoin:', 'reductoin', /Did you mean reduction\?/],
  ['a misspelt kind', 'kind: solve', 'kind: slove', 'reduction.kind', /Did you mean solve\?/],
  ['an unknown order', 'kind: ioc', 'kind: iok', 'order.kind', /Did you mean ioc\?/],
  ['a number that is none', 'feeRate: 0,', 'feeRate: 0.5%,', 'markets.BTCUSDT.bankruptcy.feeRate', /"0.5%"/],
  ['a negative rate', 'feeRate: 0,', 'feeRate: -0.1,', 'markets.BTCUSDT.bankruptcy.feeRate', /0 or above/],
  ['a boolean in words', 'inclusive: true', 'inclusive: yes', 'trigger.inclusive', /true or false/],
  [
    'a duration without unit',
    'after: 15m',
    'after: 900',
    'markets.BTCUSDT.index.stale.after',
    /15m|duration/,
  ],
  ['a date that does not exist', 'from: 2020-01-01', 'from: 2020-02-30', 'inForce.from', /UTC instant/],
  ['dates in the wrong order', 'until: none', 'until: 2019-01-01', 'inForce', /ends before it begins/],
  ['a missing slot', 'order: { kind: ioc }\n', '', 'order', /missing/],
  ['a missing tier field', ', initialRate: 0.01 }', ' }', 'markets.BTCUSDT.tiers', /initialRate/],
  [
    'a tier table that jumps',
    'maintenanceDeduction: 50',
    'maintenanceDeduction: 60',
    'markets.BTCUSDT.tiers.1.maintenanceDeduction',
    /continuous is 50/,
  ],
  ['tiers in the wrong order', 'upTo: 250000', 'upTo: 5000', 'markets.BTCUSDT.tiers.1.upTo', /not above/],
  [
    'a deduction in the first row',
    'maintenanceDeduction: 0,',
    'maintenanceDeduction: 1,',
    'markets.BTCUSDT.tiers.1.maintenanceDeduction',
    /continuous is 51/,
  ],
  [
    'weights that do not sum to 1',
    'kraken: 0.4',
    'kraken: 0.3',
    'markets.BTCUSDT.index.weights',
    /sum to 0.9/,
  ],
  [
    'weights where none count',
    'weightedMean',
    'equalMean',
    'markets.BTCUSDT.index.weights',
    /has no weights/,
  ],
  ['a window that is no multiple', 'sample: 1m', 'sample: 7m', 'markets.BTCUSDT.mark.basis', /multiple/],
  [
    'a funding offset beyond the interval',
    'offset: 0s',
    'offset: 9h',
    'markets.BTCUSDT.funding.offset',
    /interval/,
  ],
  [
    'a fund for an unknown market',
    'markets: [BTCUSDT]',
    'markets: [BTCUSD]',
    'funds.0.markets',
    /unknown market BTCUSD/,
  ],
  ['a market without a fund', 'markets: [BTCUSDT]', 'markets: []', 'funds', /has no fund/],
  [
    'a stage twice',
    '[mark, funding, liquidation, adl]',
    '[mark, mark, liquidation, adl]',
    'stageOrder',
    /each stage once/,
  ],
  ['an unknown takeover', 'when: atOnce', 'when: never', 'takeover.when', /markAtBankruptcy/],
  ['a takeover without its tries', 'when: atOnce', 'when: afterTries', 'takeover.tries', /missing/],
  ['a list where a map is due', 'trigger: { inclusive: true }', 'trigger: [true]', 'trigger', /a map/],
  ['a share above 1', 'fundingShare: 0', 'fundingShare: 1.5', 'funds.0.fundingShare', /0 to 1/],
  ['a confidence of its own', 'confidence: assumed', 'confidence: sure', 'sources..confidence', /verified/],
  [
    'a fraction of paces',
    'paymentScale: 8',
    'paymentScale: 8.5',
    'markets.BTCUSDT.funding.paymentScale',
    /whole|none/,
  ],
  ['not YAML', 'trigger: {', 'trigger: {{', '', /YAML/],
  ['a name twice', 'residue: toTrader', 'residue: toTrader\nresidue: toFund', '', /unique|YAML/i],
];

for (const [what, from, to, path, says] of BROKEN) {
  test(`refuses ${what}`, () => {
    const file = changed(from, to);
    assert.throws(
      () => readRules(file),
      (error) => {
        assert.ok(error instanceof ReplayError, String(error));
        assert.equal(error.code, 'RULES_INVALID');
        assert.equal(error.place.file, file);
        assert.equal(error.place.path ?? '', path);
        assert.match(`${error.message} | ${error.remedy}`, says);
        assert.notEqual(error.remedy, '');
        return true;
      },
    );
  });
}

test('an error names the line of the file', () => {
  const file = changed('kind: ioc', 'kind: iok');
  const line =
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('iok')) + 1;
  assert.throws(
    () => readRules(file),
    (error) => error instanceof ReplayError && error.place.row === line,
  );
});

test('an unknown id is answered with the nearest', () => {
  assert.throws(
    () => readRules('binance-usdm@2021-06'),
    (error) =>
      error instanceof ReplayError &&
      error.code === 'RULES_INVALID' &&
      /Did you mean binance-usdm@20/.test(error.remedy),
  );
});

test('a file that extends itself is refused', () => {
  const file = written('placeholder');
  writeFileSync(file, `extends: ${file}\nid: a\n`);
  assert.throws(
    () => readRules(file),
    (error) => error instanceof ReplayError && /extends itself/.test(error.message),
  );
});

test('whatever line is taken out, doubled or replaced, the answer is a reading or RULES_INVALID with a way out', () => {
  const lines = SOUND.split('\n');
  const outcomes = { read: 0, refused: 0 };
  for (const [k, line] of lines.entries()) {
    const indent = /^ */.exec(line)![0];
    for (const instead of [
      [],
      [line, line],
      [`${indent}- x`],
      [`${indent}x: *y`],
      [line.replace(/:.*/, ': {}')],
      [line.replace(/:.*/, ': [[]]')],
    ]) {
      const file = written([...lines.slice(0, k), ...instead, ...lines.slice(k + 1)].join('\n'));
      try {
        readRules(file);
        outcomes.read++;
      } catch (error) {
        assert.ok(
          error instanceof ReplayError && error.remedy !== '',
          `line ${k + 1} as ${instead}: ${error}`,
        );
        assert.equal(error.code, 'RULES_INVALID');
        outcomes.refused++;
      }
    }
  }
  assert.ok(outcomes.read > 5 && outcomes.refused > 150, JSON.stringify(outcomes));
});
