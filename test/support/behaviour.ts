/** Assumptions that most tests leave as they were: the usual churn, and nobody reacts. */
import { rate } from '../../src/basics/exact.ts';
import type { BehaviourAssumption } from '../../src/rules/assumptions.ts';

export const NOBODY_REACTS: BehaviourAssumption = {
  stopShare: rate('0'),
  topUpShare: rate('0'),
  turnover: rate('0'),
  overLeverage: 'reject',
};

export const USUAL = { highLeverageShare: null, churn: rate('0.1'), behaviour: NOBODY_REACTS } as const;
