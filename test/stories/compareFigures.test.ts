/**
 * What a comparison says about one account, worked by hand: long 1.000 from 10 000 with 500 of isolated
 * margin, maintenance 0.4 %, fee 0.5 %. At a mark of 9 530 its equity is 500 - 470 = 30, below
 * 38.12: liquidated, filled at 9 525, the last price of the beat before. Whether that was needed
 * depends on what the mark does after the 60 seconds of grace.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { replay } from '../../src/replay.ts';
import { CompareSink, NO_ENTRY } from '../../src/study/compare/figures.ts';
import type { WorldFigures } from '../../src/study/compare/metrics.ts';
import { money, rate } from '../../src/basics/exact.ts';
import {
  linearMarket,
  SECOND,
  tiers,
  type Tiny,
  type TinyAccount,
  type TinyBeat,
  tinyRules,
  tinyWorld,
} from '../support/tinyWorld.ts';

const many = (n: number, index: string): TinyBeat[] => Array.from({ length: n }, () => ({ index }));
const OPENING: TinyBeat[] = [{ index: '10000', last: '9525' }, { index: '9530' }];

async function figures(after: readonly TinyBeat[], more: Partial<Tiny> = {}): Promise<WorldFigures> {
  const { world, frames } = tinyWorld({
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '10000', margin: '500' }] }],
    beats: [...OPENING, ...after],
    record: 'money',
    ...more,
  });
  const sink = new CompareSink([world]);
  await replay(frames, [world], sink);
  return sink.figures(0, 0, NO_ENTRY);
}

test('a liquidation that a minute of patience would have spared is unnecessary', async () => {
  // 9 520 for 30 s (equity 20), then 9 800: 300 of equity against 39.20
  const f = await figures([...many(30, '9520'), ...many(60, '9800')]);
  assert.equal(f.liquidatedAccounts, 1);
  assert.equal(f.unnecessary, 1);
  assert.equal(f.unnecessaryNotional, 9530);
  assert.equal(f.missed, 0);
});

test('below the bankruptcy price within the grace: unnecessary, and bankrupt for a moment', async () => {
  const f = await figures([...many(30, '9400'), ...many(60, '9800')]); // equity -100, then 300
  assert.deepEqual([f.unnecessary, f.missed], [1, 1]);
});

test('a second look after the grace decides: 9 530 once more is too low', async () => {
  const late = await figures([...many(70, '9800'), ...many(1, '9530'), ...many(20, '9800')]);
  assert.deepEqual([late.unnecessary, late.missed], [0, 0]);
  const early = await figures([...many(50, '9800'), ...many(1, '9530'), ...many(40, '9800')]);
  assert.equal(early.unnecessary, 1, 'the 51st second is still grace');
});

test('a verdict in the last minute cannot be judged', async () => {
  assert.equal((await figures(many(60, '9800'))).unnecessary, 0, 'the run ends with the grace');
  assert.equal((await figures(many(61, '9800'))).unnecessary, 1);
});

test('funding that the held position would have paid counts', async () => {
  // at 9 600 equity is 100; a stamp of 1 % takes 96, and 4 is below 38.40
  const startUs = 8 * 3600 * SECOND - 80 * SECOND;
  const after = many(120, '9600');
  const side = (text: string) => ({
    startUs,
    funding: [{ market: 'BTCUSDT', tsUs: 8 * 3600 * SECOND, rate: text }],
  });
  assert.equal((await figures(after, { side: side('0') })).unnecessary, 1);
  assert.equal((await figures(after, { side: side('0.01') })).unnecessary, 0);
});

test('trader cost is everything lost beyond the mark of the verdict', async () => {
  const f = await figures(many(5, '9530'));
  // slippage 9 530 - 9 525 = 5; of a fee of 47.625 the remaining 25 are taken: 30, all of the equity
  assert.equal(f.traderCost, 30);
  assert.equal(f.fundInflow, 25);
  assert.equal(f.badDebt, 0);
  assert.equal(f.liquidatedLong, 9525);
  assert.equal(f.partialRate, 0);
});

test('the fund falls from its peak by what it pays', async () => {
  // at 9 400 with an order at market the fill is 9 300: 700 lost, 500 had, 200 from the fund of 1 000
  const f = await figures([], {
    beats: [{ index: '10000', last: '9300' }, { index: '9400' }, { index: '9400' }],
    rules: { order: { kind: 'market' } },
  });
  assert.equal(f.badDebt, 200);
  assert.equal(f.shortfall, 0);
  assert.equal(f.fundOutflow, 200);
  assert.equal(f.fundDrawdown, 0.2);
});

/** Two worlds of hours: B falls with A, C half an hour later. */
test('figures by hour, tier and leverage, and waves', async () => {
  // the window ends its first beat at 00:00:02 of an hour; C's fall is in the next hour
  const startUs = 7 * 3600 * SECOND - 10 * SECOND;
  const { world, frames } = tinyWorld({
    // maintenance of B: 60 000 x 0.5 % - 50 = 250 in tier 2 from 50 000 on
    accounts: [
      { name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '10000', margin: '500' }] },
      { name: 'B', legs: [{ side: 'long', qty: '6.000', entry: '10000', margin: '3000' }] },
      { name: 'C', legs: [{ side: 'long', qty: '1.000', entry: '10000', margin: '700' }] },
    ],
    beats: [...OPENING, ...many(80, '9530'), { index: '9530', last: '9320' }, { index: '9330' }],
    side: { startUs },
    record: 'money',
  });
  const sink = new CompareSink([world]);
  await replay(frames, [world], sink);
  // A and B are closed at 9 525 in the second beat, C (equity 700 - 670 = 30) at 9 320 in the last
  const cells = sink.breakdown(0).filter((c) => c.metric === 'liquidatedNotional');
  assert.deepEqual(
    cells.map((c) => [c.side, c.hour || c.tier || c.leverage, c.value]),
    [
      ['long', '1970-01-01T06', 7 * 9525],
      ['long', '1970-01-01T07', 9320],
      ['long', '1', 9525 + 9320],
      ['long', '2', 6 * 9525],
      ['long', '5-10', 7 * 9525 + 9320],
    ],
  );
  const counted = sink.breakdown(0).filter((c) => c.metric === 'liquidatedAccounts' && c.hour !== '');
  assert.deepEqual(
    counted.map((c) => c.value),
    [2, 1],
  );
  const waves = sink.waves(0);
  assert.deepEqual(
    waves.map((w) => [w.place, w.side, (w.startUs - startUs) / SECOND, w.accounts, w.notional]),
    [
      [1, 'long', 2, 2, 7 * 9525],
      [2, 'long', 84, 1, 9320],
    ],
  );
  assert.equal(waves[0]!.peakUs, startUs - 50 * SECOND, 'the minute 06:59');
  assert.ok(waves.every((w) => Number.isNaN(w.adlSec) && Number.isNaN(w.fundSec)));
});

