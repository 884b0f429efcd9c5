/**
 * Stage 8: auto-deleveraging. Ranks or weighs one market and side once per beat, asks adl/ who closes
 * how much, and posts it: loser and winner close at the price of the rule.
 */
import { cut, MONEY_SCALE, max, type Money, min, type Price, steps, ZERO_MONEY } from '../basics/exact.ts';
import { draw, hashText } from '../basics/draw.ts';
import { adlPrice } from '../adl/price.ts';
import type { AdlQueue } from '../adl/queue.ts';
import { isRanked, isShare, lights, type SharePolicy } from '../adl/ranking.ts';
import { type Candidate, type Close, selectCloses } from '../adl/select.ts';
import { planShared } from '../adl/shareRequests.ts';
import { opposite } from '../ledger/side.ts';
import type { LiveAccount, LiveLeg } from '../ledger/positionBook.ts';
import { type Marks, profit, unrealizedPnl, valueAt } from '../margin/leg.ts';
import { judge } from '../margin/trigger.ts';
import type { Market, Side } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { closeLoser, loserOf, type ServedRequest } from './adlLoser.ts';
import { AdlScores, type WinnerColumns } from './adlScores.ts';
import type { AdlRequest, Case } from './cases.ts';
import type { Desk } from './desk.ts';
import { pocketView } from './pocketView.ts';
import { Shortage } from './shortage.ts';
import type { Takeover } from './takeover.ts';

const START = hashText('adlStart');

/** How much of a request is served, and by whom. */
interface Progress {
  readonly request: ServedRequest;
  /** Winners that the rule had to choose from. */
  readonly queue: number;
  left: number;
  closed: number;
  skipped: number;
}

export class Deleverage {
  private readonly desk: Desk;
  private readonly rules: RuleSet;
  private readonly marks: Marks;
  private readonly takeover: Takeover;
  private readonly previousMarks: Marks;
  private readonly seed: number;
  private readonly queues = new Map<string, AdlQueue>();
  private readonly columns = new Map<string, WinnerColumns>();
  private readonly scores: AdlScores;
  private readonly shortage: Shortage;

  constructor(input: {
    desk: Desk;
    rules: RuleSet;
    marks: Marks;
    /** Marks of the beat before. */
    previousMarks: Marks;
    takeover: Takeover;
    seed: string;
  }) {
    const { desk, rules, marks } = input;
    this.desk = desk;
    this.rules = rules;
    this.marks = marks;
    this.previousMarks = input.previousMarks;
    this.takeover = input.takeover;
    this.seed = hashText(input.seed);
    this.scores = new AdlScores({ book: desk.book, clocks: desk.clocks, marks, rules });
    this.shortage = new Shortage({ desk, rules, marks, scores: this.scores });
  }

  /** Scores follow the rules that are in force now. */
  reprice(): void {
    this.scores.reprice();
  }

  /** Serves every request of the beat: in order, or all together where the rule shares. */
  serve(): void {
    const { ranking } = this.rules.adl;
    this.forget();
    const waiting = new Set<Case>();
    const together: ServedRequest[] = [];
    for (const request of this.takeover.requests.splice(0)) {
      for (const served of this.admit(request)) {
        if (isShare(ranking) || ranking === 'socialise') together.push(served);
        else this.serveOne(served);
      }
      if (request.loser.kind === 'pocket') waiting.add(request.loser.of);
    }
    if (isShare(ranking)) this.serveShared(ranking, together);
    else this.finish(together.map((request) => progress(request, 0)));
    for (const c of waiting) {
      c.waitsForAdl = false;
      this.takeover.settleRest(c, true);
      this.takeover.end(c, ranking === 'socialise' ? 'closed' : 'deleveraged');
    }
    for (const fund of this.desk.funds) fund.sweep();
  }

  /** Whether a loss was charged to everybody, so that all triggers must be solved anew; asking forgets it. */
  takeCharged(): boolean {
    return this.shortage.takeCharged();
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
    this.columns.clear();
  }

