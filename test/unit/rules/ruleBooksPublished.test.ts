/**
 * The books against what was published: figures typed from the announcements, help pages and API answers
 * that docs/rules.md names, never from the files.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal } from 'decimal.js';
import { money, price, qty } from '../../../src/basics/exact.ts';
import { type Leg, valueAt } from '../../../src/margin/leg.ts';
import { legMaintenance, legTerms, tierIndex } from '../../../src/margin/maintenance.ts';
import { judge } from '../../../src/margin/trigger.ts';
import { readRules } from '../../../src/rules/readRules.ts';
import type { MarketRules } from '../../../src/rules/ruleSet.ts';
import { contract } from '../../support/venueBook.ts';

type Row = readonly [floor: number, percent: number, deduction: number, leverage?: number];

/** Rows of a table by its floors. */
function assertRows(id: string, market: string, rows: readonly Row[]): void {
  const { tiers } = readRules(id).markets[market]!;
  for (const [floor, percent, deduction, leverage] of rows) {
    const at = floor === 0 ? 0 : tiers.findIndex((tier) => tier.upTo.toString() === String(floor)) + 1;
    const tier = tiers[at];
    const what = `${id} ${market} above ${floor}`;
    assert.ok(tier !== undefined && (floor === 0 || at > 0), what);
    assert.equal(tier.maintenanceRate.toString(), new Decimal(percent).div(100).toString(), what);
    assert.equal(tier.maintenanceDeduction.toString(), String(deduction), what);
    if (leverage === undefined) continue;
    const off = new Decimal(1).div(leverage).minus(tier.initialRate.toString()).abs();
    assert.ok(off.lte('1e-12'), what);
  }
}

const BTC_2021: readonly Row[] = [
  [0, 0.4, 0, 125],
  [50_000, 0.5, 50, 100],
  [250_000, 1, 1_300],
  [1e6, 2.5, 16_300],
];

test('Binance BTCUSDT, dated tables of 2021 to 2024', () => {
  assertRows('binance-usdm@2021-06-22', 'BTCUSDT', [
    ...BTC_2021,
    [5e6, 5, 141_300],
    [20e6, 10, 1_141_300],
    [50e6, 12.5, 2_391_300],
    [100e6, 15, 4_891_300],
    [200e6, 25, 24_891_300],
    [300e6, 50, 99_891_300],
  ]);
  assertRows('binance-usdm@2022-02', 'BTCUSDT', [
    ...BTC_2021,
    [7.5e6, 5, 203_800],
    [40e6, 10, 2_203_800],
    [100e6, 12.5, 4_703_800],
    [200e6, 15, 9_703_800],
    [400e6, 25, 49_703_800],
    [600e6, 50, 199_703_800],
  ]);
  // the same rates as in 2021, but 250k at 25 and 1M at 15 times; restored on 17 February 2023
  assertRows('binance-usdm@2022-11', 'BTCUSDT', [
    [250_000, 1, 1_300, 25],
    [1e6, 2.5, 16_300, 15],
    [300e6, 50, 100_016_300],
  ]);
  assertRows('binance-usdm@2023-02', 'BTCUSDT', [
    [250_000, 1, 1_300, 50],
    [1e6, 2.5, 16_300, 20],
  ]);
  assertRows('binance-usdm@2023-03', 'BTCUSDT', [
    [3e6, 2.5, 46_300],
    [15e6, 5, 421_300],
    [30e6, 10, 1_921_300],
    [80e6, 12.5, 3_921_300],
    [100e6, 15, 6_421_300],
    [200e6, 25, 26_421_300],
    [300e6, 50, 101_421_300],
  ]);
  assertRows('binance-usdm@2023-08', 'BTCUSDT', [
    [20e6, 5, 546_300],
    [40e6, 10, 2_546_300],
    [100e6, 12.5, 5_046_300],
    [120e6, 15, 8_046_300],
    [300e6, 50, 103_046_300],
  ]);
  assertRows('binance-usdm@2023-12', 'BTCUSDT', [
    [500_000, 1, 2_550],
    [8e6, 2.5, 122_550],
    [50e6, 5, 1_372_550],
    [80e6, 10, 5_372_550],
    [100e6, 12.5, 7_872_550],
    [120e6, 15, 10_872_550],
    [200e6, 25, 30_872_550],
    [300e6, 50, 105_872_550],
  ]);
  for (const id of ['binance-usdm@2024-02', 'binance-usdm@2024-04']) {
    assertRows(id, 'BTCUSDT', [
      [500_000, 1, 2_550],
      [10e6, 2.5, 152_550],
      [80e6, 5, 2_152_550],
      [150e6, 10, 9_652_550],
      [300e6, 12.5, 17_152_550],
      [450e6, 15, 28_402_550],
      [600e6, 25, 88_402_550],
      [800e6, 50, 288_402_550],
    ]);
  }
});

