/** Tier tables of the scenarios' days equal the published ones; the recursion is in ruleBooks.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decimal } from 'decimal.js';
import { readRules } from '../../../src/rules/readRules.ts';

/** Published tables: floor, rate in percent, deduction. Sources: docs/rules.md. */
const PUBLISHED: Record<
  string,
  readonly [market: string, rows: readonly (readonly [number, number, number])[]]
> = {
  // Binance announcement of 18 March 2021
  'binance-usdm@2021-05': [
    'BTCUSDT',
    [
      [0, 0.4, 0],
      [50_000, 0.5, 50],
      [250_000, 1, 1_300],
      [1e6, 2.5, 16_300],
      [10e6, 5, 266_300],
      [20e6, 10, 1_266_300],
      [50e6, 12.5, 2_516_300],
      [100e6, 15, 5_016_300],
      [200e6, 25, 25_016_300],
      [300e6, 50, 100_016_300],
    ],
  ],
  // Binance announcement of 22 June 2021, assumed for March 2020
  'binance-usdm@2020-03': [
    'BTCUSDT',
    [
      [0, 0.4, 0],
      [50_000, 0.5, 50],
      [250_000, 1, 1_300],
      [1e6, 2.5, 16_300],
      [5e6, 5, 141_300],
      [20e6, 10, 1_141_300],
      [50e6, 12.5, 2_391_300],
      [100e6, 15, 4_891_300],
      [200e6, 25, 24_891_300],
      [300e6, 50, 99_891_300],
    ],
  ],
  // bracket snapshot of 13 February 2022
  'binance-usdm@2022-06': [
    'ETHUSDT',
    [
      [0, 0.5, 0],
      [10_000, 0.65, 15],
      [100_000, 1, 365],
      [500_000, 2, 5_365],
      [1.5e6, 5, 50_365],
      [4e6, 10, 250_365],
      [10e6, 12.5, 500_365],
      [20e6, 15, 1_000_365],
      [40e6, 25, 5_000_365],
      [150e6, 50, 42_500_365],
    ],
  ],
  // bracket snapshot of 30 May 2024
  'binance-usdm@2024-05': [
    'BTCUSDT',
    [
      [0, 0.4, 0],
      [50_000, 0.5, 50],
      [600_000, 0.65, 950],
      [3e6, 1, 11_450],
      [12e6, 2, 131_450],
      [70e6, 2.5, 481_450],
      [100e6, 5, 2_981_450],
      [230e6, 10, 14_481_450],
      [480e6, 12.5, 26_481_450],
      [600e6, 15, 41_481_450],
      [800e6, 25, 121_481_450],
      [1.2e9, 50, 421_481_450],
    ],
  ],
  // bracket snapshot of 21 August 2025
  'binance-usdm@2025-10': [
    'ETHUSDT',
    [
      [0, 0.4, 0],
      [300_000, 0.5, 300],
      [800_000, 0.65, 1_500],
      [3e6, 1, 12_000],
      [12e6, 2, 132_000],
      [50e6, 2.5, 382_000],
      [65e6, 5, 2_007_000],
      [150e6, 10, 9_507_000],
      [320e6, 12.5, 17_507_000],
      [400e6, 15, 27_507_000],
      [530e6, 25, 80_507_000],
      [800e6, 50, 280_507_000],
    ],
  ],
};

for (const [id, [market, rows]] of Object.entries(PUBLISHED)) {
  test(`${id} has the published brackets of ${market}`, () => {
    const { tiers } = readRules(id).markets[market]!;
    const floors = ['0', ...tiers.slice(0, -1).map((tier) => tier.upTo.toString())];
    assert.deepEqual(
      tiers.map((tier, k) => [
        floors[k],
        tier.maintenanceRate.toString(),
        tier.maintenanceDeduction.toString(),
      ]),
      rows.map(([floor, percent, deduction]) => [
        String(floor),
        new Decimal(percent).div(100).toString(),
        String(deduction),
      ]),
    );
  });
}
