/**
 * Bybit's unified account by its own book, worked by hand: dollars as unit, coins count 95 %, tether whole, one ratio
 * of tier maintenance to the whole account's equity. ETHUSDT, where a story has it, takes BTCUSDT's table: the book
 * has no other.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money } from '../../../src/basics/exact.ts';
import { linearMarket, play, SECOND, type TinyAccount, type TinyBeat } from '../../support/tinyWorld.ts';
import { conserved, venueBook } from '../../support/venueBook.ts';
import { ends, filled, left, paid } from '../told.ts';

const { markets, rules, own } = venueBook('bybit-uta@2023-09', 'BTCUSDT');
const ETH = linearMarket('ETHUSDT');

async function uta(
  fund: string,
  accounts: readonly Omit<TinyAccount, 'cross' | 'asset'>[],
  beats: Readonly<Record<string, readonly TinyBeat[]>>,
) {
  const told = await play({
    markets: 'ETHUSDT' in beats ? [...markets, ETH] : markets,
    rules: {
      ...rules,
      markets: { BTCUSDT: own, ETHUSDT: own },
      funds: [{ ...rules.funds![0]!, markets: Object.keys(beats) }],
    },
    assumptions: { fundOpening: { USDT: money(fund) } },
    accounts: accounts.map((account) => ({ ...account, cross: true, asset: 'USDT' })),
    beats,
  });
  conserved(told.world);
  return told;
}
/** Indexes of a market in which nothing trades: an order finds nobody. */
const still = (...indexes: string[]): TinyBeat[] => indexes.map((index) => ({ index, volume: '0' }));

test('a debt is repaid from coins before a position is touched; what remains falls with the next leg down', async () => {
  // 30 000 USDT borrowed against 1 BTC, long another from 40 000. Equity at P: 0.95 P - 30 000 + P - 40 000. 36 000:
  // 200 against 0.5 % of it, 180. 35 980: 161 against 179.90. The repayment sells 30 000 / 35 980 BTC and frees their
  // haircut, 5 % of 30 000: 1 661 are left. With 0.16620... BTC: 34 700: 5 478.90 - 5 300 = 178.90 against 173.50; 34
  // 690: 5 477.32 - 5 310 = 167.32 against 173.45. No debt now, so the leg is closed, and the coins pay its loss.
  const { world, rows } = await uta(
    '1000',
    [
      {
        name: 'A',
        wallet: '-30000',
        further: { BTC: '1' },
        legs: [{ side: 'long', qty: '1', entry: '40000' }],
      },
    ],
    {
      BTCUSDT: ['40000', '36000', '35980', '34700', '34690', '34690'].map((index) => ({
        index,
        last: '34690',
      })),
    },
  );
  assert.deepEqual(
    rows.liquidations.map((l) =>
      [l.tsUs / SECOND, l.end, l.equity, l.maintenanceMargin, l.markAtVerdict].join(' '),
    ),
    ['4 recovered 161 179.9 35980', '6 closed 167.317676486937173001 173.45 34690'],
  );
  assert.deepEqual(rows.fills.map(filled), ['A close 1 @ 34690 book']);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 0.833796553640911618 exchange', // 30 000 / 35 980, up
    'market -> A 30000 exchange',
    'A -> market 5310 realized-pnl',
    'A -> market 0.153070049005477083 exchange', // 5 310 / 34 690, up
    'market -> A 5310 exchange',
  ]);
  assert.equal(left(world, 'A', 'BTC'), '0.013133397353611299');
  assert.equal(left(world, 'A'), '0');
  assert.equal(left(world, 'fund:USDT'), '1000');
});

test('the leg whose end frees most margin goes first, a tier at a time, and the other is kept', async () => {
  // 60 BTC at 39 000 are 2 340 000, in the second tier: 0.56 % less 1 200 is 11 904; 100 ETH at 2 000 ask for 1 000.
  // The first tier ends at 2 000 000: 51.282 BTC, so 8.718 go. Those ask for 9 999.99: with ETH 10 999.99.
  const legs = [
    { market: 'BTCUSDT', side: 'long', qty: '60', entry: '40000' },
    { market: 'ETHUSDT', side: 'long', qty: '100', entry: '2000' },
  ] as const;
  const { world, rows } = await uta(
    '1000',
    [
      { name: 'A', wallet: '70500', legs }, // 10 500 at 39 000: short of it still, so the rest of BTC goes
      { name: 'B', wallet: '71500', legs }, // 11 500: one step is enough
      { name: 'C', wallet: '72905', legs }, // 12 905, one more than 12 904
    ],
    {
      BTCUSDT: ['40000', '39500', '39000', '39000'].map((index) => ({ index, last: '39000' })),
      ETHUSDT: ['2000', '2000', '2000', '2000'].map((index) => ({ index })),
    },
  );
  assert.deepEqual(
    rows.liquidations.map((l) => [l.account, l.market, l.end, l.equity, l.maintenanceMargin].join(' ')),
    ['A BTCUSDT reduced 10500 12904', 'B BTCUSDT reduced 11500 12904'],
  );
  assert.deepEqual(
    rows.fills.map((f) => `${f.market} ${filled(f)}`),
    [
      'BTCUSDT A close 8.718 @ 39000 book',
      'BTCUSDT A close 51.282 @ 39000 book',
      'BTCUSDT B close 8.718 @ 39000 book',
    ],
  );
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 8718 realized-pnl',
    'A -> market 51282 realized-pnl',
    'B -> market 8718 realized-pnl',
  ]);
  assert.equal(left(world, 'A'), '10500'); // no fee
});

