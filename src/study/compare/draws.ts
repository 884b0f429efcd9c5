/**
 * The draws of a comparison: what nobody published is drawn from stated distributions by Latin
 * hypercube, so that a few draws cover each range evenly. A draw is a seed for the population and a list of
 * overrides, so any of them can be replayed alone with `cascade run`. Pure in (seed, number, field).
 *
 *   liquidatable share   log-uniform from half to twice the scenario's own, at most 1; per population
 *   churn                uniform from 0.03 to 0.25, turnover the same where anybody comes and goes; per population
 *   high leverage        uniform within 30 % of the mix's own weight, where it has one; per population
 *   stops, top-ups       uniform from 0.1 to 0.6 and 0 to 0.3, where the scenario has any; per population
 *   impact               times a log-normal multiplier, sigma 0.6
 *   pass-through         Beta(6, 2) within 0.4 and 0.95
 *   arbitrage time       log-uniform from 10 s to 30 min
 *   participation        uniform from 0.1 to 0.5
 */
import { draw, hashText } from '../../basics/draw.ts';
import { exp, log, normalQuantile } from '../../basics/maths.ts';
import type { DrawFacts } from '../../report/compare/model.ts';
import { mixOf } from '../../population/leverage.ts';
import type { Assumptions, LeverageMix, PopulationAssumption } from '../../rules/assumptions.ts';

/** Draws of impact and execution that share one population. */
const DRAWS_PER_POPULATION = 4;

/** One place of the envelope: what is fixed there instead of drawn. */
export interface Cell {
  /** `central`, or what is fixed. */
  readonly name: string;
  readonly impact?: number;
  readonly passThrough?: number;
  readonly mix?: LeverageMix;
}

export const CENTRAL: Cell = { name: 'central' };
const PASS_THROUGHS = [0.4, 0.75, 0.95];
const MIXES: readonly LeverageMix[] = ['HL2025', 'MID', 'BMX2019'];

const cellsOf = (impacts: readonly number[], mixes: readonly (LeverageMix | undefined)[]): Cell[] =>
  mixes.flatMap((mix) =>
    impacts.flatMap((impact) =>
      PASS_THROUGHS.map(
        (passThrough): Cell => ({
          name: `impact x${impact}, pass-through ${passThrough}${mix === undefined ? '' : `, ${mix}`}`,
          impact,
          passThrough,
          ...(mix === undefined ? {} : { mix }),
        }),
      ),
    ),
  );

/** The nine cells behind INDICATIVE: impact x pass-through at the scenario's own leverage mix. */
export const NINE_CELLS: readonly Cell[] = cellsOf([0.3, 1, 3], [undefined]);
/** The 36 cells behind ROBUST. */
export const ALL_CELLS: readonly Cell[] = cellsOf([0.3, 1, 3, 10], MIXES);

/**
 * Point `i` of a Latin hypercube of `n` points in one dimension: each of n equal strata holds one.
 *
 * @returns  n numbers in (0, 1)
 */
export function hypercube(seed: string, field: string, n: number): number[] {
  const [own, order, inside] = [hashText(seed), hashText(`${field}:order`), hashText(`${field}:inside`)];
  const places = Array.from({ length: n }, (_, i) => i);
  const keys = places.map((i) => draw(own, i, order));
  places.sort((a, b) => keys[a]! - keys[b]! || a - b);
  const ranks = new Array<number>(n);
  for (const [rank, i] of places.entries()) ranks[i] = rank;
  return ranks.map((rank, i) => (rank + Math.max(draw(own, i, inside), 1e-9)) / n);
}

const logUniform = (u: number, low: number, high: number): number =>
  exp(log(low) + u * (log(high) - log(low)));

/** Quantile of Beta(6, 2), whose distribution function is x^6 (7 - 6 x); by halves, to 2^-50. */
export function betaQuantile(u: number): number {
  let [low, high] = [0, 1];
  for (let k = 0; k < 50; k++) {
    const x = (low + high) / 2;
    const below = x * x * x * x * x * x * (7 - 6 * x);
    if (below < u) low = x;
    else high = x;
  }
  return (low + high) / 2;
}

type Synthetic = Extract<PopulationAssumption, { readonly kind: 'synthetic' }>;

/** What a population is drawn with instead: a seed and overrides that a calibration kept. */
export interface Member {
  readonly seed: string;
  readonly overrides: readonly string[];
}

const POPULATION = 'assumptions.population';
const WEIGHT = `${POPULATION}.highLeverageShare`;

/** Populations that `n` draws of a cell need. */
export const populationsOf = (n: number): number => Math.ceil(n / DRAWS_PER_POPULATION);

/**
 * Seed and overrides of each population of a cell.
 *
 * @param members  of an ensemble, in its order and again from the first where they are too few; null: none.
 *                 A member's weight of high leverage was fitted to the scenario's own mix and holds for it alone
 */
