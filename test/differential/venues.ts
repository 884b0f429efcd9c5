/**
 * Random venues for differential tests: every mechanism slot, contract kind, margin mode and order
 * kind is drawn, prices walk at random and crash now and then. A pure function of its number.
 */
import { draw } from '../../src/basics/draw.ts';
import { money, price, qty, rate } from '../../src/basics/exact.ts';
import type { AccountEvent, FundingStamp } from '../../src/clock/frames.ts';
import type { Market, Side } from '../../src/rules/market.ts';
import type { FundingRateRule, MarketRules, MarkRule, RuleSet } from '../../src/rules/ruleSet.ts';
import {
  inverseMarket,
  linearMarket,
  SECOND,
  tiers,
  type Tiny,
  type TinyAccount,
  type TinyBeat,
  type TinyLeg,
  tinyRules,
} from '../support/tinyWorld.ts';

/** Draws by field name order: each call is the next number of its venue. */
export class Luck {
  private readonly seed: number;
  private field = 0;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** 0 <= x < 1 */
  next(): number {
    return draw(this.seed, 77, this.field++);
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }
}

const CONTINUOUS = tiers([
  ['20000', '0.004', '0', '0.008'],
  ['60000', '0.01', '120', '0.02'],
  ['1000000000', '0.025', '1020', '0.05'],
]);
const STEPPED = tiers([
  ['20000', '0.004', '0', '0.008'],
  ['60000', '0.01', '0', '0.02'],
  ['1000000000', '0.02', '0', '0.05'],
]);
const COIN_TIERS = tiers([
  ['2', '0.004', '0', '0.008'],
  ['6', '0.01', '0.012', '0.02'],
  ['1000000000', '0.025', '0.102', '0.05'],
]);

/** Price at which each market starts. */
const START: Readonly<Record<string, number>> = { BTCUSDT: 40000, ETHUSDT: 2500, XBTUSD: 10000 };

function marketsOf(luck: Luck): Market[] {
  const kind = luck.pick(['linear', 'linear', 'inverse', 'two'] as const);
  if (kind === 'inverse') return [inverseMarket()];
  return kind === 'two' ? [linearMarket('BTCUSDT'), linearMarket('ETHUSDT')] : [linearMarket()];
}

/**
 * What Deribit, OKX and dYdX add to the tiers, each in every fourth market: a position of 5 BTC gets
 * 0.02 % of rate from its size. The low digits of a draw decide, so that no later draw is moved.
 */
function onTop(drawn: number, market: Market): Partial<MarketRules> {
  const bits = Math.floor(drawn * 2 ** 30);
  const slope = rate(market.kind === 'inverse' ? '0.001' : '0.00004');
  return {
    ...((bits & 3) === 0 ? { sizeSlope: { maintenance: slope, initial: slope.times(rate('2')) } } : {}),
    ...(((bits >> 2) & 3) === 0 ? { closingFee: rate('0.0006') } : {}),
    ...(((bits >> 4) & 3) === 0 ? { requirementScale: market.kind === 'inverse' ? 4 : 0 } : {}),
  };
}

/** Rates made of the walking prices: often at their cap, so that a stamp decides something. */
function fundingRateOf(luck: Luck): FundingRateRule {
  const common = { sampleUs: SECOND, periodUs: luck.pick([10, 80]) * SECOND, damper: rate('0.0005') };
  if (luck.chance(0.3)) return { kind: 'dampened', ...common };
  return {
    kind: 'clamped',
    ...common,
    weighting: luck.pick(['equal', 'linear']),
    interest: rate('0.0001'),
    cap: rate('0.02'),
    changeCap: luck.pick([null, rate('0.01')]),
    announced: luck.chance(0.5),
    against: luck.pick(['index', 'mark']),
    impactNotional: money('1000'),
  };
}

