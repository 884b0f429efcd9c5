/**
 * A tape at half its beat: every beat in two, with what was traded in it shared out and prices on the straight line
 * between its ends. At the end of a whole beat all stands as recorded, so that what differs between replays of
 * both is the length of a step: of a kick's delay, of an engine's turn, of the room in the book.
 */
import { invariant, ReplayError } from '../../basics/errors.ts';
import { formatDuration, type Micros } from '../../basics/instant.ts';
import type { ConstituentFrames, Frames, MarketFrames } from '../../clock/frames.ts';
import type { Tape } from '../tape.ts';
import type { DoneDraw } from './job.ts';

/** @throws ReplayError SCENARIO_INVALID for a beat of an odd number of microseconds */
export function refuseOddBeat(beatUs: Micros): void {
  if (beatUs % 2 === 0) return;
  throw new ReplayError(
    'SCENARIO_INVALID',
    `a beat of ${formatDuration(beatUs)} has no half in whole microseconds`,
    { path: 'facts.beat' },
    'Leave --half-beat out, or state an even beat.',
  );
}

/**
 * The tape at half its beat, with impact as at the whole one: stress is sampled each minute or as near to it as
 * whole beats come, and half beats may come nearer.
 *
 * @throws RangeError as `halved`
 */
export function halvedTape(tape: Tape): Tape {
  const half = tape.withFrames(halved(tape.frames));
  half.lambda = (assumptions) => tape.lambda(assumptions).map((lambda) => split(lambda, held));
  return half;
}

/**
 * The frames at half the beat.
 *
 * @throws RangeError for a beat of an odd number of microseconds
 */
export function halved(frames: Frames): Frames {
  const beatUs = frames.beatUs / 2;
  if (!Number.isInteger(beatUs)) throw new RangeError(`a beat of ${frames.beatUs} us has no half`);
  const source = (s: ConstituentFrames): ConstituentFrames => ({
    ...s,
    lastTicks: between(s.lastTicks),
    ageUs: split(s.ageUs, (now, before) => (now >= beatUs ? now - beatUs : (before ?? 0) + beatUs)),
    lots: shared(s.lots),
  });
  const sources = (of: ReadonlyMap<string, readonly ConstituentFrames[]>) =>
    new Map([...of].map(([id, list]) => [id, list.map(source)]));
  const { references } = frames;
  return {
    ...frames,
    key: `${frames.key}, half the beat`,
    beatUs,
    beats: 2 * frames.beats,
    markets: new Map([...frames.markets].map(([id, columns]) => [id, market(columns)])),
    constituents: sources(frames.constituents),
    ...(references === undefined ? {} : { references: sources(references) }),
  };
}

function market(c: MarketFrames): MarketFrames {
  const lots = shared(c.lots);
  /** A sum over the beat's trades, parted as its lots are. */
  const parted = (sums: Float64Array): Float64Array =>
    lots.map((own, half) => {
      const [whole, sum] = [c.lots[half >> 1]!, sums[half >> 1]!];
      const first = whole > 0 ? Math.round((sum * lots[half & ~1]!) / whole) : 0;
      return Number.isNaN(sum) ? sum : own === 0 ? 0 : (half & 1) === 0 ? first : sum - first;
    });
  return {
    ...c,
    lastTicks: between(c.lastTicks),
    highTicks: split(c.highTicks, (now) => now),
    lowTicks: split(c.lowTicks, (now) => now),
    lots,
    tickLots: parted(c.tickLots),
    buyLots: parted(c.buyLots),
    trades: shared(c.trades),
    bidPlusAskTicks: c.bidPlusAskTicks === null ? null : between(c.bidPlusAskTicks),
    ...(c.bidTicks === undefined || c.bidTicks === null ? {} : { bidTicks: between(c.bidTicks) }),
    // a published number is not made up: the one before stands
    recordedMarkF64: c.recordedMarkF64 === null ? null : split(c.recordedMarkF64, held),
    openInterestLots: c.openInterestLots === null ? null : split(c.openInterestLots, held),
  };
}

const held = (now: number, before: number | null): number => before ?? now;

/** A column of which the first half of each beat is made from its value and the one before, null at the start. */
const split = (column: Float64Array, first: (now: number, before: number | null) => number): Float64Array => {
  const halves = new Float64Array(2 * column.length);
  for (let beat = 0; beat < column.length; beat++) {
    halves[2 * beat] = first(column[beat]!, beat === 0 ? null : column[beat - 1]!);
    halves[2 * beat + 1] = column[beat]!;
  }
  return halves;
};

/** Whole ticks in the middle; nothing where there was nothing before. */
const between = (ticks: Float64Array): Float64Array =>
  split(ticks, (now, before) => (before === null ? now : Math.round((before + now) / 2)));

/** Whole lots, as many in the first half as in the second or one less. */
const shared = (counts: Float64Array): Float64Array => {
  const halves = new Float64Array(2 * counts.length);
  for (const [beat, all] of counts.entries()) {
    halves[2 * beat] = Math.floor(all / 2);
    halves[2 * beat + 1] = all - Math.floor(all / 2);
  }
  return halves;
};

/** Difference beyond which a reader is warned. */
const STEP_TOLERANCE = 0.02;

/** What a reader should know of the step: of a draw at the whole beat and at half of it; nothing without them. */
export function stepNotes([whole, half]: readonly DoneDraw[]): string[] {
  if (whole === undefined || half === undefined) return [];
  const error = stepError(whole, half);
  const by = Number.isFinite(error) ? `by up to ${(error * 100).toFixed(1)} %` : 'altogether';
  const told = `what is liquidated differs ${by} at half the beat`;
  return error > STEP_TOLERANCE
    ? [`NOT CONVERGED: ${told}: sizes hang on the length of a step.`]
    : [`Converged: ${told} (the scenario as it is, all worlds).`];
}

/**
 * The largest difference in liquidated notional between worlds and the same worlds at half the beat, of what they
 * liquidate at the whole one; 0 where nobody does in either, Infinity where only at half the beat.
 */
export function stepError(whole: DoneDraw, half: DoneDraw): number {
  return Math.max(
    0,
    ...whole.worlds.map((world, w) => {
      const other = half.worlds[w]!;
      invariant(
        other.candidate === world.candidate && other.feedback === world.feedback,
        'worlds are paired',
      );
      const [a, b] = [world.figures.liquidatedNotional ?? 0, other.figures.liquidatedNotional ?? 0];
      return a === b ? 0 : Math.abs(b - a) / a;
    }),
  );
}
