/**
 * What a calibration leaves free, from which distributions it draws, and the draws: one point of a seeded Latin
 * hypercube each, with a population of its own.
 *
 *   liquidatable share        log-uniform, 0.05 to 1
 *   weight of high leverage   uniform, 0.7 to 1.3 times the weight that the scenario has; not free where it is 0
 *   churn                     uniform, 0.03 to 0.25; what comes and goes during the event likewise, if anybody does
 */
import { ReplayError } from '../../basics/errors.ts';
import { exp, log } from '../../basics/maths.ts';
import { mixOf } from '../../population/leverage.ts';
import type { PopulationAssumption } from '../../rules/assumptions.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { hypercube } from '../compare/draws.ts';

/** A draw as a worker gets it, and as `cascade run` can repeat it. */
export interface CalibrationDraw {
  readonly seed: string;
  readonly overrides: readonly string[];
}

/** One thing that is fitted. */
export interface FreeParameter {
  /** As an override names it. */
  readonly path: string;
  readonly title: string;
  /** In words: what it is drawn from. */
  readonly law: string;
  readonly low: number;
  readonly high: number;
  /** true: even in the logarithm, in which widths are measured too. */
  readonly isLog: boolean;
  /** Paths that are given the same value. */
  readonly with: readonly string[];
}

type Synthetic = Extract<PopulationAssumption, { readonly kind: 'synthetic' }>;

const POPULATION = 'assumptions.population';
const SHARE = { low: 0.05, high: 1 };
const CHURN = { low: 0.03, high: 0.25 };
/** Either way around the weight that the scenario has. */
const WEIGHT_SPREAD = 0.3;
const PLACES = 6;

/**
 * What is free in a scenario.
 *
 * @throws ReplayError SCENARIO_INVALID where positions come from a file
 */
export function freeParameters({ assumptions: { population } }: Scenario): FreeParameter[] {
  if (population.kind === 'synthetic') return parametersOf(population);
  throw new ReplayError(
    'SCENARIO_INVALID',
    'positions come from a file: there is nothing to calibrate',
    { path: POPULATION },
    'Calibrate a scenario whose population is synthetic.',
  );
}

function parametersOf(population: Synthetic): FreeParameter[] {
  const weight = 1 - mixOf(population).body;
  const [low, high] = [weight * (1 - WEIGHT_SPREAD), Math.min(1, weight * (1 + WEIGHT_SPREAD))];
  const comesAndGoes = population.behaviour.turnover.isPositive();
  return [
    {
      path: `${POPULATION}.liquidatableShare`,
      title: 'Liquidatable share a',
      law: `log-uniform ${SHARE.low} to ${SHARE.high}`,
      ...SHARE,
      isLog: true,
      with: [],
    },
    ...(weight > 0
      ? [
          {
            path: `${POPULATION}.highLeverageShare`,
            title: 'Weight of high leverage',
            law: `uniform ${low.toFixed(3)} to ${high.toFixed(3)}: 30 % around ${weight.toFixed(3)}`,
            ...{ low, high },
            isLog: false,
            with: [],
          },
        ]
      : []),
    {
      path: `${POPULATION}.churn`,
      title: 'Churn',
      law: `uniform ${CHURN.low} to ${CHURN.high}${comesAndGoes ? ', turnover the same' : ''}`,
      ...CHURN,
      isLog: false,
      with: comesAndGoes ? [`${POPULATION}.behaviour.turnover`] : [],
    },
  ];
}

const quantileOf = ({ low, high, isLog }: FreeParameter, u: number): number =>
  isLog ? exp(log(low) + u * (log(high) - log(low))) : low + u * (high - low);

/** Draws and, draw by draw, the values of the parameters: those of the overrides' texts. */
export interface PriorDraws {
  readonly draws: readonly CalibrationDraw[];
  readonly values: readonly (readonly number[])[];
}

/**
 * The draws of a calibration. Pure in its arguments.
 *
 * @param o.n     1 or more
 * @param o.seed  of the scenario; draw i has the seed `<seed>/calibrate/<i>`
 */
export function priorDraws(o: {
  readonly n: number;
  readonly seed: string;
  readonly parameters: readonly FreeParameter[];
}): PriorDraws {
  const { n, seed, parameters } = o;
  const columns = parameters.map((parameter) =>
    hypercube(seed, parameter.path, n).map((u) => quantileOf(parameter, u).toFixed(PLACES)),
  );
  const places = Array.from({ length: n }, (_, i) => i);
  return {
    values: places.map((i) => columns.map((column) => Number(column[i]))),
    draws: places.map((i) => ({
      seed: `${seed}/calibrate/${i}`,
      overrides: parameters.flatMap(({ path, with: others }, k) =>
        [path, ...others].map((name) => `${name}=${columns[k]![i]!}`),
      ),
    })),
  };
}
