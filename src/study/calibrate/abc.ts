/**
 * The core of calibration: of many draws those whose predictions lie nearest to what was published
 * (approximate Bayesian computation by rejection). Pure arithmetic; draws, worlds and targets are made elsewhere.
 */
import { log } from '../../basics/maths.ts';

/** A published figure that predictions are held against. */
export interface AbcTarget {
  /** Signed, not 0: a fall is negative. */
  readonly observed: number;
  /** Tolerance: standard deviation of the natural logarithm, above 0; ln 1.3 = 30 %. */
  readonly sigmaLn: number;
}

/** A draw that was kept. */
export interface Kept {
  /** Its place among the draws. */
  readonly index: number;
  readonly loss: number;
}

/** A prediction of nothing, or of the other sign, counts as this share of the figure: its logarithm is finite. */
const FLOOR_SHARE = 1e-3;

/**
 * How far one draw is from the figures.
 *
 *   loss = sum over k of ((ln y_k - ln o_k) / sigma_k)^2,    y_k / o_k at least FLOOR_SHARE
 *
 * @param predicted  y, one a target and in its unit; finite
 * @param targets    o and sigma
 * @returns          0 where every figure is met; 1 where a single one is off by its tolerance
 * @source science.md 3.5; docs/calibration.md
 */
export function lossOf(predicted: readonly number[], targets: readonly AbcTarget[]): number {
  return targets.reduce((loss, { observed, sigmaLn }, k) => {
    const distance = log(Math.max(predicted[k]! / observed, FLOOR_SHARE)) / sigmaLn;
    return loss + distance * distance;
  }, 0);
}

/**
 * The draws nearest to the figures.
 *
 * @param o.predicted  one row a draw, one number a target
 * @param o.targets    at least one
 * @param o.keep       1 .. number of draws
 * @returns            `keep` draws, nearest first; of equal losses the lower index first
 * @throws RangeError  without targets, or where `keep` is no number of draws: callers refuse both before
 */
export function keepBest(o: {
  readonly predicted: readonly (readonly number[])[];
  readonly targets: readonly AbcTarget[];
  readonly keep: number;
}): Kept[] {
  const { predicted, targets, keep } = o;
  if (targets.length === 0) throw new RangeError('no targets');
  if (!Number.isInteger(keep) || keep < 1 || keep > predicted.length)
    throw new RangeError(`keep ${keep} of ${predicted.length} draws`);
  return predicted
    .map((row, index): Kept => ({ index, loss: lossOf(row, targets) }))
    .sort((a, b) => a.loss - b.loss || a.index - b.index)
    .slice(0, keep);
}