function peopleOf(o: {
  readonly n: number;
  readonly cell: Cell;
  readonly seed: string;
  readonly population: PopulationAssumption;
  readonly members: readonly Member[] | null;
}): Member[] {
  const { n, cell, seed, population, members } = o;
  const groups = Array.from({ length: n }, (_, i) => i);
  if (population.kind !== 'synthetic')
    return groups.map(
      (group) => members?.[group % members.length] ?? { seed: `${seed}/${group}`, overrides: [] },
    );
  const isOwnMix = holdsOwnMix(cell, population);
  const unstated = isOwnMix || population.highLeverageShare === null ? [] : [`${WEIGHT}=none`];
  const mix = cell.mix === undefined ? [] : [`${POPULATION}.leverageMix=${cell.mix}`];
  const reactions = reactionsOf(population, seed, n);
  const drawn = members === null ? sharesOf(population, cell, seed, n) : [];
  return groups.map((group) => {
    const member = members?.[group % members.length];
    const kept = member?.overrides.filter((text) => isOwnMix || !text.startsWith(`${WEIGHT}=`));
    return {
      seed: member?.seed ?? `${seed}/${group}`,
      overrides: [...unstated, ...(kept ?? drawn[group]!), ...mix, ...reactions[group]!],
    };
  });
}

/** Whether a cell leaves the scenario's mix: a weight that a scenario states holds for that one alone. */
const holdsOwnMix = ({ mix }: Cell, { leverageMix }: Synthetic): boolean =>
  mix === undefined || mix === leverageMix;

/** Liquidatable share, weight of high leverage and churn of each population. */
function sharesOf(population: Synthetic, cell: Cell, seed: string, n: number): string[][] {
  const own = population.liquidatableShare.toNumber();
  const { leverageMix, highLeverageShare, behaviour } = population;
  const stated = holdsOwnMix(cell, population) ? highLeverageShare : null;
  const weight = 1 - mixOf({ leverageMix: cell.mix ?? leverageMix, highLeverageShare: stated }).body;
  const column = (field: string, of: (u: number) => number): string[] =>
    hypercube(seed, field, n).map((u) => of(u).toFixed(4));
  const shares = column('liquidatableShare', (u) => logUniform(u, own / 2 || 1, Math.min(1, 2 * own) || 1));
  const weights = column('highLeverageShare', (u) => Math.min(1, weight * (0.7 + 0.6 * u)));
  const churns = column('churn', (u) => 0.03 + 0.22 * u);
  return shares.map((share, i) => [
    ...(own > 0 ? [`${POPULATION}.liquidatableShare=${share}`] : []),
    ...(weight > 0 ? [`${WEIGHT}=${weights[i]!}`] : []),
    `${POPULATION}.churn=${churns[i]!}`,
    ...(behaviour.turnover.isPositive() ? [`${POPULATION}.behaviour.turnover=${churns[i]!}`] : []),
  ]);
}

/** Stops and top-ups of each population, where the scenario has any: no figure tells them. */
function reactionsOf({ behaviour }: Synthetic, seed: string, n: number): string[][] {
  const [stops, topUps] = [hypercube(seed, 'stopShare', n), hypercube(seed, 'topUpShare', n)];
  return stops.map((stop, i) => [
    ...(behaviour.stopShare.isPositive()
      ? [`${POPULATION}.behaviour.stopShare=${(0.1 + 0.5 * stop).toFixed(4)}`]
      : []),
    ...(behaviour.topUpShare.isPositive()
      ? [`${POPULATION}.behaviour.topUpShare=${(0.3 * topUps[i]!).toFixed(4)}`]
      : []),
  ]);
}

const REACTION = 'assumptions.feedback.';

/**
 * A draw but for how prices react to flow, as text: draws with equal ones have the same worlds without feedback.
 * Central draws are told in more detail and stand by themselves.
 */
export const reactionAside = ({ cell, seed, overrides }: DrawFacts): string =>
  [cell === CENTRAL.name, seed, ...overrides.filter((text) => !text.startsWith(REACTION))].join(' ');

const clip = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/**
 * The draws of a cell.
 *
 * @param n        how many; every four share a population
 * @param members  populations that a calibration kept, instead of those drawn here; null: none
 */
export function drawsOf(o: {
  readonly n: number;
  readonly cell: Cell;
  readonly seed: string;
  readonly assumptions: Assumptions;
  readonly members?: readonly Member[] | null;
}): DrawFacts[] {
  const { n, cell, seed, assumptions, members = null } = o;
  const { population } = assumptions;
  const people = peopleOf({ n: populationsOf(n), cell, seed, population, members });
  const of = (field: string) => hypercube(seed, field, n);
  const [impacts, passes, times, parts] = [
    of('impact'),
    of('passThrough'),
    of('arbitrage'),
    of('participation'),
  ];
  return Array.from({ length: n }, (_, number): DrawFacts => {
    const { seed: own, overrides } = people[Math.floor(number / DRAWS_PER_POPULATION)]!;
    const impact = cell.impact ?? exp(0.6 * normalQuantile(impacts[number]!));
    const pass = cell.passThrough ?? clip(betaQuantile(passes[number]!), 0.4, 0.95);
    const seconds = Math.round(logUniform(times[number]!, 10, 1800));
    return {
      number,
      cell: cell.name,
      seed: own,
      overrides: [
        ...overrides,
        `assumptions.fills.impact*=${impact.toFixed(4)}`,
        `assumptions.feedback.passThrough=${pass.toFixed(4)}`,
        `assumptions.feedback.arbitrage=${seconds}s`,
        `assumptions.fills.participation=${(0.1 + 0.4 * parts[number]!).toFixed(4)}`,
      ],
    };
  });
}
