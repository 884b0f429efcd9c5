/**
 * Positions that their owners close during the event, for reasons of their own. Of the V lots that a bucket of
 * the recorded day traded, chi V closed longs and as much closed shorts. Whose they were goes by the weight of
 * closing.ts at the price and the age at which the bucket begins. Positions with nearly the same entry and age
 * are a cohort: of one with weight w the share chi V w / (sum of mass times w) leaves, at most all, where mass
 * is what the earlier shares have left of its lots, without those that a stop or a liquidation would have ended
 * on the recorded path (lifetimes.ts). So chi V lots leave in expectation, and a position leaves in the bucket in
 * which what is left of its cohort falls below its own draw: no draw depends on another.
 */
import { DAY_US, HOUR_US, type Micros } from '../basics/instant.ts';
import { beatIn, type Buckets, endOfBeatUs } from './buckets.ts';
import { ageWeight, WINNER } from './closing.ts';

/** Entries of one cohort lie within 1 % of the first price. */
const BIN = 0.01;
/** More than there are: prices do not rise ten-thousandfold. */
const BINS = 1_000_000;

/** Positions on one side of a market, one an entry. */
export interface Held {
  readonly lots: Float64Array;
  readonly entryTicks: Float64Array;
  /** When it was opened, if before the event. */
  readonly openedUs: Float64Array;
  /** The bucket in which it is opened; -1: before the event. */
  readonly bucket: Float64Array;
  /** The bucket in which it is gone if nobody closes it, as the recorded path says; Infinity: it lasts. */
  readonly ends: Float64Array;
  /** Uniform draw in [0, 1). */
  readonly luck: Float64Array;
}

interface Cohort {
  readonly bucket: number;
  readonly openedUs: Micros;
  /** Mean entry, weighted by lots. */
  entryTicks: number;
  /** Lots of those that are not gone, as if none had left. */
  lots: number;
  /** Positions by ascending luck; the next to leave is `members[gone]`. */
  readonly members: number[];
  gone: number;
  /** Share of it that is left. */
  left: number;
  weight: number;
}

/**
 * When each position leaves.
 *
 * @param side     of all the positions
 * @param turnover chi, 0 .. 1
 * @returns        us; NaN where the position outlives the recorded day
 */
export function departuresOf(
  positions: Held,
  { side, buckets, turnover }: { side: 1 | -1; buckets: Buckets; turnover: number },
): Float64Array {
  const leaves = new Float64Array(positions.lots.length).fill(Number.NaN);
  const { cohorts, cohortOf } = cohortsOf(positions, buckets);
  const ending = [...positions.ends.keys()].filter((i) => positions.ends[i]! < buckets.count);
  ending.sort((a, b) => positions.ends[a]! - positions.ends[b]!);
  let ended = 0;
  const byAge = agesOf(buckets);
  let entered = 0;
  for (let t = 0; t < buckets.count; t++) {
    while (entered < cohorts.length && cohorts[entered]!.bucket < t) entered++;
    for (; ended < ending.length && positions.ends[ending[ended]!]! < t; ended++) {
      const i = ending[ended]!;
      cohortOf[i]!.lots -= positions.lots[i]!;
    }
    if (buckets.lots[t] === 0) continue;
    const perLot = turnover * buckets.lots[t]! * weigh(cohorts, entered, { side, buckets, t, byAge });
    for (let c = 0; c < entered; c++) {
      const cohort = cohorts[c]!;
      const before = cohort.left;
      cohort.left = before * (1 - Math.min(1, perLot * cohort.weight));
      for (; cohort.gone < cohort.members.length; cohort.gone++) {
        const i = cohort.members[cohort.gone]!;
        const u = 1 - positions.luck[i]!;
        if (u <= cohort.left) break;
        // how far into the bucket, by the share that had left before it
        const beat = beatIn(buckets, t, (before - u) / (before - cohort.left));
        leaves[i] = endOfBeatUs(buckets, beat);
      }
    }
  }
  return leaves;
}

/** Weight by age of what was opened so many buckets ago, in the middle of its bucket. */
const agesOf = ({ bucketUs, count }: Buckets): Float64Array =>
  Float64Array.from({ length: count }, (_, n) => ageWeight(Math.max(0, n - 0.5) * bucketUs));

/** Weighs the cohorts that are there. @returns 1 / (sum of mass times weight), 0 when nobody is left */
function weigh(
  cohorts: readonly Cohort[],
  entered: number,
  { side, buckets, t, byAge }: { side: 1 | -1; buckets: Buckets; t: number; byAge: Float64Array },
): number {
  const nowUs = buckets.startUs + t * buckets.bucketUs;
  const ticks = buckets.ticks[t]!;
  let [total, openedUs, ofOpening] = [0, Number.NaN, 0];
  for (let c = 0; c < entered; c++) {
    const cohort = cohorts[c]!;
    if (cohort.bucket < 0 && cohort.openedUs !== openedUs) {
      openedUs = cohort.openedUs; // cohorts of one age stand together
      ofOpening = ageWeight(Math.max(0, nowUs - openedUs));
    }
    const own = cohort.bucket < 0 ? ofOpening : byAge[t - cohort.bucket]!;
    cohort.weight = own * (side * (ticks - cohort.entryTicks) > 0 ? WINNER : 1);
    total += cohort.lots * cohort.left * cohort.weight;
  }
  return total > 0 ? 1 / total : 0;
}

/** The hour of what is younger than a day at the start, else noon of its day: ages of cohorts. */
const coarse = (us: Micros, startUs: Micros): Micros =>
  startUs - us < DAY_US ? Math.floor(us / HOUR_US) * HOUR_US : Math.floor(us / DAY_US) * DAY_US + DAY_US / 2;

/** Positions by age and entry, those of before first and then by bucket; and the cohort of each. */
function cohortsOf(
  positions: Held,
  { startUs, ticks }: Buckets,
): { cohorts: readonly Cohort[]; cohortOf: readonly Cohort[] } {
  const found = new Map<number, Cohort>();
  const cohortOf: Cohort[] = [];
  const bin = BIN * ticks[0]!;
  for (let i = 0; i < positions.lots.length; i++) {
    const [lots, bucket, entryTicks] = [positions.lots[i]!, positions.bucket[i]!, positions.entryTicks[i]!];
    const openedUs = coarse(positions.openedUs[i]!, startUs);
    const key = bucket < 0 ? (openedUs / HOUR_US) * BINS + Math.floor(entryTicks / bin) : -1 - bucket;
    const cohort = found.get(key) ?? {
      bucket,
      openedUs,
      ...{ entryTicks: 0, lots: 0, members: [], gone: 0, left: 1, weight: 0 },
    };
    found.set(key, cohort);
    cohort.entryTicks += (entryTicks - cohort.entryTicks) * (lots / (cohort.lots + lots));
    cohort.lots += lots;
    cohort.members.push(i);
    cohortOf.push(cohort);
  }
  const { luck } = positions;
  for (const { members } of found.values()) members.sort((a, b) => luck[a]! - luck[b]! || a - b);
  const cohorts = [...found.values()].sort((a, b) => a.bucket - b.bucket || a.openedUs - b.openedUs);
  return { cohorts, cohortOf };
}
