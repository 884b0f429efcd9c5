/**
 * A venue of a few accounts and beats, spelt out by hand: for stories, properties and differential
 * tests of the engine. Defaults are the simplest thing that works; every test names what it changes.
 */
import { hashText } from '../../src/basics/draw.ts';
import { money, price, qty, rate, scaled, value, wholeSteps } from '../../src/basics/exact.ts';
import type {
  AccountEvent,
  ConstituentFrames,
  Frames,
  MarketFrames,
  Outage,
} from '../../src/clock/frames.ts';
import { Pricing } from '../../src/engine/pricing.ts';
import type { Outbox } from '../../src/engine/rows.ts';
import { emptyOutbox } from '../../src/engine/rows.ts';
import { World, type WorldInput } from '../../src/engine/world.ts';
import { type Behaviour, COLUMN_SCALE, type Population } from '../../src/ledger/population.ts';
import { valueAt } from '../../src/margin/leg.ts';
import { replay } from '../../src/replay.ts';
import type { Assumptions } from '../../src/rules/assumptions.ts';
import type { Market, MarketId, Side } from '../../src/rules/market.ts';
import type { MarketRules, RuleSet } from '../../src/rules/ruleSet.ts';

export const SECOND = 1_000_000;

export const linearMarket = (id: MarketId = 'BTCUSDT'): Market => ({
  id,
  kind: 'linear',
  settle: 'USDT',
  priceTick: price('0.01'),
  qtyStep: qty('0.001'),
  faceValue: money('1'),
  valueScale: 18,
});

export const inverseMarket = (id: MarketId = 'XBTUSD'): Market => ({
  id,
  kind: 'inverse',
  settle: 'XBT',
  priceTick: price('0.5'),
  qtyStep: qty('1'),
  faceValue: money('1'),
  valueScale: 8,
});

/** Rows of [upTo, rate, deduction, initialRate]. */
export const tiers = (rows: readonly (readonly [string, string, string, string])[]): MarketRules['tiers'] =>
  rows.map(([upTo, maintenance, deduction, initial]) => ({
    upTo: money(upTo),
    maintenanceRate: rate(maintenance),
    maintenanceDeduction: money(deduction),
    initialRate: rate(initial),
  }));

export const tinyMarketRules = (over: Partial<MarketRules> = {}): MarketRules => ({
  tiers: tiers([
    ['50000', '0.004', '0', '0.008'],
    ['1000000000', '0.005', '50', '0.01'],
  ]),
  tierKey: 'notional',
  notionalAt: 'mark',
  index: {
    aggregator: 'equalMean',
    weights: {},
    outlier: { kind: 'none' },
    stale: { afterUs: 3600 * SECOND, mode: 'hold' },
    quorum: { two: 'mean', one: 'use', zero: 'hold' },
  },
  mark: { kind: 'indexOnly', tick: price('0.01'), rounding: 'even' },
  funding: { intervalUs: 8 * 3600 * SECOND, offsetUs: 0, paymentScale: null },
  clearanceFee: [{ rate: rate('0.005') }],
  bankruptcy: { feeRate: rate('0'), rounding: 'none' },
  ...over,
});

export const tinyRules = (
  markets: Readonly<Record<MarketId, MarketRules>>,
  asset: string,
  over: Partial<RuleSet> = {},
): RuleSet => ({
  id: 'tiny',
  title: 'tiny',
  venue: 'tiny',
  inForce: { from: 0, until: null },
  markets,
  trigger: { inclusive: true },
  reduction: { kind: 'full' },
  order: { kind: 'ioc' },
  takeover: { when: 'markAtBankruptcy' },
  freeze: { at: 'atVerdict', graceUs: 0 },
  residue: 'toTrader',
  victimOrder: 'mostExposed',
  funds: [
    {
      name: 'main',
      asset,
      markets: Object.keys(markets),
      fundingShare: rate('0'),
      injections: [],
      floor: null,
      clearEveryUs: 0,
      unwind: { kind: 'hold' },
      refusal: { empty: true, netNotionalCap: null, drawdown: null },
    },
  ],
  adl: { ranking: 'binance', triggers: ['fundRefuses'], ties: 'proRata', shortage: 'market' },
  stageOrder: ['mark', 'funding', 'liquidation', 'adl'],
  sources: {},
  ...over,
});

