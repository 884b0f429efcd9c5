/** Building blocks of the margin tests: a market, a schedule, a pocket, each in one line. */
import { money, type Price, price, qty, rate } from '../../../src/basics/exact.ts';
import { type Leg, type Pocket, valueAt } from '../../../src/margin/leg.ts';
import type { Market, Side } from '../../../src/rules/market.ts';
import type { MarginTier, MarketRules } from '../../../src/rules/ruleSet.ts';

export const LINEAR: Market = {
  id: 'BTCUSDT',
  kind: 'linear',
  settle: 'USDT',
  priceTick: price('0.01'),
  qtyStep: qty('0.001'),
  faceValue: money('1'),
  valueScale: 8,
};
export const INVERSE: Market = { ...LINEAR, id: 'XBTUSD', kind: 'inverse', settle: 'BTC', qtyStep: qty('1') };

/** `upTo rate deduction` a tier, initial rate twice the maintenance rate. */
export const tiers = (...rows: string[]): MarginTier[] =>
  rows.map((row) => {
    const [upTo, maintenance, deduction] = row.split(' ') as [string, string, string];
    const maintenanceRate = rate(maintenance);
    return {
      upTo: money(upTo),
      maintenanceRate,
      maintenanceDeduction: money(deduction),
      initialRate: maintenanceRate.times(rate('2')),
    };
  });

/** BTCUSDT from 2021-03-18 to 2021-06-22: Binance announcement 86cf9aa472574b8cb2e05bb751c2a9a6. */
export const BTCUSDT_2021_03 = tiers(
  '50000 0.004 0',
  '250000 0.005 50',
  '1000000 0.01 1300',
  '10000000 0.025 16300',
  '20000000 0.05 266300',
  '50000000 0.1 1266300',
  '100000000 0.125 2516300',
  '200000000 0.15 5016300',
  '300000000 0.25 25016300',
  '500000000 0.5 100016300',
);

/** Rules as far as margin reads them; the other slots stay unread. */
export const rules = (part: Partial<MarketRules>): MarketRules =>
  ({
    tiers: BTCUSDT_2021_03,
    tierKey: 'notional',
    notionalAt: 'mark',
    clearanceFee: [],
    bankruptcy: { feeRate: rate('0'), rounding: 'none' },
    ...part,
  }) as unknown as MarketRules;

/** `long 2 @ 43000` in a market. */
export function leg(text: string, market: Market, marketRules: MarketRules): Leg {
  const [side, size, , entry] = text.split(' ') as [Side, string, string, string];
  return {
    market,
    rules: marketRules,
    side,
    qty: qty(size),
    entryValue: valueAt(market, qty(size), price(entry)),
  };
}

export const pocket = (wallet: string, ...legs: Leg[]): Pocket => ({
  legs,
  wallet: money(wallet),
  orderMargin: money('0'),
});

export const at = (text: string) => (): Price => price(text);
