/** Decides what to close of a pocket that fails: pure. The plan names one leg; the engine comes back for the next. */
import { type Money, type Price, type Qty, type Rate, toStep, wholeSteps } from '../basics/exact.ts';
import { type Marks, type Pocket, valueAt } from '../margin/leg.ts';
import { legTier } from '../margin/maintenance.ts';
import { solveReduction, tierStepDown } from '../margin/partial.ts';
import type { RuleSet } from '../rules/ruleSet.ts';

export interface Plan {
  readonly kind: 'reduce' | 'close';
  /** Place in `pocket.legs`. */
  readonly leg: number;
  readonly qty: Qty;
  readonly why: string;
}

export interface PlanInput {
  readonly pocket: Pocket;
  readonly marks: Marks;
  /** Orders sent so far for this verdict, from 0. */
  readonly attempt: number;
  /** Price at which the leg is expected to fill. */
  readonly fillPrice: (leg: number) => Price;
  readonly feeRate: (leg: number, notional: Money) => Rate;
  readonly rules: RuleSet;
}

/** The leg with the largest notional at mark; the first among equals. */
export function largestLeg(pocket: Pocket, marks: Marks): number {
  let best = 0;
  for (let i = 1; i < pocket.legs.length; i++) {
    const [a, b] = [pocket.legs[best]!, pocket.legs[i]!];
    if (valueAt(a.market, a.qty, marks(a.market.id)).lt(valueAt(b.market, b.qty, marks(b.market.id))))
      best = i;
  }
  return best;
}

/** The next step for a pocket that fails at these marks, by the rule slot `reduction`. */
export function planLiquidation(input: PlanInput): Plan {
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
      if (input.attempt > 0 || notional.lte(rule.above)) return close('fraction: rest');
      return reduce(toStep(qty.times(rule.fraction), market.qtyStep, 'up'), 'fraction');
    }
    case 'tierStepDown': {
      const part = tierStepDown(
        pocket.legs[leg]!,
        rule.tiers === 'toFirst' ? legTier(pocket.legs[leg]!, marks(market.id)) : rule.tiers,
        marks(market.id),
      );
      return part === null || wholeSteps(part, market.qtyStep, 'down') === 0n
        ? close('lowest tier')
        : reduce(part, 'tierStepDown');
    }
    case 'solve': {
      const notional = valueAt(market, qty, marks(market.id));
      const part = solveReduction({
        pocket,
        legIndex: leg,
        marks,
        fillPrice: input.fillPrice(leg),
        feeRate: input.feeRate(leg, notional),
        trigger: rules.trigger,
        buffer: rule.buffer,
      });
      return part === null ? close('solve: no part helps') : reduce(part, 'solve');
    }
    case 'increments':
    case 'blockLimit':
    case 'ramp':
      return close(rule.kind);
  }
}
