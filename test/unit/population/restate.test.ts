/** Positions in another contract, worked by hand: notional at the first mark, collateral at the first index. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money, price } from '../../../src/basics/exact.ts';
import {
  type Restating,
  restatedEntryValue,
  restatedLots,
  restatedMoney,
  restatePopulation,
} from '../../../src/population/restate.ts';
import { inverseMarket, linearMarket, tinyPopulation } from '../../support/tinyWorld.ts';

const linear = linearMarket();
const inverse = { ...inverseMarket(), settle: 'BTC' };
const [mark, index] = [price('41000'), price('40000')];
const toInverse: Restating = { from: linear, to: inverse, mark, index };
const toLinear: Restating = { from: inverse, to: linear, mark, index };

test('a linear position becomes contracts of the same notional at the mark', () => {
  assert.equal(restatedLots(2000, toInverse), 82_000); // 2.000 * 41 000 / 1
  const hundreds = { ...toInverse, to: { ...inverse, faceValue: money('100') } };
  assert.equal(restatedLots(2000, hundreds), 820);
  assert.equal(restatedLots(1, hundreds), 1); // 0.001 * 41 000 = 41 dollars: no position vanishes
  assert.equal(restatedLots(0, hundreds), 0);
});

test('halves of a contract go to the even one', () => {
  const two = { ...toInverse, to: { ...inverse, faceValue: money('2') } };
  assert.equal(restatedLots(1, { ...two, mark: price('41000') }), 20); // 41 / 2 = 20.5
  assert.equal(restatedLots(1, { ...two, mark: price('43000') }), 22); // 43 / 2 = 21.5
});

test('the entry price stands', () => {
  // 2 at 40 000 is worth 80 000; 82 000 contracts at 40 000 are 2.05 coins
  assert.equal(
    restatedEntryValue({ lots: 2000, entryValue: money('80000') }, 82_000, toInverse).toString(),
    '2.05',
  );
  // and back: 82 000 contracts worth 2.05 entered at 40 000; 2 at 40 000
  assert.equal(
    restatedEntryValue({ lots: 82_000, entryValue: money('2.05') }, 2000, toLinear).toString(),
    '80000',
  );
  // from one face value to another: 100 contracts of 10 dollars at 40 000 are 0.025, as 10 of 100 are
  const tens = { ...inverse, faceValue: money('10') };
  const between = { ...toInverse, from: tens, to: { ...inverse, faceValue: money('100') } };
  assert.equal(restatedLots(100, between), 10);
  assert.equal(
    restatedEntryValue({ lots: 100, entryValue: money('0.025') }, 10, between).toString(),
    '0.025',
  );
});

test('contracts become base units of the same notional at the mark', () => {
  assert.equal(restatedLots(82_000, toLinear), 2000);
  assert.equal(restatedLots(20, toLinear), 1); // 20 / 41 000 = 0.000488: at least a lot
});

test('collateral keeps its worth at the index, cut downward', () => {
  assert.equal(restatedMoney(money('4000'), toInverse).toString(), '0.1');
  assert.equal(restatedMoney(money('1'), { ...toInverse, index: price('30000') }).toString(), '0.00003333');
  assert.equal(restatedMoney(money('0.1'), toLinear).toString(), '4000');
  const usdc = { ...toInverse, to: { ...linear, settle: 'USDC' } };
  assert.equal(restatedMoney(money('4000.5'), usdc).toString(), '4000.5');
});

test('a whole population: isolated and cross, both sides', () => {
  const population = tinyPopulation(
    [linear],
    [
      { name: 'A', legs: [{ side: 'long', qty: '2', entry: '40000', margin: '4000' }] },
      {
        name: 'B',
        cross: true,
        wallet: '1000',
        orderMargin: '100',
        legs: [{ side: 'short', qty: '0.1', entry: '50000' }],
      },
    ],
  );
  const made = restatePopulation(population, [toInverse]);
  assert.deepEqual(made.assets, ['BTC']);
  assert.deepEqual([...made.legLots], [82_000, 4100]);
  // 2.05; 4 100 / 50 000 = 0.082
  assert.deepEqual([...made.legEntryValue], [205_000_000n, 8_200_000n]);
  assert.deepEqual([...made.legMargin], [10_000_000n, 0n]);
  assert.deepEqual(
    [[...made.wallet], [...made.orderMargin]],
    [
      [0n, 2_500_000n],
      [0n, 250_000n],
    ],
  );
  assert.deepEqual([...made.legSide], [1, -1]);
});

test('what accounts do stays, and what arrives keeps its notional at its own price', () => {
  const legs = [{ side: 'long', qty: '2', entry: '40000', margin: '4000' } as const];
  const population = {
    ...tinyPopulation([linear], [{ name: 'A', legs }]),
    behaviour: {
      arrivals: {
        tsUs: Float64Array.of(7),
        row: Uint32Array.of(0),
        lots: Float64Array.of(1500),
        leverage: Float32Array.of(10),
        free: Float32Array.of(0.5),
      },
      departures: { tsUs: Float64Array.of(9), row: Uint32Array.of(0) },
      stop: Float64Array.of(0.9),
      topUp: Float64Array.of(0.95),
    },
  };
  const made = restatePopulation(population, [toInverse], (market, tsUs) => {
    assert.deepEqual([market, tsUs], [0, 7]);
    return price('30000');
  });
  const { arrivals, ...rest } = made.behaviour!;
  assert.deepEqual([...arrivals.lots], [45_000]); // 1.5 * 30 000
  const { arrivals: before, ...others } = population.behaviour;
  assert.deepEqual([rest, { ...arrivals, lots: 0 }], [others, { ...before, lots: 0 }]);
  assert.throws(() => restatePopulation(population, [toInverse]), RangeError);
});
