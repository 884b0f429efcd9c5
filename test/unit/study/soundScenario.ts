/** A complete small scenario of our own, which the tests of this folder break one thing at a time. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A folder of this test file, removed at its end. */
export const folder = mkdtempSync(join(tmpdir(), 'cascade-scenario-'));
after(() => rmSync(folder, { recursive: true }));

export const SOUND = `id: own
title: Own
seed: 7
facts:
  window: [2021-05-19T12:00Z, 2021-05-19T13:00Z]
  beat: 1s
  markets:
    BTCUSDT: { kind: linear, settle: USDT, priceTick: 0.01, qtyStep: 0.001 }
  streamDefaults: { path: candles.parquet, columns: { time: ts_ms }, source: ours }
  streams:
    perp: { market: BTCUSDT, kind: candles, role: perp, interval: 1m, quote: USDT }
    coinbase:
      { market: BTCUSDT, kind: candles, role: constituent, name: coinbase, interval: 1m, quote: USDT, tick: 0.01,
        filter: { venue: coinbase } }
  timing: perp
  outages:
    - { from: 2021-05-19T12:10Z, until: 2021-05-19T12:20Z, part: feed, source: ours }
  before:
    BTCUSDT:
      bars:
        - { day: 2021-05-18, open: 43565.11, high: 45846.61, low: 42268, close: 42882.53, volume: 590358.592 }
      source: ours
  published:
    - { what: markLow, market: BTCUSDT, value: 29563.37, unit: USDT, source: ours }
rules: binance-usdm@2021-05
assumptions:
  timing: common
  population:
    kind: synthetic
    accounts: 100
    openInterest: { BTCUSDT: 1000 }
    openInterestRange: [0.5, 1.5]
    leverageMix: MID
    liquidatableShare: 0.25
    isolatedShare: 0.35
    hedgeShare: 0.05
    multiMarketShare: 0
    restingOrderShare: 0.2
  fills: { participation: 0.25, impact: 1, stressMax: 10, kernel: power }
  feedback: { passThrough: 0.75, arbitrage: 60s }
  fundOpening: { btc-eth: 1000000 }
  winnersTake: 0.3
notes: { assumptions: ours }
`;

let files = 0;
/** A file with this text. */
export function written(text: string): string {
  const path = join(folder, `own${files++}.yaml`);
  writeFileSync(path, text);
  return path;
}
