/**
 * Walks failing pockets through the venue's steps until they are sound or gone: cancel orders, plan,
 * send an order against the book, judge again; what the book does not take is sent again each beat
 * until the takeover rule says so. It decides by the pure rooms below and acts through the desk.
 */
import {
  cut,
  max,
  type Money,
  min,
  MONEY_SCALE,
  type Price,
  steps,
  wholeSteps,
  ZERO_MONEY,
} from '../basics/exact.ts';
import type { LiveAccount, LiveLeg, PocketId } from '../ledger/positionBook.ts';
import { bankruptcyPrices } from '../margin/bankruptcy.ts';
import { type Marks, type Pocket, valueAt } from '../margin/leg.ts';
import { clearanceFeeRate, legTier } from '../margin/maintenance.ts';
import { judge, type Verdict } from '../margin/trigger.ts';
import type { MarketId } from '../rules/market.ts';
import type { OrderRule, RuleSet } from '../rules/ruleSet.ts';
import type { BookAccess, BookFill } from './bookAccess.ts';
import { byExposure, type Case, exposure, liquidationRow, newCase, waitedSec } from './cases.ts';
import type { Desk } from './desk.ts';
import { orderValues } from './orderValues.ts';
import { largestLeg, type Plan, planLiquidation } from './plan.ts';
import { chargedView, type LivePocket, pocketView } from './pocketView.ts';
import { verdictValues } from './verdictValues.ts';
import type { FillRow, LiquidationRow, OrderRow } from './rows.ts';
import type { Takeover } from './takeover.ts';
import type { WinnersTake } from './winnersTake.ts';

/** Orders a pocket may send at one mark before it waits for the next; recorded when hit. */
const STEPS_MAX = 50;

type Offer =
  | BookFill
  | { readonly lots: number; readonly price: Price; readonly priceRule: 'mark' | 'bankruptcy' };

export interface LiquidatorInput {
  readonly desk: Desk;
  readonly rules: RuleSet;
  readonly marks: Marks;
  readonly takeover: Takeover;
  readonly winners: WinnersTake;
  /** Recorded constituents of a market's index now, for `explain`. */
  readonly constituents: (market: MarketId) => Record<string, string>;
  /** Liquidation price of a pocket as it stood one beat earlier. */
  readonly estimate: (account: LiveAccount, pocket: PocketId, market: MarketId) => number | null;
  /** Watches an account anew that was looked at and found sound. */
  readonly watchAgain: (account: LiveAccount) => void;
}

export class Liquidator {
  /** Pockets under liquidation, oldest verdict first. */
  readonly cases: Case[] = [];
  stepLimitHit = false;
  private readonly input: LiquidatorInput;
  private books: ReadonlyMap<MarketId, BookAccess> = new Map();

  constructor(input: LiquidatorInput) {
    this.input = input;
  }

  /** A new beat: its books, and no step limit hit yet. */
  begin(books: ReadonlyMap<MarketId, BookAccess>): void {
    this.books = books;
    this.stepLimitHit = false;
  }

  /**
   * Judges pockets that the screen found; those that fail queue up in the order of the rule. A near
   * miss leaves no trace: the screened engine and the exhaustive one write the same rows.
   */
  admit(found: readonly PocketId[]): void {
    const { desk, marks, rules, watchAgain } = this.input;
    const { book, clocks } = desk;
    const busy = new Set(this.cases.map((c) => c.pocket));
    const fresh: Case[] = [];
    for (const pocket of found) {
      if (busy.has(pocket)) continue; // in its grace period the account is watched, but has its verdict
      const a = book.accountOf[pocket]!;
      const seen = book.read(a);
      const verdict = judge(chargedView(book, clocks, seen, pocket), marks, rules.trigger);
      if (!verdict.liquidatable) {
        watchAgain(seen);
        continue;
      }
      const account = desk.open(a);
      desk.changed.add(account);
      fresh.push(this.open(account, pocket, this.pocketOf(account, pocket), verdict));
    }
    if (rules.victimOrder === 'mostExposed') fresh.sort(byExposure);
    for (const c of fresh) this.cases.push(c);
  }

  /** Works every case once at this beat's mark. */
  work(): void {
    for (const [i, c] of this.cases.entries()) c.place = i + 1;
    for (const c of this.cases) if (!c.waitsForAdl) this.workOne(c);
    this.sweep();
  }

  /** Drops cases that ended; those that waited for ADL are settled by the takeover room. */
  sweep(): void {
    let kept = 0;
    for (const c of this.cases) if (c.outcome === 'open') this.cases[kept++] = c;
    this.cases.length = kept;
  }

  /** Rows of what is still under way at the end of a run. */
  openRows(): LiquidationRow[] {
    return this.cases.map((c) => liquidationRow(c, this.input.desk.tsUs, 'open'));
  }

  private pocketOf(account: LiveAccount, pocket: PocketId): LivePocket {
    return pocketView(this.input.desk.book, account, pocket);
  }

