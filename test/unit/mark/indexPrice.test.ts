/** The index from its constituents: means, weights, outliers, what is stale. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { price, rate } from '../../../src/basics/exact.ts';
import { SECOND_US } from '../../../src/basics/instant.ts';
import { indexPrice, indexSeries } from '../../../src/mark/indexPrice.ts';
import type { IndexRule, ReadmitRule } from '../../../src/rules/ruleSet.ts';
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

test('inverse squares: the example of Bybit worked by hand', () => {
  // equal weights: mean of 100, 101, 106 = 307/3; thrice the distances 7, 4, 11; weights 1/49, 1/16, 1/121.
  // times 49 * 16 * 121: 1936, 5929, 784; (193600 + 598829 + 83104) / 8649 = 875533 / 8649
  const third = { a: rate('1'), b: rate('1'), c: rate('1') };
  const squares = rule({ aggregator: 'inverseSquare', weights: third });
  assert.deepEqual(formed(squares, { a: '100', b: '101', c: '106' }), ['101.229390681004', 'uuu', false]);
  // a source at the mean itself is the index: mean of 100, 101, 102 is 101
  assert.equal(formed(squares, { a: '100', b: '101', c: '102' })[0], '101');
  // two sources are equally far from their mean, whatever it is
  assert.equal(formed(squares, { a: '100', b: '103', c: null })[0], '101.5');
  // weighted first step: mean (3 * 100 + 103) / 4 = 100.75, distances 0.75 and 2.25: weights 9 to 1
  const heavy = rule({ aggregator: 'inverseSquare', weights: { a: rate('0.75'), b: rate('0.25') } });
  assert.equal(formed(heavy, { a: '100', b: '103' })[0], '100.3');
});

test('an exact mean of fine prices far beyond 2^53 still finds its inverse squares', () => {
  // distances from 20000.00000003 (mean of the two, equal weights): both 0.00000002
  const squares = rule({
    aggregator: 'inverseSquare',
    weights: { a: rate('0.123456'), b: rate('0.123456') },
  });
  assert.equal(formed(squares, { a: '20000.00000001', b: '20000.00000005' })[0], '20000.00000003');
});

test('two sources: the last index stands while they are X apart; one source: while it is X off it', () => {
  const X = rule({
    outlier: { kind: 'exclude', band: rate('0.25') },
    quorum: {
      two: { holdBeyond: rate('0.125'), of: 'current' },
      one: { holdBeyond: rate('0.25') },
      zero: 'hold',
    },
  });
  const last = price('100');
  // mean 100: 112.5 and 87.5 are 12.5 % off it
  assert.deepEqual(formed(X, { a: '112.49', b: '87.51' }, {}, last), ['100', 'uu', false]);
  assert.deepEqual(formed(X, { a: '112.5', b: '87.5' }, {}, price('99')), ['99', 'uu', true]);
  // both far from the last index, but not from each other
  assert.deepEqual(formed(X, { a: '60', b: '62' }, {}, last), ['61', 'uu', false]);
  assert.deepEqual(formed(X, { a: '75.01', b: null }, {}, last), ['75.01', 'u-', false]);
  assert.deepEqual(formed(X, { a: '75', b: null }, {}, last), ['100', 'u-', true]);
  // before the first index there is none to hold
  assert.equal(indexPrice(X, seen({ a: '100', b: '50' }), null).index?.toString(), '75');
});

test('two sources from December 2020 on: 5 % off their median, which is their mean', () => {
  const later = rule({
    quorum: { two: { holdBeyond: rate('0.05'), of: 'median' }, one: 'use', zero: 'hold' },
  });
  // mean 100: 105 and 95 are 5 % off; 104.99 and 95.01 are not, however far the last index is
  assert.deepEqual(formed(later, { a: '105', b: '95' }), ['1', 'uu', true]);
  assert.deepEqual(formed(later, { a: '104.99', b: '95.01' }), ['100', 'uu', false]);
  // weights move the index, not the median: 9 : 1 makes 104, from which 95 is 8.7 % off
  const heavy = { aggregator: 'weightedMean', weights: { a: rate('0.9'), b: rate('0.1') } } as const;
  const prices = { a: '104.99', b: '95.01' };
  assert.equal(formed({ ...later, ...heavy }, prices)[2], false);
  const two = { holdBeyond: rate('0.05'), of: 'current' } as const;
  assert.equal(formed({ ...later, ...heavy, quorum: { ...later.quorum, two } }, prices)[2], true);
});

const MINUTE = 60 * SECOND_US;
/** Minute of the day, then the price of each source; '-' has none. */
type Row = readonly [minute: number, ...prices: string[]];
const said = (r: IndexRule, ...rows: Row[]): string[] => {
  const instants = rows.map(([minute, ...prices]) => ({
    tsUs: minute * MINUTE,
    observations: seen(Object.fromEntries(prices.map((p, i) => [String(i), p === '-' ? null : p]))),
  }));
  return indexSeries(r, instants).map(({ index, provenance }) => `${index} ${provenance}`);
};
const protection = (readmit: ReadmitRule): IndexRule =>
  rule({ outlier: { kind: 'exclude', band: rate('0.25'), readmit } });
