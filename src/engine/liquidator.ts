/**
 * Walks failing pockets through the venue's steps until they are sound or gone: cancel orders, plan,
 * send an order against the book, judge again; what the book does not take is sent again each beat
 * until the takeover rule says so. It decides by the pure rooms below and acts through the desk.
 */
import { Bits } from '../basics/bits.ts';
import { max, type Price, steps, ZERO_MONEY } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import { freeze, type LiveAccount, type PocketId } from '../ledger/positionBook.ts';
import { bankruptcyPrices } from '../margin/bankruptcy.ts';
import { type Marks, valueAt } from '../margin/leg.ts';
import { legTier } from '../margin/maintenance.ts';
import { shortageOf } from '../margin/ramp.ts';
import { judge, type Verdict } from '../margin/trigger.ts';
import type { MarketId } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { BookAccess } from './bookAccess.ts';
import { byExposure, type Case, exposure, liquidationRow, newCase } from './cases.ts';
import type { Desk } from './desk.ts';
import { ForcedOrders, type Sent } from './forcedOrders.ts';
import { Pace, type Span, Turn } from './pace.ts';
import { isLadder, largestLeg, legKey, type Plan, planLiquidation } from './plan.ts';
import { chargedView, type LivePocket, pocketView } from './pocketView.ts';
import { verdictValues } from './verdictValues.ts';
import type { LiquidationRow } from './rows.ts';
import type { Takeover } from './takeover.ts';
import { closesAll, defend, poolValues } from './wholeAccount.ts';
import type { WinnersTake } from './winnersTake.ts';

/** Orders a pocket may send at one mark before it waits for the next; recorded when hit. */
const STEPS_MAX = 50;

export interface LiquidatorInput {
  readonly desk: Desk;
  readonly rules: RuleSet;
  readonly marks: Marks;
  readonly takeover: Takeover;
  readonly winners: WinnersTake;
  readonly beatUs: Micros;
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
  /** Pockets that were frozen at any time: their owners' orders are gone. */
  readonly seized = new Bits();
  stepLimitHit = false;
  private readonly input: LiquidatorInput;
  private readonly orders: ForcedOrders;
  private readonly pace = new Pace();
  private span: Span = { fromUs: 0, untilUs: 0 };

  constructor(input: LiquidatorInput) {
    this.input = input;
    this.orders = new ForcedOrders(input);
  }

