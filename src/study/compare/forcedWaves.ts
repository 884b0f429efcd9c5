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
  /** Seconds from the start to the first payment of a fund and the first ADL within the wave; NaN: none. */
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
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, fills]) => parted(fills).map((wave, i) => rowOf(view, wave, i + 1)));
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

function rowOf(view: WorldView, wave: readonly Fill[], place: number): WaveRow {
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
    fundSec: lag(view.notes.fundPaid),
    adlSec: lag(view.notes.deleveraged),
  };
}
