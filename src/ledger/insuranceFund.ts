/**
 * One insurance fund: which positions it took over, at which bankruptcy prices, and whether it still
 * takes more. Its cash lives in the ledger (`fund:<name>`); this class owns the inventory and the
 * memory that the refusal rules need.
 */
import { type Money, type Price, type Qty, steps, ZERO_MONEY } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { FundRule } from '../rules/ruleSet.ts';
import type { Market, MarketId, Side } from '../rules/market.ts';
import { signedValueAt } from './marketParty.ts';
import { sign } from './side.ts';

/** A position taken over, whole or what is left of it. */
export interface InventoryLot {
  readonly market: Market;
  readonly side: Side;
  readonly bankruptcyPrice: Price;
  readonly takenUs: Micros;
  /** seq of the takeover. */
  readonly cause: number;
  lots: number;
  /** Value at the bankruptcy price of what is left. */
  entryValue: Money;
}

export type MarkOf = (market: MarketId) => Price;

export class InsuranceFund {
  readonly rule: FundRule;
  readonly party: string;
  readonly inventory: InventoryLot[] = [];
  private readonly highs: { readonly tsUs: Micros; readonly value: Money }[] = [];
  private pausedUntilUs = 0;

  constructor(rule: FundRule) {
    this.rule = rule;
    this.party = `fund:${rule.name}`;
  }

  /** Unrealized profit of the inventory. */
  inventoryPnl(markOf: MarkOf): Money {
    let total = ZERO_MONEY;
    for (const lot of this.inventory) {
      const at = signedValueAt(lot.market, sign(lot.side) * lot.lots, markOf(lot.market.id));
      const entry = lot.side === 'long' ? lot.entryValue : lot.entryValue.neg();
      total = total.plus(lot.market.kind === 'linear' ? at.minus(entry) : entry.minus(at));
    }
    return total;
  }

  /** Absolute net notional of the inventory over all its markets. */
  netNotional(markOf: MarkOf): Money {
    let net = ZERO_MONEY;
    for (const lot of this.inventory) {
      net = net.plus(signedValueAt(lot.market, sign(lot.side) * lot.lots, markOf(lot.market.id)));
    }
    return net.abs();
  }

  /** Signed lots held in one market. */
  lotsIn(market: MarketId): number {
    let net = 0;
    for (const lot of this.inventory) if (lot.market.id === market) net += sign(lot.side) * lot.lots;
    return net;
  }

  /** Signed entry value held in one market. */
  entryValueIn(market: MarketId): Money {
    let net = ZERO_MONEY;
    for (const lot of this.inventory) {
      if (lot.market.id === market)
        net = lot.side === 'long' ? net.plus(lot.entryValue) : net.minus(lot.entryValue);
    }
    return net;
  }

  /** Remembers the value of this beat and starts a pause when it fell too far (rule `drawdown`). */
  observe(tsUs: Micros, value: Money): void {
    const rule = this.rule.refusal.drawdown;
    if (rule === null) return;
    while (this.highs.length > 0 && this.highs.at(-1)!.value.lte(value)) this.highs.pop();
    this.highs.push({ tsUs, value });
    while (this.highs[0]!.tsUs < tsUs - rule.windowUs) this.highs.shift();
    const peak = this.highs[0]!.value;
    if (value.lt(peak.minus(peak.times(rule.fraction)))) this.pausedUntilUs = tsUs + rule.pauseUs;
  }

  /** Why the fund takes nothing now, or null. @param value  cash plus inventory at mark */
  refuses(tsUs: Micros, value: Money): 'empty' | 'drawdown' | null {
    if (this.rule.refusal.empty && !value.isPositive()) return 'empty';
    return tsUs < this.pausedUntilUs ? 'drawdown' : null;
  }

  /**
   * Lots of an offered position that the net-notional cap leaves room for.
   *
   * @param value  cash plus inventory at mark
   * @returns      whole lots, 0 .. lots
   */
  roomFor(lot: { market: Market; side: Side; lots: number }, value: Money, markOf: MarkOf): number {
    const cap = this.rule.refusal.netNotionalCap;
    if (cap === null) return lot.lots;
    const limit = value.times(cap);
    const fits = (lots: number): boolean => {
      let net = signedValueAt(lot.market, sign(lot.side) * lots, markOf(lot.market.id));
      for (const held of this.inventory) {
        net = net.plus(signedValueAt(held.market, sign(held.side) * held.lots, markOf(held.market.id)));
      }
      return net.abs().lte(limit);
    };
    let [low, high] = [0, lot.lots];
    if (fits(high)) return high;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (fits(middle)) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Takes a position over. */
  take(lot: InventoryLot): void {
    this.inventory.push(lot);
  }

  /** Drops lots that are worked off. */
  sweep(): void {
    for (let i = this.inventory.length - 1; i >= 0; i--)
      if (this.inventory[i]!.lots === 0) this.inventory.splice(i, 1);
  }
}

/** Quantity of an inventory lot. */
export const qtyOf = (lot: InventoryLot): Qty => steps(lot.lots, lot.market.qtyStep);
