/**
 * Funding at its stamp. The ledger charges an account when it is next touched, for all stamps since
 * (docs/method.md), but a venue tells each stamp when it is due. What one unit pays follows from what
 * `market` paid and held; where that cannot be told, the account hears of it when the ledger charges it.
 */
import { cut, MONEY_SCALE, type Money, perUnit, quotient, ZERO_MONEY } from '../../basics/exact.ts';
import type { Market, MarketId } from '../../rules/market.ts';
import type { Held, HeldLeg, Holdings } from './holdings.ts';
import type { StampRow } from './storedRows.ts';
import type { StoredRules } from './storedRules.ts';

export interface Charge {
  readonly held: Held;
  readonly leg: HeldLeg;
  /** Payment, settlement units; negative: received. */
  readonly due: Money;
}

export class FundingStamps {
  private readonly holdings: Holdings;
  private readonly stored: StoredRules;

  constructor(holdings: Holdings, stored: StoredRules) {
    this.holdings = holdings;
    this.stored = stored;
  }

  /** What every account pays at a stamp, in order of accounts; remembered until the ledger charges it. */
  *charge(stamp: StampRow): Generator<Charge> {
    const market = this.stored.markets.get(stamp.market)!;
    const long = this.perLong(market, stamp.paid);
    if (long === null) return;
    const scale = this.stored.rules.markets[market.id]!.funding.paymentScale;
    for (const held of this.holdings.all.values()) {
      for (const leg of held.legs) {
        if (leg.market.id !== market.id || leg.qty.isZero()) continue;
        const whole = perUnit(leg.qty, leg.side === 'long' ? long : long.neg());
        const due = scale === null ? whole : cut(whole, scale, 'even');
        leg.accrued = leg.accrued.plus(due);
        if (!due.isZero()) yield { held, leg, due };
      }
    }
  }

  /**
   * The ledger charged a leg.
   *
   * @param amount  what the account got (negative: paid)
   * @returns       the leg, and what of the amount no stamp had told
   */
  settle(held: Held, market: MarketId, amount: Money): { leg: HeldLeg; rest: Money } {
    const legs = held.legs.filter((leg) => leg.market.id === market);
    const told = legs.find((leg) => leg.accrued.eq(amount.neg()));
    const leg = told ?? legs.find((l) => !l.accrued.isZero()) ?? legs[0]!;
    const rest = amount.plus(leg.accrued);
    leg.accrued = ZERO_MONEY;
    return { leg, rest };
  }

  /** Payment of one unit long: what `market` paid over what it held; null where that does not tell it. */
  private perLong(market: Market, paid: Money): Money | null {
    const net = this.holdings.marketNet(market.id);
    if (net.isZero() || this.keepsShare(market.id)) return null;
    const each: Money = quotient('money', paid, net, MONEY_SCALE, 'even');
    return perUnit(net, each).eq(paid) ? each : null;
  }

  /** Whether a fund keeps a share of funding: then payers and receivers differ by it. */
  private keepsShare(market: MarketId): boolean {
    const fund = this.stored.rules.funds.find((f) => f.markets.includes(market));
    return fund !== undefined && !fund.fundingShare.isZero();
  }
}
