/** Who leaves when: shares by hand, an independent simulation position by position, and a binomial band. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draw, hashText } from '../../../src/basics/draw.ts';
import { bucketsOf, type During } from '../../../src/population/buckets.ts';
import { departuresOf } from '../../../src/population/departures.ts';

const HOUR = 3_600_000_000;
const START = 1_584_000_000_000_000;
const MINUTE = 60_000_000;

/** Beats of one minute, five a bucket; each bucket trades its lots at its price, evenly. */
function day(buckets: readonly { readonly lots: number; readonly ticks: number }[]): During {
  const beats = buckets.flatMap(({ lots, ticks }) =>
    Array.from({ length: 5 }, () => ({ lots: lots / 5, ticks })),
  );
  const lots = Float64Array.from(beats, (beat) => beat.lots);
  const lastTicks = Float64Array.from(beats, (beat) => beat.ticks);
  return { startUs: START, beatUs: MINUTE, markets: { M: { lots, lastTicks } } };
}
interface Position {
  readonly lots: number;
  readonly entryTicks: number;
  readonly openedUs: number;
  readonly bucket: number;
  readonly luck: number;
  readonly ends: number;
}
/** Departures of positions, one by one. */
const leavesOf = (list: readonly Position[], at: Parameters<typeof departuresOf>[1]): Float64Array => {
  const column = (of: keyof Position): Float64Array => Float64Array.from(list, (one) => one[of]);
  const [lots, entryTicks, openedUs] = [column('lots'), column('entryTicks'), column('openedUs')];
  const [bucket, luck, ends] = [column('bucket'), column('luck'), column('ends')];
  return departuresOf({ lots, entryTicks, openedUs, bucket, luck, ends }, at);
};
const held = (part: Partial<Position>): Position => ({
  lots: 100,
  entryTicks: 1000,
  openedUs: START - HOUR,
  bucket: -1,
  luck: 0.5,
  ends: Infinity,
  ...part,
});
const at = (beat: number): number => START + (beat + 1) * MINUTE;

test('winners leave e^.4 times as often: of 10 lots from two cohorts of 200, 5.987 % and 4.013 %', () => {
  // price 1000; weights e^.4 = 1.491825 and 1; 10 * 1.491825 / (200 * 2.491825) = .0299343 of each lot of the
  // winners' 200, 10 / 498.365 = .0200656 of the losers'
  const buckets = bucketsOf(day([{ lots: 100, ticks: 1000 }]), 'M');
  const longs = [0.0299, 0.02994].map((luck) => held({ entryTicks: 900, luck }));
  const losers = [0.02006, 0.02007].map((luck) => held({ entryTicks: 1100, luck }));
  const found = leavesOf([...longs, ...losers], { side: 1, buckets, turnover: 0.1 });
  // each nearly at the end of its share: the fifth beat
  assert.deepEqual([...found], [at(4), Number.NaN, at(4), Number.NaN]);
  const shorts = leavesOf([...longs, ...losers], { side: -1, buckets, turnover: 0.1 });
  assert.deepEqual([...shorts].map(Number.isNaN), [true, true, false, false]); // now the others have won
});

test('the older of two leaves less often: 3 h against 1 h old, (4 / 2)^-.3 = .812252', () => {
  // 10 * w / (100 * 1.812252): .0551800 for the younger, .0448200 for the older
  const buckets = bucketsOf(day([{ lots: 100, ticks: 1000 }]), 'M');
  const young = [0.05517, 0.05519].map((luck) => held({ lots: 50, luck }));
  const old = [0.04481, 0.04483].map((luck) => held({ lots: 50, openedUs: START - 3 * HOUR, luck }));
  const found = leavesOf([...young, ...old], { side: 1, buckets, turnover: 0.1 });
  assert.deepEqual([...found].map(Number.isNaN), [false, true, false, true]);
});

test('whoever comes in a bucket leaves in a later one at the earliest, and nobody while nothing trades', () => {
  const quiet = { lots: 0, ticks: 1000 };
  const buckets = bucketsOf(day([{ lots: 1000, ticks: 1000 }, quiet, { lots: 1000, ticks: 1000 }]), 'M');
  const found = leavesOf([held({ bucket: 0, luck: 0.21 })], { side: 1, buckets, turnover: 0.05 });
  // 50 of 100 lots would leave in the third bucket: a draw of .21 is .42 of the way, its third beat
  assert.deepEqual([...found], [at(12)]);
});

