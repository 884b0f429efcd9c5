/** Mark formulas against published figures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { price, rate, ZERO_RATE } from '../../../src/basics/exact.ts';
import { HOUR_US, MINUTE_US } from '../../../src/basics/instant.ts';
import {
  clampToBand,
  fundingPrice,
  legacyMark,
  type MarkInputs,
  markPrice,
  medianOfThree,
} from '../../../src/mark/markPrice.ts';
import type { MarkRule } from '../../../src/rules/ruleSet.ts';
import { type MarkKind, rulesWith } from '../../support/smallFrames.ts';

const ruleOf = (kind: MarkKind, tick = '0.01'): MarkRule => rulesWith(kind, undefined, tick).mark;
const inputs = (part: Partial<MarkInputs> = {}): MarkInputs => ({
  index: price('50000'),
  last: price('48000'),
  fundingRate: ZERO_RATE,
  leftUs: 8 * HOUR_US,
  intervalUs: 8 * HOUR_US,
  basis: price('0'),
  recorded: null,
  bid: price('48000'),
  ask: price('48000'),
  bookAverage: null,
  reference: null,
  ...part,
});

test('the fair price that BitMEX published on 2021-07-22', () => {
  // 32182.72 * 0.0001 * 5.398 / 8 = 2.1715...: basis 2.17, mark 32184.89
  const fair = inputs({ index: price('32182.72'), fundingRate: rate('0.0001'), leftUs: 5.398 * HOUR_US });
  // 32182.72 * 0.0001 = 3.218272; * 5.398 = 17.372232256; / 8 = 2.171529032
  assert.equal(fundingPrice(fair).toString(), '32184.891529032');
  const { mark, from, price1, price2 } = markPrice(ruleOf({ kind: 'fundingBasis' }), fair);
  assert.equal(mark.toString(), '32184.89');
  assert.equal(mark.minus(price('32182.72')).toString(), '2.17');
  assert.equal(from, 'fundingBasis');
  assert.equal(price1?.toString(), '32184.891529032');
  assert.equal(price2, null);
});

test('a negative rate puts the mark below the index, less so as funding nears', () => {
  // 4000 * (1 - 0.00375) = 3985 eight hours ahead; one hour ahead 4000 * (1 - 0.00375 / 8) = 3998.125
  const cap = { index: price('4000'), fundingRate: rate('-0.00375'), intervalUs: 8 * HOUR_US };
  assert.equal(fundingPrice({ ...cap, leftUs: 8 * HOUR_US }).toString(), '3985');
  assert.equal(fundingPrice({ ...cap, leftUs: HOUR_US }).toString(), '3998.125');
});

test('the mark is the median of funding price, basis price and last', () => {
  const median = ruleOf({ kind: 'medianOfThree', basis: { windowUs: 30 * MINUTE_US, sampleUs: MINUTE_US } });
  const mark = (part: Partial<MarkInputs>) => {
    const parts = markPrice(median, inputs(part));
    return [parts.mark, parts.price1, parts.price2].map(String).concat(parts.from);
  };
  // price1 = 50000 * 1.0001 = 50005, price2 = 50000 - 120 = 49880, last 48000
  assert.deepEqual(mark({ fundingRate: rate('0.0001'), basis: price('-120') }), [
    '49880',
    '50005',
    '49880',
    'price2',
  ]);
  assert.deepEqual(mark({ fundingRate: rate('0.0001'), basis: price('20'), last: price('50007') }), [
    '50007',
    '50005',
    '50020',
    'last',
  ]);
  assert.deepEqual(mark({ fundingRate: rate('0.0001'), basis: price('20'), last: price('1') }), [
    '50005',
    '50005',
    '50020',
    'price1',
  ]);
});

test('the middle of three prices in every order, and of equal ones the first', () => {
  const [low, middle, high] = [price('1'), price('2'), price('3')];
  for (const [a, b, c, from] of [
    [low, middle, high, 'price2'],
    [low, high, middle, 'last'],
    [middle, low, high, 'price1'],
    [middle, high, low, 'price1'],
    [high, low, middle, 'last'],
    [high, middle, low, 'price2'],
    [middle, middle, low, 'price1'],
    [low, middle, middle, 'price2'],
  ] as const) {
    assert.deepEqual(medianOfThree(a, b, c), { mark: middle, from });
  }
});

test('index plus an average basis, the index, the last price and the recorded mark', () => {
  const mark = (kind: MarkKind, part: Partial<MarkInputs> = {}) => {
    const parts = markPrice(ruleOf(kind), inputs(part));
    return [parts.mark.toString(), parts.from];
  };
  const basis = price('-12.3456');
  const window = { windowUs: MINUTE_US, sampleUs: MINUTE_US };
  // 50000 - 12.3456 = 49987.6544, to the cent 49987.65
  assert.deepEqual(mark({ kind: 'indexPlusBasisMean', basis: window }, { basis }), [
    '49987.65',
    'indexPlusBasisMean',
  ]);
  assert.deepEqual(mark({ kind: 'emaBasis', samples: 9, sampleUs: 1 }, { basis }), ['49987.65', 'emaBasis']);
  assert.deepEqual(mark({ kind: 'boundedEma', samples: 9, sampleUs: 1, band: rate('0.005') }, { basis }), [
    '49987.65',
    'boundedEma',
  ]);
  assert.deepEqual(mark({ kind: 'indexOnly' }, { index: price('50000.006') }), ['50000.01', 'index']);
  assert.deepEqual(mark({ kind: 'lastPrice' }), ['48000', 'last']);
  assert.deepEqual(mark({ kind: 'replayed' }, { recorded: price('49111.119') }), ['49111.12', 'recorded']);
  assert.throws(() => mark({ kind: 'replayed' }), /needs a recorded mark/);
  assert.throws(() => mark({ kind: 'emaBasis', samples: 9, sampleUs: 1 }, { basis: null }), /needs a basis/);
});

test('the mark alone is cut to the tick, in the direction of the rule', () => {
  const fair = inputs({ index: price('4000.26') });
  for (const [rounding, expected] of [
    ['down', '4000'],
    ['up', '4000.5'],
    ['even', '4000.5'],
  ] as const) {
    const rule = { ...ruleOf({ kind: 'indexOnly' }, '0.5'), rounding };
    assert.equal(markPrice(rule, fair).mark.toString(), expected);
  }
});

test('a price is brought to the edge of its band', () => {
  const clamped = (p: string) => clampToBand(price(p), price('1000'), rate('0.005')).toString();
  assert.deepEqual(['990', '995', '1001', '1005', '1006'].map(clamped), [
    '995',
    '995',
    '1001',
    '1005',
    '1005',
  ]);
});

test("Deribit's mark of 2016: the last trade between bid and ask", () => {
  // bid 871, ask 871.50: last 871.70 -> 871.50, last 871.20 -> 871.20; index 870 +- 10 % is far away
  const legacy = (last: string, fair = '870') =>
    legacyMark({
      last: price(last),
      bid: price('871'),
      ask: price('871.5'),
      fair: price(fair),
      band: rate('0.1'),
    });
  assert.equal(legacy('871.70').toString(), '871.5');
  assert.equal(legacy('871.20').toString(), '871.2');
  // fair 700: at most 770
  assert.equal(legacy('871.20', '700').toString(), '770');
});
