/** Index and mark under random prices: against a slow independent way, and the scale of what survives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { Exact, price, type Rate, rate } from '../../src/basics/exact.ts';
import { SECOND_US } from '../../src/basics/instant.ts';
import { type BasisAverage, ExponentialMean, TimedMean, WindowMean } from '../../src/mark/basisAverage.ts';
import { indexPrice } from '../../src/mark/indexPrice.ts';
import { MarketState } from '../../src/mark/marketState.ts';
import { medianOfThree } from '../../src/mark/markPrice.ts';
import type { IndexRule } from '../../src/rules/ruleSet.ts';
import { BTC, type MarkKind, PLAIN_INDEX, rulesWith, smallFrames } from '../support/smallFrames.ts';

const D = Decimal.clone({ precision: 60 });
const sumOf = (list: readonly Decimal[]) => list.reduce((a, b) => a.plus(b), new D(0));

interface Source {
  readonly p: Decimal;
  readonly w: Decimal;
}

const medianOf = (sources: readonly Source[]): Decimal => {
  const p = sources.map((s) => s.p).sort((a, b) => a.cmp(b));
  const half = p.length / 2;
  return p.length % 2 === 1 ? p[Math.floor(half)]! : p[half - 1]!.plus(p[half]!).div(2);
};

/** The price at which half the weight is reached from below, and the one from above: the mean of both. */
function weightedMedianOf(sources: readonly Source[]): Decimal {
  const half = sumOf(sources.map((s) => s.w)).div(2);
  const reach = (list: readonly Source[]): Decimal => {
    let weight = new D(0);
    return list.find((s) => {
      weight = weight.plus(s.w);
      return weight.gte(half);
    })!.p;
  };
  const up = [...sources].sort((a, b) => a.p.cmp(b.p));
  return reach(up).plus(reach(up.toReversed())).div(2);
}

function inverseSquareOf(sources: readonly Source[]): Decimal {
  const mean = sumOf(sources.map((s) => s.p.times(s.w))).div(sumOf(sources.map((s) => s.w)));
  const away = sources.map((s) => s.p.minus(mean).abs());
  const there = sources.find((_, i) => away[i]!.lt('1e-40')); // the quotient of 60 digits is no exact mean
  if (there !== undefined) return there.p;
  const weights = away.map((d) => new D(1).div(d.pow(2)));
  return sumOf(sources.map((s, i) => s.p.times(weights[i]!))).div(sumOf(weights));
}

/** The rule in decimal.js, straight from its description. */
function oracle(rule: IndexRule, all: readonly Source[]): Decimal {
  const median = medianOf(all);
  const { outlier } = rule;
  let left = all;
  if (outlier.kind !== 'none' && (all.length >= 3 || outlier.kind === 'medianSwitch')) {
    const band = new D(outlier.band.toString());
    // BitMEX excludes from the band on, Binance's switch and clamp beyond it
    const beyond = (s: Source) => {
      const away = s.p.minus(median).abs();
      return outlier.kind === 'exclude' ? away.gte(median.times(band)) : away.gt(median.times(band));
    };
    if (outlier.kind === 'clamp') {
      left = all.map((s) =>
        beyond(s) ? { ...s, p: median.times(s.p.gt(median) ? band.plus(1) : new D(1).minus(band)) } : s,
      );
    } else if (outlier.kind === 'medianSwitch' && all.filter(beyond).length > 1) {
      return median;
    } else {
      left = all.filter((s) => !beyond(s));
    }
  }
  if (rule.aggregator === 'median') return medianOf(left);
  if (rule.aggregator === 'weightedMedian') return weightedMedianOf(left);
  if (rule.aggregator === 'inverseSquare') return inverseSquareOf(left);
  if (rule.aggregator === 'equalMean') return sumOf(left.map((s) => s.p)).div(left.length);
  return sumOf(left.map((s) => s.p.times(s.w))).div(sumOf(left.map((s) => s.w)));
}

