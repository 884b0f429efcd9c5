/**
 * An index rule made ready for its constituents: everything that can be computed before the first
 * beat, and the little that the rule remembers from one index to the next (who is excluded, and since
 * when a former outlier has been near the others again). One plan belongs to one market of one
 * pricing and is never shared.
 */
import { parse, type Price, type Rate, unscaled } from '../basics/exact.ts';
import { ReplayError } from '../basics/errors.ts';
import type { Micros } from '../basics/instant.ts';
import type { IndexRule } from '../rules/ruleSet.ts';

export interface IndexPlan {
  readonly rule: IndexRule;
  /**
   * One unit is 10^-scale / unit; every tick is a whole number of units, even and a multiple of the
   * band's denominator, so that the median and the edges of the band are whole.
   */
  readonly scale: number;
  readonly unit: number;
  readonly tickUnits: Float64Array;
  /** Sets of whole-numbered weights, proportional to the rule's, from their instants on; 0 is no member. */
  readonly weightSets: readonly { readonly fromUs: Micros; readonly weights: Float64Array }[];
  /** The set in force at the last question. */
  weights: Float64Array;
  /** Band as a fraction of whole numbers. */
  readonly bandTop: number;
  readonly bandBottom: number;
  /** 1: excluded and not yet readmitted. */
  readonly excluded: Uint8Array;
  /** Since when an excluded source has been near the others without a break; NaN: it is not. */
  readonly nearSinceUs: Float64Array;
  /** Scratch, rewritten by every call. */
  readonly units: Float64Array;
  readonly sorted: Float64Array;
  readonly order: Int32Array;
  readonly letters: string[];
}

type Named = readonly { readonly name: string }[];

/**
 * Makes a rule ready for constituents of given names and ticks (decimal text).
 *
 * @throws ReplayError RULES_INVALID when a weighted rule has no weight for a constituent, no weight
 *         above 0, sets of weights out of order, or a quorum that the constituents can never meet
 */
export function planIndex(
  rule: IndexRule,
  constituents: readonly { name: string; tick: string }[],
): IndexPlan {
  const band = rule.outlier.kind === 'none' ? null : rule.outlier.band;
  const bandBottom = Number(`1e${band?.scale ?? 0}`);
  const unit = 2 * bandBottom;
  const ticks = constituents.map((c) => parse('price', c.tick));
  const scale = Math.max(0, ...ticks.map((t) => t.scale));
  const size = constituents.length;
  const weightSets = allWeights(rule, constituents);
  if (size > 0) checkQuorum(rule, weightSets);
  return {
    rule,
    scale,
    unit,
    tickUnits: Float64Array.from(ticks, (t) => Number(t.n) * Number(`1e${scale - t.scale}`) * unit),
    weightSets,
    weights: weightSets[0]!.weights,
    bandTop: band === null ? 0 : Number(band.n),
    bandBottom,
    excluded: new Uint8Array(size),
    nearSinceUs: new Float64Array(size).fill(NaN),
    units: new Float64Array(size),
    sorted: new Float64Array(size),
    order: new Int32Array(size),
    letters: new Array<string>(size).fill('-'),
  };
}

/** Takes the weights in force at an instant. @returns whether they are others than before */
export function weighAt(plan: IndexPlan, tsUs: Micros): boolean {
  const set = plan.weightSets.findLast(({ fromUs }) => fromUs <= tsUs) ?? plan.weightSets[0]!;
  const isNew = set.weights !== plan.weights;
  plan.weights = set.weights;
  return isNew;
}

/** The counted price of a constituent (moved to the edge where it is clamped), exactly. */
export const priceOf = (plan: IndexPlan, i: number): Price =>
  // units / (10^scale * 2 * bandBottom), and bandBottom is a power of ten
  unscaled('price', BigInt(plan.units[i]!) * 5n, plan.scale + String(plan.bandBottom).length);

function allWeights(rule: IndexRule, constituents: Named): IndexPlan['weightSets'] {
  const later = rule.weightSets ?? [];
  // Bybit's first average may be weighted; without weights it is the plain mean
  const isPlain = rule.aggregator === 'inverseSquare' && Object.keys(rule.weights).length === 0;
  const isEqual = rule.aggregator === 'equalMean' || rule.aggregator === 'median' || isPlain;
  if (isEqual) {
    if (later.length > 0)
      throw rulesError(`${rule.aggregator} takes no sets of weights`, 'Leave weightSets out.');
    return [{ fromUs: -Infinity, weights: new Float64Array(constituents.length).fill(1) }];
  }
  if (later.some((set, k) => k > 0 && set.fromUs <= later[k - 1]!.fromUs))
    throw rulesError('the sets of weights are not in order of time', 'Sort weightSets by their instants.');
  const sets = [{ fromUs: -Infinity, weights: rule.weights }, ...later];
  for (const { name } of constituents) {
    if (sets.some(({ weights }) => Object.hasOwn(weights, name))) continue;
    throw rulesError(
      `the index has no weight for constituent ${name}`,
      `Give ${name} a weight; 0 leaves it out.`,
    );
  }
  return sets.map(({ fromUs, weights }) => ({ fromUs, weights: wholeWeights(weights, constituents) }));
}

const NOTHING: Rate = parse('rate', '0');

function wholeWeights(weights: IndexRule['weights'], constituents: Named): Float64Array {
  const given: Rate[] = constituents.map(({ name }) => {
    const weight = Object.hasOwn(weights, name) ? weights[name]! : NOTHING;
    if (!weight.isNegative()) return weight;
    throw rulesError(`the weight of constituent ${name} is below 0`, `Give ${name} a weight from 0 on.`);
  });
  const scale = Math.max(0, ...given.map((w) => w.scale));
  return Float64Array.from(given, (w) => Number(w.n) * Number(`1e${scale - w.scale}`));
}

/** One set that can speak is enough: the others may lie outside the run. */
function checkQuorum({ quorum: { two, one } }: IndexRule, sets: IndexPlan['weightSets']): void {
  const members = sets.map(({ weights }) => weights.reduce((count, w) => count + (w > 0 ? 1 : 0), 0));
  const most = Math.max(...members);
  const never = most === 0 || (one === 'hold' && (most === 1 || (most === 2 && two === 'hold')));
  if (never) {
    throw rulesError(
      `no index can form: ${most} of ${sets[0]!.weights.length} constituents carry weight and the quorum holds`,
      'Add constituents to the facts, or let quorum.two be "mean" and quorum.one be "use".',
    );
  }
}

const rulesError = (message: string, remedy: string): ReplayError =>
  new ReplayError('RULES_INVALID', message, { path: 'markets.*.index' }, remedy);
