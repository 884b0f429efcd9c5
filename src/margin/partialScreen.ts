/**
 * A float64 answer to "might a partial close help at all?", asked before the exact search: where the
 * clearance fee is above the maintenance rate, as for most small accounts, it cannot.
 */
import { type Price, type Rate, ZERO_RATE } from '../basics/exact.ts';
import { unrealizedPnl, type Pocket, valueAt } from './leg.ts';
import { SLACK } from './screen.ts';

export interface PartialQuestion {
  readonly pocket: Pocket;
  readonly mark: Price;
  readonly fillPrice: Price;
  readonly feeRate: Rate;
  readonly buffer: { readonly kind: 'multiplicative' | 'additive'; readonly value: Rate };
}

/**
 * Whether some close of less than the whole might leave equity above what is required. Inside a tier
 * both are linear in the closed quantity, so only the ends of the tiers are looked at.
 *
 * @param q  a pocket of one leg whose requirement is linear in a tier; others are always answered with true
 * @returns  false only when no partial close can help: the slack is 2^-40 of the terms themselves
 */
export function mayHelp(q: PartialQuestion): boolean {
  const leg = q.pocket.legs[0]!;
  if (q.pocket.legs.length !== 1) return true;
  const { market, rules } = leg;
  if (rules.sizeSlope !== undefined || rules.requirementScale !== undefined) return true;
  const qty = leg.qty.approxF64();
  const step = market.qtyStep.approxF64();
  const each = (price: Price): number =>
    market.kind === 'linear' ? price.approxF64() : market.faceValue.approxF64() / price.approxF64();
  const [atMark, atFill] = [each(q.mark), each(q.fillPrice)];
  const gain = (leg.side === 'long') === (market.kind === 'linear') ? 1 : -1;
  const perUnit = gain * (atFill - atMark) - q.feeRate.approxF64() * atFill;
  const equity = q.pocket.wallet.plus(unrealizedPnl(leg, q.mark)).approxF64();
  const kept = rules.notionalAt === 'entry' ? leg.entryValue.approxF64() / qty : atMark;
  const size =
    (valueAt(market, leg.qty, q.mark).approxF64() + leg.entryValue.approxF64()) * 2 + Math.abs(equity);
  const unit = market.kind === 'inverse' ? 4 * Number(`1e-${market.valueScale}`) : 0;
  const buffer = q.buffer.value.cmp(ZERO_RATE) === 0 ? 0 : q.buffer.value.approxF64();
  const perTier = rules.tierKey === 'qty' ? 1 : kept;
  const closing = rules.closingFee?.approxF64() ?? 0;
  let from = 0; // remaining quantity at which the tier begins
  for (const [k, tier] of rules.tiers.entries()) {
    const until = k === rules.tiers.length - 1 ? Infinity : tier.upTo.approxF64() / perTier;
    const rate = tier.maintenanceRate.approxF64() + closing;
    const deduction = tier.maintenanceDeduction.approxF64();
    for (const rest of [Math.max(from, step), Math.min(until, qty - step)]) {
      const notional = rest * kept;
      const maintenance = notional * rate - deduction;
      // an additive buffer is a share of the value at mark, wherever maintenance is taken
      const extra = (q.buffer.kind === 'multiplicative' ? maintenance : rest * atMark) * buffer;
      const spare = equity + (qty - rest) * perUnit - maintenance - extra;
      if (spare > -(SLACK * (size + Math.abs(deduction)) + unit)) return true;
    }
    if (until >= qty) return false;
    from = until;
  }
  return false;
}