  /**
   * The price of a request. One that is better for the winner than bankruptcy holds for as many lots as
   * the fund can pay the difference of, which it does at once; the others close at the bankruptcy price.
   */
  private admit(request: AdlRequest): ServedRequest[] {
    const { desk, takeover } = this;
    const { market } = loserOf(request);
    const bankruptcy = request.price;
    const [mark, previousMark] = [this.marks(market.id), this.previousMarks(market.id)];
    const { price, by } = adlPrice(this.rules.adl.price, { bankruptcy, mark, previousMark });
    if (by === 'bankruptcy') return [{ ...request, by, seq: desk.seq() }];
    const { loser, lots } = request;
    const leg = loser.kind === 'pocket' ? loser.leg : (loser.lot as unknown as LiveLeg);
    const loses = takeover.lossBeyond(leg, lots, bankruptcy, price).isPositive();
    let carried = lots;
    // a fund that gives its inventory away has nothing to pay with
    if (loses) carried = loser.kind === 'fund' ? 0 : takeover.carriedBeyond({ leg, lots, price, bankruptcy });
    const served: ServedRequest[] = [];
    if (carried > 0) {
      const seq = desk.seq();
      const loss = takeover.lossBeyond(leg, carried, bankruptcy, price);
      if (loser.kind === 'pocket' && loss.isPositive()) takeover.payLoss(loser.of, loss, market.id, seq);
      served.push({ ...request, lots: carried, price, by, seq });
    }
    if (carried < lots) served.push({ ...request, lots: lots - carried, by: 'bankruptcy', seq: desk.seq() });
    return served;
  }

  private serveOne(request: ServedRequest): void {
    const { adl } = this.rules;
    const { market, side } = loserOf(request);
    const winner = opposite(side);
    const queue = adl.ranking === 'random' ? null : this.queueOf(market, winner);
    const columns = queue === null ? this.columnsOf(market, winner) : null;
    const done = progress(request, queue?.size ?? columns!.rows.length);
    const { closes, covered, skipped } = selectCloses({
      queue: queue === null ? this.standingFrom(columns!, request.seq) : this.standing(queue),
      lots: request.lots,
      ties: adl.ties,
      isTie: (a, b) => queue?.isTie(a, b) ?? false,
      isEligible: (row) => this.isEligible(row, request),
      maxVisits: adl.maxVisits,
    });
    for (const close of closes) this.closeWinner(close, done);
    done.left -= covered;
    done.skipped = skipped;
    this.finish([done]);
  }

  /**
   * Serves requests of one beat together: the policy shares their contracts over the winners of each side
   * once, the requests draw on that in order, each at its own price. Whom a price would bankrupt gives
   * nothing to that request; what it would have given is shared over the others.
   */
  private serveShared(policy: SharePolicy, requests: readonly ServedRequest[]): void {
    const groups = new Map<string, ServedRequest[]>();
    for (const request of requests) {
      const { market, side } = loserOf(request);
      const key = `${market.id} ${side}`;
      groups.set(key, [...(groups.get(key) ?? []), request]);
    }
    for (const group of groups.values()) {
      const { market, side } = loserOf(group[0]!);
      const winners = this.scores.winners(market, opposite(side));
      const list = group.map((request) => progress(request, winners.rows.length));
      const plans = planShared({
        policy,
        winners,
        wanted: group.map((request) => request.lots),
        isEligible: (k, i) => this.isEligible(winners.rows[k]!, group[i]!),
      });
      for (const [i, done] of list.entries()) {
        const { parts, left, skipped } = plans[i]!;
        for (const [k, lots] of [...parts].sort(([x], [y]) => x - y))
          this.closeWinner({ row: winners.rows[k]!, lots, rank: 1, scoreF64: winners.scores[k]! }, done);
        Object.assign(done, { left, skipped });
      }
      this.finish(list);
    }
  }

  /** Closes the losers, settles what nobody took, and writes the requests down. */
  private finish(list: readonly Progress[]): void {
    const { desk, rules } = this;
    for (const { request, left } of list)
      if (left < request.lots) closeLoser(desk, request, request.lots - left);
    const short = list.filter((p) => p.left > 0);
    const losses = this.shortage.settle(short.map((p) => ({ request: p.request, lots: p.left })));
    for (const p of list) {
      const { request, left } = p;
      const { market, side, name } = loserOf(request);
      const i = short.indexOf(p);
      desk.outbox.adlRequests.push({
        seq: request.seq,
        tsUs: desk.tsUs,
        market: market.id,
        loser: name,
        side,
        qty: steps(request.lots, market.qtyStep),
        price: request.price,
        trigger: request.trigger,
        covered: steps(request.lots - left, market.qtyStep),
        uncovered: steps(left, market.qtyStep),
        uncoveredMoney: i < 0 ? ZERO_MONEY : losses[i]!,
        skipped: p.skipped,
        shortage: left > 0 ? rules.adl.shortage : '-',
      });
      this.explain(p);
    }
  }