/** Marks with a memory or a cadence; without a draw the mark is the index. */
function markOf(luck: Luck): MarkRule {
  const shown = { tick: price('0.01'), rounding: 'even' } as const;
  const [band, ema] = [rate('0.01'), { emaUs: 150 * SECOND, bookEmaUs: 30 * SECOND }];
  return luck.pick<MarkRule>([
    { kind: 'oracleMedian', ...shown, ...ema, references: {} },
    { kind: 'oracleMedian', ...shown, ...ema, everyUs: 3 * SECOND, references: {} },
    { kind: 'clampedLast', ...shown, band },
    { kind: 'fundingBasis', ...shown, rate: 'runningInterval' },
    {
      kind: 'boundedEma',
      ...shown,
      samples: 5,
      sampleUs: SECOND,
      band,
      markBand: { below: band, above: rate('0.005') },
    },
  ]);
}

function marketRulesOf(luck: Luck, market: Market): Partial<MarketRules> {
  const drawn = luck.next();
  const stepped = drawn < 0.3;
  const own = new Luck(Math.floor(drawn * 2 ** 30)); // marks and rates move no later draw either
  return {
    tiers: market.kind === 'inverse' ? COIN_TIERS : stepped ? STEPPED : CONTINUOUS,
    notionalAt: luck.pick(['mark', 'mark', 'entry']),
    ...onTop(drawn, market),
    funding: {
      intervalUs: 10 * SECOND,
      offsetUs: 0,
      paymentScale: luck.pick([null, null, 6]),
      ...(own.chance(0.4) ? { rate: fundingRateOf(own) } : {}),
    },
    ...(own.chance(0.4) ? { mark: markOf(own) } : {}),
    clearanceFee: [{ rate: rate(luck.pick(['0', '0.002', '0.005', '0.0125'])) }],
    bankruptcy: {
      feeRate: rate(luck.pick(['0', '0.0005'])),
      rounding: luck.pick(['none', 'tickAgainstUser']),
    },
  };
}

function adlOf(luck: Luck): RuleSet['adl'] {
  const ranking = luck.pick<RuleSet['adl']['ranking']>([
    ...([
      'binance',
      'profitTimesLeverage',
      'profitOnly',
      'profitOnly',
      'bitmex',
      'hyperliquid',
      'none',
    ] as const),
    ...(['random', 'socialise', 'proRataContracts', 'proRataProfit', 'riskWeighted'] as const),
    ...(['leverageDrain', 'minMaxHaircut'] as const),
  ]);
  return {
    ranking,
    triggers: ['fundRefuses'],
    ties: luck.pick(['proRata', 'byId']),
    shortage: ranking === 'socialise' ? 'socialise' : luck.pick(['market', 'socialise', 'house']),
    price: luck.pick<NonNullable<RuleSet['adl']['price']>>([
      { kind: 'bankruptcy' },
      { kind: 'mark' },
      { kind: 'previousMark' },
      { kind: 'bankruptcyWithin', band: rate('0.01') },
    ]),
    eligible: luck.pick(['inProfit', 'inProfit', 'anySolvent']),
    winnerFee: rate(luck.pick(['0', '0.0005'])),
    maxVisits: luck.pick([1000, 3]),
    spread: luck.pick(['profit', 'perBase']),
  };
}

