/** The book profile against a plain sum over every position. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { money, price, qty } from '../../../src/basics/exact.ts';
import { BookProfile } from '../../../src/ledger/bookProfile.ts';
import type { Market, Side } from '../../../src/rules/market.ts';

const LINEAR: Market = {
  id: 'BTCUSDT',
  kind: 'linear',
  settle: 'USDT',
  priceTick: price('0.01'),
  qtyStep: qty('0.001'),
  faceValue: money('1'),
  valueScale: 8,
};
const INVERSE: Market = {
  ...LINEAR,
  id: 'XBTUSD',
  kind: 'inverse',
  settle: 'XBT',
  qtyStep: qty('1'),
  faceValue: money('1'),
};

interface Position {
  readonly side: Side;
  readonly at: number;
  readonly lots: number;
}

/** Loss of one position beyond its bankruptcy price, and its value there: written out per side and kind. */
function lossOf(market: Market, { side, at, lots }: Position, mark: number): number {
  if (market.kind === 'linear') {
    const quantity = lots * 0.001;
    return Math.max(0, side === 'long' ? quantity * (at - mark) : quantity * (mark - at));
  }
  return Math.max(0, side === 'long' ? lots / mark - lots / at : lots / at - lots / mark);
}

const naive = (market: Market, book: readonly Position[], side: Side, mark: number): number =>
  book.filter((p) => p.side === side).reduce((total, p) => total + lossOf(market, p, mark), 0);

/** The profile's own bound: a basis point of the value around the mark, and 2^-16 a position. */
function slack(market: Market, book: readonly Position[], mark: number): number {
  const near = book.filter((p) => Math.abs(p.at / mark - 1) < 2.1e-4);
  const worth = near.reduce(
    (total, p) => total + (market.kind === 'linear' ? p.lots * 0.001 * mark : p.lots / mark),
    0,
  );
  return worth * 2.1e-4 + book.length * (market.kind === 'linear' ? 1e-5 : 1e-9) + 1e-9;
}

function profileOf(market: Market, book: readonly Position[]): BookProfile {
  const profile = new BookProfile(market, 8000);
  for (const p of book) profile.put(p.side, p.at, p.lots);
  return profile;
}

const position = fc.record({
  side: fc.constantFrom<Side>('long', 'short'),
  at: fc.oneof(
    fc.double({ min: 3000, max: 16_000, noNaN: true }),
    fc.double({ min: 7990, max: 8010, noNaN: true }), // many in few bins
    fc.constantFrom(1, 100, 499.9, 128_000.1, 1e7), // beyond the outermost bins
  ),
  lots: fc.integer({ min: 1, max: 5_000_000 }),
});
const book = fc.array(position, { minLength: 1, maxLength: 60 });
const kind = fc.constantFrom(LINEAR, INVERSE);
const move = fc.double({ min: -0.5, max: 0.5, noNaN: true });

test('one long, by hand', () => {
  // 2 BTC bankrupt at 7200, mark 8000. A fall of 20 % to 6400: 2 * (7200 - 6400) = 1600 short.
  // A fund of 800 is exceeded where 2 * (7200 - x) = 800: x = 6800, a move of -15 %.
  const profile = profileOf(LINEAR, [{ side: 'long', at: 7200, lots: 2000 }]);
  assert.ok(Math.abs(profile.shortfallAfter(8000, -0.2) - 1600) < 1e-4);
  assert.equal(profile.shortfallAfter(8000, 0.2), 0);
  assert.equal(profile.contractsBankrupt(8000, -0.2), 2);
  assert.equal(profile.contractsBankrupt(8000, -0.05), 0);
  assert.ok(Math.abs(profile.smallestMove(8000, 800, 'long') - -0.15) < 1e-7);
  assert.ok(Number.isNaN(profile.smallestMove(8000, 800, 'short')));
  assert.ok(Number.isNaN(profile.smallestMove(8000, 1e6, 'long')));
  assert.equal(profile.smallestMove(8000, -1, 'long'), 0);
});

