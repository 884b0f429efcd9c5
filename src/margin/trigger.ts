/**
 * The exact verdict: what the ledger believes. Linear amounts are judged without any division, so
 * without rounding.
 */
import { type Money, ZERO_MONEY } from '../basics/exact.ts';
import type { TriggerRule } from '../rules/ruleSet.ts';
import { type Marks, type Pocket, unrealizedPnl, valueAt } from './leg.ts';
import { initialMargin, legMaintenance } from './maintenance.ts';
import { availableWhole, isPooled, judgeWhole } from './portfolioVerdict.ts';

export interface Verdict {
  /** Wallet plus unrealized profit; settlement units. */
  readonly equity: Money;
  /** Sum of the legs' maintenance margins. */
  readonly maintenance: Money;
  /** Sum of the legs' values at mark. */
  readonly notional: Money;
  readonly liquidatable: boolean;
}

/**
 * Judges a pocket at today's marks.
 *
 *   liquidatable when equity <= maintenance (inclusive trigger) or equity < maintenance (strict)
 *
 * A pocket without legs is never liquidatable, whatever its wallet. An account of several assets, or one
 * margined by scenarios, is judged as one: all amounts are then in its unit of account.
 */
export function judge(pocket: Pocket, marks: Marks, trigger: TriggerRule): Verdict {
  if (isPooled(pocket)) {
    const whole = judgeWhole(pocket, marks);
    return { ...whole, liquidatable: fails(whole, trigger) && pocket.legs.length > 0 };
  }
  let equity = pocket.wallet;
  let maintenance = ZERO_MONEY;
  let notional = ZERO_MONEY;
  for (const leg of pocket.legs) {
    const mark = marks(leg.market.id);
    equity = equity.plus(unrealizedPnl(leg, mark));
    maintenance = maintenance.plus(legMaintenance(leg, mark));
    notional = notional.plus(valueAt(leg.market, leg.qty, mark));
  }
  const failing = fails({ equity, maintenance }, trigger);
  return { equity, maintenance, notional, liquidatable: failing && pocket.legs.length > 0 };
}

/** Whether equity is at (inclusive) or below what is required. */
const fails = (v: Pick<Verdict, 'equity' | 'maintenance'>, trigger: TriggerRule): boolean =>
  trigger.inclusive ? v.equity.lte(v.maintenance) : v.equity.lt(v.maintenance);

/**
 * What the owner may still use: equity less initial and order margin; settlement units, below 0 when
 * over-used; the unit of account where it is judged as one.
 */
export function availableBalance(pocket: Pocket, marks: Marks): Money {
  if (isPooled(pocket)) return availableWhole(pocket, marks);
  let available = pocket.wallet.minus(pocket.orderMargin);
  for (const leg of pocket.legs) {
    const mark = marks(leg.market.id);
    available = available.plus(unrealizedPnl(leg, mark)).minus(initialMargin(leg, mark));
  }
  return available;
}
