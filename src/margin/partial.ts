/**
 * Partial liquidation: how much must be closed so that the venue's own trigger is false again
 * (`solveReduction`), or to come down to a lower tier (`tierStepDown`). Whole lots, always.
 */
import {
  type Money,
  type Price,
  type Qty,
  type Rate,
  scaled,
  unscaled,
  wholeSteps,
} from '../basics/exact.ts';
import type { ReductionRule, TriggerRule } from '../rules/ruleSet.ts';
import { firstTrue } from './firstTrue.ts';
import { entryPart, type Leg, type Marks, maintenanceNotional, type Pocket, profit, valueAt } from './leg.ts';
import { legTier, tierIndex } from './maintenance.ts';
import { mayHelp } from './partialScreen.ts';
import { isPooled, withBalance } from './portfolioVerdict.ts';
import { judge } from './trigger.ts';

/** What must be left above the maintenance margin after the reduction. */
export interface Buffer {
  /**
   * multiplicative: equity >= maintenance * (1 + value); additive: equity >= maintenance + notional *
   * value.
   */
  readonly kind: 'multiplicative' | 'additive';
  readonly value: Rate;
}

export interface Reduction {
  readonly pocket: Pocket;
  /** The leg that is reduced. */
  readonly legIndex: number;
  readonly marks: Marks;
  /** Expected price of the fill. */
  readonly fillPrice: Price;
  /** Fee on the closed value. */
  readonly feeRate: Rate;
  readonly trigger: TriggerRule;
  readonly buffer: Buffer;
}

/**
 * The pocket after `qty` of a leg was closed at a price and its fee paid.
 *
 *   wallet + profit of the part - value * feeRate; the part's entry value is gone
 */
export function afterClose(
  pocket: Pocket,
  legIndex: number,
  close: { readonly qty: Qty; readonly price: Price; readonly feeRate: Rate },
): Pocket {
  const leg = pocket.legs[legIndex]!;
  const part = entryPart(leg, close.qty);
  const value = valueAt(leg.market, close.qty, close.price);
  const rest: Leg = { ...leg, qty: leg.qty.minus(close.qty), entryValue: leg.entryValue.minus(part) };
  const paid = profit(leg, value, part).minus(value.times(close.feeRate));
  return {
    ...pocket,
    wallet: pocket.wallet.plus(paid),
    ...(isPooled(pocket) ? { pool: withBalance(pocket.pool, leg.market.settle, paid) } : {}),
    legs: pocket.legs.flatMap((l, i) => (i !== legIndex ? [l] : rest.qty.isZero() ? [] : [rest])),
  };
}

/**
 * Smallest quantity whose close leaves a pocket that its venue's trigger does not hit and that keeps
 * the buffer.
 *
 *   q_k = [kappa (rate_k Q P - deduction_k + Mo) - E] / [kappa rate_k P - side (P - p) - fee p]
 *
 * Tier after tier downward: inside a tier both sides of the inequality are linear in the number of
 * lots, so the first tier in which it comes true holds the answer, and the verdict is asked about
 * every candidate. With a rate that grows with size their difference is concave, and its peak counts as
 * the end. Source: docs/method.md (Partial liquidation) (derived; equal to Drift's published cases).
 *
 * @returns whole lots, less than the leg; null when only a full close can help
 */
export function solveReduction(r: Reduction): Qty | null {
  const leg = r.pocket.legs[r.legIndex]!;
  const lots = wholeSteps(leg.qty, leg.market.qtyStep, 'down');
  const qtyOf = (n: bigint): Qty => unscaled('qty', n * leg.market.qtyStep.n, leg.market.qtyStep.scale);
  const spareAt = (n: bigint): Spare => spare(r, qtyOf(n));
  const last = qtyOf(lots).eq(leg.qty) ? lots - 1n : lots; // the largest close that is not a full one
  if (last < 1n) return null;
  if (isPooled(r.pocket)) return wholeReduction(last, spareAt, qtyOf);
  if (!mayHelp({ ...r, mark: r.marks(leg.market.id) })) return null;
  const mark = r.marks(leg.market.id);
  const tierAt = (n: bigint): number => {
    const closed = qtyOf(n);
    const isAtEntry = leg.rules.notionalAt === 'entry';
    const entryValue = isAtEntry ? leg.entryValue.minus(entryPart(leg, closed)) : leg.entryValue;
    return legTier({ ...leg, qty: leg.qty.minus(closed), entryValue }, mark);
  };
  for (let start = 1n; start <= last; ) {
    const tier = tierAt(start);
    const first = spareAt(start);
    if (first.sound) return qtyOf(start);
    const end =
      tierAt(last) === tier
        ? last
        : firstTrue((n) => tierAt(n) < tier, { from: start + 1n, to: last, guess: start }) - 1n;
    let best = end;
    let final = spareAt(end);
    if (!final.sound && leg.rules.sizeSlope !== undefined) {
      best = peak((n) => spareAt(n).money, start, end);
      final = spareAt(best);
    }
    if (final.sound) {
      const guess = start + secant(first.money, final.money, best - start);
      return qtyOf(firstTrue((n) => spareAt(n).sound, { from: start + 1n, to: best, guess }));
    }
    start = end + 1n;
  }
  return null;
}

