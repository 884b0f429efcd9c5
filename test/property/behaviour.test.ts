/** What holds for what drawn accounts do by themselves, whatever is assumed and whatever the day traded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { money, price, rate } from '../../src/basics/exact.ts';
import type { Behaviour } from '../../src/ledger/population.ts';
import { judge } from '../../src/margin/trigger.ts';
import type { During } from '../../src/population/buckets.ts';
import {
  type DrawRequest,
  type DrawnPopulation,
  drawPopulation,
} from '../../src/population/drawPopulation.ts';
import type { RuleSet } from '../../src/rules/ruleSet.ts';
import { NOBODY_REACTS } from '../support/behaviour.ts';
import { FIRST_MARK, pocketsOf, requestOf, RULES, rowsOf } from '../unit/population/venue.ts';

const START = 1_584_000_000_000_000;
const BEAT = 60_000_000;
const PER_BUCKET = 5;
/** One side's open interest in lots. */
const OPEN: Readonly<Record<string, number>> = {
  BTCUSDT: 30_000_000,
  ETHUSDT: 400_000_000,
  XBTUSD: 600_000_000,
};
const TICK: Readonly<Record<string, number>> = { BTCUSDT: 0.01, ETHUSDT: 0.01, XBTUSD: 0.5 };

/** A day from volumes, as shares of open interest, and prices, as multiples of the first mark. */
function dayOf(markets: readonly string[], beats: readonly (readonly [number, number])[]): During {
  const of = (id: string) => ({
    lots: Float64Array.from(beats, ([share]) => Math.floor(share * OPEN[id]!)),
    lastTicks: Float64Array.from(beats, ([, at]) => Math.round((at * FIRST_MARK[id]!) / TICK[id]!)),
  });
  return { startUs: START, beatUs: BEAT, markets: Object.fromEntries(markets.map((id) => [id, of(id)])) };
}

const beats = fc.array(
  fc.tuple(
    fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.3, noNaN: true })),
    fc.double({ min: 0.6, max: 1.2, noNaN: true }),
  ),
  { minLength: 1, maxLength: 37 },
);
const request = fc
  .record({
    accounts: fc.integer({ min: 2, max: 80 }),
    liquidatableShare: fc.constantFrom('0.25', '1').map(rate),
    hedgeShare: fc.constantFrom('0', '0.2').map(rate),
    turnover: fc.constantFrom('0', '0.1', '0.4'),
    markets: fc.constantFrom(['BTCUSDT'], ['XBTUSD'], ['BTCUSDT', 'ETHUSDT', 'XBTUSD']),
    seed: fc.string({ minLength: 1, maxLength: 5 }),
    beats,
  })
  .map(({ markets, seed, beats: path, turnover, ...own }): DrawRequest => {
    const behaviour = {
      stopShare: rate('0.35'),
      topUpShare: rate('0.15'),
      turnover: rate(turnover),
      overLeverage: 'reject' as const,
    };
    return { ...requestOf({ ...own, behaviour }, { markets, seed }), during: dayOf(markets, path) };
  });

const drawn = (r: DrawRequest): DrawnPopulation & { behaviour: Behaviour } => {
  const population = drawPopulation(r);
  assert.ok(population.behaviour !== undefined);
  return population as DrawnPopulation & { behaviour: Behaviour };
};
const bucketAt = (tsUs: number): number => Math.floor(((tsUs - START) / BEAT - 1) / PER_BUCKET);

