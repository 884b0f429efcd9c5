/**
 * The screen never misses what the verdict finds; exact prices are where the verdict turns; bankruptcy
 * leaves nothing.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  carried,
  type Money,
  type Price,
  PRICE_SCALE,
  type Qty,
  rate,
  sum,
  toStep,
  unscaled,
} from '../../src/basics/exact.ts';
import { bankruptcyPrice, marginShares } from '../../src/margin/bankruptcy.ts';
import { type Leg, type Pocket, profit, valueAt } from '../../src/margin/leg.ts';
import { type Reduction, solveReduction, tierStepDown } from '../../src/margin/partial.ts';
import { legTier } from '../../src/margin/maintenance.ts';
import { safeBand } from '../../src/margin/safeBand.ts';
import { liquidationPrices } from '../../src/margin/prices.ts';
import { type ScreenTiers, screenPocket, screenTiers } from '../../src/margin/screen.ts';
import { judge } from '../../src/margin/trigger.ts';
import { drawn, movedPrice, nameOf, SHAPES, screened, TICK } from './margins.ts';

const INCLUSIVE = { inclusive: true };
const UNIT = unscaled<'price'>('price', 1n, PRICE_SCALE);
const out = new Float64Array(2);
const tiersOfLeg = (leg: Leg): ScreenTiers => screenTiers(leg.market, leg.rules);

/** Whole ticks near a float, offset by some. */
function nearby(f64: number, ticks: number): Price | null {
  const n = Math.round(f64 * 100) + ticks;
  return n > 0 && Number.isSafeInteger(n) ? unscaled('price', BigInt(n), 2) : null;
}

for (const shape of SHAPES) {
  test(`the screen never misses a verdict: ${nameOf(shape)}`, () => {
    let hits = 0;
    fc.assert(
      fc.property(drawn(shape), ({ pocket, mark, ticks, jumps }) => {
        screenPocket(tiersOfLeg(pocket.legs[0]!), screened(pocket, mark), out);
        const [low, high] = [out[0]!, out[1]!];
        const now = judge(pocket, () => mark, INCLUSIVE).liquidatable;
        if (now)
          assert.ok(low === mark.toNumber() && high === low, 'liquidatable today, and the screen is silent');
        const tried = [
          ...ticks.flatMap((t) => [nearby(low, t), nearby(high, t)]),
          nearby(low, 1),
          nearby(low, 0),
          nearby(high, 0),
          nearby(high, -1),
          ...jumps.map((bp) => movedPrice(mark, bp)),
        ];
        for (const m of tried) {
          if (m === null || !judge(pocket, () => m, INCLUSIVE).liquidatable) continue;
          hits++;
          assert.ok(m.toNumber() <= low || m.toNumber() >= high, `missed at ${m}: [${low}, ${high}]`);
        }
      }),
      { numRuns: 2_500 },
    );
    assert.ok(hits > 1_000, `only ${hits} verdicts were met`);
  });

  test(`exact prices are where the verdict turns: ${nameOf(shape)}`, () => {
    let found = 0;
    fc.assert(
      fc.property(drawn(shape), fc.boolean(), ({ pocket, mark, jumps }, inclusive) => {
        const fails = (m: Price): boolean => judge(pocket, () => m, { inclusive }).liquidatable;
        const { low, high } = liquidationPrices(pocket, 'M', () => mark, { inclusive });
        if (fails(mark)) return assert.ok(low?.eq(mark) && high?.eq(mark));
        screenPocket(tiersOfLeg(pocket.legs[0]!), screened(pocket, mark), out);
        if (low !== null) {
          found++;
          assert.ok(low.isPositive() && low.lt(mark) && fails(low) && !fails(low.plus(UNIT)), `low ${low}`);
          assert.ok(low.toNumber() <= out[0]!, `screen ${out[0]} misses ${low}`);
        }
        if (high !== null) {
          found++;
          assert.ok(mark.lt(high) && fails(high) && !fails(high.minus(UNIT)), `high ${high}`);
          assert.ok(high.toNumber() >= out[1]!, `screen ${out[1]} misses ${high}`);
        }
        for (const m of jumps.map((bp) => movedPrice(mark, bp))) {
          const between = (low === null || low.lt(m)) && (high === null || m.lt(high));
          assert.ok(!between || !fails(m), `verdict at ${m} between ${low} and ${high}`);
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(found > 50, `only ${found} prices were found`);
  });
}

// Left out: a step schedule keyed by notional, where a position exactly on a bound is taken to be beyond it, and
// requirements in whole units, which the screen takes to be rounded up by the most that they can be.
test('the screen is tight: a linear trigger is within 10^-8 of the exact price', () => {
  fc.assert(
    fc.property(
      fc
        .constantFrom(
          ...SHAPES.filter(
            (s) =>
              s.kind === 'linear' &&
              s.more !== 'scale' &&
              s.legs !== 'hedge' &&
              (s.schedule === 'continuous' || s.key === 'qty'),
          ),
        )
        .chain(drawn),
      (d) => {
        const { low, high } = liquidationPrices(d.pocket, 'M', () => d.mark, INCLUSIVE);
        screenPocket(tiersOfLeg(d.pocket.legs[0]!), screened(d.pocket, d.mark), out);
        const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-8 * d.mark.toNumber();
        if (low !== null) assert.ok(near(out[0]!, low.toNumber()), `${out[0]} and ${low}`);
        if (high !== null) assert.ok(near(out[1]!, high.toNumber()), `${out[1]} and ${high}`);
      },
    ),
    { numRuns: 2_000 },
  );
});

/** One pocket over several markets: the legs of each, and the wallets together. */
function joined(parts: readonly { pocket: Pocket; mark: Price }[]): { pocket: Pocket; marks: Price[] } {
  const wallet = sum(parts.map((p) => p.pocket.wallet));
  return {
    pocket: { legs: parts.flatMap((p) => p.pocket.legs), wallet, orderMargin: wallet.minus(wallet) },
    marks: parts.map((p) => p.mark),
  };
}

const IDS = ['M0', 'M1', 'M2'];
const severalMarkets = fc
  .tuple(
    fc.constantFrom(...SHAPES),
    fc.integer({ min: 2, max: 3 }),
    fc.array(fc.constantFrom('long', 'short', 'hedge'), { minLength: 3, maxLength: 3 }),
  )
  .chain(([shape, count, sides]) =>
    fc.tuple(...IDS.slice(0, count).map((id, i) => drawn({ ...shape, legs: sides[i] as 'long' }, id))),
  );

test('no combination of marks inside the safe band is liquidatable', () => {
  let outside = 0;
  let bands = 0;
  const corner = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 900_000, max: 1_400_000 })), {
    minLength: 12,
    maxLength: 12,
  });
  fc.assert(
    fc.property(severalMarkets, corner, (parts, corners) => {
      const { pocket, marks } = joined(parts);
      const legs = parts.map((p) => screened(p.pocket, p.mark));
      const r = safeBand(
        parts.map((p) => tiersOfLeg(p.pocket.legs[0]!)),
        legs,
        pocket.wallet.toNumber(),
      );
      if (judge(pocket, (id) => marks[IDS.indexOf(id)]!, INCLUSIVE).liquidatable) return assert.equal(r, 0);
      if (r > 0) bands++;
      for (let c = 0; c < 4; c++) {
        const tried = marks.map((mark, i) => {
          const [up, part] = corners[c * 3 + i]!;
          const f64 =
            mark.toNumber() * (1 + ((up ? 1 : -1) * r * Math.min(part, c < 2 ? 1_000_000 : part)) / 1e6);
          return toStep<'price'>(carried('price', f64), TICK, up === c < 2 ? 'down' : 'up');
        });
        if (!judge(pocket, (id) => tried[IDS.indexOf(id)]!, INCLUSIVE).liquidatable) continue;
        outside++;
        const met = tried.some((m, i) => {
          const { mark } = legs[i]!;
          return m.toNumber() <= mark * (1 - r) || m.toNumber() >= mark * (1 + r);
        });
        assert.ok(met, `liquidatable inside a band of ${r} at ${tried.join(', ')}`);
      }
    }),
    { numRuns: 10_000 },
  );
  assert.ok(bands > 5_000 && outside > 200, `${bands} bands, ${outside} verdicts beyond them`);
});

