/** What moves a world's own path, kick by kick. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { OwnPath } from '../../../src/engine/ownPath.ts';
import { kernelAt } from '../../../src/impact/kernel.ts';

const SECOND = 1_000_000;
const assumption = { passThrough: 0.75, arbitrageUs: 60 * SECOND };

/** Displacement after one beat with the given flows, in a market whose impact is `lambda` and was `tape`. */
function moved(o: { lambda: number; tape: number; own: number; baseline: number }): number {
  const of = (value: number): Float64Array[] => [new Float64Array(2).fill(value)];
  const path = new OwnPath({
    markets: 1,
    kernel: 'power',
    assumption,
    beatUs: SECOND,
    lambda: of(o.lambda),
    tapeLambda: of(o.tape),
  });
  path.tilts(0);
  path.push(0, Float64Array.of(o.own), Float64Array.of(o.baseline));
  return path.tilts(1)[0]!.x;
}

test('flows equal to history move nothing, and half of them give back half of their impact', () => {
  assert.equal(moved({ lambda: 1e-5, tape: 1e-5, own: -1000, baseline: -1000 }), 0);
  // 500 lots less sold: +0.5 %, of which a second leaves G(1)
  const half = moved({ lambda: 1e-5, tape: 1e-5, own: -500, baseline: -1000 });
  assert.ok(Math.abs(half - 0.005 * kernelAt('power', 1)) < 1e-15, String(half));
});

test('in a thinner market the same sales move further than the tape holds', () => {
  // 2e-5 * -1000 - 1e-5 * -1000 = -1 %
  const thin = moved({ lambda: 2e-5, tape: 1e-5, own: -1000, baseline: -1000 });
  assert.ok(Math.abs(thin + 0.01 * kernelAt('power', 1)) < 1e-15, String(thin));
  // half of the sales at twice the impact: what the tape holds
  assert.equal(moved({ lambda: 2e-5, tape: 1e-5, own: -500, baseline: -1000 }), 0);
});
