/**
 * Tells stored rows as happenings, in their order. Bookings of one account that belong together (a
 * position and its profit) are told once, with balances and positions as they stand afterwards.
 */
import { type Money, ZERO_MONEY, ZERO_QTY } from '../../basics/exact.ts';
import type { Micros } from '../../basics/instant.ts';
import { profit } from '../../margin/leg.ts';
import { timeUntilFundingUs } from '../../mark/funding.ts';
import type { Asset, MarketId } from '../../rules/market.ts';
import { FundingStamps } from './fundingStamps.ts';
import type { BookedFor, Happening, HappeningOf, OrderBy, ToldOrder } from './happenings.ts';
import { book, freeClosed, type Held, type HeldLeg, type Holdings, release } from './holdings.ts';
import type { FillRow, MarkRow, OrderRow, StoredRow, TransferRow, VerdictRow } from './storedRows.ts';
import type { StoredRules } from './storedRules.ts';
import type { Valuation } from './valuation.ts';

const BOOKED_FOR: Readonly<Record<string, BookedFor>> = {
  'realized-pnl': 'order',
  'clearance-fee': 'order',
  'adl-fee': 'order',
  funding: 'funding',
  residue: 'insurance',
  deficit: 'insurance',
  insolvency: 'insurance',
  deposit: 'deposit',
  'top-up': 'deposit',
  withdrawal: 'withdrawal',
  exchange: 'exchange',
};

const ORDER_BY: Readonly<Record<string, OrderBy>> = {
  liquidation: 'liquidation',
  takeover: 'takeover',
  'winner-closes': 'owner',
  'account-event': 'owner',
  'stop-loss': 'stop',
  arrival: 'owner',
  departure: 'owner',
};

/** Closes by which an owner frees the margin of what is closed. */
const GIVES: ReadonlySet<string> = new Set(['winner-closes', 'stop-loss', 'departure']);

/** A booking that further rows may still belong to. */
interface Pending {
  readonly tsUs: Micros;
  readonly id: number;
  readonly held: Held;
  readonly why: BookedFor;
  readonly cause: number;
  readonly changes: Map<Asset, Money>;
  readonly assets: Set<Asset>;
  readonly legs: Set<HeldLeg>;
  readonly status: 'normal' | 'liquidation' | 'adl';
  readonly lights: number | null;
  /** Part of an isolated margin to be freed once the profit is booked. */
  frees: (() => void) | null;
}

type StoredOf<K extends StoredRow['kind']> = Extract<StoredRow, { kind: K }>;

export class Story {
  private readonly holdings: Holdings;
  private readonly stored: StoredRules;
  private readonly valuation: Valuation;
  private readonly stamps: FundingStamps;
  /** Orders in the book that are being filled, with the row that says how far they will get. */
  private readonly open = new Map<number, { readonly order: ToldOrder; readonly row: OrderRow }>();
  /** Side of the last position that changed, by account and market: what an unsided profit belongs to. */
  private readonly lastLeg = new Map<Held, HeldLeg>();
  private readonly liquidating = new Set<Held>();
  private pending: Pending | null = null;

  constructor(o: { holdings: Holdings; stored: StoredRules; valuation: Valuation }) {
    this.holdings = o.holdings;
    this.stored = o.stored;
    this.valuation = o.valuation;
    this.stamps = new FundingStamps(o.holdings, o.stored);
  }

  /** What a row lets a venue tell. Call `rest` after the last one, and before a snapshot. */
  *tell(row: StoredRow): Generator<Happening> {
    if (this.pending !== null && !this.belongs(row)) yield* this.rest();
    switch (row.kind) {
      case 'mark':
        return yield this.mark(row);
      case 'stamp':
        return yield* this.stamp(row);
      case 'verdict':
        return yield* this.verdict(row);
      case 'order':
        return yield* this.order(row);
      case 'fill':
        return yield* this.fill(row);
      case 'transfer':
        return yield* this.transfer(row);
      case 'end':
        return yield* this.end(row);
      case 'lights': {
        const held = this.holdings.all.get(row.account);
        if (held === undefined) return;
        const leg = this.holdings.leg(held, row.market, row.side);
        return yield { kind: 'lights', tsUs: row.tsUs, held, leg, lights: row.lights };
      }
      case 'fund': {
        const markets = this.stored.rules.funds.find((f) => f.name === row.fund)?.markets ?? [];
        const { tsUs, fund, asset, cash } = row;
        return yield { kind: 'fund', tsUs, fund, asset, cash, markets, snapshot: false };
      }
    }
  }

