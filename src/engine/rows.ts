/**
 * What happened in a beat, row by row: the engine fills an Outbox, `replay` hands it to the sink,
 * `results/schema.ts` gives every field its column, unit and meaning. Nothing here is computed
 * twice elsewhere: fund curve, deficits, fees and reports are SQL over these rows.
 *
 * A field of type Exact is stored as DECIMAL(38, 18); a name that ends in F64 is a float screen;
 * `seq` numbers events of a world from 1 and ties transfers, orders, fills and ADL together.
 */
import type { Money, Price, Qty } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { Asset, MarketId, Side } from '../rules/market.ts';

/**
 * Account of the ledger: a population account's name, or one of `market`, `house`, `fund:<name>`,
 * `funding:<market>`.
 */
export type LedgerAccount = string;

export type Reason =
  | 'realized-pnl'
  | 'clearance-fee'
  | 'residue'
  | 'deficit'
  | 'funding'
  | 'funding-rounding'
  | 'funding-share'
  | 'injection'
  | 'floor-contribution'
  | 'insolvency'
  | 'socialised-loss'
  | 'adl-fee'
  | 'deposit'
  | 'top-up'
  | 'withdrawal'
  | 'exchange';

export interface TransferRow {
  readonly seq: number;
  readonly tsUs: Micros;
  readonly asset: Asset;
  readonly from: LedgerAccount;
  readonly to: LedgerAccount;
  readonly amount: Money; // > 0
  readonly reason: Reason;
  readonly market: MarketId | null;
  /** seq of the verdict, order, ADL or stamp that caused it. */
  readonly cause: number;
}

/** A change of position. Every row has a counterparty row's worth in `market`: contracts sum to 0. */
export interface FillRow {
  readonly seq: number;
  readonly tsUs: Micros;
  readonly market: MarketId;
  readonly account: LedgerAccount;
  /** Side of the position that changes. */
  readonly side: Side;
  /** closes > 0 reduce the position; opens enlarge it. */
  readonly effect: 'close' | 'open';
  readonly qty: Qty;
  readonly price: Price;
  /** qty valued at price, settlement units, after the venue's cut. */
  readonly value: Money;
  /** Entry value that left (close) or came (open). */
  readonly entryValue: Money;
  readonly why:
    | 'liquidation'
    | 'winner-closes'
    | 'takeover'
    | 'adl'
    | 'unwind'
    | 'account-event'
    | 'stop-loss'
    | 'arrival'
    | 'departure';
  /**
   * What fixed the price: `book` (inside the beat's range), `impact` (moved by our own kick), `bankruptcy`,
   * `mark`, `previousMark` (of the beat before), `last` (the beat's last trade), `event`.
   */
  readonly priceRule: 'book' | 'impact' | 'bankruptcy' | 'mark' | 'previousMark' | 'last' | 'event';
  readonly cause: number;
}

/** One forced order, from verdict to end of the try. */
export interface OrderRow {
  readonly seq: number;
  readonly tsUs: Micros;
  readonly market: MarketId;
  readonly account: LedgerAccount;
  readonly side: Side; // of the position
  readonly kind: string; // order rule
  readonly plan: 'reduce' | 'close';
  readonly attempt: number; // from 1
  readonly qty: Qty;
  readonly filled: Qty;
  readonly limit: Price | null;
  readonly averagePrice: Price | null;
  readonly markAtVerdict: Price;
  /** Estimated liquidation price one beat earlier; null where the account was not solvable then. */
  readonly liquidationPriceF64: number | null;
  readonly bankruptcyPrice: Price;
  readonly fee: Money;
  readonly queuePlace: number;
  readonly queueSec: number;
  readonly cause: number; // seq of the verdict
}

/** A verdict and how it ended; written when the liquidation ends (or at the end of the run, end = 'open'). */
export interface LiquidationRow {
  readonly seq: number;
  readonly tsUs: Micros; // verdict
  readonly endUs: Micros;
  readonly account: LedgerAccount;
  readonly market: MarketId; // market of the largest leg
  readonly side: Side; // of the largest leg
  readonly mode: 'isolated' | 'cross';
  readonly legs: number;
  readonly leverage: number; // as drawn
  readonly tier: number; // from 1, of the largest leg
  readonly markAtVerdict: Price;
  readonly equity: Money; // at verdict
  readonly maintenanceMargin: Money;
  readonly notional: Money; // all legs, at verdict
  readonly end: 'reduced' | 'closed' | 'takenOver' | 'deleveraged' | 'recovered' | 'open';
  readonly closedNotional: Money; // value of all forced closes at their prices
  readonly fees: Money;
  readonly residue: Money;
  readonly deficit: Money;
  readonly openOrdersCancelled: boolean;
  readonly queueSec: number;
  readonly tries: number;
  readonly positionsLost: number; // legs wholly closed
}

export interface AdlRow {
  readonly seq: number;
  readonly tsUs: Micros;
  readonly market: MarketId;
  /** Winner who is closed. */
  readonly account: LedgerAccount;
  readonly side: Side; // of the winner
  readonly qty: Qty;
  readonly price: Price; // of the request
  readonly mark: Price;
  readonly scoreF64: number;
  readonly rank: number; // from 1
  readonly lights: number; // 1 .. 5; 0 where the rule has no queue
  readonly loser: LedgerAccount;
  readonly hedger: boolean;
  /** (mark - price) * qty in the winner's favour had it not been closed. */
  readonly givenUp: Money;
  readonly cause: number;
}

