/** Decides what to close of a pocket that fails: pure. The plan names one leg; the engine comes back for the next. */
import {
  type Money,
  min,
  type Price,
  product,
  type Qty,
  quotient,
  type Rate,
  toStep,
} from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import { type Leg, type Marks, type Pocket, valueAt } from '../margin/leg.ts';
import { ladderStep, solveReduction } from '../margin/partial.ts';
import { isPooled, legToClose } from '../margin/portfolioVerdict.ts';
import { rampShare, shortageOf } from '../margin/ramp.ts';
import { judge } from '../margin/trigger.ts';
import type { ReductionRule, RuleSet } from '../rules/ruleSet.ts';

export interface Plan {
  readonly kind: 'reduce' | 'close';
  /** Place in `pocket.legs`. */
  readonly leg: number;
  readonly qty: Qty;
  readonly why: string;
}

/** How far a case has come, as far as plans depend on it. */
export interface Progress {
  /** Orders sent so far for this verdict, from 0. */
  readonly attempt: number;
  /** Whether any of them was filled. */
  readonly filled: boolean;
  /** Since the verdict. */
  readonly elapsedUs: Micros;
  /** Taken off the shortage so far (`ramp`). */
  readonly freed: Money;
  /** What the rule still allows in this beat; `done` holds `legKey`s. */
  readonly turn: {
    readonly ordersLeft: number;
    readonly blocksLeft: number;
    readonly spent: Money;
    readonly done: ReadonlySet<string>;
  };
}

export interface PlanInput {
  readonly pocket: Pocket;
  readonly marks: Marks;
  readonly progress: Progress;
  /** Price at which the leg is expected to fill. */
  readonly fillPrice: (leg: number) => Price;
  readonly feeRate: (leg: number, notional: Money) => Rate;
  readonly rules: RuleSet;
}

/** Name of a leg inside its pocket. */
export const legKey = (leg: Leg): string => `${leg.market.id} ${leg.side}`;

/**
 * The leg with the largest notional at mark, the first among equals; of an account that is judged as one, futures
 * before options, the one that relieves most.
 */
export function largestLeg(pocket: Pocket, marks: Marks): number {
  if (isPooled(pocket)) return legToClose(pocket, marks);
  let best = 0;
  for (let i = 1; i < pocket.legs.length; i++) {
    const [a, b] = [pocket.legs[best]!, pocket.legs[i]!];
    if (valueAt(a.market, a.qty, marks(a.market.id)).lt(valueAt(b.market, b.qty, marks(b.market.id))))
      best = i;
  }
  return best;
}

/** The largest leg that a block has not touched yet; null when it touched all. */
function untouchedLeg(pocket: Pocket, marks: Marks, done: ReadonlySet<string>): number | null {
  const legs = pocket.legs.filter((leg) => !done.has(legKey(leg)));
  if (legs.length === 0) return null;
  return pocket.legs.indexOf(legs[largestLeg({ ...pocket, legs }, marks)]!);
}

/**
 * The next step for a pocket that fails at these marks, by the rule slot `reduction`; null: nothing now, the
 * rule makes it wait for a later beat.
 */
export function planLiquidation(input: PlanInput): Plan | null {
  const { pocket, marks, rules } = input;
  const leg = largestLeg(pocket, marks);
  const { qty, market } = pocket.legs[leg]!;
  const close = (why: string): Plan => ({ kind: 'close', leg, qty, why });
  const reduce = (part: Qty, why: string): Plan =>
    part.lt(qty) ? { kind: 'reduce', leg, qty: part, why } : close(why);
  const rule = rules.reduction;
  switch (rule.kind) {
    case 'full':
      return close('full');
    case 'fraction': {
      const notional = valueAt(market, qty, marks(market.id));
      // an order that got nothing starts no cool-down: the share is tried again
      const first = rule.cooldownUs === undefined ? input.progress.attempt === 0 : !input.progress.filled;
      if (!first || notional.lte(rule.above)) return close('fraction: rest');
      return reduce(toStep(qty.times(rule.fraction), market.qtyStep, 'up'), 'fraction');
    }
    case 'tierStepDown': {
      const part = ladderStep(pocket, leg, marks, rule);
      return part === null ? close('lowest tier') : reduce(part, 'tierStepDown');
    }
    case 'solve': {
      const part = solved(input, leg, rule.buffer);
      return part === null ? close('solve: no part helps') : reduce(part, 'solve');
    }
    case 'increments': {
      if (input.progress.turn.ordersLeft <= 0) return null;
      const most = toStep(rule.maxQty, market.qtyStep, 'down');
      return reduce(most.isPositive() ? most : market.qtyStep, 'increment');
    }
    case 'blockLimit':
      return blockPart(input, rule);
    case 'ramp': {
      const shortage = shortageOf(judge(pocket, marks, rules.trigger), rule.buffer);
      const share = rampShare(rule, { shortage, ...input.progress });
      if (!share.isPositive()) return null;
      const whole = solved(input, leg, { kind: 'additive', value: rule.buffer }) ?? qty;
      return reduce(toStep(whole.times(share), market.qtyStep, 'up'), 'ramp');
    }
  }
}

/** The quantity that restores a pocket, its buffer included; null when no part of the leg does. */
function solved(
  input: PlanInput,
  leg: number,
  buffer: Extract<ReductionRule, { kind: 'solve' }>['buffer'],
): Qty | null {
  const { pocket, marks, rules } = input;
  const { qty, market } = pocket.legs[leg]!;
  return solveReduction({
    pocket,
    legIndex: leg,
    marks,
    fillPrice: input.fillPrice(leg),
    feeRate: input.feeRate(leg, valueAt(market, qty, marks(market.id))),
    trigger: rules.trigger,
    buffer,
  });
}

/**
 * What a block may close of the largest leg that it has not touched: a share of it, of at least so much
 * notional, within what the account has left in this block. One lot at least, unless the block is spent.
 */
function blockPart(input: PlanInput, rule: Extract<ReductionRule, { kind: 'blockLimit' }>): Plan | null {
  const { pocket, marks, progress } = input;
  const { turn } = progress;
  if (turn.blocksLeft <= 0) return null;
  const leg = untouchedLeg(pocket, marks, turn.done);
  const left = rule.accountMost.minus(turn.spent);
  if (leg === null || !left.isPositive()) return null;
  const { qty, market } = pocket.legs[leg]!;
  const notional = valueAt(market, qty, marks(market.id));
  const share = notional.times(rule.share);
  const most = min(share.lt(rule.least) ? rule.least : share, left);
  const why = 'block';
  if (notional.lte(most)) return { kind: 'close', leg, qty, why };
  const step = market.qtyStep;
  const exact = quotient<'qty'>('qty', product('qty', qty, most), notional, step.scale, 'down');
  const part = toStep(exact, step, 'down');
  if (part.isPositive()) return { kind: 'reduce', leg, qty: part, why };
  return turn.spent.isZero() ? { kind: 'reduce', leg, qty: step, why } : null;
}

/**
 * The ladder of BitMEX and Bybit: one fill-or-kill order that brings the position under a lower tier, and
 * nothing else; in the lowest tier there is no such order.
 */
export function isLadder({ takeover, order, reduction }: RuleSet): boolean {
  const isStep = reduction.kind === 'tierStepDown' && reduction.pauseUs === undefined;
  return isStep && order.kind === 'fok' && takeover.when === 'atOnce';
}
