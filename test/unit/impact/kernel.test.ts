/** The three kernels of decay against their closed forms. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SECOND_US } from '../../../src/basics/instant.ts';
import { Decay, kernelAt, kernelMean } from '../../../src/impact/kernel.ts';

const NAMES = ['power', 'exp120', 'plateau'] as const;

test('the five exponentials follow (1 + t/10 s)^-1/2 within 8.6 % up to 12 hours', () => {
  for (let sec = 0; sec <= 12 * 3600; sec += 7) {
    const law = 1 / Math.sqrt(1 + sec / 10);
    assert.ok(Math.abs(kernelAt('power', sec) / law - 1) <= 0.086, `at ${sec} s`);
  }
});

test('values of the three kernels', () => {
  const rounded = (name: (typeof NAMES)[number], sec: number) => Number(kernelAt(name, sec).toFixed(3));
  for (const name of NAMES) assert.ok(Math.abs(kernelAt(name, 0) - 1) < 1e-12);
  // e^-1 = 0.368; power at one day: .033 e^-1.728 = .00586
  assert.equal(rounded('exp120', 120), 0.368);
  assert.equal(rounded('power', 86400), 0.006);
  // a fifth stays: .2 + .8 * .00586 = .2047
  assert.equal(rounded('plateau', 86400), 0.205);
});

test('the mean over ten minutes', () => {
  // law: 2 * 10 / 600 * (sqrt(61) - 1) = .2270; the exponentials are 1.3 % below it
  assert.ok(Math.abs(kernelMean('power', 600) / 0.227 - 1) < 0.015);
  // 120 / 600 * (1 - e^-5) = .19865
  assert.ok(Math.abs(kernelMean('exp120', 600) - 0.19865) < 1e-5);
  for (const name of NAMES) {
    let sum = 0; // midpoint rule as the independent way
    for (let i = 0; i < 6000; i++) sum += kernelAt(name, i / 10 + 0.05);
    assert.ok(Math.abs(kernelMean(name, 600) - sum / 6000) < 1e-5, name);
  }
});

test('the recursion is the convolution', () => {
  const kicks = [3, 0, -1, 0.5, 0, 0, 2];
  for (const name of NAMES) {
    const decay = new Decay(name, 10 * SECOND_US);
    kicks.forEach((kick, beat) => {
      const sum = kicks
        .slice(0, beat)
        .reduce((total, k, r) => total + k * kernelAt(name, 10 * (beat - r)), 0);
      assert.ok(Math.abs(decay.advance() - sum) < 1e-12);
      decay.kick(kick);
    });
  }
});
