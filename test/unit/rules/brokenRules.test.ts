/** A broken rule file says what is broken, where, and what to do. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { readRules } from '../../../src/rules/readRules.ts';
import { changed, SOUND, written } from './soundRules.ts';

/** OKX's portfolio margin with these tiers of its least charge. */
const portfolio = (tiers: string): string =>
  'portfolio: { kind: okx, spotShocks: [0.1], volShocks: [0], extreme: { move: 0.2, share: 0.5 }, basisCharge: 0, ' +
  `minimumCharge: 0, chargeTiers: ${tiers}, initialFactor: 1.3 }`;

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
    'a gap between tiers',
    '{ upTo: 250000',
    '{ from: 60000, upTo: 250000',
    'markets.BTCUSDT.tiers',
    /1\.from: a gap between 50000 and 60000 .*from: 50000/,
  ],
  [
    'tiers that overlap',
    '{ upTo: 250000',
    '{ from: 40000, upTo: 250000',
    'markets.BTCUSDT.tiers',
    /1\.from: an overlap between 50000 and 40000/,
  ],
  [
    'a gap between whole tiers',
    /tiers:\n.*\n.*\n/,
    'tiers: { whole: [{ from: 1, upTo: 5, maintenanceRate: 0.01, initialRate: 0.02 }] }\n',
    'markets.BTCUSDT.tiers',
    /whole\.0\.from: a gap between 0 and 1/,
  ],
  [
    'a rate that falls',
    'maintenanceRate: 0.005',
    'maintenanceRate: 0.003',
    'markets.BTCUSDT.tiers.1.maintenanceRate',
    /the rate falls from 0\.004 to 0\.003/,
  ],
  [
    'a later set of weights that does not sum to 1',
    'outlier:',
    'weightSets: [{ from: 2020-03-27, weights: { coinbase: 0.7, kraken: 0.2 } }]\n      outlier:',
    'markets.BTCUSDT.index.weightSets.0.weights',
    /sum to 0\.9/,
  ],
  [
    'sets of weights out of order',
    'outlier:',
    'weightSets: [{ from: 2020-03-27, weights: { kraken: 1 } }, { from: 2020-03-01, weights: { kraken: 1 } }]\n      outlier:',
    'markets.BTCUSDT.index.weightSets.1.from',
    /order of time/,
  ],
  [
    'a fee row that ends before it begins',
    '{ rate: 0.005 }',
    '{ rate: 0.005, from: 2020-03-12, until: 2020-03-11 }',
    'markets.BTCUSDT.clearanceFee.0',
    /ends before it begins/,
  ],
  [
    'a refusal that resumes above its own limit',
    'drawdown: none',
    'drawdown: { fraction: 0.25, window: 8h, pause: 0s, resumeAt: 0.3 }',
    'funds.0.refusal.drawdown.resumeAt',
    /at or below fraction/,
  ],
  [
    'collateral priced by a market that is not there',
    'stageOrder:',
    'collateral: { kind: multi, unit: USD, assets: { USDT: { haircut: 0, bidBuffer: 0, askBuffer: 0, index: BTCUSD } }, autoExchangeBelow: none }\nstageOrder:',
    'collateral.assets.USDT.index',
    /unknown market BTCUSD/,
  ],
  [
    'two slots that do not go together',
    'kind: ioc',
    'kind: fok',
    'order',
    /order \(fok\) and reduction \(solve\)/,
  ],
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
  [
    'a charge without tiers',
    'stageOrder:',
    `${portfolio('[]')}\nstageOrder:`,
    'portfolio.chargeTiers',
    /no tier/,
  ],
  [
    'tiers of a charge in the wrong order',
    'stageOrder:',
    `${portfolio('[{ upTo: 100, factor: 1 }, { upTo: 100, factor: 2 }]')}\nstageOrder:`,
    'portfolio.chargeTiers.1.upTo',
    /100 is not above 100 .*ascending/,
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
