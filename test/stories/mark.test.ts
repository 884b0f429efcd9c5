/**
 * Two stories about why a venue does not judge equity at the last trade.
 *
 * (a) The perpetual alone is pushed down, spot does not follow. Under a last price mark everyone in
 *     between is liquidated; under the median of three nobody is.
 * (b) Source document 002: "even if someone dumps 500 BTC on Binance and the last price drops to
 *     $60,000, the mark price might only drop to $61,500", the index being the median of four spot
 *     venues. The fall from 62,000 and the four prices after it are ours.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rate } from '../../src/basics/exact.ts';
import { MINUTE_US, parseInstant, SECOND_US } from '../../src/basics/instant.ts';
import { fillPriceTicks } from '../../src/impact/fillPrice.ts';
import { MarketState } from '../../src/mark/marketState.ts';
import type { IndexRule } from '../../src/rules/ruleSet.ts';
import {
  BTC,
  type MarkKind,
  PLAIN_INDEX,
  rulesWith,
  type Small,
  smallFrames,
} from '../support/smallFrames.ts';
import { play, tiers } from '../support/tinyWorld.ts';

const MEDIAN: MarkKind = { kind: 'medianOfThree', basis: { windowUs: 30 * MINUTE_US, sampleUs: MINUTE_US } };
const START = parseInstant('2020-03-12T10:00Z');

const marksOf = (kind: MarkKind, small: Small, index: IndexRule = PLAIN_INDEX): number[] => {
  const frames = smallFrames({ startUs: START, ...small });
  const state = new MarketState({ market: BTC, rules: rulesWith(kind, index), frames });
  return small.last.map((_, beat) => state.price(beat, null)!.markF64);
};

test('the perpetual alone falls: longs in between are hit at the last price, nobody at the median', () => {
  // An hour at 50,000, then 40 seconds down to 48,000 and 20 seconds back. Spot stays at 50,000.
  const quiet = new Array<number>(3600).fill(50000);
  const fall = Array.from({ length: 40 }, (_, i) => 50000 - 50 * (i + 1));
  const back = Array.from({ length: 20 }, (_, i) => 48000 + 100 * (i + 1));
  const last = [...quiet, ...fall, ...back];
  const small = {
    last,
    constituents: { a: last.map(() => 50000), b: last.map(() => 50000), c: last.map(() => 50000) },
  };
  // Longs that are liquidated at these marks; the lowest is below the fall
  const liquidationPrices = [49900, 49000, 48500, 48000.01, 47999];
  const hit = (marks: readonly number[]) =>
    liquidationPrices.filter((p) => marks.some((mark) => mark <= p)).length;

  const atLast = marksOf({ kind: 'lastPrice' }, small);
  assert.equal(Math.min(...atLast), 48000);
  assert.equal(hit(atLast), 4);

  const atMedian = marksOf(MEDIAN, small);
  assert.equal(hit(atMedian), 0);
  // One sample falls into the dip, at its end: the basis is (29 * 0 + 0) / 30 at 11:01, back at 50,000
  assert.ok(Math.min(...atMedian) === 50000, `the mark fell to ${Math.min(...atMedian)}`);
});

test('the perpetual stays down: the median gives way by a thirtieth of the gap a minute', () => {
  // The minute samples see -2,000: means -2000/30, -4000/30, ... and last stays 48,000; funding price is
  // 50,000. The median of (50000, 50000 - 66.67 k, 48000) is the basis price.
  const last = [...new Array<number>(3600).fill(50000), ...new Array<number>(300).fill(48000)];
  const marks = marksOf(MEDIAN, { last, constituents: { a: last.map(() => 50000) } });
  assert.deepEqual(
    [3659, 3719, 3899].map((beat) => marks[beat]),
    [49933.33, 49866.67, 49666.67],
  );
});

test('500 BTC sold at once: last 60,000, mark 61,500', () => {
  // Perpetual and spot stand at 62,000. With lambda = 6.558e-5 per BTC the sale leaves the perpetual at
  // 62000 e^(-500 lambda) = 60000, at an average of 62000 e^(-250 lambda) = 60991.8.
  const lambda = 6.558e-5 / 1000; // per lot of 0.001 BTC
  const order = { prevLastTicks: 6200000, lambda, lots: 500_000, lotsBefore: 0, taker: 'sell' as const };
  const afterwards = fillPriceTicks({ ...order, lots: 0, lotsBefore: 500_000 }) / 100;
  assert.ok(Math.abs(afterwards - 60000) < 1, `after the sale: ${afterwards}`);
  assert.ok(Math.abs(fillPriceTicks(order) / 100 - 60991.8) < 1);

  const before = new Array<number>(630).fill(62000);
  const spot = (price: number) => [...before, price, price];
  const small = {
    last: spot(60000),
    // the venue next to the perpetual takes most of it; median (61450 + 61550) / 2 = 61500
    constituents: { binance: spot(60200), coinbase: spot(61450), kraken: spot(61550), okx: spot(61600) },
  };
  const median = { ...PLAIN_INDEX, aggregator: 'median' as const };
  assert.deepEqual(marksOf(MEDIAN, small, median).slice(-3), [62000, 61500, 61500]);
  assert.deepEqual(marksOf({ kind: 'lastPrice' }, small, median).slice(-3), [62000, 60000, 60000]);
});

test('the median still follows when spot falls too', () => {
  // A common shock: spot and perpetual fall together, so does the mark, whatever its averages say
  const fall = Array.from({ length: 40 }, (_, i) => 50000 - 50 * (i + 1));
  const last = [...new Array<number>(120).fill(50000), ...fall];
  const marks = marksOf(MEDIAN, { last, constituents: { a: last } });
  assert.equal(marks.at(-1), 48000);
});

test('a bounded average cannot be dragged further than its band', () => {
  const last = [...new Array<number>(10).fill(50000), ...new Array<number>(600).fill(45000)];
  const kind: MarkKind = { kind: 'boundedEma', samples: 30, sampleUs: SECOND_US, band: rate('0.005') };
  const marks = marksOf(kind, { last, constituents: { a: last.map(() => 50000) } });
  // 50000 * 0.995 = 49750 is where it settles
  assert.equal(marks.at(-1), 49750);
  assert.ok(marks.every((mark) => mark >= 49750));
});

test('the feed is down while spot falls and recovers: nobody is judged at prices that nobody saw', async () => {
  // Long 1 from 43 000 with 2 150: fails at 41 055 and below (equity 2150 - 1945 = 205 <= 205.28).
  // At beats 2 and 3 spot stands at 40 000; beats end a second apart.
  const judged = async (outage: boolean, third: string) => {
    const { rows } = await play({
      rules: { order: { kind: 'atMark' } },
      marketRules: { BTCUSDT: { tiers: tiers([['1000000000', '0.005', '0', '0.01']]) } },
      accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '2150' }] }],
      beats: [{ index: '43000' }, { index: '40000' }, { index: '40000' }, { index: third }],
      side: {
        startUs: 0,
        outages: outage ? [{ fromUs: 2 * SECOND_US, untilUs: 4 * SECOND_US, part: 'feed' }] : [],
      },
    });
    return rows.liquidations.map((l) => l.tsUs / SECOND_US);
  };
  assert.deepEqual(await judged(false, '43000'), [2]);
  assert.deepEqual(await judged(true, '43000'), []);
  // still down there when the feed returns: judged at the first beat with prices
  assert.deepEqual(await judged(true, '40000'), [4]);
});