test('Binance ETHUSDT: the FAQ of August 2020 and the snapshots of 2022', () => {
  // 1456.84 entry example: 4.9M of notional in the 10 % row with 135 365
  assertRows('binance-usdm@2020-06', 'ETHUSDT', [
    [0, 0.5, 0],
    [10_000, 0.65, 15],
    [100_000, 1, 365],
    [500_000, 2, 5_365],
    [1e6, 5, 35_365],
    [2e6, 10, 135_365],
  ]);
  assertRows('binance-usdm@2022-02', 'ETHUSDT', [
    [1.5e6, 5, 50_365],
    [4e6, 10, 250_365],
    [150e6, 50, 42_500_365],
  ]);
});

test('the Binance page of mid 2020: 5,000,000 * (5 % - 2.5 %) + 16,300 = 141,300; 264,000 has 1 % and 1,300', () => {
  assertRows('binance-usdm@2020-06', 'BTCUSDT', [...BTC_2021, [5e6, 5, 141_300]]);
  const { tiers } = readRules('binance-usdm@2020-06').markets.BTCUSDT!;
  const row = tiers.find((tier) => money('264000').lte(tier.upTo))!;
  assert.deepEqual([row.maintenanceRate, row.maintenanceDeduction].map(String), ['0.01', '1300']);
});

test('the mark of Binance is smoothed as each date says', () => {
  const seconds = (id: string) => {
    const { mark } = readRules(id).markets.BTCUSDT!;
    assert.equal(mark.kind, 'medianOfThree', id);
    return 'basis' in mark ? [mark.basis.windowUs / 1e6, mark.basis.sampleUs / 1e6] : [];
  };
  assert.deepEqual(seconds('binance-usdm@2020-06'), [1800, 60]);
  assert.deepEqual(seconds('binance-usdm@2024-02'), [300, 5]);
  assert.deepEqual(seconds('binance-usdm@2024-04'), [150, 5]);
  assert.equal(seconds('binance-usdm@2025-08')[0], 60);
  assert.deepEqual(seconds('binance-usdm@2025-10'), [30, 1]);
});

test('exchangeInfo of July 2021: liquidation fees of 1.2, 0.5 and 0.6 %', () => {
  const fee = (id: string, market: string) =>
    readRules(id).markets[market]!.clearanceFee.map((row) => row.rate.toString());
  assert.deepEqual(fee('binance-usdm@2021-06-22', 'BTCUSDT'), ['0.012']);
  assert.deepEqual(fee('binance-usdm@2021-06-22', 'ETHUSDT'), ['0.005']);
  assert.deepEqual(fee('binance-coinm@2021-05', 'BTCUSD_PERP'), ['0.006']);
});

const leg = (market: Leg['market'], rules: MarketRules, size: string, entry: string): Leg => ({
  market,
  rules,
  side: 'long',
  qty: qty(size),
  entryValue: valueAt(market, qty(size), price(entry)),
});

