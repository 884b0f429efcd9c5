/** The lazy queue against sorting everybody exactly. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { money, unscaled } from '../../../src/basics/exact.ts';
import { AdlQueue } from '../../../src/adl/queue.ts';
import {
  binanceScore,
  compareExact,
  exactScore,
  lights,
  type Ranking,
  type ScoreInput,
  score,
} from '../../../src/adl/ranking.ts';
import type { Money } from '../../../src/basics/exact.ts';
import { rate } from '../../../src/basics/exact.ts';

/** Positions of which many differ by less than float64 can tell: the last digits of 24. */
const position = fc.record({
  base: fc.integer({ min: 1, max: 3 }),
  tail: fc.integer({ min: 0, max: 3 }),
  lots: fc.integer({ min: 1, max: 50 }),
});
const exact = (base: number, tail: number): Money =>
  unscaled('money', BigInt(base) * 10n ** 20n + BigInt(tail), 18);
const inputOf = (p: { base: number; tail: number }): ScoreInput<Money> => ({
  profit: exact(p.base, p.tail),
  wallet: money('100'),
  maintenance: money('7'),
  equity: money('130'),
  notional: money('900'),
  entryValue: money('800'),
});
const floats = (i: ScoreInput<Money>): ScoreInput<number> => ({
  profit: i.profit.toNumber(),
  wallet: i.wallet.toNumber(),
  maintenance: i.maintenance.toNumber(),
  equity: i.equity.toNumber(),
  notional: i.notional.toNumber(),
  entryValue: i.entryValue.toNumber(),
});
const RANKINGS: readonly Ranking[] = ['binance', 'profitTimesLeverage', 'profitOnly'];

const queueOf = (
  ranking: Ranking,
  list: readonly { base: number; tail: number; lots: number }[],
): AdlQueue => {
  const scores = list.map((p) => exactScore(ranking, inputOf(p)));
  return new AdlQueue({
    rows: Uint32Array.from(list.keys()),
    lots: Float64Array.from(list, (p) => p.lots),
    scores: Float64Array.from(list, (p) => score(ranking, floats(inputOf(p)))),
    compareExact: (a, b) => compareExact(scores[a]!, scores[b]!),
  });
};

test('the queue is in the order of the exact scores, equal ones by number', () => {
  fc.assert(
    fc.property(fc.constantFrom(...RANKINGS), fc.array(position, { maxLength: 40 }), (ranking, list) => {
      const scores = list.map((p) => exactScore(ranking, inputOf(p)));
      const expected = [...list.keys()].sort((a, b) => compareExact(scores[a]!, scores[b]!) || a - b);
      const queue = queueOf(ranking, list);
      assert.deepEqual(
        [...queue].map((c) => c.row),
        expected,
      );
      for (const [i, c] of [...queue].entries()) {
        assert.equal(queue.rankOf(c.row), i + 1);
        const next = [...queue][i + 1];
        if (next !== undefined)
          assert.equal(queue.isTie(c, next), compareExact(scores[c.row]!, scores[next.row]!) === 0);
      }
    }),
    { numRuns: 150 },
  );
});

test('who holds nothing any more is passed over, also when asked again', () => {
  const list = [3, 2, 1].map((base) => ({ base, tail: 0, lots: 10 }));
  const queue = queueOf('profitOnly', list);
  const holds = [0, 4, 10];
  const standing = (): number[][] => [...queue.standing((c) => holds[c.row]!)].map((c) => [c.row, c.lots]);
  assert.deepEqual(standing(), [
    [1, 4],
    [2, 10],
  ]);
  holds[1] = 0;
  assert.deepEqual(standing(), [[2, 10]]);
  assert.deepEqual([queue.rankOf(2), queue.rankOf(9), queue.size], [3, 0, 3]);
});

test('scores by hand', () => {
  const input = { profit: 50, wallet: 100, maintenance: 6, equity: 150, notional: 300, entryValue: 250 };
  assert.equal(score('binance', input), (50 / 100) * (6 / 150)); // 0.02
  assert.equal(score('profitTimesLeverage', input), (50 / 250) * (300 / 150)); // 0.4
  assert.equal(score('profitOnly', input), 0.2);
  assert.equal(score('binance', { ...input, wallet: 0.5 }), 2); // 50 / max(1, 0.5) x 0.04
  assert.equal(score('binance', { ...input, profit: -1 }), 0);
  assert.equal(score('binance', { ...input, equity: 0 }), 0);
  assert.equal(score('profitTimesLeverage', { ...input, equity: -1 }), 0);
  assert.equal(score('none', input), 0);
});

test("Binance's published quantile example: 40.2 on a wallet of 4.27 at a margin ratio of 13.42 %", () => {
  // https://dev.binance.vision/t/how-to-caculating-leverage-pnl-quantile/17801: 9.41 and 1.26
  const { percent, score: points } = binanceScore(money('40.2'), money('4.27'), rate('0.1342'));
  assert.equal(percent.toNumber().toFixed(2), '9.41');
  assert.equal(points.toNumber().toFixed(2), '1.26');
});

test('five lights by fifths of the queue', () => {
  assert.deepEqual(
    Array.from({ length: 10 }, (_, i) => lights(i + 1, 10)),
    [5, 5, 4, 4, 3, 3, 2, 2, 1, 1],
  );
  assert.equal(lights(1, 1), 5);
  assert.deepEqual(
    [1, 2, 3].map((rank) => lights(rank, 3)),
    [5, 4, 2],
  ); // 0, 1.67, 3.33 fifths
});
