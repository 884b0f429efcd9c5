/**
 * Waves of forced closes in one world: closes of accounts under liquidation, by order or takeover, of one
 * market and side with no longer pause than a minute between them. The notional of all waves is what was
 * liquidated.
 */
import { MINUTE_US, SECOND_US } from '../../basics/instant.ts';
import { GAP_US } from '../../measure/waves.ts';
import type { Fill } from './fillLog.ts';
import type { WorldView } from './worldView.ts';

export interface WaveRow {
  readonly market: string;
  readonly side: string;
  /** Place among the waves of its market and side, from 1. */
  readonly place: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly accounts: number;
  readonly notional: number;
  /** Start of the minute (UTC) with the most notional, the first of equals, and its notional. */
  readonly peakUs: number;
  readonly peakNotional: number;
  /**
   * Seconds from the start to the first payment of a fund of the market and to the first winner who was closed
   * against its side, until a minute after the wave; NaN: none.
   */
  readonly fundSec: number;
  readonly adlSec: number;
}

/** The waves of a world, by market, side and time. */
export function wavesOf(view: WorldView): WaveRow[] {
  const groups = new Map<string, Fill[]>();
  for (const fill of view.notes.fills.because('liquidation', 'takeover')) {
    if (fill.effect !== 'close') continue;
    const key = `${fill.market}|${fill.side}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [fill]);
    else known.push(fill);
  }
  const deleveraged = deleveragedAt(view);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, fills]) => {
      const paid = paidAt(view, fills[0]!.market);
      const told = { paid, deleveraged: deleveraged.get(key) ?? [] };
      return parted(fills).map((wave, i) => rowOf(wave, i + 1, told));
    });
}

/** Ends of the beats in which funds of a market paid, ascending. */
function paidAt({ world, notes }: WorldView, market: string): number[] {
  const own = world.input.rules.funds.filter(({ markets }) => markets.includes(market));
  return own.flatMap(({ name }) => notes.fundPaid.get(`fund:${name}`) ?? []).sort((a, b) => a - b);
}

/** Ends of the beats in which winners were closed, by market and side of the bankrupt; ascending. */
function deleveragedAt({ notes }: WorldView): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { market, side, tsUs } of notes.adl) {
    const key = `${market}|${side === 'long' ? 'short' : 'long'}`;
    const times = found.get(key);
    if (times === undefined) found.set(key, [tsUs]);
    else if (times.at(-1) !== tsUs) times.push(tsUs);
  }
  return found;
}

/** Instants, ascending. */
interface Told {
  readonly paid: readonly number[];
  readonly deleveraged: readonly number[];
}

/** Fills in the order of time, cut where more than the gap lies between two. */
function parted(fills: Fill[]): Fill[][] {
  fills.sort((a, b) => a.seq - b.seq);
  const waves: Fill[][] = [];
  for (const [i, fill] of fills.entries()) {
    if (i === 0 || fill.tsUs - fills[i - 1]!.tsUs > GAP_US) waves.push([]);
    waves.at(-1)!.push(fill);
  }
  return waves;
}

function rowOf(wave: readonly Fill[], place: number, { paid, deleveraged }: Told): WaveRow {
  const { market, side, tsUs: startUs } = wave[0]!;
  const endUs = wave.at(-1)!.tsUs;
  const minutes = new Map<number, number>();
  let notional = 0;
  for (const { tsUs, value } of wave) {
    const minute = Math.floor((tsUs - 1) / MINUTE_US) * MINUTE_US;
    const amount = value.toNumber();
    notional += amount;
    minutes.set(minute, (minutes.get(minute) ?? 0) + amount);
  }
  const [peakUs, peakNotional] = [...minutes].reduce((a, b) => (b[1] > a[1] ? b : a));
  const lag = (times: readonly number[]): number => {
    const found = times.find((t) => t >= startUs && t <= endUs + GAP_US);
    return found === undefined ? Number.NaN : (found - startUs) / SECOND_US;
  };
  return {
    market,
    side,
    place,
    startUs,
    endUs,
    accounts: new Set(wave.map((f) => f.account)).size,
    notional,
    peakUs,
    peakNotional,
    fundSec: lag(paid),
    adlSec: lag(deleveraged),
  };
}
