/** The losing side of a request for auto-deleveraging: whose position it is, and closing it. */
import type { Price } from '../basics/exact.ts';
import type { AdlPriceRule } from '../adl/price.ts';
import type { Market, Side } from '../rules/market.ts';
import type { AdlRequest } from './cases.ts';
import type { Desk } from './desk.ts';

/** A request that is being served: its number, and the price for the winners. */
export interface ServedRequest extends AdlRequest {
  readonly seq: number;
  /** Which rule fixed `price`. */
  readonly by: AdlPriceRule;
}

/** Market, side and name of the position that is to be closed. */
export function loserOf({ loser }: AdlRequest): { market: Market; side: Side; name: string } {
  if (loser.kind === 'pocket')
    return { market: loser.leg.market, side: loser.leg.side, name: loser.of.account.name };
  return { market: loser.lot.market, side: loser.lot.side, name: loser.fund.party };
}

/** Closes lots of the loser; `at` replaces the request's own price. */
export function closeLoser(
  desk: Desk,
  request: ServedRequest,
  lots: number,
  at: { readonly price: Price; readonly by: AdlPriceRule } = request,
): void {
  const by = { why: 'adl', priceRule: at.by, cause: request.seq } as const;
  const { loser } = request;
  if (loser.kind === 'fund') return desk.closeLot(loser.fund, loser.lot, lots, at.price, by);
  desk.settleFunding(loser.of.account, request.seq); // a loss spread over every unit may have passed since
  const value = desk.close(loser.of.account, loser.leg, lots, at.price, by);
  loser.of.closedNotional = loser.of.closedNotional.plus(value);
  if (loser.leg.lots === 0) loser.of.legsLost++;
}
