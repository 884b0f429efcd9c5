/**
 * The preset in the manner of Drift, worked by hand: 5 % maintenance, closed until 7 % is kept (2 % is buffer), a
 * tenth of what is lacking at once and 1.5 % more a second, all of it below 50 USDC; at the mark, for a fee of 1 %.
 * What the fund cannot pay is closed against winners in proportion to contracts.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { SECOND, type TinyAccount, type TinyBeat } from '../support/tinyWorld.ts';
import { venueStory } from '../support/venueStory.ts';
import { ends, filled, left, paid } from './told.ts';

const drift = (fund: string, accounts: readonly TinyAccount[], beats: readonly TinyBeat[]) =>
  venueStory('drift-like', 'BTC-PERP', { fund, accounts, beats });
const at = (...indexes: string[]): TinyBeat[] => indexes.map((index) => ({ index }));

test('a tenth at once, a little more each second, and no more once the mark is back', async () => {
  // 10 BTC from 40 000 with 57 000. At 36 000: equity 17 000 below 18 000; 25 200 with the buffer, 8 200 lacking. A
  // BTC closed frees 2 520 less the fee of 360: 8 200 / 2 160 = 3.797 would do. A tenth of it is 0.38 (up to the
  // step): 820.80 freed. A second later 11.5 % of 8 200 is 943: of 7 379.20 lacking another 122.20, 0.01656 of 3.417
  // BTC: 0.057, 123.12 freed. Then 13 %: 1 066, of 7 256.08 another 122.08, 0.016825 of 3.36 BTC: 0.057 again. 38
  // 000: 57 000 - 1 976 (realized) - 177.84 (fees) - 2 000 x 9.506 = 35 834.16, 7 % of 361 228 is 25 285.96: the end.
  // At 36 000 once more it begins anew: 23 955.12 - 16 822.16 lacking, a tenth of 3.303 BTC.
  const { world, rows } = await drift(
    '0',
    [{ name: 'A', legs: [{ side: 'long', qty: '10', entry: '40000', margin: '57000' }] }],
    at('40000', '36400', '36000', '36000', '36000', '38000', '36000'),
  );
  assert.deepEqual(
    rows.liquidations.map(
      (l) => `${l.tsUs / SECOND} ${l.equity} ${l.maintenanceMargin} ${l.end} ${l.endUs / SECOND}`,
    ),
    ['4 17000 18000 reduced 7', '8 16822.16 17110.8 open 8'],
  );
  assert.deepEqual(
    rows.fills.map((f) => `${f.tsUs / SECOND} ${filled(f)}`),
    [
      '4 A close 0.38 @ 36000 mark',
      '5 A close 0.057 @ 36000 mark',
      '6 A close 0.057 @ 36000 mark',
      '8 A close 0.331 @ 36000 mark',
    ],
  );
  assert.deepEqual(rows.transfers.map(paid).slice(0, 6), [
    'A -> market 1520 realized-pnl',
    'A -> fund:insurance 136.8 clearance-fee',
    'A -> market 228 realized-pnl',
    'A -> fund:insurance 20.52 clearance-fee',
    'A -> market 228 realized-pnl',
    'A -> fund:insurance 20.52 clearance-fee',
  ]);
  assert.equal(left(world, 'fund:insurance', 'USDC'), '297'); // 136.80 + 2 x 20.52 + 119.16
});

test('less than 50 lacking: all that the buffer needs at once, and not a step more', async () => {
  // 0.05 BTC at 36 000, equity 85 below 90; with the buffer 126, 41 lacking: 41 / 2 160 = 0.019 (up). 78.16 is left,
  // 7 % of 0.031 BTC is 78.12. One step less, 0.018, would leave 78.52 of 80.64.
  const { world, rows } = await drift(
    '0',
    [{ name: 'A', legs: [{ side: 'long', qty: '0.05', entry: '40000', margin: '285' }] }],
    at('40000', '36000', '36000', '36000'),
  );
  assert.deepEqual(rows.fills.map(filled), ['A close 0.019 @ 36000 mark']);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 76 realized-pnl',
    'A -> fund:insurance 6.84 clearance-fee',
  ]);
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.equal(left(world, 'A', 'USDC'), '202.16');
});

test('the trigger is strict: equity of exactly 5 % stands', async () => {
  const legs = [{ side: 'long', qty: '1', entry: '40000', margin: '5800' }] as const;
  const short = [{ ...legs[0], margin: '5799.999999' }];
  const { rows } = await drift(
    '0',
    [
      { name: 'even', legs },
      { name: 'short', legs: short },
    ],
    at('40000', '36000'),
  );
  assert.deepEqual([...new Set(rows.fills.map((f) => f.account))], ['short']);
});

test('a gap: the fund pays for what it can of the first tenth, winners are closed 3 to 1 for the rest', async () => {
  // 1 BTC with 2 000 is worth -2 000 at 36 000, bankrupt at 38 000. A tenth would cost the fund 200 of its 80: 0.04
  // are closed. The other 0.96 go to the shorts of 3 and 1 BTC, at 38 000: 2 000 a BTC less than the mark would give
  // them.
  const { world, rows } = await drift(
    '80',
    [
      { name: 'L', legs: [{ side: 'long', qty: '1', entry: '40000', margin: '2000' }] },
      { name: 'S', legs: [{ side: 'short', qty: '3', entry: '41000', margin: '20000' }] },
      { name: 'T', legs: [{ side: 'short', qty: '1', entry: '39000', margin: '20000' }] },
    ],
    at('40000', '36000', '36000'),
  );
  assert.deepEqual(ends(rows), ['L deleveraged']);
  assert.deepEqual(rows.fills.map(filled).sort(), [
    'L close 0.04 @ 36000 mark',
    'L close 0.96 @ 38000 bankruptcy',
    'S close 0.72 @ 38000 bankruptcy',
    'T close 0.24 @ 38000 bankruptcy',
  ]);
  assert.deepEqual(
    rows.adl.map((a) => [a.account, a.givenUp.toString()]),
    [
      ['S', '1440'],
      ['T', '480'],
    ],
  );
  assert.equal(rows.liquidations[0]!.fees.toString(), '0'); // nothing is left to charge
  assert.equal(rows.liquidations[0]!.deficit.toString(), '80');
  assert.deepEqual(
    ['L', 'fund:insurance', 'S', 'T'].map((party) => left(world, party, 'USDC')),
    ['0', '0', '22160', '20240'], // 0.72 x 3 000 and 0.24 x 1 000
  );
});
