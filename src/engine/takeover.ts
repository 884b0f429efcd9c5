/**
 * What happens to what the book did not take: the fund assumes it at the bankruptcy price as far as
 * its rules let it, the rest goes to auto-deleveraging. Also: how the fund works its inventory, and
 * how a case ends.
 */
import { type Money, min, type Price, ONE, product, steps, wholeSteps } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { InsuranceFund, InventoryLot } from '../ledger/insuranceFund.ts';
import { collateralOf, type LiveLeg, thaw } from '../ledger/positionBook.ts';
import { sign } from '../ledger/side.ts';
import { bankruptcyPrices } from '../margin/bankruptcy.ts';
import { type Leg, type Marks, profit, valueAt } from '../margin/leg.ts';
import type { MarketId } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { BookAccess, BookFill } from './bookAccess.ts';
import { type Case, liquidationRow, type AdlRequest } from './cases.ts';
import type { Desk } from './desk.ts';
import type { LivePocket } from './pocketView.ts';
import type { LiquidationRow } from './rows.ts';
import { settleWhole } from './wholeAccount.ts';
import type { WinnersTake } from './winnersTake.ts';

type Position = Pick<Leg, 'market' | 'side'>;

export class Takeover {
  /** Requests for ADL of this beat, in order. */
  readonly requests: AdlRequest[] = [];
  private readonly desk: Desk;
  private readonly rules: RuleSet;
  private readonly marks: Marks;
  private readonly winners: WinnersTake;
  /** Funds that refused something in this beat. */
  private readonly refused = new Set<InsuranceFund>();
  private readonly nextClearUs = new Map<InsuranceFund, Micros>();
  private readonly owed: { readonly c: Case; readonly market: MarketId }[] = [];

  constructor(input: { desk: Desk; rules: RuleSet; marks: Marks; winners: WinnersTake }) {
    this.desk = input.desk;
    this.rules = input.rules;
    this.marks = input.marks;
    this.winners = input.winners;
  }

  /** Cash plus inventory at mark. */
  valueOf(fund: InsuranceFund): Money {
    const cash = this.desk.cashOf(fund);
    return fund.isEmpty ? cash : cash.plus(fund.inventoryPnl(this.marks));
  }

  /** Why a fund takes nothing now; null when it does. Without ADL a fund never refuses: `house` pays. */
  refusal(fund: InsuranceFund): 'empty' | 'drawdown' | null {
    if (this.rules.adl.ranking === 'none') return null;
    const why = fund.refuses(this.desk.tsUs, this.valueOf(fund));
    if (why !== null) this.refused.add(fund);
    return why;
  }

  /** Whether a fund refuses now or refused anything in this beat. */
  hasRefused(fund: InsuranceFund): boolean {
    return this.refusal(fund) !== null || this.refused.has(fund);
  }

  /** A new beat: nothing is refused yet. */
  begin(): void {
    if (this.refused.size > 0) this.refused.clear();
  }

  /**
   * Of lots offered at a price, how many may be sold although the price is beyond bankruptcy: as far
   * as the fund's cash and its limit for one beat cover the loss. All of them where nobody loses, or where
   * there is no ADL.
   */
  carriedBeyond(o: { leg: LiveLeg; lots: number; price: Price; bankruptcy: Price }): number {
    if (o.lots === 0 || this.rules.adl.ranking === 'none') return o.lots;
    const fund = this.desk.fundOf(o.leg.market.id);
    const limit = fund.lossLeft(this.desk.tsUs);
    if (!fund.rule.refusal.empty && limit === null) return o.lots;
    const loss = this.lossBeyond(o.leg, o.lots, o.bankruptcy, o.price);
    if (!loss.isPositive()) return o.lots;
    const means = fund.rule.refusal.empty ? min(this.desk.cashOf(fund), this.valueOf(fund)) : limit!;
    return this.lotsWithin(o, min(means, limit ?? means));
  }

  /** Of lots at a price, how many lose no more than so much money beyond their bankruptcy price. */
  private lotsWithin(
    o: { leg: Position; lots: number; price: Price; bankruptcy: Price },
    means: Money,
  ): number {
    const loss = this.lossBeyond(o.leg, o.lots, o.bankruptcy, o.price);
    if (!loss.isPositive() || loss.lte(means)) return o.lots;
    if (!means.isPositive()) return 0;
    const share = product('money', means, steps(o.lots, ONE));
    let lots = Number(wholeSteps(share, loss, 'down'));
    while (lots > 0 && means.lt(this.lossBeyond(o.leg, lots, o.bankruptcy, o.price))) lots--;
    return lots;
  }

  /** What closing lots at a price loses beyond their bankruptcy price; negative: it is better than that. */
  lossBeyond(leg: Position, lots: number, bankruptcy: Price, price: Price): Money {
    const q = steps(lots, leg.market.qtyStep);
    return profit(leg, valueAt(leg.market, q, price), valueAt(leg.market, q, bankruptcy)).neg();
  }

