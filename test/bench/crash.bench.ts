/**
 * How fast the engine is where it matters: one mark that liquidates 1 % of a million positions, and a
 * calm and a crashing hour with 100,000 drawn accounts. Prints one JSON line a case; run by hand
 * (`node test/bench/crash.bench.ts`), not a test: times are the machine's.
 */
import { draw } from '../../src/basics/draw.ts';
import { money, rate } from '../../src/basics/exact.ts';
import type { Frames } from '../../src/clock/frames.ts';
import { Pricing } from '../../src/engine/pricing.ts';
import { World, type WorldInput } from '../../src/engine/world.ts';
import { COLUMN_SCALE, type Population } from '../../src/ledger/population.ts';
import { drawPopulation } from '../../src/population/drawPopulation.ts';
import { linearMarket, SECOND, tiers, tinyAssumptions, tinyFrames, tinyMarketRules, tinyRules } from '../support/tinyWorld.ts';

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
const millis = (run: () => void): number => {
  const from = performance.now();
  run();
  return performance.now() - from;
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

/** Half a million longs of which 1 % fail below 39,600, half a million shorts in profit. */
function million(accounts: number): Population {
  const scale = 10 ** COLUMN_SCALE;
  const each = (make: (a: number) => number): number[] => Array.from({ length: accounts }, (_, a) => make(a));
  const qty = each((a) => 1 + Math.floor(draw(1, a, 1) * 2000)); // lots of 0.001
  const entry = 40000;
  const long = (a: number): boolean => a % 2 === 0;
  // leverage: one long in fifty at 90 to 110 times, everybody else at 2 to 12
  const leverage = each((a) => (long(a) && (a / 2) % 50 === 0 ? 90 + draw(1, a, 2) * 20 : 2 + draw(1, a, 2) * 10));
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

/** One mark: 1 % of a million positions fail, 1 % of those go through ADL. */
function oneMark(): void {
  const population = million(1_000_000);
  const frames = tinyFrames([BTC], {
    BTCUSDT: [
      { index: '40000', last: '39620', volume: '1000000' },
      { index: '39700', last: '39590', volume: '1000000' },
      { index: '39600', last: '39590', volume: '1000000' },
    ],
  });
  for (const record of ['money', 'all'] as const) {
    for (const opening of ['30000000', '0']) {
      const world = worldOf({
        frames,
        population,
        record,
        rules: tinyRules(MARKET_RULES, 'USDT', { order: { kind: 'market' } }),
        assumptions: tinyAssumptions({ fundOpening: { main: money(opening) } }),
      });
      const first = millis(() => world.act(0, world.price(0)!));
      const second = world.price(1)!;
      let [victims, adl] = [0, 0];
      const took = millis(() => {
        const outbox = world.act(1, second);
        victims = outbox.liquidations.length;
        adl = outbox.adl.length;
      });
      say({ case: 'one mark', record, opening, firstBeatMs: first, ms: took, victims, adl, peakMb: peakMb() });
    }
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
    return { tsUs: k * 86400 * SECOND, open: close, high: close * 1.03, low: close * 0.97, close, volume: 300_000 };
  });
  let population!: Population;
  const drawn = millis(() => {
    population = drawPopulation({
      assumption: {
        kind: 'synthetic', accounts: 100_000, openInterest: { BTCUSDT: money('60000') },
        openInterestRange: [rate('1'), rate('1')], leverageMix: 'HL2025', liquidatableShare: rate('0.5'),
        isolatedShare: rate('0.5'), hedgeShare: rate('0.05'), multiMarketShare: rate('0'), restingOrderShare: rate('0.2'),
      },
      facts: { markets: { BTCUSDT: BTC } }, rules, firstMarkF64: { BTCUSDT: 40000 }, before: { BTCUSDT: daily }, seed: '1',
    });
  });
  say({ case: 'draw population', accounts: population.accounts, ms: drawn });
  for (const kind of ['calm', 'crash'] as const) {
    for (const record of ['money', 'all'] as const) {
      const frames = hour(kind);
      let world!: World;
      const made = millis(() => {
        world = worldOf({ frames, population, record });
      });
      const start = millis(() => world.act(0, world.price(0)!));
      let [victims, adl, slowest] = [0, 0, 0];
      const took = millis(() => {
        for (let b = 1; b < frames.beats; b++) {
          const prices = world.price(b)!;
          const one = millis(() => {
            const outbox = world.act(b, prices);
            victims += outbox.liquidations.length;
            adl += outbox.adl.length;
          });
          slowest = Math.max(slowest, one);
        }
      });
      const finish = millis(() => world.finish());
      const usPerBeat = (took / (frames.beats - 1)) * 1000;
      say({ case: `${kind} hour`, record, madeMs: made, startMs: start, ms: took, usPerBeat, slowestMs: slowest, finishMs: finish, victims, adl, peakMb: peakMb() });
    }
  }
}

oneMark();
hours();
