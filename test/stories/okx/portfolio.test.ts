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
    assumptions: { fundOpening: { [rules.funds![0]!.name]: money('10000') } },
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
