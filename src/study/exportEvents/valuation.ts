/**
 * What a position is worth and needs at the last mark, by the engine's own formulas on the stored
 * state. Where a run's rules are more than tiers (portfolio margin, several assets, dated changes) the
 * stored facts do not tell the requirement, and nothing is told.
 */
import { type Money, type Price, sum, ZERO_MONEY } from '../../basics/exact.ts';
import { type Pocket, unrealizedPnl, valueAt } from '../../margin/leg.ts';
import { legMaintenance } from '../../margin/maintenance.ts';
import { liquidationPrices } from '../../margin/prices.ts';
import type { Asset, MarketId } from '../../rules/market.ts';
import { balanceOf, type Held, type HeldLeg } from './holdings.ts';
import type { StoredRules } from './storedRules.ts';

export class Valuation {
  private readonly stored: StoredRules;
  private readonly marks = new Map<MarketId, Price>();

  constructor(stored: StoredRules) {
    this.stored = stored;
  }

  /** A new mark. */
  put(market: MarketId, mark: Price): void {
    this.marks.set(market, mark);
  }

  markOf(market: MarketId): Price {
    return this.marks.get(market)!;
  }

  /** Unrealized profit of a leg, settlement units. */
  profit(leg: HeldLeg): Money {
    return leg.qty.isZero() ? ZERO_MONEY : unrealizedPnl(leg, this.markOf(leg.market.id));
  }

  /** Value at mark, settlement units. */
  notional(leg: HeldLeg): Money {
    return leg.qty.isZero() ? ZERO_MONEY : valueAt(leg.market, leg.qty, this.markOf(leg.market.id));
  }

  /** Maintenance margin of a leg; null where the facts do not tell it. */
  maintenance(leg: HeldLeg): Money | null {
    if (!this.stored.byTiers) return null;
    return leg.qty.isZero() ? ZERO_MONEY : legMaintenance(leg, this.markOf(leg.market.id));
  }

  /** Unrealized profit of the account's legs that settle in an asset. */
  profitIn(held: Held, asset: Asset): Money {
    return sum(legsIn(held, asset).map((leg) => this.profit(leg)));
  }

  /** Maintenance margin of the account's legs that settle in an asset; null where the facts do not tell it. */
  maintenanceIn(held: Held, asset: Asset): Money | null {
    return this.stored.byTiers ? sum(legsIn(held, asset).map((leg) => this.maintenance(leg)!)) : null;
  }

  /** Mark at which a leg's pocket is liquidated: below today's for a long, above for a short; null: none. */
  liquidationPrice(held: Held, leg: HeldLeg): Price | null {
    if (!this.stored.byTiers || leg.qty.isZero()) return null;
    const legs = held.cross ? held.legs.filter((l) => !l.qty.isZero()) : [leg];
    const wallet = held.cross ? balanceOf(held, held.asset) : leg.margin;
    const pocket: Pocket = { legs, wallet, orderMargin: ZERO_MONEY };
    const marks = (id: MarketId): Price => this.markOf(id);
    const { low, high } = liquidationPrices(pocket, leg.market.id, marks, this.stored.rules.trigger);
    return leg.side === 'long' ? low : high;
  }
}

const legsIn = (held: Held, asset: Asset): readonly HeldLeg[] =>
  held.legs.filter((leg) => leg.market.settle === asset);
