/** The index from its constituents: means, weights, outliers, what is stale. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { price, rate } from '../../../src/basics/exact.ts';
import { SECOND_US } from '../../../src/basics/instant.ts';
import { indexPrice } from '../../../src/mark/indexPrice.ts';
import type { IndexRule } from '../../../src/rules/ruleSet.ts';
import { PLAIN_INDEX } from '../../support/smallFrames.ts';

const seen = (prices: Readonly<Record<string, string | null>>, ages: Readonly<Record<string, number>> = {}) =>
  Object.entries(prices).map(([name, text]) => ({
    name,
    price: text === null ? null : price(text),
    ageUs: (ages[name] ?? 0) * SECOND_US,
  }));
const rule = (part: Partial<IndexRule>): IndexRule => ({ ...PLAIN_INDEX, ...part });
const formed = (
  r: IndexRule,
  prices: Readonly<Record<string, string | null>>,
  ages = {},
  previous = price('1'),
) => {
  const { index, held, provenance } = indexPrice(r, seen(prices, ages), previous);
  return [index?.toString() ?? null, provenance, held];
};

test('equal mean of the five prices that Binance prints', () => {
  // (10000 + 10001 + 10002 + 10003 + 10004) / 5; bnb-idx-avg-1
  const prices = { a: '10000', b: '10001', c: '10002', d: '10003', e: '10004' };
  assert.deepEqual(formed(rule({}), prices), ['10002', 'uuuuu', false]);
});

test('a third is cut at twelve decimal places, to nearest', () => {
  assert.equal(formed(rule({}), { a: '1', b: '1', c: '0' })[0], '0.666666666667');
});

test('weights are renormalised over the survivors', () => {
  const weights = { a: rate('0.5'), b: rate('0.3'), c: rate('0.2') };
  const weighted = rule({ aggregator: 'weightedMean', weights });
  // 0.5 * 100 + 0.3 * 110 + 0.2 * 120 = 107
  assert.deepEqual(formed(weighted, { a: '100', b: '110', c: '120' }), ['107', 'uuu', false]);
  // c is 11 s old: (0.5 * 100 + 0.3 * 110) / 0.8 = 103.75
  assert.deepEqual(formed(weighted, { a: '100', b: '110', c: '120' }, { c: 11 }), ['103.75', 'uus', false]);
  // exactly 10 s old is not older than 10 s
  assert.deepEqual(formed(weighted, { a: '100', b: '110', c: '120' }, { c: 10 }), ['107', 'uuu', false]);
  // no price yet
  assert.deepEqual(formed(weighted, { a: '100', b: '110', c: null }), ['103.75', 'uu-', false]);
});

test('a weight of 0 leaves a constituent out, a missing one is an error', () => {
  const weights = { a: rate('1'), b: rate('0') };
  assert.deepEqual(formed(rule({ aggregator: 'weightedMean', weights }), { a: '100', b: '200' }), [
    '100',
    'u-',
    false,
  ]);
  assert.throws(() => formed(rule({ aggregator: 'weightedMean', weights }), { a: '100', c: '200' }), {
    code: 'RULES_INVALID',
    message: /no weight for constituent c/,
  });
});

test('weights times fine prices beyond 2^53 stay exact', () => {
  // 0.123456 * 100000.00000001 + 0.876544 * 100000.00000003 = 100000 + (0.123456 + 2.629632) * 1e-8
  const weights = { a: rate('0.123456'), b: rate('0.876544') };
  const weighted = rule({ aggregator: 'weightedMean', weights });
  assert.equal(formed(weighted, { a: '100000.00000001', b: '100000.00000003' })[0], '100000.000000027531');
});

test('the median of an even count is the mean of the two middle ones', () => {
  const median = rule({ aggregator: 'median' });
  assert.equal(formed(median, { a: '5', b: '1', c: '3' })[0], '3');
  assert.equal(formed(median, { a: '5', b: '1', c: '3', d: '4' })[0], '3.5');
});

test('the weighted median stops where half the weight is reached', () => {
  const weights = { a: rate('3'), b: rate('2'), c: rate('2'), d: rate('1') };
  const median = rule({ aggregator: 'weightedMedian', weights });
  // by price: d 98 (1), b 99 (3 of 8), a 100 (6 of 8): past half at a
  assert.equal(formed(median, { a: '100', b: '99', c: '101', d: '98' })[0], '100');
  // by price: a 97 (3), d 98 (4 of 8, exactly half), b 99: (98 + 99) / 2
  assert.equal(formed(median, { a: '97', b: '99', c: '101', d: '98' })[0], '98.5');
});

test('a source 25 % off the median is excluded: the example of BitMEX', () => {
  const protection = rule({ outlier: { kind: 'exclude', band: rate('0.25') } });
  assert.deepEqual(formed(protection, { A: '100', B: '100', C: '50' }), ['100', 'uux', false]);
  // "25 % or more": exactly on the band leaves, a cent inside stays: (100 + 100 + 75.01) / 3 = 91.67
  assert.deepEqual(formed(protection, { A: '100', B: '100', C: '75' }), ['100', 'uux', false]);
  assert.deepEqual(formed(protection, { A: '100', B: '100', C: '75.01' }), ['91.67', 'uuu', false]);
  // two sources: nothing is judged
  assert.deepEqual(formed(protection, { A: '100', B: '50' }), ['75', 'uu', false]);
});

test('a source beyond the band is counted at its edge: the example of Binance', () => {
  // median 20000, deviations +7 % and -6 % count as 20600 and 19400: mean 20000
  const clamp = rule({ outlier: { kind: 'clamp', band: rate('0.03') } });
  assert.deepEqual(formed(clamp, { a: '20000', b: '21400', c: '18800' }), ['20000', 'ucc', false]);
  // only one is beyond: (20000 + 20600 + 20000) / 3 = 20200
  assert.deepEqual(formed(clamp, { a: '20000', b: '21400', c: '20000' }), ['20200', 'ucu', false]);
});

test('one source beyond 5 % is excluded, two make the index the median', () => {
  const weights = { a: rate('0.4'), b: rate('0.3'), c: rate('0.2'), d: rate('0.1') };
  const switching = rule({
    aggregator: 'weightedMean',
    weights,
    outlier: { kind: 'medianSwitch', band: rate('0.05') },
  });
  // median of 100 100 102 90 = 100; 90 is 10 % off: (40 + 30 + 20.4) / 0.9 = 100.444...
  assert.deepEqual(formed(switching, { a: '100', b: '100', c: '102', d: '90' }), [
    '100.444444444444',
    'uuux',
    false,
  ]);
  // median of 100 101 110 90 = 100.5; 110 and 90 are off: the median itself
  assert.deepEqual(formed(switching, { a: '100', b: '101', c: '110', d: '90' }), ['100.5', 'mmmm', false]);
});

test('the quorum holds the last index', () => {
  const strict = rule({ quorum: { two: 'hold', one: 'hold', zero: 'hold' } });
  const previous = price('99');
  assert.deepEqual(formed(strict, { a: '100', b: '102', c: null }, {}, previous), ['99', 'uu-', true]);
  assert.deepEqual(formed(strict, { a: '100', b: null, c: null }, {}, previous), ['99', 'u--', true]);
  assert.deepEqual(formed(strict, { a: '100', b: '102', c: '104' }, {}, previous), ['102', 'uuu', false]);
  assert.deepEqual(formed(rule({}), { a: '100', b: '102', c: null }, {}, previous), ['101', 'uu-', false]);
  assert.deepEqual(formed(rule({}), { a: '100', b: null, c: null }, {}, previous), ['100', 'u--', false]);
  assert.deepEqual(formed(rule({}), { a: '100', b: '101' }, { a: 60, b: 60 }, previous), ['99', 'ss', true]);
  const halting = rule({ quorum: { two: 'mean', one: 'use', zero: 'halt' } });
  assert.deepEqual(formed(halting, { a: null }, {}, previous), [null, '-', true]);
});

test('a quorum that the constituents can never meet is refused', () => {
  const strict = rule({ quorum: { two: 'hold', one: 'hold', zero: 'hold' } });
  assert.throws(() => formed(strict, { a: '100', b: '102' }), { code: 'RULES_INVALID' });
  assert.throws(() => formed(strict, { a: '100' }), { code: 'RULES_INVALID' });
});

test('stale sources may be kept, and an index of stale sources alone is flagged', () => {
  const keeping = rule({ stale: { afterUs: 10 * SECOND_US, mode: 'hold' } });
  assert.deepEqual(formed(keeping, { a: '100', b: '102' }, { b: 60 }), ['101', 'us', false]);
  assert.deepEqual(formed(keeping, { a: '100', b: '102' }, { a: 11, b: 60 }), ['101', 'ss', true]);
});
