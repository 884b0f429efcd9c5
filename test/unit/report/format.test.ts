/** Numbers and times as printed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInstant } from '../../../src/basics/instant.ts';
import * as f from '../../../src/report/format.ts';

test('numbers are grouped, with a true minus and no minus zero', () => {
  assert.equal(f.decimals(-1234567.891, 2), '\u22121,234,567.89');
  assert.equal(f.decimals(-0.001, 2), '0.00');
  assert.equal(f.decimals(999.5, 0), '1,000');
  assert.equal(f.decimals(Number.NaN, 2), '\u2013');
  assert.equal(f.decimals(1234.5678, 4), '1,234.5678');
});

test('amounts keep about three or four digits', () => {
  assert.deepEqual([1.17e9, -485_210_000, 12864.4, 40.297, 17, 0.0125, 0].map(f.amount), [
    '1.17 bn',
    '\u2212485.21 m',
    '12,864',
    '40.30',
    '17',
    '0.0125',
    '0',
  ]);
});

test('prices and percentages', () => {
  assert.deepEqual([7938.5, 43000.12, 3596, 0.00012345].map(f.priceText), [
    '7,938.50',
    '43,000',
    '3,596',
    '0.00012345',
  ]);
  assert.equal(f.percent(-0.5312), '\u221253.1\u00a0%');
  assert.equal(f.percent(0.05, 0, true), '+5\u00a0%');
});

test('an instant is printed no finer than the coarsest stream', () => {
  const at = parseInstant('2020-03-12T10:47:31.25Z');
  const said = (us: number): string => f.timeText(at, us).replaceAll('\u00a0', ' ');
  assert.equal(said(1_000), '12 Mar 10:47:31.250');
  assert.equal(said(1_000_000), '12 Mar 10:47:31');
  assert.equal(said(60_000_000), '12 Mar 10:47');
  assert.equal(said(300_000_000), '12 Mar 10:45\u201310:50');
  assert.equal(said(3_600_000_000), '12 Mar 10:00\u201311:00');
  assert.equal(said(86_400_000_000), '12 Mar 2020');
});

test('lengths of time and lists', () => {
  assert.deepEqual([38e6, 720e6, 12_000e6, 172_800e6].map(f.spanText), [
    '38 s',
    '12 min',
    '3 h 20 min',
    '2 days',
  ]);
  assert.deepEqual([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(f.listed), [
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
});
