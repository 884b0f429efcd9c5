/**
 * One insurance fund: which positions it took over, at which bankruptcy prices, and whether it still
 * takes more. Its cash lives in the ledger (`fund:<name>`); this class owns the inventory and the
 * memory that the refusal rules need.
 */
import { type Money, max, type Price, type Qty, type Rate, steps, ZERO_MONEY } from '../basics/exact.ts';
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

/**
 * Whether something fell too far: beyond a share of a base, or beyond a least amount where that is more.
 *
 *   fall > max(fraction * base, least)     (>= where inclusive; a fall of nothing never is)
 *
 * @param fall   from the highest value of the window to now
 * @param base   what the share is of: that highest value, or the pool's (Bybit)
 *
 * Sources: Binance 2019/2020 fund rules (7.5 % in 8 h); OKX ADL page (30 % of the 8-h peak or average, at
 * least 50,000 USD in a later copy); Bybit adl-alert (-30 %, the example triggers at equality)
 */
export function fallsTooFar(o: {
  readonly fall: Money;
  readonly base: Money;
  readonly fraction: Rate;
  readonly inclusive: boolean;
  readonly least?: Money;
}): boolean {
  if (!o.fall.isPositive()) return false;
  const limit = max(o.base.times(o.fraction), o.least ?? ZERO_MONEY);
  return o.inclusive ? limit.lte(o.fall) : limit.lt(o.fall);
}

export type MarkOf = (market: MarketId) => Price;

export class InsuranceFund {
  readonly rule: FundRule;
  readonly party: string;
  private readonly highs: { tsUs: Micros; readonly value: Money }[] = [];
  private pausedUntilUs = 0;
  /** It fell too far and has not come back to `resumeAt`. */
  private fallen = false;
  /** Losses of the beat that ends at `tsUs`. */
  private readonly lost = { tsUs: -1, amount: ZERO_MONEY };
  /** Lots by market and side, in the order in which they are worked. */
  private readonly queues = new Map<string, InventoryLot[]>();
  /** Sums over the inventory per market, kept as it changes: it is asked about every beat. */
  private readonly held = new Map<
    MarketId,
    { market: Market; lots: number; longLots: number; entryValue: Money }
  >();

  constructor(rule: FundRule) {
    this.rule = rule;
    this.party = `fund:${rule.name}`;
  }

  /** Unrealized profit of the inventory. */
  inventoryPnl(markOf: MarkOf): Money {
    let total = ZERO_MONEY;
    for (const { market, lots, entryValue } of this.held.values()) {
      const at = signedValueAt(market, lots, markOf(market.id));
      total = total.plus(market.kind === 'linear' ? at.minus(entryValue) : entryValue.minus(at));
    }
    return total;
  }

  /** Net notional of the inventory over all its markets, signed. */
  netNotional(markOf: MarkOf): Money {
    let net = ZERO_MONEY;
    for (const { market, lots } of this.held.values())
      net = net.plus(signedValueAt(market, lots, markOf(market.id)));
    return net;
  }

  /** Signed lots held in one market. */
  lotsIn(market: MarketId): number {
    return this.held.get(market)?.lots ?? 0;
  }

  /** Lots of the long side held in one market. */
  longLotsIn(market: MarketId): number {
    return this.held.get(market)?.longLots ?? 0;
  }

  /** Lots of both sides over all markets. */
  get lotsHeld(): number {
    let lots = 0;
    for (const sums of this.held.values()) lots += 2 * sums.longLots - sums.lots;
    return lots;
  }

  /** Signed entry value held in one market. */
  entryValueIn(market: MarketId): Money {
    return this.held.get(market)?.entryValue ?? ZERO_MONEY;
  }

  /** Remembers the value of this beat and starts a pause when it fell too far (rule `drawdown`). */
  observe(tsUs: Micros, value: Money): void {
    const rule = this.rule.refusal.drawdown;
    if (rule === null) return;
    const last = this.highs.at(-1);
    if (last?.value === value)
      last.tsUs = tsUs; // nothing moved since the last beat
    else {
      while (this.highs.length > 0 && this.highs.at(-1)!.value.lte(value)) this.highs.pop();
      this.highs.push({ tsUs, value });
    }
    while (this.highs[0]!.tsUs < tsUs - rule.windowUs) this.highs.shift();
    const base = this.highs[0]!.value;
    const fall = base.minus(value);
    const { resumeAt, inclusive = false } = rule;
    if (fallsTooFar({ fall, base, fraction: rule.fraction, inclusive })) {
      this.pausedUntilUs = tsUs + rule.pauseUs;
      this.fallen = resumeAt !== undefined;
    } else if (this.fallen)
      this.fallen = resumeAt !== undefined && fallsTooFar({ fall, base, fraction: resumeAt, inclusive });
  }

