/**
 * How often a comparison's bands hold the truth. For each tape: draws of who stands on the venue and of
 * impact, of which those are kept whose baseline liquidates as much as was published of the tape's venue;
 * then paired differences of the kept, and whether their 5 to 95 % band holds the true difference.
 */
import { rate } from '../../src/basics/exact.ts';
import { log } from '../../src/basics/maths.ts';
import type { World } from '../../src/engine/world.ts';
import { replay } from '../../src/replay.ts';
import type { DrawFacts } from '../../src/report/compare/model.ts';
import { Tally } from '../../src/results/tally.ts';
import type { Assumptions } from '../../src/rules/assumptions.ts';
import type { Scenario } from '../../src/rules/scenario.ts';
import { keepBest } from '../../src/study/calibrate/abc.ts';
import { candidatesOf } from '../../src/study/compare/candidates.ts';
import { CENTRAL, drawsOf } from '../../src/study/compare/draws.ts';
import type { MetricName, WorldFigures } from '../../src/study/compare/metrics.ts';
import { bandOf } from '../../src/study/compare/verdict.ts';
import type { Tape } from '../../src/study/tape.ts';
import { type Cast, castOf, comparedOn, ownDayOf, scenariosAt, type Venue, worldOf } from './twin.ts';
import { exogenousDay } from './twinTape.ts';

export const CANDIDATES = candidatesOf([
  'rules.markets.*.tiers.*.maintenanceRate*=1.5,rules.markets.*.tiers.*.initialRate*=1.5',
  'rules.reduction={kind: full}',
]);
export const METRICS: readonly MetricName[] = [
  'liquidatedNotional',
  'traderCost',
  'badDebt',
  'adlNotional',
  'extraDrawdown',
];
/** Populations drawn, those kept of them, and draws of impact for each. */
const POPULATIONS = 200;
const KEPT = 50;
const IMPACTS = 2;
/** Tolerance of a total from a venue's own feed before May 2021: 30 % (as in docs/calibration.md). */
const SIGMA_LN = log(1.3);
/** Worlds that are replayed together: more of them fall out of the processor's cache. */
const AT_ONCE = 12;

/** Scenarios of a population's draws of impact, the baseline's first in each. */
export type Drawn = readonly (readonly Scenario[])[];
/** The same with the accounts that it has on a tape. */
type Group = readonly Cast[];

/** Drawn by compare too; held here, in truth and comparison: churn, turnover and the weight of high leverage. */
export const HELD = /^assumptions\.population\.(churn|highLeverageShare|behaviour\.turnover)=/;

/** Reads the overrides of a draw of compare into assumptions, but those held, as reading the scenario would. */
export function assumptionsOf(own: Assumptions, { overrides }: DrawFacts): Assumptions {
  const text = (path: string): string =>
    overrides.find((o) => o.startsWith(`assumptions.${path}`))!.split('=')[1]!;
  const { population, fills } = own;
  if (population.kind !== 'synthetic') throw new RangeError('the twin draws its population');
  const { behaviour } = population;
  const acting = {
    stopShare: rate(text('population.behaviour.stopShare')),
    topUpShare: rate(text('population.behaviour.topUpShare')),
  };
  return {
    ...own,
    population: {
      ...population,
      liquidatableShare: rate(text('population.liquidatableShare')),
      behaviour: { ...behaviour, ...acting },
    },
    fills: {
      ...fills,
      // both factors are short decimals: so is their product
      impact: Number((fills.impact * Number(text('fills.impact'))).toFixed(6)),
      participation: rate(text('fills.participation')),
    },
    feedback: {
      passThrough: Number(text('feedback.passThrough')),
      arbitrageUs: Number(text('feedback.arbitrage').replace('s', '')) * 1e6,
    },
  };
}

/** What is true over what is assumed, of liquidatable share and impact. */
export interface Mistake {
  readonly share: number;
  readonly impact: number;
}

/** The first of n populations from the distributions of a comparison, whose centre is off where a mistake says so. */
export async function drawnOf(
  venue: Venue,
  o: { seed: string; n: number; first: number; impacts: number; mistake?: Mistake },
): Promise<Drawn[]> {
  const scenarios = await scenariosAt(venue, CANDIDATES);
  const centre = mistaken(scenarios[0]!.assumptions, o.mistake ?? { share: 1, impact: 1 });
  const draws = drawsOf({ n: 4 * o.n, cell: CENTRAL, seed: o.seed, assumptions: centre });
  return Array.from({ length: o.first }, (_, g) =>
    draws.slice(4 * g, 4 * g + o.impacts).map((draw) => {
      const drawn = { seed: draw.seed, assumptions: assumptionsOf(centre, draw) };
      return scenarios.map((s) => ({ ...s, ...drawn }));
    }),
  );
}

