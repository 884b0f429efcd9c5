/**
 * OKX's parts of the requirement one by one. First its own published answer (docs-v5, Position builder, a response of
 * 15 January 2025): short 10 contracts of BTC-USDT-SWAP, long 10 of LTC-USDT-SWAP, 100 USDT, in dollars at 0.99954 a
 * USDT.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price, rate } from '../../../src/basics/exact.ts';
import type { Leg } from '../../../src/margin/leg.ts';
import { tiered, unitRequirements } from '../../../src/margin/portfolioRules.ts';
import { availableBalance, judge } from '../../../src/margin/trigger.ts';
import type { CollateralRule, PortfolioRule } from '../../../src/rules/ruleSet.ts';
import { readRules } from '../../../src/rules/readRules.ts';
import { linearMarket } from '../../support/tinyWorld.ts';
import {
  BTC,
  CALL,
  COIN,
  DAY_US,
  DATED,
  derivedMarket,
  legOf,
  marksOf,
  OKX,
  OKX_WHOLE,
  poolOf,
  settingOf,
} from '../../support/pools.ts';

type OkxRule = Extract<PortfolioRule, { kind: 'okx' }>;
const BOOK = readRules('okx-portfolio@2025-01').portfolio as OkxRule;
const FREE = { haircut: rate('0'), bidBuffer: rate('0'), askBuffer: rate('0') };
const DOLLARS: CollateralRule = {
  kind: 'multi',
  unit: 'USD',
  assets: { USDT: { ...FREE, index: 'USDT-USD' } },
  autoExchangeBelow: null,
};
const SWAPS = { BTC: linearMarket('BTC-USDT-SWAP'), LTC: linearMarket('LTC-USDT-SWAP') };
const MARKS = marksOf({ 'BTC-USDT-SWAP': '97093.7', 'LTC-USDT-SWAP': '102' });
/** The two indexes are what the shocks of the answer are shares of: loss / (shock x size x 0.99954). */
const INDEX = marksOf({ 'BTC-USDT-SWAP': '97078.9', 'LTC-USDT-SWAP': '101.9951', 'USDT-USD': '0.99954' });
const dollars = (portfolio: OkxRule, usdt = '0') =>
  poolOf({ collateral: DOLLARS, portfolio, unit: 'USD', index: INDEX, held: { USDT: usdt } });
/** Shocks of 6, 12 and 18 %, an extreme move of 36 %, 0.8 % for the basis, 0.7 % at least: as its second unit shows. */
const LTC: OkxRule = {
  ...BOOK,
  spotShocks: ['0', '0.06', '0.12', '0.18'].map(rate),
  extreme: { move: rate('0.36'), share: rate('0.5') },
  perpetualBasis: rate('0.008'),
  minimumCharge: rate('0.007'),
};
const SHORT_BTC = legOf(SWAPS.BTC, 'short', '0.1', '100000');
const LONG_LTC = legOf(SWAPS.LTC, 'long', '10', '8000');

test("the book gives OKX's published answer for BTC, to the last digit but its own float noise", () => {
  const pool = dollars(BOOK);
  const [unit] = unitRequirements([SHORT_BTC], BOOK, settingOf(pool, MARKS));
  assert.deepEqual(
    [unit!.worst, unit!.decay, unit!.extreme, unit!.offsetting, unit!.minimum, unit!.depegging].map(String),
    // mr1 1164.4109244719994, mr2 0, mr6 1164.4109244720003, mr4, mr7 43.67206660410001, mr9 0
    ['1164.410924472', '0', '1164.410924472', '19.4098073796', '43.6720666041', '0'],
  );
  assert.equal(unit!.total.toString(), '1183.8207318516'); // mmr 1183.8207318516002
  const pocket = {
    legs: [SHORT_BTC],
    wallet: money('0'),
    orderMargin: money('0'),
    pool: dollars(BOOK, '5000'),
  };
  // 5 000 USDT and a profit of 290.63 at 0.99954, less imr 1538.9669514070802
  const { equity } = judge(pocket, MARKS, { inclusive: true });
  assert.equal(equity.toString(), '5288.1963102');
  assert.equal(
    availableBalance(pocket, MARKS).toString(),
    equity.minus(money('1538.96695140708')).toString(),
  );
});

test('its second unit, and the debt that both leave: 2 % to keep, 10 % to begin with', () => {
  const [unit] = unitRequirements([LONG_LTC], LTC, settingOf(dollars(LTC), MARKS));
  assert.deepEqual(
    [unit!.worst, unit!.extreme, unit!.offsetting, unit!.minimum, unit!.total].map(String),
    // mr1 183.50672805719995, mr6 183.5067280572, mr4, mr7, mmr
    ['183.5067280572', '183.5067280572', '8.1562464', '7.1367156', '191.6629744572'],
  );
  // 100 USDT and the 290.63 that the short has made, less 78 980: availEq -78589.37, of which mr8 1571.064377796
  const pocket = {
    legs: [LONG_LTC],
    wallet: money('0'),
    orderMargin: money('0'),
    pool: dollars(LTC, '390.63'),
  };
  const verdict = judge(pocket, MARKS, { inclusive: true });
  assert.equal(verdict.equity.toString(), '-78553.2188898');
  assert.equal(verdict.maintenance.toString(), '1762.7273522532'); // 191.6629744572 + 1571.064377796
  // imr 249.16186679436 and borrowImr 7855.32188898
  assert.equal(
    availableBalance(pocket, MARKS).toString(),
    money('-78553.2188898').minus(money('249.16186679436')).minus(money('7855.32188898')).toString(),
  );
});

