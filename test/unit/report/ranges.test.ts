/** A figure or its range: the borders of the rule. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { causeText, figureOrRange, type Rerun } from '../../../src/report/ranges.ts';

const reruns = (...values: number[]): Rerun[] =>
  values.map((value, i) => ({ kind: 'seed', what: String(i), value }));

test('without reruns a figure is itself', () => {
  assert.deepEqual(figureOrRange(-12.5, []), { kind: 'figure', value: -12.5, reruns: 0 });
});

test('exactly a factor of two is a figure, a hair more is a range', () => {
  assert.equal(figureOrRange(10, reruns(20)).kind, 'figure');
  assert.equal(figureOrRange(-10, reruns(-20, -13)).kind, 'figure');
  const more = figureOrRange(10, reruns(20.000001));
  assert.deepEqual(
    { ...more },
    {
      kind: 'range',
      low: 10,
      high: 20.000001,
      why: 'factor',
      lowBy: 'this run',
      highBy: 'seed 0',
      reruns: 1,
    },
  );
});

test('two reruns may differ by more than two although each is within two of this run', () => {
  assert.equal(figureOrRange(10, reruns(6, 13)).kind, 'range'); // 13 / 6 = 2.17
});

test('a change of sign is a range however small', () => {
  const found = figureOrRange(1, reruns(-0.001));
  assert.equal(found.kind === 'range' && found.why, 'sign');
});

test('zero against anything is a range, zero against zero a figure', () => {
  const found = figureOrRange(0, reruns(5));
  assert.equal(found.kind === 'range' && found.why, 'zero');
  const below = figureOrRange(-5, reruns(0));
  assert.equal(below.kind === 'range' && below.why, 'zero');
  assert.deepEqual(figureOrRange(0, reruns(0, -0)), { kind: 'figure', value: 0, reruns: 2 });
});

test('the range names what gave its ends', () => {
  const found = figureOrRange(3, [
    { kind: 'timing', what: 'openLowHighClose', value: 1 },
    { kind: 'override', what: 'takeover={"when":"atOnce"}', value: 9 },
  ]);
  assert.ok(found.kind === 'range');
  assert.equal(found.lowBy, 'path inside the bar: openLowHighClose');
  assert.equal(found.highBy, 'takeover = {"when":"atOnce"}');
});

test('a value that is not finite is refused', () => {
  assert.throws(() => figureOrRange(1, reruns(Number.NaN)), RangeError);
  assert.throws(() => figureOrRange(Number.POSITIVE_INFINITY, []), RangeError);
});

test('a figure is within twice of every value; a range is so for none', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(value, fc.array(value, { maxLength: 6 }), (own, others) => {
      const all = [own, ...others];
      const pairs = all.flatMap((a) => all.map((b) => [a, b] as const));
      // slow twin: some pair of values disagrees in sign, in being zero, or by more than twice
      const differs = pairs.some(([a, b]) => Math.sign(a) !== Math.sign(b) || Math.abs(a) > 2 * Math.abs(b));
      const zeroes = all.every((x) => x === 0);
      assert.equal(figureOrRange(own, reruns(...others)).kind, differs && !zeroes ? 'range' : 'figure');
    }),
  );
});

test('what was changed is said by the end of its path', () => {
  const said = (what: string): string => causeText({ kind: 'override', what });
  assert.equal(
    said('assumptions.population.openInterest.BTCUSDT*=0.5'),
    'population open interest \u00d7 0.5',
  );
  assert.equal(said('rules.markets.BTCUSDT.clearanceFee.0.rate=0'), 'clearance fee rate = 0');
  assert.equal(said('rules.takeover={when: atOnce}'), 'takeover = {when: atOnce}');
  assert.equal(said('something else'), 'something else');
});