test('in every bucket as many lots arrive long as short, in number chi V over the mean size', () => {
  fc.assert(
    fc.property(request, (r) => {
      const everybody = drawn({ ...r, assumption: { ...r.assumption, liquidatableShare: rate('1') } });
      const { arrivals } = everybody.behaviour;
      const chi = r.assumption.behaviour.turnover.toNumber();
      const buckets = Math.ceil(Object.values(r.during!.markets)[0]!.lots.length / PER_BUCKET);
      for (const [m, id] of everybody.markets.entries()) {
        const legs = [...everybody.legMarket].filter(
          (of, row) => of === m && everybody.legLots[row]! > 0,
        ).length;
        const mean = (2 * OPEN[id]!) / legs;
        const came = Array.from({ length: buckets }, () => ({ lots: [0, 0], count: [0, 0] }));
        for (const [i, row] of arrivals.row.entries()) {
          if (everybody.legMarket[row] !== m) continue;
          const side = everybody.legSide[row] === 1 ? 0 : 1;
          const bucket = came[bucketAt(arrivals.tsUs[i]!)]!;
          bucket.lots[side]! += arrivals.lots[i]!;
          bucket.count[side]! += 1;
        }
        let [traded, count, arrived] = [0, 0, 0];
        const { lots } = r.during!.markets[id]!;
        for (const [t, bucket] of came.entries()) {
          assert.equal(bucket.lots[0], bucket.lots[1]);
          assert.equal(bucket.count[0], bucket.count[1]);
          [count, arrived] = [count + bucket.count[0]!, arrived + bucket.lots[0]!];
          for (const of of lots.subarray(t * PER_BUCKET, (t + 1) * PER_BUCKET)) traded += of;
          const missing = (chi * traded) / mean - count;
          assert.ok(missing > -1e-6 && missing < 1 + 1e-6, `${missing} accounts`);
        }
        assert.equal(arrived, Math.floor(count * mean));
        // the bound of the others: 3 % of open interest, or two equal shares of the few
        const most = Math.max(0.03 * OPEN[id]!, (2 / count) * arrived) + 1;
        for (const [i, row] of arrivals.row.entries())
          if (everybody.legMarket[row] === m) assert.ok(arrivals.lots[i]! <= most);
      }
    }),
    { numRuns: 40 },
  );
});

test('newcomers have the sizes of those who are there: of many the largest hundredth holds as much', () => {
  // by the law: below the 99th percentile e^1.125 Phi(2.3263 - 1.5) = 2.450; above it, cut at c = 3 % of 4000 positions
  // of 3.42 each = 411, .01 * 32.77 * 1.2 / .2 * (1 - (32.77 / 411)^.2 / 1.2) = .98: 28.5 % of the whole. The 40 of a side
  // have a standard deviation of about their mean: 4 points of the whole. Cut at 3 % of a bucket it would be 17 %
  const path = Array.from({ length: 30 }, () => [0.3, 1] as const);
  const own = {
    accounts: 8000,
    hedgeShare: rate('0'),
    multiMarketShare: rate('0'),
    liquidatableShare: rate('1'),
  };
  const behaviour = { ...requestOf().assumption.behaviour, turnover: rate('0.1') };
  const p = drawn({ ...requestOf({ ...own, behaviour }), during: dayOf(['BTCUSDT'], path) });
  const largest = (sizes: Float64Array): number => {
    const sorted = sizes.slice().sort().reverse();
    const sum = (of: Float64Array): number => of.reduce((a, b) => a + b, 0);
    return sum(sorted.subarray(0, Math.round(sorted.length / 100))) / sum(sorted);
  };
  // .1 * 9 = .9 of open interest: 3600 newcomers a side
  const [there, came] = [largest(p.legLots.slice(0, 8000)), largest(p.behaviour.arrivals.lots)];
  assert.ok(Math.abs(there - 0.285) < 0.08 && Math.abs(came - 0.285) < 0.08, `${there} ${came}`);
});

test('newcomers are new: an account each, nothing at the start, at the end of a beat that trades', () => {
  fc.assert(
    fc.property(request, (r) => {
      const p = drawn(r);
      const opening = drawPopulation({ ...r, assumption: { ...r.assumption, behaviour: NOBODY_REACTS } });
      const { arrivals, departures, stop, topUp } = p.behaviour;
      const ascending = (list: Float64Array): boolean => list.every((us, i) => i === 0 || list[i - 1]! <= us);
      assert.ok(ascending(arrivals.tsUs) && ascending(departures.tsUs));
      assert.equal(new Set(arrivals.row).size, arrivals.row.length);
      assert.equal(new Set(departures.row).size, departures.row.length);
      assert.equal(p.accounts, opening.accounts + arrivals.row.length);
      for (const [name, column] of Object.entries(opening)) {
        if (!ArrayBuffer.isView(column)) continue;
        const longer = p[name as 'legLots'];
        assert.deepEqual(longer.slice(0, (column as Float64Array).length), column, name);
      }
      assert.deepEqual([stop.length, topUp.length], [p.legLots.length, p.legLots.length]);
      const came = new Map([...arrivals.row].map((row, i) => [row, arrivals.tsUs[i]!]));
      for (let a = 0; a < p.accounts; a++) {
        const rows = rowsOf(p, a);
        if (!came.has(rows[0]!)) continue;
        assert.equal(rows.length, 1);
        const empty = [p.legLots[rows[0]!], p.legEntryValue[rows[0]!], p.legMargin[rows[0]!], p.wallet[a]];
        assert.deepEqual(empty, [0, 0n, 0n, 0n]);
        const { lots } = r.during!.markets[p.markets[p.legMarket[rows[0]!]!]!]!;
        assert.ok(lots[(came.get(rows[0]!)! - START) / BEAT - 1]! > 0);
      }
      for (const [i, row] of departures.row.entries()) assert.ok(departures.tsUs[i]! > (came.get(row) ?? 0));
    }),
    { numRuns: 40 },
  );
});

