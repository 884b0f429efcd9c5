/** Maintenance margin along a path, against the exact margin leg by leg and a search over all pairs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { price, rate } from '../../../src/basics/exact.ts';
import { legMaintenance } from '../../../src/margin/maintenance.ts';
import type { MarketRules } from '../../../src/rules/ruleSet.ts';
import { MarginCurve, marginTiers } from '../../../src/study/compare/marginCurve.ts';
import { largestRise } from '../../../src/study/compare/marginNotes.ts';
import { inverseMarket, linearMarket, tiers, type TinyAccount, tinyWorld } from '../../support/tinyWorld.ts';

const LINEAR = tiers([
  ['50000', '0.004', '0', '0.008'],
  ['250000', '0.005', '50', '0.01'],
  ['1000000000', '0.01', '1300', '0.02'],
]);
/** Steps: no deduction, margin jumps. */
const STEPS = tiers([
  ['5', '0.005', '0', '0.01'],
  ['20', '0.0075', '0', '0.015'],
  ['1000000000', '0.01', '0', '0.02'],
]);
const slope = { maintenance: rate('0.00005'), initial: rate('0.00005') };
const CASES: readonly (readonly [what: string, kind: 'linear' | 'inverse', rules: Partial<MarketRules>])[] = [
  ['linear', 'linear', { tiers: LINEAR }],
  ['linear with a slope', 'linear', { tiers: LINEAR, sizeSlope: slope }],
  ['linear at entry', 'linear', { tiers: LINEAR, notionalAt: 'entry' }],
  [
    'linear by size',
    'linear',
    {
      tiers: tiers([
        ['10', '0.004', '0', '0.008'],
        ['1000', '0.01', '0', '0.02'],
      ]),
      tierKey: 'qty',
    },
  ],
  ['inverse steps', 'inverse', { tiers: STEPS }],
  ['inverse with a slope', 'inverse', { tiers: STEPS, sizeSlope: slope }],
];

for (const [what, kind, rules] of CASES) {
  test(`what is asked at any mark is the sum over positions: ${what}`, () => {
    const market = kind === 'linear' ? linearMarket() : inverseMarket();
    const sizes =
      kind === 'linear'
        ? ['1', '5.5', '6', '24.8', '40', '7.123']
        : ['1000', '45000', '60000', '190000', '200001', '7'];
    const accounts = sizes.map(
      (qty, i): TinyAccount => ({
        name: `A${i}`,
        legs: [
          { side: i % 2 === 0 ? 'long' : 'short', market: market.id, qty, entry: '10000', margin: '100000' },
        ],
      }),
    );
    const { world } = tinyWorld({
      markets: [market],
      marketRules: { [market.id]: rules },
      accounts,
      beats: [{ index: '10000' }],
    });
    const own = world.input.rules.markets[market.id]!;
    const [low, high] = [6000, 13_000];
    const curve = new MarginCurve({
      population: world.input.population,
      market,
      tiers: marginTiers(market, own),
      low,
      high,
    });
    // every round hundred, of which several are exactly at a tier's bound for some position
    for (let mark = low; mark <= high; mark += 100) {
      let exact = 0;
      for (let a = 0; a < accounts.length; a++)
        for (const leg of world.desk.book.read(a).legs)
          exact += legMaintenance(leg, price(String(mark))).toNumber();
      // a venue cuts each inverse value to 1e-8
      const about = kind === 'linear' ? 1e-9 * exact : 1e-7;
      assert.ok(Math.abs(curve.at(mark) - exact) <= about, `${mark}: ${curve.at(mark)}, not ${exact}`);
    }
  });
}

test('the largest rise is that of the best pair not too far apart', () => {
  const values = Float64Array.from({ length: 200 }, (_, i) => ((i * 7919) % 101) - ((i * 31) % 17) * 3);
  for (const apart of [1, 2, 5, 60, 199, 500]) {
    let most = 0;
    for (let t = 0; t < values.length; t++)
      for (let s = t + 1; s < values.length && s <= t + apart; s++)
        most = Math.max(most, values[s]! - values[t]!);
    assert.equal(largestRise(values, apart), most, `${apart}`);
  }
  assert.equal(largestRise(Float64Array.of(3, 2, 1), 2), 0);
});
