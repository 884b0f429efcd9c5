/**
 * What becomes of contracts that no winner takes: `market` stands in at the price, or the position is
 * closed at the mark and the loss beyond the price is paid by `house` or spread over others
 * (socialised), by profit or by every unit that is open.
 */
import {
  MONEY_SCALE,
  max,
  type Money,
  min,
  perUnit,
  product,
  quotient,
  steps,
  sum,
  ZERO_MONEY,
} from '../basics/exact.ts';
import { lossPerUnit } from '../adl/spread.ts';
import { opposite } from '../ledger/side.ts';
import type { LiveAccount, LiveLeg, PocketId } from '../ledger/positionBook.ts';
import { type Marks, profit, unrealizedPnl, valueAt } from '../margin/leg.ts';
import { inAsset } from '../margin/multiAsset.ts';
import { isPooled } from '../margin/portfolioVerdict.ts';
import { judge } from '../margin/trigger.ts';
import type { Market, Side } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { closeLoser, loserOf, type ServedRequest } from './adlLoser.ts';
import type { AdlScores } from './adlScores.ts';
import type { Desk } from './desk.ts';
import { pocketView } from './pocketView.ts';

/** Lots of a request that nobody was left for. */
export interface Uncovered {
  readonly request: ServedRequest;
  readonly lots: number;
}

export class Shortage {
  private readonly desk: Desk;
  private readonly rules: RuleSet;
  private readonly marks: Marks;
  private readonly scores: AdlScores;
  /** Whether something was charged to everybody since this was last asked. */
  private charged = false;

  constructor(input: { desk: Desk; rules: RuleSet; marks: Marks; scores: AdlScores }) {
    this.desk = input.desk;
    this.rules = input.rules;
    this.marks = input.marks;
    this.scores = input.scores;
  }

  /** Whether everybody was charged, so that all triggers must be solved anew; asking forgets it. */
  takeCharged(): boolean {
    const { charged } = this;
    this.charged = false;
    return charged;
  }

  /**
   * Closes what is uncovered and lets somebody pay. Requests of one market are settled together.
   *
   * @returns loss at mark beyond the request's price, by entry; below 0 where the mark is the better price
   */
  settle(list: readonly Uncovered[]): Money[] {
    const losses = list.map(({ request, lots }) => this.lossAtMark(request, lots));
    const { shortage } = this.rules.adl;
    const owing = new Map<Market, number[]>();
    for (const [i, { request, lots }] of list.entries()) {
      if (shortage === 'market' || !losses[i]!.isPositive()) {
        closeLoser(this.desk, request, lots);
        continue;
      }
      const { market } = loserOf(request);
      owing.set(market, [...(owing.get(market) ?? []), i]);
    }
    for (const [market, places] of owing) {
      this.settleMarket(
        market,
        places.map((i) => ({ ...list[i]!, lost: losses[i]! })),
      );
    }
    return losses;
  }

  private lossAtMark(request: ServedRequest, lots: number): Money {
    const { market, side } = loserOf(request);
    const q = steps(lots, market.qtyStep);
    const probe = { market, side } as LiveLeg;
    return profit(probe, valueAt(market, q, request.price), valueAt(market, q, this.marks(market.id)));
  }

  private settleMarket(market: Market, list: readonly (Uncovered & { readonly lost: Money })[]): void {
    const { desk } = this;
    const { adl } = this.rules;
    const atMark = { price: this.marks(market.id), by: 'mark' } as const;
    const perBase = adl.shortage === 'socialise' && adl.spread === 'perBase';
    const isPocket = ({ request }: Uncovered): boolean => request.loser.kind === 'pocket';
    // who is closed already pays nothing per unit: a bankrupt position does not bear its own loss
    if (perBase) for (const one of list) if (isPocket(one)) closeLoser(desk, one.request, one.lots, atMark);
    const total = sum(list.map((one) => one.lost));
    const cause = list[0]!.request.seq;
    let collected = ZERO_MONEY;
    if (perBase) collected = this.chargeEveryUnit(market, total, cause);
    else if (adl.shortage === 'socialise') {
      const losing = loserOf(list[0]!.request).side;
      const sides: readonly Side[] = adl.ranking === 'socialise' ? ['long', 'short'] : [opposite(losing)];
      collected = this.chargeProfit(market, sides, { lost: total, cause });
    }
    for (const one of list) {
      const covered = collected.lt(total)
        ? quotient<'money'>('money', product('money', collected, one.lost), total, MONEY_SCALE, 'down')
        : one.lost;
      this.pay(one.request, {
        lost: one.lost,
        covered,
        from: perBase ? `funding:${market.id}` : 'socialised',
      });
      if (!(perBase && isPocket(one))) closeLoser(desk, one.request, one.lots, atMark);
    }
    const paid = desk.ledger.balance('socialised', market.settle);
    if (paid.isPositive()) this.toFund(market, { from: 'socialised', amount: paid, cause });
  }

