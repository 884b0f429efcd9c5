/** Hand-made frames and rules for tests that need a few beats of one market, not a file. */
import { money, price, qty, rate, ZERO_RATE } from '../../src/basics/exact.ts';
import { HOUR_US, SECOND_US } from '../../src/basics/instant.ts';
import type { ConstituentFrames, Frames, FundingStamp, Outage } from '../../src/clock/frames.ts';
import type { Market } from '../../src/rules/market.ts';
import type { IndexRule, MarketRules, MarkRule } from '../../src/rules/ruleSet.ts';

export const BTC: Market = {
  id: 'BTCUSDT',
  kind: 'linear',
  settle: 'USDT',
  priceTick: price('0.01'),
  qtyStep: qty('0.001'),
  faceValue: money('1'),
  valueScale: 8,
};

export const XBT: Market = {
  id: 'XBTUSD',
  kind: 'inverse',
  settle: 'XBT',
  priceTick: price('0.5'),
  qtyStep: qty('1'),
  faceValue: money('1'),
  valueScale: 8,
};

export const PLAIN_INDEX: IndexRule = {
  aggregator: 'equalMean',
  weights: {},
  outlier: { kind: 'none' },
  stale: { afterUs: 10 * SECOND_US, mode: 'drop' },
  quorum: { two: 'mean', one: 'use', zero: 'hold' },
};

type Unshown<T> = T extends unknown ? Omit<T, 'tick' | 'rounding'> : never;
/** A mark rule without its tick and rounding. */
export type MarkKind = Unshown<MarkRule>;

/** Market rules of which only index, mark and funding are looked at. */
export function rulesWith(mark: MarkKind, index: IndexRule = PLAIN_INDEX, tick = '0.01'): MarketRules {
  return {
    tiers: [
      {
        upTo: money('1e12'),
        maintenanceRate: rate('0.005'),
        maintenanceDeduction: money('0'),
        initialRate: rate('0.01'),
      },
    ],
    tierKey: 'notional',
    notionalAt: 'mark',
    index,
    mark: { tick: price(tick), rounding: 'even', ...mark } as MarkRule,
    funding: { intervalUs: 8 * HOUR_US, offsetUs: 0, paymentScale: null },
    clearanceFee: [{ rate: ZERO_RATE }],
    bankruptcy: { feeRate: ZERO_RATE, rounding: 'none' },
  };
}

export interface Small {
  readonly startUs?: number;
  readonly beatUs?: number;
  /** Last price of each beat; NaN before the first trade. */
  readonly last: readonly number[];
  readonly lots?: readonly number[];
  /** Price of each constituent by beat. */
  readonly constituents?: Readonly<Record<string, readonly number[]>>;
  readonly ageUs?: Readonly<Record<string, readonly number[]>>;
  /** The same perpetual at other venues. */
  readonly references?: Readonly<Record<string, readonly number[]>>;
  readonly mid?: readonly number[];
  readonly bid?: readonly number[];
  readonly recorded?: readonly number[];
  readonly funding?: readonly FundingStamp[];
  readonly outages?: readonly Outage[];
  readonly market?: Market;
}

/** Frames of one market whose constituents tick by 0.01. */
export function smallFrames(small: Small): Frames {
  const market = small.market ?? BTC;
  const tick = market.priceTick.toNumber();
  const beats = small.last.length;
  const flat = (n: number) => new Float64Array(beats).fill(n);
  const inTicks = (prices: readonly number[], step: number) =>
    Float64Array.from(prices, (p) => Math.round(p / step));
  const last = inTicks(small.last, tick);
  const columns = {
    lastTicks: last,
    highTicks: last,
    lowTicks: last,
    lots: Float64Array.from(small.lots ?? flat(0)),
    tickLots: flat(0),
    buyLots: flat(0),
    trades: flat(0),
    bidPlusAskTicks:
      small.mid === undefined
        ? null
        : inTicks(
            small.mid.map((m) => 2 * m),
            tick,
          ),
    bidTicks: small.bid === undefined ? null : inTicks(small.bid, tick),
    recordedMarkF64: small.recorded === undefined ? null : Float64Array.from(small.recorded),
    openInterestLots: null,
  };
  const framesOf = (list: Small['constituents']): ConstituentFrames[] =>
    Object.entries(list ?? {}).map(([name, prices]) => ({
      name,
      tick: '0.01',
      lastTicks: inTicks(prices, 0.01),
      ageUs: Float64Array.from(small.ageUs?.[name] ?? flat(0)),
      lots: flat(0),
    }));
  return {
    key: 'small',
    startUs: small.startUs ?? 0,
    beatUs: small.beatUs ?? SECOND_US,
    beats,
    markets: new Map([[market.id, columns]]),
    constituents: new Map([[market.id, framesOf(small.constituents)]]),
    references: new Map([[market.id, framesOf(small.references)]]),
    side: {
      funding: small.funding ?? [],
      outages: small.outages ?? [],
      fundBalances: [],
      observedLiquidations: [],
      accountEvents: [],
    },
    streams: [],
  };
}
