/**
 * Check 10: does forced flow push the perpetual below spot in the days on which the perpetual led, and
 * not on the days on which everything fell together?
 */
import { SECOND_US } from '../../basics/instant.ts';
import { exp } from '../../basics/maths.ts';
import { Feedback } from '../../impact/feedback.ts';
import { rankCorrelation } from '../../report/sweep/stats.ts';
import { beatsOf, criticalOf, lowest } from './anchors.ts';
import { type CheckRow, percent, text, verdict } from './checkRow.ts';
import { CALM_BASIS_BP, COMMON, CRITICAL, type CriticalHour, DROP_BAND, LED, RANK_BAND } from './critical.ts';
import type { DayRun } from './runs.ts';

/** A critical hour as recorded and as the run of its day has it. */
interface Seen extends CriticalHour {
  /** Largest share of a minute's volume that forced orders took. */
  readonly peak: number;
  /** What forced flow takes off the gap between perpetual and index at most, basis points. */
  readonly addedBp: number;
  /** Spot's drop over that of spot plus what forced flow adds. */
  readonly dropRatio: number;
}

/**
 * Check 10 over all days of the table.
 *
 * @param days  the runs of the scenarios of `CRITICAL`
 */
export function splitRows(days: readonly DayRun[]): CheckRow[] {
  const seen = days.flatMap(seenIn);
  const [led, common] = [mostAdded(days, LED), mostAdded(days, COMMON)];
  const told = (by: Map<string, number>): string =>
    [...by].map(([day, bp]) => `${day} ${bp.toFixed(1)} bp`).join(', ');
  const rank = rankCorrelation(
    seen.map(({ peak }) => peak),
    seen.map(({ basisBp }) => -basisBp),
  );
  const missed = seen.filter((s) => Math.abs(s.dropRatio - s.spotOverPerp) > DROP_BAND);
  const row = (target: string, ours: string, band: string, ok: boolean, reason: string): CheckRow => {
    return { check: '10', target, source: 'Binance klines', ours, band, verdict: verdict(ok), reason };
  };
  return [
    row(
      text(
        'what forced flow adds to the gap between perpetual and index: more on days led by the perpetual than on',
        'days of a common shock',
      ),
      `${told(led)}; ${told(common)}`,
      'larger',
      Math.min(...led.values()) > Math.max(...common.values()),
      text(
        `of the day's forced lots the critical hours have`,
        `${days.map((d) => percent(criticalShare(d))).join(', ')}: October's`,
        'fall took an hour, that of May a day. It is',
        GAP_REASON,
      ),
    ),
    row(
      text(
        `rank correlation over ${seen.length} critical hours: forced flow over volume in its largest minute, gap at`,
        'the low as recorded',
      ),
      rank === null ? '-' : rank.toFixed(2),
      `at least ${RANK_BAND}`,
      rank !== null && rank >= RANK_BAND,
      text(
        `shares of volume: ${seen.map(({ peak }) => percent(peak)).join(', ')}. The cap of every order (25 %,`,
        'assumed) evens the hours out: the common shock of October reaches it too, with a gap of 47 bp',
      ),
    ),
    row(
      `spot's drop over the perpetual's: ${seen.map((s) => s.spotOverPerp.toFixed(2)).join(', ')}`,
      seen.map((s) => s.dropRatio.toFixed(2)).join(', '),
      `${DROP_BAND} in every hour`,
      missed.length === 0,
      text(
        missed.length === 0 ? '' : `missed: ${missed.map(({ hour }) => hour.slice(0, 16)).join(', ')}.`,
        'The perpetual is put at spot plus what forced flow adds; the recorded perpetual is not used. In its',
        'hours forced flow adds',
        `${seen.map((s) => s.addedBp.toFixed(0)).join(', ')} bp`,
      ).trim(),
    ),
  ];
}

/** The most that forced flow adds to the gap on each day of a kind, basis points. */
function mostAdded(days: readonly DayRun[], kind: CriticalHour['kind']): Map<string, number> {
  const by = new Map<string, number>();
  for (const day of days) {
    if (CRITICAL.find(({ scenario }) => scenario === day.scenario.id)?.kind !== kind) continue;
    by.set(day.scenario.id.slice(0, 10), addedBp(forcedGap(day)));
  }
  return by;
}

/** Check 8 for June 2022: the same gap on the day on which nothing should happen. */
export function calmGapRow(day: DayRun): CheckRow {
  const bp = addedBp(forcedGap(day));
  return {
    check: '8',
    target: 'June 2022: what all forced flow adds to the gap between perpetual and index',
    source: 'the list of checks',
    ours: `${bp.toFixed(1)} bp`,
    band: `below ${CALM_BASIS_BP} bp`,
    verdict: verdict(bp < CALM_BASIS_BP),
    reason: GAP_REASON,
  };
}

const GAP_REASON = text(
  "the impact of the run's own forced orders from the first beat on, decayed and passed through to the index as",
  'feedback does it, as if none of it were in the tape yet; impact coefficient from the 20 days before',
);

/** Log gap between perpetual and index of every beat, were all forced flow new: x - y. */
function forcedGap({ tape, scenario, flow }: DayRun): Float64Array {
  const { fills, feedback } = scenario.assumptions;
  const { beatUs, beats } = tape.frames;
  const lambda = tape.lambda(scenario.assumptions)[0]!;
  const room = new Feedback({ kernel: fills.kernel, assumption: feedback, beatUs });
  const gap = new Float64Array(beats);
  for (let beat = 0; beat < beats; beat++) {
    const { x, y } = room.tilt(beat);
    gap[beat] = x - y;
    room.push(flow[beat]!, lambda[beat]!);
  }
  return gap;
}

/** How far it is pushed down at most, basis points. */
const addedBp = (gap: Float64Array): number => -10_000 * Math.min(0, lowest(gap));

function seenIn(day: DayRun): Seen[] {
  const gap = forcedGap(day);
  const { frames, markets } = day.tape;
  const { lots } = frames.markets.get(markets[0]!.id)!;
  const spot = frames.constituents.get(markets[0]!.id)!.find(({ name }) => name === 'binance')!.lastTicks;
  return criticalOf(day).map((critical) => {
    const [from, until] = beatsOf(day, critical.hour);
    const pushed = spot.map((ticks, beat) => ticks * exp(gap[beat]!));
    const drop = (path: Float64Array): number => 1 - lowest(path.subarray(from, until)) / path[from - 1]!;
    return {
      ...critical,
      peak: peakShare(day, lots, [from, until]),
      addedBp: addedBp(gap.subarray(from, until)),
      dropRatio: drop(spot) / drop(pushed),
    };
  });
}

/** Share of a day's forced lots that fall in its critical hours. */
function criticalShare(day: DayRun): number {
  const size = (list: Float64Array): number => list.reduce((total, lots) => total + Math.abs(lots), 0);
  const inside = criticalOf(day).map(({ hour }) => size(day.flow.subarray(...beatsOf(day, hour))));
  return inside.reduce((total, lots) => total + lots, 0) / size(day.flow);
}

/** Largest share of a minute's lots that forced orders took, net. */
function peakShare(
  { flow, tape }: DayRun,
  lots: Float64Array,
  [from, until]: readonly [number, number],
): number {
  const minute = (60 * SECOND_US) / tape.frames.beatUs;
  let most = 0;
  for (let start = from; start < until; start += minute) {
    const sum = (list: Float64Array): number =>
      list.subarray(start, start + minute).reduce((total, value) => total + value, 0);
    const traded = sum(lots);
    if (traded > 0) most = Math.max(most, Math.abs(sum(flow)) / traded);
  }
  return most;
}
