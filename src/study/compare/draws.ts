/**
 * The draws of a comparison: what nobody published is drawn from stated distributions by Latin
 * hypercube, so that a few draws cover each range evenly. A draw is a seed for the population and a list of
 * overrides, so any of them can be replayed alone with `cascade run`. Pure in (seed, number, field).
 *
 *   liquidatable share   log-uniform from half to twice the scenario's own, at most 1; per population
 *   impact               times a log-normal multiplier, sigma 0.6
 *   pass-through         Beta(6, 2) within 0.4 and 0.95
 *   arbitrage time       log-uniform from 10 s to 30 min
 *   participation        uniform from 0.1 to 0.5
 */
import { draw, hashText } from '../../basics/draw.ts';
import { exp, log, normalQuantile } from '../../basics/maths.ts';
import type { DrawFacts } from '../../report/compare/model.ts';
import type { Assumptions, LeverageMix } from '../../rules/assumptions.ts';

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

const clip = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

/**
 * The draws of a cell.
 *
 * @param n  how many; every four share a population
 */
export function drawsOf(o: {
  readonly n: number;
  readonly cell: Cell;
  readonly seed: string;
  readonly assumptions: Assumptions;
}): DrawFacts[] {
  const { n, cell, seed, assumptions } = o;
  const { population } = assumptions;
  const populations = Math.ceil(n / DRAWS_PER_POPULATION);
  const shares = hypercube(seed, 'liquidatableShare', populations);
  const of = (field: string) => hypercube(seed, field, n);
  const [impacts, passes, times, parts] = [
    of('impact'),
    of('passThrough'),
    of('arbitrage'),
    of('participation'),
  ];
  return Array.from({ length: n }, (_, number): DrawFacts => {
    const group = Math.floor(number / DRAWS_PER_POPULATION);
    const own = population.kind === 'synthetic' ? population.liquidatableShare.toNumber() : 0;
    const share = logUniform(shares[group]!, own / 2 || 1, Math.min(1, 2 * own) || 1);
    const impact = cell.impact ?? exp(0.6 * normalQuantile(impacts[number]!));
    const pass = cell.passThrough ?? clip(betaQuantile(passes[number]!), 0.4, 0.95);
    const seconds = Math.round(logUniform(times[number]!, 10, 1800));
    return {
      number,
      cell: cell.name,
      seed: `${seed}/${group}`,
      overrides: [
        ...(own > 0 ? [`assumptions.population.liquidatableShare=${share.toFixed(4)}`] : []),
        ...(cell.mix === undefined || own === 0 ? [] : [`assumptions.population.leverageMix=${cell.mix}`]),
        `assumptions.fills.impact*=${impact.toFixed(4)}`,
        `assumptions.feedback.passThrough=${pass.toFixed(4)}`,
        `assumptions.feedback.arbitrage=${seconds}s`,
        `assumptions.fills.participation=${(0.1 + 0.4 * parts[number]!).toFixed(4)}`,
      ],
    };
  });
}