  private open(account: LiveAccount, pocket: PocketId, view: LivePocket, verdict: Verdict): Case {
    const { desk, marks, rules } = this.input;
    const leg = view.legs[largestLeg(view, marks)]!;
    const market = leg.market.id;
    const c = newCase({
      seq: desk.seq(),
      account,
      pocket,
      verdictUs: desk.tsUs,
      graceUntilUs: desk.tsUs + rules.freeze.graceUs,
      estimateF64: this.input.estimate(account, pocket, market),
      exposureF64: exposure(verdict.equity, verdict.maintenance),
      verdict: {
        market,
        side: leg.side,
        mode: account.cross ? 'cross' : 'isolated',
        legs: view.legs.length,
        leverage: leg.leverage,
        tier: legTier(leg, marks(market)) + 1,
        markAtVerdict: marks(market),
        equity: verdict.equity,
        maintenanceMargin: verdict.maintenance,
        notional: verdict.notional,
      },
    });
    if (rules.freeze.at === 'atVerdict') account.frozen.add(pocket);
    const values = (): Record<string, string> => ({
      ...verdictValues(view, { verdict, marks, rules }),
      ...Object.assign({}, ...view.legs.map((l) => this.input.constituents(l.market.id))),
    });
    desk.decide(() => ({ seq: c.seq, account: account.name, step: 'verdict', market, values: values() }));
    return c;
  }

  private workOne(c: Case): void {
    const { desk, rules, marks } = this.input;
    desk.settleFunding(c.account, c.seq); // a stamp may have passed since the verdict
    if (desk.tsUs < c.graceUntilUs) {
      if (!this.verdictOf(c).liquidatable) this.end(c, 'recovered');
      return;
    }
    c.account.frozen.add(c.pocket);
    this.cancelOrders(c);
    for (let step = 0; step < STEPS_MAX; step++) {
      const view = this.pocketOf(c.account, c.pocket);
      if (view.legs.length === 0) return this.closed(c);
      const verdict = judge(view, marks, rules.trigger);
      if (!verdict.liquidatable) return this.end(c, c.closedNotional.isZero() ? 'recovered' : 'reduced');
      const prices = bankruptcyPrices(view, marks);
      const plan = this.plan(c, view);
      const filled = this.send(
        c,
        view.legs[plan.leg]!,
        plan,
        prices[plan.leg] ?? marks(view.legs[plan.leg]!.market.id),
      );
      if (!filled.whole) return this.afterMiss(c, filled.fundLacks);
    }
    this.stepLimitHit = true;
  }

  private verdictOf(c: Case): Verdict {
    return judge(this.pocketOf(c.account, c.pocket), this.input.marks, this.input.rules.trigger);
  }

  private cancelOrders(c: Case): void {
    if (c.ordersCancelled) return;
    c.ordersCancelled = true;
    c.cancelledAny = c.account.orderMargin.isPositive();
    if (!c.cancelledAny) return;
    this.input.desk.decide(() => ({
      seq: c.seq,
      account: c.account.name,
      step: 'cancelOrders',
      market: c.account.cross ? null : c.verdict.market,
      values: { released: c.account.orderMargin.toString() },
    }));
    c.account.orderMargin = ZERO_MONEY;
  }

  private plan(c: Case, view: Pocket): Plan {
    const { desk, rules, marks } = this.input;
    const plan = planLiquidation({
      pocket: view,
      marks,
      attempt: c.tries,
      rules,
      fillPrice: (i) => {
        const leg = view.legs[i]!;
        return rules.order.kind === 'atMark'
          ? marks(leg.market.id)
          : this.books.get(leg.market.id)!.priceOf(leg.side, 1);
      },
      feeRate: (i, notional) =>
        clearanceFeeRate(view.legs[i]!.rules, { tsUs: desk.tsUs, mode: c.verdict.mode, notional }),
    });
    desk.decide(() => ({
      seq: c.seq,
      account: c.account.name,
      step: 'plan',
      market: view.legs[plan.leg]!.market.id,
      values: { kind: plan.kind, qty: plan.qty.toString(), why: plan.why, attempt: String(c.tries + 1) },
    }));
    return plan;
  }

