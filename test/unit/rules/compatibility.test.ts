/** Mechanisms mix freely but for the combinations of one table, and each refusal names both slots. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { readRules } from '../../../src/rules/readRules.ts';
import { SOUND, written } from './soundRules.ts';

const STEP = 'rules.reduction={kind: tierStepDown, tiers: 1}';
const ONE_TIER =
  'rules.markets.BTCUSDT.tiers=[{upTo: 50000, maintenanceRate: 0.004, maintenanceDeduction: 0, initialRate: 0.01}]';
const FORMULA = 'rules.markets.BTCUSDT.funding.rate={kind: dampened, sample: 1m, damper: 0.0005, period: 8h}';
const RUNNING =
  'rules.markets.BTCUSDT.mark={kind: fundingBasis, tick: 0.01, rounding: even, rate: runningInterval}';
const MULTI = (asset: string): string =>
  `rules.collateral={kind: multi, unit: USD, assets: {${asset}: {haircut: 0, bidBuffer: 0, askBuffer: 0, index: none}}, autoExchangeBelow: none}`;
const OKX =
  'rules.portfolio={kind: okx, spotShocks: [0.05], volShocks: [], extreme: {move: 0.3, share: 0.5}, basisCharge: 0, minimumCharge: 0, initialFactor: 1.3}';
const TWO_ASSETS = [
  `rules.markets.BTCUSD=${JSON.stringify(marketText())}`,
  `rules.funds=[${['USDT BTCUSDT', 'BTC BTCUSD'].map(fundText).join(', ')}]`,
];

function marketText(): unknown {
  const tier = { upTo: '50', maintenanceRate: '0.004', initialRate: '0.01' };
  return {
    tierKey: 'notional',
    notionalAt: 'mark',
    tiers: [tier],
    index: {
      aggregator: 'equalMean',
      outlier: { kind: 'none' },
      stale: { after: '1m', mode: 'drop' },
      quorum: { two: 'mean', one: 'use', zero: 'hold' },
    },
    mark: { kind: 'indexOnly', tick: '0.01', rounding: 'even' },
    funding: { interval: '8h', offset: '0s', paymentScale: 'none' },
    clearanceFee: [],
    bankruptcy: { feeRate: '0', rounding: 'none' },
  };
}
function fundText(pair: string): string {
  const [asset, market] = pair.split(' ');
  return `{name: ${asset}, asset: ${asset}, markets: [${market}], fundingShare: 0, injections: [], floor: none, clearEvery: 0s, unwind: {kind: hold}, refusal: {empty: true, netNotionalCap: none, drawdown: none}}`;
}

/** Overrides of the sound set (solve, ioc, two tiers), the path of the complaint, and both slots in words. */
const REFUSED: readonly (readonly [overrides: readonly string[], path: string, says: RegExp])[] = [
  [['rules.order={kind: fok}'], 'order', /order \(fok\) and reduction \(solve\)/],
  [
    ['rules.order={kind: fok}', 'rules.reduction={kind: fraction, fraction: 0.2, above: 0}'],
    'order',
    /order \(fok\) and reduction \(fraction\)/,
  ],
  [
    ['rules.order={kind: atMark}', 'rules.reduction={kind: increments, maxQty: 1, perSecond: 20}'],
    'reduction',
    /reduction \(increments\) and order \(atMark\)/,
  ],
  [
    [
      'rules.order={kind: atBankruptcy}',
      'rules.reduction={kind: blockLimit, share: 0.1, least: 1000, accountMost: 100000, block: 1s}',
    ],
    'reduction',
    /reduction \(blockLimit\) and order \(atBankruptcy\)/,
  ],
  [[STEP, ONE_TIER], 'reduction', /reduction \(tierStepDown\) and markets\.\*\.tiers \(one tier only\)/],
  [
    ['rules.reduction={kind: tierStepDown, tiers: 1, fromTier: 3}'],
    'reduction',
    /tierStepDown fromTier 3.*at most 2 tiers/,
  ],
  [
    [
      'rules.order={kind: fillable, spread: 1.5, adjustment: 1}',
      'rules.markets.BTCUSDT.tiers.0.maintenanceRate=0',
    ],
    'order',
    /order \(fillable\) and markets\.\*\.tiers \(a maintenance rate of 0 in BTCUSDT\)/,
  ],
  [
    [RUNNING, FORMULA],
    'markets.BTCUSDT.mark.rate',
    /mark\.rate \(runningInterval\) and markets\.\*\.funding\.rate/,
  ],
  [['rules.adl.triggers=[]'], 'adl.ranking', /adl\.ranking \(binance\) and adl\.triggers \(none\)/],
  [['rules.adl.triggers=[noFillAtMark]'], 'adl.ranking', /adl\.triggers \(noFillAtMark\)/],
  [
    ['rules.adl.ranking=proRataProfit', 'rules.adl.maxVisits=10'],
    'adl.maxVisits',
    /adl\.maxVisits \(10\) and adl\.ranking \(proRataProfit\)/,
  ],
  [
    ['rules.adl.ranking=profitOnly', 'rules.adl.eligible=anySolvent'],
    'adl.eligible',
    /adl\.eligible \(anySolvent\) and adl\.ranking \(profitOnly\)/,
  ],
  [[MULTI('BTC')], 'collateral.assets', /collateral\.assets \(BTC\) and funds \(main in USDT\)/],
  [[...TWO_ASSETS, OKX], 'portfolio', /portfolio \(okx\) and funds \(USDT and BTC\)/],
];

for (const [overrides, path, says] of REFUSED) {
  test(`refuses ${says.source}`, () => {
    const file = written(SOUND);
    assert.throws(
      () => readRules(file, { overrides }),
      (error) => {
        assert.ok(error instanceof ReplayError, String(error));
        assert.deepEqual([error.code, error.place.file, error.place.path], ['RULES_INVALID', file, path]);
        assert.match(error.message, says);
        assert.match(error.message, /do not go together: \S/);
        assert.notEqual(error.remedy, '');
        return true;
      },
    );
  });
}

/** What a comparison wants to try: none of these is a mistake. */
const ALLOWED: readonly (readonly string[])[] = [
  ['rules.reduction={kind: fraction, fraction: 0.2, above: 100000, cooldown: 30s}'], // Hyperliquid's step on other tiers
  ['rules.order={kind: fok}', 'rules.reduction={kind: full}'],
  ['rules.order={kind: fok}', STEP],
  [STEP],
  ['rules.adl.ranking=none'],
  ['rules.adl.ranking=none', 'rules.adl.triggers=[]'],
  [
    'rules.reduction={kind: increments, maxQty: 1, perSecond: 20}',
    'rules.takeover={when: equityBelow, share: 0.5}',
  ],
  [
    'rules.reduction={kind: ramp, buffer: 0.02, closeAllBelow: 50, start: 0.1, perSecond: 0.1}',
    'rules.order={kind: atMark}',
  ],
  ['rules.order={kind: fillable, spread: 1.5, adjustment: 1}'],
  [RUNNING],
  [FORMULA],
  ['rules.adl.ranking=random', 'rules.adl.eligible=anySolvent', 'rules.adl.maxVisits=10'],
  [MULTI('USDT')],
  [OKX],
  [...TWO_ASSETS],
  [...TWO_ASSETS, STEP], // one market has a ladder, the other one tier
];

for (const overrides of ALLOWED) {
  test(`reads ${overrides.map((o) => o.slice(0, 60)).join(' with ')}`, () => {
    assert.equal(readRules(written(SOUND), { overrides }).id, 'own@1');
  });
}
