/** Accounts of several assets and derived markets, spelt out by hand, for tests of margin over a whole account. */
import { money, price, qty, rate } from '../../src/basics/exact.ts';
import type { Leg } from '../../src/margin/leg.ts';
import { valueAt } from '../../src/margin/leg.ts';
import type { Pool } from '../../src/margin/multiAsset.ts';
import type { LossSetting } from '../../src/margin/portfolioLoss.ts';
import type { Derived, Market, MarketId, Side } from '../../src/rules/market.ts';
import type { CollateralRule, MarketRules, PortfolioRule } from '../../src/rules/ruleSet.ts';
import { inverseMarket, linearMarket, tinyMarketRules } from './tinyWorld.ts';

export const DAY_US = 86_400 * 1e6;
export const BTC = linearMarket('BTC');
/** A coin-margined contract on the same underlying, 1 quote unit each. */
export const COIN: Market = {
  ...inverseMarket('COIN'),
  settle: 'BTC',
  priceTick: price('0.01'),
  riskUnit: 'BTC',
};

export const derivedMarket = (id: MarketId, derived: Derived, over: Partial<Market> = {}): Market => ({
  ...linearMarket(id),
  derived,
  ...over,
});
/** Expires 30 days after 0, one per cent above the index. */
export const DATED = derivedMarket('DATED', {
  kind: 'future',
  underlying: 'BTC',
  expiryUs: 30 * DAY_US,
  basis: rate('0.01'),
});
export const CALL = derivedMarket('CALL', {
  kind: 'option',
  underlying: 'BTC',
  expiryUs: 30 * DAY_US,
  right: 'call',
  strike: price('40000'),
  volatility: rate('0.8'),
  premium: 'quote',
});

export const OKX: Extract<PortfolioRule, { kind: 'okx' }> = {
  kind: 'okx',
  spotShocks: ['0', '0.05', '0.1', '0.15'].map(rate),
  volShocks: [rate('0'), rate('0.25')],
  extreme: { move: rate('0.3'), share: rate('0.5') },
  basisCharge: rate('0.0075'),
  minimumCharge: rate('0.0025'),
  initialFactor: rate('1.3'),
};
/** With every part that a book may leave out. */
export const OKX_WHOLE: typeof OKX = {
  ...OKX,
  shockOf: 'index',
  decayUs: DAY_US,
  perpetualBasis: rate('0.002'),
  depegCharge: rate('0.01'),
  chargeTiers: [
    { upTo: money('100'), factor: rate('1') },
    { upTo: money('1000'), factor: rate('2') },
  ],
  borrowing: { maintenance: rate('0.02'), initial: rate('0.1') },
};
export const DERIBIT: Extract<PortfolioRule, { kind: 'deribit' }> = {
  kind: 'deribit',
  range: rate('0.16'),
  buckets: 4,
  volUp: rate('0.45'),
  volDown: rate('0.3'),
  extended: [
    { move: rate('-0.33'), share: rate('0.48') },
    { move: rate('0.5'), share: rate('0.2') },
  ],
  contingency: rate('0.01'),
  initialFactor: rate('1.3'),
};

/** USDT is the unit; BTC counts 95 % at 1 % buffers; USDC counts whole. */
export const COLLATERAL: CollateralRule = {
  kind: 'multi',
  unit: 'USDT',
  assets: {
    USDT: { haircut: rate('0'), bidBuffer: rate('0'), askBuffer: rate('0'), index: null },
    BTC: { haircut: rate('0.05'), bidBuffer: rate('0.01'), askBuffer: rate('0.01'), index: 'BTC' },
    USDC: { haircut: rate('0'), bidBuffer: rate('0'), askBuffer: rate('0.001'), index: null },
  },
  autoExchangeBelow: money('10000'),
};

export const poolOf = (
  over: Partial<Pool> & { readonly held?: Readonly<Record<string, string>> } = {},
): Pool => {
  const { held = {}, ...rest } = over;
  return {
    collateral: COLLATERAL,
    portfolio: undefined,
    unit: 'USDT',
    balances: new Map(Object.entries(held).map(([asset, text]) => [asset, money(text)])),
    index: () => price('40000'),
    nowUs: 0,
    ...rest,
  };
};

export const legOf = (
  market: Market,
  side: Side,
  amount: string,
  entry: string,
  rules: Partial<MarketRules> = {},
): Leg => ({
  market,
  rules: tinyMarketRules(rules),
  side,
  qty: qty(amount),
  entryValue: valueAt(market, qty(amount), price(entry)),
});

/** Marks by market. */
export const marksOf = (texts: Readonly<Record<MarketId, string>>) => (id: MarketId) => price(texts[id]!);

/** The setting of a verdict at these marks. */
export const settingOf = (pool: Pool, marks: (id: MarketId) => ReturnType<typeof price>): LossSetting => {
  const prices = { mark: marks, index: pool.index };
  return { pool, box: { low: prices, high: prices } };
};