/**
 * The world of stories/deleverage.test.ts, three seconds later: M falls at 42 950 (equity 250 - 50 = 200, below 214.75)
 * and is closed at 43 000 without a loss. L falls at 42 600; 0.017 are sold at 42 000, for which the fund pays 9.69;
 * S3 and S1 are closed for the other 0.983 at 42 570.
 */
const short = (name: string, qty: string, entry: string, margin: string): TinyAccount => ({
  name,
  legs: [{ side: 'short', qty, entry, margin }],
});
const long = (name: string, margin: string): TinyAccount => ({
  name,
  legs: [{ side: 'long', qty: '1', entry: '43000', margin }],
});
const DELEVERAGED: Tiny = {
  rules: { order: { kind: 'market' } },
  marketRules: {
    BTCUSDT: { tiers: tiers([['1000000000', '0.005', '0', '0.01']]), clearanceFee: [{ rate: rate('0') }] },
  },
  assumptions: { fundOpening: { main: money('10') } },
  accounts: [
    long('M', '250'),
    long('L', '430'),
    short('S1', '0.5', '45000', '2250'),
    short('S2', '0.3', '44000', '4400'),
    short('S3', '0.5', '43500', '435'),
  ],
  beats: [
    { index: '43000' },
    { index: '42950', last: '43000' },
    ...many(2, '42950'),
    { index: '42950', last: '42000' },
    { index: '42600' },
  ],
  record: 'money',
};