  /** The booking that was still open. */
  *rest(): Generator<HappeningOf<'booked'>> {
    const p = this.pending;
    this.pending = null;
    if (p === null) return;
    const { frees, cause: _, ...told } = p;
    frees?.();
    p.held.touched = true;
    yield { kind: 'booked', ...told, assets: [...p.assets], legs: [...p.legs] };
  }

  /** Whether a row adds to the open booking: same account, same cause, same kind of reason. */
  private belongs(row: StoredRow): boolean {
    const p = this.pending!;
    if (row.kind !== 'transfer' || row.tsUs !== p.tsUs || row.cause !== p.cause) return false;
    if (row.from !== p.held.account && row.to !== p.held.account) return false;
    return p.why === (BOOKED_FOR[row.reason] ?? 'adjustment') && p.why === 'order';
  }

  private mark(row: StoredOf<'mark'> & MarkRow): Happening {
    const market = this.stored.markets.get(row.market)!;
    this.valuation.put(row.market, row.mark);
    const until = timeUntilFundingUs(this.stored.rules.markets[row.market]!.funding, row.tsUs);
    const { tsUs, mark, index, last, openInterest } = row;
    return { kind: 'mark', tsUs, market, mark, index, last, openInterest, nextFundingUs: tsUs + until };
  }

  private *stamp(row: StoredOf<'stamp'>): Generator<Happening> {
    for (const { held, leg, due } of this.stamps.charge(row)) {
      book(held, leg.market.settle, due.neg(), leg);
      held.touched = true;
      yield this.booked({ row, held, why: 'funding', legs: [leg], change: due.neg() });
    }
  }

  private *verdict(row: StoredOf<'verdict'> & VerdictRow): Generator<Happening> {
    const held = this.holdings.all.get(row.account);
    if (held === undefined) return;
    this.liquidating.add(held);
    const own = this.holdings.leg(held, row.market, row.side);
    const legs = held.cross ? held.legs.filter((leg) => !leg.qty.isZero()) : [own];
    yield { kind: 'marginCall', tsUs: row.tsUs, held, legs };
  }

  private *order(row: StoredOf<'order'> & OrderRow): Generator<Happening> {
    const held = this.holdings.all.get(row.account);
    if (held === undefined) return;
    const order: ToldOrder = {
      id: row.seq,
      held,
      market: this.stored.markets.get(row.market)!,
      position: row.side,
      closes: true,
      by: 'liquidation',
      rule: row.rule,
      qty: row.qty,
      limit: row.limit,
      bankruptcyPrice: row.bankruptcyPrice,
      placedUs: row.tsUs,
      filled: ZERO_QTY,
      value: ZERO_MONEY,
      fee: row.fee,
    };
    yield { kind: 'placed', tsUs: row.tsUs, order };
    if (row.filled.isZero()) yield { kind: 'expired', tsUs: row.tsUs, order };
    else this.open.set(row.seq, { order, row });
  }

  private *fill(row: StoredOf<'fill'> & FillRow): Generator<Happening> {
    const done = this.holdings.fill(row);
    if (done === null) return;
    const { held, leg } = done;
    this.lastLeg.set(held, leg);
    const gain = row.effect === 'close' ? profit(leg, row.value, row.entryValue) : ZERO_MONEY;
    leg.realised = leg.realised.plus(gain);
    yield* this.trade(row, held, gain);
    const adl = row.why === 'adl' && row.lights !== null;
    const gives = adl || GIVES.has(row.why);
    this.pending = {
      tsUs: row.tsUs,
      id: row.seq,
      held,
      why: 'order',
      cause: row.cause,
      changes: new Map(),
      assets: new Set([leg.market.settle]),
      legs: new Set([leg]),
      status: adl ? 'adl' : this.liquidating.has(held) ? 'liquidation' : 'normal',
      lights: row.lights === 0 ? null : row.lights,
      frees: gives ? () => release(held, leg, row.qty) : null,
    };
  }

  /** The fill as part of its order; an order outside the book begins and ends with it. */
  private *trade(row: StoredOf<'fill'> & FillRow, held: Held, gain: Money): Generator<Happening> {
    const { tsUs } = row;
    const inBook = row.why === 'liquidation' ? this.open.get(row.cause) : undefined;
    const order = inBook?.order ?? this.offBook(row, held);
    if (inBook === undefined) yield { kind: 'placed', tsUs, order };
    order.filled = order.filled.plus(row.qty);
    order.value = order.value.plus(row.value);
    const fill = {
      id: row.seq,
      qty: row.qty,
      price: row.price,
      value: row.value,
      fee: order.fee,
      profit: gain,
    };
    yield { kind: 'filled', tsUs, order, fill };
    if (inBook !== undefined && order.filled.lt(inBook.row.filled)) return;
    this.open.delete(order.id);
    if (order.filled.lt(order.qty)) yield { kind: 'expired', tsUs, order };
    const averagePrice = inBook?.row.averagePrice ?? row.price;
    if (order.by === 'liquidation' || order.by === 'takeover')
      yield { kind: 'liquidated', tsUs, order, averagePrice };
  }

