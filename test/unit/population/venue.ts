/** Two linear markets and an inverse one, their rules, candles and a drawing request for population tests. */
import { money, price, qty, rate, steps, unscaled } from '../../../src/basics/exact.ts';
import type { Population } from '../../../src/ledger/population.ts';
import type { Pocket } from '../../../src/margin/leg.ts';
import type { DrawRequest } from '../../../src/population/drawPopulation.ts';
import type { Synthetic } from '../../../src/population/roster.ts';
import type { DailyBar } from '../../../src/rules/facts.ts';
import type { Market } from '../../../src/rules/market.ts';
import type { MarginTier, MarketRules, RuleSet } from '../../../src/rules/ruleSet.ts';
import { USUAL } from '../../support/behaviour.ts';

const linear = (id: string): Market => ({
  id,
  kind: 'linear',
  settle: 'USDT',
  priceTick: price('0.01'),
  qtyStep: qty('0.001'),
  faceValue: money('1'),
  valueScale: 8,
});
export const MARKETS: Readonly<Record<string, Market>> = {
  BTCUSDT: linear('BTCUSDT'),
  ETHUSDT: linear('ETHUSDT'),
  XBTUSD: {
    ...linear('XBTUSD'),
    kind: 'inverse',
    settle: 'XBT',
    priceTick: price('0.5'),
    qtyStep: qty('1'),
  },
};

/** Binance BTCUSDT from 2021-03-18 (docs/rules.md): upper bound, rate, deduction, initial rate. */
const LINEAR_TIERS = [
  ['50000', '0.004', '0', '0.008'],
  ['250000', '0.005', '50', '0.01'],
  ['1000000', '0.01', '1300', '0.02'],
  ['10000000', '0.025', '16300', '0.05'],
  ['20000000', '0.05', '266300', '0.1'],
  ['500000000', '0.1', '1266300', '0.2'],
];
/** The first steps of BitMEX XBTUSD before 2020-04-17: base 200 XBT, 0.5 % and 1 %, a step per 100 XBT. */
const INVERSE_TIERS = [
  ['200', '0.005', '0', '0.01'],
  ['300', '0.01', '0', '0.015'],
  ['400', '0.015', '0', '0.02'],
];
const tiersOf = (rows: readonly (readonly string[])[]): MarginTier[] =>
  rows.map(([upTo, maintenance, deduction, initial]) => ({
    upTo: money(upTo!),
    maintenanceRate: rate(maintenance!),
    maintenanceDeduction: money(deduction!),
    initialRate: rate(initial!),
  }));
const rulesFor = (market: Market): MarketRules =>
  ({
    tiers: tiersOf(market.kind === 'linear' ? LINEAR_TIERS : INVERSE_TIERS),
    tierKey: 'notional',
    notionalAt: 'mark',
  }) as unknown as MarketRules;
/** Rules as far as the population reads them. */
export const RULES = {
  id: 'test',
  markets: Object.fromEntries(Object.values(MARKETS).map((market) => [market.id, rulesFor(market)])),
} as unknown as RuleSet;

/** 30 days falling from `from` to `to`, each 4 % wide. */
export const falling = (from: number, to: number, volume: number): DailyBar[] =>
  Array.from({ length: 30 }, (_, k) => {
    const close = from + ((to - from) * (k + 1)) / 30;
    return { tsUs: k, open: close * 1.01, high: close * 1.03, low: close * 0.99, close, volume };
  });

export const FIRST_MARK: Readonly<Record<string, number>> = { BTCUSDT: 7900, ETHUSDT: 200, XBTUSD: 7905.5 };

const ASSUMPTION: Synthetic = {
  kind: 'synthetic',
  accounts: 200,
  openInterest: { BTCUSDT: money('30000'), ETHUSDT: money('400000'), XBTUSD: money('600000000') },
  openInterestRange: [rate('1'), rate('1')],
  leverageMix: 'MID',
  liquidatableShare: rate('0.25'),
  isolatedShare: rate('0.35'),
  hedgeShare: rate('0.05'),
  multiMarketShare: rate('0.1'),
  restingOrderShare: rate('0.2'),
  ...USUAL,
};

/** A request over some of the markets, with some assumptions of its own. */
export function requestOf(
  assumption: Partial<Synthetic> = {},
  { markets = ['BTCUSDT'], seed = '1' }: { markets?: readonly string[]; seed?: string } = {},
): DrawRequest {
  return {
    assumption: { ...ASSUMPTION, ...assumption },
    facts: { markets: Object.fromEntries(markets.map((id) => [id, MARKETS[id]!])) },
    rules: RULES,
    firstMarkF64: FIRST_MARK,
    before: {
      BTCUSDT: falling(9000, 7900, 200_000),
      ETHUSDT: falling(240, 200, 2_000_000),
      XBTUSD: falling(9000, 7905, 3_000_000_000),
    },
    seed,
  };
}

/** Accounts as the margin room judges them: one pocket a leg when isolated, one in all when cross. */
export function pocketsOf(population: Population, a: number): Pocket[] {
  const amount = (column: bigint) => unscaled('money', column, 8);
  const legs = rowsOf(population, a).map((leg) => {
    const market = MARKETS[population.markets[population.legMarket[leg]!]!]!;
    return {
      margin: amount(population.legMargin[leg]!),
      leg: {
        market,
        rules: RULES.markets[market.id]!,
        side: population.legSide[leg] === 1 ? ('long' as const) : ('short' as const),
        qty: steps(population.legLots[leg]!, market.qtyStep),
        entryValue: amount(population.legEntryValue[leg]!),
      },
    };
  });
  if (population.cross[a] === 0) {
    return legs.map(({ leg, margin }) => ({ legs: [leg], wallet: margin, orderMargin: money('0') }));
  }
  // Order margin is taken off, so that a venue which does not count it finds the account sound as well.
  const free = amount(population.wallet[a]! - population.orderMargin[a]!);
  return [{ legs: legs.map(({ leg }) => leg), wallet: free, orderMargin: money('0') }];
}

/** Leg rows of an account. */
export const rowsOf = (population: Population, a: number): number[] =>
  Array.from(
    { length: population.legStart[a + 1]! - population.legStart[a]! },
    (_, i) => population.legStart[a]! + i,
  );
