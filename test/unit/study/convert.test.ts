/**
 * A scenario under a rule book of another name or another contract: refused, paired by name, or restated
 * and said so. The scenario is linear BTCUSDT in USDT; its first mark is 42 000, its first index 42 015.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { money, price } from '../../../src/basics/exact.ts';
import type { Market } from '../../../src/rules/market.ts';
import { readRules } from '../../../src/rules/readRules.ts';
import { recounted } from '../../../src/study/recount.ts';
import { readScenario } from '../../../src/study/scenario.ts';
import { Tape } from '../../../src/study/tape.ts';
import { cascade } from '../../support/cli.ts';
import { TINY, type Tiny, tinyScenario } from '../../support/tinyScenario.ts';

const INVERSE = 'contract: { kind: inverse, settle: BTC, qtyStep: 1, faceValue: 1, valueScale: 8 }';

/** A book of one inverse market BTCUSD with a fund in BTC. */
const BOOK = `id: coin
title: A book in coin
venue: made up
inForce: { from: 2020-01-01, until: none }
markets:
  BTCUSD:
    tierKey: notional
    notionalAt: mark
    tiers: [{ upTo: 1000, maintenanceRate: 0.005, maintenanceDeduction: 0, initialRate: 0.01 }]
    index:
      aggregator: equalMean
      outlier: { kind: none }
      stale: { after: 15m, mode: drop }
      quorum: { two: mean, one: use, zero: hold }
    mark: { kind: indexOnly, tick: 0.01, rounding: even }
    funding: { interval: 8h, offset: 0s, paymentScale: 8 }
    clearanceFee: []
    bankruptcy: { feeRate: 0, rounding: none }
    ${INVERSE}
trigger: { inclusive: true }
reduction: { kind: full }
order: { kind: market }
takeover: { when: markAtBankruptcy }
freeze: { at: atVerdict, grace: 0s }
residue: toTrader
victimOrder: mostExposed
funds:
  - name: coin
    asset: BTC
    markets: [BTCUSD]
    fundingShare: 0
    injections: []
    floor: none
    clearEvery: 0s
    unwind: { kind: hold }
    refusal: { empty: true, netNotionalCap: none, drawdown: none }
adl: { ranking: binance, triggers: [fundRefuses], ties: proRata, shortage: market }
stageOrder: [mark, funding, liquidation, adl]
sources: { '': { cite: made up, confidence: assumed } }
`;
const NAMED = `accounts:
  - { name: A, mode: isolated, market: BTCUSDT, side: long, qty: 2, entryPrice: 41000, margin: 4201.5 }
`;

const book = ({ folder }: Tiny, text = BOOK): string => {
  const file = join(folder, 'book.yaml');
  writeFileSync(file, text);
  return file;
};

test('a book of another contract is refused, with both contracts and the way out', async (t) => {
  const tiny = await tinyScenario(t);
  const rules = book(tiny);
  await assert.rejects(
    readScenario(tiny.scenario, { dataDir: tiny.folder, rules }),
    (error) =>
      error instanceof ReplayError &&
      error.code === 'RULES_INVALID' &&
      error.place.file === rules &&
      error.place.path === 'markets.BTCUSDT.contract' &&
      /coin is for inverse BTC contracts, and BTCUSDT of the scenario is linear USDT/.test(error.message) &&
      /--convert/.test(error.remedy),
  );
});

test('a book that states no contract is known by its fund, and cannot be restated in', async (t) => {
  const tiny = await tinyScenario(t);
  const rules = book(tiny, BOOK.replace(`    ${INVERSE}\n`, ''));
  const read = (convert: boolean) => readScenario(tiny.scenario, { dataDir: tiny.folder, rules, convert });
  await assert.rejects(read(false), /is for inverse BTC contracts/);
  await assert.rejects(
    read(true),
    (error) =>
      error instanceof ReplayError &&
      /does not state its contract/.test(error.message) &&
      /--override 'rules\.markets\.\*\.contract=/.test(error.remedy),
  );
});

