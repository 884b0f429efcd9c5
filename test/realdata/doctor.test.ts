/**
 * The doctor against recorded days: the bundles are clean, so no fault may be named; what their venues do
 * in their own way must be told as a note.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { examineFiles } from '../../src/archive/doctor/examine.ts';
import { NO_SHARED_DATA, SHARED_DATA } from '../support/facts.ts';

/** Facts about each bundle that were found by looking at its rows, not with the doctor. */
const BUNDLES = [
  {
    day: '2020-03-12',
    series: 34,
    notes: [
      // ts 2020-03-12T21:10Z is the last of 831 five-minute bars; the hourly file has 144 of 144 hours
      ['missingTail', 'binance spot BTCUSDT trade 300000'],
      ['openIsCloseBefore', 'bitmex perp XBTUSD'],
      ['zeroVolume', 'bitmex perp XBTUSD'], // 17 bars, the outage of 13 March among them
      ['samples', 'deribit index BTC'], // 7932.11 at 00:00 is the others' close before, not their close of that hour
      ['venueVolumeUnit', 'ftx spot BTCUSD'],
      ['fundingCycle', 'gate BTC-USDT'],
    ],
  },
  {
    day: '2021-05-19',
    series: 40,
    notes: [
      ['missingTail', 'binance spot BTCUSDT trade 60000'],
      ['latePayment', 'htx BTC-USDT'], // 18:00 where the rest has 16:00
      ['fundingCycle', 'kucoin BTC-USDT'],
    ],
  },
  { day: '2022-06-13', series: 45, notes: [['copies', 'binance spot BTCUSDT trade 3600000']] },
  { day: '2025-10-10', series: 38, notes: [['copies', 'binance spot ETHUSDT trade 3600000']] },
] as const;

for (const { day, series, notes } of BUNDLES) {
  test(`no fault in the bundle of ${day}, and its quirks are told`, { skip: NO_SHARED_DATA }, async () => {
    const examined = await examineFiles(join(SHARED_DATA, 'events', day), []);
    const faults = examined.findings.filter(({ severity }) => severity === 'fault');
    assert.deepEqual(faults, []);
    assert.equal(examined.series.length, series);
    for (const [problem, name] of notes)
      assert.ok(
        examined.findings.some((one) => one.problem === problem && one.series.startsWith(name)),
        `${problem} of ${name}`,
      );
  });
}
