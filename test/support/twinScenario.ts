/**
 * The scenario of the twin experiment: twenty made-up minutes on a venue with the rules of Binance in
 * May 2021. Ticks are 1e-8 (finer ones leave the index no room to rise), so that what the engine rounds of a displaced price is
 * far below what is compared, and the stress multiplier is held at 1, because it is measured on the
 * recorded path, which the true model does not have.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CANDLE_COLUMNS, type Cell, writeRows } from './parquet.ts';

/** 2021-05-19T12:00Z in milliseconds. */
const START_MS = 1_621_425_600_000;
export const BEAT_SEC = 10;
export const BEATS = 120;
export const FIRST_PRICE = 40_000;
/** Ticks per unit of price, of the perpetual and of its constituent. */
export const TICKS_PER_UNIT = 1e8;
export const LOTS_PER_UNIT = 1000;
/** Base units a day in calm trading. */
export const CALM_VOLUME = 40_000;

/** Daily closes that move by 1 to 3 %, so that calm volatility is something. */
const DAYS = Array.from({ length: 20 }, (_, d) => {
  const day = new Date(START_MS - (20 - d) * 86_400_000 - 43_200_000).toISOString().slice(0, 10);
  const close = 39_000 + (d % 2) * 600 + (d % 3) * 250;
  return `        - { day: ${day}, open: 39500, high: ${close + 500}, low: 38500, close: ${close}, volume: ${CALM_VOLUME} }`;
}).join('\n');

const TWIN = `id: twin
title: Twenty made-up minutes
seed: 1
facts:
  window: [2021-05-19T12:00Z, 2021-05-19T12:20Z]
  beat: ${BEAT_SEC}s
  markets:
    BTCUSDT: { kind: linear, settle: USDT, priceTick: 0.00000001, qtyStep: 0.001 }
  streamDefaults: { interval: ${BEAT_SEC}s, quote: USDT, source: made up }
  streams:
    perp: { market: BTCUSDT, kind: candles, role: perp, path: perp.parquet }
    spot: { market: BTCUSDT, kind: candles, role: constituent, name: spot, path: spot.parquet, tick: 0.00000001 }
  timing: perp
  before:
    BTCUSDT:
      bars:
${DAYS}
      source: made up
rules: binance-usdm@2021-05
assumptions:
  timing: openHighLowClose
  population:
    kind: synthetic
    accounts: 160
    openInterest: { BTCUSDT: 12000 }
    openInterestRange: [0.5, 1.5]
    leverageMix: BMX2019
    liquidatableShare: 0.5
    isolatedShare: 0.35
    hedgeShare: 0.05
    multiMarketShare: 0
    restingOrderShare: 0.2
  fills: { participation: 0.25, impact: 15, stressMax: 1, kernel: power }
  feedback: { passThrough: 0.75, arbitrage: 60s }
  fundOpening: { btc-eth: 500000 }
  winnersTake: 0
`;

/**
 * What the venue does otherwise than Binance, so that every loss shows: orders that sell at any price, and a
 * fund that pays and takes over until it is empty.
 */
export const VENUE_RULES: readonly string[] = [
  'rules.order={kind: market}',
  'rules.reduction={kind: fraction, fraction: 0.25, above: 0, cooldown: 1m}',
  'rules.takeover={when: afterTries, tries: 6}',
  'rules.funds.0.unwind={kind: hold}',
  'rules.funds.0.refusal={empty: true, netNotionalCap: none, drawdown: none}',
];

/** Owners who act. Twenty minutes trade little, so that all that is traded opens and closes: a dozen come, as many go. */
export const LIVELY =
  'assumptions.population.behaviour={stopShare: 0.35, topUpShare: 0.15, turnover: 1, overLeverage: reject}';

/** Last, highest and lowest price and traded quantity of each beat. */
export interface Bars {
  readonly last: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly volume: ArrayLike<number>;
}

/** Writes bars of one beat each; each opens where the one before closed, within its own range. */
export async function writeBars(file: string, { last, high, low, volume }: Bars): Promise<void> {
  const clip = (x: number, b: number): number => Math.min(Math.max(x, low[b]!), high[b]!);
  const rows = Array.from({ length: BEATS }, (_, b): Cell[] => [
    START_MS + b * BEAT_SEC * 1000,
    clip(b === 0 ? last[0]! : last[b - 1]!, b),
    high[b]!,
    low[b]!,
    last[b]!,
    volume[b]!,
  ]);
  await writeRows(file, CANDLE_COLUMNS, rows);
}

/** Writes the scenario file into a folder, beside which its bars will stand. @returns its path */
export function writeScenario(folder: string): string {
  const file = join(folder, 'twin.yaml');
  writeFileSync(file, TWIN);
  return file;
}