export const tinyAssumptions = (over: Partial<Assumptions> = {}): Assumptions => ({
  timing: 'common',
  population: { kind: 'file', path: '' },
  fills: { participation: rate('1'), impact: 0, stressMax: 10, kernel: 'power' },
  feedback: { passThrough: 0.75, arbitrageUs: 60 * SECOND },
  fundOpening: { main: money('1000') },
  winnersTake: rate('0'),
  ...over,
});

/** Assumptions of a drawn population: only what becomes of over-leveraged arrivals is read in a tiny world. */
export const tinyOwners = (overLeverage: 'reject' | 'scale'): Assumptions['population'] => ({
  kind: 'synthetic',
  accounts: 0,
  openInterest: {},
  openInterestRange: [rate('1'), rate('1')],
  leverageMix: 'MID',
  highLeverageShare: null,
  churn: rate('0'),
  liquidatableShare: rate('1'),
  isolatedShare: rate('1'),
  hedgeShare: rate('0'),
  multiMarketShare: rate('0'),
  restingOrderShare: rate('0'),
  behaviour: { stopShare: rate('0'), topUpShare: rate('0'), turnover: rate('0'), overLeverage },
});

export interface TinyLeg {
  readonly market?: MarketId;
  readonly side: Side;
  readonly qty: string;
  readonly entry: string;
  /** Isolated margin; leave out in cross. */
  readonly margin?: string;
  /** Last price at which it is closed, over the first last price (of an arrival: its entry). */
  readonly stop?: number;
  /** Likewise where half of the margin is added. */
  readonly topUp?: number;
  /** Number of the beat, from 0, at whose end it is opened; `qty` at the start is then 0. */
  readonly arrives?: {
    readonly beat: number;
    readonly qty: string;
    readonly leverage: number;
    readonly free?: number;
  };
  /** Number of the beat at whose end its owner closes it. */
  readonly departs?: number;
}

export interface TinyAccount {
  readonly name: string;
  readonly cross?: boolean;
  /** Cross wallet, or free balance. */
  readonly wallet?: string;
  /** Asset of the wallet; that of the first leg where left out. */
  readonly asset?: string;
  /** Balances in further assets. */
  readonly further?: Readonly<Record<string, string>>;
  readonly orderMargin?: string;
  readonly hedger?: boolean;
  readonly tracked?: boolean;
  readonly legs: readonly TinyLeg[];
}

/** What owners of hand-written accounts do; undefined where nobody does anything. */
function tinyBehaviour(
  legs: readonly TinyLeg[],
  startUs: number,
  lotsOf: (leg: TinyLeg, qty: string) => number,
) {
  const events = <E extends { readonly beat: number; readonly row: number }>(list: readonly E[]) => {
    const inOrder = list.toSorted((a, b) => a.beat - b.beat || a.row - b.row);
    const tsUs = Float64Array.from(inOrder, ({ beat }) => startUs + SECOND * (beat + 1));
    return { inOrder, tsUs, row: Uint32Array.from(inOrder, ({ row }) => row) };
  };
  const come = events(legs.flatMap((leg, row) => (leg.arrives ? [{ ...leg.arrives, leg, row }] : [])));
  const go = events(
    legs.flatMap(({ departs }, row) => (departs === undefined ? [] : [{ beat: departs, row }])),
  );
  const behaviour: Behaviour = {
    arrivals: {
      tsUs: come.tsUs,
      row: come.row,
      lots: Float64Array.from(come.inOrder, (a) => lotsOf(a.leg, a.qty)),
      leverage: Float32Array.from(come.inOrder, (a) => a.leverage),
      free: Float32Array.from(come.inOrder, (a) => a.free ?? 0),
    },
    departures: { tsUs: go.tsUs, row: go.row },
    stop: Float64Array.from(legs, (leg) => leg.stop ?? 0),
    topUp: Float64Array.from(legs, (leg) => leg.topUp ?? 0),
  };
  const acts = legs.some((l) => [l.stop, l.topUp, l.arrives, l.departs].some((what) => what !== undefined));
  return acts ? behaviour : undefined;
}

