/**
 * One funding stamp of one market: `market` and the funds pay at once, everybody else when touched
 * (ledger/fundingClock.ts). What is paid meets in the clearing party `funding:<market>`.
 */
import { cut, MONEY_SCALE, type Money, perUnit, steps } from '../basics/exact.ts';
import { sideOf } from '../ledger/side.ts';
import type { Desk } from './desk.ts';

/**
 * Charges a stamp.
 *
 * @param m     the market's place in the book
 * @param paid  what a long pays per base unit or contract, settlement units; negative: it receives. Cut so
 *              that any whole number of lots is a whole number of the ledger's units.
 */
export function chargeStamp(desk: Desk, m: number, paid: Money): void {
  const market = desk.book.markets[m]!;
  const each = cut(paid, MONEY_SCALE - market.qtyStep.scale, 'even');
  const share = desk.fundOf(market.id).rule.fundingShare;
  const kept = cut(each.times(share), MONEY_SCALE - market.qtyStep.scale, 'down');
  const longsPay = each.isPositive();
  const long = longsPay ? each : each.minus(kept);
  const short = longsPay ? each.minus(kept).neg() : each.neg();
  const clearing = `funding:${market.id}`;
  const cause = desk.seq();
  const pay = (party: string, lots: number): void => {
    if (lots === 0) return;
    const due = perUnit(steps(Math.abs(lots), market.qtyStep), sideOf(lots) === 'long' ? long : short);
    const owes = due.isPositive();
    desk.move({
      asset: market.settle,
      from: owes ? party : clearing,
      to: owes ? clearing : party,
      amount: due.abs(),
      reason: 'funding',
      market: market.id,
      cause,
    });
  };
  pay('market', desk.partyOf(market.id).lots);
  for (const fund of desk.funds) {
    for (const lot of fund.inventory())
      if (lot.market === market) pay(fund.party, lot.side === 'long' ? lot.lots : -lot.lots);
    desk.keepSolvent(fund, cause);
  }
  desk.clocks[m]!.accrue({ long, short });
  if (kept.isZero()) return;
  const amount = perUnit(steps(payers(desk, m, longsPay), market.qtyStep), kept.abs());
  desk.move({
    asset: market.settle,
    from: clearing,
    to: desk.fundOf(market.id).party,
    amount,
    reason: 'funding-share',
    market: market.id,
    cause,
  });
}

/** Lots of everybody on the paying side. */
function payers(desk: Desk, m: number, longsPay: boolean): number {
  const market = desk.book.markets[m]!;
  let lots = longsPay ? desk.book.lots[m]!.long : desk.book.lots[m]!.short;
  const sides = [desk.parties[m]!.lots];
  for (const fund of desk.funds) {
    for (const lot of fund.inventory())
      if (lot.market === market) sides.push(lot.side === 'long' ? lot.lots : -lot.lots);
  }
  for (const signed of sides) if (signed !== 0 && signed > 0 === longsPay) lots += Math.abs(signed);
  return lots;
}
