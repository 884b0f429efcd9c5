/**
 * The rule books as one shelf: no day of Binance's without a book and none with two, tables that obey
 * their own arithmetic, weights of one. What each file cites is checked in readRules.test.ts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal } from 'decimal.js';
import { formatInstant, parseInstant } from '../../../src/basics/instant.ts';
import { isContinuous } from '../../../src/margin/maintenance.ts';
import { listRules, readRules } from '../../../src/rules/readRules.ts';
import type { RuleSet } from '../../../src/rules/ruleSet.ts';

const BOOKS: readonly RuleSet[] = listRules().map((id) => readRules(id));
const named = (start: string): RuleSet[] =>
  BOOKS.filter(({ id }) => id.startsWith(start)).sort((a, b) => a.inForce.from - b.inForce.from);

/** Asserts that books follow each other without a gap and without an overlap. */
function seamless(books: readonly RuleSet[]): void {
  for (const [k, book] of books.entries()) {
    const next = books[k + 1];
    if (next === undefined) continue;
    assert.notEqual(book.inForce.until, null, book.id);
    assert.equal(formatInstant(book.inForce.until!), formatInstant(next.inForce.from), book.id);
  }
}

test('no two books of a venue claim the same day of the same market', () => {
  for (const [k, a] of BOOKS.entries()) {
    for (const b of BOOKS.slice(k + 1)) {
      const shared = Object.keys(a.markets).some((market) => market in b.markets);
      if (a.venue !== b.venue || !shared) continue;
      const from = Math.max(a.inForce.from, b.inForce.from);
      assert.ok(
        from >= Math.min(a.inForce.until ?? Infinity, b.inForce.until ?? Infinity),
        `${a.id} ${b.id}`,
      );
    }
  }
});

test('Binance USD-M has exactly one book on every day from December 2019 to October 2025', () => {
  const books = named('binance-usdm@');
  seamless(books);
  assert.ok(books[0]!.inForce.from <= parseInstant('2019-12-01'));
  assert.ok(books.at(-1)!.inForce.until! >= parseInstant('2025-10-31'));
  for (const book of books) assert.deepEqual(Object.keys(book.markets), ['BTCUSDT', 'ETHUSDT'], book.id);
});

test('books of the other venues that continue each other leave no gap', () => {
  for (const start of ['binance-coinm@', 'bybit-inverse@', 'bybit-usdt@', 'deribit-btc@']) {
    assert.ok(named(start).length >= 2, start);
    seamless(named(start));
  }
});

test('continuous tables obey cum_k = cum_{k-1} + floor_k (rate_k - rate_{k-1}), by another arithmetic', () => {
  let tables = 0;
  for (const { id, markets } of BOOKS) {
    for (const { tiers, tierKey } of Object.values(markets)) {
      if (tierKey === 'qty' || tiers.every((tier) => tier.maintenanceDeduction.isZero())) continue;
      let cum = new Decimal(0);
      for (const [k, tier] of tiers.entries()) {
        const below = tiers[k - 1];
        if (below !== undefined) {
          const jump = new Decimal(tier.maintenanceRate.toString()).minus(below.maintenanceRate.toString());
          cum = cum.plus(jump.times(below.upTo.toString()));
        }
        assert.equal(tier.maintenanceDeduction.toString(), cum.toFixed(), `${id} row ${k}`);
      }
      assert.ok(isContinuous(tiers), id);
      tables++;
    }
  }
  // 18 USD-M books and source-001 and -002 with two tables, source-003 with one, 3 COIN-M, Bybit UTA,
  // Hyperliquid with two
  assert.equal(tables, 2 * 20 + 1 + 3 + 1 + 2);
});

test('a table that jumps is a step table: no deduction anywhere, rates on the whole position', () => {
  const jumping = BOOKS.flatMap(({ id, markets }) =>
    Object.values(markets)
      .filter(({ tiers }) => tiers.length > 1 && tiers.every((tier) => tier.maintenanceDeduction.isZero()))
      .map(() => id.split('@')[0]),
  );
  assert.deepEqual([...new Set(jumping)].sort(), [
    'bitmex-ethusd',
    'bitmex-xbtusd',
    'bybit-inverse',
    'bybit-usdt',
    'kraken-futures',
    'okx-inverse',
    'okx-portfolio',
    'okx-usdt',
    'source-000',
    'source-003',
  ]);
});

test('weights are of one, and initial margin is above maintenance margin in every row', () => {
  for (const { id, markets } of BOOKS) {
    for (const { index, tiers } of Object.values(markets)) {
      const weights = Object.values(index.weights).map((w) => new Decimal(w.toString()));
      if (weights.length > 0) {
        const off = Decimal.sum(...weights)
          .minus(1)
          .abs();
        assert.ok(off.lte('1e-9'), id);
      }
      for (const tier of tiers) {
        assert.ok(new Decimal(tier.maintenanceRate.toString()).lt(tier.initialRate.toString()), id);
      }
    }
  }
});

test('what is not proven against worked examples says so', () => {
  assert.deepEqual(
    BOOKS.filter((book) => book.unverified === true).map(({ id }) => id),
    ['bybit-uta@2023-09', 'deribit-portfolio@2022-01', 'drift-like', 'okx-portfolio@2025-01'],
  );
});
