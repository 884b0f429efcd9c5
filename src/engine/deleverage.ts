/**
 * Stage 8: auto-deleveraging. Builds the queue of one market and side once per beat, asks adl/select
 * who closes how much, and posts it: loser and winner close at the bankruptcy price, fee-free.
 */
import { MONEY_SCALE, max, type Money, min, product, quotient, steps, ZERO_MONEY } from '../basics/exact.ts';
import type { AdlQueue } from '../adl/queue.ts';
import { lights } from '../adl/ranking.ts';
import { type Candidate, type Close, selectCloses } from '../adl/select.ts';
import { opposite } from '../ledger/side.ts';
import type { LiveLeg } from '../ledger/positionBook.ts';
import { type Marks, profit, unrealizedPnl, valueAt } from '../margin/leg.ts';
import { judge } from '../margin/trigger.ts';
import type { Market, Side } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { AdlScores } from './adlScores.ts';
import type { AdlRequest, Case } from './cases.ts';
import type { Desk } from './desk.ts';
import { pocketView } from './pocketView.ts';
import type { Takeover } from './takeover.ts';

export class Deleverage {
  private readonly desk: Desk;
  private readonly rules: RuleSet;
  private readonly marks: Marks;
  private readonly takeover: Takeover;
  private queues = new Map<string, AdlQueue>();
  private readonly scores: AdlScores;

  constructor(input: { desk: Desk; rules: RuleSet; marks: Marks; takeover: Takeover }) {
    this.desk = input.desk;
    this.rules = input.rules;
    this.marks = input.marks;
    this.takeover = input.takeover;
    const { book, clocks } = input.desk;
    this.scores = new AdlScores({ book, clocks, marks: input.marks, rules: input.rules });
  }

  /** Scores follow the rules that are in force now. */
  reprice(): void {
    this.scores.reprice();
  }

  /** Serves every request of the beat, in order. */
  serve(): void {
    this.queues = new Map();
    const waiting = new Set<Case>();
    for (const request of this.takeover.requests.splice(0)) {
      this.serveOne(request);
      if (request.loser.kind === 'pocket') waiting.add(request.loser.of);
    }
    for (const c of waiting) {
      c.waitsForAdl = false;
      this.takeover.settleRest(c, true);
      this.takeover.end(c, 'deleveraged');
    }
    for (const fund of this.desk.funds) fund.sweep();
  }

  /** Winners of a side, best score first: everybody in profit at mark. For lights and reports. */
  queueOf(market: Market, side: Side): AdlQueue {
    const key = `${market.id} ${side}`;
    let queue = this.queues.get(key);
    if (queue === undefined) {
      queue = this.scores.queue(market, side);
      this.queues.set(key, queue);
    }
    return queue;
  }

  /** Forgets queues of an earlier mark. */
  forget(): void {
    this.queues.clear();
  }

  private serveOne(request: AdlRequest): void {
    const { desk, rules } = this;
    const { market, side, name } = this.loserOf(request);
    const winner = opposite(side);
    const seq = desk.seq();
    const queue = this.queueOf(market, winner);
    const { closes, covered, skipped } = selectCloses({
      queue: this.standing(queue),
      lots: request.lots,
      ties: rules.adl.ties,
      isTie: (a, b) => queue.isTie(a, b),
      isEligible: (row) => this.isEligible(row, request),
    });
    for (const close of closes) this.closeWinner(close, { request, seq, queue: queue.size, loser: name });
    if (covered > 0) this.closeLoser(request, covered, seq);
    const uncovered = request.lots - covered;
    const lost = uncovered > 0 ? this.short(request, uncovered, seq) : ZERO_MONEY;
    desk.outbox.adlRequests.push({
      seq,
      tsUs: desk.tsUs,
      market: market.id,
      loser: name,
      side,
      qty: steps(request.lots, market.qtyStep),
      price: request.price,
      trigger: request.trigger,
      covered: steps(covered, market.qtyStep),
      uncovered: steps(uncovered, market.qtyStep),
      uncoveredMoney: lost,
      skipped,
      shortage: uncovered > 0 ? rules.adl.shortage : '-',
    });
    desk.decide(() => ({
      seq,
      account: name,
      step: 'adl',
      market: market.id,
      values: {
        lots: String(request.lots),
        price: request.price.toString(),
        mark: this.marks(market.id).toString(),
        trigger: request.trigger,
        ranking: rules.adl.ranking,
        winnersInQueue: String(queue.size),
        closed: String(closes.length),
        covered: String(covered),
        skipped: String(skipped),
      },
    }));
  }

  private loserOf(request: AdlRequest): { market: Market; side: Side; name: string } {
    const { loser } = request;
    if (loser.kind === 'pocket')
      return { market: loser.leg.market, side: loser.leg.side, name: loser.of.account.name };
    const { fund, lot } = loser;
    return { market: lot.market, side: lot.side, name: fund.party };
  }

  private closeLoser(
    request: AdlRequest,
    lots: number,
    seq: number,
    priceRule: 'bankruptcy' | 'mark' = 'bankruptcy',
  ): void {
    const by = { why: 'adl', priceRule, cause: seq } as const;
    const { loser } = request;
    if (loser.kind === 'pocket') {
      const value = this.desk.close(loser.of.account, loser.leg, lots, request.price, by);
      loser.of.closedNotional = loser.of.closedNotional.plus(value);
      if (loser.leg.lots === 0) loser.of.legsLost++;
      return;
    }
    this.desk.closeLot(loser.fund, loser.lot, lots, request.price, by);
  }

