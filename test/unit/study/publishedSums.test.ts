/** Our side of published figures, summed as rows pass: the hand-made run of test/support/rows.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PublishedFigure } from '../../../src/rules/facts.ts';
import { PublishedSums } from '../../../src/study/publishedSums.ts';
import { btcusdt, factsOf } from '../../support/facts.ts';
import { beatUs, sampleBeats } from '../../support/rows.ts';

const figure = (what: PublishedFigure['what'], untilUs: number | null = null): PublishedFigure => ({
  what,
  market: 'BTCUSDT',
  fromUs: null,
  untilUs,
  value: '0',
  unit: 'USDT',
  source: 'by hand',
  note: '',
});

/** Window of the hand-made run: four beats from 10:00:00. */
const sumsOf = (published: readonly PublishedFigure[]): Readonly<Record<number, string>> => {
  const markets = { BTCUSDT: btcusdt() };
  const facts = factsOf('2020-03-12T10:00:00Z', '2020-03-12T10:00:04Z', [], { markets, published });
  const sums = new PublishedSums(facts);
  for (const beat of sampleBeats()) sums.record(0, beat);
  return sums.values(0);
};

test('liquidations, ADL and fund of the whole window, and of its first half', () => {
  const half = beatUs(2);
  const values = sumsOf([
    figure('liquidatedLong'), // A 8980 and 8100, C 3592, taken over 1900
    figure('liquidatedLong', half), // without A's 8100 of beat 3
    figure('liquidatedShort'),
    figure('adlNotional'), // B closes 0.3 at 9500
    figure('fundChange'), // 1000 -> 740
    figure('fundChange', half), // 1000 -> 836.9
    figure('liquidatedTotal'),
  ]);
  assert.deepEqual(values, { 0: '22572', 1: '14472', 2: '0', 3: '2850', 4: '-260', 5: '-163.1', 6: '22572' });
});

test('what needs every beat has no value', () => {
  assert.deepEqual(sumsOf([figure('openInterestChange'), figure('markLow'), figure('perpLow')]), {});
});
