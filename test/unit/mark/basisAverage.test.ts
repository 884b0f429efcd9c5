/** Averages of the basis by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { price, rate } from '../../../src/basics/exact.ts';
import { ExponentialMean, WindowMean, basisAverage } from '../../../src/mark/basisAverage.ts';
import { rulesWith } from '../../support/smallFrames.ts';

const values = (average: WindowMean | ExponentialMean, samples: readonly string[]) =>
  samples.map((s) => {
    average.push(price(s));
    return average.value?.toString();
  });

test('the window mean starts from data and forgets what left the window', () => {
  // three samples: 10; (10-4)/2; (10-4+6)/3; (-4+6+1)/3; (6+1+1)/3 = 2.666...
  assert.deepEqual(values(new WindowMean(3, 1), ['10', '-4', '6', '1', '1']), [
    '10',
    '3',
    '4',
    '1',
    '2.666666666667',
  ]);
  assert.equal(new WindowMean(3, 1).value, null);
});

test('the exponential mean moves by 2 / (n + 1)', () => {
  // n = 3, weight 1/2: 8; 8 + (4-8)/2 = 6; 6 + (-2-6)/2 = 2; 2 + (2.5-2)/2 = 2.25
  assert.deepEqual(values(new ExponentialMean(3, 1), ['8', '4', '-2', '2.5']), ['8', '6', '2', '2.25']);
  // n = 2, weight 2/3: 1, then 1 + (0-1) * 2/3 = 1/3, kept at 18 places and shown at 12
  const thirds = new ExponentialMean(2, 1);
  assert.deepEqual(values(thirds, ['1', '0']), ['1', '0.333333333333']);
  assert.equal(thirds.state?.toString(), '0.333333333333333333');
});

test('a sample finer than twelve places is cut first', () => {
  assert.deepEqual(values(new WindowMean(2, 1), ['0.0000000000005', '0.0000000000015']), [
    '0',
    '0.000000000001',
  ]);
});

test('which rules keep an average', () => {
  const basis = { windowUs: 60, sampleUs: 20 };
  const mean = basisAverage(rulesWith({ kind: 'medianOfThree', basis }).mark, 20);
  assert.ok(mean instanceof WindowMean && mean.size === 3 && mean.sampleUs === 20);
  const ema = basisAverage(
    rulesWith({ kind: 'boundedEma', samples: 30, sampleUs: 5, band: rate('0.005') }).mark,
    20,
  );
  assert.ok(ema instanceof ExponentialMean && ema.samples === 30 && ema.sampleUs === 5);
  assert.equal(basisAverage(rulesWith({ kind: 'fundingBasis' }).mark, 20), null);
  assert.throws(() => new WindowMean(50, 20), RangeError);
  assert.throws(() => new ExponentialMean(1.5, 20), RangeError);
});