/** Bankrupt at 35 000: 500 USDT and 0.1 BTC that count 3 325, less 5 000. Its price is 40 000 - (5 000 - 1 175) = 36 175. */
const GAP = {
  name: 'A',
  wallet: '500',
  further: { BTC: '0.1' },
  legs: [{ market: 'BTCUSDT', side: 'long', qty: '1', entry: '40000' }],
} as const;

test('a gap into the fund; at a fall of exactly 30 % it refuses, and winners are closed within 5 % of the mark', async () => {
  // The fund holds 1 BTC from 36 175: worth 8 825 at 35 000, 7 000 at 33 175. At 31 000 B (8 000) is bankrupt at 32
  // 000, 1 000 off, and C (7 000) at 33 000, 2 000 off the mark: more than 1 550. The fund pays C's 2 000, of the 4
  // 825 it is worth.
  const long = { side: 'long', qty: '1', entry: '40000' } as const;
  const { world, rows } = await uta(
    '10000',
    [
      GAP,
      { name: 'B', wallet: '8000', legs: [long] },
      { name: 'C', wallet: '7000', legs: [long] }, // at 33 175: 175 against 165.875
      { name: 'S', wallet: '50000', legs: [{ side: 'short', qty: '2', entry: '41000' }] },
    ],
    { BTCUSDT: still('40000', '35000', '33175', '31000') },
  );
  assert.deepEqual(ends(rows), ['A takenOver', 'C deleveraged', 'B deleveraged']);
  assert.deepEqual(rows.fills.map(filled), [
    'A close 1 @ 36175 bankruptcy',
    'fund:USDT open 1 @ 36175 bankruptcy',
    'S close 1 @ 31000 mark',
    'C close 1 @ 31000 mark',
    'S close 1 @ 32000 bankruptcy',
    'B close 1 @ 32000 bankruptcy',
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 3825 realized-pnl',
    'A -> market 0.095 exchange', // the 3 325 that are lacking, at 35 000
    'market -> A 3325 exchange',
    'fund:USDT -> C 2000 deficit',
    'market -> S 10000 realized-pnl',
    'C -> market 9000 realized-pnl',
    'market -> S 9000 realized-pnl',
    'B -> market 8000 realized-pnl',
  ]);
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.givenUp.toString()]),
    [
      ['S', '0'],
      ['S', '1000'],
    ],
  );
  assert.equal(left(world, 'A', 'BTC'), '0.005'); // the haircut of what was sold stays with the trader
  assert.deepEqual(
    ['A', 'B', 'C', 'S', 'fund:USDT'].map((party) => left(world, party)),
    ['0', '0', '0', '69000', '8000'],
  );
});

test('the fund stays out until its fall is less than 25 %', async () => {
  // 33 675 is a fall of exactly 25 %, so E's ten ETH (bankrupt at 2 000 - 90) go to the winner in the next beat,
  // although the fund has 7 825 by then; F's (bankrupt at 1 810) come a beat later, and it takes them.
  const legs = [{ market: 'ETHUSDT', side: 'long', qty: '10', entry: '2000' }] as const;
  const { world, rows } = await uta(
    '10000',
    [
      GAP,
      { name: 'E', wallet: '900', legs },
      { name: 'F', wallet: '1900', legs },
      {
        name: 'S',
        wallet: '9000',
        legs: [{ market: 'ETHUSDT', side: 'short', qty: '10', entry: '2100' }],
      },
    ],
    {
      BTCUSDT: still('40000', '35000', '33175', '33675', '34000', '34500'),
      ETHUSDT: still('2000', '2000', '2000', '2000', '1900', '1800'),
    },
  );
  assert.deepEqual(ends(rows), ['A takenOver', 'E deleveraged', 'F takenOver']);
  assert.deepEqual(rows.fills.slice(2).map(filled), [
    'S close 10 @ 1910 bankruptcy',
    'E close 10 @ 1910 bankruptcy',
    'F close 10 @ 1810 bankruptcy',
    'fund:USDT open 10 @ 1810 bankruptcy',
  ]);
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.givenUp.toString()]),
    [['S', '100']], // 10 x (1 910 - 1 900)
  );
  // 34 500 - 36 175 and 10 x (1 800 - 1 810)
  assert.equal(rows.fund.at(-1)!.inventoryPnl.toString(), '-1775');
  assert.equal(left(world, 'fund:USDT'), '10000');
});