  private offBook(row: StoredOf<'fill'> & FillRow, held: Held): ToldOrder {
    const winner = row.why === 'adl' && row.lights !== null;
    return {
      id: row.seq,
      held,
      market: this.stored.markets.get(row.market)!,
      position: row.side,
      closes: row.effect === 'close',
      by: winner ? 'adl' : (ORDER_BY[row.why] ?? 'takeover'),
      rule: 'offBook',
      qty: row.qty,
      limit: row.why === 'stop-loss' ? null : row.price,
      bankruptcyPrice: row.price,
      placedUs: row.tsUs,
      filled: ZERO_QTY,
      value: ZERO_MONEY,
      fee: row.fee ?? ZERO_MONEY,
    };
  }

  private *transfer(row: StoredOf<'transfer'> & TransferRow): Generator<Happening> {
    for (const [account, amount] of [
      [row.from, row.amount.neg()],
      [row.to, row.amount],
    ] as const) {
      const held = this.holdings.all.get(account);
      if (held === undefined) continue;
      if (row.reason === 'funding') yield* this.funded(row, held, amount);
      else this.bookRow(row, held, amount);
    }
  }

  /** Funding that the ledger charges now: told at its stamps already, but for what they could not tell. */
  private *funded(row: StoredOf<'transfer'> & TransferRow, held: Held, amount: Money): Generator<Happening> {
    const { leg, rest } = this.stamps.settle(held, row.market as MarketId, amount);
    if (rest.isZero()) return;
    book(held, row.asset, rest, leg);
    held.touched = true;
    yield this.booked({ row, held, why: 'funding', legs: [leg], change: rest });
  }

  private bookRow(row: StoredOf<'transfer'> & TransferRow, held: Held, amount: Money): void {
    const why = BOOKED_FOR[row.reason] ?? 'adjustment';
    const leg = this.legOf(row, held);
    book(held, row.asset, amount, leg);
    const p = this.pending;
    if (p !== null) {
      if (leg !== null) p.legs.add(leg);
      p.assets.add(row.asset);
      return;
    }
    const order = why === 'order';
    this.pending = {
      tsUs: row.tsUs,
      id: row.seq,
      held,
      why,
      cause: row.cause,
      changes: new Map(order ? [] : [[row.asset, amount]]),
      assets: new Set([row.asset]),
      legs: new Set(leg === null ? [] : [leg]),
      status: this.liquidating.has(held) ? 'liquidation' : 'normal',
      lights: null,
      frees: null,
    };
  }

  /**
   * The leg whose margin a transfer changes; null: the wallet. A profit is that of the last fill. Deposits
   * name no leg and go to the wallet.
   */
  private legOf(row: StoredOf<'transfer'> & TransferRow, held: Held): HeldLeg | null {
    if (row.market === null) return null;
    if (row.reason === 'realized-pnl' || row.side === null) {
      const last = this.lastLeg.get(held);
      return last?.market.id === row.market ? last : null;
    }
    return this.holdings.leg(held, row.market, row.side);
  }

  private *end(row: StoredOf<'end'>): Generator<Happening> {
    const held = this.holdings.all.get(row.account);
    if (held === undefined) return;
    this.liquidating.delete(held);
    const legs = freeClosed(held);
    if (legs.length === 0) return;
    held.touched = true;
    yield this.booked({ row, held, why: 'margin', legs, change: ZERO_MONEY });
  }

  private booked(o: {
    row: StoredRow;
    held: Held;
    why: BookedFor;
    legs: readonly HeldLeg[];
    change: Money;
  }): HappeningOf<'booked'> {
    const { row, held, why, legs, change } = o;
    const asset = legs[0]!.market.settle;
    const changes = new Map(change.isZero() ? [] : [[asset, change]]);
    const status = this.liquidating.has(held) ? 'liquidation' : 'normal';
    const { tsUs, seq: id } = row;
    const assets = [asset];
    return { kind: 'booked', tsUs, id, held, why, changes, assets, legs, status, lights: null };
  }
}
