/** A complete small rule set of our own, and files of it with one thing changed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A folder of this test file, removed at its end. */
export const folder = mkdtempSync(join(tmpdir(), 'cascade-rules-'));
after(() => rmSync(folder, { recursive: true }));

export const SOUND = `id: own@1
title: Own
venue: own
inForce: { from: 2020-01-01, until: none }
markets:
  BTCUSDT:
    tierKey: notional
    notionalAt: mark
    tiers:
      - { upTo: 50000, maintenanceRate: 0.004, maintenanceDeduction: 0, initialRate: 0.008 }
      - { upTo: 250000, maintenanceRate: 0.005, maintenanceDeduction: 50, initialRate: 0.01 }
    index:
      aggregator: weightedMean
      weights: { coinbase: 0.6, kraken: 0.4 }
      outlier: { kind: exclude, band: 0.25 }
      stale: { after: 15m, mode: drop }
      quorum: { two: mean, one: use, zero: hold }
    mark: { kind: medianOfThree, tick: 0.01, rounding: even, basis: { window: 30m, sample: 1m } }
    funding: { interval: 8h, offset: 0s, paymentScale: 8 }
    clearanceFee: [{ rate: 0.005 }]
    bankruptcy: { feeRate: 0, rounding: none }
trigger: { inclusive: true }
reduction: { kind: solve, buffer: { kind: multiplicative, value: 0 } }
order: { kind: ioc }
takeover: { when: atOnce }
freeze: { at: atVerdict, grace: 0s }
residue: toTrader
victimOrder: mostExposed
funds:
  - name: main
    asset: USDT
    markets: [BTCUSDT]
    fundingShare: 0
    injections: []
    floor: none
    clearEvery: 0s
    unwind: { kind: hold }
    refusal: { empty: true, netNotionalCap: none, drawdown: none }
adl: { ranking: binance, triggers: [fundRefuses], ties: proRata, shortage: market }
stageOrder: [mark, funding, liquidation, adl]
sources: { '': { cite: ours, confidence: assumed } }
`;

let files = 0;
/** A file with this text. */
export function written(text: string): string {
  const path = join(folder, `own${files++}.yaml`);
  writeFileSync(path, text);
  return path;
}
/** A file of the sound rule set with one thing changed. */
export const changed = (from: string | RegExp, to: string): string => {
  const text = SOUND.replace(from, to);
  assert.notEqual(text, SOUND, `nothing matches ${from}`);
  return written(text);
};
