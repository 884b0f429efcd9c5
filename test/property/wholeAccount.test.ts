/**
 * Accounts that are judged as one: the band never misses, a box bounds every verdict inside it, losses net, and
 * what is asked is never below nothing.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, ONE, type Price, rate, ZERO_MONEY } from '../../src/basics/exact.ts';
import type { Marks } from '../../src/margin/leg.ts';
import { unitRequirements } from '../../src/margin/portfolioRules.ts';
import {
  isPooled,
  judgeWhole,
  levelsOf,
  type PooledPocket,
  safeBandOf,
  wholeAccount,
  withBalance,
} from '../../src/margin/portfolioVerdict.ts';
import { bankruptcyPrices } from '../../src/margin/bankruptcy.ts';
import { afterClose } from '../../src/margin/partial.ts';
import { judge } from '../../src/margin/trigger.ts';
import type { Luck } from '../differential/venues.ts';
import { wholePocket } from '../differential/wholeVenues.ts';

const POCKETS = 20_000;
const LOOKS = 5;

const pooled = (n: number): { pocket: PooledPocket; marks: Marks; luck: Luck } => {
  const { pocket, marks, luck } = wholePocket(n);
  assert.ok(isPooled(pocket));
  return { pocket, marks, luck };
};

/** Prices of a moment, each moved by itself by at most a share, often by all of it. */
function moved(of: Marks, most: number, luck: Luck): Marks {
  const known = new Map<string, Price>();
  return (id) => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const share = luck.pick([-1, 1, luck.between(-1, 1)]) * most * 0.999999;
    const price = of(id).times(ONE.plus(rate(share.toFixed(9))));
    known.set(id, price);
    return price;
  };
}

test(`the band never misses: ${POCKETS * LOOKS} draws inside it, none of them fails`, () => {
  let [sound, wide] = [0, 0];
  for (let n = 0; n < POCKETS; n++) {
    const { pocket, marks, luck } = pooled(n);
    const band = safeBandOf(pocket, marks);
    if (band === null) continue;
    sound++;
    if (rate('0.01').lt(band)) wide++;
    for (let k = 0; k < LOOKS; k++) {
      const then: PooledPocket = {
        ...pocket,
        pool: { ...pocket.pool, index: moved(pocket.pool.index, band.toNumber(), luck) },
      };
      const at = moved(marks, band.toNumber(), luck);
      assert.equal(judge(then, at, { inclusive: true }).liquidatable, false, `pocket ${n} band ${band}`);
    }
  }
  assert.ok(sound > POCKETS / 4 && wide > POCKETS / 10, `${sound} with a band, ${wide} of more than 1 %`);
});

test('a box of no width is the verdict; a wider one bounds every verdict inside it', () => {
  for (let n = 0; n < 1_500; n++) {
    const { pocket, marks, luck } = pooled(n);
    const now = { mark: marks, index: pocket.pool.index };
    const verdict = judgeWhole(pocket, marks);
    const point = wholeAccount(pocket, { low: now, high: now });
    assert.ok(point.equity.eq(verdict.equity) && point.maintenance.eq(verdict.maintenance));
    const width = luck.pick([0.001, 0.02, 0.3]);
    const side = (by: number) => {
      const factor = rate(by.toFixed(6));
      return {
        mark: (id: string) => marks(id).times(factor),
        index: (id: string) => pocket.pool.index(id).times(factor),
      };
    };
    const box = wholeAccount(pocket, { low: side(1 - width), high: side(1 + width) });
    for (let k = 0; k < 3; k++) {
      const pool = { ...pocket.pool, index: moved(pocket.pool.index, width, luck) };
      const inside = judgeWhole({ ...pocket, pool }, moved(marks, width, luck));
      assert.ok(box.equity.lte(inside.equity), `pocket ${n}: equity ${inside.equity} below ${box.equity}`);
      assert.ok(inside.maintenance.lte(box.maintenance), `pocket ${n}: maintenance above its bound`);
    }
  }
});

