/**
 * Portfolio margin, worked by hand. OKX: shocks of 0, 5, 10, 15 % with and without 25 points of volatility, an extreme
 * move of 30 % at half its loss, basis charge 0.75 %, least charge 0.25 %. DATED stands 1 % above the index of BTC.
 * Tiers, where they serve: 0.4 % to 50 000, 0.5 % less 50 above. No clearance fee.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price } from '../../src/basics/exact.ts';
import type { RuleSet } from '../../src/rules/ruleSet.ts';
import { BTC, CALL, COLLATERAL, DATED, OKX } from '../support/pools.ts';
import { linearMarket, play, type Tiny, type TinyAccount } from '../support/tinyWorld.ts';
import { ends, filled, left, paid } from './told.ts';

const ETH = linearMarket('ETH');
const FREE = { clearanceFee: [] };
const venue = (over: Partial<Tiny> & Pick<Tiny, 'accounts' | 'beats'>): Tiny => ({
  markets: [BTC, DATED],
  rules: { portfolio: OKX },
  marketRules: { BTC: FREE, DATED: FREE, ETH: FREE, CALL: FREE },
  assumptions: { fundOpening: { main: money('0') } },
  ...over,
});
const beats = (...indexes: string[]): Tiny['beats'] => ({ BTC: indexes.map((index) => ({ index })) });

/** Long 10 against short 10 of the dated future, with 3 800. */
const HEDGED: TinyAccount = {
  name: 'A',
  cross: true,
  wallet: '3800',
  legs: [
    { market: 'BTC', side: 'long', qty: '10', entry: '40000' },
    { market: 'DATED', side: 'short', qty: '10', entry: '40400' },
  ],
};
/** Long 10 of the dated future on a margin that is gone, to 1 USDT, at an index of 38 000 (38 380). */
const OTHER: TinyAccount = {
  name: 'B',
  legs: [{ market: 'DATED', side: 'long', qty: '10', entry: '40400', margin: '20199' }],
};

test('a hedged book that tiers liquidate is sound under portfolio margin', async () => {
  const tiered = await play(venue({ rules: {}, accounts: [HEDGED], beats: beats('40000', '40000') }));
  // 400 000 x 0.5 % - 50 + 404 000 x 0.5 % - 50 = 1 950 + 1 970
  assert.deepEqual(
    tiered.rows.liquidations.map((l) => `${l.equity} ${l.maintenanceMargin}`),
    ['3800 3920'],
  );
  const { rows } = await play(
    venue({ accounts: [{ ...HEDGED, tracked: true }], beats: beats('40000', '38000', '41000') }),
  );
  assert.deepEqual(rows.liquidations, []);
  assert.deepEqual(
    rows.tracked.filter((t) => t.side === 'long').map((t) => `${t.equity} ${t.maintenanceMargin}`),
    [
      '3800 3600', // +15 %: 60 600 - 60 000 = 600; basis 0.75 % of 400 000
      '4000 3420', // 38 000 and 38 380: -20 000 + 20 200; 570 + 2 850
      '3700 3690', // 41 000 and 41 410: 10 000 - 10 100; 615 + 3 075
    ],
  );
});

test('the hedge is deleveraged away, and the naked rest is liquidated', async () => {
  const { world, rows } = await play(
    venue({ accounts: [HEDGED, OTHER], beats: beats('40000', '38000', '38000') }),
  );
  // B is bankrupt at 40 400 - 2 019.9 = 38 380.1; a close at the mark lacks 1 USDT that the empty fund does not have
  assert.deepEqual(rows.fills.map(filled), [
    'A close 10 @ 38380.1 bankruptcy', // the winner is booked first
    'B close 10 @ 38380.1 bankruptcy',
    'A close 10 @ 38000 book',
  ]);
  assert.deepEqual(ends(rows), ['B deleveraged', 'A closed']);
  // A realized 10 x 2 019.9 and holds a long that is 20 000 down: 3 800 + 20 199 - 20 000; 380 000 x 15 %
  const [, naked] = rows.liquidations;
  assert.deepEqual([naked!.equity, naked!.maintenanceMargin].map(String), ['3999', '57000']);
  assert.equal(left(world, 'A'), '3999');
});

test('the option is closed after the future, although the future hedges it', async () => {
  const whole = { ...CALL, priceTick: price('1') };
  const { world, rows } = await play(
    venue({
      markets: [BTC, whole],
      accounts: [
        {
          name: 'A',
          cross: true,
          wallet: '2000',
          legs: [
            { market: 'CALL', side: 'short', qty: '1', entry: '3652' },
            { market: 'BTC', side: 'long', qty: '0.5', entry: '40000' },
          ],
        },
      ],
      beats: beats('40000', '40000'),
    }),
  );
  // at the money, v sqrt T = 0.8 x 0.286691 = 0.229353: 40 000 (2 N(0.114676) - 1) = 40 000 x 0.091297 = 3 652.
  // Worst: +15 % and 105 %: d1 0.61477, d2 0.31371: 46 000 x 0.73064 - 40 000 x 0.62313 = 8 684, so 5 032 - 3 000
  const [row] = rows.liquidations;
  assert.equal(row!.equity.toString(), '2000');
  assert.ok(Math.abs(row!.maintenanceMargin.toNumber() - 2032) < 3, String(row!.maintenanceMargin));
  assert.deepEqual(
    rows.fills.map((f) => `${f.market} ${filled(f)}`),
    ['BTC A close 0.5 @ 40000 book', 'CALL A close 1 @ 3652 mark'],
  );
  assert.deepEqual(ends(rows), ['A closed']);
  assert.equal(left(world, 'A'), '2000');
});

test('inventory is sold to keep a derivatives position', async () => {
  const rules: Partial<RuleSet> = { portfolio: OKX, collateral: COLLATERAL };
  const { rows } = await play(
    venue({
      markets: [BTC, ETH],
      rules,
      accounts: [
        {
          name: 'A',
          cross: true,
          asset: 'USDT',
          wallet: '0',
          further: { BTC: '0.08' },
          legs: [{ market: 'ETH', side: 'long', qty: '10', entry: '2000' }],
        },
      ],
      beats: {
        BTC: [{ index: '40000' }, { index: '39900' }, { index: '39900' }],
        ETH: [{ index: '2000' }, { index: '1999' }, { index: '1999' }],
      },
    }),
  );
  // 0.08 x 39 900 x 0.99 x 0.95 = 3 002.076 less 10; 19 990 x 15 %
  assert.deepEqual(
    rows.liquidations.map((l) => `${l.end} ${l.equity} ${l.maintenanceMargin}`),
    ['recovered 2992.076 2998.5'],
  );
  // 6.424 and the least unit above it, by 39 501 x 5 % a coin
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 0.003252575889217995 exchange',
    'market -> A 128.480000200000020495 exchange',
  ]);
  assert.equal(rows.fills.length, 0);
});
