/** Facts of the sample run of rows.ts: the least that the types allow. Every number here is assumed. */
import { money, price, qty, rate } from '../../src/basics/exact.ts';
import type { RunFacts } from '../../src/results/manifest.ts';
import type { Assumptions } from '../../src/rules/assumptions.ts';
import type { RuleSet } from '../../src/rules/ruleSet.ts';
import { beatUs, MARKET, START_US } from './rows.ts';

const rules: RuleSet = {
  id: 'sample',
  title: 'Sample',
  venue: 'none',
  inForce: { from: 0, until: null },
  markets: {
    [MARKET]: {
      tiers: [
        {
          upTo: money('1000000'),
          maintenanceRate: rate('0.01'),
          maintenanceDeduction: money('0'),
          initialRate: rate('0.1'),
        },
      ],
      tierKey: 'notional',
      notionalAt: 'mark',
      index: {
        aggregator: 'equalMean',
        weights: {},
        outlier: { kind: 'none' },
        stale: { afterUs: 10_000_000, mode: 'drop' },
        quorum: { two: 'mean', one: 'use', zero: 'hold' },
      },
      mark: { kind: 'indexOnly', tick: price('0.1'), rounding: 'even' },
      funding: { intervalUs: 28_800_000_000, offsetUs: 0, paymentScale: 8 },
      clearanceFee: [{ rate: rate('0.005') }],
      bankruptcy: { feeRate: rate('0'), rounding: 'none' },
    },
  },
  trigger: { inclusive: true },
  reduction: { kind: 'full' },
  order: { kind: 'ioc' },
  takeover: { when: 'atOnce' },
  freeze: { at: 'atVerdict', graceUs: 0 },
  residue: 'toFund',
  victimOrder: 'mostExposed',
  funds: [],
  adl: { ranking: 'binance', triggers: ['fundRefuses'], ties: 'byId', shortage: 'market' },
  stageOrder: ['mark', 'funding', 'liquidation', 'adl'],
  sources: {},
};

const assumptions: Assumptions = {
  timing: 'common',
  population: { kind: 'file', path: 'population.parquet' },
  fills: { participation: rate('0.25'), impact: 0, stressMax: 1, kernel: 'power' },
  feedback: { passThrough: 0, arbitrageUs: 0 },
  fundOpening: { main: money('1000') },
  winnersTake: rate('0.3'),
};

export const sampleFacts = (): RunFacts => ({
  scenario: {
    id: 'sample',
    title: 'Sample',
    caveats: ['made by hand'],
    rules,
    assumptions,
    seed: '7',
    namedAccounts: '',
    facts: {
      fromUs: START_US,
      untilUs: beatUs(4),
      beatUs: 1_000_000,
      markets: {
        [MARKET]: {
          id: MARKET,
          kind: 'linear',
          settle: 'USDT',
          priceTick: price('0.1'),
          qtyStep: qty('0.001'),
          faceValue: money('1'),
          valueScale: 8,
        },
      },
      streams: [],
      timingStream: '',
      quote: {},
      outages: [],
      before: {},
      published: [],
    },
    sensitivity: { reconstructionSeeds: 0, timings: [], overrides: [] },
  },
  worlds: [
    {
      world: 0,
      name: 'baseline',
      baseline: null,
      feedback: true,
      overrides: [],
      rules,
      assumptions,
      seed: '7',
    },
  ],
  streams: [
    {
      stream: 'perp',
      kind: 'trades',
      files: [{ path: 'perp.parquet', sha256: '0'.repeat(64) }],
      intervalUs: 0,
      rowsRead: 10,
      accepted: {},
      nature: 'synthetic',
    },
  ],
  framesKey: '1'.repeat(64),
  code: { version: '0.1.0', digest: '2'.repeat(64) },
});
