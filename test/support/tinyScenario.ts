/**
 * A whole scenario of ten minutes in a folder of its own: two Parquet files of one-minute candles, a
 * falling price, sixty drawn accounts. Runs in a second or two, reconstructed by nobody: every number
 * is made up here. Tests change one thing of it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CANDLE_COLUMNS, type Cell, freshFolder, writeRows } from './parquet.ts';

/** 2021-05-19T12:00Z in milliseconds: 18766.5 days of 86,400,000. */
export const START_MS = 1_621_425_600_000;
const MINUTE_MS = 60_000;
const MINUTES = 10;

/** Daily closes that move by 1 to 3 %, so that calm volatility is something. */
const DAYS = Array.from({ length: 20 }, (_, d) => {
  const day = new Date(START_MS - (20 - d) * 86_400_000 - 43_200_000).toISOString().slice(0, 10);
  const close = 41_000 + (d % 2) * 600 + (d % 3) * 250;
  return `        - { day: ${day}, open: 41000, high: ${close + 500}, low: 40500, close: ${close}, volume: 250000 }`;
}).join('\n');

export const TINY = `id: tiny
title: Ten made-up minutes
seed: 7
facts:
  window: [2021-05-19T12:00Z, 2021-05-19T12:10Z]
  beat: 1s
  markets:
    BTCUSDT: { kind: linear, settle: USDT, priceTick: 0.01, qtyStep: 0.001 }
  streamDefaults: { interval: 1m, quote: USDT, source: made up }
  streams:
    perp: { market: BTCUSDT, kind: candles, role: perp, path: perp.parquet }
    spot: { market: BTCUSDT, kind: candles, role: constituent, name: binance, path: spot.parquet, tick: 0.01 }
  timing: perp
  before:
    BTCUSDT:
      bars:
${DAYS}
      source: made up
rules: binance-usdm@2021-05
assumptions:
  timing: common
  population:
    kind: synthetic
    accounts: 60
    openInterest: { BTCUSDT: 100 }
    openInterestRange: [0.5, 1.5]
    leverageMix: MID
    liquidatableShare: 0.5
    isolatedShare: 0.35
    hedgeShare: 0.05
    multiMarketShare: 0
    restingOrderShare: 0.2
  fills: { participation: 0.25, impact: 1, stressMax: 10, kernel: power }
  feedback: { passThrough: 0.75, arbitrage: 60s }
  fundOpening: { btc-eth: 100000 }
  winnersTake: 0.3
`;

/** Rows of time, open, high, low, close, volume: one percent down a minute. */
export const candles = (shift = 0): Cell[][] =>
  Array.from({ length: MINUTES }, (_, m) => {
    const open = 42_000 - 420 * m + shift;
    return [START_MS + m * MINUTE_MS, open, open + 20, open - 430, open - 420, 500];
  });

export interface Tiny {
  readonly folder: string;
  readonly scenario: string;
  readonly out: string;
  /** What to type after `run`. */
  readonly flags: readonly string[];
}

/**
 * Writes the scenario.
 *
 * @param text  the scenario file; TINY with something changed
 */
export async function tinyScenario(context: { after(run: () => void): void }, text = TINY): Promise<Tiny> {
  const folder = freshFolder(context);
  await writeRows(join(folder, 'perp.parquet'), CANDLE_COLUMNS, candles());
  await writeRows(join(folder, 'spot.parquet'), CANDLE_COLUMNS, candles(15));
  writeFileSync(join(folder, 'tiny.yaml'), text);
  const [scenario, out, cache] = [join(folder, 'tiny.yaml'), join(folder, 'out'), join(folder, 'cache')];
  return {
    folder,
    scenario,
    out,
    flags: [scenario, '--data', folder, '--out', out, '--cache', cache, '--no-reruns'],
  };
}