test('hedgers come as they are there: .45 of longs, .6 of shorts, at 3x at most, without stops and top-ups', () => {
  // 30 beats of a fifth of open interest: chi V = .6 of it, so .6 * 4000 / 2 = 1200 newcomers a side
  const path = Array.from({ length: 30 }, () => [0.2, 1] as const);
  const own = { accounts: 4000, hedgeShare: rate('0'), multiMarketShare: rate('0') };
  const behaviour = { stopShare: rate('1'), topUpShare: rate('1'), turnover: rate('0.1') };
  const always = { ...behaviour, overLeverage: 'reject' } as const;
  const p = drawn({
    ...requestOf({ ...own, liquidatableShare: rate('1'), behaviour: always }),
    during: dayOf(['BTCUSDT'], path),
  });
  const opening = 4000;
  for (const [side, expected] of [
    [1, 0.45],
    [-1, 0.6],
  ] as const) {
    const came = Array.from({ length: p.accounts - opening }, (_, i) => opening + i).filter(
      (a) => p.legSide[p.legStart[a]!] === side,
    );
    assert.ok(Math.abs(came.length - 1200) < 30, String(came.length));
    const share = came.filter((a) => p.hedger[a] === 1).length / came.length;
    // four standard deviations of a share of 1200
    assert.ok(Math.abs(share - expected) < 4 * Math.sqrt((expected * (1 - expected)) / 1200), String(share));
  }
  for (let a = 0; a < p.accounts; a++) {
    const row = p.legStart[a]!;
    const acts = [p.behaviour.stop[row]! > 0, p.behaviour.topUp[row]! > 0];
    assert.equal(acts[0], acts[1]);
    if (p.hedger[a] === 0) continue;
    assert.deepEqual([acts[0], p.legLeverage[row]! <= 3], [false, true]);
  }
});

test('a population is the same bytes again, and other rules change no luck', () => {
  const strict: RuleSet = {
    ...RULES,
    markets: Object.fromEntries(
      Object.entries(RULES.markets).map(([id, rules]) => [
        id,
        { ...rules, tiers: rules.tiers.map((t) => ({ ...t, initialRate: rate('0.25') })) },
      ]),
    ),
  };
  fc.assert(
    fc.property(request, (r) => {
      const once = drawn(r);
      assert.deepEqual(drawPopulation(r), once);
      const other = drawn({ ...r, rules: strict });
      for (const column of ['tsUs', 'row', 'lots', 'free'] as const)
        assert.deepEqual(other.behaviour.arrivals[column], once.behaviour.arrivals[column]);
      // an entry under which an opening position had not lived is drawn again, and who wins changes who leaves
      if (other.entriesRedrawn === 0 && once.entriesRedrawn === 0)
        assert.deepEqual(other.behaviour.departures, once.behaviour.departures);
      const newcomers = once.behaviour.arrivals.row;
      for (const [i, row] of newcomers.entries()) {
        assert.ok(other.behaviour.arrivals.leverage[i]! <= 4);
        assert.ok(once.behaviour.stop[row] === 0 || other.behaviour.stop[row] !== 0);
      }
    }),
    { numRuns: 20 },
  );
});

