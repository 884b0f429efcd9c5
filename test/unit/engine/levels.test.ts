/** Levels of stops and top-ups: whole ticks from one reference, reached at equality, each once; by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  ExhaustiveLevels,
  type Levels,
  type LevelsInput,
  ScreenedLevels,
} from '../../../src/engine/levels.ts';
import { linearMarket, tinyFrames, tinyPopulation } from '../../support/tinyWorld.ts';

const market = linearMarket();
const long = { side: 'long', qty: '1', entry: '100', margin: '10' } as const;
const short = { ...long, side: 'short' } as const;
const population = tinyPopulation(
  [market],
  [
    { name: 'A', legs: [{ ...long, stop: 0.9, topUp: 0.95 }] }, // 90.00 and 95.00
    { name: 'B', legs: [{ ...short, stop: 1.1 }] }, // 110.00
    { name: 'C', legs: [{ ...long, stop: 0.899_96 }] }, // 8 999.6 ticks: 90.00
    { name: 'D', legs: [{ ...long, qty: '0', stop: 0.9, arrives: { beat: 1, qty: '1', leverage: 5 } }] },
  ],
);
const frames = tinyFrames([market], { BTCUSDT: [{ index: '100' }, { index: '80' }] });
const input: LevelsInput = { population, behaviour: population.behaviour!, frames };
const told = (levels: Levels, ticks: number): string[] =>
  levels.take(0, ticks).map(({ row, kind }) => `${row} ${kind}`);

for (const [name, made] of [
  ['screened', () => new ScreenedLevels(input)],
  ['exhaustive', () => new ExhaustiveLevels(input)],
] as const) {
  test(`${name}: from the first recorded last price, in order of row, once`, () => {
    const levels = made();
    assert.equal(levels.levelOf({ row: 0, kind: 'stop' }), 9000);
    assert.equal(levels.levelOf({ row: 2, kind: 'stop' }), 9000);
    assert.equal(levels.levelOf({ row: 2, kind: 'topUp' }), 0);
    assert.deepEqual(told(levels, 9501), []);
    assert.deepEqual(told(levels, 9500), ['0 topUp']);
    assert.deepEqual(told(levels, 9001), []);
    assert.deepEqual(told(levels, 9000), ['0 stop', '2 stop']);
    assert.deepEqual(told(levels, 8000), []);
    assert.deepEqual(told(levels, 11_000), ['1 stop']);
    assert.deepEqual(told(levels, Number.NaN), []);
  });

  test(`${name}: one fall past both reaches the top-up before the stop`, () => {
    assert.deepEqual(told(made(), 100), ['0 topUp', '0 stop', '2 stop']);
  });

  test(`${name}: an arrival has its level from its own entry, and none before it came`, () => {
    const levels = made();
    assert.equal(levels.levelOf({ row: 3, kind: 'stop' }), 0);
    assert.deepEqual(told(levels, 8999), ['0 topUp', '0 stop', '2 stop']);
    levels.put(0, 8000);
    assert.equal(levels.levelOf({ row: 3, kind: 'stop' }), 7200);
    assert.deepEqual(told(levels, 7201), []);
    assert.deepEqual(told(levels, 7200), ['3 stop']);
  });

  test(`${name}: worlds that share the ladder use it up each by itself`, () => {
    const [one, other] = [made(), made()];
    assert.equal(told(one, 9000).length, 3);
    assert.equal(told(other, 9500).length, 1);
    assert.equal(told(other, 9000).length, 2);
  });
}