  /**
   * Sends one order and posts what it got. `whole`: the plan was carried out in full.
   *
   * @param lastResort  a close at the mark within the book's room although nobody covers the loss: what
   *                    the ADL trigger `noFillAtMark` asks for before winners are touched
   */
  private send(
    c: Case,
    leg: LiveLeg,
    plan: Pick<Plan, 'kind' | 'qty'>,
    bankruptcy: Price,
    lastResort = false,
  ): { whole: boolean; fundLacks: boolean } {
    const { desk, rules, marks } = this.input;
    const book = this.books.get(leg.market.id)!;
    const planned = Number(wholeSteps(plan.qty, leg.market.qtyStep, 'down'));
    const wanted = lastResort ? Math.min(planned, book.roomFor(leg.side)) : planned;
    const mark = marks(leg.market.id);
    const kind = lastResort ? 'atMark' : rules.order.kind;
    const limit = kind === 'ioc' || kind === 'fok' ? bankruptcy : null;
    const fill = this.offered(kind, leg, wanted, bankruptcy);
    const carried =
      limit === null && !lastResort
        ? this.input.takeover.carriedBeyond({ leg, lots: fill.lots, price: fill.price, bankruptcy })
        : fill.lots;
    const fundLacks = carried < fill.lots;
    const beyond = fundLacks
      ? this.input.takeover.lossBeyond(leg, carried, bankruptcy, fill.price)
      : ZERO_MONEY;
    c.tries++;
    c.firstOrderUs ??= desk.tsUs;
    const seq = desk.seq();
    const fee = carried > 0 ? this.take(c, leg, { ...fill, lots: carried }, seq, book) : ZERO_MONEY;
    if (beyond.isPositive()) this.input.takeover.payLoss(c, beyond, leg.market.id, seq);
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
    return { whole: carried === wanted, fundLacks };
  }

  /** What an order of a kind is offered; only an order in the book asks the book. */
  private offered(kind: OrderRule['kind'], leg: LiveLeg, lots: number, bankruptcy: Price): Offer {
    if (kind === 'atMark') return { lots, price: this.input.marks(leg.market.id), priceRule: 'mark' };
    if (kind === 'atBankruptcy') return { lots, price: bankruptcy, priceRule: 'bankruptcy' };
    const limit = kind === 'market' ? null : bankruptcy;
    const fill = this.books.get(leg.market.id)!.offer(leg.side, lots, limit);
    return kind === 'fok' && fill.lots < lots ? { ...fill, lots: 0 } : fill;
  }

  /** Posts a fill: close, winners on the other side, clearance fee capped by what is left. Returns the fee. */
  private take(
    c: Case,
    leg: LiveLeg,
    fill: { lots: number; price: Price; priceRule: FillRow['priceRule'] },
    seq: number,
    book: BookAccess,
  ): Money {
    const { desk, rules, marks } = this.input;
    const { market } = leg;
    const before = valueAt(market, leg.qty, marks(market.id));
    const value = desk.close(c.account, leg, fill.lots, fill.price, {
      why: 'liquidation',
      priceRule: fill.priceRule,
      cause: seq,
    });
    if (fill.priceRule === 'mark') book.take(leg.side, fill.lots);
    if (fill.priceRule === 'book' || fill.priceRule === 'impact') {
      book.take(leg.side, fill.lots);
      this.input.winners.take({
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
    const rate = clearanceFeeRate(leg.rules, { tsUs: desk.tsUs, mode: c.verdict.mode, notional: before });
    const left = max(ZERO_MONEY, judge(this.pocketOf(c.account, c.pocket), marks, rules.trigger).equity);
    const fee = min(cut(value.times(rate), MONEY_SCALE, 'down'), left);
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

  /** The book did not take all of it: hand the rest over, or send it again next beat. */
  private afterMiss(c: Case, fundLacks: boolean): void {
    const rule = this.input.rules.takeover;
    const due =
      fundLacks ||
      rule.when === 'atOnce' ||
      (rule.when === 'afterTries' && c.tries >= rule.tries) ||
      (rule.when === 'markAtBankruptcy' && !this.verdictOf(c).equity.isPositive());
    if (!due) return;
    const view = this.pocketOf(c.account, c.pocket);
    if (view.legs.length === 0) return this.closed(c);
    if (this.input.rules.adl.triggers.includes('noFillAtMark')) {
      this.closeAtMark(c, view);
      if (this.pocketOf(c.account, c.pocket).legs.length === 0) return this.closed(c);
    }
    this.input.takeover.handOver(c, this.pocketOf(c.account, c.pocket), fundLacks);
    if (!c.waitsForAdl) this.end(c, 'takenOver');
  }

  /** The rule deleverages only what cannot be closed at the mark: what the book has room for is closed there. */
  private closeAtMark(c: Case, view: LivePocket): void {
    const { takeover, desk, marks } = this.input;
    const prices = bankruptcyPrices(view, marks);
    for (const [i, leg] of view.legs.entries()) {
      const room = this.books.get(leg.market.id)!.roomFor(leg.side);
      if (room === 0 || takeover.refusal(desk.fundOf(leg.market.id)) === null) continue;
      const plan = { kind: 'close', qty: leg.qty } as const;
      this.send(c, leg, plan, prices[i] ?? marks(leg.market.id), true);
    }
  }

  /** Every leg is closed in the book: what is left goes where the rule says, what is missing comes from the fund. */
  private closed(c: Case): void {
    const { desk, rules } = this.input;
    this.input.takeover.settleRest(c, rules.residue === 'toFund');
    desk.changed.add(c.account);
    this.end(c, 'closed');
  }

  private end(c: Case, end: LiquidationRow['end']): void {
    this.input.takeover.end(c, end);
  }
}