/** Whom the draws find on a tape: who stands there does not hang on impact. */
async function groupOn(venue: Venue, drawn: Drawn): Promise<Group> {
  const cast = await castOf(venue, drawn[0]!);
  return drawn.map((scenarios) => ({ ...cast, scenarios }));
}

function mistaken(assumptions: Assumptions, { share, impact }: Mistake): Assumptions {
  const { population, fills } = assumptions;
  if (population.kind !== 'synthetic') throw new RangeError('the twin draws its population');
  const liquidatableShare = rate((population.liquidatableShare.toNumber() * share).toFixed(4));
  return {
    ...assumptions,
    population: { ...population, liquidatableShare },
    fills: { ...fills, impact: Number((fills.impact * impact).toFixed(4)) },
  };
}

/** The populations that an analyst draws: the same luck for all tapes. */
export const poolOf = (venue: Venue): Promise<Drawn[]> =>
  drawnOf(venue, { seed: 'pool', n: POPULATIONS, first: POPULATIONS, impacts: IMPACTS });

/** Whether the band of each candidate and metric holds the truth. */
export type Covered = readonly (readonly boolean[])[];

/** One tape: its truth, and what a comparison that sees the tape alone says of it. */
export async function coveredOn(o: {
  readonly venue: Venue;
  readonly seed: string;
  readonly truth: readonly Scenario[];
  readonly pool: readonly Drawn[];
}): Promise<Covered> {
  const { venue, seed } = o;
  const { truth, tape } = await ownDayOf(venue, o.truth, exogenousDay(seed));
  const { figures } = truth;
  const pool: Group[] = [];
  for (const drawn of o.pool) pool.push(await groupOn({ ...venue, tape }, drawn));
  const kept = await posterior(tape, pool, figures[0]!);
  const pairs: Differences[] = [];
  for (const casts of chunks(kept.flat(), AT_ONCE / (1 + CANDIDATES.length)))
    pairs.push(...(await comparedOn(tape, casts)).map(differencesOf));
  return differencesOf(figures).map((list, k) =>
    list.map((difference, m) => {
      const { low, high } = bandOf(pairs.map((d) => d[k]![m]!))!;
      return low <= difference && difference <= high;
    }),
  );
}

function* chunks<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size);
}

/** The groups whose baseline liquidates on this tape about what was published of it, by side. */
async function posterior(tape: Tape, pool: readonly Group[], published: WorldFigures): Promise<Group[]> {
  const sides = (['long', 'short'] as const)
    .map((side) => ({ side, observed: published[side === 'long' ? 'liquidatedLong' : 'liquidatedShort']! }))
    .filter(({ observed }) => observed > 0); // a loss in logarithms has no place for a 0
  if (sides.length === 0) return pool.slice(0, KEPT);
  const predicted: number[][] = [];
  for (const groups of chunks(pool, AT_ONCE)) {
    tape.rewind();
    const worlds: World[] = [];
    for (const [index, [cast]] of groups.entries())
      worlds.push(await worldOf(tape, cast!, { index, baseline: null, k: 0 }));
    const tally = new Tally(new Map(tape.markets.map((m) => [m.id, m])));
    await replay(tape.frames, worlds, tally);
    const rows = tally.rows().filter((r) => r.name === 'liquidatedNotional' && r.market === '');
    for (const world of worlds.keys())
      predicted.push(
        sides.map(({ side }) => rows.find((r) => r.world === world && r.side === side)?.valueF64 ?? 0),
      );
  }
  const targets = sides.map(({ observed }) => ({ observed, sigmaLn: SIGMA_LN }));
  return keepBest({ predicted, targets, keep: KEPT }).map(({ index }) => pool[index]!);
}

/** Of each candidate and metric, candidate less baseline of the same draw. */
type Differences = readonly (readonly number[])[];

const differencesOf = ([own, ...others]: readonly WorldFigures[]): Differences =>
  others.map((other) => METRICS.map((name) => other[name]! - own![name]!));
