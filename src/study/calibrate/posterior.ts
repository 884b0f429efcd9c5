/** From kept draws to sentences: prior beside posterior, whether a parameter was identified, and what to beware of. */
import type { Micros } from '../../basics/instant.ts';
import { log } from '../../basics/maths.ts';
import type { CalibratedParameter, CalibrationTarget, Quantiles } from '../../report/calibrate/model.ts';
import { titleOf } from '../../report/calibrate/words.ts';
import { quantile } from '../compare/verdict.ts';
import type { FreeParameter } from './prior.ts';
import { type PlannedTarget, tellsTiming } from './targets.ts';

/** A 90 % interval that shrank by less does not tell what a parameter is. */
const IDENTIFIED_SHRINKAGE = 1 / 3;
/** Share of a range at either end, and the share of kept draws in it that calls for a word. */
const END = 0.1;
const CROWD = 0.4;

/** 5, 50 and 95 % quantiles of at least one number. */
export function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, median, high] = [0.05, 0.5, 0.95].map((p) => quantile(sorted, p)) as [number, number, number];
  return { low, median, high };
}

/**
 * Prior and posterior of a parameter.
 *
 *   shrinkage = 1 - (q95 - q05 of the kept draws) / (q95 - q05 of all), in the logarithm where the prior is even there
 *
 * @param values  of all draws
 * @param kept    places of those that were kept
 */
export function calibrated(
  parameter: FreeParameter,
  values: readonly number[],
  kept: readonly number[],
): CalibratedParameter {
  const { path, title, law, low: from, high: to, isLog } = parameter;
  const [prior, posterior] = [quantilesOf(values), quantilesOf(kept.map((i) => values[i]!))];
  const width = ({ low, high }: Quantiles): number => (isLog ? log(high / low) : high - low);
  const shrinkage = width(prior) > 0 ? 1 - width(posterior) / width(prior) : 0;
  const identified = shrinkage >= IDENTIFIED_SHRINKAGE;
  return { path, title, law, from, to, isLog, prior, posterior, shrinkage, identified };
}

/** A target with what all draws and the kept ones say of it. */
export function held(
  target: PlannedTarget,
  predicted: readonly number[],
  kept: readonly number[],
): CalibrationTarget {
  const { place: _, ...facts } = target;
  return { ...facts, before: quantilesOf(predicted), predicted: quantilesOf(kept.map((i) => predicted[i]!)) };
}

/** What a reader of a fit should know before using it. */
export function caveatsOf(o: {
  readonly parameters: readonly CalibratedParameter[];
  readonly values: readonly (readonly number[])[];
  readonly kept: readonly number[];
  readonly targets: readonly CalibrationTarget[];
  readonly planned: readonly PlannedTarget[];
  /** The window replayed. */
  readonly day: { readonly fromUs: Micros; readonly untilUs: Micros };
  readonly predicted: readonly (readonly number[])[];
}): string[] {
  const { parameters, values, kept, targets, planned, predicted, day } = o;
  const fitted = targets.flatMap((target, k) => (target.role === 'fit' ? [{ target, k }] : []));
  const unreached = fitted.filter(({ target, k }) => kept.every((i) => !within(predicted[i]![k]!, target)));
  const named = (list: readonly CalibratedParameter[]): string => list.map(({ title }) => title).join(', ');
  const unknown = parameters.filter(({ identified }) => !identified);
  const crowded = parameters.filter((p, k) =>
    isCrowded(
      p,
      kept.map((i) => values[i]![k]!),
    ),
  );
  const hasTiming = planned.some((target) => target.role === 'fit' && tellsTiming(target, day));
  return [
    ...(unknown.length === 0
      ? []
      : [`NOT IDENTIFIED: ${named(unknown)}. No verdict above INDICATIVE may rest on this ensemble.`]),
    ...(hasTiming
      ? []
      : [
          'No hourly series: timing is not fitted, so the liquidatable share and the weight of high leverage ' +
            'trade off against each other.',
        ]),
    ...unreached.map(
      ({ target }) =>
        `No kept draw comes within the tolerance of: ${titleOf(target)}. The priors do not reach it.`,
    ),
    ...(crowded.length === 0
      ? []
      : [
          `Kept draws crowd at an end of the range of ${named(crowded)}: the figures ask for more than it allows.`,
        ]),
    ...(fitted.some(({ target }) => target.what === 'openInterestChange')
      ? [
          'A fall of open interest holds those who left by themselves too, and in money also the fall of the price.',
        ]
      : []),
    'Tolerances, ranges and laws are assumed. Each draw is the scenario under its own rules without feedback.',
  ];
}

/** Within one tolerance of the figure, and of its sign. */
const within = (value: number, { observed, sigmaLn }: CalibrationTarget): boolean =>
  value / observed > 0 && Math.abs(log(value / observed)) <= sigmaLn;

function isCrowded({ from, to, isLog }: CalibratedParameter, values: readonly number[]): boolean {
  const place = (x: number): number => (isLog ? log(x / from) / log(to / from) : (x - from) / (to - from));
  const at = (test: (u: number) => boolean): boolean =>
    values.filter((x) => test(place(x))).length >= CROWD * values.length;
  return at((u) => u <= END) || at((u) => u >= 1 - END);
}
