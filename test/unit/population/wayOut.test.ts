/** Estimated liquidation prices and the stops on the way there, by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draw, hashText } from '../../../src/basics/draw.ts';
import { type Terms, termsOf } from '../../../src/population/collateral.ts';
import { liquidationPrice, wayOut, wayOutFields } from '../../../src/population/wayOut.ts';
import { MARKETS, RULES } from './venue.ts';

const linear = termsOf(MARKETS.BTCUSDT!, RULES.markets.BTCUSDT!);
const inverse = termsOf(MARKETS.XBTUSD!, RULES.markets.XBTUSD!);
const position = (side: 1 | -1, qtyF64: number, entryValueF64: number, marginF64: number) => ({
  side,
  qtyF64,
  entryValueF64,
  marginF64,
});
const near = (found: number | null, expected: number): void =>
  assert.ok(found !== null && Math.abs(found / expected - 1) < 1e-9, `${found} for ${expected}`);

test('linear at 8000 with 10x: long (1 - 1/10) / (1 - .004), short (1 + 1/10) / (1 + .004) of the entry', () => {
  near(liquidationPrice(linear, position(1, 1, 8000, 800), 8000), 7200 / 0.996);
  near(liquidationPrice(linear, position(-1, 1, 8000, 800), 8000), 8800 / 1.004);
});

test('the tier of the notional counts with its deduction: 160 000 pays .5 % less 50', () => {
  // equity 16 000 - (160 000 - 20 P) = .005 * 20 P - 50, so 19.9 P = 143 950
  near(liquidationPrice(linear, position(1, 20, 160_000, 16_000), 8000), 143_950 / 19.9);
});

test('inverse at 8000 with 10x: long (1 + .005) / (1 + 1/10), short (1 - .005) / (1 - 1/10) of the entry', () => {
  near(liquidationPrice(inverse, position(1, 8000, 1, 0.1), 8000), (8000 * 1.005) / 1.1);
  near(liquidationPrice(inverse, position(-1, 8000, 1, 0.1), 8000), (8000 * 0.995) / 0.9);
});

test('maintenance by entry value is the same at every price', () => {
  const atEntry: Terms = { ...linear, atEntry: true };
  // .004 * 8000 = 32 of 800 is kept: the loss may be 768
  near(liquidationPrice(atEntry, position(1, 1, 8000, 800), 8000), 7232);
  near(liquidationPrice(atEntry, position(-1, 1, 8000, 800), 8000), 8768);
  // inverse: .005 XBT of .1 is kept, so the long is worth 1.095 XBT at the end
  near(liquidationPrice({ ...inverse, atEntry: true }, position(1, 8000, 1, 0.1), 8000), 8000 / 1.095);
});

test('what no price liquidates has no liquidation price', () => {
  assert.equal(liquidationPrice(linear, position(1, 1, 8000, 8000), 8000), null); // a long that is paid for
  assert.equal(liquidationPrice(inverse, position(-1, 8000, 1, 1), 8000), null); // a short at 1x
  assert.equal(liquidationPrice(linear, position(1, 1, 8000, 800), 7000), null); // behind us already
});

test('a stop stands 30 to 90 % of the way, as its draw says; stop and top-up are drawn apart', () => {
  const lone = { terms: linear, position: position(1, 1, 8000, 800), referenceF64: 8000 };
  const fields = wayOutFields('');
  const seed = hashText('seed');
  const all = { stop: 1, topUp: 1 };
  for (let id = 0; id < 50; id++) {
    const { stop, topUp } = wayOut(lone, { seed, id, fields, shares: all });
    // 7200 / .996 is 9.638554 % below 8000
    const at = (field: string): number =>
      1 - (0.3 + 0.6 * draw(seed, id, hashText(field))) * (1 - 0.9 / 0.996);
    near(stop, at('stopWay'));
    near(topUp, at('topUpWay'));
    assert.ok(stop < 1 - 0.3 * 0.0963855 && stop > 1 - 0.9 * 0.0963856);
  }
  const some = Array.from({ length: 2000 }, (_, id) =>
    wayOut(lone, { seed, id, fields, shares: { stop: 0.35, topUp: 0.15 } }),
  );
  const share = (of: 'stop' | 'topUp'): number => some.filter((out) => out[of] > 0).length / some.length;
  // four standard deviations: 4 sqrt(.35 * .65 / 2000) = .043, 4 sqrt(.15 * .85 / 2000) = .032
  assert.ok(Math.abs(share('stop') - 0.35) < 0.043 && Math.abs(share('topUp') - 0.15) < 0.032);
  // independent: both at .35 * .15 = .0525, 4 sqrt(.0525 * .9475 / 2000) = .02
  const both = some.filter(({ stop, topUp }) => stop > 0 && topUp > 0).length / some.length;
  assert.ok(Math.abs(both - 0.0525) < 0.02, String(both));
});
