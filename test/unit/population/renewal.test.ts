/** The inventory from short candles: masses by hand, and an independent simulation of single lots. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draw, hashText } from '../../../src/basics/draw.ts';
import { drawPopulation } from '../../../src/population/drawPopulation.ts';
import { entryPrice } from '../../../src/population/inventory.ts';
import { renewalOf } from '../../../src/population/renewal.ts';
import type { BurnIn, BurnInBar } from '../../../src/rules/facts.ts';
import { requestOf } from './venue.ts';

const HOUR = 3_600_000_000;
const bar = (hour: number, average: number, close: number, volume: number): BurnInBar => ({
  tsUs: hour * HOUR,
  open: average,
  high: Math.max(average, close) * 1.02,
  low: Math.min(average, close) * 0.98,
  close,
  volume,
  average,
});
const hours = (bars: readonly BurnInBar[], openInterest: readonly number[] | null = null): BurnIn => ({
  bucketUs: HOUR,
  bars,
  openInterest,
});
const close = (found: Float64Array, expected: readonly number[]): void => {
  assert.equal(found.length, expected.length);
  for (const [b, of] of expected.entries())
    assert.ok(Math.abs(found[b]! - of) < 1e-5, `${found} for ${expected}`);
};

// churn .1: 50 of 1000 turn over in the second hour, 100 in the third. As the third begins the first hour's
// lots are 1.5 h old, 2.5^-.3 = .759666, the second's half an hour, 1.5^-.3 = .885476; winners e^.4 = 1.491825.
const THREE = [bar(0, 100, 110, 0), bar(1, 95, 97, 500), bar(2, 97, 97, 1000)];

test('at 97 longs from 100 lose and those from 95 win; shorts the other way', () => {
  const { long, short } = renewalOf(hours(THREE), 1000, 0.1);
  // long: 950 * .759666 + 50 * 1.320975 = 787.732; 100 * .759666 / 787.732 = 9.64371 % of 950 go: 858.385 stay
  close(long.openedBy, [0.858385, 0.9, 1]);
  // short: 950 * 1.133289 + 50 * .885476 = 1120.898; 10.11054 % of 950 go: 853.950 stay
  close(short.openedBy, [0.85395, 0.9, 1]);
  assert.deepEqual([...long.lowAfter], [95 * 0.98, 97 * 0.98, Infinity]);
});

test('a recorded open interest opens and closes beside the turnover; its unit plays no part', () => {
  // 10, 12, 6 with 1000 at the end: 1666.67, 2000, 1000. Second hour: 50 go, 50 + 333.33 come. Third: 100 + 1000 go:
  // 1616.67 * .759666 + 383.33 * 1.320975 = 1734.501; 48.1777 % of 1616.67 go: 837.794 stay; 62.206 of 383.33
  const { long } = renewalOf(hours(THREE, [10, 12, 6]), 1000, 0.1);
  close(long.openedBy, [0.837794, 0.9, 1]);
});

test('an hour without data makes lots older all the same', () => {
  const gap = [THREE[0]!, THREE[1]!, { ...THREE[2]!, tsUs: 4 * HOUR }];
  // ages 3.5 and 2.5 h: 4.5^-.3 = .636859, 3.5^-.3 * e^.4 = .686732 * 1.491825 = 1.024484
  // 950 * .636859 + 50 * 1.024484 = 656.240; 9.704664 % of 950 go
  close(renewalOf(hours(gap), 1000, 0.1).long.openedBy, [0.857806, 0.9, 1]);
});

test('more turnover than there is closes all, and what is new is all there is', () => {
  close(renewalOf(hours([THREE[0]!, bar(1, 95, 97, 50_000)]), 1000, 0.1).long.openedBy, [0, 1]);
});

test('entry prices are lognormal about the mean price, inside the range', () => {
  const one: BurnInBar = { tsUs: 0, open: 100, high: 110, low: 95, close: 105, volume: 1, average: 102 };
  assert.equal(Math.round(entryPrice(one, 0.5) * 1e9) / 1e9, 102);
  // z(.8413447) = 1: 102 * (110 / 95)^.3 = 102 * e^(.3 * .146603) = 106.5861
  assert.ok(Math.abs(entryPrice(one, 0.8413447) - 106.5861) < 1e-3);
  assert.deepEqual([entryPrice(one, 0), entryPrice(one, 1 - 2 ** -53)], [95, 110]);
});

/** Bar in which each of `lots` single lots was opened, after a run lot by lot. */
function simulated(bars: readonly BurnInBar[], side: 1 | -1, run: number, lots: number): Int32Array {
  const [opened, field] = [new Int32Array(lots), hashText('simulated')];
  let draws = 0;
  for (let t = 1; t < bars.length; t++) {
    const weights = Array.from(opened, (b) => {
      const wins = side * (bars[t - 1]!.close - bars[b]!.average) > 0;
      return (t - b + 0.5) ** -0.3 * (wins ? Math.exp(0.4) : 1); // age t - b - 1/2, plus an hour
    });
    const fresh = new Set<number>();
    for (let closed = 0; closed < 0.1 * bars[t]!.volume; closed++) {
      const total = weights.reduce((a, w, i) => a + (fresh.has(i) ? 0 : w), 0);
      let left = total * draw(run, draws++, field);
      const found = weights.findIndex((w, i) => {
        if (!fresh.has(i)) left -= w;
        return left < 0;
      });
      fresh.add(found);
      opened[found] = t;
    }
  }
  return opened;
}

test('masses are what single lots do on average', () => {
  // 300 lots, 6 (2 %) an hour closed and opened again, while the price falls and comes back
  const bars = Array.from({ length: 40 }, (_, t) => bar(t, 100 - (t % 20), 99.5 - (t % 20), 60));
  for (const [name, side] of [
    ['long', 1],
    ['short', -1],
  ] as const) {
    const { openedBy } = renewalOf(hours(bars), 300, 0.1)[name];
    const runs = Array.from({ length: 120 }, (_, run) => simulated(bars, side, run, 300));
    for (const b of [0, 8, 16, 24, 32]) {
      const shares = runs.map((opened) => opened.filter((at) => at <= b).length / 300);
      const mean = shares.reduce((a, x) => a + x, 0) / shares.length;
      const sd = Math.sqrt(shares.reduce((a, x) => a + (x - mean) ** 2, 0) / (shares.length - 1));
      // four standard errors, and .002 because lots of one hour are drawn without putting back
      const band = (4 * sd) / Math.sqrt(shares.length) + 0.002;
      assert.ok(
        band < 0.012 && Math.abs(mean - openedBy[b]!) < band,
        `${name} ${b}: ${mean}, ${openedBy[b]}`,
      );
    }
  }
});

test('a population takes the short candles where it has them: other days, other entries', () => {
  const request = requestOf({ accounts: 60 });
  const flat = hours([{ ...bar(0, 8000, 8000, 1), high: 8000, low: 8000 }]);
  const population = drawPopulation({ ...request, burnIn: { BTCUSDT: flat } });
  // everything was opened at 8000: .001 BTC is 8 USDT = 800 000 000 units
  for (const [leg, lots] of population.legLots.entries())
    assert.equal(population.legEntryValue[leg], BigInt(lots) * 800_000_000n);
});
