/**
 * Forced orders: what an order of each kind is offered, how much of it the fund carries beyond bankruptcy,
 * and what a fill posts (close, winners on the other side, clearance fee). Which order is sent, and when,
 * the liquidator decides.
 */
import {
  type Money,
  max,
  type Price,
  quotient,
  type Rate,
  steps,
  wholeSteps,
  ZERO_MONEY,
  ZERO_RATE,
} from '../basics/exact.ts';
import type { LiveLeg } from '../ledger/positionBook.ts';
import { cappedFeeRate, fundDelta } from '../margin/clearance.ts';
import { fillablePrice } from '../margin/fillable.ts';
import { type Marks, valueAt } from '../margin/leg.ts';
import { clearanceFeeRate, legTerms } from '../margin/maintenance.ts';
import { inAsset } from '../margin/multiAsset.ts';
import { isPooled } from '../margin/portfolioVerdict.ts';
import { shortageOf } from '../margin/ramp.ts';
import { judge, type Verdict } from '../margin/trigger.ts';
import type { MarketId } from '../rules/market.ts';
import type { OrderRule, RuleSet } from '../rules/ruleSet.ts';
import type { BookAccess, BookFill } from './bookAccess.ts';
import { type Case, waitedSec } from './cases.ts';
import type { Desk } from './desk.ts';
import { orderValues } from './orderValues.ts';
import type { Plan } from './plan.ts';
import { pocketView } from './pocketView.ts';
import type { FillRow, OrderRow } from './rows.ts';
import type { Takeover } from './takeover.ts';
import type { WinnersTake } from './winnersTake.ts';

type Offer =
  | BookFill
  | { readonly lots: number; readonly price: Price; readonly priceRule: 'mark' | 'bankruptcy' };

/** An order that is about to be sent. */
export interface Sending {
  readonly c: Case;
  readonly leg: LiveLeg;
  readonly plan: Pick<Plan, 'kind' | 'qty'>;
  readonly bankruptcy: Price;
  /** Of the pocket as it stands. */
  readonly verdict: Verdict;
  /**
   * A close at the mark within the book's room although nobody covers the loss: what the ADL trigger
   * `noFillAtMark` asks for before winners are touched.
   */
  readonly lastResort?: true;
}

export interface Sent {
  /** The plan was carried out in full. */
  readonly whole: boolean;
  /** The fund's means did not reach for all that the book offered. */
  readonly fundLacks: boolean;
  /** Something of it was filled. */
  readonly filled: boolean;
}

export class ForcedOrders {
  private readonly desk: Desk;
  private readonly rules: RuleSet;
  private readonly marks: Marks;
  private readonly takeover: Takeover;
  private readonly winners: WinnersTake;
  private books: ReadonlyMap<MarketId, BookAccess> = new Map();

  constructor(input: {
    readonly desk: Desk;
    readonly rules: RuleSet;
    readonly marks: Marks;
    readonly takeover: Takeover;
    readonly winners: WinnersTake;
  }) {
    this.desk = input.desk;
    this.rules = input.rules;
    this.marks = input.marks;
    this.takeover = input.takeover;
    this.winners = input.winners;
  }

  /** A new beat: its books. */
  begin(books: ReadonlyMap<MarketId, BookAccess>): void {
    this.books = books;
  }

  /** Lots that the book of a leg's market still has for closing it. */
  roomFor(leg: LiveLeg): number {
    return this.books.get(leg.market.id)!.roomFor(leg.side);
  }

  /** Whether an order of the rule set to close a leg could get anything now: only one in the book may not. */
  hasRoom(leg: LiveLeg): boolean {
    const { kind } = this.rules.order;
    return (
      kind === 'atMark' ||
      kind === 'atBankruptcy' ||
      leg.market.derived !== undefined ||
      this.roomFor(leg) > 0
    );
  }

  /** The same order once more into a book with nothing left: a try and an event, but no row. */
  sendAgain(c: Case): Sent {
    c.tries++;
    this.desk.seq(); // draws go by event, and rows that are left out change none
    return { whole: false, fundLacks: false, filled: false };
  }

  /** Price at which a leg is expected to fill: what its first lot would get. */
  expected(leg: LiveLeg): Price {
    return this.rules.order.kind === 'atMark' || leg.market.derived !== undefined
      ? this.marks(leg.market.id)
      : this.books.get(leg.market.id)!.priceOf(leg.side, 1);
  }

  /**
   * Clearance fee of closing a part of a leg. A ramped close leaves room for it: the rate is capped so that the
   * fee itself bankrupts nobody (Drift).
   *
   * @param notional  of the leg at the mark
   */
  feeRate(o: Pick<Sending, 'c' | 'leg' | 'verdict'>, notional: Money): Rate {
    const { c, leg, verdict } = o;
    const most = clearanceFeeRate(leg.rules, { tsUs: this.desk.tsUs, mode: c.verdict.mode, notional });
    const rule = this.rules.reduction;
    if (rule.kind !== 'ramp') return most;
    const mark = this.marks(leg.market.id);
    return cappedFeeRate(most, {
      value: notional,
      shortage: max(ZERO_MONEY, shortageOf(verdict, rule.buffer)),
      ratio: legTerms(leg, mark).maintenanceRate.plus(rule.buffer),
      discount: discountOf(leg, mark, this.expected(leg)),
    });
  }

