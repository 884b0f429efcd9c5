/** The watch list against a plain list that is searched from end to end. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { LadderMaker } from '../../../src/engine/ladders.ts';
import { WatchList } from '../../../src/engine/watchList.ts';

const MARKETS = 2;
const POCKETS = 12;

/** What it must do: every pocket's triggers per market; a pocket that is taken or dropped is watched nowhere. */
class Naive {
  private list: { pocket: number; market: number; low: number; high: number }[] = [];

  put(pocket: number, market: number, low: number, high: number): void {
    this.list.push({ pocket, market, low, high });
  }

  drop(pocket: number): void {
    this.list = this.list.filter((e) => e.pocket !== pocket);
  }

  clear(): void {
    this.list = [];
  }

  take(market: number, mark: number): number[] {
    const hit = this.list.filter(
      (e) => e.market === market && ((e.low > 0 && e.low >= mark) || e.high <= mark),
    );
    const found = [...new Set(hit.map((e) => e.pocket))].sort((a, b) => a - b);
    for (const pocket of found) this.drop(pocket);
    return found;
  }
}

const pocket = fc.integer({ min: 0, max: POCKETS - 1 });
const market = fc.integer({ min: 0, max: MARKETS - 1 });
const level = fc.integer({ min: 0, max: 20 });
const step = fc.oneof(
  fc.record({
    do: fc.constant('put' as const),
    pocket,
    market,
    low: level,
    high: fc.option(level, { nil: Infinity }),
  }),
  fc.record({ do: fc.constant('take' as const), market, mark: level }),
  fc.record({ do: fc.constant('drop' as const), pocket }),
  fc.record({
    do: fc.constant('bulk' as const),
    entries: fc.array(fc.record({ pocket, market, low: level, high: level }), { maxLength: 30 }),
  }),
);

test('takes out exactly whom a search of everybody finds, each once, in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const [watch, naive] = [new WatchList(MARKETS, POCKETS), new Naive()];
      for (const s of steps) {
        if (s.do === 'put') {
          watch.put(s.pocket, s.market, s.low, s.high);
          naive.put(s.pocket, s.market, s.low, s.high);
        } else if (s.do === 'drop') {
          watch.drop(s.pocket);
          naive.drop(s.pocket);
        } else if (s.do === 'bulk') {
          naive.clear();
          const maker = new LadderMaker(MARKETS, s.entries.length);
          for (const e of s.entries) {
            maker.put(e.pocket, e.market, e.low, e.high);
            naive.put(e.pocket, e.market, e.low, e.high);
          }
          watch.adopt(maker.made());
        } else {
          const touched = watch.touchedBy(s.market, s.mark);
          const expected = naive.take(s.market, s.mark);
          assert.ok(touched || expected.length === 0, 'the hot path misses nobody');
          assert.deepEqual(watch.take(s.market, s.mark), expected);
        }
      }
    }),
    { numRuns: 400 },
  );
});

test('a trigger is reached at equality, from above and from below', () => {
  const watch = new WatchList(1, 2);
  watch.put(0, 0, 100, Infinity);
  watch.put(1, 0, 0, 200);
  assert.deepEqual([watch.touchedBy(0, 100.5), watch.touchedBy(0, 100)], [false, true]);
  assert.deepEqual(watch.take(0, 100), [0]);
  assert.deepEqual([watch.touchedBy(0, 199.5), watch.touchedBy(0, 200)], [false, true]);
  assert.deepEqual(watch.take(0, 200), [1]);
});

test('a pocket beyond the first estimate of their number is watched too', () => {
  const watch = new WatchList(1, 1);
  watch.drop(5);
  for (let i = 0; i < 100; i++) watch.put(5, 0, i, Infinity);
  assert.deepEqual(watch.take(0, 50), [5]);
});

test('two lists on the same ladders climb each by itself, whatever the other took or dropped', () => {
  const maker = new LadderMaker(1, 4);
  for (const [pocket, low] of [50, 30, 50, 10].entries()) maker.put(pocket, 0, low, Infinity);
  const ladders = maker.made();
  const [one, other] = [new WatchList(1, 4), new WatchList(1, 4)];
  one.adopt(ladders);
  other.adopt(ladders);
  one.drop(2);
  one.put(2, 0, 20, Infinity);
  assert.deepEqual(one.take(0, 30), [0, 1]); // 2 waits for 20 now
  assert.deepEqual(other.take(0, 30), [0, 1, 2]);
  assert.deepEqual([one.take(0, 15), other.take(0, 15)], [[2], []]);
  assert.deepEqual([one.take(0, 10), other.take(0, 10)], [[3], [3]]);
});