test('from each stop the exact liquidation price is 1/.9 to 1/.3 of its distance away', () => {
  const oneTier = (id: string) => ({
    ...RULES.markets[id]!,
    tiers: [{ ...RULES.markets[id]!.tiers[0]!, upTo: money('1000000000') }],
  });
  const rules = { ...RULES, markets: Object.fromEntries(Object.keys(OPEN).map((id) => [id, oneTier(id)])) };
  let seen = 0;
  fc.assert(
    fc.property(request, (r) => {
      const p = drawn({
        ...r,
        rules,
        assumption: {
          ...r.assumption,
          restingOrderShare: rate('0'),
          behaviour: { ...r.assumption.behaviour, stopShare: rate('1') },
        },
      });
      for (let a = 0; a < p.accounts; a++) {
        const [row] = rowsOf(p, a);
        const stop = p.behaviour.stop[row!]!;
        if (p.liquidatable[a] === 0 || rowsOf(p, a).length > 1) assert.equal(stop, 0);
        if (stop === 0 || p.legLots[row!] === 0) continue;
        const id = p.markets[p.legMarket[row!]!]!;
        const fails = (way: number): boolean => {
          const at = price((FIRST_MARK[id]! * (1 + (stop - 1) / way)).toFixed(8));
          return pocketsOf(p, a).some((pocket) => {
            const legs = pocket.legs.map((leg) => ({ ...leg, rules: rules.markets[id]! }));
            return judge({ ...pocket, legs }, () => at, { inclusive: true }).liquidatable;
          });
        };
        assert.ok((stop - 1) * p.legSide[row!]! < 0, 'on the losing side');
        assert.ok(!fails(1) && !fails(0.901), 'not liquidated at nine tenths of the way');
        if (1 + (stop - 1) / 0.299 > 0) assert.ok(fails(0.299));
        seen++;
      }
    }),
    { numRuns: 40 },
  );
  assert.ok(seen > 200, String(seen));
});

test('lots leave as chi V says in expectation: over many seeds, within four standard errors', () => {
  // 6 buckets of 5 beats trade 6 % of open interest each: chi V = .1 * 1.8 = 18 % of open interest; the price stands
  // still, so that nobody ends otherwise
  const path = Array.from({ length: 30 }, () => [0.06, 1] as const);
  for (const liquidatableShare of ['1', '0.5'].map(rate)) {
    const outs = Array.from({ length: 60 }, (_, s) => {
      const behaviour = {
        stopShare: rate('0'),
        topUpShare: rate('0'),
        turnover: rate('0.1'),
        overLeverage: 'reject',
      } as const;
      const own = { accounts: 400, liquidatableShare, behaviour };
      const p = drawn({ ...requestOf(own, { seed: `s${s}` }), during: dayOf(['BTCUSDT'], path) });
      const lots = Float64Array.from(p.legLots);
      for (const [i, row] of p.behaviour.arrivals.row.entries()) lots[row] = p.behaviour.arrivals.lots[i]!;
      const out = [0, 0];
      for (const row of p.behaviour.departures.row) out[p.legSide[row] === 1 ? 0 : 1]! += lots[row]!;
      // who is outside the liquidatable share stays; of the others 18 % are expected to leave
      const mine = [0, 0];
      for (let a = 0; a < p.accounts; a++)
        for (const row of rowsOf(p, a))
          if (p.liquidatable[a] === 1) mine[p.legSide[row] === 1 ? 0 : 1]! += p.legLots[row]!;
      return out.map((left, side) => left / OPEN.BTCUSDT! - 0.18 * (mine[side]! / OPEN.BTCUSDT! - 1));
    });
    for (const side of [0, 1]) {
      const found = outs.map((out) => out[side]!);
      const mean = found.reduce((a, b) => a + b, 0) / found.length;
      const sd = Math.sqrt(found.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (found.length - 1));
      assert.ok(Math.abs(mean - 0.18) < (4 * sd) / Math.sqrt(found.length), `${mean} with sd ${sd}`);
      assert.ok(sd < 0.05, String(sd)); // a wrong expectation cannot hide in a wide band
    }
  }
});

test('nobody reacts: no behaviour, and a turnover without the recorded day is refused', () => {
  const calm = requestOf();
  assert.equal(drawPopulation(calm).behaviour, undefined);
  const behaviour = { ...calm.assumption.behaviour, turnover: rate('0.1') };
  assert.throws(() => drawPopulation(requestOf({ behaviour })), RangeError);
});