  /** Sends one order and posts what it got. */
  send(o: Sending): Sent {
    const { c, leg, plan, bankruptcy } = o;
    const { desk } = this;
    const book = this.books.get(leg.market.id)!;
    const planned = Number(wholeSteps(plan.qty, leg.market.qtyStep, 'down'));
    const wanted = o.lastResort ? Math.min(planned, book.roomFor(leg.side)) : planned;
    const mark = this.marks(leg.market.id);
    // a market without trades of its own has no book: its mark stands
    const kind = o.lastResort || leg.market.derived !== undefined ? 'atMark' : this.rules.order.kind;
    const limit = this.limitOf(o, kind);
    const fill = this.offered(kind, { leg, lots: wanted, limit, bankruptcy });
    const guarded = kind === 'ioc' || kind === 'fok' || o.lastResort;
    const carried = guarded
      ? fill.lots
      : this.takeover.carriedBeyond({ leg, lots: fill.lots, price: fill.price, bankruptcy });
    const fundLacks = carried < fill.lots;
    const beyond = fundLacks ? this.takeover.lossBeyond(leg, carried, bankruptcy, fill.price) : ZERO_MONEY;
    c.tries++;
    c.firstOrderUs ??= desk.tsUs;
    const seq = desk.seq();
    const fee = carried > 0 ? this.take(o, { ...fill, lots: carried }, seq) : ZERO_MONEY;
    if (beyond.isPositive()) this.takeover.payLoss(c, beyond, leg.market.id, seq);
    const row: OrderRow = {
      seq,
      tsUs: desk.tsUs,
      market: leg.market.id,
      account: c.account.name,
      side: leg.side,
      kind,
      plan: plan.kind,
      attempt: c.tries,
      qty: plan.qty,
      filled: steps(carried, leg.market.qtyStep),
      limit,
      averagePrice: carried > 0 ? fill.price : null,
      markAtVerdict: c.verdict.markAtVerdict,
      liquidationPriceF64: c.estimateF64,
      bankruptcyPrice: bankruptcy,
      fee,
      queuePlace: c.place,
      queueSec: waitedSec(c, desk.tsUs),
      cause: c.seq,
    };
    desk.outbox.orders.push(row);
    desk.decide(() => ({
      seq,
      account: c.account.name,
      step: 'order',
      market: leg.market.id,
      values: orderValues(row, { priceRule: fill.priceRule, mark, roomLots: book.roomFor(leg.side) }),
    }));
    return { whole: carried === wanted, fundLacks, filled: carried > 0 };
  }

  /** Worst price that an order accepts; null: any. */
  private limitOf(o: Sending, kind: OrderRule['kind']): Price | null {
    if (kind === 'ioc' || kind === 'fok') return o.bankruptcy;
    const rule = this.rules.order;
    if (kind !== 'fillable' || rule.kind !== 'fillable' || !o.verdict.maintenance.isPositive()) return null;
    return fillablePrice(o.leg, this.marks(o.leg.market.id), o.verdict, rule);
  }

  /** What an order of a kind is offered; only an order in the book asks the book. */
  private offered(
    kind: OrderRule['kind'],
    o: { leg: LiveLeg; lots: number; limit: Price | null; bankruptcy: Price },
  ): Offer {
    const { leg, lots, limit, bankruptcy } = o;
    if (kind === 'atMark') return { lots, price: this.marks(leg.market.id), priceRule: 'mark' };
    if (kind === 'atBankruptcy') return { lots, price: bankruptcy, priceRule: 'bankruptcy' };
    const fill = this.books.get(leg.market.id)!.offer(leg.side, lots, limit);
    return kind === 'fok' && fill.lots < lots ? { ...fill, lots: 0 } : fill;
  }

  /** Posts a fill: close, winners on the other side, clearance fee capped by what is left. Returns the fee. */
  private take(
    o: Sending,
    fill: { lots: number; price: Price; priceRule: FillRow['priceRule'] },
    seq: number,
  ): Money {
    const { c, leg } = o;
    const { desk, rules, marks } = this;
    const { market } = leg;
    const book = this.books.get(market.id)!;
    const rate = this.feeRate(o, valueAt(market, leg.qty, marks(market.id)));
    const value = desk.close(c.account, leg, fill.lots, fill.price, {
      why: 'liquidation',
      priceRule: fill.priceRule,
      cause: seq,
    });
    if (fill.priceRule === 'mark') book.take(leg.side, fill.lots);
    if (fill.priceRule === 'book' || fill.priceRule === 'impact') {
      book.take(leg.side, fill.lots);
      this.winners.take({
        market,
        loser: leg.side,
        lots: fill.lots,
        price: fill.price,
        priceRule: fill.priceRule,
        cause: seq,
        id: seq,
      });
    }
    c.closedNotional = c.closedNotional.plus(value);
    if (leg.lots === 0) c.legsLost++;
    const view = pocketView(desk.book, c.account, c.pocket);
    const { equity } = judge(view, marks, rules.trigger);
    const left = isPooled(view) ? inAsset(view.pool, market.settle, equity) : equity;
    const fee = max(ZERO_MONEY, fundDelta(value, rate, left));
    c.fees = c.fees.plus(fee);
    desk.credit({
      account: c.account,
      pocket: c.pocket,
      party: desk.fundOf(market.id).party,
      amount: fee.neg(),
      reason: 'clearance-fee',
      market: null,
      cause: seq,
    });
    return fee;
  }
}

/** How much worse than the mark a price is for whoever closes a leg, a share of the mark, at least 0. */
function discountOf(leg: LiveLeg, mark: Price, price: Price): Rate {
  const worse = leg.side === 'long' ? mark.minus(price) : price.minus(mark);
  return max(ZERO_RATE, quotient<'rate'>('rate', worse, mark, 18, 'up'));
}