/** Population columns of hand-written accounts. */
export function tinyPopulation(
  markets: readonly Market[],
  list: readonly TinyAccount[],
  startUs = SECOND,
): Population {
  const legs = list.flatMap((account) => account.legs);
  const marketOf = (leg: TinyLeg): Market => markets.find((m) => m.id === (leg.market ?? markets[0]!.id))!;
  const own = list.flatMap(({ asset = [], further = {} }) => [asset, Object.keys(further)].flat());
  const assets = [...new Set([...markets.map((m) => m.settle), ...own])];
  const coin = (text: string): bigint => scaled(money(text), COLUMN_SCALE);
  const lotsOf = (l: TinyLeg, text: string): number =>
    Number(wholeSteps(qty(text), marketOf(l).qtyStep, 'down'));
  const behaviour = tinyBehaviour(legs, startUs, lotsOf);
  const starts = [0];
  for (const account of list) starts.push(starts.at(-1)! + account.legs.length);
  return {
    accounts: list.length,
    markets: markets.map((m) => m.id),
    names: new Map(list.map((account, a) => [a, account.name])),
    tracked: Uint8Array.from(list, (a) => (a.tracked ? 1 : 0)),
    cross: Uint8Array.from(list, (a) => (a.cross ? 1 : 0)),
    asset: Uint8Array.from(list, (a) => assets.indexOf(a.asset ?? marketOf(a.legs[0]!).settle)),
    further: new Map(
      list.flatMap(({ further }, a) =>
        further === undefined
          ? []
          : [[a, new Map(Object.entries(further).map(([name, text]) => [name, coin(text)]))]],
      ),
    ),
    assets,
    wallet: BigInt64Array.from(list, (a) => coin(a.wallet ?? '0')),
    orderMargin: BigInt64Array.from(list, (a) => coin(a.orderMargin ?? '0')),
    hedger: Uint8Array.from(list, (a) => (a.hedger ? 1 : 0)),
    legStart: Uint32Array.from(starts),
    legMarket: Uint8Array.from(legs, (l) => markets.indexOf(marketOf(l))),
    legSide: Int8Array.from(legs, (l) => (l.side === 'long' ? 1 : -1)),
    legLots: Float64Array.from(legs, (l) => lotsOf(l, l.qty)),
    legEntryValue: BigInt64Array.from(legs, (l) => {
      const m = marketOf(l);
      const v =
        m.kind === 'linear' ? value(qty(l.qty), price(l.entry)) : valueAt(m, qty(l.qty), price(l.entry));
      return scaled(v, COLUMN_SCALE);
    }),
    legMargin: BigInt64Array.from(legs, (l) => coin(l.margin ?? '0')),
    legLeverage: Float32Array.from(legs, () => 10),
    ...(behaviour === undefined ? {} : { behaviour }),
    draws: 0,
  };
}

export interface TinyBeat {
  readonly index: string;
  /** Last trade; the index where left out. */
  readonly last?: string;
  readonly high?: string;
  readonly low?: string;
  /** Traded quantity. */
  readonly volume?: string;
}

