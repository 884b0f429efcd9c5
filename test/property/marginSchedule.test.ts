/**
 * What margin schedules promise, over random ones and over every rule book of the package: where the
 * requirement is continuous and where it jumps, and liquidation prices that agree with their own tier.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { cut, type Money, money, type Price, price, qty, rate, unscaled } from '../../src/basics/exact.ts';
import type { Leg, Pocket } from '../../src/margin/leg.ts';
import { isContinuous, legMaintenance, legTier } from '../../src/margin/maintenance.ts';
import { liquidationPrices } from '../../src/margin/prices.ts';
import { safeBand } from '../../src/margin/safeBand.ts';
import { screenTiers } from '../../src/margin/screen.ts';
import { judge } from '../../src/margin/trigger.ts';
import { listRules, readRules } from '../../src/rules/readRules.ts';
import type { MarketRules } from '../../src/rules/ruleSet.ts';
import { drawn, marketOf, movedPrice, rulesOf, SHAPES, screened, tiersOf } from './margins.ts';

const INCLUSIVE = { inclusive: true };

/** Requirement of a linear long of one unit at a mark: its notional is the mark. */
const atNotional = (rules: MarketRules, notional: Money): Money =>
  legMaintenance(
    { market: marketOf('linear'), rules, side: 'long', qty: qty('1'), entryValue: notional },
    unscaled('price', notional.n, notional.scale),
  );

const schedules = fc
  .record({
    bounds: fc.uniqueArray(fc.integer({ min: 1, max: 10_000_000 }), { minLength: 1, maxLength: 6 }),
    rates: fc.uniqueArray(fc.integer({ min: 1, max: 5_000 }), { minLength: 7, maxLength: 7 }),
    fee: fc.integer({ min: 0, max: 60 }),
    scale: fc.integer({ min: 0, max: 8 }),
    sizes: fc.array(fc.integer({ min: 0, max: 2_000_000_000 }), { minLength: 8, maxLength: 8 }),
  })
  .map(({ bounds, rates, fee, scale, sizes }) => ({
    bounds: bounds.toSorted((a, b) => a - b).map((b) => money(`${b}`)),
    rates: rates.toSorted((a, b) => a - b).map((r) => (r / 10_000).toFixed(4)),
    fee: rate((fee / 10_000).toFixed(4)),
    scale,
    sizes: sizes.toSorted((a, b) => a - b).map((n) => unscaled<'money'>('money', BigInt(n), 2)),
  }));

