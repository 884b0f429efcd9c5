/**
 * How fast the engine is where it matters: one mark that liquidates 1 % of a million positions, and a
 * calm and a crashing hour with 100,000 drawn accounts. Prints one JSON line a case; run by hand
 * (`node test/bench/crash.bench.ts`), not a test: times are the machine's.
 */
import { draw } from '../../src/basics/draw.ts';
import { money, rate } from '../../src/basics/exact.ts';
import type { Frames } from '../../src/clock/frames.ts';
import type { Outbox } from '../../src/engine/rows.ts';
import { Pricing } from '../../src/engine/pricing.ts';
import { World, type WorldInput } from '../../src/engine/world.ts';
import { COLUMN_SCALE, type Population } from '../../src/ledger/population.ts';
import { drawPopulation } from '../../src/population/drawPopulation.ts';
import {
  linearMarket,
  SECOND,
  tiers,
  tinyAssumptions,
  tinyFrames,
  tinyMarketRules,
  tinyRules,
} from '../support/tinyWorld.ts';
import { USUAL } from '../support/behaviour.ts';

const BTC = linearMarket('BTCUSDT');
const MARKET_RULES = {
  BTCUSDT: tinyMarketRules({
    tiers: tiers([
      ['50000', '0.004', '0', '0.008'],
      ['250000', '0.005', '50', '0.01'],
      ['1000000', '0.01', '1300', '0.02'],
      ['10000000', '0.025', '16300', '0.05'],
      ['1000000000', '0.05', '266300', '0.1'],
    ]),
  }),
};

const say = (line: Readonly<Record<string, unknown>>): void => console.log(JSON.stringify(line));
/** Milliseconds of processor time, so that a busy machine does not tell on us. */
const millis = (run: () => void): number => {
  const from = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
};
const peakMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

function worldOf(over: Partial<WorldInput> & Pick<WorldInput, 'frames' | 'population'>): World {
  const rules = over.rules ?? tinyRules(MARKET_RULES, 'USDT');
  return new World({
    index: 0,
    name: 'bench',
    rules,
    assumptions: tinyAssumptions({ fundOpening: { main: money('30000000') } }),
    seed: '1',
    markets: [BTC],
    pricing: new Pricing([BTC], rules, over.frames),
    lambda: [new Float64Array(over.frames.beats).fill(1e-8)],
    baseline: null,
    record: 'money',
    screen: 'heap',
    ...over,
  });
}

/** Half a million longs of which 2 % fail at 39,600, half a million shorts in profit. */
function million(accounts: number): Population {
  const scale = 10 ** COLUMN_SCALE;
  const each = (make: (a: number) => number): number[] => Array.from({ length: accounts }, (_, a) => make(a));
  const qty = each((a) => 1 + Math.floor(draw(1, a, 1) * 2000)); // lots of 0.001
  const entry = 40000;
  const long = (a: number): boolean => a % 2 === 0;
  // one long in fifty at 72 to 92 times: fails at 39,600, bankrupt below 39,590; of these one in a
  // hundred at 110 to 120: bankrupt above. Everybody else at 2 to 12.
  const leverage = each((a) => {
    if (!long(a) || (a / 2) % 50 !== 0) return 2 + draw(1, a, 2) * 10;
    return (a / 100) % 100 === 0 ? 110 + draw(1, a, 2) * 10 : 72 + draw(1, a, 2) * 20;
  });
  const value = qty.map((lots) => lots * 0.001 * entry);
  return {
    accounts,
    markets: ['BTCUSDT'],
    names: new Map(),
    tracked: new Uint8Array(accounts),
    cross: new Uint8Array(accounts),
    asset: new Uint8Array(accounts),
    assets: ['USDT'],
    wallet: new BigInt64Array(accounts),
    orderMargin: new BigInt64Array(accounts),
    hedger: new Uint8Array(accounts),
    legStart: Uint32Array.from({ length: accounts + 1 }, (_, a) => a),
    legMarket: new Uint8Array(accounts),
    legSide: Int8Array.from(each((a) => (long(a) ? 1 : -1))),
    legLots: Float64Array.from(qty),
    legEntryValue: BigInt64Array.from(value, (v) => BigInt(Math.round(v * scale))),
    legMargin: BigInt64Array.from(value, (v, a) => BigInt(Math.round((v / leverage[a]!) * scale))),
    legLeverage: Float32Array.from(leverage),
    draws: 0,
  };
}