test('no debt, no charge on it; without the rule a debt is free', () => {
  const of = (portfolio: OkxRule, usdt: string) =>
    judge(
      { legs: [LONG_LTC], wallet: money('0'), orderMargin: money('0'), pool: dollars(portfolio, usdt) },
      MARKS,
      { inclusive: true },
    ).maintenance.toString();
  const { borrowing: _, ...lending } = LTC;
  assert.equal(of(LTC, '78980'), '191.6629744572'); // exactly as much as is lost
  assert.equal(of(LTC, '78979'), '191.6829652572'); // 1 USDT short: 2 % of 0.99954
  assert.equal(of(lending, '390.63'), '191.6629744572');
});

test("tiers of the least charge: OKX's own example, and the last row without an end", () => {
  const charged = (raw: string): string => tiered(money(raw), BOOK.chargeTiers!).toString();
  assert.equal(charged('30000'), '50000'); // "10,000 + (30,000 - 10,000) * 2"
  assert.equal(charged('10000'), '10000');
  assert.equal(charged('0'), '0');
  // 10 000 + 60 000 x 2 + 100 000 x 4 + 130 000 x 6 + 170 000 x 8 + 230 000 x 10 + 300 000 x 12
  assert.equal(charged('1000000'), '8570000');
  assert.equal(tiered(money('300'), OKX_WHOLE.chargeTiers!.slice(0, 1)).toString(), '300');
});

const HELD = (rule: OkxRule = OKX_WHOLE, over: Parameters<typeof poolOf>[0] = {}) =>
  poolOf({ portfolio: rule, ...over });
const NOW = marksOf({ BTC: '40000', USDC: '40000', COIN: '40400', DATED: '40400', CALL: '0', PUT: '0' });
const only = (legs: readonly Leg[], pool = HELD()) => {
  const units = unitRequirements(legs, pool.portfolio!, settingOf(pool, NOW));
  assert.equal(units.length, 1);
  return units[0]!;
};

test('a shock of the index leaves the basis where it is', () => {
  const legs = [legOf(BTC, 'long', '10', '40000'), legOf(DATED, 'short', '10', '40400')];
  const moved = only(legs);
  assert.deepEqual([moved.worst, moved.extreme].map(String), ['0', '0']);
  assert.equal(only(legs, HELD(OKX)).worst.toString(), '600'); // 15 % of 4 040 - 4 000
  // in coin: 40 000 / (40 400 - 6 000) - 40 000 / 40 400 = 1.1627907 - 0.99009901; 28 400: half of 1.4084507 -
  // 0.99009901
  const coin = HELD(OKX_WHOLE, { collateral: undefined, unit: 'BTC', index: () => price('40000') });
  const long = only([legOf(COIN, 'long', '40000', '40000')], coin);
  assert.deepEqual([long.worst, long.extreme].map(String), ['0.17269169', '0.209175845']);
});

test('time decay: what a straddle loses in its last day, where no move and no fall of volatility costs as much', () => {
  const last = { ...CALL.derived!, expiryUs: DAY_US } as typeof CALL.derived & {};
  const pair = [CALL, { ...CALL, id: 'PUT' }].map((market, i) =>
    derivedMarket(market.id, { ...last, right: i === 0 ? 'call' : 'put' } as typeof last),
  );
  const of = (side: 'long' | 'short') => only(pair.map((market) => legOf(market, side, '1', '600')));
  // v sqrt T = 0.8 / sqrt 365 = 0.0418740: 40 000 (2 N(0.0209370) - 1) = 668.16 each; at 55 % 459.38 each
  const long = of('long');
  assert.ok(Math.abs(long.decay.toNumber() - 1336.33) < 0.03, String(long.decay));
  assert.ok(Math.abs(long.worst.toNumber() - 2 * (668.16 - 459.38)) < 0.06, String(long.worst));
  assert.equal(long.extreme.toString(), '0');
  assert.equal(long.total.toString(), long.decay.toString());
  assert.equal(of('short').decay.toString(), '0'); // who has sold it gains
  const { decayUs: _, ...timeless } = OKX_WHOLE;
  const pool = HELD(timeless);
  assert.equal(
    only(
      pair.map((market) => legOf(market, 'long', '1', '600')),
      pool,
    ).decay.toString(),
    '0',
  );
});

test('perpetuals bear a share of their net, and what offsets between two dollars a charge on top of everything', () => {
  const usdc = { ...BTC, id: 'USDC', settle: 'USDC', riskUnit: 'BTC' };
  const legs = [legOf(BTC, 'long', '10', '40000'), legOf(usdc, 'short', '4', '40000')];
  const unit = only(legs);
  // net 6 BTC: 15 % of 240 000 and half of 30 %; 0.2 % of it; 0.25 % of 560 000 is 1 400: 100 + 1 300 x 2; 1 % of 160
  // 000
  assert.deepEqual(
    [unit.worst, unit.extreme, unit.offsetting, unit.minimum, unit.depegging, unit.total].map(String),
    ['36000', '36000', '480', '2700', '1600', '38080'],
  );
  const same = only([legOf(BTC, 'long', '10', '40000'), legOf(BTC, 'short', '10', '40000')]);
  // one dollar: nothing to part; 0.25 % of 800 000 is 2 000: 100 + 1 900 x 2
  assert.deepEqual([same.offsetting, same.depegging, same.total].map(String), ['0', '0', '3900']);
});