  /** The fund pays a loss beyond bankruptcy at once, so that what is left keeps its bankruptcy price. */
  payLoss(c: Case, amount: Money, market: MarketId, cause: number): void {
    const fund = this.desk.fundOf(market);
    const { account, pocket } = c;
    const party = fund.party;
    this.desk.credit({ account, pocket, party, amount, reason: 'deficit', market: null, cause });
    this.desk.keepSolvent(fund, cause);
    fund.lose(this.desk.tsUs, amount);
    c.deficit = c.deficit.plus(amount);
  }

  /**
   * Hands every leg of a pocket to the fund at its bankruptcy price; what it refuses waits for ADL.
   *
   * @param fundLacks  its cash could not carry the order that just went out: it takes nothing
   */
  handOver(c: Case, view: LivePocket, fundLacks: boolean): void {
    const { desk } = this;
    const prices = bankruptcyPrices(view, this.marks);
    for (const [i, leg] of view.legs.entries()) {
      const bankruptcy = prices[i] ?? this.marks(leg.market.id);
      const fund = desk.fundOf(leg.market.id);
      const refusal = fundLacks ? 'empty' : this.refusal(fund);
      const room = refusal === null ? this.roomOf(fund, leg) : 0;
      const seq = desk.seq();
      desk.decide(() => ({
        seq,
        account: c.account.name,
        step: 'takeover',
        market: leg.market.id,
        values: {
          qty: leg.qty.toString(),
          bankruptcyPrice: bankruptcy.toString(),
          mark: this.marks(leg.market.id).toString(),
          fund: fund.rule.name,
          fundCash: desk.cashOf(fund).toString(),
          fundValue: this.valueOf(fund).toString(),
          refusal: refusal ?? (room < leg.lots ? 'netNotionalCap' : '-'),
          takenLots: String(room),
          adlLots: String(leg.lots - room),
        },
      }));
      const rest = leg.lots - room;
      if (room > 0) {
        const { market, side } = leg;
        c.closedNotional = c.closedNotional.plus(
          desk.close(c.account, leg, room, bankruptcy, {
            why: 'takeover',
            priceRule: 'bankruptcy',
            cause: seq,
          }),
        );
        desk.takeOver(fund, { market, side, bankruptcyPrice: bankruptcy, cause: seq, lots: room });
      }
      if (rest === 0) c.legsLost++;
      else {
        c.waitsForAdl = true;
        this.requests.push({
          loser: { kind: 'pocket', of: c, leg },
          lots: rest,
          price: bankruptcy,
          trigger: 'fundRefuses',
        });
      }
    }
    if (!c.waitsForAdl) this.settleRest(c, true);
  }

  private roomOf(fund: InsuranceFund, leg: LiveLeg): number {
    if (this.rules.adl.ranking === 'none') return leg.lots;
    return fund.roomFor(
      { market: leg.market, side: leg.side, lots: leg.lots },
      this.valueOf(fund),
      this.marks,
    );
  }

  /** A pocket without legs: a positive rest is residue (or the trader's), a negative one a deficit. */
  settleRest(c: Case, toFund: boolean): void {
    const { desk } = this;
    if (desk.book.poolOf(c.account) !== null) return settleWhole(desk, c);
    const left = collateralOf(c.account, c.pocket);
    const fund = desk.fundOf(c.verdict.market);
    if (left.isNegative()) {
      if (fund.rule.clearEveryUs > 0) {
        c.account.cases++;
        this.owed.push({ c, market: c.verdict.market });
        c.deficit = c.deficit.minus(left);
      } else c.deficit = c.deficit.plus(desk.coverDeficit(c.account, c.pocket, c.verdict.market, c.seq));
    } else if (toFund && left.isPositive()) {
      c.residue = c.residue.plus(left);
      desk.credit({
        account: c.account,
        pocket: c.pocket,
        party: fund.party,
        amount: left.neg(),
        reason: 'residue',
        market: null,
        cause: c.seq,
      });
    } else desk.freeMargin(c.account, c.pocket);
  }

  /** Negative balances that a fund's rule clears only every so often. @param now  true: at once, at the end of a run */
  clearOwed(now = false): void {
    const { tsUs } = this.desk;
    for (const fund of this.desk.funds) {
      const every = fund.rule.clearEveryUs;
      if (every === 0 || (!now && tsUs < (this.nextClearUs.get(fund) ?? 0))) continue;
      this.nextClearUs.set(fund, tsUs - (tsUs % every) + every);
      const owed = this.owed.splice(0);
      for (const one of owed) {
        if (this.desk.fundOf(one.market) === fund) {
          one.c.account.cases--;
          this.desk.coverDeficit(one.c.account, one.c.pocket, one.market, one.c.seq);
        } else this.owed.push(one);
      }
    }
  }

