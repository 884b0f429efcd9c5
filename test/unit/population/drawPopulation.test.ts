/** The generator's shares, its exact values and its conditioning, by hand or with a stated tolerance. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { money, price, rate } from '../../../src/basics/exact.ts';
import { judge } from '../../../src/margin/trigger.ts';
import { type DrawnPopulation, drawPopulation } from '../../../src/population/drawPopulation.ts';
import type { DailyBar } from '../../../src/rules/facts.ts';
import { pocketsOf, requestOf, rowsOf } from './venue.ts';

const ACCOUNTS = 20_000;
const large = drawPopulation(
  requestOf({ accounts: ACCOUNTS / 2, leverageMix: 'HL2025' }, { markets: ['BTCUSDT', 'ETHUSDT'] }),
);
const shareOf = (population: DrawnPopulation, holds: (a: number) => boolean): number => {
  let count = 0;
  for (let a = 0; a < population.accounts; a++) count += holds(a) ? 1 : 0;
  return count / population.accounts;
};
/** Within four standard deviations of a binomial share. */
const about = (found: number, expected: number, n: number): void =>
  assert.ok(
    Math.abs(found - expected) < 4 * Math.sqrt((expected * (1 - expected)) / n),
    `${found} for ${expected}`,
  );

test('the stated shares are met by number', () => {
  const kinds = (a: number) => rowsOf(large, a).map((leg) => large.legMarket[leg]!);
  about(
    shareOf(large, (a) => large.liquidatable[a] === 1),
    0.25,
    ACCOUNTS,
  );
  about(
    shareOf(large, (a) => large.orderMargin[a]! > 0n),
    0.2,
    ACCOUNTS,
  );
  about(
    shareOf(large, (a) => kinds(a).length === 2 && kinds(a)[0] === kinds(a)[1]),
    0.05,
    ACCOUNTS,
  );
  about(
    shareOf(large, (a) => new Set(kinds(a)).size === 2),
    0.1,
    ACCOUNTS,
  );
  // isolated unless many markets: .35 * .9
  about(
    shareOf(large, (a) => large.cross[a] === 0),
    0.35 * 0.9,
    ACCOUNTS,
  );
});

test('hedgers are 45 % of longs and 60 % of shorts whatever is liquidatable, apart from hedge mode', () => {
  for (const share of ['0.25', '0.5', '0.9']) {
    const own = { accounts: ACCOUNTS, leverageMix: 'HL2025', liquidatableShare: rate(share) } as const;
    const p = drawPopulation(requestOf(own));
    const single = (a: number, side: number): boolean => {
      const rows = rowsOf(p, a);
      return rows.length === 1 && p.legSide[rows[0]!] === side;
    };
    for (const [side, expected] of [
      [1, 0.45],
      [-1, 0.6],
    ] as const) {
      const all = shareOf(p, (a) => single(a, side));
      const hedgers = shareOf(p, (a) => single(a, side) && p.hedger[a] === 1);
      about(hedgers / all, expected, ACCOUNTS * all);
      // one draw does not know of the other: of hedgers the liquidatable share is that of all
      const both = shareOf(p, (a) => single(a, side) && p.hedger[a] === 1 && p.liquidatable[a] === 1);
      about(both / hedgers, Number(share), ACCOUNTS * hedgers);
    }
    for (let a = 0; a < p.accounts; a++) {
      const rows = rowsOf(p, a);
      if (p.hedger[a] === 1) assert.ok(rows.every((leg) => p.legLeverage[leg]! <= 3));
      if (rows.length === 2) assert.equal(p.hedger[a], 0);
    }
  }
});

test('half liquidatable: .275 of longs and .2 of shorts may be liquidated at any leverage, by hand', () => {
  // liquidatable and no hedger: .5 * (1 - .45) = .275 of longs, .5 * (1 - .6) = .2 of shorts
  const flat = { hedgeShare: rate('0'), multiMarketShare: rate('0'), liquidatableShare: rate('0.5') };
  const p = drawPopulation(requestOf({ ...flat, accounts: ACCOUNTS }));
  for (const [side, expected] of [
    [1, 0.275],
    [-1, 0.2],
  ] as const) {
    const ofSide = (a: number): boolean => p.legSide[p.legStart[a]!] === side;
    const all = shareOf(p, ofSide);
    const free = shareOf(p, (a) => ofSide(a) && p.liquidatable[a] === 1 && p.hedger[a] === 0);
    about(free / all, expected, ACCOUNTS * all);
  }
});

test('free collateral averages .6 of the margin drawn, isolated or cross', () => {
  // A liquidatable isolated account keeps the margin that it drew, unless that was raised (0.1 % here).
  let free = 0;
  let margin = 0;
  for (let a = 0; a < large.accounts; a++) {
    if (large.cross[a] === 1 || large.liquidatable[a] === 0) continue;
    const own = rowsOf(large, a).reduce((sum, leg) => sum + Number(large.legMargin[leg]!), 0);
    free += Number(large.wallet[a]!) / own;
    margin += 1;
  }
  // An exponential's standard deviation is its mean: 4 * .6 / sqrt(1575) = .06
  assert.ok(Math.abs(free / margin - 0.6) < 0.06, String(free / margin));
});

