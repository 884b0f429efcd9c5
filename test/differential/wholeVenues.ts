/**
 * Random venues whose cross accounts are judged as one: multi-assets with tiers, OKX and Deribit portfolio
 * margin, on perpetuals, coin-margined contracts, dated futures, options and inventory. A pure function of a number.
 */
import { money, price, rate } from '../../src/basics/exact.ts';
import type { FundingStamp } from '../../src/clock/frames.ts';
import type { Leg, Marks, Pocket } from '../../src/margin/leg.ts';
import type { Market, Side } from '../../src/rules/market.ts';
import type { RuleSet } from '../../src/rules/ruleSet.ts';
import {
  BTC,
  CALL,
  COIN,
  COLLATERAL,
  DATED,
  DERIBIT,
  derivedMarket,
  legOf,
  OKX,
  OKX_WHOLE,
  poolOf,
} from '../support/pools.ts';
import {
  linearMarket,
  SECOND,
  tiers,
  type Tiny,
  type TinyAccount,
  type TinyBeat,
} from '../support/tinyWorld.ts';
import { Luck, randomVenue } from './venues.ts';

const ETH = linearMarket('ETH');
const PUT = derivedMarket('PUT', {
  ...(CALL.derived as Extract<NonNullable<Market['derived']>, { kind: 'option' }>),
  right: 'put',
  strike: price('38000'),
});
const ETHQ = derivedMarket('ETHQ', {
  kind: 'future',
  underlying: 'ETH',
  expiryUs: 3e12,
  basis: rate('-0.004'),
});
const START: Readonly<Record<string, number>> = {
  BTC: 40000,
  COIN: 40100,
  ETH: 2000,
  DATED: 40400,
  ETHQ: 1992,
};
const STEPPED = tiers([
  ['20000', '0.004', '0', '0.008'],
  ['60000', '0.01', '0', '0.02'],
  ['1000000000', '0.02', '0', '0.05'],
]);
const ASSETS: RuleSet['collateral'] = {
  ...COLLATERAL,
  assets: {
    ...COLLATERAL.assets,
    ETH: { haircut: rate('0.1'), bidBuffer: rate('0.02'), askBuffer: rate('0.01'), index: 'ETH' },
  },
};

type Mode = 'tiers' | 'okx' | 'deribit' | 'okxAlone';
/** Odd venues under OKX's rule have every part of it. */
const slotsOf = (mode: Mode, n: number): Pick<RuleSet, 'collateral' | 'portfolio'> => ({
  ...(mode === 'okxAlone' ? {} : { collateral: ASSETS! }),
  ...(mode === 'tiers' ? {} : { portfolio: mode === 'deribit' ? DERIBIT : n % 2 === 0 ? OKX : OKX_WHOLE }),
});

/** An account near its limit: legs, balances. */
function accountOf(luck: Luck, a: number, markets: readonly Market[], alone: boolean): TinyAccount {
  const held = markets.filter(() => luck.chance(0.55));
  const used = held.length === 0 ? [markets[0]!] : held;
  let worth = 0;
  const hedges = luck.chance(0.5);
  const legs = used.map((market, i) => {
    const option = market.derived?.kind === 'option';
    const size = Math.ceil(luck.between(1, 900)) * (market.id.startsWith('ETH') ? 20 : 1);
    const side: Side = hedges ? (i % 2 === 0 ? 'long' : 'short') : luck.pick(['long', 'short']);
    const at = (option ? luck.between(1500, 4000) : START[market.id]! * luck.between(0.99, 1.01)).toFixed(2);
    const qty = market.kind === 'inverse' ? String(size * 40) : (size / 1000).toFixed(3);
    worth += market.kind === 'inverse' ? size * 40 : (size / 1000) * (option ? 40000 : Number(at));
    return { market: market.id, side, qty, entry: at };
  });
  const coins = alone ? 0 : luck.pick([0, 0.3, 0.8]);
  const value = worth * luck.between(0.005, 0.25);
  const further = {
    ...(coins > 0 ? { BTC: ((value * coins) / 38000).toFixed(8) } : {}),
    ...(coins > 0 && luck.chance(0.3) ? { ETH: luck.between(-0.05, 0.5).toFixed(8) } : {}),
  };
  return {
    name: `n${a}`,
    cross: luck.chance(0.9),
    asset: 'USDT',
    wallet: (value * (1 - coins)).toFixed(8),
    further,
    legs: legs.map((leg) => ({ ...leg })),
  };
}