/** How it liquidates: every kind of reduction, order and takeover, with and without limits of speed. */
function processOf(
  luck: Luck,
  markets: readonly Market[],
): Pick<RuleSet, 'reduction' | 'order' | 'takeover' | 'speed'> {
  const inverse = markets[0]!.kind === 'inverse';
  const amount = (usd: string) => money(usd).times(rate(inverse ? '0.0001' : '1'));
  const pauseUs = luck.pick([SECOND, 3 * SECOND]);
  const tierStepDown = { kind: 'tierStepDown' } as const;
  const reduction = luck.pick<RuleSet['reduction']>([
    { kind: 'full' },
    { kind: 'solve', buffer: { kind: luck.pick(['multiplicative', 'additive']), value: rate('0.001') } },
    { kind: 'fraction', fraction: rate('0.3'), above: amount('0') },
    { kind: 'fraction', fraction: rate('0.2'), above: amount('10000'), cooldownUs: pauseUs },
    { ...tierStepDown, tiers: luck.pick([1, 2]) },
    { ...tierStepDown, tiers: 'toFirst', fromTier: 2, pauseUs },
    { ...tierStepDown, tiers: 1, unlessBelowFirst: true, pauseUs },
    { kind: 'increments', maxQty: qty(inverse ? '4000' : '0.2'), perSecond: luck.pick([1, 3]) },
    {
      kind: 'blockLimit',
      share: rate('0.2'),
      least: amount('2000'),
      accountMost: amount('20000'),
      blockUs: luck.pick([SECOND, 2 * SECOND, SECOND / 2]),
    },
    {
      kind: 'ramp',
      buffer: rate('0.002'),
      closeAllBelow: amount('5'),
      start: rate('0.1'),
      perSecond: rate('0.2'),
    },
  ]);
  const kind = luck.pick(['ioc', 'fok', 'market', 'atMark', 'atBankruptcy', 'fillable'] as const);
  const widest = { spread: rate('1.5'), adjustment: rate(luck.pick(['1', '2'])) };
  const takeover = luck.pick<RuleSet['takeover']>([
    { when: 'atOnce' },
    { when: 'markAtBankruptcy' },
    { when: 'afterTries', tries: 3 },
    { when: 'equityBelow', share: rate('0.666666666667') },
  ]);
  const speed = { accountsPerSecond: luck.pick([null, 2]), ordersPerSecond: luck.pick([null, 4]) };
  const latencyUs = luck.pick([0, SECOND]);
  return {
    reduction: luck.chance(0.5) ? { ...reduction, netFirst: true } : reduction,
    order: kind === 'fillable' ? { kind, ...widest } : { kind },
    takeover,
    ...(luck.chance(0.3) ? { speed: { ...speed, latencyUs } } : {}),
  };
}

function rulesOf(luck: Luck, markets: readonly Market[]): Partial<RuleSet> {
  const [fund] = tinyRules(
    Object.fromEntries(markets.map((m) => [m.id, {} as never])),
    markets[0]!.settle,
  ).funds;
  const zero = rate('0');
  return {
    trigger: { inclusive: luck.chance(0.5) },
    ...processOf(new Luck(Math.floor(luck.next() * 1e9)), markets),
    freeze: { at: luck.pick(['atVerdict', 'atOrder']), graceUs: luck.pick([0, 0, 2 * SECOND]) },
    residue: luck.pick(['toTrader', 'toFund']),
    victimOrder: luck.pick(['mostExposed', 'byId']),
    adl: adlOf(luck),
    funds: [
      {
        ...fund!,
        fundingShare: luck.pick([zero, rate('0.1')]),
        clearEveryUs: luck.pick([0, 0, 5 * SECOND]),
        unwind: luck.pick<RuleSet['funds'][0]['unwind']>([
          { kind: 'hold' },
          { kind: 'work', participation: rate('0.1'), afterUs: 0, limit: 'none' },
          { kind: 'work', participation: rate('0.2'), afterUs: 3 * SECOND, limit: 'bankruptcy' },
          { kind: 'work', participation: rate('0.3'), afterUs: 0, limit: 'aggress' },
        ]),
        refusal: {
          empty: luck.chance(0.8),
          netNotionalCap: luck.pick([null, rate('2')]),
          drawdown: luck.pick([
            null,
            { fraction: rate('0.3'), windowUs: 10 * SECOND, pauseUs: 4 * SECOND },
            {
              fraction: rate('0.2'),
              windowUs: 10 * SECOND,
              pauseUs: 0,
              resumeAt: rate('0.1'),
              inclusive: true,
            },
          ]),
          ...luck.pick([{}, {}, { lossPerBeat: money('20') }]),
        },
      },
    ],
  };
}