const BACK: ReadmitRule = { medianBand: rate('0.02'), indexBand: rate('0.1'), waitUs: 15 * MINUTE };

test('an excluded source stays out for good where it is put back by hand', () => {
  const told = said(protection('never'), [0, '100', '100', '60'], [1, '100', '100', '100']);
  assert.deepEqual(told, ['100 uux', '100 uux']);
});

test('the example of BitMEX: back in the index after the quarter of an hour is full', () => {
  // blog.bitmex.com, 14 August 2020; 15:00:00 is minute 0. 122 is 1.7 % off the median 120
  const fiveSeconds = 5 / 60;
  const told = said(
    protection(BACK),
    [-fiveSeconds, '100', '100', '100'],
    [0, '150', '100', '100'],
    [20, '122', '120', '120'],
    [35, '130', '131', '129'],
    [35 + fiveSeconds, '131', '131', '129'],
    [35 + 2 * fiveSeconds, '140', '138', '139'],
  );
  assert.deepEqual(told, ['100 uuu', '100 xuu', '120 xuu', '130 xuu', '130.333333333333 uuu', '139 uuu']);
});

test('a break starts the quarter of an hour anew', () => {
  const told = said(
    protection(BACK),
    [0, '100', '102', '60'], // the median is 101 whatever C does
    [1, '100', '102', '100'],
    [10, '100', '102', '98.98'], // exactly 2 % off: a break
    [11, '100', '102', '98.99'],
    [17, '100', '102', '100'], // sixteen minutes after the first
    [26, '100', '102', '100'], // fifteen minutes after the break: full
    [27, '100', '102', '104'], // outside again: a break
    [28, '100', '102', '100'],
    [44, '100', '102', '100'],
    [45, '100', '102', '60'], // and out again
  );
  const [out, back] = ['101 uux', '100.666666666667 uuu'];
  assert.deepEqual(told, [out, out, out, out, out, out, out, out, back, out]);
});

test('one other source is a measure only while the index is live, else the index itself', () => {
  const near: ReadmitRule = { medianBand: rate('0.02'), indexBand: rate('0.25'), waitUs: 0 };
  const live = protection(near);
  const held: IndexRule = { ...live, quorum: { two: 'mean', one: 'hold', zero: 'hold' } };
  const story: Row[] = [
    [0, '100', '102', '60'],
    [1, '100', '-', '90'], // one left; live: 10 % off it; held: 10.9 % off the index 101
    [2, '100', '-', '90'],
    [3, '100', '-', '90'],
  ];
  // live: never near. Held from minute 1 on, so near from minute 2 on: back at minute 3, and two are enough
  assert.deepEqual(said(live, ...story), ['101 uux', '100 u-x', '100 u-x', '100 u-x']);
  assert.deepEqual(said(held, ...story), ['101 uux', '101 u-x', '101 u-x', '95 u-u']);
});

test('a silent source is not near; with nobody left the index is the measure', () => {
  const near: ReadmitRule = { medianBand: rate('0.02'), indexBand: rate('0.25'), waitUs: 0 };
  const quiet: Row[] = [
    [0, '100', '102', '60'],
    [1, '-', '-', '-'],
    [2, '-', '-', '-'],
    [3, '-', '-', '90'],
    [4, '-', '-', '90'],
  ];
  assert.deepEqual(said(protection(near), ...quiet), ['101 uux', '101 ---', '101 ---', '101 --x', '90 --u']);
});

test('weights change at their instants; a constituent may come later', () => {
  const quarterly = rule({
    aggregator: 'weightedMean',
    weights: { '0': rate('0.5'), '1': rate('0.5') },
    weightSets: [
      { fromUs: 10 * MINUTE, weights: { '0': rate('0.25'), '2': rate('0.75') } },
      { fromUs: 20 * MINUTE, weights: { '1': rate('1') } },
    ],
  });
  assert.deepEqual(
    said(quarterly, [9, '100', '110', '120'], [10, '100', '110', '120'], [20, '100', '110', '120']),
    ['105 uu-', '115 u-u', '110 -u-'],
  );
  assert.throws(() => said({ ...quarterly, weightSets: quarterly.weightSets!.toReversed() }, [0, '1', '1']), {
    code: 'RULES_INVALID',
    message: /not in order of time/,
  });
  assert.throws(() => said({ ...quarterly, aggregator: 'equalMean' }, [0, '1', '1']), {
    code: 'RULES_INVALID',
    message: /takes no sets of weights/,
  });
});