test('Binance COIN-M: level 5 takes 1.81 BTC, 300 BTC take 12.5 % less 11.81, later 11.605', () => {
  assertRows('binance-coinm@2020-08', 'BTCUSD_PERP', [
    [30, 2.5, 0.56],
    [50, 5, 1.81],
    [200, 12.5, 11.81],
  ]);
  assertRows('binance-coinm@2021-05', 'BTCUSD_PERP', [
    [50, 5, 1.605],
    [200, 12.5, 11.605],
  ]);
  // the page's example: 100 contracts of 100 USD at 25 000 are 0.4 BTC and keep 0.0016
  const market = contract('BTCUSD_PERP', 'BTC');
  const own = leg(market, readRules('binance-coinm@2020-08').markets.BTCUSD_PERP!, '100', '25000');
  assert.equal(valueAt(market, qty('100'), price('25000')).toString(), '0.4');
  assert.equal(legMaintenance(own, price('25000')).toString(), '0.0016');
});

test('BitMEX ETHUSD is a quanto contract: 0.000001 XBT a dollar, 1 % of it from 50 XBT on one step more', () => {
  const market = contract('ETHUSD', 'XBT');
  const rules = readRules('bitmex-ethusd@2020-03').markets.ETHUSD!;
  // the instrument dump of 22 July 2021: 1 403 475 contracts, mark 2003.93, openValue 281 246 565 675 satoshi
  const value = valueAt(market, qty('1.403475'), price('2003.93'));
  assert.equal(value.toString(), '2812.46565675');
  const rates = (notional: string) =>
    [rules.tiers[tierIndex(rules, money(notional), qty('1'))]!].flatMap((t) =>
      [t.maintenanceRate, t.initialRate].map(String),
    );
  assert.deepEqual(rates('50'), ['0.01', '0.02']);
  assert.deepEqual(rates('50.01'), ['0.02', '0.03']);
  const later = readRules('bitmex-ethusd@2021-05').markets.ETHUSD!.tiers[0]!;
  assert.deepEqual([later.upTo, later.maintenanceRate, later.initialRate].map(String), [
    '75',
    '0.005',
    '0.01',
  ]);
});

test('BitMEX in May 2021: maintenance 0.35 %, protection at 10 and 5 %, back after 15 minutes within 2 %', () => {
  const { tiers, index } = readRules('bitmex-xbtusd@2021-05').markets.XBTUSD!;
  assert.deepEqual([tiers[0]!.upTo, tiers[0]!.maintenanceRate, tiers[0]!.initialRate].map(String), [
    '200',
    '0.0035',
    '0.01',
  ]);
  assert.ok(index.outlier.kind === 'exclude' && index.outlier.readmit !== 'never');
  assert.equal(index.outlier.band.toString(), '0.1');
  assert.equal(index.outlier.readmit!.medianBand.toString(), '0.02');
  assert.equal(index.outlier.readmit!.waitUs, 15 * 60 * 1e6);
  assert.ok(typeof index.quorum.two === 'object' && typeof index.quorum.one === 'object');
  assert.deepEqual([index.quorum.two.holdBeyond, index.quorum.one.holdBeyond].map(String), ['0.05', '0.1']);
});

test('Bybit: 4,000,000 USDT take 2 % and 2.5 %, after the adjustment 1 % and 1.75 %', () => {
  const rates = (id: string) => {
    const rules = readRules(id).markets.BTCUSDT!;
    const tier = rules.tiers[tierIndex(rules, money('4000000'), qty('100'))]!;
    return [tier.maintenanceRate, tier.initialRate].map(String);
  };
  assert.deepEqual(rates('bybit-usdt@2020-04'), ['0.02', '0.025']);
  assert.deepEqual(rates('bybit-usdt@2021-05'), ['0.01', '0.0175']);
  const { tiers } = readRules('bybit-inverse@2020-03').markets.BTCUSD!;
  assert.deepEqual([tiers[0]!.upTo, tiers[0]!.maintenanceRate, tiers[0]!.initialRate].map(String), [
    '150',
    '0.005',
    '0.01',
  ]);
});

test('Bybit unified account: deductions come out as the margin page prints them', () => {
  const { tiers } = readRules('bybit-uta@2023-09').markets.BTCUSDT!;
  assert.deepEqual(
    tiers.map((tier) => Number(tier.maintenanceDeduction.toString())),
    [
      0, 1_200, 3_020, 4_300, 5_820, 8_460, 15_460, 20_500, 46_000, 66_000, 80_000, 160_000, 300_000, 452_000,
      502_000, 777_000, 837_000, 967_000, 1_107_000, 1_482_000,
    ],
  );
});

