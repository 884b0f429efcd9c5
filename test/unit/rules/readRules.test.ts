/**
 * Rule files: what ships reads, is cited and says what it is for; variants, sources and checks.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Decimal } from 'decimal.js';
import { parseInstant } from '../../../src/basics/instant.ts';
import { checkRules, completeness } from '../../../src/rules/checkRules.ts';
import { listRules, RULES_FOLDER, readRules } from '../../../src/rules/readRules.ts';
import { sourceOf } from '../../../src/rules/sources.ts';
import { changed, folder, SOUND, written } from './soundRules.ts';

const SHIPPED = [
  'binance-coinm@2020-08',
  'binance-coinm@2021-05',
  'binance-coinm@2024-04',
  'binance-usdm@2020-03',
  'binance-usdm@2020-06',
  'binance-usdm@2021-05',
  'binance-usdm@2021-06-22',
  'binance-usdm@2022-02',
  'binance-usdm@2022-06',
  'binance-usdm@2022-08',
  'binance-usdm@2022-11',
  'binance-usdm@2023-02',
  'binance-usdm@2023-03',
  'binance-usdm@2023-08',
  'binance-usdm@2023-12',
  'binance-usdm@2024-02',
  'binance-usdm@2024-04',
  'binance-usdm@2024-05',
  'binance-usdm@2025-06',
  'binance-usdm@2025-08',
  'binance-usdm@2025-10',
  'bitmex-ethusd@2020-03',
  'bitmex-ethusd@2021-05',
  'bitmex-xbtusd@2020-03',
  'bitmex-xbtusd@2020-03-market',
  'bitmex-xbtusd@2021-05',
  'bybit-inverse@2020-03',
  'bybit-inverse@2021-05',
  'bybit-usdt@2020-04',
  'bybit-usdt@2021-05',
  'bybit-uta@2023-09',
  'deribit-btc@2020-03',
  'deribit-btc@2021-05',
  'deribit-portfolio@2022-01',
  'drift-like',
  'dydx-v4@2024-01',
  'hyperliquid@2025-10',
  'kraken-futures@2021-07',
  'okx-inverse@2020-03',
  'okx-portfolio@2025-01',
  'okx-usdt@2020-03',
  'okx-usdt@2022-06',
  'source-000',
  'source-001',
  'source-002',
  'source-003',
];
test('what ships is listed, reads and has no finding', () => {
  assert.deepEqual(listRules(), SHIPPED);
  for (const id of SHIPPED) {
    assert.equal(readRules(id).id, id);
    assert.deepEqual(checkRules(id), [], id);
    assert.equal(completeness(id).uncited, 0, id);
  }
});

test('the sound rule set of these tests reads', () => {
  const rules = readRules(written(SOUND));
  assert.equal(rules.inForce.until, null);
  assert.equal(rules.markets.BTCUSDT!.index.stale.afterUs, 900_000_000);
  assert.equal(rules.markets.BTCUSDT!.tiers[1]!.maintenanceRate.toString(), '0.005');
});

test('deductions that are left out are computed', () => {
  const text = SOUND.replaceAll(/ maintenanceDeduction: \d+,/g, '');
  const { tiers } = readRules(written(text)).markets.BTCUSDT!;
  assert.deepEqual(
    tiers.map((tier) => tier.maintenanceDeduction.toString()),
    ['0', '50'],
  ); // 50 000 * 0.001
});

test('BitMEX steps: 200 XBT and 100 more each, half a percent each', () => {
  const { tiers } = readRules('bitmex-xbtusd@2020-03').markets.XBTUSD!;
  const rowOf = (k: number) => [tiers[k]!.upTo, tiers[k]!.maintenanceRate, tiers[k]!.initialRate].map(String);
  // steps = ceil((value - 200) / 100); MM = 0.5 % * (1 + steps), IM = 1 % + 0.5 % * steps
  assert.deepEqual(rowOf(0), ['200', '0.005', '0.01']);
  assert.deepEqual(rowOf(1), ['300', '0.01', '0.015']);
  assert.deepEqual(rowOf(8), ['1000', '0.045', '0.05']);
  assert.equal(tiers.at(-1)!.initialRate.toString(), '1');
  assert.ok(tiers.every((tier) => tier.maintenanceDeduction.isZero()));
});

test('the weights of .BXBT in the first quarter of 2020 sum to 1', () => {
  const { weights } = readRules('bitmex-xbtusd@2020-03').markets.XBTUSD!.index;
  assert.equal(
    Object.values(weights)
      .reduce((total, w) => total.plus(w.toString()), new Decimal(0))
      .toString(),
    '1',
  );
  assert.equal(weights.coinbase!.toString(), '0.523');
});

test('a variant keeps what it does not say, and its sources with it', () => {
  const base = readRules('binance-usdm@2021-05');
  const early = readRules('binance-usdm@2020-03');
  assert.deepEqual(early.markets.BTCUSDT!.index, base.markets.BTCUSDT!.index);
  assert.equal(early.markets.BTCUSDT!.clearanceFee[0]!.rate.toString(), '0.005');
  assert.equal(sourceOf(early.sources, 'markets.BTCUSDT.tiers.3.maintenanceRate')!.confidence, 'assumed');
  assert.equal(sourceOf(base.sources, 'markets.BTCUSDT.tiers.3.maintenanceRate')!.confidence, 'verified');
});

test('what an article does not say is marked as taken from Binance', () => {
  const rules = readRules('source-002');
  assert.equal(rules.order.kind, 'market');
  assert.match(sourceOf(rules.sources, 'order.kind')!.cite, /^source document 002/);
  assert.match(
    sourceOf(rules.sources, 'markets.BTCUSDT.tiers.0.upTo')!.cite,
    /^taken from binance-usdm@2021-05/,
  );
});

test('the four articles differ where they contradict each other', () => {
  const [a, b, c, d] = ['000', '001', '002', '003'].map((n) => readRules(`source-${n}`));
  assert.deepEqual(
    [a, b, c, d].map((r) => r!.markets.BTCUSDT!.mark.kind),
    ['emaBasis', 'fundingBasis', 'fundingBasis', 'indexPlusBasisMean'],
  );
  assert.deepEqual(
    [a, b, c, d].map((r) => r!.order.kind),
    ['ioc', 'ioc', 'market', 'atMark'],
  );
  assert.deepEqual(
    [a, b, c, d].map((r) => r!.trigger.inclusive),
    [true, true, true, false],
  );
  assert.deepEqual(
    [a, b, c, d].map((r) => r!.adl.ranking),
    ['profitTimesLeverage', 'profitTimesLeverage', 'profitOnly', 'profitTimesLeverage'],
  );
  assert.deepEqual(
    [a, b, c, d].map((r) => r!.funds[0]!.fundingShare.toString()),
    ['0', '0', '0.1', '0'],
  );
  assert.equal(b!.funds[0]!.clearEveryUs, 600_000_000);
});

test('the longest path prefix is the source', () => {
  const source = (cite: string) => ({ cite, confidence: 'assumed' as const });
  const sources = { '': source('all'), funds: source('funds'), 'funds.0.floor': source('floor') };
  assert.equal(sourceOf(sources, 'funds.0.floor')!.cite, 'floor');
  assert.equal(sourceOf(sources, 'funds.0.floors')!.cite, 'funds');
  assert.equal(sourceOf(sources, 'adl.ties')!.cite, 'all');
  assert.equal(sourceOf({ funds: source('funds') }, 'fundsX'), null);
});

test('checkRules finds values without a source, idle sources, odd tiers and overlapping dates', () => {
  const own = mkdtempSync(join(folder, 'check-'));
  const put = (name: string, text: string) => writeFileSync(join(own, `${name}.yaml`), text);
  const paths = (name: string) => checkRules(name, own).map((finding) => finding.path);
  put(
    'bare',
    SOUND.replace(
      /sources:.*/,
      'sources: { trigger: { cite: ours, confidence: assumed }, residu: { cite: x, confidence: assumed } }',
    ),
  );
  assert.ok(paths('bare').includes('markets.BTCUSDT.tiers.1.maintenanceRate'));
  assert.ok(paths('bare').includes('sources.residu'));
  assert.ok(!paths('bare').includes('trigger.inclusive'));
  put('tight', SOUND.replace('id: own@1', 'id: tight').replace('initialRate: 0.008', 'initialRate: 0.004'));
  assert.ok(paths('tight').includes('markets.BTCUSDT.tiers.0'));
  put('flat', SOUND.replace('venue: own', 'venue: flat').replace('Deduction: 50', 'Deduction: 0'));
  assert.deepEqual(paths('flat'), ['markets.BTCUSDT.tiers']);
  put('late', SOUND.replace('id: own@1', 'id: late').replace('from: 2020-01-01', 'from: 2021-01-01'));
  assert.ok(paths('late').includes('inForce'));
  put('broken', 'id: broken');
  assert.equal(checkRules('broken', own).length, 1);
});

