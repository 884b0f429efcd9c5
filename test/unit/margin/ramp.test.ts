/** Drift's share that grows with time: calculate_max_pct_to_liquidate, worked by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, rate } from '../../../src/basics/exact.ts';
import { rampShare, shortageOf } from '../../../src/margin/ramp.ts';

const RULE = {
  buffer: rate('0.02'),
  closeAllBelow: money('50'),
  start: rate('0.1'),
  perSecond: rate('0.015'),
};
const share = (shortage: string, freed: string, seconds: number): string =>
  String(rampShare(RULE, { shortage: money(shortage), freed: money(freed), elapsedUs: seconds * 1e6 }));

test('maintenance plus a share of notional, less equity', () => {
  const verdict = {
    equity: money('490'),
    maintenance: money('500'),
    notional: money('10000'),
    liquidatable: true,
  };
  assert.equal(shortageOf(verdict, rate('0.02')).toString(), '210');
});

test('of all that was short, what the time allows less what was freed', () => {
  assert.equal(share('210', '0', 0), '0.1');
  assert.equal(share('210', '0', 0.5), '0.1075');
  assert.equal(share('100', '100', 10), '0'); // (0.25 x 200 - 100) / 100, not below 0
  assert.equal(share('100', '100', 40), '0.4'); // 0.7 x 200 - 100
  assert.equal(share('100', '100', 3600), '1');
});

test('below the threshold, and with nothing short, no ramp', () => {
  assert.equal(share('50', '0', 0), '0.1');
  assert.equal(share('49.99', '0', 0), '1');
  assert.equal(share('0', '10', 0), '1');
});