test('--convert restates a position, its collateral, the fund and the open interest', async (t) => {
  const tiny = await tinyScenario(t, `${TINY}accounts: names.yaml\n`);
  writeFileSync(join(tiny.folder, 'names.yaml'), NAMED);
  const scenario = await readScenario(tiny.scenario, {
    dataDir: tiny.folder,
    rules: book(tiny),
    convert: true,
  });
  assert.equal(scenario.facts.markets.BTCUSDT!.kind, 'inverse');
  assert.equal(scenario.facts.markets.BTCUSDT!.priceTick.toString(), '0.01'); // prices stay as recorded
  const { timing } = scenario.assumptions;
  const tape = await Tape.load(scenario, {
    dataDir: tiny.folder,
    cacheDir: '',
    timing,
    tapeSeed: scenario.seed,
  });
  const own = scenario.conversion!.own;
  const population = await tape.population(own.rules, scenario.assumptions, scenario.seed);
  const [a] = [...population.names].find(([, name]) => name === 'A')!;
  const row = population.legStart[a]!;
  assert.equal(population.legLots[row], 84_000); // 2 * 42 000 dollars
  assert.equal(population.legEntryValue[row], 204_878_049n); // 84 000 / 41 000 = 2.0487804878...
  assert.equal(population.legMargin[row], 10_000_000n); // 4 201.5 / 42 015 = 0.1
  const opened = tape.opening(scenario.assumptions, scenario.rules);
  assert.equal(opened.fundOpening.coin!.toString(), '2.38010234'); // 100 000 / 42 015, cut downward
  assert.ok(opened.population.kind === 'synthetic');
  assert.equal(opened.population.openInterest.BTCUSDT!.toString(), '4200000'); // 100 * 42 000
  assert.deepEqual(
    opened.restated!.map((r) => [r.market, r.from, r.to, r.mark.toString(), r.index.toString()]),
    [['BTCUSDT', 'linear USDT', 'inverse BTC', '42000', '42015']],
  );
  // a candle of 500 coins spread over a minute at 41 580 to 42 020 is about 21 million dollars
  const { lots } = tape.frames.markets.get('BTCUSDT')!;
  const minute = lots.slice(0, 60).reduce((sum, n) => sum + n, 0);
  assert.ok(minute > 500 * 41_500 && minute < 500 * 42_100, String(minute));
});

test('a converted run says so in summary, run.json and report, and verifies', async (t) => {
  const tiny = await tinyScenario(t);
  const { exit, out, err } = await cascade('run', ...tiny.flags, '--rules', book(tiny), '--convert');
  assert.deepEqual([exit, err], [0, '']);
  assert.match(out, /^! --convert: BTCUSDT .* from linear USDT to inverse BTC.* 42000.* 42015/m);
  assert.match(out, /^! The rules of BTCUSD of coin stand for BTCUSDT\.$/m);
  const folder = join(tiny.out, 'tiny+coin');
  const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
  assert.match(run.facts.scenario.caveats[0], /^--convert: BTCUSDT/);
  assert.equal(run.facts.scenario.assumptions.restated[0].index, '42015');
  assert.equal(run.facts.worlds[0].assumptions.fundOpening.coin, '2.38010234');
  assert.equal(run.facts.scenario.conversion, undefined);
  const report = readFileSync(join(folder, 'report.html'), 'utf8');
  assert.match(report, /--convert: BTCUSDT/);
  assert.match(report, /from linear USDT, index 42015, mark 42000, market BTCUSDT, to inverse BTC/);
  assert.equal((await cascade('verify', folder)).exit, 0);
});

test('reruns of a converted run are converted too', async (t) => {
  const text = `${TINY}sensitivity: { overrides: ['assumptions.winnersTake=0', 'rules.markets.BTCUSD.tiers.0.maintenanceRate=0.01'] }\n`;
  const tiny = await tinyScenario(t, text);
  const flags = tiny.flags.filter((flag) => flag !== '--no-reruns');
  const { exit, out, err } = await cascade(
    'run',
    ...flags,
    '--workers',
    '1',
    '--rules',
    book(tiny),
    '--convert',
  );
  assert.deepEqual([exit, err], [0, '']);
  assert.doesNotMatch(out, /rerun left out/);
  assert.match(out, /longs liquidated +[\d.]+\sBTC/);
});