test('Bybit, linear and isolated: 1 BTC at 20,000 with 50 times is liquidated at 19,700', () => {
  const { markets, trigger } = readRules('bybit-usdt@2021-05');
  const own = leg(contract('BTCUSDT', 'USDT'), markets.BTCUSDT!, '1', '20000');
  const pocket = { legs: [own], wallet: money('400'), orderMargin: money('0') };
  const at = (mark: string) => judge(pocket, () => price(mark), trigger);
  assert.equal(at('19700.01').liquidatable, false);
  assert.equal(at('19700').liquidatable, true);
  assert.equal(at('19700').maintenance.toString(), '100');
});

test('OKX: the answer of February 2022, and the tiers of 28 May 2019', () => {
  const usdt = readRules('okx-usdt@2022-06').markets['BTC-USDT-SWAP']!;
  const first = usdt.tiers[0]!;
  // 500 contracts of 0.01 BTC
  assert.deepEqual([first.upTo, first.maintenanceRate, first.initialRate].map(String), [
    '5',
    '0.004',
    '0.008',
  ]);
  // tier 100 ends at 982 000 contracts with 49.5 % and 50 %: 97 rows of 100 BTC and 0.5 % above tier 3
  const third = usdt.tiers[2]!;
  assert.equal(new Decimal(third.upTo.toString()).plus(97 * 100).toString(), '9820');
  assert.equal(new Decimal(third.maintenanceRate.toString()).plus('0.485').toString(), '0.495');
  assert.equal(new Decimal(third.initialRate.toString()).plus('0.485').toString(), '0.5');
  const usd = readRules('okx-inverse@2020-03').markets['BTC-USD-SWAP']!;
  const tierOf = (contracts: string) => usd.tiers[tierIndex(usd, money('1'), qty(contracts))]!;
  assert.equal(tierOf('999').maintenanceRate.toString(), '0.005');
  assert.equal(tierOf('1000').maintenanceRate.toString(), '0.01');
  assert.equal(tierOf('24999').maintenanceRate.toString(), '0.02');
  assert.equal(tierOf('109999').maintenanceRate.toString(), '0.04');
});

test('Deribit: 25 BTC keep 1.125 % since 2022 and 0.65 % before; the slope is 0.005 % a bitcoin', () => {
  const market = contract('BTC-PERPETUAL', 'BTC');
  // 25 BTC at 100 000: 250 000 contracts of 10 USD
  const rate = (id: string) => {
    const own = leg(market, readRules(id).markets['BTC-PERPETUAL']!, '250000', '100000');
    return legTerms(own, price('100000')).maintenanceRate.toString();
  };
  assert.equal(rate('deribit-portfolio@2022-01'), '0.01125');
  assert.equal(rate('deribit-btc@2021-05'), '0.0065'); // 0.525 % + 25 * 0.005 %
});

test('Hyperliquid: 1,875,000 above 150M of BTC, 1.25 and 2.5 %', () => {
  assertRows('hyperliquid@2025-10', 'BTC', [
    [0, 1.25, 0, 40],
    [150e6, 2.5, 1_875_000, 20],
  ]);
});

test('Kraken: 1,000 contracts from 8000 with 0.01 BTC are liquidated at 7481 and bankrupt at 7407', () => {
  const { markets, trigger } = readRules('kraken-futures@2021-07');
  const market = contract('PI_XBTUSD', 'BTC');
  const own = leg(market, markets.PI_XBTUSD!, '1000', '8000');
  const pocket = { legs: [own], wallet: money('0.01'), orderMargin: money('0') };
  const at = (mark: string) => judge(pocket, () => price(mark), trigger);
  // 0.01 + 0.125 - 1000/P = 1 % of 1000/P where P = 1010 / 0.135 = 7481.48
  assert.equal(at('7482').liquidatable, false);
  assert.equal(at('7481').liquidatable, true);
  // nothing is left at 1000 / 0.135 = 7407.41
  assert.ok(at('7408').equity.isPositive());
  assert.ok(at('7407').equity.isNegative());
});