  /** A new beat: its books, its share of the engine's speed, and no step limit hit yet. */
  begin(books: ReadonlyMap<MarketId, BookAccess>): void {
    const { desk, rules, beatUs } = this.input;
    this.orders.begin(books);
    this.span = { fromUs: desk.tsUs - beatUs, untilUs: desk.tsUs };
    this.pace.begin(rules.speed, this.span);
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
    account.cases++;
    const c = newCase({
      seq: desk.seq(),
      account,
      pocket,
      verdictUs: desk.tsUs,
      graceUntilUs: desk.tsUs + rules.freeze.graceUs,
      startUs: desk.tsUs + (rules.speed?.latencyUs ?? 0),
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
    if (rules.freeze.at === 'atVerdict') this.freeze(c);
    const values = (): Record<string, string> => ({
      ...verdictValues(view, { verdict, marks, rules }),
      ...poolValues(desk, account),
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
    if (desk.tsUs < c.startUs || (!c.begun && !this.pace.hasAccount)) return;
    if (!c.account.frozen.has(c.pocket)) {
      if (this.pocketOf(c.account, c.pocket).legs.length === 0) return this.end(c, 'recovered'); // the owner left
      this.freeze(c);
    }
    this.cancelOrders(c);
    defend(desk, c, { rules, marks });
    if (rules.reduction.netFirst === true) this.net(c);
    const turn = new Turn(rules.reduction, this.span);
    for (let step = 0; step < STEPS_MAX + turn.allowance(c.verdict.legs); step++) {
      const view = this.pocketOf(c.account, c.pocket);
      if (view.legs.length === 0) return this.closed(c);
      const verdict = judge(view, marks, rules.trigger);
      const waits = desk.tsUs < c.waitUntilUs;
      if (!waits && this.isSound(c, verdict))
        return this.end(c, c.closedNotional.isZero() ? 'recovered' : 'reduced');
      if (this.isTakenWhole(c, verdict)) return this.handOver(c, false);
      if (waits || !this.pace.hasOrder) return;
      const plan = this.plan(c, view, { verdict, turn });
      if (plan === null) {
        if (turn.nextBlock()) continue;
        return;
      }
      if (plan.kind === 'close' && isLadder(rules)) return this.handOver(c, false);
      const sent = this.send(c, view, { plan, verdict, turn });
      if (!sent.whole) return this.afterMiss(c, plan, sent.fundLacks);
    }
    this.stepLimitHit = true;
  }

  /** Lets the long and the short of a market cancel each other at the mark: no order, no fee. */
  private net(c: Case): void {
    const { desk, marks } = this.input;
    const { legs } = this.pocketOf(c.account, c.pocket);
    for (const long of legs) {
      const short = legs.find((l) => l.market === long.market && l.side === 'short');
      if (long.side !== 'long' || short === undefined) continue;
      const lots = Math.min(long.lots, short.lots);
      const mark = marks(long.market.id);
      const cause = desk.seq();
      desk.decide(() => ({
        seq: cause,
        account: c.account.name,
        step: 'plan',
        market: long.market.id,
        values: {
          kind: 'net',
          qty: steps(lots, long.market.qtyStep).toString(),
          why: 'netFirst',
          attempt: String(c.tries + 1),
        },
      }));
      this.begun(c);
      for (const leg of [long, short]) {
        const value = desk.close(c.account, leg, lots, mark, {
          why: 'liquidation',
          priceRule: 'mark',
          cause,
        });
        c.closedNotional = c.closedNotional.plus(value);
        if (leg.lots === 0) c.legsLost++;
      }
    }
  }

  /** Sends the order of a plan and remembers what it used up. */
  private send(c: Case, view: LivePocket, by: { plan: Plan; verdict: Verdict; turn: Turn }): Sent {
    const { desk, rules, marks } = this.input;
    const { plan, verdict, turn } = by;
    const leg = view.legs[plan.leg]!;
    const bankruptcy = bankruptcyPrices(view, marks)[plan.leg] ?? marks(leg.market.id);
    this.begun(c);
    this.pace.takeOrder();
    const before = leg.qty;
    const sent = this.isRepeat(c, view, plan)
      ? this.orders.sendAgain(c)
      : this.orders.send({ c, leg, plan, bankruptcy, verdict });
    c.missed = !sent.filled && !this.orders.hasRoom(leg);
    turn.record(legKey(leg), valueAt(leg.market, before.minus(leg.qty), marks(leg.market.id)));
    const rule = rules.reduction;
    if (rule.kind === 'ramp') {
      const after = shortageOf(this.verdictOf(c), rule.buffer);
      c.freed = max(ZERO_MONEY, c.freed.plus(shortageOf(verdict, rule.buffer)).minus(after));
    }
    const pauseUs = this.pauseAfter(plan);
    if (pauseUs !== undefined && sent.filled) c.waitUntilUs = desk.tsUs + pauseUs;
    return sent;
  }

  /**
   * Whether an order would meet the same empty book as the one before it. Of rules that send an order every
   * beat until the account is sound it is not written again: thousands of accounts may wait for one book.
   */
  private isRepeat(c: Case, view: LivePocket, plan: Plan): boolean {
    const isPaced = ['increments', 'blockLimit', 'ramp'].includes(this.input.rules.reduction.kind);
    return isPaced && c.missed && !this.orders.hasRoom(view.legs[plan.leg]!);
  }

  /** How long the account waits after a step of a plan; undefined: not at all. */
  private pauseAfter({ kind }: Plan): Micros | undefined {
    const rule = this.input.rules.reduction;
    if (kind === 'close') return undefined;
    return rule.kind === 'tierStepDown'
      ? rule.pauseUs
      : rule.kind === 'fraction'
        ? rule.cooldownUs
        : undefined;
  }

  private freeze({ account, pocket }: Case): void {
    freeze(account, pocket);
    this.seized.add(pocket);
  }

  private begun(c: Case): void {
    if (c.begun) return;
    c.begun = true;
    this.pace.takeAccount();
  }

  /** Whether a pocket needs nothing more: its trigger is false, or, once a ramp is under way, its buffer is full. */
  private isSound(c: Case, verdict: Verdict): boolean {
    const rule = this.input.rules.reduction;
    if (!c.closedNotional.isZero() && closesAll(this.input.rules, c.account)) return false;
    return rule.kind === 'ramp' && !c.closedNotional.isZero()
      ? !shortageOf(verdict, rule.buffer).isPositive()
      : !verdict.liquidatable;
  }

  /**
   * Whether a failing pocket is handed over without a further order: its equity is below the share of the
   * rule, or the one step of a ladder was made and it is still short.
   */
  private isTakenWhole(c: Case, { equity, maintenance }: Verdict): boolean {
    const { takeover } = this.input.rules;
    if (takeover.when === 'equityBelow') return equity.lt(maintenance.times(takeover.share));
    return c.tries > 0 && isLadder(this.input.rules);
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

  private plan(c: Case, view: LivePocket, by: { verdict: Verdict; turn: Turn }): Plan | null {
    const { desk, rules, marks } = this.input;
    const plan = planLiquidation({
      pocket: view,
      marks,
      progress: {
        attempt: c.tries,
        filled: !c.closedNotional.isZero(),
        elapsedUs: desk.tsUs - c.verdictUs,
        freed: c.freed,
        turn: by.turn,
      },
      rules,
      fillPrice: (i) => this.orders.expected(view.legs[i]!),
      feeRate: (i, notional) => this.orders.feeRate({ c, leg: view.legs[i]!, verdict: by.verdict }, notional),
    });
    if (plan === null || this.isRepeat(c, view, plan)) return plan;
    desk.decide(() => ({
      seq: c.seq,
      account: c.account.name,
      step: 'plan',
      market: view.legs[plan.leg]!.market.id,
      values: { kind: plan.kind, qty: plan.qty.toString(), why: plan.why, attempt: String(c.tries + 1) },
    }));
    return plan;
  }

  /** The book did not take all of it: hand the rest over, or send it again next beat, or after the pause. */
  private afterMiss(c: Case, plan: Plan, fundLacks: boolean): void {
    const rule = this.input.rules.takeover;
    const due =
      fundLacks ||
      (rule.when === 'atOnce' && this.pauseAfter(plan) === undefined) ||
      (rule.when === 'afterTries' && c.tries >= rule.tries) ||
      (rule.when === 'markAtBankruptcy' && !this.verdictOf(c).equity.isPositive());
    if (due) this.handOver(c, fundLacks);
  }

  /** Everything that is left goes to the fund, and what it refuses to the winners. */
  private handOver(c: Case, fundLacks: boolean): void {
    this.begun(c);
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
    const verdict = this.verdictOf(c);
    for (const [i, leg] of view.legs.entries()) {
      if (this.orders.roomFor(leg) === 0 || takeover.refusal(desk.fundOf(leg.market.id)) === null) continue;
      const bankruptcy: Price = prices[i] ?? marks(leg.market.id);
      const plan = { kind: 'close', qty: leg.qty } as const;
      this.orders.send({ c, leg, plan, bankruptcy, verdict, lastResort: true });
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
