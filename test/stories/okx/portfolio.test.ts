/**
 * OKX's portfolio margin by its own book, worked by hand: shocks of the index, 0.2 % of the net of perpetuals, at
 * least 0.45 % of everything by tiers that became wider on 15 January 2025. Orders as in the book of 2022.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money } from '../../../src/basics/exact.ts';
import { parseInstant } from '../../../src/basics/instant.ts';
import { play, SECOND, type TinyAccount, type TinyBeat } from '../../support/tinyWorld.ts';
import { conserved, venueBook } from '../../support/venueBook.ts';
import { ends, filled, left, paid } from '../told.ts';

const MARKET = 'BTC-USDT-SWAP';
const { markets, rules, own } = venueBook('okx-portfolio@2025-01', MARKET);

const CHANGE_US = parseInstant('2025-01-15T10:00Z');

async function okx(accounts: readonly TinyAccount[], beats: readonly TinyBeat[], startUs: number = SECOND) {
  const told = await play({
    markets,
    rules,
    marketRules: { [MARKET]: own },
    assumptions: { fundOpening: { [rules.funds![0]!.name]: money('30000') } },
    accounts,
    beats,
    side: { startUs },
  });
  conserved(told.world);
  return told;
}

test('a naked long is asked for 12.2 % and closed whole in the second tier; what is left is its own', async () => {
  // 10 BTC from 40 000 with 60 000. At 38 800: 48 000 against 12.2 % of 388 000. At 38 700: 47 000 against 47 214. It
  // gets 38 650 and pays 0.05 % of that.
  const { world, rows } = await okx(
    [{ name: 'A', cross: true, wallet: '60000', legs: [{ side: 'long', qty: '10', entry: '40000' }] }],
    [
      { index: '40000', last: '38650' },
      { index: '38800', last: '38650' },
      { index: '38700', last: '38650' },
      { index: '38700', last: '38650' },
    ],
  );
  assert.deepEqual(
    rows.liquidations.map((l) => `${l.tsUs / SECOND} ${l.equity} ${l.maintenanceMargin}`),
    ['4 47000 47214'],
  );
  assert.deepEqual(rows.fills.map(filled), ['A close 10 @ 38650 book']);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 13500 realized-pnl',
    'A -> fund:BTC-USDT 193.25 clearance-fee',
  ]);
  assert.deepEqual(ends(rows), ['A closed']);
  assert.equal(left(world, 'A'), '46306.75');
});

test('a gap into the fund; a third of it lost, the next one is closed against a winner at the mark', async () => {
  // A: 10 BTC with 50 000 (48 800 are asked for), bankrupt with the closing fee at 350 000 / 9.995. At 34 000 the fund
  // has lost 10 175.09 of 30 000 on them. B: 1 BTC with 10 200: 4 200 against 4 148 at 34 000, 3 200 against 4 026 at
  // 33 000, where nobody trades, the fund refuses and B is far from bankrupt (29 814.91).
  const still = ['40000', '34000', '33000'].map((index) => ({ index, volume: '0' }));
  const long = (qty: string) => [{ side: 'long', qty, entry: '40000' }] as const;
  const { world, rows } = await okx(
    [
      { name: 'A', cross: true, wallet: '50000', legs: long('10') },
      { name: 'B', cross: true, wallet: '10200', legs: long('1') },
      { name: 'S', cross: true, wallet: '20000', legs: [{ side: 'short', qty: '1', entry: '41000' }] },
    ],
    still,
  );
  assert.deepEqual(ends(rows), ['A takenOver', 'B deleveraged']);
  assert.deepEqual(rows.fills.map(filled), [
    'A close 10 @ 35017.508754377189 bankruptcy',
    'fund:BTC-USDT open 10 @ 35017.508754377189 bankruptcy',
    'S close 1 @ 33000 mark',
    'B close 1 @ 33000 mark',
  ]);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 49824.91245622811 realized-pnl',
    'market -> S 8000 realized-pnl',
    'B -> market 7000 realized-pnl',
  ]);
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.givenUp.toString()]),
    [['S', '0']],
  );
  // the fee inside A's price was charged by nobody: it stays A's
  assert.deepEqual(
    ['A', 'B', 'S', 'fund:BTC-USDT'].map((party) => left(world, party)),
    ['175.08754377189', '3200', '28000', '30000'],
  );
});

test('both sides of one book bear nothing but the least charge, which falls on 15 January 2025 at 10:00', async () => {
  // 1 000 BTC on each side at 40 000: 0.45 % of 80 000 000 is 360 000. Until then 10 000 + 60 000 x 2 + 100 000 x 4 +
  // 130 000 x 6 + 60 000 x 8, after it 250 000 + 110 000 x 2.
  const { rows } = await okx(
    [
      {
        name: 'A',
        cross: true,
        tracked: true,
        wallet: '2000000',
        legs: [
          { side: 'long', qty: '1000', entry: '40000' },
          { side: 'short', qty: '1000', entry: '40000' },
        ],
      },
    ],
    ['40000', '40000', '40000', '40000'].map((index) => ({ index })),
    CHANGE_US - 3 * SECOND,
  );
  assert.deepEqual(rows.liquidations, []);
  assert.deepEqual(
    rows.tracked
      .filter((t) => t.side === 'long')
      .map((t) => `${(t.tsUs - CHANGE_US) / SECOND} ${t.maintenanceMargin}`),
    ['-2 1790000', '-1 1790000', '0 470000', '1 470000'],
  );
});
