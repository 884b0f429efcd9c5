/**
 * "COIN-M contracts are more likely to experience ADL due to smaller insurance funds" (source document 001):
 * the same positions on the same path, by Binance's own books of May 2021. USD-M has one fund for BTC and ETH,
 * COIN-M one for each coin. Each venue holds 60,000 USD in all; of COIN-M's, half stands behind each coin.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money } from '../../src/basics/exact.ts';
import type { Outbox } from '../../src/engine/rows.ts';
import { play, type TinyAccount } from '../support/tinyWorld.ts';
import { venueBook } from '../support/venueBook.ts';
import { ends, filled } from './told.ts';

/** From 40 000 to 38 900 in two steps; the book stays below every limit. */
const PATH = [
  { index: '40000', last: '38000' },
  { index: '39300', last: '38000' },
  { index: '38900', last: '38000' },
];

/** A long of 1 BTC at 40 000 with 2 % of margin, and a short of 1 BTC from 41 000 that can be closed. */
const linear: readonly TinyAccount[] = [
  { name: 'L', legs: [{ side: 'long', qty: '1', entry: '40000', margin: '800' }] },
  { name: 'S', legs: [{ side: 'short', qty: '1', entry: '41000', margin: '4100' }] },
];
/** The same in contracts of 100 USD: 400 of them from 40 000 are 1 BTC, 2 % of it is 0.02 BTC. */
const inverse: readonly TinyAccount[] = [
  { name: 'L', legs: [{ side: 'long', qty: '400', entry: '40000', margin: '0.02' }] },
  { name: 'S', legs: [{ side: 'short', qty: '400', entry: '41000', margin: '0.1' }] },
];

async function replayed(
  id: string,
  market: string,
  fund: string,
  accounts: readonly TinyAccount[],
): Promise<Outbox> {
  const { markets, rules, own } = venueBook(id, market);
  const { rows } = await play({
    markets,
    rules,
    marketRules: { [market]: own },
    assumptions: { fundOpening: { [rules.funds![0]!.name]: money(fund) } },
    accounts,
    beats: PATH,
  });
  return rows;
}

test('the shared fund takes the whole long, the fund of one coin sends a part of it to a winner', async () => {
  // USD-M: 1 BTC at 38 900 is within 100 % of 60 000 USDT.
  const usdM = await replayed('binance-usdm@2021-05', 'BTCUSDT', '60000', linear);
  assert.deepEqual(ends(usdM), ['L takenOver']);
  assert.deepEqual(usdM.adl, []);
  // COIN-M: 30 000 USD are 0.75 BTC at 40 000. A contract is 100 / 38 900 = 0.00257069 BTC: 291 make 0.74807,
  // 292 would make 0.75064. The other 109 contracts go to S.
  const coinM = await replayed('binance-coinm@2021-05', 'BTCUSD_PERP', '0.75', inverse);
  assert.deepEqual(ends(coinM), ['L deleveraged']);
  assert.deepEqual(
    coinM.fills.map(filled).map((line) => line.replace(/ @.*/, '')),
    ['L close 291', 'fund:coin-btc open 291', 'S close 109', 'L close 109'],
  );
});

test('it is the fund that makes the difference, not the coin: with all 60,000 USD behind it nobody is closed', async () => {
  const coinM = await replayed('binance-coinm@2021-05', 'BTCUSD_PERP', '1.5', inverse);
  assert.deepEqual(ends(coinM), ['L takenOver']);
  assert.deepEqual(coinM.adl, []);
});

test('the coin adds its own: margin falls with the price, so the coin-margined long fails at a higher mark', async () => {
  // USD-M fails where 800 - (40 000 - P) <= 0.4 % P: P = 39 200 / 0.996 = 39 357.43.
  // COIN-M fails where 0.02 + 1 - 40 000 / P <= 0.4 % x 40 000 / P: P = 40 160 / 1.02 = 39 372.55.
  const { markets, rules, own } = venueBook('binance-usdm@2021-05', 'BTCUSDT');
  const coin = venueBook('binance-coinm@2021-05', 'BTCUSD_PERP');
  const at = async (mark: string) => {
    const beats = [
      { index: '40000', last: '38000' },
      { index: mark, last: '38000' },
    ];
    const usdM = await play({ markets, rules, marketRules: { BTCUSDT: own }, accounts: linear, beats });
    const coinM = await play({
      markets: coin.markets,
      rules: coin.rules,
      marketRules: { BTCUSD_PERP: coin.own },
      accounts: inverse,
      beats,
    });
    return [usdM.rows.liquidations.length, coinM.rows.liquidations.length];
  };
  assert.deepEqual(await at('39372.56'), [0, 0]);
  assert.deepEqual(await at('39365'), [0, 1]);
  assert.deepEqual(await at('39357.42'), [1, 1]);
});
