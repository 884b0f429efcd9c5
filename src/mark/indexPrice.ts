/**
 * The index price: what the spot constituents together say. Stale sources leave, outliers are
 * judged against the median, the weights of the survivors are renormalised, and a quorum decides
 * whether so few of them may speak. Exact: prices are whole numbers of a common unit, in which the
 * median and the edges of the band are whole too, and the one quotient is cut at PRICE_SCALE, to
 * nearest. It runs once a beat, so a plan is made once and the whole numbers are float64 below 2^53.
 *
 * Order: stale, median, outliers, quorum, aggregate.
 *   median        of an even count: the mean of the two middle ones (docs/method.md (Index))
 *   exclude,clamp judged only with three or more sources (BitMEX, OKX: "n >= 3"); with two, both are
 *                 equally far from their mean and the band says nothing
 *   medianSwitch  one source beyond the band leaves; with more, the index is the plain median of all
 *   quorum.two    `mean`: the aggregator over the two; `hold`: the last index
 */
import { Exact, PRICE_SCALE, type Price, parse, quotient, type Rate, unscaled } from '../basics/exact.ts';
import { ReplayError } from '../basics/errors.ts';
import type { IndexRule } from '../rules/ruleSet.ts';

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

/** A rule made ready for its constituents. The arrays at the end are scratch, rewritten by every call. */
export interface IndexPlan {
  readonly rule: IndexRule;
  /**
   * One unit is 10^-scale / unit; every tick is a whole number of units, even and a multiple of the
   * band's denominator, so that the median and the edges of the band are whole.
   */
  readonly scale: number;
  readonly unit: number;
  readonly tickUnits: Float64Array;
  /** Whole-numbered weights, proportional to the rule's; 0 is no member. */
  readonly weights: Float64Array;
  /** Band as a fraction of whole numbers. */
  readonly bandTop: number;
  readonly bandBottom: number;
  readonly units: Float64Array;
  readonly sorted: Float64Array;
  readonly order: Int32Array;
  readonly letters: string[];
}

/** A constituent's price and how old it is. */
export interface Observation {
  readonly name: string;
  readonly price: Price | null;
  readonly ageUs: number;
}

/**
 * Makes a rule ready for constituents of given names and ticks (decimal text).
 *
 * @throws ReplayError RULES_INVALID when a weighted rule has no weight for a constituent, no weight
 *         above 0, or a quorum that the number of constituents can never meet
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
  const plan: IndexPlan = {
    rule,
    scale,
    unit,
    tickUnits: Float64Array.from(ticks, (t) => Number(t.n) * Number(`1e${scale - t.scale}`) * unit),
    weights: wholeWeights(rule, constituents),
    bandTop: band === null ? 0 : Number(band.n),
    bandBottom,
    units: new Float64Array(size),
    sorted: new Float64Array(size),
    order: new Int32Array(size),
    letters: new Array<string>(size).fill('-'),
  };
  checkQuorum(plan, constituents.length);
  return plan;
}

function wholeWeights(rule: IndexRule, constituents: readonly { name: string }[]): Float64Array {
  if (rule.aggregator === 'equalMean' || rule.aggregator === 'median') {
    return new Float64Array(constituents.length).fill(1);
  }
  const given: Rate[] = constituents.map(({ name }) => {
    const weight = Object.hasOwn(rule.weights, name) ? rule.weights[name] : undefined;
    if (weight !== undefined && !weight.isNegative()) return weight;
    throw rulesError(
      `the index has no weight for constituent ${name}`,
      `Give ${name} a weight; 0 leaves it out.`,
    );
  });
  const scale = Math.max(0, ...given.map((w) => w.scale));
  return Float64Array.from(given, (w) => Number(w.n) * Number(`1e${scale - w.scale}`));
}

function checkQuorum(plan: IndexPlan, constituents: number): void {
  const members = plan.weights.reduce((count, w) => count + (w > 0 ? 1 : 0), 0);
  const { two, one } = plan.rule.quorum;
  const never = members === 0 || (one === 'hold' && (members === 1 || (members === 2 && two === 'hold')));
  if (constituents > 0 && never) {
    throw rulesError(
      `no index can form: ${members} of ${constituents} constituents carry weight and the quorum holds`,
      'Add constituents to the facts, or let quorum.two be "mean" and quorum.one be "use".',
    );
  }
}

const rulesError = (message: string, remedy: string): ReplayError =>
  new ReplayError('RULES_INVALID', message, { path: 'markets.*.index' }, remedy);

/**
 * The index of one beat.
 *
 * @param ticks     price of each constituent in its ticks, whole; NaN before its first
 * @param stale     1 where the age exceeds the rule's `afterUs`
 * @param previous  the index to hold, or null
 * @throws RangeError when a price is too fine for whole numbers below 2^53
 */
