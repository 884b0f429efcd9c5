/** What holds for every drawn population, whatever is assumed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { price, rate } from '../../src/basics/exact.ts';
import { judge } from '../../src/margin/trigger.ts';
import { drawPopulation } from '../../src/population/drawPopulation.ts';
import { FIRST_MARK, pocketsOf, requestOf, rowsOf } from '../unit/population/venue.ts';

const share = fc.integer({ min: 0, max: 50 }).map((n) => rate(`0.${String(n).padStart(2, '0')}`));
const request = fc
  .record({
    accounts: fc.integer({ min: 2, max: 120 }),
    leverageMix: fc.constantFrom('HL2025' as const, 'MID' as const, 'BMX2019' as const),
    liquidatableShare: fc.constantFrom('0', '0.05', '0.25', '0.9', '1').map(rate),
    isolatedShare: share,
    hedgeShare: share,
    multiMarketShare: share,
    restingOrderShare: share,
    markets: fc.constantFrom(
      ['BTCUSDT'],
      ['XBTUSD'],
      ['BTCUSDT', 'XBTUSD'],
      ['BTCUSDT', 'ETHUSDT', 'XBTUSD'],
    ),
    seed: fc.string({ minLength: 1, maxLength: 5 }),
  })
  .map(({ markets, seed, ...assumption }) => requestOf(assumption, { markets, seed }));

const OPEN_INTEREST_LOTS: Readonly<Record<string, number>> = {
  BTCUSDT: 30_000_000, // 30 000 BTC in lots of .001
  ETHUSDT: 400_000_000,
  XBTUSD: 600_000_000, // contracts
};
const STRICT = { inclusive: true };

test('longs and shorts of every market hold exactly its open interest, and nobody is empty', () => {
  fc.assert(
    fc.property(request, (r) => {
      const population = drawPopulation(r);
      const net = population.markets.map(() => [0, 0]);
      for (const [leg, lots] of population.legLots.entries()) {
        assert.ok(Number.isInteger(lots) && lots >= 1);
        net[population.legMarket[leg]!]![population.legSide[leg] === 1 ? 0 : 1]! += lots;
      }
      for (const [m, id] of population.markets.entries()) {
        assert.deepEqual(net[m], [OPEN_INTEREST_LOTS[id], OPEN_INTEREST_LOTS[id]]);
      }
      assert.equal(population.accounts, r.assumption.accounts * population.markets.length);
      assert.equal(population.legStart[population.accounts], population.legLots.length);
      for (let a = 0; a < population.accounts; a++) assert.ok(rowsOf(population, a).length > 0);
    }),
    { numRuns: 60 },
  );
});

test('nobody is liquidatable at the first mark, with a twentieth to spare', () => {
  const marks = (id: string) => price(String(FIRST_MARK[id]));
  fc.assert(
    fc.property(request, (r) => {
      const population = drawPopulation(r);
      for (let a = 0; a < population.accounts; a++) {
        for (const pocket of pocketsOf(population, a)) {
          const { equity, maintenance, liquidatable } = judge(pocket, marks, STRICT);
          assert.equal(liquidatable, false);
          assert.ok(equity.toNumber() >= 1.0499 * maintenance.toNumber(), `${equity} for ${maintenance}`);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test('outside the liquidatable share nobody fails at marks from 25 % to 400 % of the first', () => {
  const factor = fc.constantFrom(0.25, 0.26, 0.4, 0.8, 1, 1.3, 2, 3.9, 4);
  fc.assert(
    fc.property(request, fc.tuple(factor, factor, factor), (r, factors) => {
      const population = drawPopulation(r);
      const marks = (id: string) =>
        price(String(FIRST_MARK[id]! * factors[Object.keys(FIRST_MARK).indexOf(id)]!));
      for (let a = 0; a < population.accounts; a++) {
        if (population.liquidatable[a] === 1) continue;
        for (const pocket of pocketsOf(population, a)) {
          assert.equal(judge(pocket, marks, STRICT).liquidatable, false);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('hedge mode and many markets are what they say, and order margin is part of free collateral', () => {
  fc.assert(
    fc.property(request, (r) => {
      const population = drawPopulation(r);
      for (let a = 0; a < population.accounts; a++) {
        const rows = rowsOf(population, a);
        const settle = (leg: number) =>
          r.facts.markets[population.markets[population.legMarket[leg]!]!]!.settle;
        assert.ok(rows.every((leg) => settle(leg) === population.assets[population.asset[a]!]));
        const pairs = rows.map((leg) => `${population.legMarket[leg]}${population.legSide[leg]}`);
        assert.equal(new Set(pairs).size, rows.length);
        const markets = new Set(rows.map((leg) => population.legMarket[leg]));
        if (markets.size > 1) assert.ok(population.cross[a] === 1 && rows.length === markets.size);
        const margins = rows.reduce((sum, leg) => sum + population.legMargin[leg]!, 0n);
        assert.equal(margins === 0n, population.cross[a] === 1);
        assert.ok(population.orderMargin[a]! >= 0n && population.orderMargin[a]! <= population.wallet[a]!);
        if (population.hedger[a] === 1) assert.ok(rows.every((leg) => population.legLeverage[leg]! <= 3));
      }
    }),
    { numRuns: 60 },
  );
});

test('a population is a function of its request, and another seed is another population', () => {
  fc.assert(
    fc.property(request, (r) => {
      const once = drawPopulation(r);
      assert.deepEqual(drawPopulation(r), once);
      const other = drawPopulation({ ...r, seed: `${r.seed}'` });
      assert.notDeepEqual(other.legEntryValue, once.legEntryValue);
    }),
    { numRuns: 20 },
  );
});

test('more accounts leave the luck of the first ones alone', () => {
  fc.assert(
    fc.property(request, fc.integer({ min: 1, max: 100 }), (r, more) => {
      const few = drawPopulation(r);
      const accounts = r.assumption.accounts + more;
      const many = drawPopulation({ ...r, assumption: { ...r.assumption, accounts } });
      for (let a = 0; a < few.accounts; a++) {
        for (const column of ['cross', 'liquidatable', 'hedger', 'asset'] as const) {
          assert.equal(many[column][a], few[column][a]);
        }
        const [rows, rowsOfMany] = [rowsOf(few, a), rowsOf(many, a)];
        assert.equal(rowsOfMany.length, rows.length);
        for (const [i, leg] of rows.entries()) {
          const there = rowsOfMany[i]!;
          assert.equal(many.legMarket[there], few.legMarket[leg]);
          assert.equal(many.legSide[there], few.legSide[leg]);
          const linear = r.facts.markets[few.markets[few.legMarket[leg]!]!]!.kind === 'linear';
          // A liquidatable leg may have had to draw its entry again; a linear value is exact.
          if (few.liquidatable[a] === 1 || !linear) continue;
          assert.equal(
            few.legEntryValue[leg]! * BigInt(many.legLots[there]!),
            many.legEntryValue[there]! * BigInt(few.legLots[leg]!),
          );
        }
      }
    }),
    { numRuns: 30 },
  );
});
