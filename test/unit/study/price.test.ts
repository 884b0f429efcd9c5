/**
 * The calculator against published worked examples, through the rule books of the package. Where a
 * book's own numbers differ from the example's, the override says so.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { listRules, readRules } from '../../../src/rules/readRules.ts';
import { bandsOf, type Priced, priceAccount } from '../../../src/study/price.ts';
import { readAccountForm } from '../../../src/study/priceSchema.ts';

type Fields = Record<string, unknown>;
interface Reach {
  price: string;
  onTick: string | null;
  distance: string;
  distanceShare: string;
  equityLost: string;
}
interface Answer {
  unit: string;
  equity: string;
  maintenance: string;
  ratio: string | null;
  liquidatable: boolean;
  venueRatio: { over: string; under: string };
  markets: { market: string; liquidationBelow: Reach | null; liquidationAbove: Reach | null }[];
  legs: { bankruptcyPrice: string | null; tier: number; maintenance: string; adl: Fields }[];
  alert: { level: string; ratio: string; distance: string };
  timeToLiquidation: { seconds: string | null }[];
  steps: { step: string; formula: string; value: string; unit: string }[];
}

const BANDS = bandsOf('0.5,0.8', '0.01,0.03');
const asked = (account: Fields, rules?: string, overrides: readonly string[] = []): Priced =>
  priceAccount({
    account: readAccountForm(account as never, { file: 'account', code: 'SCENARIO_INVALID' }),
    ...(rules === undefined ? {} : { rules }),
    overrides,
    bands: BANDS,
  });
const pockets = (...question: Parameters<typeof asked>): Answer[] =>
  (asked(...question).json as { pockets: Answer[] }).pockets;
const priced = (...question: Parameters<typeof asked>): Answer => pockets(...question)[0]!;

const leg = (text: string, more: Fields = {}): Fields => {
  const [side, qty, market, entry, mark] = text.split(' ');
  return { side, qty, market, entry, mark, ...more };
};
const near = (text: string | undefined, expected: number, width: number): void =>
  assert.ok(text !== undefined && Math.abs(Number(text) - expected) <= width, `${text}, not ${expected}`);

test('Binance FAQ: 109.488 BTC with 1,535,443.01 is liquidated at 18,778.73', () => {
  const account = { legs: [leg('long 109.488 BTCUSDT 32481.98 31967.27', { margin: '1535443.01' })] };
  const found = priced(account, 'binance-usdm@2021-05');
  near(found.markets[0]!.liquidationBelow!.price, 18778.73, 0.005);
  // the FAQ's maintenance of this leg at 31,967.27: 71,200.81144
  near(found.legs[0]!.maintenance, 71200.81144, 0.00001);
  assert.equal(found.legs[0]!.tier, 4);
  assert.equal(found.markets[0]!.liquidationAbove, null);
});

test('Bybit: 1 at 20,000 with 50 times leverage is liquidated at 19,700', () => {
  const account = { legs: [leg('long 1 BTCUSDT 20000 19900', { leverage: '50' })] };
  const found = priced(account, 'bybit-usdt@2020-04');
  assert.equal(found.markets[0]!.liquidationBelow!.price, '19700');
  assert.equal(found.legs[0]!.maintenance, '100');
});

test('Bybit inverse: 5,000 at 7,890.08 with 50 times leverage goes bankrupt at 7,735.50 without a fee', () => {
  const account = { legs: [leg('long 5000 BTCUSD 7890.08 7900', { leverage: '50' })] };
  const noFee = ['rules.markets.BTCUSD.bankruptcy.feeRate=0'];
  assert.equal(priced(account, 'bybit-inverse@2020-03', noFee).legs[0]!.bankruptcyPrice, '7735.5');
});

test('Bybit inverse: 60,000 at 50,000 with ten times leverage, isolated: 45,662.10', () => {
  const account = { legs: [leg('long 60000 BTCUSD 50000 49000', { leverage: '10' })] };
  const found = priced(account, 'bybit-inverse@2020-03');
  near(found.markets[0]!.liquidationBelow!.price, 45662.1, 0.005);
});

test('OKX: a short of 1 at 10 with three times leverage, 1 % and 0.06 %: 13.193482', () => {
  const account = { legs: [leg('short 1 BTC-USDT-SWAP 10 10', { leverage: '3' })] };
  const found = priced(account, 'okx-usdt@2022-06', [
    'rules.markets.BTC-USDT-SWAP.tiers={whole: [{upTo: 100, maintenanceRate: 0.01, initialRate: 0.02}]}',
    'rules.markets.BTC-USDT-SWAP.closingFee=0.0006',
    'rules.reduction={kind: full}',
  ]);
  near(found.markets[0]!.liquidationAbove!.price, 13.193482419684678, 1e-9);
  // the venue's own ratio is the other way round: 3.33 of equity over 10 * 1.06 %
  near(found.venueRatio.over, 10 / 3, 1e-9);
  assert.equal(found.venueRatio.under, '0.106');
});

test('BitMEX: 180 XBT keep 0.5 %, 0.90 XBT', () => {
  const account = { legs: [leg('long 1440000 XBTUSD 8000 8000', { leverage: '10' })] };
  const found = priced(account, 'bitmex-xbtusd@2020-03');
  assert.equal(found.legs[0]!.maintenance, '0.9');
  assert.equal(found.unit, 'XBT');
});

test('source document 000: its calculator with its own rules says 76,400; maintenance at mark says 76,381.91', () => {
  const account = { legs: [leg('long 1 BTCUSDT 80000 78500', { margin: '4000' })] };
  const flat = 'rules.markets.BTCUSDT.tiers=[{upTo: 1000000000, maintenanceRate: 0.005, initialRate: 0.01}]';
  const source = priced(account, 'source-000', [flat, 'rules.markets.BTCUSDT.notionalAt=entry']);
  assert.equal(source.markets[0]!.liquidationBelow!.price, '76400');
  const venue = priced(account, 'binance-usdm@2021-05', [flat]);
  near(venue.markets[0]!.liquidationBelow!.price, 76000 / 0.995, 1e-9);
});

test('distance, loss, ratio and time are exact quotients', () => {
  const account = {
    legs: [leg('long 1 BTCUSDT 80000 78500', { margin: '4000' })],
    velocity: '-120/min',
  };
  const found = priced(account);
  // tier 2: (80,000 - 4,000 - 50) / 0.995 = 76,331.658291457286...; rounded away from the mark
  const below = found.markets[0]!.liquidationBelow!;
  assert.equal(below.price, '76331.658291457286');
  assert.equal(below.distance, '2168.341708542714');
  assert.equal(below.distanceShare, '0.027622187369'); // 2168.341708542714 / 78500, cut
  assert.equal(below.equityLost, '2168.341708542714'); // one unit: price and equity fall together
  assert.equal(found.equity, '2500');
  assert.equal(found.maintenance, '342.5'); // 78,500 * 0.5 % - 50
  assert.equal(found.ratio, '0.137');
  assert.equal(found.timeToLiquidation[0]!.seconds, '1084.170854'); // 2168.34... * 60 / 120, cut
  // 76,000 / (1 - fee): the book's closing fee of 0.04 %
  assert.equal(found.legs[0]!.bankruptcyPrice, '76030.412164865947');
  const away = priced({ ...account, velocity: '120/min' });
  assert.equal(away.timeToLiquidation[0]!.seconds, null);
});

test('alert bands: the worse of ratio and distance, each judged at its bound', () => {
  const with4000 = (mark: string, margin = '4000'): Answer['alert'] =>
    priced({ legs: [leg(`long 1 BTCUSDT 80000 ${mark}`, { margin })] }).alert;
  assert.deepEqual(
    [with4000('80000').level, with4000('78500').distance, with4000('77000').level],
    ['ok', 'warning', 'critical'],
  );
  assert.equal(with4000('76331').level, 'liquidatable');
  // equity 700, maintenance 350 at 80,000 (0.5 % - 50): exactly 50 %
  assert.equal(with4000('80000', '700').ratio, 'warning');
  assert.equal(with4000('80000', '700.01').ratio, 'ok');
  // a distance of exactly 3 % is not below 3 %: liquidated at 77,600 where (p - 76,000) = 0.5 % p - 50 ...
  const exact = priced({ legs: [leg('long 1 BTCUSDT 80000 80000', { margin: '2788' })] }, undefined, [
    'rules.markets.BTCUSDT.tiers=[{upTo: 1000000000, maintenanceRate: 0.005, initialRate: 0.01}]',
  ]);
  // ... here (80,000 - 2,788) / 0.995 = 77,600 = 97 % of 80,000
  assert.equal(exact.markets[0]!.liquidationBelow!.price, '77600');
  assert.equal(exact.alert.distance, 'ok');
});

test('hedge legs of a cross account share a price on each side; isolated they are two pockets', () => {
  // 100.4 % of ... by hand: long 2, short 1 at 100 and 100, wallet 50, 1 %: below (200 - 100 - 50) / (1 - 0.03),
  // above none, for the pair is net long: equity grows by 1 and maintenance by 0.03 a unit
  const flat = ['rules.markets.BTCUSDT.tiers=[{upTo: 1000000000, maintenanceRate: 0.01, initialRate: 0.02}]'];
  const legs = [leg('long 2 BTCUSDT 100 100'), leg('short 1 BTCUSDT 100 100')];
  const cross = pockets({ mode: 'cross', wallet: '50', legs }, undefined, flat);
  assert.equal(cross.length, 1);
  near(cross[0]!.markets[0]!.liquidationBelow!.price, 50 / 0.97, 1e-11);
  assert.equal(cross[0]!.markets[0]!.liquidationAbove, null);
  // with equal legs the requirement alone decides: 50 = 0.04 p at 1,250
  const even = [leg('long 2 BTCUSDT 100 100'), leg('short 2 BTCUSDT 100 100')];
  const flatPair = pockets({ mode: 'cross', wallet: '50', legs: even }, undefined, flat)[0]!;
  assert.equal(flatPair.markets[0]!.liquidationBelow, null);
  assert.equal(flatPair.markets[0]!.liquidationAbove!.price, '1250');
  const isolated = pockets({ legs: legs.map((l) => ({ ...l, leverage: '10' })) }, undefined, flat);
  assert.equal(isolated.length, 2);
  near(isolated[1]!.markets[0]!.liquidationAbove!.price, 110 / 1.01, 1e-11);
});

test('cross over several markets: each market moves while the other stands still', () => {
  const found = priced({
    mode: 'cross',
    wallet: '3000',
    legs: [leg('long 1 BTCUSDT 40000 40000'), leg('short 10 ETHUSDT 2500 2500')],
  });
  const [btc, eth] = found.markets;
  // BTC: 3000 + (p - 40000) = 0.004 p + 25000 * 0.0065 - 15: 37147.5 / 0.996
  near(btc!.liquidationBelow!.price, 37147.5 / 0.996, 1e-8);
  // ETH: 3000 - 10 (p - 2500) = 160 + 10 p 0.0065 - 15: 27855 / 10.065
  near(eth!.liquidationAbove!.price, 27855 / 10.065, 1e-8);
});

test('lights: a stated rank, or the scores of the other winners; nobody in loss', () => {
  const lightsOf = (adl: Fields | undefined, mark = '84000'): Fields =>
    priced({
      legs: [leg(`long 1 BTCUSDT 80000 ${mark}`, { margin: '4000', ...(adl === undefined ? {} : { adl }) })],
    }).legs[0]!.adl;
  assert.equal(lightsOf({ rank: '1', winners: '10' }).lights, 5);
  assert.equal(lightsOf({ rank: '10', winners: '10' }).lights, 1);
  // Binance: profit / wallet * maintenance / equity = 4000 / 4000 * (84000 * 0.5 % - 50) / 8000 = 0.04625
  const scored = lightsOf({ scores: ['0.05', '0.04625', '0.04', '0.01'] });
  assert.deepEqual([scored.score, scored.rank, scored.winners, scored.lights], ['0.04625', 2, 5, 4]);
  assert.equal(lightsOf(undefined).lights, null);
  assert.equal(lightsOf({ rank: '1', winners: '2' }, '79000').lights, 0);
});

test('every step has its formula, and every market of every rule set can be priced', () => {
  let count = 0;
  for (const id of listRules()) {
    for (const market of Object.keys(readRules(id).markets)) {
      for (const side of ['long', 'short']) {
        const legs = [leg(`${side} 10 ${market} 5000 5000`, { leverage: '5' })];
        const found = priced({ legs }, id);
        count++;
        assert.ok(found.steps.length >= 10 && found.steps.every((s) => s.formula !== '' && s.value !== ''));
        const reach = side === 'long' ? 'liquidationBelow' : 'liquidationAbove';
        assert.ok(found.liquidatable || found.markets[0]![reach] !== null, `${id} ${market} ${side}`);
      }
    }
  }
  assert.ok(count > 60, `${count}`);
});

const refusals: readonly [name: string, account: Fields, path: string, says: RegExp][] = [
  ['no leg', { legs: [] }, 'legs', /no position/],
  [
    'an unknown market',
    { legs: [leg('long 1 XYZ 1 1', { margin: '1' })] },
    'legs.0.market',
    /has no market XYZ/,
  ],
  [
    'half a lot',
    { legs: [leg('long 0.0005 BTCUSDT 9 9', { margin: '1' })] },
    'legs.0.qty',
    /whole number of lots/,
  ],
  ['no margin', { legs: [leg('long 1 BTCUSDT 9 9')] }, 'legs.0.margin', /no margin/],
  [
    'margin and leverage',
    { legs: [leg('long 1 BTCUSDT 9 9', { margin: '1', leverage: '2' })] },
    'legs.0.leverage',
    /both margin and leverage/,
  ],
  [
    'a leverage of 0',
    { legs: [leg('long 1 BTCUSDT 9 9', { leverage: '0' })] },
    'legs.0.leverage',
    /not a leverage/,
  ],
  [
    'a cross account without wallet',
    { mode: 'cross', legs: [leg('long 1 BTCUSDT 9 9')] },
    'wallet',
    /no wallet/,
  ],
  [
    'margin of a cross leg',
    { mode: 'cross', wallet: '1', legs: [leg('long 1 BTCUSDT 9 9', { margin: '1' })] },
    'legs.0.margin',
    /no margin of its own/,
  ],
  [
    'a wallet of isolated legs',
    { wallet: '1', legs: [leg('long 1 BTCUSDT 9 9')] },
    'wallet',
    /has no wallet/,
  ],
  [
    'two marks',
    { legs: [leg('long 1 BTCUSDT 9 9', { margin: '1' }), leg('short 1 BTCUSDT 9 8', { margin: '1' })] },
    'legs.1.mark',
    /two marks/,
  ],
  [
    'a side twice',
    { legs: [leg('long 1 BTCUSDT 9 9', { margin: '1' }), leg('long 2 BTCUSDT 9 9', { margin: '1' })] },
    'legs.1.side',
    /two long legs/,
  ],
  [
    'a mark of 0',
    { legs: [leg('long 1 BTCUSDT 9 0', { margin: '1' })] },
    'legs.0.mark',
    /not a price above 0/,
  ],
  ['a name misspelt', { lags: [] }, 'lags', /unknown name "lags"/],
  [
    'a velocity of 0',
    { velocity: '0/s', legs: [leg('long 1 BTCUSDT 9 9', { margin: '1' })] },
    'velocity',
    /not a velocity/,
  ],
  [
    'a rank beyond the last',
    { legs: [leg('long 1 BTCUSDT 9 9', { margin: '1', adl: { rank: '3', winners: '2' } })] },
    'legs.0.adl.rank',
    /rank 3 of 2/,
  ],
  [
    'facts of another market',
    { legs: [leg('long 1 BTCUSDT 9 9', { margin: '1' })], contracts: { ETHUSDT: { tick: '1' } } },
    'contracts.ETHUSDT',
    /no position in ETHUSDT/,
  ],
  [
    'digits below the grid',
    { legs: [leg('long 1 BTCUSDT 9 0.0000000000001', { margin: '1' })] },
    'legs.0.mark',
    /12 decimal places/,
  ],
];
for (const [name, account, path, says] of refusals) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => asked(account),
      (error: unknown) => {
        assert.ok(error instanceof ReplayError, String(error));
        assert.equal(error.code, 'SCENARIO_INVALID');
        assert.match(error.message, says);
        assert.equal(error.place.path, path);
        assert.notEqual(error.remedy, '');
        return true;
      },
    );
  });
}

test('bands are two ascending fractions', () => {
  for (const text of ['0.8,0.5', '0.5', 'a,b', '0.5,0.6,0.7'])
    assert.throws(() => bandsOf(text, '0.01,0.03'), /not two ascending fractions/);
});