  /** Pays a loser what the others bear, and the rest from `house`. */
  private pay(request: ServedRequest, by: { lost: Money; covered: Money; from: string }): void {
    const { desk } = this;
    const { loser, seq: cause } = request;
    if (loser.kind === 'fund') {
      this.toFund(loser.lot.market, { from: by.from, amount: by.covered, cause });
      return;
    }
    const asset = loser.leg.market.settle;
    const pay = { account: loser.of.account, pocket: loser.of.pocket, market: null, cause, asset };
    desk.credit({ ...pay, party: 'house', amount: by.lost.minus(by.covered), reason: 'insolvency' });
    desk.credit({ ...pay, party: by.from, amount: by.covered, reason: 'socialised-loss' });
  }

  private toFund(market: Market, by: { from: string; amount: Money; cause: number }): void {
    const fund = this.desk.fundOf(market.id);
    this.desk.move({
      ...by,
      asset: fund.rule.asset,
      to: fund.party,
      reason: 'socialised-loss',
      market: null,
    });
  }

  /**
   * The same amount for every unit that is open on either side, rounded up; what that is too much goes to the
   * fund. `market` pays at once, everybody else as funding is charged (docs/method.md); funds hold nothing
   * that could pay. Returns what is covered: all of it, or nothing where nothing is open.
   */
  private chargeEveryUnit(market: Market, lost: Money, cause: number): Money {
    const { desk } = this;
    const m = desk.book.marketIndex(market.id);
    const party = desk.parties[m]!;
    const { long, short } = desk.book.lots[m]!;
    const open = steps(long + short + Math.abs(party.lots), market.qtyStep);
    if (open.isZero()) return ZERO_MONEY;
    const each = lossPerUnit(lost, open, MONEY_SCALE - market.qtyStep.scale);
    const clearing = `funding:${market.id}`;
    desk.move({
      asset: market.settle,
      from: 'market',
      to: clearing,
      amount: perUnit(steps(Math.abs(party.lots), market.qtyStep), each),
      reason: 'socialised-loss',
      market: market.id,
      cause,
    });
    desk.clocks[m]!.accrue({ long: each, short: each });
    this.toFund(market, { from: clearing, amount: perUnit(open, each).minus(lost), cause });
    this.charged = true;
    return lost;
  }

  /**
   * Collects a loss from the winners of sides, pro rata to their profit, into the party `socialised`.
   * A winner gives no more than its equity: a loss that is spread must not make the next one.
   */
  private chargeProfit(
    market: Market,
    sides: readonly Side[],
    { lost, cause }: { lost: Money; cause: number },
  ): Money {
    const { desk } = this;
    const rows = sides.flatMap((side) => [...this.scores.winners(market, side).rows]);
    const left = new Map<PocketId, Money>(); // equity that earlier legs of the pocket leave
    const winners = rows.map((row) => {
      const account = desk.open(desk.book.accountOf[row]!);
      const leg = account.legs.find((l) => l.row === row)!;
      const pocket = desk.book.pocketOf(row);
      const equity = left.get(pocket) ?? this.equityOf(account, pocket, market);
      const gain = max(ZERO_MONEY, min(unrealizedPnl(leg, this.marks(market.id)), equity));
      left.set(pocket, equity.minus(gain));
      return { account, row, gain };
    });
    const total = sum(winners.map((w) => w.gain));
    if (!total.isPositive()) return ZERO_MONEY;
    const target = min(total, lost);
    let collected = ZERO_MONEY;
    for (const w of winners) {
      const part = quotient<'money'>('money', product('money', target, w.gain), total, MONEY_SCALE, 'down');
      desk.credit({
        account: w.account,
        pocket: desk.book.pocketOf(w.row),
        party: 'socialised',
        amount: part.neg(),
        reason: 'socialised-loss',
        market: null,
        cause,
        asset: market.settle,
      });
      collected = collected.plus(part);
    }
    return collected;
  }

  /** Equity of a pocket, in what the market settles in. */
  private equityOf(account: LiveAccount, pocket: PocketId, { settle }: Market): Money {
    const view = pocketView(this.desk.book, account, pocket);
    const { equity } = judge(view, this.marks, this.rules.trigger);
    return isPooled(view) ? inAsset(view.pool, settle, equity) : equity;
  }
}