test('leverage of liquidatable open interest follows the mix, hedgers apart', () => {
  const flat = { hedgeShare: rate('0'), multiMarketShare: rate('0'), liquidatableShare: rate('1') };
  const population = drawPopulation(requestOf({ ...flat, accounts: ACCOUNTS, leverageMix: 'HL2025' }));
  const below = (level: number): number => {
    let [held, all] = [0, 0];
    for (const [leg, lots] of population.legLots.entries()) {
      if (population.hedger[leg] === 1) continue; // one leg an account: they have one number
      all += lots;
      if (population.legLeverage[leg]! < level) held += lots;
    }
    return held / all;
  };
  // .363 and .848; heavy-tailed sizes leave some hundreds of positions with the weight, and the tilt by
  // size widens the mix a little: 5 points.
  assert.ok(Math.abs(below(3) - 0.363) < 0.05, String(below(3)));
  assert.ok(Math.abs(below(7) - 0.848) < 0.05, String(below(7)));
});

test('leverage stays within what the tier of the entry value allows', () => {
  const population = drawPopulation(requestOf({ accounts: 2000, leverageMix: 'BMX2019' }));
  for (const [leg, column] of population.legEntryValue.entries()) {
    const value = Number(column) / 1e8;
    const most = value <= 50_000 ? 125 : value <= 250_000 ? 100 : value <= 1e6 ? 50 : value <= 1e7 ? 20 : 10;
    assert.ok(population.legLeverage[leg]! <= most * 1.000001, `${population.legLeverage[leg]} at ${value}`);
  }
});

const flatDay = (at: number, volume: number): DailyBar => ({
  tsUs: 0,
  open: at,
  high: at,
  low: at,
  close: at,
  volume,
});

test('entry values by hand: linear 8000 a coin, inverse 1/8000 a contract', () => {
  for (const [id, perLot] of [
    ['BTCUSDT', 800_000_000n],
    ['XBTUSD', 12_500n],
  ] as const) {
    // .001 BTC at 8000 is 8 USDT = 800 000 000 units; 1 USD at 8000 is .000125 XBT = 12 500 units
    const request = requestOf({ accounts: 50 }, { markets: [id] });
    const population = drawPopulation({ ...request, before: { [id]: [flatDay(8000, 1)] } });
    for (const [leg, lots] of population.legLots.entries()) {
      assert.equal(population.legEntryValue[leg], BigInt(lots) * perLot);
    }
  }
});

test('an inverse entry value is cut once, to the nearest satoshi', () => {
  // n / 7900.5 in units of 1e-8 is n * 1e9 / 79005, never a tie; rounded: (2 n 1e9 / 79005 + 1) / 2
  const request = requestOf({ accounts: 50 }, { markets: ['XBTUSD'] });
  const population = drawPopulation({ ...request, before: { XBTUSD: [flatDay(7900.5, 1)] } });
  for (const [leg, lots] of population.legLots.entries()) {
    const twice = (BigInt(lots) * 2_000_000_000n) / 79_005n;
    assert.equal(population.legEntryValue[leg], (twice + 1n) / 2n);
  }
});

test('a long that is open has survived the lows since its entry', () => {
  // Everything was opened at 10 000; then a day without volume fell to 5000 and came back.
  const crash: DailyBar = { tsUs: 1, open: 10_000, high: 10_000, low: 5000, close: 10_000, volume: 0 };
  const population = drawPopulation({
    ...requestOf({ liquidatableShare: rate('1'), accounts: 400, hedgeShare: rate('0') }),
    before: { BTCUSDT: [flatDay(10_000, 1), crash] },
    firstMarkF64: { BTCUSDT: 10_000 },
  });
  for (let a = 0; a < population.accounts; a++) {
    const [leg] = rowsOf(population, a);
    if (population.legSide[leg!] === 1) {
      for (const pocket of pocketsOf(population, a)) {
        assert.equal(judge(pocket, () => price('5000'), { inclusive: true }).liquidatable, false);
      }
      // equity 1.05 * maintenance at 5000 means leverage below 2
      assert.ok(population.legLeverage[leg!]! < 2);
    }
  }
  // Another draw changes nothing here, so whoever failed was drawn four times and then raised.
  assert.ok(population.marginsRaised > 100);
  assert.equal(population.entriesRedrawn, 3 * population.marginsRaised);
});

test('what cannot be drawn is refused with its code', () => {
  const request = requestOf();
  const refused = (part: Partial<typeof request>, code: string): void =>
    assert.throws(
      () => drawPopulation({ ...request, ...part }),
      (error: unknown) => error instanceof ReplayError && error.code === code && error.remedy !== '',
    );
  const { assumption } = request;
  refused({ assumption: { ...assumption, openInterest: {} } }, 'SCENARIO_INVALID');
  refused({ assumption: { ...assumption, openInterest: { BTCUSDT: money('0') } } }, 'SCENARIO_INVALID');
  refused({ assumption: { ...assumption, openInterest: { BTCUSDT: money('0.05') } } }, 'SCENARIO_INVALID');
  refused({ assumption: { ...assumption, accounts: 1 } }, 'SCENARIO_INVALID');
  refused({ before: {} }, 'DATA_MISSING');
  refused({ rules: { ...request.rules, markets: {} } }, 'RULES_INVALID');
  assert.throws(() => drawPopulation({ ...request, firstMarkF64: {} }), RangeError);
});
