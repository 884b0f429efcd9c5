/** Drift's slow close: how much of what is missing may be closed after a while. */
import { type Money, max, min, ONE, product, quotient, type Rate, rate, ZERO_RATE } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { ReductionRule } from '../rules/ruleSet.ts';
import { grown } from './clearance.ts';
import type { Verdict } from './trigger.ts';

export type RampRule = Omit<Extract<ReductionRule, { kind: 'ramp' }>, 'kind'>;

/** Decimal places of a share of a quantity. */
const SHARE_SCALE = 18;

/** What a pocket lacks to maintenance plus `buffer` of notional; settlement units, at or below 0: nothing. */
export const shortageOf = ({ equity, maintenance, notional }: Verdict, buffer: Rate): Money =>
  maintenance.plus(notional.times(buffer)).minus(equity);

/**
 * Share of the quantity that restores a pocket which may be closed now.
 *
 *   shortage < closeAllBelow: 1
 *   else (s * (shortage + freed) - freed) / shortage, s = min(start + perSecond * elapsed, 1)
 *
 * @param shortage  > 0, as `shortageOf`
 * @param freed     what closes since the verdict have taken off the shortage, >= 0
 * @returns         0 .. 1; 0: nothing yet
 *
 * Source: Drift, math/liquidation.rs, calculate_max_pct_to_liquidate.
 */
export function rampShare(
  rule: RampRule,
  of: { readonly shortage: Money; readonly freed: Money; readonly elapsedUs: Micros },
): Rate {
  const { shortage, freed } = of;
  if (!shortage.isPositive() || shortage.lt(rule.closeAllBelow)) return ONE;
  const seconds = rate(String(of.elapsedUs)).times(rate('0.000001'));
  const { start: from, perSecond: perUnit } = rule;
  const share = grown({ from, perUnit, most: ONE, grace: ZERO_RATE }, seconds);
  const freeable = product<'money'>('money', shortage.plus(freed), share).minus(freed);
  const part = quotient<'rate'>('rate', freeable, shortage, SHARE_SCALE, 'down'); // lots are rounded up later
  return max(ZERO_RATE, min(part, ONE));
}