test('only the levels that are listed decide', () => {
  for (let n = 0; n < 1_000; n++) {
    const { pocket, marks } = pooled(n);
    const levels = levelsOf(pocket);
    const other =
      (of: Marks, what: 'mark' | 'index'): Marks =>
      (id) =>
        levels.some((l) => l.market === id && l.what === what) ? of(id) : of(id).times(rate('1.5'));
    const there = { ...pocket, pool: { ...pocket.pool, index: other(pocket.pool.index, 'index') } };
    const [a, b] = [judgeWhole(pocket, marks), judgeWhole(there, other(marks, 'mark'))];
    assert.ok(a.equity.eq(b.equity) && a.maintenance.eq(b.maintenance), `pocket ${n}`);
  }
});

test('requirements are at least 0, and doubling everything doubles them, but for tiers of a charge', () => {
  for (let n = 0; n < 1_500; n++) {
    const { pocket, marks } = pooled(n);
    if (pocket.pool.portfolio === undefined) continue;
    const { chargeTiers: _, ...portfolio } = { chargeTiers: undefined, ...pocket.pool.portfolio };
    const prices = { mark: marks, index: pocket.pool.index };
    const of = (p: PooledPocket) =>
      unitRequirements(p.legs, portfolio, { pool: p.pool, box: { low: prices, high: prices } });
    const two = rate('2');
    const balances = new Map([...pocket.pool.balances].map(([asset, amount]) => [asset, amount.times(two)]));
    const legs = pocket.legs.map((leg) => ({
      ...leg,
      qty: leg.qty.times(two),
      entryValue: leg.entryValue.times(two),
    }));
    const [once, twice] = [of(pocket), of({ ...pocket, legs, pool: { ...pocket.pool, balances } })];
    for (const [i, unit] of once.entries()) {
      const { riskUnit: __, ...parts } = unit;
      for (const part of Object.values(parts)) assert.ok(!part.isNegative());
      const off = twice[i]!.total.minus(unit.total.times(two)).abs();
      // coins are cut to the venue's unit and a delta at 18 places
      assert.ok(
        off.lte(money('0.0000002').plus(unit.total.times(rate('0.00000001')))),
        `${n}: off by ${off}`,
      );
    }
  }
});

test('after every leg is closed at its bankruptcy price nothing that counts is lacking', () => {
  let seen = 0;
  for (let n = 0; n < 1_000; n++) {
    const { pocket, marks } = pooled(n);
    if (judgeWhole(pocket, marks).equity.isNegative()) continue;
    // unwound at the index, without buffers: shares are given in each leg's own asset at the index
    const { collateral } = pocket.pool;
    const free = rate('0');
    const assets = Object.entries(collateral?.assets ?? {}).map(([asset, rule]) => [
      asset,
      { ...rule, bidBuffer: free, askBuffer: free },
    ]);
    const even = {
      ...pocket,
      pool: {
        ...pocket.pool,
        collateral: collateral && { ...collateral, assets: Object.fromEntries(assets) as never },
      },
    };
    const shares = bankruptcyPrices(even, marks);
    if (shares.some((p) => p === null || !p.isPositive())) continue;
    let rest: PooledPocket = even;
    for (const price of shares)
      rest = afterClose(rest, 0, { qty: rest.legs[0]!.qty, price: price!, feeRate: free }) as PooledPocket;
    let total = ZERO_MONEY;
    for (const [asset, amount] of rest.pool.balances) {
      const before = even.pool.balances.get(asset) ?? ZERO_MONEY;
      const counted = (held: typeof amount) =>
        wholeAccount(
          { ...rest, pool: withBalance({ ...rest.pool, balances: new Map() }, asset, held) },
          {
            low: { mark: marks, index: rest.pool.index },
            high: { mark: marks, index: rest.pool.index },
          },
        ).equity;
      // a balance keeps its haircut, what was gained or lost since has none
      const change = amount.minus(before);
      const at = asset === 'USDT' ? change : asset === 'BTC' ? value(change, rest.pool.index('BTC')) : change;
      total = total.plus(counted(before)).plus(at);
    }
    assert.ok(!total.lt(money('-0.001')), `pocket ${n}: ${total}`);
    assert.ok(total.lt(money('1')), `pocket ${n}: ${total} is left`);
    seen++;
  }
  assert.ok(seen > 200, `${seen} pockets`);
});

const value = (amount: ReturnType<typeof money>, at: Price) => amount.times(rate(at.toString()));