export function formIndex(
  plan: IndexPlan,
  ticks: Float64Array,
  stale: Uint8Array,
  previous: Price | null,
): IndexResult {
  const { rule, letters } = plan;
  const fresh = gather(plan, ticks, stale);
  const used = judgeOutliers(plan, fresh);
  if (used < 0) return result(plan, meanOf(plan, 2 * middle(plan), 2n), stale);
  const { quorum } = rule;
  const hold = used === 0 || (used === 1 && quorum.one === 'hold') || (used === 2 && quorum.two === 'hold');
  if (!hold) return result(plan, aggregate(plan), stale);
  const index = used === 0 && quorum.zero === 'halt' ? null : previous;
  return { index, held: true, provenance: letters.join('') };
}

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

/** The median of who is in, in units; whole, since every price is even. */
function middle(plan: IndexPlan): number {
  const { units, order, sorted } = plan;
  let n = 0;
  for (let i = 0; i < units.length; i++) {
    if (order[i] === 0) continue;
    let at = n++;
    for (; at > 0 && sorted[at - 1]! > units[i]!; at--) sorted[at] = sorted[at - 1]!;
    sorted[at] = units[i]!;
  }
  const upper = n >> 1;
  return n % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2;
}

/** How many survive; -1 when the index is to be the plain median. */
function judgeOutliers(plan: IndexPlan, count: number): number {
  const kind = plan.rule.outlier.kind;
  if (kind === 'none' || count < (kind === 'medianSwitch' ? 2 : 3)) return count;
  const { units, order, letters } = plan;
  const median = middle(plan);
  const reach = (median / plan.bandBottom) * plan.bandTop; // whole: see `unit`
  let beyond = 0;
  for (let i = 0; i < units.length; i++) {
    if (order[i] === 0 || Math.abs(units[i]! - median) <= reach) continue;
    beyond++;
    if (kind === 'clamp') units[i] = units[i]! > median ? median + reach : median - reach;
    letters[i] = kind === 'clamp' ? 'c' : 'x';
  }
  if (kind === 'clamp' || beyond === 0) return count;
  if (kind === 'medianSwitch' && beyond > 1) {
    for (let i = 0; i < units.length; i++) if (order[i] === 1) letters[i] = 'm';
    return -1;
  }
  for (let i = 0; i < units.length; i++) if (letters[i] === 'x') order[i] = 0;
  return count - beyond;
}

function aggregate(plan: IndexPlan): Price {
  const { aggregator } = plan.rule;
  if (aggregator === 'median') return meanOf(plan, 2 * middle(plan), 2n);
  if (aggregator === 'weightedMedian') return weightedMedian(plan);
  const { units, weights, order } = plan;
  let top = 0;
  let bottom = 0;
  for (let i = 0; i < units.length; i++) {
    if (order[i] === 0) continue;
    top += units[i]! * weights[i]!;
    bottom += weights[i]!;
  }
  // No term is negative, so a sum below 2^53 proves that nothing was rounded on the way.
  return meanOf(plan, top < Number.MAX_SAFE_INTEGER ? top : bigTop(plan), BigInt(bottom));
}

function bigTop(plan: IndexPlan): bigint {
  let top = 0n;
  plan.units.forEach((units, i) => {
    if (plan.order[i] === 1) top += BigInt(units) * BigInt(plan.weights[i]!);
  });
  return top;
}

/** Lowest price at which half the weight is reached; exactly half: the mean of it and the next. */
function weightedMedian(plan: IndexPlan): Price {
  const { units, weights, order } = plan;
  const members = [...units.keys()]
    .filter((i) => order[i] === 1)
    .sort((a, b) => units[a]! - units[b]! || a - b);
  const total = members.reduce((sum, i) => sum + weights[i]!, 0);
  let below = 0;
  for (const [place, i] of members.entries()) {
    below += weights[i]!;
    if (2 * below > total) return meanOf(plan, units[i]!, 1n);
    if (2 * below === total) return meanOf(plan, units[i]! + units[members[place + 1]!]!, 2n);
  }
  throw new RangeError('a weighted median of nobody');
}

/** top / bottom units as a price, cut at PRICE_SCALE to nearest. */
const meanOf = (plan: IndexPlan, top: number | bigint, bottom: bigint): Price =>
  quotient(
    'price',
    unscaled('price', BigInt(top), plan.scale),
    unscaled('rate', bottom * BigInt(plan.unit), 0),
    PRICE_SCALE,
    'even',
  );

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
  const scale = Math.max(0, ...observations.map((o) => o.price?.scale ?? 0));
  const tick = new Exact<'price'>(1n, scale).toString();
  const plan = planIndex(
    rule,
    observations.map(({ name }) => ({ name, tick })),
  );
  const ticks = observations.map((o) =>
    o.price === null ? NaN : Number(o.price.n) * Number(`1e${scale - o.price.scale}`),
  );
  const stale = observations.map((o) => (o.ageUs > rule.stale.afterUs ? 1 : 0));
  return formIndex(plan, Float64Array.from(ticks), Uint8Array.from(stale), previous);
}