test('who is gone is no inventory: half of 200 lots end in the first bucket, then 10 lots are 10 of 100', () => {
  // first bucket 10 of 200: .05 of each. In the second what lives is 100 * .95, and .95 * (1 - 10 / 95) = .85 is left
  const buckets = bucketsOf(
    day([
      { lots: 100, ticks: 1000 },
      { lots: 100, ticks: 1000 },
    ]),
    'M',
  );
  const living = [0.1499, 0.1501].map((luck) => held({ lots: 50, luck }));
  const found = (ends: number): boolean[] =>
    [...leavesOf([...living, held({ lots: 100, ends })], { side: 1, buckets, turnover: 0.1 })].map(
      Number.isNaN,
    );
  assert.deepEqual(found(0).slice(0, 2), [false, true]);
  // had it lasted, 20 of 200 would have left: .1 of each
  assert.deepEqual(found(Infinity).slice(0, 2), [true, true]);
});

/** The same law without cohorts: what is expected to be left of each position, bucket by bucket. */
function slowly(
  positions: readonly Position[],
  path: readonly { lots: number; ticks: number }[],
  chi: number,
) {
  const left = positions.map(() => 1);
  const leaves = positions.map(() => -1);
  for (let t = 0; t < path.length; t++) {
    const ticks = path[Math.max(0, t - 1)]!.ticks;
    const weights = positions.map((p) => {
      if (p.bucket >= t) return 0; // not there yet
      const age = p.bucket < 0 ? (START - p.openedUs) / HOUR + t / 12 : (t - p.bucket - 0.5) / 12;
      return (age + 1) ** -0.3 * (ticks > p.entryTicks ? Math.exp(0.4) : 1);
    });
    const mass = positions.reduce((sum, p, i) => sum + (p.ends < t ? 0 : p.lots * left[i]! * weights[i]!), 0);
    for (const [i, p] of positions.entries()) {
      left[i] = left[i]! * (1 - Math.min(1, (chi * path[t]!.lots * weights[i]!) / mass));
      if (leaves[i]! < 0 && left[i]! < 1 - p.luck) leaves[i] = t;
    }
  }
  return leaves;
}

test('cohorts say what every position on its own says', () => {
  const field = hashText('test');
  const luck = (n: number): number => draw(7, n, field);
  const path = Array.from({ length: 40 }, (_, t) => ({
    lots: 2000 * luck(t),
    ticks: Math.round(1000 + 200 * (luck(100 + t) - 0.5)),
  }));
  // entries 11 ticks apart fall into bins of their own (1 % of the first price is at most 11)
  const opening = Array.from({ length: 30 }, (_, i) =>
    held({
      entryTicks: 850 + 11.5 * i,
      lots: 1 + Math.floor(200 * luck(200 + i)),
      luck: luck(300 + i),
      ends: i % 3 === 0 ? Infinity : Math.floor(40 * luck(500 + i)),
    }),
  );
  const later = Array.from({ length: 20 }, (_, i) =>
    held({
      bucket: i,
      entryTicks: 950 + 5 * i,
      lots: 100,
      luck: luck(400 + i),
      ends: i % 2 === 0 ? Infinity : i + Math.floor(10 * luck(600 + i)),
    }),
  );
  const buckets = bucketsOf(day(path), 'M');
  const positions = [...opening, ...later];
  const found = leavesOf(positions, { side: 1, buckets, turnover: 0.1 });
  const inBucket = [...found].map((us) =>
    Number.isNaN(us) ? -1 : Math.floor(((us - START) / MINUTE - 1) / 5),
  );
  assert.deepEqual(inBucket, slowly(positions, path, 0.1));
  assert.ok(inBucket.filter((t) => t >= 0).length > 20, 'most of them leave');
});

test('in every bucket as many leave as chi V says, within the band of a binomial', () => {
  const field = hashText('luck');
  const path = Array.from({ length: 12 }, (_, t) => ({ lots: 4000, ticks: 1000 + (t % 3) * 30 }));
  const positions = Array.from({ length: 20_000 }, (_, i) =>
    held({ lots: 1, entryTicks: 900 + (i % 200), openedUs: START - (i % 7) * HOUR, luck: draw(3, i, field) }),
  );
  const buckets = bucketsOf(day(path), 'M');
  const found = leavesOf(positions, { side: -1, buckets, turnover: 0.1 });
  const counts = path.map(() => 0);
  for (const us of found) {
    if (!Number.isNaN(us)) counts[Math.floor(((us - START) / MINUTE - 1) / 5)]! += 1;
  }
  // 400 in expectation, of positions of one lot: sd below sqrt(400) = 20; four of them
  for (const count of counts) assert.ok(Math.abs(count - 400) < 80, String(counts));
});