test('closing at the bankruptcy price leaves nothing, and never a deficit', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SHAPES).chain(drawn),
      fc.constantFrom('0', '0.00075', '0.005'),
      ({ pocket, mark }, fee) => {
        const shares = marginShares(pocket, () => mark);
        assert.ok(sum(shares).eq(pocket.wallet), 'shares sum to the wallet');
        for (const [i, leg] of pocket.legs.entries()) {
          const price = bankruptcyPrice(leg, shares[i]!, rate(fee));
          if (price === null || !price.isPositive()) continue;
          const value = valueAt(leg.market, leg.qty, price);
          const left: Money = shares[i]!.plus(profit(leg, value, leg.entryValue)).minus(
            value.times(rate(fee)),
          );
          const bound =
            leg.market.kind === 'linear'
              ? leg.qty.toNumber() * 1.005e-12
              : 3e-8 + (value.toNumber() / price.toNumber()) * 1e-12;
          assert.ok(!left.isNegative() && left.toNumber() <= bound, `${left} is left at ${price}`);
        }
      },
    ),
    { numRuns: 3_000 },
  );
});

/**
 * Headroom over the requirement after n lots are closed, in plain float64: shares no code with the
 * solver.
 */
function spareF64(r: Reduction, n: number): number {
  let [equity, required] = [r.pocket.wallet.toNumber(), 0];
  for (const [i, leg] of r.pocket.legs.entries()) {
    const inverse = leg.market.kind === 'inverse';
    const worth = (q: number, p: number): number => (inverse ? (q * 100) / p : q * p);
    const all = leg.qty.toNumber();
    const closed = i === r.legIndex ? n * leg.market.qtyStep.toNumber() : 0;
    const mark = r.marks(leg.market.id).toNumber();
    const now = worth(all - closed, mark);
    const fill = worth(closed, r.fillPrice.toNumber());
    const gain = (leg.side === 'long' ? 1 : -1) * (inverse ? -1 : 1);
    equity += gain * (now + fill - leg.entryValue.toNumber()) - fill * r.feeRate.toNumber();
    const notional = leg.rules.notionalAt === 'entry' ? leg.entryValue.toNumber() * (1 - closed / all) : now;
    const size = leg.rules.tierKey === 'qty' ? all - closed : notional;
    const tier = leg.rules.tiers.find((t) => size <= t.upTo.toNumber() + 1e-9) ?? leg.rules.tiers.at(-1)!;
    const slope = leg.rules.sizeSlope?.maintenance.toNumber() ?? 0;
    const sloped = slope * (inverse ? notional : all - closed);
    const ratio = tier.maintenanceRate.toNumber() + sloped + (leg.rules.closingFee?.toNumber() ?? 0);
    const kept = notional * ratio - tier.maintenanceDeduction.toNumber();
    required += kept + r.buffer.value.toNumber() * (r.buffer.kind === 'additive' ? now : kept);
  }
  return equity - required;
}