  /** Why the fund takes nothing now, or null. @param value  cash plus inventory at mark */
  refuses(tsUs: Micros, value: Money): 'empty' | 'drawdown' | null {
    if (this.rule.refusal.empty && !value.isPositive()) return 'empty';
    const waits = this.fallen && this.rule.refusal.drawdown?.resumeAt !== undefined;
    return waits || tsUs < this.pausedUntilUs ? 'drawdown' : null;
  }

  /** What the fund may still lose in the beat that ends at `tsUs` (rule `lossPerBeat`); null: no limit. */
  lossLeft(tsUs: Micros): Money | null {
    const limit = this.rule.refusal.lossPerBeat;
    if (limit === undefined) return null;
    return this.lost.tsUs === tsUs ? limit.minus(this.lost.amount) : limit;
  }

  /** Remembers a loss that it paid. */
  lose(tsUs: Micros, amount: Money): void {
    this.lost.amount = this.lost.tsUs === tsUs ? this.lost.amount.plus(amount) : amount;
    this.lost.tsUs = tsUs;
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
    const net = this.netNotional(markOf);
    const mark = markOf(lot.market.id);
    const fits = (lots: number): boolean =>
      net
        .plus(signedValueAt(lot.market, sign(lot.side) * lots, mark))
        .abs()
        .lte(limit);
    let [low, high] = [0, lot.lots];
    if (fits(high)) return high;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (fits(middle)) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Everything held, market by market. */
  *inventory(): IterableIterator<InventoryLot> {
    for (const queue of this.queues.values()) yield* queue;
  }

  get isEmpty(): boolean {
    return [...this.held.values()].every((sums) => sums.lots === 0 && sums.longLots === 0);
  }

  /** Lots of every market and side, in the order in which they are worked; lists that nobody else changes. */
  worklists(): IterableIterator<readonly InventoryLot[]> {
    return this.queues.values();
  }

  /**
   * Takes a position over. With a limit (`bankruptcy`, `aggress`) the lot that the price must move least for comes
   * first, so that one look at the head tells whether anything can be sold; else the oldest is first.
   */
  take(lot: InventoryLot): void {
    const key = `${lot.market.id} ${lot.side}`;
    const queue = this.queues.get(key) ?? [];
    this.queues.set(key, queue);
    const limited = this.isLimited;
    const before = (a: InventoryLot): boolean =>
      !limited || a.bankruptcyPrice.cmp(lot.bankruptcyPrice) * sign(lot.side) <= 0;
    let [low, high] = [0, queue.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(queue[middle]!)) low = middle + 1;
      else high = middle;
    }
    queue.splice(low, 0, lot);
    this.change(lot, lot.lots, lot.entryValue);
  }

  /** The order that `take` keeps, after the rule of unwinding has changed. */
  reorder(): void {
    for (const queue of this.queues.values()) {
      const limited = this.isLimited;
      queue.sort((a, b) =>
        limited
          ? a.bankruptcyPrice.cmp(b.bankruptcyPrice) * sign(a.side) || a.takenUs - b.takenUs
          : a.takenUs - b.takenUs || a.cause - b.cause,
      );
    }
  }

  private get isLimited(): boolean {
    return this.rule.unwind.kind === 'work' && this.rule.unwind.limit !== 'none';
  }

  /** Part of a lot is closed: `entryValue` leaves with it. */
  reduce(lot: InventoryLot, lots: number, entryValue: Money): void {
    lot.lots -= lots;
    lot.entryValue = lot.entryValue.minus(entryValue);
    this.change(lot, -lots, entryValue.neg());
  }

  /** Drops lots that are worked off. */
  sweep(): void {
    for (const [key, queue] of this.queues) {
      if (queue.some((lot) => lot.lots === 0))
        this.queues.set(
          key,
          queue.filter((lot) => lot.lots > 0),
        );
    }
  }

  private change(lot: InventoryLot, lots: number, entryValue: Money): void {
    const { market, side } = lot;
    const sums = this.held.get(market.id) ?? { market, lots: 0, longLots: 0, entryValue: ZERO_MONEY };
    this.held.set(market.id, sums);
    sums.lots += sign(side) * lots;
    if (side === 'long') sums.longLots += lots;
    sums.entryValue = side === 'long' ? sums.entryValue.plus(entryValue) : sums.entryValue.minus(entryValue);
  }
}

/** Quantity of an inventory lot. */
export const qtyOf = (lot: InventoryLot): Qty => steps(lot.lots, lot.market.qtyStep);