  private closeWinner(
    close: Close,
    by: { request: AdlRequest; seq: number; queue: number; loser: string },
  ): void {
    const { desk } = this;
    const account = desk.open(desk.book.accountOf[close.row]!);
    const leg = account.legs.find((l) => l.row === close.row)!;
    const { market } = leg;
    const mark = this.marks(market.id);
    const q = steps(close.lots, market.qtyStep);
    const givenUp = profit(leg, valueAt(market, q, mark), valueAt(market, q, by.request.price));
    const whole = leg.lots;
    desk.close(account, leg, close.lots, by.request.price, {
      why: 'adl',
      priceRule: 'bankruptcy',
      cause: by.seq,
    });
    desk.release(account, leg, close.lots, whole);
    account.orderMargin = ZERO_MONEY;
    desk.outbox.adl.push({
      seq: desk.seq(),
      tsUs: desk.tsUs,
      market: market.id,
      account: account.name,
      side: leg.side,
      qty: q,
      price: by.request.price,
      mark,
      scoreF64: close.scoreF64,
      rank: close.rank,
      lights: lights(close.rank, by.queue),
      loser: by.loser,
      hedger: account.hedger,
      givenUp,
      cause: by.seq,
    });
  }

  /** In profit at mark and solvent after closing what it holds at the price; the exact word. */
  private isEligible(row: number, request: AdlRequest): boolean {
    const { desk } = this;
    const account = desk.open(desk.book.accountOf[row]!);
    desk.changed.add(account);
    const pocket = desk.book.pocketOf(row);
    const leg = account.legs.find((l) => l.row === row)!;
    if (leg.lots === 0 || account.frozen.has(pocket)) return false;
    if (!unrealizedPnl(leg, this.marks(leg.market.id)).isPositive()) return false;
    const { equity } = judge(pocketView(desk.book, account, pocket), this.marks, this.rules.trigger);
    const given = profit(
      leg,
      valueAt(leg.market, leg.qty, this.marks(leg.market.id)),
      valueAt(leg.market, leg.qty, request.price),
    );
    return !equity.minus(given).isNegative();
  }

  /** Contracts nobody is left to take: the rule says who pays. Returns the loss at mark. */
  private short(request: AdlRequest, lots: number, seq: number): Money {
    const { market, side } = this.loserOf(request);
    const q = steps(lots, market.qtyStep);
    const mark = this.marks(market.id);
    const probe = { market, side } as LiveLeg;
    const lost = profit(probe, valueAt(market, q, request.price), valueAt(market, q, mark));
    const shortage = this.rules.adl.shortage;
    if (shortage === 'market' || !lost.isPositive()) {
      this.closeLoser(request, lots, seq);
      return lost;
    }
    const party = request.loser.kind === 'pocket' ? request.loser.of.account : null;
    const collected =
      shortage === 'socialise' ? this.socialise(market, opposite(side), lost, seq) : ZERO_MONEY;
    const rest = lost.minus(collected);
    if (party !== null && request.loser.kind === 'pocket') {
      const { pocket } = request.loser.of;
      const pay = { account: party, pocket, market: null, cause: seq };
      this.desk.credit({ ...pay, party: 'house', amount: rest, reason: 'insolvency' });
      this.desk.credit({ ...pay, party: 'socialised', amount: collected, reason: 'socialised-loss' });
    } else {
      const fund = this.desk.fundOf(market.id);
      const { asset } = fund.rule;
      this.desk.move({
        asset,
        from: 'socialised',
        to: fund.party,
        amount: collected,
        reason: 'socialised-loss',
        market: null,
        cause: seq,
      });
    }
    this.closeLoser({ ...request, price: mark }, lots, seq, 'mark');
    return lost;
  }

  /**
   * Collects a loss from all winners of a side, pro rata to their profit, into the party `socialised`.
   * A winner gives no more than its equity: a loss that is spread must not make the next one.
   */
  private socialise(market: Market, side: Side, lost: Money, seq: number): Money {
    const { desk } = this;
    const winners = [...this.standing(this.queueOf(market, side))].map(({ row }) => {
      const account = desk.open(desk.book.accountOf[row]!);
      const leg = account.legs.find((l) => l.row === row)!;
      const pocket = desk.book.pocketOf(row);
      const { equity } = judge(pocketView(desk.book, account, pocket), this.marks, this.rules.trigger);
      return { account, row, gain: max(ZERO_MONEY, min(unrealizedPnl(leg, this.marks(market.id)), equity)) };
    });
    const total = winners.reduce((sum, w) => sum.plus(w.gain), ZERO_MONEY);
    let collected = ZERO_MONEY;
    if (!total.isPositive()) return collected;
    const target = total.lt(lost) ? total : lost;
    for (const w of winners) {
      const part = quotient<'money'>('money', product('money', target, w.gain), total, MONEY_SCALE, 'down');
      desk.credit({
        account: w.account,
        pocket: desk.book.pocketOf(w.row),
        party: 'socialised',
        amount: part.neg(),
        reason: 'socialised-loss',
        market: null,
        cause: seq,
      });
      collected = collected.plus(part);
    }
    return collected;
  }

  /** Candidates that still hold something, with what they hold now. */
  private standing(queue: AdlQueue): IterableIterator<Candidate> {
    const { book } = this.desk;
    return queue.standing((c) => {
      const account = book.touched(book.accountOf[c.row]!);
      return account === undefined ? c.lots : account.legs.find((l) => l.row === c.row)!.lots;
    });
  }
}