async function sinkOf(tiny: Tiny): Promise<CompareSink> {
  const { world, frames } = tinyWorld(tiny);
  const sink = new CompareSink([world]);
  await replay(frames, [world], sink);
  return sink;
}

test('a wave tells how long the fund and the winners were spared', async () => {
  const sink = await sinkOf(DELEVERAGED);
  const [wave, ...others] = sink.waves(0);
  assert.deepEqual(others, []);
  assert.deepEqual([wave!.accounts, wave!.notional, wave!.fundSec, wave!.adlSec], [2, 43_000 + 714, 4, 4]);
  assert.equal(wave!.endUs - wave!.startUs, 4 * SECOND);
  const cells = (metric: string) =>
    sink
      .breakdown(0)
      .flatMap((c) => (c.metric === metric && c.tier !== '' ? [[c.side, c.tier, c.value]] : []));
  assert.deepEqual(cells('adlNotional'), [['short', '1', 0.983 * 42_570]]);
  assert.deepEqual(cells('badDebt'), [['long', '1', 9.69]]);
});

test('a wave tells of the fund of its own market', async () => {
  // in the same second A is sold at 9 300, 200 beyond its margin, and E at 9 525, with 25 left
  const markets = [linearMarket('BTCUSDT'), linearMarket('ETHUSDT')];
  const fund = (name: string, market: string) => ({
    ...tinyRules({}, 'USDT').funds[0]!,
    name,
    markets: [market],
  });
  const of = (name: string, market: string): TinyAccount => ({
    name,
    legs: [{ market, side: 'long', qty: '1.000', entry: '10000', margin: '500' }],
  });
  const sink = await sinkOf({
    markets,
    rules: { order: { kind: 'market' }, funds: [fund('btc', 'BTCUSDT'), fund('eth', 'ETHUSDT')] },
    assumptions: { fundOpening: { btc: money('1000'), eth: money('1000') } },
    accounts: [of('A', 'BTCUSDT'), of('E', 'ETHUSDT')],
    beats: {
      BTCUSDT: [{ index: '10000', last: '9300' }, { index: '9400' }, { index: '9400' }],
      ETHUSDT: [{ index: '10000', last: '9525' }, { index: '9530' }, { index: '9530' }],
    },
    record: 'money',
  });
  assert.deepEqual(
    sink.waves(0).map((w) => [w.market, w.notional, w.fundSec]),
    [
      ['BTCUSDT', 9300, 0],
      ['ETHUSDT', 9525, Number.NaN],
    ],
  );
});

test('funding of accounts to whom nothing else happened is in the gains, rows of money only or all', async () => {
  // two stamps of 1 %: 6 long at 10 000 pay 2 x 600, 2 short receive 2 x 200, the market 800
  const all = ['money', 'all'] as const;
  for (const record of all) {
    const f = await figures(many(22, '10000'), {
      record,
      accounts: [
        { name: 'B', legs: [{ side: 'long', qty: '6.000', entry: '10000', margin: '20000' }] },
        { name: 'C', legs: [{ side: 'short', qty: '2.000', entry: '10000', margin: '20000' }] },
      ],
      marketRules: { BTCUSDT: { funding: { intervalUs: 10 * SECOND, offsetUs: 0, paymentScale: null } } },
      side: { funding: [10, 20].map((s) => ({ market: 'BTCUSDT', tsUs: s * SECOND, rate: '0.01' })) },
    });
    assert.deepEqual([f.gainOthers, f.marketGain, f.traderLoss], [-800, 800, 1200], record);
  }
});
