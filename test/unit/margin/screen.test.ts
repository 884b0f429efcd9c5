/** The float screen on hand-worked pockets; the properties are in test/property/margin.test.ts. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { safeBand } from '../../../src/margin/safeBand.ts';
import { type ScreenPocket, screenPocket, screenTiers } from '../../../src/margin/screen.ts';
import { LINEAR, rules, tiers } from './pockets.ts';

const out = new Float64Array(2);
const pocketOf = (part: Partial<ScreenPocket>): ScreenPocket => ({
  longQty: 0,
  longEntry: 0,
  shortQty: 0,
  shortEntry: 0,
  wallet: 0,
  mark: 0,
  ...part,
});

test('one long: a hair above 41030.150753768845, and nothing above', () => {
  screenPocket(
    screenTiers(LINEAR, rules({})),
    pocketOf({ longQty: 2, longEntry: 86000, wallet: 4300, mark: 43000 }),
    out,
  );
  assert.ok(out[0]! >= 41030.150753768845 && out[0]! < 41030.150753768845 + 1e-6, String(out[0]));
  assert.equal(out[1], Infinity);
});

test('at its limit: both triggers are the mark', () => {
  screenPocket(
    screenTiers(LINEAR, rules({})),
    pocketOf({ longQty: 2, longEntry: 86000, wallet: 4300, mark: 41030 }),
    out,
  );
  assert.deepEqual([...out], [41030, 41030]);
});

test('without a mark every mark is a reason to look', () => {
  screenPocket(
    screenTiers(LINEAR, rules({})),
    pocketOf({ longQty: 2, longEntry: 86000, wallet: 4300, mark: Number.NaN }),
    out,
  );
  assert.deepEqual([...out], [Infinity, 0]);
});

test('a safe band shares the headroom over all markets', () => {
  // Long 1 @ 100 and long 10 @ 10, wallet 40, 10 %: headroom 20; a fall of r costs 200 r and asks for
  // at most 20 r more.
  const t = screenTiers(LINEAR, rules({ tiers: tiers('1000000 0.1 0') }));
  const legs = [
    pocketOf({ longQty: 1, longEntry: 100, mark: 100 }),
    pocketOf({ longQty: 10, longEntry: 100, mark: 10 }),
  ];
  const r = safeBand([t, t], legs, 40);
  assert.ok(r <= 20 / 220 && r > 20 / 220 - 1e-9, String(r));
  assert.equal(safeBand([t, t], legs, 20), 0);
});

test('a step schedule ends the band at its bound', () => {
  // 101 is the bound; the mark is 100: 1 %, though there is money for more.
  const t = screenTiers(LINEAR, rules({ tiers: tiers('101 0.01 0', '100000 0.5 0') }));
  const legs = [pocketOf({ longQty: 1, longEntry: 100, mark: 100 })];
  const r = safeBand([t], legs, 40);
  assert.ok(r <= 0.01 && r > 0.01 - 1e-9, String(r));
});
