/** Feedback by difference of flows: identity, decay, and how much of it reaches the index. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SECOND_US } from '../../../src/basics/instant.ts';
import { Feedback } from '../../../src/impact/feedback.ts';
import { kernelAt } from '../../../src/impact/kernel.ts';

const feedback = (passThrough = 0.75, arbitrageUs = 60 * SECOND_US) =>
  new Feedback({ kernel: 'exp120', assumption: { passThrough, arbitrageUs }, beatUs: SECOND_US });

test('no difference, no displacement: exactly', () => {
  for (const kernel of ['power', 'exp120', 'plateau'] as const) {
    const none = new Feedback({
      kernel,
      assumption: { passThrough: 0.75, arbitrageUs: 6e7 },
      beatUs: SECOND_US,
    });
    for (let beat = 0; beat < 100; beat++) {
      const { x, y } = none.tilt(beat);
      assert.ok(Object.is(x, 0) && Object.is(y, 0));
      none.push(0, 1e-3);
    }
  }
});

test('a kick acts from the next beat and decays', () => {
  const sold = feedback();
  assert.equal(sold.tilt(0).x, 0);
  sold.push(-200, 1e-4); // log price -0.02
  assert.equal(sold.tilt(0).x, 0);
  // -0.02 e^(-1/120) = -0.0198340, then e^(-2/120): -0.0196694
  assert.ok(Math.abs(sold.tilt(1).x + 0.019834) < 1e-7);
  assert.ok(Math.abs(sold.tilt(2).x + 0.0196694) < 1e-7);
  assert.equal(sold.tilt(2).x, sold.tilt(2).x);
});

test('the index follows by kappa over tau', () => {
  const sold = feedback();
  sold.tilt(0);
  sold.push(-200, 1e-4);
  // 1 - e^(-1/60) = 0.0165286; Y = 0.0165286 * 0.75 * -0.0198340 = -0.000245870
  assert.ok(Math.abs(sold.tilt(1).y + 0.00024587) < 1e-8);
  // next: -0.00024587 + 0.0165286 * (0.75 * -0.0196694 + 0.00024587) = -0.000485638
  assert.ok(Math.abs(sold.tilt(2).y + 0.000485638) < 1e-8);
});

test('at once when arbitrage takes no time, never when nothing passes', () => {
  const [atOnce, never] = [feedback(1, 0), feedback(0)];
  for (const world of [atOnce, never]) {
    world.tilt(0);
    world.push(-50, 1e-4);
  }
  const { x, y } = atOnce.tilt(1);
  assert.equal(y, x);
  assert.equal(never.tilt(1).y, 0);
});

test('displacement is the convolution of the differences, and linear in them', () => {
  const flows = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(flows, (lots) => {
      const world = new Feedback({
        kernel: 'power',
        assumption: { passThrough: 0.5, arbitrageUs: 6e7 },
        beatUs: SECOND_US,
      });
      lots.forEach((flow, beat) => {
        const sum = lots.slice(0, beat).reduce((x, q, r) => x + 1e-5 * q * kernelAt('power', beat - r), 0);
        assert.ok(Math.abs(world.tilt(beat).x - sum) < 1e-12);
        world.push(flow, 1e-5);
      });
    }),
    { numRuns: 50 },
  );
});

test('beats come in order', () => {
  assert.throws(() => feedback().tilt(1), { code: 'INVARIANT' });
});
