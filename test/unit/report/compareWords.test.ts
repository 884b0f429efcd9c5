/** What the first screen of a comparison says, and does not say, of a candidate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelText } from '../../../src/report/compare/figureText.ts';
import type {
  Band,
  CompareResult,
  Finding,
  Label,
  MetricDefinition,
} from '../../../src/report/compare/model.ts';
import {
  candidateSentence,
  farSentence,
  isBetter,
  labelSentence,
} from '../../../src/report/compare/words.ts';

const metric = (
  name: string,
  unit: MetricDefinition['unit'],
  better: MetricDefinition['better'],
): MetricDefinition => ({ name, title: name, unit, better, formula: '', group: '', headline: true });
const COST = metric('Cost', 'money', 'lower');
const LOW = metric('Low', 'share', 'higher');
const DEBT = metric('Debt', 'money', 'lower');

/** Four draws around a median, `same` of them of its sign. */
const band = (median: number, same = 1, sign = Math.sign(median) as Band['sign']): Band => ({
  draws: 4,
  median,
  low: median === 0 && same === 1 ? 0 : median - 1,
  high: median === 0 && same === 1 ? 0 : median + 1,
  sameSign: same,
  sign,
});
const finding = (
  metric: string,
  feedback: Band,
  label: Label = 'PREVIEW',
  accounting = feedback,
): Finding => ({
  candidate: 0,
  metric,
  baseline: 200,
  feedback,
  accounting,
  label,
  reasons: [],
});
const resultOf = (findings: readonly Finding[]): CompareResult =>
  ({
    asset: 'USDT',
    metrics: [COST, LOW, DEBT],
    findings,
    stability: [
      { candidate: 0, cell: 'central', draws: 4, displacement: 0.0032, branching: 0.84, amplification: 1 },
    ],
  }) as unknown as CompareResult;
const said = (...findings: Finding[]): string =>
  candidateSentence(resultOf(findings), 0).replaceAll('\u00a0', ' ');

test('what is better and what is worse has its size and its part of the baseline', () => {
  assert.equal(
    said(finding('Cost', band(-50)), finding('Low', band(-0.02))),
    'Better: cost \u221250 USDT (\u221225.0 %). Worse: low \u22122.0 %.',
  );
});

test('a change of 0 is neither better nor worse, even where most draws that moved went one way', () => {
  // draws -1, 0, 0, 5 and 8 of eleven, say: the commonest sign is above 0, the median is not
  const open = finding('Cost', { ...band(0, 0.5, 1), low: -1, high: 8 });
  assert.equal(isBetter(open, COST), null);
  assert.equal(
    said(open, finding('Debt', band(0)), finding('Low', band(0.01))),
    'Better: low +1.0 %. Open: cost. No change in any draw: debt.',
  );
  // nine of ten draws without a change
  const rare = finding('Cost', { ...band(0, 0.9, 0), low: 0, high: 3 });
  assert.equal(
    said(rare, finding('Debt', band(-1))),
    'Better: debt \u22121 USDT (\u22120.5 %). No change in most draws: cost.',
  );
  assert.equal(
    said(finding('Cost', band(0)), finding('Debt', band(0))),
    'No headline figure differs from the baseline.',
  );
});

test('what draws disagree about is open, whichever way its median goes', () => {
  assert.equal(isBetter(finding('Cost', band(-50, 0.75), 'UNRESOLVED'), COST), null);
  // too wild to judge, and the twin without feedback goes the other way
  assert.equal(isBetter(finding('Cost', band(-50), 'UNSTABLE', band(20)), COST), null);
  assert.equal(isBetter(finding('Cost', band(-50), 'UNSTABLE'), COST), true);
});

test('an unstable change has an order and no size', () => {
  assert.equal(said(finding('Cost', band(-50), 'UNSTABLE')), 'Better: cost lower.');
});

test('each verdict names what it is about', () => {
  const text = labelSentence(
    resultOf([
      finding('Cost', band(-50)),
      finding('Low', band(0.01, 0.5), 'UNRESOLVED'),
      finding('Debt', band(0)),
    ]),
    0,
  );
  assert.match(text, /^PREVIEW, [^.:]*\. Branching ratio up to 0\.84, price displaced by up to 0\.32/);
  const two = labelSentence(
    resultOf([finding('Cost', band(-50)), finding('Low', band(0.01), 'INDICATIVE')]),
    0,
  );
  assert.match(two, /^PREVIEW, [^.:]*: cost\. INDICATIVE, [^.:]*: low\. /);
});

test('a candidate that liquidates much more or less than the baseline is said to be less credible', () => {
  const far = (median: number): string =>
    farSentence(resultOf([finding('liquidatedNotional', band(median))]), 0).replaceAll('\u00a0', ' ');
  // of 200: 60 is the 30 % that are still said without a word
  assert.equal(far(60), '');
  assert.equal(far(-60), '');
  assert.match(far(-62), /^What is liquidated changes by \u221231 %: beyond about 30 % /);
  assert.match(far(100), /^What is liquidated changes by \+50 %/);
});

test('what is not 0 is not written as 0', () => {
  const plain = (x: number, m: MetricDefinition): string => levelText(x, m, '').replaceAll('\u00a0', ' ');
  assert.equal(plain(0.0000042, LOW), '0.0004 %');
  assert.equal(plain(0, LOW), '0.000 %');
  assert.equal(plain(0.0031, metric('Ratio', 'ratio', 'higher')), '0.003');
  assert.equal(plain(0.04, metric('Accounts', 'accounts', 'lower')), '0.04');
});
