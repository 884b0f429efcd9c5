/** Checks 1 and 2 on a day of Binance: what every loader must give back, and the lows of the mark. */
import { HOUR_US, parseInstant } from '../../basics/instant.ts';
import { type CheckRow, text, verdict } from './checkRow.ts';
import { CRITICAL, type CriticalHour } from './critical.ts';
import type { DayRun } from './runs.ts';

/** Lowest trades, to the tick. */
const ANCHORS = [
  { scenario: '2020-03-12-btcusdt', hour: '2020-03-12T10:00Z', low: 5199.17 },
  { scenario: '2020-03-12-btcusdt', hour: '2020-03-13T02:00Z', low: 3621.81 },
  { scenario: '2021-05-19-btcusdt', hour: '2021-05-19T13:00Z', low: 28688 },
  { scenario: '2025-10-10-btcusdt', hour: '2025-10-10T21:00Z', low: 101516.5 },
] as const;

/** How far the recomputed low of the mark may miss the recorded one, and in what share of hours it must not. */
const [MARK_BAND_BP, MARK_SHARE] = [100, 0.75];

/** Beats of an hour: the first, and the one after the last. */
export function beatsOf({ tape: { frames } }: DayRun, hour: string): readonly [number, number] {
  const from = (parseInstant(hour) - frames.startUs) / frames.beatUs;
  return [from, from + HOUR_US / frames.beatUs];
}

/** The smallest number, NaN left out. */
export const lowest = (list: Float64Array): number =>
  list.reduce((low, value) => (value < low ? value : low), Infinity);

/** The critical hours of a scenario. */
export const criticalOf = (day: DayRun): CriticalHour[] =>
  CRITICAL.filter(({ scenario }) => scenario === day.scenario.id);

/** Lowest trade of the perpetual in the hours that were written down. */
export function anchorRows(day: DayRun): CheckRow[] {
  return ANCHORS.filter(({ scenario }) => scenario === day.scenario.id).map(({ hour, low }) => {
    const ours = perpLow(day, hour);
    return {
      check: '1',
      target: `lowest trade of Binance BTCUSDT in the hour of ${hour}: ${low}`,
      source: 'Binance klines',
      ours: ours.toFixed(2),
      band: '0 ticks',
      verdict: verdict(Math.abs(ours - low) < 1e-6),
      reason: "the path inside a bar is drawn, its low is the bar's",
    };
  });
}

/** Low of the mark that the run itself priced, in the critical hours, beside the recorded one. */
export function markRow(day: DayRun): CheckRow {
  const hours = criticalOf(day);
  const off = hours.map(({ hour, markLow }) => {
    const ours = lowest(day.marksF64.subarray(...beatsOf(day, hour)));
    return { bp: 10_000 * (ours / markLow - 1), below: perpLow(day, hour) <= ours };
  });
  const near = off.filter(({ bp }) => Math.abs(bp) <= MARK_BAND_BP).length;
  const beyond = off.filter(({ below }) => !below).length;
  const names = hours.map(({ hour }) => hour.slice(5, 16).replace('T', ' '));
  const { intervalUs = 0 } = day.tape.frames.streams.find(({ stream }) => stream === 'perp') ?? {};
  return {
    check: '2',
    target: `low of the mark in the hours ${names.join(', ')}; the perpetual's low is not above it`,
    source: 'Binance mark klines',
    ours: `${off.map(({ bp }) => `${bp.toFixed(1)} bp`).join(', ')}; ${hours.length - beyond} of ${hours.length} hours`,
    band: '100 bp in 3 of 4 hours',
    verdict: verdict(near >= MARK_SHARE * hours.length && beyond === 0),
    reason: text(
      `bars of the perpetual: ${intervalUs / 60e6} min. A bar of an hour does not say how long the perpetual`,
      'stayed below spot, and the basis average fills with the gap; other rules and timings: [Mark lows](#mark-lows)',
    ),
  };
}

function perpLow(day: DayRun, hour: string): number {
  const market = day.tape.markets[0]!;
  const { lowTicks } = day.tape.frames.markets.get(market.id)!;
  return lowest(lowTicks.subarray(...beatsOf(day, hour))) * market.priceTick.toNumber();
}
