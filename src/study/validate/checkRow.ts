/** A row of the table of checks in docs/validation.md, and the words that rows share. */
import { formatInstant } from '../../basics/instant.ts';
import type { WorldSums } from './sums.ts';

export type Verdict = 'pass' | 'FAIL' | 'not tested';

export interface CheckRow {
  /** Number in the list of ten checks that was drawn up before the program. */
  readonly check: string;
  readonly target: string;
  readonly source: string;
  readonly ours: string;
  readonly band: string;
  readonly verdict: Verdict;
  /** Why it fails, or what a pass rests on. */
  readonly reason: string;
}

/** A row with the scenario, or the published record, that it is about. */
export interface DayCheck extends CheckRow {
  readonly day: string;
}

/** Change of cash on the first and the second day; an hour without a row keeps the cash before it. */
export function fundByDay(world: WorldSums): { first: number; second: number } {
  const opening = world.cashLowF64[0]!;
  const midnight = world.cashF64[23]!;
  return { first: midnight - opening, second: endCash(world) - midnight };
}

/** The fund's cash after the last hour in which it changed. */
export const endCash = (world: WorldSums): number => world.cashF64.findLast((cash) => !Number.isNaN(cash))!;
export const verdict = (ok: boolean): Verdict => (ok ? 'pass' : 'FAIL');
/** Same sign as the target, and off by at most the band, relative. */
export const within = (ours: number, target: number, band: number): Verdict =>
  verdict(ours * target > 0 && Math.abs(ours / target - 1) <= band);
/** Inside an interval, ends included. */
export const inside = (ours: number, { from, until }: { from: number; until: number }): Verdict =>
  verdict(ours >= from && ours <= until);
/** Sum over hours from .. until - 1. */
export const sum = (hours: readonly number[], [from, until]: readonly [number, number]): number =>
  hours.slice(from, until).reduce((total, value) => total + value, 0);
export const millions = (value: number): string => `${Math.round(value / 1e6)} M USD`;
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
export const xbt = (value: number): string => `${value.toFixed(0)} XBT`;
export const clock = (tsUs: number): string => formatInstant(tsUs).slice(11, 16);

/** One sentence from parts that fit a line. */
export const text = (...parts: string[]): string => parts.join(' ');
