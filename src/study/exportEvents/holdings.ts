/**
 * Every population account as the messages know it: balances, positions and isolated margins,
 * brought forward row by row from how they stood before the run. Memory grows with accounts, never
 * with rows.
 */
import type { DuckDBConnection } from '../../basics/duckdb.ts';
import {
  as,
  MONEY_SCALE,
  type Money,
  product,
  type Qty,
  quotient,
  sum,
  ZERO_MONEY,
  ZERO_QTY,
} from '../../basics/exact.ts';
import { invariant } from '../../basics/errors.ts';
import { readRows } from '../../results/readRows.ts';
import type { Asset, Market, MarketId, Side } from '../../rules/market.ts';
import type { MarketRules } from '../../rules/ruleSet.ts';
import type { FillRow } from './storedRows.ts';
import type { StoredRules } from './storedRules.ts';

/** One side of one market, held now or earlier. */
export interface HeldLeg {
  readonly market: Market;
  readonly rules: MarketRules;
  readonly side: Side;
  readonly leverage: number;
  qty: Qty;
  entryValue: Money;
  /** Isolated margin; 0 in cross. */
  margin: Money;
  /** Profit realized since the run began, before fees. */
  realised: Money;
  /** Funding accrued at stamps and not yet seen in the ledger; above 0: owed. */
  accrued: Money;
}

export interface Held {
  readonly account: string;
  readonly cross: boolean;
  /** Asset of the account's positions. */
  readonly asset: Asset;
  /** Balance of each asset, isolated margins included. */
  readonly balances: Map<Asset, Money>;
  readonly legs: HeldLeg[];
  /** Whether a message told of it since its last snapshot. */
  touched: boolean;
}

/** Balance of an asset, isolated margins included. */
export const balanceOf = (held: Held, asset: Asset): Money => held.balances.get(asset) ?? ZERO_MONEY;

/** Assets of an account, that of its positions first. */
export const assetsOf = (held: Held): Asset[] => [...new Set([held.asset, ...held.balances.keys()])];

/** What is not tied to an isolated leg: the cross wallet, or the free balance. */
export const freeOf = (held: Held): Money =>
  balanceOf(held, held.asset).minus(sum(held.legs.map((leg) => leg.margin)));

/** Whether the account holds long and short of a market apart. */
export const isHedged = (held: Held, market: MarketId): boolean =>
  held.legs.filter((leg) => leg.market.id === market).length > 1;

/** Ledger accounts that are nobody's: they get no private message. */
const NOBODY = /^(market|house|outside|socialised)$|^(fund|funding):/;

export class Holdings {
  readonly all = new Map<string, Held>();
  private readonly stored: StoredRules;
  /** Signed quantity of population and funds by market: `market` holds the opposite. */
  private readonly net = new Map<MarketId, Qty>();

  constructor(stored: StoredRules) {
    this.stored = stored;
  }

  /** Reads everybody as they stood before the run. */
  async load(db: DuckDBConnection, world: number): Promise<void> {
    const before = `world = ${world} AND "when" = 'before'`;
    type Leg = { account: string; mode: string; market: string; side: Side; leverage: number } & Record<
      'qty' | 'entry_value' | 'margin',
      Money
    >;
    const legs = readRows<Leg>(
      db,
      `SELECT account, mode, market, side, leverage, qty, entry_value, margin FROM accounts WHERE ${before}`,
    );
    for await (const row of legs) {
      const market = this.marketOf(row.market);
      const cross = row.mode === 'cross';
      const held = this.all.get(row.account) ?? this.add(row.account, cross, market.settle);
      held.legs.push({
        ...this.freshLeg(market, row.side, row.leverage),
        qty: as('qty', row.qty),
        entryValue: row.entry_value,
        margin: cross ? ZERO_MONEY : row.margin,
      });
      this.count(market.id, row.side === 'long', as('qty', row.qty));
    }
    const balances = readRows<{ account: string; asset: string; balance: Money }>(
      db,
      `SELECT account, asset, balance FROM balances WHERE ${before}`,
    );
    for await (const { account, asset, balance } of balances) {
      if (NOBODY.test(account)) continue;
      const held = this.all.get(account) ?? this.add(account, true, asset);
      held.balances.set(asset, balance);
    }
  }