/**
 * The same for an account that is judged as one: what scenarios ask is convex in the legs, so the spare money
 * is concave in the lots that are closed; its peak counts as the end.
 */
function wholeReduction(last: bigint, spareAt: (n: bigint) => Spare, qtyOf: (n: bigint) => Qty): Qty | null {
  if (spareAt(1n).sound) return qtyOf(1n);
  const end = spareAt(last).sound ? last : peak((n) => spareAt(n).money, 1n, last);
  if (end <= 1n || !spareAt(end).sound) return null;
  return qtyOf(firstTrue((n) => spareAt(n).sound, { from: 2n, to: end, guess: end / 2n + 1n }));
}

/** Where a concave amount is largest: with a rate that falls with size, more than enough may be too much. */
function peak(amount: (n: bigint) => Money, from: bigint, to: bigint): bigint {
  let [low, high] = [from, to];
  while (high > low) {
    const middle = low + (high - low) / 2n;
    if (amount(middle).lt(amount(middle + 1n))) low = middle + 1n;
    else high = middle;
  }
  return low;
}

interface Spare {
  /** Equity above what is required, buffer included. */
  readonly money: Money;
  readonly sound: boolean;
}

function spare(r: Reduction, qty: Qty): Spare {
  const pocket = afterClose(r.pocket, r.legIndex, { qty, price: r.fillPrice, feeRate: r.feeRate });
  const { equity, maintenance, notional, liquidatable } = judge(pocket, r.marks, r.trigger);
  const extra = (r.buffer.kind === 'multiplicative' ? maintenance : notional).times(r.buffer.value);
  const money = equity.minus(maintenance).minus(extra);
  return { money, sound: !liquidatable && !money.isNegative() };
}

/** Part of a span at which a line from `a` (short) to `b` (enough) passes 0. */
function secant(a: Money, b: Money, span: bigint): bigint {
  const scale = Math.max(a.scale, b.scale);
  const [na, nb] = [scaled(a, scale), scaled(b, scale)];
  return na === nb ? span : (span * -na) / (nb - na);
}

/**
 * Quantity that brings a leg to the top of the tier `tiers` below its own (BitMEX: 1, OKX: 2), or of the
 * first (OKX 2019-20).
 *
 * @param tiers  whole number >= 1, or toFirst
 * @returns      whole lots, at least one; null when there is no such tier: a full close
 */
export function tierStepDown(leg: Leg, tiers: number | 'toFirst', mark: Price): Qty | null {
  const tier = legTier(leg, mark);
  const goal = tiers === 'toFirst' ? 0 : tier - tiers;
  if (goal < 0 || goal === tier) return null;
  const step = leg.market.qtyStep;
  const qtyOf = (n: bigint): Qty => unscaled('qty', n * step.n, step.scale);
  const inGoal = (n: bigint): boolean => {
    const rest: Leg = {
      ...leg,
      qty: leg.qty.minus(qtyOf(n)),
      entryValue: leg.entryValue.minus(entryPart(leg, qtyOf(n))),
    };
    return tierIndex(leg.rules, maintenanceNotional(rest, mark), rest.qty) <= goal;
  };
  const lots = wholeSteps(leg.qty, step, 'down');
  const n = firstTrue(inGoal, { from: 1n, to: lots, guess: lots / 2n });
  return n === lots ? null : qtyOf(n);
}

/**
 * One step of a tier ladder: `tierStepDown`, but the leg is closed whole in a tier below `fromTier`, and,
 * with `unlessBelowFirst`, where the pocket has less than the first tiers' rates ask for all it holds.
 *
 * Source: OKX 2019-20 (from tier 3 down to the top of tier 1), OKX later (two tiers down; whole in tiers 1
 * and 2, or below the requirement of tier 1); BitMEX, Bybit (one tier down).
 *
 * @returns  whole lots, at least one; null: a full close
 */
export function ladderStep(
  pocket: Pocket,
  legIndex: number,
  marks: Marks,
  rule: Omit<Extract<ReductionRule, { kind: 'tierStepDown' }>, 'kind'>,
): Qty | null {
  const leg = pocket.legs[legIndex]!;
  const mark = marks(leg.market.id);
  if (legTier(leg, mark) + 1 < (rule.fromTier ?? 1)) return null;
  if (rule.unlessBelowFirst === true && isBelowFirst(pocket, marks)) return null;
  const part = tierStepDown(leg, rule.tiers, mark);
  return part === null || wholeSteps(part, leg.market.qtyStep, 'down') === 0n ? null : part;
}

/**
 * Whether equity is below what the first tier's rate asks for everything that the pocket holds: by tiers also where
 * scenarios set the requirement, which knows none (OKX states the ladder by tiers alone; assumed).
 */
function isBelowFirst(pocket: Pocket, marks: Marks): boolean {
  const legs = pocket.legs.map((leg) => ({
    ...leg,
    rules: { ...leg.rules, tiers: leg.rules.tiers.slice(0, 1) },
  }));
  const byTiers = isPooled(pocket) ? { ...pocket, pool: { ...pocket.pool, portfolio: undefined } } : pocket;
  return judge({ ...byTiers, legs }, marks, { inclusive: false }).liquidatable;
}