test('checkRules finds a drawdown that never refuses, and says what would make it', () => {
  const alone = mkdtempSync(join(folder, 'fund-'));
  const found = (drawdown: string) =>
    checkRules(changed('drawdown: none', `drawdown: { fraction: 0.3, window: 8h, ${drawdown} }`), alone);
  const [idle, ...others] = found('pause: 0s');
  assert.deepEqual(others, []);
  assert.equal(idle!.code, 'RULES_INVALID');
  assert.equal(idle!.path, 'funds.0.refusal.drawdown.pause');
  for (const remedy of ['main', 'pause above 0s', 'resumeAt', 'drawdown: none'])
    assert.ok(idle!.message.includes(remedy), remedy);
  assert.deepEqual(found('pause: 1s'), []);
  assert.deepEqual(found('pause: 0s, resumeAt: 0.25'), []);
});

test('completeness counts numbers by what they rest on', () => {
  const file = changed(
    "sources: { '': { cite: ours, confidence: assumed } }",
    "sources: { '': { cite: ours, confidence: assumed }," +
      ' markets.BTCUSDT.tiers: { cite: x, confidence: verified }, adl: { cite: y, confidence: recalled } }',
  );
  const count = completeness(file);
  assert.equal(count.cited, 8); // two rows of four numbers
  assert.equal(count.recalled, 0); // adl has no number
  assert.deepEqual(count.bySlot.tiers, { verified: 8, derived: 0, recalled: 0, assumed: 0, uncited: 0 });
  assert.equal(count.numbers, count.cited + count.assumed);
});

test('rule sets hold on the days that they are for', () => {
  const days: [string, string][] = [
    ['binance-usdm@2020-03', '2020-03-12'],
    ['bitmex-xbtusd@2020-03', '2020-03-13'],
    ['binance-usdm@2021-05', '2021-05-19'],
    ['binance-usdm@2022-06', '2022-06-13'],
    ['binance-usdm@2024-05', '2024-08-08'],
    ['binance-usdm@2025-10', '2025-10-10'],
  ];
  for (const [id, day] of days) {
    const { from, until } = readRules(id).inForce;
    assert.ok(from <= parseInstant(day) && parseInstant(day) < until!, id);
  }
  assert.ok(RULES_FOLDER.endsWith(join('scenarios', 'rules')));
});

test('docs/rules.md counts what the files hold', () => {
  const page = readFileSync(new URL('../../../docs/rules.md', import.meta.url), 'utf8');
  for (const id of SHIPPED) {
    const { numbers, cited, recalled, assumed } = completeness(id);
    assert.ok(page.includes(`| \`${id}\` | ${numbers} | ${cited} | ${recalled} | ${assumed} |`), id);
  }
});
