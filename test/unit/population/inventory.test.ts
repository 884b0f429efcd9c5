/** When and where positions were opened: turnover and the triangular range, by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryBar, entryPrice, inventoryOf } from '../../../src/population/inventory.ts';
import type { DailyBar } from '../../../src/rules/facts.ts';

const bar = (low: number, high: number, volume: number): DailyBar => ({
  tsUs: 0,
  open: (low + high) / 2,
  high,
  low,
  close: (low + high) / 2,
  volume,
});

test('the age of a position is exponential in turnovers', () => {
  // open interest 100, churn .1: days of volume 0, 500, 1000 turn over 0, .5, 1
  const inventory = inventoryOf([bar(90, 110, 0), bar(80, 100, 500), bar(70, 130, 1000)], 100, 0.1);
  // opened before day 1: e^-1.5 = .22313; before day 2: e^-1 = .36788
  for (const [b, expected] of [0.22313, 0.36788, 1].entries()) {
    assert.ok(Math.abs(inventory.openedBy[b]! - expected) < 1e-5);
  }
  assert.deepEqual(
    [0, 0.2, 0.23, 0.36, 0.37, 0.999].map((u) => entryBar(inventory, u)),
    [0, 0, 1, 1, 2, 2],
  );
  assert.deepEqual([...inventory.lowAfter], [70, 70, Infinity]);
  assert.deepEqual([...inventory.highAfter], [130, 130, -Infinity]);
});

test('a day without volume opens nothing, unless it is the oldest', () => {
  const inventory = inventoryOf([bar(1, 2, 0), bar(1, 2, 0)], 10, 0.1);
  assert.deepEqual(
    [0, 0.5, 0.999].map((u) => entryBar(inventory, u)),
    [0, 0, 0],
  );
});

test('the price is triangular inside the range', () => {
  // low 100, high 200, mode (120 + 200 + 100 + 140) / 4 = 140. Below the mode lies .4 of the mass:
  // u = .1: 100 + sqrt(.1 * 100 * 40) = 120. Above: u = .85: 200 - sqrt(.15 * 100 * 60) = 170.
  const day: DailyBar = { tsUs: 0, open: 120, high: 200, low: 100, close: 140, volume: 1 };
  const at = (u: number): number => entryPrice(day, u);
  assert.deepEqual(
    [0, 0.1, 0.4].map((u) => Math.round(at(u) * 1e9) / 1e9),
    [100, 120, 140],
  );
  assert.ok(Math.abs(at(0.85) - 170) < 1e-9);
  assert.ok(at(1 - 2 ** -53) <= 200);
  assert.equal(entryPrice(bar(50, 50, 1), 0.7), 50);
});
