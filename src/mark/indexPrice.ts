/**
 * The index price: what the spot constituents together say. Stale sources leave, outliers are
 * judged against the median, the weights of the survivors are renormalised, and a quorum decides
 * whether so few of them may speak. Exact: prices are whole numbers of a common unit, in which the
 * median and the edges of the band are whole too, and the one quotient is cut at PRICE_SCALE, to
 * nearest. It runs once a beat, so a plan is made once and the whole numbers are float64 below 2^53.
 *
 * Order: stale, readmission, median, outliers, quorum, aggregate.
 *   exclude,clamp judged only with three or more sources (BitMEX, OKX: "n >= 3"); with two, both are
 *                 equally far from their mean and the band says nothing
 *   medianSwitch  one source beyond the band leaves; with more, the index is the plain median of all
 *   quorum.two    `mean`: the aggregator over the two; `hold`: the last index; `holdBeyond`: the last
 *                 index while one of them is that far off what the aggregator makes of both (or off
 *                 their median)
 *   quorum.one    `use`, `hold`; `holdBeyond`: the last index while the source is that far off it
 *                 Before the first index there is none to hold, and what there is serves.
 */
import { Exact, type Price, type Rate } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { IndexRule } from '../rules/ruleSet.ts';
import { aggregate, plainMedian } from './aggregate.ts';
import { type IndexPlan, planIndex, priceOf, weighAt } from './indexPlan.ts';
import { type Before, isOff, judgeOutliers } from './outliers.ts';

export interface IndexResult {
  /** Scale 12; null when there is none to form and none to hold. */
  readonly index: Price | null;
  /** true when the last index was held, or every source in use is stale (stale mode `hold`). */
  readonly held: boolean;
  /**
   * One letter a constituent: u used, x excluded, c clamped, s stale (left out or kept, as the rule
   * says), m counted in the plain median that replaced the weights, - no price yet or weight 0.
   */
  readonly provenance: string;
}

/** A constituent's price and how old it is. */
export interface Observation {
  readonly name: string;
  readonly price: Price | null;
  readonly ageUs: number;
}

/** What the constituents show when an index is formed. */
export interface Shown {
  /** Price of each constituent in its ticks, whole; NaN before its first. */
  readonly ticks: Float64Array;
  /** 1 where the age exceeds the rule's `afterUs`. */
  readonly stale: Uint8Array;
  readonly before: Before;
  readonly tsUs: Micros;
}

/**
 * The index of one instant. The plan remembers who is excluded, so instants come in order.
 *
 * @throws RangeError when a price is too fine for whole numbers below 2^53
 */
export function formIndex(plan: IndexPlan, { ticks, stale, before, tsUs }: Shown): IndexResult {
  const { rule, letters } = plan;
  weighAt(plan, tsUs);
  const fresh = gather(plan, ticks, stale);
  const used = judgeOutliers(plan, fresh, before, tsUs);
  if (used < 0) return result(plan, plainMedian(plan), stale);
  if (!mustHold(plan, used, before.index)) return result(plan, aggregate(plan), stale);
  const index = used === 0 && rule.quorum.zero === 'halt' ? null : before.index;
  return { index, held: true, provenance: letters.join('') };
}

function mustHold(plan: IndexPlan, used: number, last: Price | null): boolean {
  const { two, one } = plan.rule.quorum;
  if (used !== 1 && used !== 2) return used === 0;
  const rule = used === 2 ? two : one;
  if (typeof rule === 'string') return rule === 'hold';
  if (last === null) return false;
  const current = (): Price => ('of' in rule && rule.of === 'median' ? plainMedian(plan) : aggregate(plan));
  return isSomeOff(plan, used === 2 ? current() : last, rule.holdBeyond);
}

const isSomeOff = (plan: IndexPlan, of: Price, share: Rate): boolean =>
  plan.order.some((isIn, i) => isIn === 1 && isOff(priceOf(plan, i), of, share));

function result(plan: IndexPlan, index: Price, stale: Uint8Array): IndexResult {
  const { letters, order } = plan;
  let allStale = true;
  let text = '';
  for (let i = 0; i < letters.length; i++) {
    const letter = letters[i]!;
    if (order[i]! > 0 && stale[i] === 0) allStale = false;
    text += letter;
  }
  return { index, held: allStale, provenance: text };
}

/** Converts to units and strikes out who has no price or is stale; `order[i]` is 1 for who is in. */
function gather(plan: IndexPlan, ticks: Float64Array, stale: Uint8Array): number {
  const { units, order, letters, weights, tickUnits } = plan;
  const drop = plan.rule.stale.mode === 'drop';
  let count = 0;
  for (let i = 0; i < units.length; i++) {
    const amount = ticks[i]! * tickUnits[i]!;
    order[i] = 0;
    if (weights[i] === 0 || Number.isNaN(amount)) {
      letters[i] = '-';
      continue;
    }
    if (!(amount < Number.MAX_SAFE_INTEGER))
      throw new RangeError(`a constituent's price is too fine: ${amount}`);
    letters[i] = stale[i] === 1 ? 's' : 'u';
    if (stale[i] === 1 && drop) continue;
    units[i] = amount;
    order[i] = 1;
    count++;
  }
  return count;
}

/**
 * The index of a list of observations: the same rule for single questions (conformance, stories).
 *
 * @param previous  the index to hold, or null
 * @throws ReplayError RULES_INVALID as `planIndex`; RangeError as `formIndex`
 */
export function indexPrice(
  rule: IndexRule,
  observations: readonly Observation[],
  previous: Price | null = null,
): IndexResult {
  return indexSeries(rule, [{ tsUs: 0, observations }], previous)[0]!;
}

/**
 * The index of the same constituents at one instant after another: what was held, excluded and
 * readmitted on the way counts.
 *
 * @param instants  in order of time, each with the same names in the same order
 * @throws ReplayError RULES_INVALID as `planIndex`; RangeError as `formIndex`
 */
export function indexSeries(
  rule: IndexRule,
  instants: readonly { readonly tsUs: Micros; readonly observations: readonly Observation[] }[],
  previous: Price | null = null,
): IndexResult[] {
  const all = instants.flatMap(({ observations }) => observations);
  const scale = Math.max(0, ...all.map((o) => o.price?.scale ?? 0));
  const tick = new Exact<'price'>(1n, scale).toString();
  const plan = planIndex(
    rule,
    instants[0]!.observations.map(({ name }) => ({ name, tick })),
  );
  let before: Before = { index: previous, live: previous !== null };
  return instants.map(({ tsUs, observations }) => {
    const ticks = Float64Array.from(observations, ({ price: p }) =>
      p === null ? NaN : Number(p.n) * Number(`1e${scale - p.scale}`),
    );
    const stale = Uint8Array.from(observations, (o) => (o.ageUs > rule.stale.afterUs ? 1 : 0));
    const formed = formIndex(plan, { ticks, stale, before, tsUs });
    before = { index: formed.index ?? before.index, live: !formed.held };
    return formed;
  });
}
