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
  value: money('900'),
  margin: money('100'),
  fee: money('1'),
  gains: true,
});
const floats = (i: ScoreInput<Money>): ScoreInput<number> => ({
  profit: i.profit.toNumber(),
  wallet: i.wallet.toNumber(),
  maintenance: i.maintenance.toNumber(),
  equity: i.equity.toNumber(),
  notional: i.notional.toNumber(),
  entryValue: i.entryValue.toNumber(),
  value: i.value.toNumber(),
  margin: i.margin.toNumber(),
  fee: i.fee.toNumber(),
  gains: i.gains,
});
const RANKINGS: readonly Ranking[] = [
  'binance',
  'profitTimesLeverage',
  'profitOnly',
  'bitmex',
  'hyperliquid',
  'riskWeighted',
];

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
  const input = {
    ...{ profit: 50, wallet: 100, maintenance: 6, equity: 150, notional: 300, entryValue: 250 },
    ...{ value: 300, margin: 100, fee: 0, gains: true },
  };
  assert.equal(score('binance', input), (50 / 100) * (6 / 150)); // 0.02
  assert.equal(score('profitTimesLeverage', input), (50 / 250) * (300 / 150)); // 0.4
  assert.equal(score('profitOnly', input), 0.2);
  assert.equal(score('binance', { ...input, wallet: 0.5 }), 2); // 50 / max(1, 0.5) x 0.04
  assert.equal(score('binance', { ...input, profit: -1 }), 0);
  assert.equal(score('binance', { ...input, equity: 0 }), 0);
  assert.equal(score('profitTimesLeverage', { ...input, equity: -1 }), 0);
  assert.equal(score('none', input), 0);
  // BV = EV - M = 150: |MV| / (MV - BV) = 300 / 150 = 2, p = 20 %
  assert.equal(score('bitmex', input), 0.4);
  // with a closing fee of 1 %: BV = 150 / 0.99 = 151.515; 300 / 148.485 = 2.0204; x 20 %
  assert.ok(Math.abs(score('bitmex', { ...input, fee: 3 }) - 0.2 * (300 / (300 - 150 / 0.99))) < 1e-15);
  // a linear short: BV = (EV + M) / (1 + f) = 350 / 1.01 = 346.53; it is worth 200 now, entered at 250
  const short = { ...input, value: 200, notional: 200, fee: 2, gains: false };
  assert.ok(Math.abs(score('bitmex', short) - 0.2 * (200 / (350 / 1.01 - 200))) < 1e-15);
  // a loser: -10 % over leverage 225 / 75 = 3
  const loser = { ...input, profit: -25, equity: 75, value: 225, notional: 225 };
  assert.ok(Math.abs(score('bitmex', loser) - -0.1 / 3) < 1e-15);
  assert.ok(Math.abs(score('profitTimesLeverage', loser) - -0.1 / 3) < 1e-15);
  // mark / entry = 300 / 250, times 300 / 150; of a short entered at 250, worth 200: 250 / 200 x 200 / 150
  assert.equal(score('hyperliquid', input), 2.4);
  assert.equal(score('hyperliquid', short), (1.25 * 200) / 150);
  assert.equal(score('riskWeighted', input), 100); // 50 x 2
  assert.equal(score('leverageDrain', input), 2);
  assert.equal(score('proRataProfit', loser), 0);
  assert.equal(score('proRataContracts', loser), 1);
});

test('losers come after winners, the most leveraged first, and those of equal zeros by number', () => {
  const scores = [-0.1, 0, 0.3, -0.02, 0];
  const queue = new AdlQueue({
    rows: Uint32Array.from(scores.keys()),
    lots: new Float64Array(5).fill(1),
    scores: Float64Array.from(scores),
    compareExact: () => assert.fail('nothing here is near'),
  });
  assert.deepEqual(
    [...queue].map((c) => c.row),
    [2, 1, 4, 3, 0],
  );
  assert.deepEqual([queue.rankOf(4), queue.rankOf(0)], [3, 5]);
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