/** One summary a request for ADL. */
export interface AdlRequestRow {
  readonly seq: number;
  readonly tsUs: Micros;
  readonly market: MarketId;
  readonly loser: LedgerAccount;
  readonly side: Side; // of the bankrupt position
  readonly qty: Qty;
  readonly price: Price;
  readonly trigger: 'fundRefuses' | 'noFillAtMark';
  readonly covered: Qty;
  readonly uncovered: Qty;
  readonly uncoveredMoney: Money; // loss at mark of what was not covered
  readonly skipped: number; // winners whose equity would fall below 0
  readonly shortage: string; // what the rule did with the rest: market | socialise | house | '-'
}

export interface FundRow {
  readonly tsUs: Micros;
  readonly fund: string;
  readonly asset: Asset;
  readonly cash: Money;
  /** Unrealized profit of inventory at mark. */
  readonly inventoryPnl: Money;
  readonly inventoryNotional: Money;
  readonly lots: number;
  readonly refusing: boolean;
  /** Money lacking after a further fall (long side) or rise (short side) of 1, 2, 5, 10 %, whichever is worse. */
  readonly shortfall1F64: number;
  readonly shortfall2F64: number;
  readonly shortfall5F64: number;
  readonly shortfall10F64: number;
  /** Contracts that ADL would close after the same moves. */
  readonly adl1F64: number;
  readonly adl2F64: number;
  readonly adl5F64: number;
  readonly adl10F64: number;
  /** Smallest relative move that empties the fund; NaN when none within 50 %. */
  readonly adlMoveF64: number;
}

/** One a market and beat. */
export interface BeatRow {
  readonly tsUs: Micros; // end of the beat
  readonly market: MarketId;
  readonly last: Price;
  readonly high: Price;
  readonly low: Price;
  readonly index: Price;
  readonly mark: Price;
  readonly markFrom: string;
  readonly price1: Price | null; // funding part of the mark; null where the rule has none
  readonly price2: Price | null; // moving-basis part
  readonly lots: number;
  readonly openInterest: Qty; // long contracts of population, fund and market's long side
  readonly marketNet: Qty; // absolute; the sign is marketSide
  readonly marketSide: Side;
  readonly marketProfit: Money; // wallet + value at mark - entry value of `market` in this market
  readonly marketLowestCash: Money; // lowest cash of `market` in this market so far
  readonly queue: number; // accounts under liquidation at the end of the beat
  readonly forcedSellLots: number;
  readonly forcedBuyLots: number;
  readonly stepLimitHit: boolean;
}

/** Written when it differs from the previous row of the same market. */
export interface ProvenanceRow {
  readonly tsUs: Micros;
  readonly market: MarketId;
  readonly constituents: string; // MarketPrice.provenance
  readonly held: boolean;
}

export interface TrackedRow {
  readonly tsUs: Micros;
  readonly account: LedgerAccount;
  readonly market: MarketId;
  readonly side: Side;
  readonly qty: Qty;
  readonly equity: Money;
  readonly maintenanceMargin: Money;
  readonly marginRatioF64: number; // maintenance / equity; Infinity at equity <= 0
  readonly liquidationLowF64: number | null; // below today's mark
  readonly liquidationHighF64: number | null; // above
  readonly distanceF64: number | null; // nearest of both, relative to mark
  readonly adlLights: number; // 0 flat or losing .. 5
}

/** One a leg, before and after the run. */
export interface AccountRow {
  readonly when: 'before' | 'after';
  readonly account: LedgerAccount;
  readonly mode: 'isolated' | 'cross';
  readonly market: MarketId;
  readonly side: Side;
  readonly qty: Qty;
  readonly entryValue: Money;
  readonly margin: Money; // isolated margin, or the cross wallet (on the account's first leg only)
  readonly leverage: number;
  readonly marginRatioF64: number;
  readonly liquidationPriceF64: number | null;
  readonly hedger: boolean;
}

/** Final wallet of every ledger account that moved, and of all at the start; conservation can be re-derived from it. */
export interface BalanceRow {
  readonly when: 'before' | 'after';
  readonly account: LedgerAccount;
  readonly asset: Asset;
  readonly balance: Money;
}

/** Every input of one decision about one account, for `cascade explain`. Values are exact texts. */
export interface DecisionRow {
  readonly seq: number;
  readonly tsUs: Micros;
  readonly account: LedgerAccount;
  readonly step:
    | 'verdict'
    | 'cancelOrders'
    | 'plan'
    | 'order'
    | 'takeover'
    | 'adl'
    | 'end'
    | 'stop-loss'
    | 'top-up'
    | 'arrival';
  readonly market: MarketId | null;
  readonly values: Readonly<Record<string, string>>;
}

export interface Outbox {
  readonly transfers: TransferRow[];
  readonly fills: FillRow[];
  readonly orders: OrderRow[];
  readonly liquidations: LiquidationRow[];
  readonly adl: AdlRow[];
  readonly adlRequests: AdlRequestRow[];
  readonly fund: FundRow[];
  readonly beats: BeatRow[];
  readonly provenance: ProvenanceRow[];
  readonly tracked: TrackedRow[];
  readonly accounts: AccountRow[];
  readonly balances: BalanceRow[];
  readonly decisions: DecisionRow[];
}

export type TableName = keyof Outbox;

/** An outbox with nothing in it. */
export const emptyOutbox = (): Outbox => ({
  transfers: [],
  fills: [],
  orders: [],
  liquidations: [],
  adl: [],
  adlRequests: [],
  fund: [],
  beats: [],
  provenance: [],
  tracked: [],
  accounts: [],
  balances: [],
  decisions: [],
});