/** Isolated accounts keep one linear leg with a margin of its own. */
function isolated(account: TinyAccount): TinyAccount {
  if (account.cross) return account;
  const { further: _, ...rest } = account;
  return { ...rest, legs: [{ market: 'BTC', side: 'long', qty: '0.5', entry: '40100', margin: '900' }] };
}

function beatsOf(luck: Luck, id: string, count: number): TinyBeat[] {
  let at = START[id]!;
  return Array.from({ length: count }, () => {
    at *= 1 + luck.between(-0.006, 0.006) + (luck.chance(0.1) ? luck.between(-0.06, 0.06) : 0);
    const last = (at * luck.between(0.997, 1.002)).toFixed(2);
    return { index: at.toFixed(2), last, volume: luck.between(0, 40).toFixed(3) };
  });
}

/** Venue number `n`, whose rules of liquidation are those of `randomVenue(n)`. */
export function wholeVenue(n: number): Tiny {
  const luck = new Luck(n + 7001);
  const mode = luck.pick<Mode>(['tiers', 'tiers', 'okx', 'okx', 'deribit', 'okxAlone']);
  const all = [
    BTC,
    ETH,
    ...(mode === 'okxAlone' ? [] : [COIN]),
    DATED,
    ETHQ,
    ...(luck.chance(0.4) ? [CALL, PUT] : []),
  ];
  const count = 15 + Math.floor(luck.next() * 20);
  const recorded = all.filter((m) => m.derived === undefined);
  const { rules: base, assumptions } = randomVenue(n);
  const fund = base!.funds![0]!;
  const inDollars = all.filter((m) => m.settle === 'USDT').map((m) => m.id);
  const funds = [
    { ...fund, asset: 'USDT', markets: inDollars },
    ...(mode === 'okxAlone' ? [] : [{ ...fund, name: 'coins', asset: 'BTC', markets: ['COIN'] }]),
  ];
  const opening = luck.pick(['0', '500', '100000']);
  const stepped = luck.chance(0.3);
  return {
    markets: all,
    rules: { ...base, ...slotsOf(mode, n), funds, adl: { ...base!.adl!, maxVisits: 1000 } },
    marketRules: Object.fromEntries(all.map((m) => [m.id, stepped ? { tiers: STEPPED } : {}])),
    assumptions: { ...assumptions, fundOpening: { main: money(opening), coins: money('0.5') } },
    accounts: Array.from({ length: 8 + Math.floor(luck.next() * 10) }, (_, a) =>
      isolated(accountOf(luck, a, all, mode === 'okxAlone')),
    ),
    beats: Object.fromEntries(recorded.map((m) => [m.id, beatsOf(luck, m.id, count)])),
    side: {
      funding: recorded.flatMap((m): FundingStamp[] =>
        Array.from({ length: 3 }, (_, k) => ({
          tsUs: k * 10 * SECOND,
          market: m.id,
          rate: luck.between(-0.003, 0.003).toFixed(6),
        })),
      ),
    },
  };
}

/** A pocket near its limit and the prices at which it stands: for properties of the pure room. */
export function wholePocket(n: number): {
  readonly pocket: Pocket;
  readonly marks: Marks;
  readonly luck: Luck;
} {
  const luck = new Luck(n + 500_001);
  const mode = luck.pick<Mode>(['tiers', 'okx', 'deribit', 'okxAlone']);
  const markets = [BTC, ETH, ...(mode === 'okxAlone' ? [] : [COIN]), DATED, ETHQ];
  const account = accountOf(luck, 0, markets, mode === 'okxAlone');
  const stepped = luck.chance(0.4);
  const rules = {
    ...(stepped ? { tiers: STEPPED } : {}),
    ...(luck.chance(0.2) ? { notionalAt: 'entry' as const } : {}),
  };
  const legs = account.legs.map(
    (leg): Leg => legOf(markets.find((m) => m.id === leg.market)!, leg.side, leg.qty, leg.entry, rules),
  );
  const at = new Map(markets.map((m) => [m.id, price((START[m.id]! * luck.between(0.95, 1.05)).toFixed(2))]));
  const marks: Marks = (id) => at.get(id)!;
  const indexes = new Map(
    markets.map((m) => [m.id, price((marks(m.id).toNumber() * luck.between(0.997, 1.003)).toFixed(2))]),
  );
  const { collateral, portfolio } = slotsOf(mode, n);
  const pool = poolOf({
    collateral,
    portfolio,
    held: { USDT: account.wallet!, ...account.further },
    index: (id) => indexes.get(id)!,
  });
  return { pocket: { legs, wallet: money(account.wallet!), orderMargin: money('0'), pool }, marks, luck };
}