function accountsOf(luck: Luck, markets: readonly Market[]): TinyAccount[] {
  return Array.from({ length: 10 + Math.floor(luck.next() * 25) }, (_, a): TinyAccount => {
    const cross = luck.chance(0.5);
    const used = cross ? markets : [luck.pick(markets)];
    let collateral = 0;
    const legs = used.flatMap((market): TinyLeg[] => {
      const one = luck.pick<Side>(['long', 'short']);
      const sides: readonly Side[] = luck.chance(0.25) ? ['long', 'short'] : [one];
      return sides.map((side): TinyLeg => {
        const entry = (START[market.id]! * luck.between(0.985, 1.015)).toFixed(2);
        const lots = 1 + Math.floor(luck.next() * (market.kind === 'inverse' ? 40000 : 2500));
        const size = market.kind === 'inverse' ? lots : lots / 1000;
        const worth = market.kind === 'inverse' ? size / Number(entry) : size * Number(entry);
        const margin = worth / luck.between(4, 40);
        collateral += margin;
        const common = { market: market.id, side, qty: String(size), entry };
        return cross ? common : { ...common, margin: margin.toFixed(8) };
      });
    });
    return {
      name: `n${a}`,
      cross,
      tracked: luck.chance(0.05),
      wallet: cross ? collateral.toFixed(8) : luck.chance(0.5) ? (collateral / 2).toFixed(8) : '0',
      orderMargin: luck.chance(0.3) ? (collateral / 4).toFixed(8) : '0',
      legs,
    };
  });
}

function beatsOf(luck: Luck, market: Market, count: number): TinyBeat[] {
  let at = START[market.id]!;
  return Array.from({ length: count }, () => {
    at *= 1 + luck.between(-0.004, 0.004) + (luck.chance(0.08) ? luck.between(-0.05, 0.04) : 0);
    const last = at * luck.between(0.996, 1.003);
    const volume = market.kind === 'inverse' ? luck.between(0, 60000) : luck.between(0, 6);
    return {
      index: at.toFixed(2),
      last: last.toFixed(2),
      high: (Math.max(at, last) * 1.001).toFixed(2),
      low: (Math.min(at, last) * 0.999).toFixed(2),
      volume: volume.toFixed(market.kind === 'inverse' ? 0 : 3),
    };
  });
}

/** Venue number `n`. */
export function randomVenue(n: number): Tiny {
  const luck = new Luck(n + 1);
  const markets = marketsOf(luck);
  const accounts = accountsOf(luck, markets);
  const count = 20 + Math.floor(luck.next() * 30);
  const funding = markets.flatMap((m): FundingStamp[] =>
    Array.from({ length: 6 }, (_, k) => ({
      tsUs: k * 10 * SECOND,
      market: m.id,
      rate: luck.between(-0.004, 0.004).toFixed(6),
    })),
  );
  const events = Array.from({ length: 4 }, (_, k): AccountEvent => {
    const account = luck.pick(accounts);
    const { market, side } = account.legs[0]!;
    const tsUs = (5 * k + 3) * SECOND;
    const amount = String(markets[0]!.kind === 'inverse' ? 0.1 : 200);
    return { tsUs, account: account.name, kind: 'deposit', market: market!, side, amount, price: null };
  });
  const opening = luck.pick(['0', '50', '5000', '1000000']);
  return {
    markets,
    accounts,
    rules: rulesOf(luck, markets),
    marketRules: Object.fromEntries(markets.map((m) => [m.id, marketRulesOf(luck, m)])),
    assumptions: {
      fills: { participation: rate(luck.pick(['0.2', '1'])), impact: 0, stressMax: 10, kernel: 'power' },
      winnersTake: rate(luck.pick(['0', '0.3'])),
      fundOpening: { main: money(opening) },
    },
    beats: Object.fromEntries(markets.map((m) => [m.id, beatsOf(luck, m, count)])),
    side: { funding, events },
    lambda: luck.pick([0, 1e-7]),
  };
}