  /** Writes the end of a case and thaws the pocket. */
  end(c: Case, end: LiquidationRow['end']): void {
    const { desk } = this;
    c.outcome = end;
    c.account.cases--;
    thaw(c.account, c.pocket);
    desk.changed.add(c.account);
    const row = liquidationRow(c, desk.tsUs, end);
    const seq = desk.seq();
    desk.outbox.liquidations.push(row);
    desk.decide(() => ({
      seq,
      account: c.account.name,
      step: 'end',
      market: c.verdict.market,
      values: {
        end,
        verdict: String(c.seq),
        tries: String(c.tries),
        fees: c.fees.toString(),
        residue: c.residue.toString(),
        deficit: c.deficit.toString(),
        closedNotional: c.closedNotional.toString(),
        collateralLeft: collateralOf(c.account, c.pocket).toString(),
      },
    }));
  }

  /** Stage 6: every fund works its inventory under its own participation, within the beat's room. */
  unwind(books: ReadonlyMap<MarketId, BookAccess>): void {
    for (const fund of this.desk.funds) {
      if (fund.isEmpty || fund.rule.unwind.kind === 'hold') continue;
      let worked = false;
      for (const lots of fund.worklists()) worked = this.unwindSide(fund, lots, books) || worked;
      if (worked) fund.sweep();
    }
  }

  private unwindSide(
    fund: InsuranceFund,
    lots: readonly InventoryLot[],
    books: ReadonlyMap<MarketId, BookAccess>,
  ): boolean {
    const rule = fund.rule.unwind;
    if (lots.length === 0 || rule.kind === 'hold') return false;
    const { market, side } = lots[0]!;
    const book = books.get(market.id)!;
    const share = Math.floor(book.beat.lots * rule.participation.toNumber());
    let room = Math.min(share, book.roomFor(side));
    const before = room;
    for (const lot of lots) {
      if (room === 0) break;
      if (this.desk.tsUs - lot.takenUs < rule.afterUs) continue;
      const fill = this.workable(fund, { lot, lots: Math.min(lot.lots, room), book });
      if (fill.lots === 0) {
        if (rule.limit === 'aggress') continue; // a lot further off may be worked at any price
        break; // the next lot asks for a better price still
      }
      book.take(side, fill.lots);
      room -= fill.lots;
      const { price, priceRule } = fill;
      this.desk.closeLot(fund, lot, fill.lots, price, { why: 'unwind', priceRule, cause: lot.cause });
      const { lots: sold } = fill;
      this.winners.take({
        market,
        loser: side,
        lots: sold,
        price,
        priceRule,
        cause: lot.cause,
        id: this.desk.seq(),
      });
    }
    return room < before;
  }

  /**
   * What the book pays for a lot under the fund's limit. `aggress`: the bankruptcy price while the mark is not
   * worse than it; once it is, any price, as far as the fund's cash covers the loss (BitMEX).
   */
  private workable(
    fund: InsuranceFund,
    { lot, lots, book }: { lot: InventoryLot; lots: number; book: BookAccess },
  ): BookFill {
    const rule = fund.rule.unwind;
    const { side, bankruptcyPrice: bankruptcy } = lot;
    const limit = rule.kind === 'work' ? rule.limit : 'none';
    const worse = this.marks(lot.market.id).cmp(bankruptcy) * sign(side) < 0;
    if (limit === 'none' || (limit === 'aggress' && worse)) {
      const fill = book.offer(side, lots, null);
      if (limit === 'none' || fill.lots === 0) return fill;
      const cash = this.desk.cashOf(fund);
      const means = min(cash, fund.lossLeft(this.desk.tsUs) ?? cash);
      const within = this.lotsWithin({ leg: lot, lots: fill.lots, price: fill.price, bankruptcy }, means);
      const cheaper = within === 0 ? { ...fill, lots: 0 } : book.offer(side, within, null);
      const loss = this.lossBeyond(lot, cheaper.lots, bankruptcy, cheaper.price);
      if (loss.isPositive()) fund.lose(this.desk.tsUs, loss);
      return cheaper;
    }
    return book.offer(side, lots, bankruptcy);
  }

  /** A fund that refuses because it is empty hands its inventory to ADL at each lot's bankruptcy price. */
  offerInventory(): void {
    for (const fund of this.desk.funds) {
      if (fund.isEmpty || this.refusal(fund) !== 'empty') continue;
      for (const lot of fund.inventory()) {
        const loser = { kind: 'fund', fund, lot } as const;
        this.requests.push({ loser, lots: lot.lots, price: lot.bankruptcyPrice, trigger: 'fundRefuses' });
      }
    }
  }

  /** Injections due until now, and the operator's floor. */
  contribute(sinceUs: number): void {
    const { desk } = this;
    for (const fund of desk.funds) {
      const { asset, injections, floor } = fund.rule;
      for (const { atUs, amount } of injections) {
        if (atUs <= sinceUs || atUs > desk.tsUs) continue;
        desk.move({
          asset,
          from: 'house',
          to: fund.party,
          amount,
          reason: 'injection',
          market: null,
          cause: desk.seq(),
        });
      }
      if (floor === null) continue;
      const lacking = floor.minus(desk.cashOf(fund));
      if (!lacking.isPositive()) continue;
      desk.move({
        asset,
        from: 'house',
        to: fund.party,
        amount: lacking,
        reason: 'floor-contribution',
        market: null,
        cause: desk.seq(),
      });
    }
  }
}
