/** Every input of a verdict as text, for `cascade explain`. */
import type { Marks } from '../margin/leg.ts';
import { legTerms } from '../margin/maintenance.ts';
import type { Verdict } from '../margin/trigger.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { LivePocket } from './pocketView.ts';

/** Collateral, equity, requirement and trigger, and of each leg its size, mark and tier row. */
export function verdictValues(
  view: LivePocket,
  by: { readonly verdict: Verdict; readonly marks: Marks; readonly rules: RuleSet },
): Record<string, string> {
  const { verdict, marks, rules } = by;
  const legs = view.legs.flatMap((leg, i) => {
    const mark = marks(leg.market.id);
    const terms = legTerms(leg, mark);
    return Object.entries({
      market: leg.market.id,
      side: leg.side,
      qty: leg.qty,
      entryValue: leg.entryValue,
      mark,
      tier: terms.tier + 1,
      maintenanceRate: terms.maintenanceRate,
      maintenanceDeduction: terms.deduction,
      ...(leg.rules.closingFee === undefined ? {} : { closingFee: leg.rules.closingFee }),
    }).map(([name, value]): [string, string] => [`leg${i + 1}.${name}`, String(value)]);
  });
  return {
    wallet: view.wallet.toString(),
    orderMargin: view.orderMargin.toString(),
    equity: verdict.equity.toString(),
    maintenanceMargin: verdict.maintenance.toString(),
    notional: verdict.notional.toString(),
    trigger: rules.trigger.inclusive ? 'equity <= maintenance' : 'equity < maintenance',
    ...Object.fromEntries(legs),
  };
}