test('--convert with --baseline is refused: the accounts of two contracts have no common unit', async (t) => {
  const tiny = await tinyScenario(t);
  const { exit, err } = await cascade('run', ...tiny.flags, '--rules', book(tiny), '--convert', '--baseline');
  assert.equal(exit, 2);
  assert.match(err, /^SCENARIO_INVALID: .*--convert/);
});

test('a book of the same contract under another name stands for it, and its fund takes over the cash', async (t) => {
  const tiny = await tinyScenario(t);
  const rules = book(
    tiny,
    BOOK.replace(`    ${INVERSE}\n`, '')
      .replace('asset: BTC', 'asset: USDT')
      .replaceAll('BTCUSD', 'BTC-PERP'),
  );
  const scenario = await readScenario(tiny.scenario, { dataDir: tiny.folder, rules });
  assert.deepEqual(Object.keys(scenario.rules.markets), ['BTCUSDT']);
  assert.deepEqual(scenario.rules.funds[0]!.markets, ['BTCUSDT']);
  assert.equal(scenario.assumptions.fundOpening.coin!.toString(), '100000');
  assert.deepEqual(scenario.caveats, [
    'The rules of BTC-PERP of coin stand for BTCUSDT.',
    'The fund coin opens with what btc-eth would have opened with.',
  ]);
});

test('a dollar of another name is a dollar: no restating, and the run says so', async (t) => {
  const tiny = await tinyScenario(t);
  const rules = book(tiny, BOOK.replace(`    ${INVERSE}\n`, '').replace('asset: BTC', 'asset: USDC'));
  const scenario = await readScenario(tiny.scenario, { dataDir: tiny.folder, rules });
  assert.equal(scenario.rules.funds[0]!.asset, 'USDT');
  assert.equal(scenario.conversion, undefined);
  assert.ok(scenario.caveats.includes('coin settles in USDC: here USDT stands for it, one for one.'));
});

test('of several markets one must be named', async (t) => {
  const tiny = await tinyScenario(t);
  const one = BOOK.replace(`    ${INVERSE}\n`, '').replace('asset: BTC', 'asset: USDT');
  const block = / {2}BTCUSD:\n[\s\S]*?(?=trigger:)/.exec(one)![0];
  const two = one
    .replace(block, block.replace('BTCUSD', 'BTC') + block.replace('BTCUSD', 'ETH'))
    .replace('markets: [BTCUSD]', 'markets: [BTC, ETH]');
  const rules = book(tiny, two);
  const asked = (...more: readonly string[]) => cascade('run', ...tiny.flags, '--rules', rules, ...more);
  const refused = await asked();
  assert.equal(refused.exit, 2);
  assert.match(refused.err, /^RULES_INVALID: coin has no rules for the market BTCUSDT: it has BTC, ETH/);
  assert.match(refused.err, /--market BTCUSDT=BTC/);
  assert.match(
    (await asked('--market', 'BTCUSDT=BCT')).err,
    /^SCENARIO_INVALID: .*no market BCT[\s\S]*Did you mean BTC\?/,
  );
  assert.match(
    (await asked('--market', 'BTCUSD=BTC')).err,
    /^SCENARIO_INVALID: .*no market BTCUSD[\s\S]*Did you mean BTCUSDT\?/,
  );
  assert.match((await asked('--market', 'BTC')).err, /SCENARIO_MARKET=RULES_MARKET/);
  const ran = await asked('--market', 'BTCUSDT=ETH');
  assert.deepEqual([ran.exit, ran.err], [0, '']);
  assert.match(ran.out, /^! The rules of ETH of coin stand for BTCUSDT\.$/m);
});

test('rules of another day are refused, and a run that allows them says so', async (t) => {
  const tiny = await tinyScenario(t);
  const asked = (...more: readonly string[]) =>
    cascade('run', ...tiny.flags, '--rules', 'binance-usdm@2025-10', ...more);
  const refused = await asked();
  assert.equal(refused.exit, 2);
  assert.match(refused.err, /^RULES_NOT_IN_FORCE: binance-usdm@2025-10 was in force .*path inForce/);
  const ran = await asked('--allow-not-in-force');
  assert.equal(ran.exit, 0);
  assert.match(ran.out, /^! binance-usdm@2025-10 was in force .* not during this window: allowed/m);
});