const BAND = rate('0.03');
const rules = fc.record({
  aggregator: fc.constantFrom<IndexRule['aggregator']>(
    'weightedMean',
    'equalMean',
    'median',
    'weightedMedian',
    'inverseSquare',
  ),
  outlier: fc.constantFrom<IndexRule['outlier']>(
    { kind: 'none' },
    { kind: 'exclude', band: BAND },
    { kind: 'clamp', band: BAND },
    { kind: 'medianSwitch', band: BAND },
  ),
});
const cents = fc.integer({ min: 9_300_00, max: 10_700_00 });
const sources = fc.array(fc.record({ cents, weight: fc.integer({ min: 1, max: 9999 }) }), {
  minLength: 1,
  maxLength: 8,
});
const names = (i: number) => `s${i}`;

const ruleOf = (part: Pick<IndexRule, 'aggregator' | 'outlier'>, weights: readonly number[]): IndexRule => ({
  ...PLAIN_INDEX,
  ...part,
  weights: Object.fromEntries(
    weights.map((w, i) => [names(i), new Exact<'rate'>(BigInt(w), 4) satisfies Rate]),
  ),
});
const formed = (rule: IndexRule, list: readonly { cents: number }[]) =>
  indexPrice(
    rule,
    list.map((s, i) => ({ name: names(i), price: new Exact<'price'>(BigInt(s.cents), 2), ageUs: 0 })),
  );

test('the index is what decimal arithmetic makes of the rule', () => {
  fc.assert(
    fc.property(rules, sources, (part, list) => {
      const rule = ruleOf(
        part,
        list.map((s) => s.weight),
      );
      const { index, provenance } = formed(rule, list);
      if (index === null) return assert.equal(provenance.replaceAll('x', ''), '');
      const expected = oracle(
        rule,
        list.map((s) => ({ p: new D(s.cents).div(100), w: new D(s.weight) })),
      );
      assert.equal(index.toString(), expected.toDecimalPlaces(12, Decimal.ROUND_HALF_EVEN).toFixed());
    }),
    { numRuns: 3000 },
  );
});

test('the index lies between the lowest and the highest source, in whatever order they come', () => {
  fc.assert(
    fc.property(rules, sources, (part, list) => {
      const { index } = formed(
        ruleOf(
          part,
          list.map((s) => s.weight),
        ),
        list,
      );
      const turned = list.toReversed();
      const { index: again } = formed(
        ruleOf(
          part,
          turned.map((s) => s.weight),
        ),
        turned,
      );
      assert.equal(index?.toString(), again?.toString());
      if (index === null) return;
      const all = list.map((s) => s.cents / 100);
      assert.ok(index.toNumber() >= Math.min(...all) - 1e-9 && index.toNumber() <= Math.max(...all) + 1e-9);
    }),
    { numRuns: 1000 },
  );
});

test('a single constituent moves a median of three or more only as far as its neighbours', () => {
  const list = fc.array(cents, { minLength: 3, maxLength: 9 });
  fc.assert(
    fc.property(list, fc.integer({ min: 1, max: 100_000_00 }), (all, wild) => {
      const rule = ruleOf(
        { aggregator: 'median', outlier: { kind: 'none' } },
        all.map(() => 1),
      );
      const { index } = formed(
        rule,
        all.map((c, i) => ({ cents: i === 0 ? wild : c })),
      );
      const others = all.slice(1).map((c) => c / 100);
      assert.ok(index!.toNumber() >= Math.min(...others) && index!.toNumber() <= Math.max(...others));
    }),
    { numRuns: 1000 },
  );
});

test('a moving basis keeps to its scale however long it runs', () => {
  const basis = fc.integer({ min: -1e9, max: 1e9 }).map((n) => new Exact<'price'>(BigInt(n), 7));
  const average = fc.constantFrom<() => BasisAverage>(
    () => new TimedMean(150, 3),
    () => new WindowMean(7, 1),
    () => new ExponentialMean(30, 1),
    () => new ExponentialMean(2, 1),
  );
  fc.assert(
    fc.property(average, fc.array(basis, { minLength: 1, maxLength: 300 }), (make, samples) => {
      const moving = make();
      for (const [i, sample] of samples.entries()) {
        moving.push(sample, i);
        assert.ok(moving.value!.scale <= 12);
        if (moving instanceof ExponentialMean) assert.ok(moving.state!.scale <= 40);
      }
    }),
    { numRuns: 200 },
  );
});

