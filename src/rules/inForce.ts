/** Whether a rule set held on the day that is replayed. A counterfactual may say that it does not mind. */
import { ReplayError } from '../basics/errors.ts';
import { formatInstant, type Micros } from '../basics/instant.ts';
import type { RuleSet } from './ruleSet.ts';

/** [fromUs, untilUs) */
interface Window {
  readonly fromUs: Micros;
  readonly untilUs: Micros;
}

/** true when the rules hold during the whole window. */
export const isInForce = ({ inForce }: RuleSet, { fromUs, untilUs }: Window): boolean =>
  inForce.from <= fromUs && (inForce.until === null || untilUs <= inForce.until);

/** `2020-03-12T00:00:00Z .. no end` */
export const inForceText = ({ inForce: { from, until } }: RuleSet): string =>
  `${formatInstant(from)} .. ${until === null ? 'no end' : formatInstant(until)}`;

/**
 * States that rules were in force during a window.
 *
 * @throws ReplayError RULES_NOT_IN_FORCE when they were not
 */
export function rulesInForce(rules: RuleSet, window: Window, file = ''): void {
  if (isInForce(rules, window)) return;
  const asked = `${formatInstant(window.fromUs)} .. ${formatInstant(window.untilUs)}`;
  throw new ReplayError(
    'RULES_NOT_IN_FORCE',
    `${rules.id} was in force ${inForceText(rules)}, the window is ${asked}`,
    { ...(file === '' ? {} : { file }), path: 'inForce', tsUs: window.fromUs },
    'Choose the rule set of that day, or allow rules of another day for a counterfactual.',
  );
}