test('rules that are not proven say so on the screen and in the report', async (t) => {
  const tiny = await tinyScenario(t);
  const text = 'extends: binance-usdm@2021-05\nid: draft\nunverified: true\nsources: {}\n';
  const { exit, out } = await cascade('run', ...tiny.flags, '--rules', book(tiny, text));
  assert.equal(exit, 0);
  assert.match(
    out,
    /^! The rules draft are unverified: not yet proven against three published worked examples\.$/m,
  );
  const report = readFileSync(join(tiny.out, 'tiny+draft', 'report.html'), 'utf8');
  assert.match(report, /Rules unverified<\/li>/);
  assert.match(report, /The rule book is unverified/);
});

test('an emergency change by override is a run of its own, and the report lists it without its consequences', async (t) => {
  const tiny = await tinyScenario(t, TINY.replace('accounts: 60', 'accounts: 600'));
  const change =
    '{at: 2021-05-19T12:02Z, path: markets.BTCUSDT.tiers, value: [{upTo: 1000000000, maintenanceRate: 0.1, initialRate: 0.2}]}';
  const liquidated = async (...more: readonly string[]): Promise<number> => {
    const { exit, out, err } = await cascade('run', ...tiny.flags, '--json', ...more);
    assert.deepEqual([exit, err], [0, '']);
    const { figures } = JSON.parse(out) as { figures: Record<string, string> };
    const key = Object.keys(figures).find((name) => name.includes('liquidatedAccounts'))!;
    return Number(figures[key]);
  };
  const calm = await liquidated();
  const harsh = await liquidated('--override', `rules.schedule=[${change}]`);
  assert.ok(harsh > calm, `${harsh} after the change, ${calm} without`);
  const report = readFileSync(join(tiny.out, 'tiny+override', 'report.html'), 'utf8');
  assert.match(report, /schedule\.0\.path/);
  assert.doesNotMatch(report, /schedule\.0\.slots/);
});

test('a book that counts contracts of another size is restated by value, and says so', () => {
  // OKX: 999 contracts of 100 USD are 99,900 of 1 USD; Deribit: 400 of 10 are 4,000
  const under = (id: string, market: string, kind = 'inverse') => {
    const { contract, ...rest } = readRules(id).markets[market]!;
    const rules = { ...readRules(id), markets: { [market]: { ...rest, contract: contract! } } };
    const ours = { id: market, ...contract!, kind, faceValue: money('1'), priceTick: price('0.5') };
    return recounted(rules, { [market]: ours as Market });
  };
  const okx = under('okx-inverse@2020-03', 'BTC-USD-SWAP');
  assert.deepEqual(
    okx.rules.markets['BTC-USD-SWAP']!.tiers.slice(0, 2).map(({ upTo }) => String(upTo)),
    ['99900', '999900'],
  );
  assert.match(okx.caveats[0]!, /contracts of 100 where BTC-USD-SWAP has contracts of 1/);
  const deribit = under('deribit-btc@2020-03', 'BTC-PERPETUAL').rules;
  assert.equal(deribit.reduction.kind === 'increments' && String(deribit.reduction.maxQty), '4000');
  assert.equal(
    String(deribit.markets['BTC-PERPETUAL']!.tiers[0]!.upTo),
    String(readRules('deribit-btc@2020-03').markets['BTC-PERPETUAL']!.tiers[0]!.upTo),
  );
  // contracts of the book's own size, and rules that count money
  const same = readRules('okx-inverse@2020-03');
  const { contract } = same.markets['BTC-USD-SWAP']!;
  const own = { 'BTC-USD-SWAP': { id: 'BTC-USD-SWAP', ...contract!, priceTick: price('0.5') } };
  assert.deepEqual(recounted(same, own), { rules: same, caveats: [] });
  assert.deepEqual(under('bybit-inverse@2020-03', 'BTCUSD').caveats, []);
});
