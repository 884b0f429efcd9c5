/**
 * An hour of one-second beats and 100,000 drawn accounts, for benchmarks of the engine: one linear
 * market with five tiers, prices by a formula, no files.
 */
import { draw } from '../../src/basics/draw.ts';
import { money, rate } from '../../src/basics/exact.ts';
import type { Frames } from '../../src/clock/frames.ts';
import { Pricing } from '../../src/engine/pricing.ts';
import { World, type WorldInput } from '../../src/engine/world.ts';
import type { Population } from '../../src/ledger/population.ts';
import { drawPopulation } from '../../src/population/drawPopulation.ts';
import type { MarketId } from '../../src/rules/market.ts';
import type { MarketRules } from '../../src/rules/ruleSet.ts';
import { USUAL } from '../support/behaviour.ts';
import {
  linearMarket,
  SECOND,
  tiers,
  tinyAssumptions,
  tinyFrames,
  tinyMarketRules,
  tinyRules,
} from '../support/tinyWorld.ts';

export const BTC = linearMarket('BTCUSDT');

/** Five tiers whose maintenance rates are a multiple of the usual ones. */
export const marketRules = (multiple = 1): Readonly<Record<MarketId, MarketRules>> => {
  const rows = [
    ['50000', 0.004, 0, '0.008'],
    ['250000', 0.005, 50, '0.01'],
    ['1000000', 0.01, 1300, '0.02'],
    ['10000000', 0.025, 16300, '0.05'],
    ['1000000000', 0.05, 266300, '0.1'],
  ] as const;
  return {
    BTCUSDT: tinyMarketRules({
      tiers: tiers(
        rows.map(([upTo, maintenance, deduction, initial]) => [
          upTo,
          (maintenance * multiple).toFixed(6),
          (deduction * multiple).toFixed(4),
          initial,
        ]),
      ),
    }),
  };
};

/** Milliseconds of processor time, so that a busy machine does not tell on us. */
export const millis = (run: () => void): number => {
  const from = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
};

export const peakMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

/** A world that keeps money rows only, with a fund that is rich enough. */
export function worldOf(over: Partial<WorldInput> & Pick<WorldInput, 'frames' | 'population'>): World {
  const rules = over.rules ?? tinyRules(marketRules(), 'USDT');
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

/** Calm: 0.1 % to and fro. Crash: a fall of 30 % in waves with rebounds. */
export function hour(kind: 'calm' | 'crash'): Frames {
  let at = 40000;
  const beats = Array.from({ length: 3600 }, (_, b) => {
    const step = draw(2, b, 1) - 0.5;
    at *= 1 + (kind === 'calm' ? step * 1e-4 : step * 2e-3 - 1e-4);
    const text = at.toFixed(2);
    return { index: text, last: text, volume: (20 + draw(2, b, 2) * 60).toFixed(3) };
  });
  return tinyFrames([BTC], { BTCUSDT: beats });
}

/** Accounts drawn over thirty days that swing by 4 %. */
export function drawn(accounts: number): Population {
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
  return drawPopulation({
    assumption: {
      kind: 'synthetic',
      accounts,
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
    rules: tinyRules(marketRules(), 'USDT'),
    firstMarkF64: { BTCUSDT: 40000 },
    before: { BTCUSDT: daily },
    seed: '1',
  });
}
