/**
 * OKX's BTC swaps by their own books: tiers by size with each rate on the whole position, a requirement that includes
 * the taker fee, reductions by tiers, deleveraging at the mark once the fund has fallen by 30 %. Worked by hand.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money } from '../../../src/basics/exact.ts';
import { play, SECOND, type TinyAccount, type TinyBeat } from '../../support/tinyWorld.ts';
import { conserved, venueBook } from '../../support/venueBook.ts';
import { ends, filled, left, paid } from '../told.ts';

const BOOKS = {
  'BTC-USD-SWAP': venueBook('okx-inverse@2020-03', 'BTC-USD-SWAP'),
  'BTC-USDT-SWAP': venueBook('okx-usdt@2022-06', 'BTC-USDT-SWAP'),
};

async function okx(
  market: keyof typeof BOOKS,
  fund: string,
  accounts: readonly TinyAccount[],
  beats: readonly TinyBeat[],
) {
  const { markets, rules, own } = BOOKS[market];
  const told = await play({
    markets,
    rules,
    marketRules: { [market]: own },
    assumptions: { fundOpening: { [rules.funds![0]!.name]: money(fund) } },
    accounts,
    beats,
  });
  conserved(told.world);
  return told;
}

/** 100 BTC from 40 000: the third tier, above 20 and up to 120 BTC. */
const long100 = (margin: string): TinyAccount => ({
  name: 'A',
  legs: [{ side: 'long', qty: '100', entry: '40000', margin }],
});

test('2022: between the requirements of the first tier and its own, two tiers down at once', async () => {
  // At 39 000: 3 900 000 x (1 % + 0.05 %) = 40 950; the first tier would ask for 0.4 % + 0.05 %: 17 550. Equity 30 000 lies
  // between. Two tiers below the third ends at 5 BTC: 95 are closed, the fee is 0.05 % of 3 705 000.
  const { world, rows } = await okx(
    'BTC-USDT-SWAP',
    '1000000',
    [long100('130000')],
    [{ index: '40000', last: '39000' }, { index: '39000' }, { index: '39000' }],
  );
  assert.deepEqual(rows.fills.map(filled), ['A close 95 @ 39000 book']);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 95000 realized-pnl',
    'A -> fund:BTC-USDT 1852.5 clearance-fee',
  ]);
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(rows.liquidations[0]!.equity.toString(), '30000');
  assert.equal(rows.liquidations[0]!.maintenanceMargin.toString(), '40950');
  assert.equal(left(world, 'A'), '33147.5');
});

test('2022: below what the first tier asks, the whole position goes to the fund at its bankruptcy price', async () => {
  // Equity 15 000 < 17 550. (4 000 000 - 115 000) / (100 x 0.9995) = 38 869.434717358679..., up. The book is at 38 000.
  const { world, rows } = await okx(
    'BTC-USDT-SWAP',
    '1000000',
    [long100('115000')],
    [
      { index: '40000', last: '38000' },
      { index: '39000', last: '38000' },
    ],
  );
  assert.deepEqual(rows.fills.map(filled), [
    'A close 100 @ 38869.43471735868 bankruptcy',
    'fund:BTC-USDT open 100 @ 38869.43471735868 bankruptcy',
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 113056.528264132 realized-pnl', // 100 x 1 130.56528264132
    'A -> fund:BTC-USDT 1943.471735868 residue', // the fee inside the price
  ]);
  assert.deepEqual(ends(rows), ['A takenOver']);
  assert.equal(left(world, 'A'), '0');
});

test('2022: a fund that fell by 30 % refuses; winners are closed at the mark, and it pays what the loser lacks', async () => {
  // D, 5 BTC with 4 000, fails at 39 300 (equity 500, asked 884.25) and goes to the fund at 196 000 / 4.9975 =
  // 39 219.609804902451...: residue 98.049024512, the fund is worth 20 098.05 + 401.95 = 20 500. At 38 000 its 5 BTC have lost
  // 6 098.05: 14 000, a fall of 31.7 %. A, 10 BTC with 22 100, still stands
  // there (2 100 against 2 090); at 37 700 it is worth -900.
  const D: TinyAccount = { name: 'D', legs: [{ side: 'long', qty: '5', entry: '40000', margin: '4000' }] };
  const A: TinyAccount = { name: 'A', legs: [{ side: 'long', qty: '10', entry: '40000', margin: '22100' }] };
  const S: TinyAccount = { name: 'S', legs: [{ side: 'short', qty: '10', entry: '41000', margin: '41000' }] };
  const calm = { last: '36000', volume: '0' };
  const { world, rows } = await okx(
    'BTC-USDT-SWAP',
    '20000',
    [D, A, S],
    [
      { index: '40000', ...calm },
      { index: '39300', ...calm },
      { index: '38000', ...calm },
      { index: '37700', ...calm },
    ],
  );
  assert.deepEqual(ends(rows), ['D takenOver', 'A deleveraged']);
  assert.deepEqual(rows.fills.slice(2).map(filled), ['S close 10 @ 37700 mark', 'A close 10 @ 37700 mark']);
  const money = rows.transfers.filter((t) => t.tsUs === 5 * SECOND).map(paid);
  // bankrupt at 377 900 / 9.995 = 37 808.904452226114: the fund makes the mark good up to there, 10 x 108.90..., and has
  // the closing fee inside that price back, 0.05 % of it: 900 in all
  assert.deepEqual(money.sort(), [
    'A -> fund:BTC-USDT 189.04452226114 residue',
    'A -> market 23000 realized-pnl',
    'fund:BTC-USDT -> A 1089.04452226114 deficit',
    'market -> S 33000 realized-pnl', // 10 x (41 000 - 37 700): nothing given up
  ]);
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.givenUp.toString()]),
    [['S', '0']],
  );
  assert.equal(left(world, 'A'), '0');
});

test('March 2020: from the fourth tier to the top of the first, 999 contracts', async () => {
  // 15 000 contracts from 10 000 are 150 BTC; at 9 800 they are 153.06122449. 2 % + 0.05 % of it: 3.137755..., equity
  // 6 - 3.06122449. Closed: 14 001 for 142.86734694 less 140.01, fee 0.05 % of it. 999 ask for 0.55 % of 10.19387755.
  const { world, rows } = await okx(
    'BTC-USD-SWAP',
    '100',
    [{ name: 'A', legs: [{ side: 'long', qty: '15000', entry: '10000', margin: '6' }] }],
    // about a minute later it is looked at again
    [{ index: '10000', last: '9800' }, ...Array.from({ length: 62 }, () => ({ index: '9800' }))],
  );
  assert.deepEqual(rows.fills.map(filled), ['A close 14001 @ 9800 book']);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 2.85734694 realized-pnl',
    'A -> fund:BTC-USD 0.07143367347 clearance-fee',
  ]);
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(left(world, 'A', 'BTC'), '3.07121938653');
});
