/**
 * Bybit's classic contracts by their own books: margin on the value at entry, a ladder of risk tiers, fill or kill,
 * takeover at once, what is left goes to the fund. Worked by hand.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money } from '../../../src/basics/exact.ts';
import { play, type TinyAccount, type TinyBeat } from '../../support/tinyWorld.ts';
import { conserved, venueBook } from '../../support/venueBook.ts';
import { ends, filled, left, paid } from '../told.ts';

const BOOKS = {
  BTCUSD: venueBook('bybit-inverse@2020-03', 'BTCUSD'),
  BTCUSDT: venueBook('bybit-usdt@2021-05', 'BTCUSDT'),
};

async function bybit(
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

test('inverse: from 200 BTC of risk to 150 in one order, and the account stands', async () => {
  // 8 000 000 contracts from 40 000 are 200 BTC at entry: the second tier, 1 % of it is 2 BTC. At 39 000 they are worth
  // 205.12820513: equity 7 - 5.12820513. The first tier ends at 150 BTC, so 2 000 000 are closed: 51.28205128 less 50.
  // 150 BTC ask for 0.5 %: 0.75.
  const { world, rows } = await bybit(
    'BTCUSD',
    '100',
    [{ name: 'A', legs: [{ side: 'long', qty: '8000000', entry: '40000', margin: '7' }] }],
    [
      { index: '40000', last: '39000', volume: '9000000' },
      { index: '39000', volume: '9000000' },
      { index: '39000' },
    ],
  );
  assert.deepEqual(rows.fills.map(filled), ['A close 2000000 @ 39000 book']);
  assert.deepEqual(rows.transfers.map(paid), ['A -> market 1.28205128 realized-pnl']);
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(rows.liquidations[0]!.maintenanceMargin.toString(), '2');
  assert.equal(rows.liquidations[0]!.equity.toString(), '1.87179487');
  assert.equal(left(world, 'A', 'BTC'), '5.71794872');
});

test('fill or kill: a book that has not all of it gives none of it, and the fund takes the whole position', async () => {
  // The same, but a beat trades 1 999 999 contracts. Bankrupt with the taker fee: 207 / 1.00075 = 206.84486635 (cut down),
  // 8 000 000 / 206.84486635 = 38 676.328..., to the tick against the account: 38 676.5.
  const { rows } = await bybit(
    'BTCUSD',
    '100',
    [{ name: 'A', legs: [{ side: 'long', qty: '8000000', entry: '40000', margin: '7' }] }],
    [
      { index: '40000', last: '39000', volume: '1999999' },
      { index: '39000', volume: '1999999' },
    ],
  );
  assert.deepEqual(rows.fills.map(filled), [
    'A close 8000000 @ 38676.5 bankruptcy',
    'fund:BTC open 8000000 @ 38676.5 bankruptcy',
  ]);
  assert.deepEqual(ends(rows), ['A takenOver']);
});

/** The page's form: entry - (initial - maintenance) / size = 40 000 - (800 - 200) = 39 400; bankrupt at 39 200. */
const B: TinyAccount = { name: 'B', legs: [{ side: 'long', qty: '1', entry: '40000', margin: '800' }] };

test('linear: at 39 400, not above, the lowest tier is closed whole into the fund', async () => {
  const { world, rows } = await bybit(
    'BTCUSDT',
    '1000',
    [B],
    [
      { index: '40000', last: '39000' },
      { index: '39400.01', last: '39000' },
      { index: '39400', last: '39000' },
    ],
  );
  assert.deepEqual(
    rows.liquidations.map((l) => [
      l.markAtVerdict.toString(),
      l.equity.toString(),
      l.maintenanceMargin.toString(),
    ]),
    [['39400', '200', '200']],
  );
  assert.deepEqual(rows.fills.map(filled), [
    'B close 1 @ 39200 bankruptcy',
    'fund:USDT open 1 @ 39200 bankruptcy',
  ]);
  assert.deepEqual(rows.transfers.map(paid), ['B -> market 800 realized-pnl']);
  assert.deepEqual(ends(rows), ['B takenOver']);
  assert.equal(left(world, 'B'), '0');
  assert.equal(left(world, 'fund:USDT'), '1000');
  assert.equal(rows.fund.at(-1)!.inventoryPnl.toString(), '200'); // 1 BTC from 39 200, marked at 39 400
});

test('a gap to 39 000 with an empty fund: the loss of 200 beyond bankruptcy is what the winner gives up', async () => {
  // S is short 1 from 41 000: closed at 39 200 it earns 1 800, at the mark it would have earned 2 000.
  const S: TinyAccount = { name: 'S', legs: [{ side: 'short', qty: '1', entry: '41000', margin: '4100' }] };
  const { world, rows } = await bybit(
    'BTCUSDT',
    '0',
    [B, S],
    [
      { index: '40000', last: '38000' },
      { index: '39000', last: '38000' },
    ],
  );
  assert.deepEqual(rows.fills.map(filled), ['S close 1 @ 39200 bankruptcy', 'B close 1 @ 39200 bankruptcy']);
  assert.deepEqual(rows.transfers.map(paid), [
    'market -> S 1800 realized-pnl',
    'B -> market 800 realized-pnl',
  ]);
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.givenUp.toString()]),
    [['S', '200']],
  );
  assert.deepEqual(ends(rows), ['B deleveraged']);
  assert.equal(left(world, 'S'), '5900');
});