  private explain({ request, queue, left, closed, skipped }: Progress): void {
    const { market, name } = loserOf(request);
    this.desk.decide(() => ({
      seq: request.seq,
      account: name,
      step: 'adl',
      market: market.id,
      values: {
        lots: String(request.lots),
        price: request.price.toString(),
        mark: this.marks(market.id).toString(),
        trigger: request.trigger,
        ranking: this.rules.adl.ranking,
        winnersInQueue: String(queue),
        closed: String(closed),
        covered: String(request.lots - left),
        skipped: String(skipped),
      },
    }));
  }

  private closeWinner(close: Close, done: Progress): void {
    const { desk } = this;
    const { request, queue } = done;
    const account = desk.open(desk.book.accountOf[close.row]!);
    const leg = account.legs.find((l) => l.row === close.row)!;
    const { market } = leg;
    const mark = this.marks(market.id);
    const q = steps(close.lots, market.qtyStep);
    const givenUp = profit(leg, valueAt(market, q, mark), valueAt(market, q, request.price));
    const whole = leg.lots;
    const value = desk.close(account, leg, close.lots, request.price, {
      why: 'adl',
      priceRule: request.by,
      cause: request.seq,
    });
    this.chargeFee(account, leg, value, request.seq);
    desk.release(account, leg, close.lots, whole);
    account.orderMargin = ZERO_MONEY;
    done.closed++;
    desk.outbox.adl.push({
      seq: desk.seq(),
      tsUs: desk.tsUs,
      market: market.id,
      account: account.name,
      side: leg.side,
      qty: q,
      price: request.price,
      mark,
      scoreF64: close.scoreF64,
      rank: close.rank,
      lights: isRanked(this.rules.adl.ranking) ? lights(close.rank, queue) : 0,
      loser: loserOf(request).name,
      hedger: account.hedger,
      givenUp,
      cause: request.seq,
    });
  }

  /** The winner's fee to the fund, never more than its equity. */
  private chargeFee(account: LiveAccount, leg: LiveLeg, value: Money, cause: number): void {
    const { desk, rules } = this;
    const { winnerFee } = rules.adl;
    if (winnerFee === undefined) return;
    const pocket = desk.book.pocketOf(leg.row);
    const { equity } = judge(pocketView(desk.book, account, pocket), this.marks, rules.trigger);
    const fee = min(cut(value.times(winnerFee), MONEY_SCALE, 'down'), max(ZERO_MONEY, equity));
    const party = desk.fundOf(leg.market.id).party;
    desk.credit({ account, pocket, party, amount: fee.neg(), reason: 'adl-fee', market: null, cause });
  }

  /** Whom the rule may close, and solvent after closing what it holds at the price; the exact word. */
  private isEligible(row: number, { price }: { readonly price: Price }): boolean {
    const { desk } = this;
    const account = desk.open(desk.book.accountOf[row]!);
    desk.changed.add(account);
    const pocket = desk.book.pocketOf(row);
    const leg = account.legs.find((l) => l.row === row)!;
    if (leg.lots === 0 || account.frozen.has(pocket)) return false;
    const mark = this.marks(leg.market.id);
    if (this.rules.adl.eligible !== 'anySolvent' && !unrealizedPnl(leg, mark).isPositive()) return false;
    const { equity } = judge(pocketView(desk.book, account, pocket), this.marks, this.rules.trigger);
    const given = profit(leg, valueAt(leg.market, leg.qty, mark), valueAt(leg.market, leg.qty, price));
    return !equity.minus(given).isNegative();
  }

  /** Positions of a side in the order of their rows, weighed once per beat. */
  private columnsOf(market: Market, side: Side): WinnerColumns {
    const key = `${market.id} ${side}`;
    const found = this.columns.get(key) ?? this.scores.winners(market, side);
    this.columns.set(key, found);
    return found;
  }

  /** Everybody of a side from a drawn start on, round and round once: dYdX's order. */
  private *standingFrom({ rows, scores }: WinnerColumns, id: number): IterableIterator<Candidate> {
    const start = Math.floor(draw(this.seed, id, START) * rows.length);
    const held = this.desk.book.heldLots();
    for (let i = 0; i < rows.length; i++) {
      const k = (start + i) % rows.length;
      const lots = held[rows[k]!]!;
      if (lots > 0) yield { row: rows[k]!, lots, scoreF64: scores[k]! };
    }
  }

  /** Candidates that still hold something, with what they hold now. */
  private standing(queue: AdlQueue): IterableIterator<Candidate> {
    const held = this.desk.book.heldLots();
    return queue.standing((c) => held[c.row]!);
  }
}

const progress = (request: ServedRequest, queue: number): Progress => ({
  request,
  queue,
  left: request.lots,
  closed: 0,
  skipped: 0,
});
