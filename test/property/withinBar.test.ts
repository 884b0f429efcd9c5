/**
 * Whatever the bars: each hits its own open, high, low and close, keeps its volume in whole lots, and
 * all series of a market turn at the same instants.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BeatGrid, gridOf } from '../../src/clock/beats.ts';
import type { Path } from '../../src/clock/fold.ts';
import { ReplayError } from '../../src/basics/errors.ts';
import { type Bars, emptyBars } from '../../src/load/candles.ts';
import { seededPath } from '../../src/load/reconstruct.ts';
import { leaderOf, pathsOf, type PriceStream } from '../../src/load/timing.ts';
import { aggregate, bend, straight, thirds } from '../../src/load/withinBar.ts';
import type { Timing } from '../../src/rules/assumptions.ts';
import { stream } from '../support/facts.ts';

const MINUTE = 60_000_000;
const HOUR = 60 * MINUTE;
const START = 1_584_000_000_000_000; // 2020-03-12T08:00Z, a full hour

interface Bar {
  readonly corners: readonly [number, number, number, number];
  readonly lots: number;
}
/** Open, high, low, close of one bar, ticks. */
const bar: fc.Arbitrary<Bar> = fc
  .tuple(fc.array(fc.integer({ min: 900, max: 1100 }), { minLength: 4, maxLength: 4 }), fc.nat(1_000_000))
  .map(([four, lots]) => {
    const [low, a, b, high] = four.sort((x, y) => x - y) as [number, number, number, number];
    const corners = four[0]! % 2 === 0 ? ([a, high, low, b] as const) : ([b, high, low, a] as const);
    return { corners, lots };
  });
const barsFrom = (list: readonly Bar[], intervalUs: number): Bars => {
  const bars = emptyBars(intervalUs, { fromUs: START, untilUs: START + list.length * intervalUs }, true);
  list.forEach(({ corners: [open, high, low, close], lots }, i) => {
    bars.open[i] = open;
    bars.high[i] = high;
    bars.low[i] = low;
    bars.close[i] = close;
    bars.lots[i] = lots;
  });
  return bars;
};
const gridFor = (bars: Bars, beatUs: number): BeatGrid =>
  gridOf(START, START + bars.count * bars.intervalUs, beatUs);

/** Asserts that a path says of every bar exactly what the bar says. */
function assertHonours(path: Path, bars: Bars, grid: BeatGrid): void {
  const beats = bars.intervalUs / grid.beatUs;
  for (let i = 0; i < bars.count; i++) {
    const of = (column: Float64Array): Float64Array => column.subarray(i * beats, (i + 1) * beats);
    const [last, high, low, lots] = [of(path.last), of(path.high), of(path.low), of(path.lots)];
    assert.equal(Math.max(...high), bars.high[i]);
    assert.equal(Math.min(...low), bars.low[i]);
    assert.equal(last.at(-1), bars.close[i]);
    assert.ok(low[0]! <= bars.open[i]! && bars.open[i]! <= high[0]!, 'the open is in the first beat');
    assert.equal(
      lots.reduce((sum, own) => sum + own, 0),
      bars.lots[i],
    );
    assert.ok(
      lots.every((own) => own >= 0 && Number.isInteger(own)),
      'whole lots',
    );
    const isInside = (ticks: number, b: number): boolean => low[b]! <= ticks && ticks <= high[b]!;
    assert.ok(
      last.every((ticks, b) => Number.isInteger(ticks) && isInside(ticks, b)),
      'whole ticks',
    );
  }
}

const beatUs = fc.constantFrom(1_000_000, 5_000_000, 15_000_000, 20_000_000, 30_000_000, MINUTE);