test('one inverse short, by hand', () => {
  // 100 000 contracts of 1 USD, bankrupt at 10 000: value there 10 XBT. At 12 500 it is 8: 2 XBT short.
  const profile = profileOf(INVERSE, [{ side: 'short', at: 10_000, lots: 100_000 }]);
  assert.ok(Math.abs(profile.shortfallAfter(10_000, 0.25) - 2) < 1e-8);
  assert.equal(profile.contractsBankrupt(10_000, 0.25), 100_000);
  // A fund of 1: 100 000 / x = 9, x = 11 111.11, a move of 1/9.
  assert.ok(Math.abs(profile.smallestMove(10_000, 1, 'short') - 1 / 9) < 1e-7);
});

test('the shortfall is the plain sum up to one bin', () => {
  fc.assert(
    fc.property(kind, book, move, (market, positions, by) => {
      const profile = profileOf(market, positions);
      const mark = 8000 * (1 + by);
      const expected = naive(market, positions, by <= 0 ? 'long' : 'short', mark);
      const found = profile.shortfallAt(by <= 0 ? 'long' : 'short', mark);
      assert.ok(
        Math.abs(found - expected) <= slack(market, positions, mark) + 1e-12 * expected,
        `${found} for ${expected}`,
      );
    }),
    { numRuns: 300 },
  );
});

test('contracts bankrupt are counted to within the bin of the price', () => {
  fc.assert(
    fc.property(kind, book, move, (market, positions, by) => {
      const side = by < 0 ? 'long' : 'short';
      const mark = 8000 * (1 + by);
      const step = market.kind === 'linear' ? 0.001 : 1;
      const count = (margin: number): number =>
        positions
          .filter(
            (p) => p.side === side && (by < 0 ? p.at > mark * (1 + margin) : p.at < mark * (1 - margin)),
          )
          .reduce((total, p) => total + p.lots * step, 0);
      const found = profileOf(market, positions).contractsBankrupt(8000, by);
      assert.ok(by === 0 || (found >= count(2e-4) - 1e-6 && found <= count(-2e-4) + 1e-6));
    }),
    { numRuns: 300 },
  );
});

test('what is removed leaves nothing behind, in any order, and a bulk build equals single puts', () => {
  fc.assert(
    fc.property(kind, book, book, move, (market, stays, goes, by) => {
      // the stated range of the sums: 2^53 units of 2^-30 coin, 8.4 million
      const coin = [...goes, ...stays].reduce((total, p) => total + p.lots / p.at, 0);
      fc.pre(market.kind === 'linear' || coin < 8e6);
      const changed = profileOf(market, [...goes, ...stays]);
      for (const p of goes.toReversed()) changed.remove(p.side, p.at, p.lots);
      const built = new BookProfile(market, 8000);
      for (const side of ['long', 'short'] as const) {
        const held = stays.filter((p) => p.side === side);
        built.build(
          side,
          held.map((p) => p.at),
          held.map((p) => p.lots),
        );
      }
      const plain = profileOf(market, stays).shortfallAfter(8000, by);
      assert.equal(changed.shortfallAfter(8000, by), plain);
      assert.equal(built.shortfallAfter(8000, by), plain);
    }),
    { numRuns: 200 },
  );
});

test('the smallest move is where the plain sum passes the fund', () => {
  fc.assert(
    fc.property(kind, book, fc.double({ min: 0, max: 1, noNaN: true }), (market, positions, share) => {
      for (const side of ['long', 'short'] as const) {
        const edge = side === 'long' ? 4000 : 12_000;
        const fund = share * naive(market, positions, side, edge) * 0.99 + 0.01;
        const by = profileOf(market, positions).smallestMove(8000, fund, side);
        if (Number.isNaN(by)) {
          assert.ok(naive(market, positions, side, edge) <= fund + slack(market, positions, edge));
          continue;
        }
        assert.ok(side === 'long' ? by <= 0 : by >= 0);
        const at = 8000 * (1 + by);
        const wider = side === 'long' ? at * (1 - 1e-7) : at * (1 + 1e-7);
        const tighter = side === 'long' ? at * (1 + 1e-7) : at * (1 - 1e-7);
        assert.ok(
          naive(market, positions, side, wider) >= fund - slack(market, positions, wider) - 1e-9 * fund,
        );
        if (by !== 0) {
          const below = naive(market, positions, side, tighter);
          assert.ok(below <= fund + slack(market, positions, tighter) + 1e-9 * fund);
        }
      }
    }),
    { numRuns: 200 },
  );
});