test('an exponential basis is the decimal recursion, to the last place it shows', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 200 }),
      (samples) => {
        const moving = new ExponentialMean(30, 1);
        let state: Decimal | null = null;
        for (const n of samples) {
          moving.push(new Exact(BigInt(n), 3));
          const sample = new D(n).div(1000);
          state = state === null ? sample : state.plus(new D(2).div(31).times(sample.minus(state)));
        }
        // each step cuts at 18 places; the errors shrink by 29/31 a step, so they stay below 31/2 * 0.5e-18
        assert.ok(new D(moving.value!.toString()).minus(state!).abs().lt('0.51e-12'));
      },
    ),
    { numRuns: 100 },
  );
});

test('an average weighted by time is the decimal recursion as Hyperliquid prints it', () => {
  const step = fc.tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 1, max: 600 }));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), (list) => {
      const moving = new TimedMean(150 * SECOND_US, 3 * SECOND_US);
      let [num, den] = [new D(0), new D(0)];
      let at = 0;
      for (const [k, [n, seconds]] of list.entries()) {
        at += seconds;
        moving.push(new Exact(BigInt(n), 3), at * SECOND_US);
        const t = k === 0 ? 3 : seconds; // the first stands for one sample time
        const fading = new D(-t).div(150).exp();
        num = num.times(fading).plus(new D(n).div(1000).times(t));
        den = den.times(fading).plus(t);
      }
      // a factor is off by 1e-14 relative, which fades with what it multiplies; values are below 1000
      assert.ok(new D(moving.value!.toString()).minus(num.div(den)).abs().lt('1e-9'));
    }),
    { numRuns: 200 },
  );
});

test('one of three prices is the median whatever the other two do', () => {
  const any = fc.integer({ min: 1, max: 1000 }).map((n) => price(String(n)));
  fc.assert(
    fc.property(any, any, any, (a, b, c) => {
      const sorted = [a, b, c].map((p) => p.toNumber()).sort((p, q) => p - q);
      assert.equal(medianOfThree(a, b, c).mark.toNumber(), sorted[1]);
    }),
  );
});

test('marks are multiples of the tick, prices have at most twelve places, a zero tilt changes nothing', () => {
  const basis = { windowUs: 4 * SECOND_US, sampleUs: SECOND_US };
  const kinds = fc.constantFrom<MarkKind>(
    { kind: 'medianOfThree', basis },
    { kind: 'fundingBasis' },
    { kind: 'emaBasis', samples: 5, sampleUs: SECOND_US },
    { kind: 'indexPlusBasisMean', basis },
    { kind: 'boundedEma', samples: 5, sampleUs: SECOND_US, band: rate('0.005') },
    { kind: 'oracleMedian', emaUs: 150 * SECOND_US, bookEmaUs: 30 * SECOND_US, references: {} },
    { kind: 'clampedLast', band: rate('0.1') },
    { kind: 'indexOnly' },
    { kind: 'lastPrice' },
  );
  const beats = fc.array(fc.tuple(cents, cents, cents), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(kinds, beats, (kind, rows) => {
      const frames = smallFrames({
        last: rows.map((r) => r[0] / 100),
        constituents: { a: rows.map((r) => r[1] / 100), b: rows.map((r) => r[2] / 100) },
        funding: [{ tsUs: 0, market: BTC.id, rate: '0.000123' }],
      });
      const options = { market: BTC, rules: rulesWith(kind), frames };
      const [plain, zero] = [new MarketState(options), new MarketState(options)];
      for (let beat = 0; beat < rows.length; beat++) {
        const seen = plain.price(beat, null)!;
        assert.deepEqual(zero.price(beat, { x: 0, y: 0 }), seen);
        assert.equal(seen.mark.scale, 2);
        assert.ok(
          [seen.index, seen.last, seen.price1, seen.price2].every((p) => p === null || p.scale <= 12),
        );
      }
    }),
    { numRuns: 300 },
  );
});