test('a straight path honours every bar at any beat', () => {
  fc.assert(
    fc.property(
      fc.array(bar, { minLength: 1, maxLength: 3 }),
      beatUs,
      fc.boolean(),
      (list, beat, lowFirst) => {
        const bars = barsFrom(list, MINUTE);
        const grid = gridFor(bars, beat);
        assertHonours(
          straight(bars, grid, (_i, beats) => thirds(beats, lowFirst)),
          bars,
          grid,
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('from four beats on, last prices themselves touch open, high, low and close', () => {
  fc.assert(
    fc.property(bar, fc.boolean(), fc.integer({ min: 4, max: 60 }), ({ corners, lots }, lowFirst, beats) => {
      const bars = barsFrom([{ corners, lots }], beats * 1_000_000);
      const path = straight(bars, { startUs: bars.startUs, beatUs: 1_000_000, beats }, () =>
        thirds(beats, lowFirst),
      );
      const [open, high, low, close] = corners;
      const { first, second } = thirds(beats, lowFirst);
      assert.deepEqual([path.last[0], path.last[beats - 1]], [open, close]);
      assert.deepEqual([path.last[first], path.last[second]], lowFirst ? [low, high] : [high, low]);
    }),
    { numRuns: 100 },
  );
});

test('a bent path honours every bar and is at its extremes when the timing series is', () => {
  const sixty = fc.array(bar, { minLength: 60, maxLength: 60 });
  fc.assert(
    fc.property(sixty, bar, beatUs, (minutes, hour, beat) => {
      const fine = barsFrom(minutes, MINUTE);
      const grid = gridFor(fine, beat);
      const lead = straight(fine, grid, (_i, beats) => thirds(beats, true));
      const coarse = barsFrom([hour], HOUR);
      const path = bend(coarse, grid, lead);
      assertHonours(path, coarse, grid);
      const highest = lead.high.indexOf(Math.max(...lead.high));
      const lowest = lead.low.indexOf(Math.min(...lead.low));
      assert.equal(path.high[highest], hour.corners[1]);
      assert.equal(path.low[lowest], hour.corners[2]);
    }),
    { numRuns: 60 },
  );
});

test('a series with the bars of the timing series itself is the timing series', () => {
  fc.assert(
    fc.property(fc.array(bar, { minLength: 2, maxLength: 4 }), (list) => {
      const bars = barsFrom(list, MINUTE);
      const grid = gridFor(bars, 1_000_000);
      const lead = straight(bars, grid, (i, beats) => thirds(beats, bars.close[i]! >= bars.open[i]!));
      const path = bend(bars, grid, lead);
      for (const i of bars.close.keys()) {
        // equal corners: the same path, unless a first touch comes early (open at an extreme)
        if (bars.open[i] === bars.high[i] || bars.open[i] === bars.low[i]) continue;
        assert.deepEqual(path.last.slice(i * 60, i * 60 + 60), lead.last.slice(i * 60, i * 60 + 60));
      }
    }),
    { numRuns: 100 },
  );
});

const priceStream = (id: string, bars: Bars, role: 'perp' | 'constituent' | 'mark'): PriceStream => ({
  spec: stream({ id, role, intervalUs: bars.intervalUs }),
  data: { kind: 'bars', bars },
});

test('no timing invents a basis: one series at two resolutions gives one path', () => {
  fc.assert(
    fc.property(
      fc.array(bar, { minLength: 60, maxLength: 60 }),
      fc.constantFrom<Timing>('common', 'openHighLowClose', 'openLowHighClose', 'bySign'),
      (list, timing) => {
        const fine = barsFrom(list, MINUTE);
        const coarse = aggregate(fine, HOUR);
        const grid = gridFor(fine, 1_000_000);
        const streams = [priceStream('perp', fine, 'perp'), priceStream('spot', coarse, 'constituent')];
        const paths = pathsOf(streams, { grid, timing, timingStream: '', reconstructed: null });
        assert.deepEqual(paths.get('perp')!.last, paths.get('spot')!.last);
      },
    ),
    { numRuns: 20 },
  );
  const path = (perp: readonly number[], spot: readonly number[], timing: Timing) => {
    const bars = (c: readonly number[]) => barsFrom([{ corners: c as Bar['corners'], lots: 1 }], HOUR);
    const streams = [priceStream('perp', bars(perp), 'perp'), priceStream('spot', bars(spot), 'constituent')];
    return pathsOf(streams, {
      grid: gridFor(bars(perp), 1_000_000),
      timing,
      timingStream: '',
      reconstructed: null,
    });
  };
  // The perpetual falls, spot rises: under bySign both turn as the perpetual does, high first.
  const both = path([1000, 1050, 900, 950], [1000, 1060, 910, 1010], 'bySign');
  assert.equal(both.get('spot')!.last[1200], 1060);
  assert.equal(both.get('perp')!.last[1200], 1050);
  assert.equal(
    path([1000, 1050, 900, 950], [1000, 1060, 910, 1010], 'openLowHighClose').get('spot')!.last[1200],
    910,
  );
});

test('under common the finest series leads, the perpetual first; no finer one has its own timing', () => {
  const one: Bar = { corners: [1000, 1050, 900, 950], lots: 60 };
  const minutes = (c: readonly Bar[]) => barsFrom(c, MINUTE);
  const hour = priceStream('hour', barsFrom([one], HOUR), 'constituent');
  const spot = priceStream('spot', minutes(Array(60).fill(one)), 'constituent');
  const perp = priceStream('perp', minutes(Array(60).fill(one)), 'perp');
  assert.equal(leaderOf([hour, spot, perp], '').spec.id, 'perp');
  assert.equal(leaderOf([hour, spot, perp], 'hour').spec.id, 'hour');
  assert.throws(
    () => leaderOf([hour], 'nobody'),
    (e: unknown) => e instanceof ReplayError && e.code === 'SCENARIO_INVALID',
  );
  // Led by the hour, the minute series are aggregated to hours: one turn in the hour, not sixty.
  const grid = gridOf(START, START + HOUR, 1_000_000);
  const paths = pathsOf([hour, perp], { grid, timing: 'common', timingStream: 'hour', reconstructed: null });
  assert.deepEqual(paths.get('perp')!.last, paths.get('hour')!.last);
});

test('two seeds give two tapes with the same bars, one seed always the same', () => {
  fc.assert(
    fc.property(fc.array(bar, { minLength: 2, maxLength: 2 }), fc.string(), (list, seed) => {
      const bars = barsFrom(list, HOUR);
      const grid = gridFor(bars, 1_000_000);
      const paths = [seed, seed, `${seed}x`].map((s) => bend(bars, grid, seededPath(bars, grid, s)));
      for (const path of paths) assertHonours(path, bars, grid);
      assert.deepEqual(paths[0]!.last, paths[1]!.last);
      if (list.some(({ corners: [, high, low] }) => high > low))
        assert.notDeepEqual(paths[0]!.last, paths[2]!.last);
    }),
    { numRuns: 25 },
  );
});

test('a longer window does not change the draws of an hour', () => {
  const one: Bar = { corners: [1000, 1050, 900, 950], lots: 60 };
  const [two, single] = [barsFrom([one, one], HOUR), barsFrom([one], HOUR)];
  const long = seededPath(two, gridFor(two, 1_000_000), '7');
  const short = seededPath(single, gridFor(single, 1_000_000), '7');
  assert.deepEqual(long.last.slice(0, 3600), short.last);
});