test('a continuous schedule never falls, and never rises faster than its top rate and the fee', () => {
  fc.assert(
    fc.property(schedules, ({ bounds, rates, fee, sizes }) => {
      const own = rates.slice(0, bounds.length + 1);
      const rules = rulesOf({ tiers: tiersOf(bounds, own, 'continuous'), closingFee: fee });
      assert.ok(isContinuous(rules.tiers));
      const steepest = rate(own.at(-1)!).plus(fee);
      for (const [i, size] of sizes.entries()) {
        const next = sizes[i + 1];
        if (next === undefined) break;
        const grown = atNotional(rules, next).minus(atNotional(rules, size));
        assert.ok(!grown.isNegative() && grown.lte(next.minus(size).times(steepest)), `${size} to ${next}`);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a step schedule rises at each bound by bound times the difference of the rates, and only there', () => {
  const least = money('0.00000001');
  fc.assert(
    fc.property(schedules, ({ bounds, rates, fee, sizes }) => {
      const own = rates.slice(0, bounds.length + 1);
      const rules = rulesOf({ tiers: tiersOf(bounds, own, 'step'), closingFee: fee });
      for (const [k, bound] of bounds.entries()) {
        const next = rate(own[k + 1]!);
        const jump = atNotional(rules, bound.plus(least)).minus(atNotional(rules, bound));
        const expected = bound.times(next.minus(rate(own[k]!))).plus(least.times(next.plus(fee)));
        assert.ok(jump.eq(expected), `at ${bound}: ${jump}, not ${expected}`);
      }
      for (const size of sizes) {
        const tier = bounds.findIndex((bound) => size.lte(bound));
        const here = rate(own[tier === -1 ? bounds.length : tier]!);
        assert.ok(atNotional(rules, size).eq(size.times(here.plus(fee))), `at ${size}`);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('requirements in whole units are multiples of the unit, never fall, and add less than three units', () => {
  fc.assert(
    fc.property(schedules, ({ bounds, rates, fee, scale, sizes }) => {
      const plain = rulesOf({
        tiers: tiersOf(bounds, rates.slice(0, bounds.length + 1), 'continuous'),
        closingFee: fee,
      });
      const unit = unscaled<'money'>('money', 1n, scale);
      let before = money('0');
      for (const size of sizes) {
        const whole = atNotional({ ...plain, requirementScale: scale }, size);
        const exact = atNotional(plain, size);
        assert.ok(cut(whole, scale, 'down').eq(whole), `${whole} is no multiple of ${unit}`);
        assert.ok(exact.lte(whole) && whole.lt(exact.plus(unit).plus(unit).plus(unit)), `${whole}, ${exact}`);
        assert.ok(before.lte(whole));
        before = whole;
      }
    }),
    { numRuns: 1_000 },
  );
});

test('every rule book: continuous where it has deductions, a jump at every bound where it has none', () => {
  let seen = 0;
  for (const id of listRules()) {
    for (const rules of Object.values(readRules(id).markets)) {
      const bare = { ...rules };
      delete (bare as { requirementScale?: number }).requirementScale;
      const deducted = rules.tiers.some((tier) => tier.maintenanceDeduction.isPositive());
      for (const [k, tier] of rules.tiers.entries()) {
        const next = rules.tiers[k + 1];
        if (next === undefined || rules.tierKey === 'qty' || rules.sizeSlope !== undefined) continue;
        seen++;
        const least = money('0.00000001');
        const rise = atNotional(bare, tier.upTo.plus(least)).minus(atNotional(bare, tier.upTo));
        const jump = tier.upTo.times(next.maintenanceRate.minus(tier.maintenanceRate));
        const slope = least.times(next.maintenanceRate.plus(rules.closingFee ?? rate('0')));
        assert.ok(rise.eq(deducted ? slope : slope.plus(jump)), `${id}: ${rise} at ${tier.upTo}`);
      }
    }
  }
  assert.ok(seen > 50, `${seen} bounds`);
});

/**
 * The one liquidation price whose own tier contains it, from the published formulas, in float64: shares
 * no code with the walk. docs/method.md (Liquidation price).
 */
function closedForm(leg: Leg, wallet: number): number[] {
  const { rules, market } = leg;
  const size = leg.qty.toNumber();
  const entry = leg.entryValue.toNumber();
  const side = leg.side === 'long' ? 1 : -1;
  const linear = market.kind === 'linear';
  const found: number[] = [];
  let floor = 0;
  for (const [k, tier] of rules.tiers.entries()) {
    const top = k === rules.tiers.length - 1 ? Infinity : tier.upTo.toNumber();
    const kept = tier.maintenanceRate.toNumber() + (rules.closingFee?.toNumber() ?? 0);
    const rateHere = kept + (linear ? (rules.sizeSlope?.maintenance.toNumber() ?? 0) * size : 0);
    const cum = tier.maintenanceDeduction.toNumber();
    // linear: wallet + side (q p - entry) = q p rate - cum; inverse: wallet - side (n - entry) = n rate - cum
    const notional = linear
      ? (wallet - side * entry + cum) / (rateHere - side)
      : (wallet + side * entry + cum) / (rateHere + side);
    if (notional > floor && notional <= top) found.push(linear ? notional / size : (size * 100) / notional);
    floor = top;
  }
  return found;
}

const oneSided = SHAPES.filter(
  (s) => s.legs !== 'hedge' && s.at === 'mark' && s.schedule === 'continuous' && s.more !== 'scale',
).filter((s) => s.kind === 'linear' || s.more === undefined);

test('a liquidation price is the published one, in the only tier that contains it', () => {
  let met = 0;
  fc.assert(
    fc.property(fc.constantFrom(...oneSided).chain(drawn), ({ pocket, mark }) => {
      const leg = pocket.legs[0]!;
      if (judge(pocket, () => mark, INCLUSIVE).liquidatable) return;
      const { low, high } = liquidationPrices(pocket, 'M', () => mark, INCLUSIVE);
      // far out the venue's cut makes a coin value 0, which no formula knows
      const within = mark.toNumber() * 1e3;
      const near = low ?? high;
      const found = near !== null && near.toNumber() < within ? near : null;
      const expected = closedForm(leg, pocket.wallet.toNumber()).filter((p) => p < within);
      if (found === null) return assert.deepEqual(expected, []);
      met++;
      assert.equal(expected.length, 1, `${expected} for ${found}`);
      const cut8 = leg.market.kind === 'inverse' ? 4e-8 / leg.entryValue.toNumber() : 0;
      const off = Math.abs(expected[0]! - found.toNumber()) / found.toNumber();
      assert.ok(off < 1e-7 + cut8 * 4, `${expected[0]} and ${found}`);
    }),
    { numRuns: 2_000 },
  );
  assert.ok(met > 500, `${met}`);
});

test('with steps the liquidation price is the first mark, from today, at which the verdict turns', () => {
  let beyond = 0;
  const steps = SHAPES.filter((s) => s.schedule === 'step' && s.at === 'mark');
  fc.assert(
    fc.property(fc.constantFrom(...steps).chain(drawn), ({ pocket, mark }) => {
      const fails = (m: Price): boolean => judge(pocket, () => m, INCLUSIVE).liquidatable;
      if (fails(mark)) return;
      const { low, high } = liquidationPrices(pocket, 'M', () => mark, INCLUSIVE);
      for (let bp = 5; bp <= 6_000; bp += 5) {
        const [down, up] = [movedPrice(mark, -bp), movedPrice(mark, bp)];
        if (fails(down)) {
          beyond++;
          assert.ok(low !== null && down.lte(low), `${down} fails, low is ${low}`);
          break;
        }
        if (fails(up)) {
          beyond++;
          assert.ok(high?.lte(up), `${up} fails, high is ${high}`);
          break;
        }
      }
      if (low !== null) assert.ok(fails(low));
      if (high !== null) assert.ok(fails(high));
    }),
    { numRuns: 400 },
  );
  assert.ok(beyond > 100, `${beyond}`);
});

test('inside the safe band no leg of a step schedule climbs a tier', () => {
  let stopped = 0;
  const steps = SHAPES.filter((s) => s.schedule === 'step' && s.at === 'mark' && s.key === 'notional');
  fc.assert(
    fc.property(fc.constantFrom(...steps).chain(drawn), ({ pocket, mark }) => {
      const { market, rules } = pocket.legs[0]!;
      const leg = screened(pocket, mark);
      const r = safeBand([screenTiers(market, rules)], [leg], pocket.wallet.toNumber());
      if (r === 0) return;
      for (const each of pocket.legs) {
        const outward = market.kind === 'linear' ? r : -r;
        const edge = price((mark.toNumber() * (1 + outward * (1 - 1e-9))).toFixed(12));
        const today = legTier(each, mark);
        const bound = rules.tiers[today]!.upTo.toNumber();
        const value =
          each.qty.toNumber() * (market.kind === 'linear' ? mark.toNumber() : 100 / mark.toNumber());
        const last = today === rules.tiers.length - 1;
        // on the bound itself a leg already counts as beyond it
        const tier = !last && value > bound * (1 - 1e-6) ? today + 1 : today;
        assert.equal(Math.max(legTier(each, edge), tier), tier, `a tier up within ${r} of ${mark}`);
        const reach = market.kind === 'linear' ? value * (1 + r) : value / (1 - r);
        if (!last && Math.abs(reach / bound - 1) < 1e-6) stopped++;
      }
    }),
    { numRuns: 3_000 },
  );
  assert.ok(stopped > 100, `${stopped} bands end at a bound`);
});

test('a fall of r costs an inverse book its notional times r / (1 - r)', () => {
  const arbitrary = fc.record({
    notionals: fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 3 }),
    headroom: fc.integer({ min: 1, max: 4_000 }), // 1e-4 of the costs
    bp: fc.integer({ min: 10, max: 500 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ notionals, headroom, bp }) => {
      const rules = rulesOf({ tiers: tiersOf([], [(bp / 10_000).toFixed(4)], 'continuous') });
      const market = { ...marketOf('inverse'), valueScale: 18 };
      const mark = 10_000;
      const sum = notionals.reduce((total, n) => total + n, 0);
      const cost = sum * (1 + bp / 10_000);
      const wallet = sum * (bp / 10_000) + (cost * headroom) / 10_000; // every leg was opened at today's mark
      const legs = notionals.map((n) => ({
        longQty: n * 100, // contracts of 100 at 10,000: 0.01 coins each
        longEntry: n,
        shortQty: 0,
        shortEntry: 0,
        wallet: 0,
        mark,
      }));
      const r = safeBand(
        legs.map(() => screenTiers(market, rules)),
        legs,
        wallet,
      );
      assert.ok(Math.abs((r / (1 - r)) * cost - (wallet - sum * (bp / 10_000))) < 1e-6 * cost, `${r}`);
    }),
    { numRuns: 1_000 },
  );
});

test('a pocket of several markets is found when one of them moves alone', () => {
  // equity 300 on 100 long at 10 and 100 short at 20; the short fails at 20 + 3 * (1 - m) or so
  const rules = rulesOf({ tiers: tiersOf([], ['0.01'], 'continuous') });
  const leg = (id: string, side: 'long' | 'short', entry: string): Leg => ({
    market: marketOf('linear', id),
    rules,
    side,
    qty: qty('100'),
    entryValue: money(entry),
  });
  const pocket: Pocket = {
    legs: [leg('A', 'long', '1000'), leg('B', 'short', '2000')],
    wallet: money('300'),
    orderMargin: money('0'),
  };
  const marks = (id: string): Price => (id === 'A' ? price('10') : price('20'));
  // 300 - 100 (p - 20) = 10 + p: 2290 / 101; 300 + 100 (p - 10) = p + 20: 720 / 99
  const { high } = liquidationPrices(pocket, 'B', marks, INCLUSIVE);
  assert.ok(Math.abs(high!.toNumber() - 2290 / 101) < 1e-11, `${high}`);
  const { low } = liquidationPrices(pocket, 'A', marks, INCLUSIVE);
  assert.ok(Math.abs(low!.toNumber() - 720 / 99) < 1e-11, `${low}`);
});