/** Frames of one or more markets; every market has the beats given for it (same number each). */
export function tinyFrames(
  markets: readonly Market[],
  beats: Readonly<Record<MarketId, readonly TinyBeat[]>>,
  side: {
    funding?: Frames['side']['funding'];
    outages?: readonly Outage[];
    events?: readonly AccountEvent[];
    startUs?: number;
    beatUs?: number;
  } = {},
): Frames {
  const recorded = markets.filter((m) => m.derived === undefined);
  const count = beats[recorded[0]!.id]!.length;
  const columnsOf = (m: Market): MarketFrames => {
    const list = beats[m.id]!;
    const ticks = (text: string): number => Number(wholeSteps(price(text), m.priceTick, 'even'));
    const lots = Float64Array.from(list, (b) =>
      Number(wholeSteps(qty(b.volume ?? '1000000'), m.qtyStep, 'down')),
    );
    const lastTicks = Float64Array.from(list, (b) => ticks(b.last ?? b.index));
    return {
      lastTicks,
      lots,
      highTicks: Float64Array.from(list, (b) => ticks(b.high ?? b.last ?? b.index)),
      lowTicks: Float64Array.from(list, (b) => ticks(b.low ?? b.last ?? b.index)),
      tickLots: lots.map((l, i) => l * lastTicks[i]!),
      buyLots: new Float64Array(count).fill(Number.NaN),
      trades: new Float64Array(count).fill(1),
      bidPlusAskTicks: null,
      recordedMarkF64: null,
      openInterestLots: null,
    };
  };
  const spot = (m: Market): ConstituentFrames => ({
    name: 'spot',
    tick: '0.01',
    lastTicks: Float64Array.from(beats[m.id]!, (b) =>
      Number(wholeSteps(price(b.index), price('0.01'), 'even')),
    ),
    ageUs: new Float64Array(count),
    lots: new Float64Array(count).fill(1),
  });
  return {
    key: 'tiny',
    startUs: side.startUs ?? SECOND,
    beatUs: side.beatUs ?? SECOND,
    beats: count,
    markets: new Map(recorded.map((m) => [m.id, columnsOf(m)])),
    constituents: new Map(recorded.map((m) => [m.id, [spot(m)]])),
    side: {
      funding: side.funding ?? [],
      outages: side.outages ?? [],
      fundBalances: [],
      observedLiquidations: [],
      accountEvents: side.events ?? [],
    },
    streams: [],
  };
}

export interface Tiny {
  readonly markets?: readonly Market[];
  readonly rules?: Partial<RuleSet>;
  readonly marketRules?: Readonly<Record<MarketId, Partial<MarketRules>>>;
  readonly assumptions?: Partial<Assumptions>;
  readonly accounts: readonly TinyAccount[];
  readonly beats: readonly TinyBeat[] | Readonly<Record<MarketId, readonly TinyBeat[]>>;
  readonly side?: Parameters<typeof tinyFrames>[2];
  readonly screen?: WorldInput['screen'];
  readonly record?: WorldInput['record'];
  readonly seed?: string;
  readonly lambda?: number;
}

/** Makes a world and everything under it. */
export function tinyWorld(tiny: Tiny): { world: World; frames: Frames } {
  const markets = tiny.markets ?? [linearMarket()];
  const first = markets[0]!;
  const beats = Array.isArray(tiny.beats)
    ? { [first.id]: tiny.beats }
    : (tiny.beats as Record<MarketId, readonly TinyBeat[]>);
  const frames = tinyFrames(markets, beats, tiny.side);
  const marketRules = Object.fromEntries(
    markets.map((m) => {
      const mark = { kind: 'indexOnly', tick: price('0.01'), rounding: 'even' } as const;
      return [m.id, tinyMarketRules({ mark, ...tiny.marketRules?.[m.id] })];
    }),
  );
  const rules = tinyRules(marketRules, first.settle, tiny.rules);
  const assumptions = tinyAssumptions(tiny.assumptions);
  const world = new World({
    index: 0,
    name: 'tiny',
    rules,
    assumptions,
    seed: tiny.seed ?? String(hashText('tiny')),
    markets,
    frames,
    pricing: new Pricing(markets, rules, frames),
    population: tinyPopulation(markets, tiny.accounts, tiny.side?.startUs),
    lambda: markets.map(() => new Float64Array(frames.beats).fill(tiny.lambda ?? 0)),
    baseline: null,
    record: tiny.record ?? 'all',
    screen: tiny.screen ?? 'heap',
  });
  return { world, frames };
}

/** Plays a tiny world to its end and gathers every row. */
export async function play(tiny: Tiny): Promise<{ world: World; rows: Outbox }> {
  const { world, frames } = tinyWorld(tiny);
  const rows = emptyOutbox();
  await replay(frames, [world], {
    record: (_world, outbox) => {
      for (const [table, list] of Object.entries(outbox))
        (rows[table as keyof Outbox] as unknown[]).push(...list);
    },
  });
  return { world, rows };
}