  /** The leg of an account; a side that it never held is added, empty. */
  leg(held: Held, market: MarketId, side: Side): HeldLeg {
    const found = held.legs.find((leg) => leg.market.id === market && leg.side === side);
    if (found !== undefined) return found;
    const leg = this.freshLeg(this.marketOf(market), side, 0);
    held.legs.push(leg);
    return leg;
  }

  /** Signed quantity that the ledger account `market` holds. */
  marketNet(market: MarketId): Qty {
    return (this.net.get(market) ?? ZERO_QTY).neg();
  }

  /**
   * Brings a fill forward; returns the account's leg, or null for a fund's. A close by the owner or by
   * ADL frees its part of an isolated margin: call `release` once its profit is booked.
   */
  fill(row: FillRow): { held: Held; leg: HeldLeg } | null {
    this.count(row.market, (row.side === 'long') === (row.effect === 'open'), row.qty);
    const held = this.all.get(row.account);
    if (held === undefined) return null;
    const leg = this.leg(held, row.market, row.side);
    const opens = row.effect === 'open';
    leg.qty = opens ? leg.qty.plus(row.qty) : leg.qty.minus(row.qty);
    leg.entryValue = opens ? leg.entryValue.plus(row.entryValue) : leg.entryValue.minus(row.entryValue);
    invariant(!leg.qty.isNegative(), `a fill closes no more than ${row.account} holds`);
    return { held, leg };
  }

  private add(account: string, cross: boolean, asset: Asset): Held {
    const held: Held = { account, cross, asset, balances: new Map(), legs: [], touched: false };
    this.all.set(account, held);
    return held;
  }

  private marketOf(id: MarketId): Market {
    const market = this.stored.markets.get(id);
    invariant(market !== undefined, `run.json describes the market ${id}`);
    return market;
  }

  private freshLeg(market: Market, side: Side, leverage: number): HeldLeg {
    const none = { qty: ZERO_QTY, entryValue: ZERO_MONEY, margin: ZERO_MONEY };
    const rules = this.stored.rules.markets[market.id]!;
    return { market, rules, side, leverage, ...none, realised: ZERO_MONEY, accrued: ZERO_MONEY };
  }

  private count(market: MarketId, up: boolean, qty: Qty): void {
    const before = this.net.get(market) ?? ZERO_QTY;
    this.net.set(market, up ? before.plus(qty) : before.minus(qty));
  }
}

/** Moves money into (negative: out of) an account, and into the margin of an isolated leg where one is named. */
export function book(held: Held, asset: Asset, amount: Money, leg: HeldLeg | null): void {
  held.balances.set(asset, (held.balances.get(asset) ?? ZERO_MONEY).plus(amount));
  if (leg !== null && !held.cross && asset === held.asset) leg.margin = leg.margin.plus(amount);
}

/**
 * The part of an isolated margin that a close by its owner or by ADL frees: margin * closed / held, cut
 * downward as the engine does (engine/desk.ts).
 *
 * @param closed  quantity that was closed; the leg no longer holds it
 */
export function release(held: Held, leg: HeldLeg, closed: Qty): void {
  if (held.cross || !leg.margin.isPositive()) return;
  const whole = leg.qty.plus(closed);
  const part = quotient<'money'>('money', product('money', leg.margin, closed), whole, MONEY_SCALE, 'down');
  leg.margin = leg.margin.minus(part);
}

/** Frees what is left of the margins of closed isolated legs. Returns the legs that changed. */
export function freeClosed(held: Held): HeldLeg[] {
  const closed = held.legs.filter((leg) => leg.qty.isZero() && leg.margin.isPositive());
  for (const leg of closed) leg.margin = ZERO_MONEY;
  return closed;
}
