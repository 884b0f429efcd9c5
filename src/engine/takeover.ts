/**
 * What happens to what the book did not take: the fund assumes it at the bankruptcy price as far as
 * its rules let it, the rest goes to auto-deleveraging. Also: how the fund works its inventory, and
 * how a case ends.
 */
import { type Money, min, type Price, steps, toStep } from '../basics/exact.ts';
import type { InsuranceFund, InventoryLot } from '../ledger/insuranceFund.ts';
import { collateralOf, type LiveLeg } from '../ledger/positionBook.ts';
import { bankruptcyPrices } from '../margin/bankruptcy.ts';
import { type Marks, profit, valueAt } from '../margin/leg.ts';
import type { MarketId } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { BookAccess } from './bookAccess.ts';
import { type Case, liquidationRow, type AdlRequest } from './cases.ts';
import type { Desk } from './desk.ts';
import type { LivePocket } from './pocketView.ts';
import type { LiquidationRow } from './rows.ts';

export class Takeover {
  /** Requests for ADL of this beat, in order. */
  readonly requests: AdlRequest[] = [];
  private readonly desk: Desk;
  private readonly rules: RuleSet;
  private readonly marks: Marks;
  private nextClearUs = 0;
  private readonly owed: { readonly c: Case; readonly market: MarketId }[] = [];

  constructor(input: { desk: Desk; rules: RuleSet; marks: Marks }) {
    this.desk = input.desk;
    this.rules = input.rules;
    this.marks = input.marks;
  }

  /** Cash plus inventory at mark. */
  valueOf(fund: InsuranceFund): Money {
    return this.desk.cashOf(fund).plus(fund.inventoryPnl(this.marks));
  }

  /** Why a fund takes nothing now; null when it does. Without ADL a fund never refuses: `house` pays. */
  refusal(fund: InsuranceFund): 'empty' | 'drawdown' | null {
    return this.rules.adl.ranking === 'none' ? null : fund.refuses(this.desk.tsUs, this.valueOf(fund));
  }

  /**
   * Of lots offered at a price, how many may be sold although the price is beyond bankruptcy: as far
   * as the fund's cash covers the loss. All of them where nobody loses, or where there is no ADL.
   */
  carriedBeyond(o: { leg: LiveLeg; lots: number; price: Price; bankruptcy: Price }): number {
    if (o.lots === 0 || this.rules.adl.ranking === 'none') return o.lots;
    const one = steps(1, o.leg.market.qtyStep);
    const loss = profit(o.leg, valueAt(o.leg.market, one, o.bankruptcy), valueAt(o.leg.market, one, o.price));
    if (!loss.isPositive()) return o.lots;
    const fund = this.desk.fundOf(o.leg.market.id);
    const cash = min(this.desk.cashOf(fund), this.valueOf(fund));
    if (!cash.isPositive()) return 0;
    return Math.min(o.lots, Math.floor(cash.toNumber() / loss.toNumber()));
  }

  /** Hands every leg of a pocket to the fund at its bankruptcy price; what it refuses waits for ADL. */
  handOver(c: Case, view: LivePocket): void {
    const { desk } = this;
    const prices = bankruptcyPrices(view, this.marks);
    for (const [i, leg] of view.legs.entries()) {
      const bankruptcy = prices[i] ?? this.marks(leg.market.id);
      const fund = desk.fundOf(leg.market.id);
      const refusal = this.refusal(fund);
      const room = refusal === null ? this.roomOf(fund, leg) : 0;
      const seq = desk.seq();
      desk.decide({
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
      });
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
    const left = collateralOf(c.account, c.pocket);
    const fund = desk.fundOf(c.verdict.market);
    if (left.isNegative()) {
      if (fund.rule.clearEveryUs > 0) this.owed.push({ c, market: c.verdict.market });
      else c.deficit = c.deficit.plus(desk.coverDeficit(c.account, c.pocket, c.verdict.market, c.seq));
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

  /** Negative balances that the rule clears only every so often. */
  clearOwed(): void {
    const every = this.desk.funds[0]?.rule.clearEveryUs ?? 0;
    if (every === 0 || this.desk.tsUs < this.nextClearUs) return;
    this.nextClearUs = this.desk.tsUs - (this.desk.tsUs % every) + every;
    for (const { c, market } of this.owed.splice(0))
      this.desk.coverDeficit(c.account, c.pocket, market, c.seq);
  }

  /** Writes the end of a case and thaws the pocket. */
  end(c: Case, end: LiquidationRow['end']): void {
    const { desk } = this;
    c.outcome = end;
    c.account.frozen.delete(c.pocket);
    desk.changed.add(c.account);
    const row = liquidationRow(c, desk.tsUs, end);
    desk.outbox.liquidations.push(row);
    desk.decide({
      seq: desk.seq(),
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
    });
  }

  /** Stage 6: every fund works its inventory under its own participation, within the beat's room. */
  unwind(books: ReadonlyMap<MarketId, BookAccess>): void {
    for (const fund of this.desk.funds) {
      const rule = fund.rule.unwind;
      if (rule.kind === 'hold') continue;
      const shareF64 = rule.participation.toNumber();
      for (const lot of fund.inventory) {
        if (this.desk.tsUs - lot.takenUs < rule.afterUs) continue;
        const book = books.get(lot.market.id)!;
        const wanted = Math.min(lot.lots, Math.floor(book.beat.lots * shareF64));
        const limit =
          rule.limit === 'bankruptcy'
            ? toStep(lot.bankruptcyPrice, lot.market.priceTick, lot.side === 'long' ? 'up' : 'down')
            : null;
        const fill = wanted > 0 ? book.offer(lot.side, wanted, limit) : null;
        if (fill === null || fill.lots === 0) continue;
        book.take(lot.side, fill.lots);
        this.desk.closeLot(fund, lot, fill.lots, fill.price, {
          why: 'unwind',
          priceRule: fill.priceRule,
          cause: lot.cause,
        });
      }
      fund.sweep();
    }
  }

  /** A fund that refuses because it is empty hands its inventory to ADL at each lot's bankruptcy price. */
  offerInventory(): void {
    for (const fund of this.desk.funds) {
      if (fund.inventory.length === 0 || this.refusal(fund) !== 'empty') continue;
      for (const [i, lot] of fund.inventory.entries()) this.offerLot(fund, lot, i);
    }
  }

  private offerLot(fund: InsuranceFund, lot: InventoryLot, place: number): void {
    if (lot.lots === 0) return;
    this.requests.push({
      loser: { kind: 'fund', fund: fund.rule.name, lot: place },
      lots: lot.lots,
      price: lot.bankruptcyPrice,
      trigger: 'fundRefuses',
    });
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