/** One mark: 1 % of a million positions fail, 1 % of these beyond a fund without money. */
function oneMark(): void {
  const population = million(1_000_000);
  const beat = { volume: '100000000', last: '39590' };
  const frames = tinyFrames([BTC], {
    BTCUSDT: [
      { index: '40000', ...beat },
      { index: '39600', ...beat },
    ],
  });
  const rules = tinyRules(MARKET_RULES, 'USDT', { order: { kind: 'market' } });
  const assumptions = tinyAssumptions({ fundOpening: { main: money('0') } });
  for (const record of ['money', 'money', 'all'] as const) {
    const lambda = [new Float64Array(2)];
    const world = worldOf({ frames, population, record, rules, assumptions, lambda });
    const firstBeatMs = millis(() => world.act(0, world.price(0)!));
    const prices = world.price(1)!;
    let outbox!: Outbox;
    const ms = millis(() => {
      outbox = world.act(1, prices);
    });
    const { liquidations, adl, adlRequests } = outbox;
    const counts = { victims: liquidations.length, toAdl: adlRequests.length, adlCloses: adl.length };
    say({ case: 'one mark', record, firstBeatMs, ms, ...counts, peakMb: peakMb() });
  }
}

/** An hour of one-second beats: calm (0.1 % to and fro), or a fall of 30 % in waves with rebounds. */
function hour(kind: 'calm' | 'crash'): Frames {
  let at = 40000;
  const beats = Array.from({ length: 3600 }, (_, b) => {
    const step = draw(2, b, 1) - 0.5;
    at *= 1 + (kind === 'calm' ? step * 1e-4 : step * 2e-3 - 1e-4);
    const text = at.toFixed(2);
    return { index: text, last: text, volume: (20 + draw(2, b, 2) * 60).toFixed(3) };
  });
  return tinyFrames([BTC], { BTCUSDT: beats });
}

function hours(): void {
  const rules = tinyRules(MARKET_RULES, 'USDT');
  const daily = Array.from({ length: 30 }, (_, k) => {
    const close = 40000 + Math.sin(k) * 1500;
    return {
      tsUs: k * 86400 * SECOND,
      open: close,
      high: close * 1.03,
      low: close * 0.97,
      close,
      volume: 300_000,
    };
  });
  let population!: Population;
  const drawn = millis(() => {
    population = drawPopulation({
      assumption: {
        kind: 'synthetic',
        accounts: 100_000,
        openInterest: { BTCUSDT: money('60000') },
        openInterestRange: [rate('1'), rate('1')],
        leverageMix: 'HL2025',
        liquidatableShare: rate('0.5'),
        isolatedShare: rate('0.5'),
        hedgeShare: rate('0.05'),
        multiMarketShare: rate('0'),
        restingOrderShare: rate('0.2'),
        ...USUAL,
      },
      facts: { markets: { BTCUSDT: BTC } },
      rules,
      firstMarkF64: { BTCUSDT: 40000 },
      before: { BTCUSDT: daily },
      seed: '1',
    });
  });
  say({ case: 'draw population', accounts: population.accounts, ms: drawn });
  for (const kind of ['calm', 'crash'] as const) {
    for (const record of ['money', 'all'] as const) {
      const frames = hour(kind);
      let world!: World;
      const madeMs = millis(() => {
        world = worldOf({ frames, population, record });
      });
      const startMs = millis(() => world.act(0, world.price(0)!));
      let [victims, adl, slowestMs] = [0, 0, 0];
      const ms = millis(() => {
        for (let b = 1; b < frames.beats; b++) {
          const prices = world.price(b)!;
          const from = performance.now();
          const outbox = world.act(b, prices);
          slowestMs = Math.max(slowestMs, performance.now() - from);
          victims += outbox.liquidations.length;
          adl += outbox.adl.length;
        }
      });
      const finishMs = millis(() => world.finish());
      const usPerBeat = (ms / (frames.beats - 1)) * 1000;
      const times = { madeMs, startMs, ms, usPerBeat, slowestMs, finishMs };
      say({ case: `${kind} hour`, record, ...times, victims, adl, peakMb: peakMb() });
    }
  }
}

oneMark();
hours();
