/** Who pays when the margin does not: insurance funds, then winners (auto-deleveraging). */
import type { Money, Rate } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { Asset, MarketId } from './market.ts';

export interface FundRule {
  readonly name: string;
  readonly asset: Asset;
  readonly markets: readonly MarketId[];
  /** Share of positive funding payments that flows in (source document 002); 0 elsewhere. */
  readonly fundingShare: Rate;
  readonly injections: readonly { readonly atUs: Micros; readonly amount: Money }[];
  /** Operator's contribution that lifts cash to this floor whenever it is below; null: none. */
  readonly floor: Money | null;
  /** Negative balances are covered at once (0) or every so many microseconds. */
  readonly clearEveryUs: Micros;
  readonly unwind:
    | { readonly kind: 'hold' }
    /**
     * limit: none, or never worse than the lot's bankruptcy price, or aggress: that limit while the mark is
     * better than it, any price as far as cash reaches once it is not (BitMEX).
     */
    | {
        readonly kind: 'work';
        readonly participation: Rate;
        readonly afterUs: Micros;
        readonly limit: 'none' | 'bankruptcy' | 'aggress';
      };
  readonly refusal: {
    /** Refuses when cash plus inventory at mark is not above 0. */
    readonly empty: boolean;
    /** Refuses when |net notional of inventory| would exceed this share of the fund. */
    readonly netNotionalCap: Rate | null;
    /**
     * Refuses for `pauseUs` after a fall of more than `fraction` from the highest value within `windowUs`
     * (`inclusive`: of `fraction` or more); with `resumeAt` it also refuses until the fall is no longer
     * beyond that share, by the same comparison (Bybit: from 30 % until 25 %).
     */
    readonly drawdown: {
      readonly fraction: Rate;
      readonly windowUs: Micros;
      readonly pauseUs: Micros;
      readonly resumeAt?: Rate;
      readonly inclusive?: boolean;
    } | null;
    /** Refuses what would make it lose more than this in one beat (dYdX: 1,000,000 USDC a block). Absent: no limit. */
    readonly lossPerBeat?: Money;
  };
}

export interface AdlRule {
  /** none: the fund carries everything and `house` pays what it cannot. */
  readonly ranking: AdlRanking;
  /** Price of the closes. Absent: the bankruptcy price. */
  readonly price?: AdlPrice;
  /** Absent: inProfit. anySolvent: whoever keeps equity at the price (dYdX: bankruptcy prices overlap). */
  readonly eligible?: 'inProfit' | 'anySolvent';
  /** Fee of the winner, a share of the closed value, to the fund (Bybit 2020: the maker fee). Absent: 0. */
  readonly winnerFee?: Rate;
  /** Winners looked at for one request at most (dYdX bounds its iterations). Absent: all. */
  readonly maxVisits?: number;
  readonly triggers: readonly ('fundRefuses' | 'noFillAtMark')[];
  readonly ties: 'proRata' | 'byId';
  readonly shortage: 'market' | 'socialise' | 'house';
  /**
   * How `shortage: socialise` spreads a loss. Absent or profit: over the winners of the side, in proportion to
   * profit (with ranking `socialise`: over the winners of both sides: Deribit's classic rule). perBase: the same
   * amount for every base unit or contract that is open on either side, rounded up (Drift).
   */
  readonly spread?: 'profit' | 'perBase';
}

/**
 * Who is closed first, or how much of everybody. `none`: nobody, the fund carries everything. `socialise`:
 * nobody, the position is closed at the mark and `shortage` says who bears the loss.
 *
 *   binance              profit / wallet * margin ratio
 *   profitTimesLeverage  profit percent * effective leverage (OKX, Bybit, the articles)
 *   bitmex               the same by entry value and bankruptcy value; losers last, percent / leverage
 *   hyperliquid          mark / entry (inverted for shorts) * notional / equity
 *   profitOnly           profit percent
 *   random               a random start by seed, then in order of account (dYdX v4)
 *   proRataContracts     everybody in proportion to contracts, largest remainder (Drift, Paradex)
 *   proRataProfit        the same share of everybody's profit, capped by what the close is worth
 *   riskWeighted         in proportion to profit weighed by leverage (RAP)
 *   leverageDrain        from the highest leverage down to a common level
 *   minMaxHaircut        whole contracts so that the largest share of profit lost is smallest
 */
export type AdlRanking =
  | 'binance'
  | 'profitTimesLeverage'
  | 'bitmex'
  | 'hyperliquid'
  | 'profitOnly'
  | 'random'
  | 'proRataContracts'
  | 'proRataProfit'
  | 'riskWeighted'
  | 'leverageDrain'
  | 'minMaxHaircut'
  | 'socialise'
  | 'none';

/**
 * bankruptcy; mark (the fund pays what the loser lacks; once it has nothing left: bankruptcy, OKX);
 * previousMark (Hyperliquid); bankruptcyWithin: the mark where bankruptcy is further off it than `band` (Bybit).
 */
export type AdlPrice =
  | { readonly kind: 'bankruptcy' | 'mark' | 'previousMark' }
  | { readonly kind: 'bankruptcyWithin'; readonly band: Rate };