test('a reduction is the smallest that a search over every lot count finds', () => {
  let solved = 0;
  let full = 0;
  const terms = fc.record({
    beyond: fc.integer({ min: 0, max: 40 }),
    slip: fc.integer({ min: 0, max: 20 }),
    fee: fc.constantFrom('0', '0.0005', '0.003', '0.012'),
    buffer: fc.constantFrom<['multiplicative' | 'additive', string]>(
      ['multiplicative', '0'],
      ['multiplicative', '0.1'],
      ['additive', '0.002'],
    ),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...SHAPES).chain((s) => drawn(s, 'M', true)),
      terms,
      ({ pocket, mark: start }, t) => {
        const { low, high } = liquidationPrices(pocket, 'M', () => start, INCLUSIVE);
        const edge = low ?? high;
        if (edge === null || edge.toNumber() < 1) return;
        const down = low !== null;
        const mark = movedPrice(edge, down ? -t.beyond : t.beyond);
        const legIndex = pocket.legs.findIndex((leg) => leg.side === (down ? 'long' : 'short'));
        if (legIndex === -1 || !judge(pocket, () => mark, INCLUSIVE).liquidatable) return;
        const r: Reduction = {
          pocket,
          legIndex,
          marks: () => mark,
          fillPrice: movedPrice(mark, down ? -t.slip : t.slip),
          feeRate: rate(t.fee),
          trigger: INCLUSIVE,
          buffer: { kind: t.buffer[0], value: rate(t.buffer[1]) },
        };
        const leg = pocket.legs[legIndex]!;
        const lots = Math.round(leg.qty.toNumber() / leg.market.qtyStep.toNumber());
        // rounding requirements up adds at most three units to each leg, here and in what the search started from
        const whole = 6 * pocket.legs.length * 10 ** -(leg.rules.requirementScale ?? Infinity) * 1.1;
        const doubt = whole + (leg.market.kind === 'inverse' ? 4e-8 : 1e-9 * leg.entryValue.toNumber());
        const found = solveReduction(r);
        if (found === null) full++;
        else solved++;
        const answer = found === null ? lots : Math.round(found.toNumber() / leg.market.qtyStep.toNumber());
        for (let n = 1; n < answer; n++)
          assert.ok(spareF64(r, n) <= doubt, `${n} lots are enough, ${answer} were closed`);
        if (answer < lots) assert.ok(spareF64(r, answer) >= -doubt, `${answer} lots are not enough`);
      },
    ),
    { numRuns: 3_000 },
  );
  assert.ok(solved > 200 && full > 200, `${solved} solved, ${full} full`);
});

test('a step down ends in the tier below, and one lot less does not', () => {
  let stepped = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...SHAPES).chain(drawn),
      fc.integer({ min: 1, max: 2 }),
      ({ pocket, mark }, tiers) => {
        const leg = pocket.legs[0]!;
        const rest = (q: Qty): Leg => {
          const entryValue = leg.entryValue.times(rate(String(1 - q.toNumber() / leg.qty.toNumber())));
          return {
            ...leg,
            qty: leg.qty.minus(q),
            entryValue: leg.rules.notionalAt === 'entry' ? entryValue : leg.entryValue,
          };
        };
        const q = tierStepDown(leg, tiers, mark);
        const goal = legTier(leg, mark) - tiers;
        if (goal < 0) return assert.equal(q, null);
        if (q === null || leg.rules.notionalAt === 'entry') return;
        stepped++;
        assert.ok(legTier(rest(q), mark) <= goal);
        assert.ok(legTier(rest(q.minus(leg.market.qtyStep)), mark) > goal);
      },
    ),
    { numRuns: 2_000 },
  );
  assert.ok(stepped > 200, `only ${stepped}`);
});
