/** A liquidation from verdict to end: what the engine remembers of it, and the row that it becomes. */
import type { Money, Price } from '../basics/exact.ts';
import { cut, MONEY_SCALE, ZERO_MONEY } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { InsuranceFund, InventoryLot } from '../ledger/insuranceFund.ts';
import type { LiveAccount, LiveLeg, PocketId } from '../ledger/positionBook.ts';
import type { LiquidationRow } from './rows.ts';

export interface Case {
  readonly seq: number;
  readonly account: LiveAccount;
  readonly pocket: PocketId;
  readonly verdict: Pick<
    LiquidationRow,
    | 'market'
    | 'side'
    | 'mode'
    | 'legs'
    | 'leverage'
    | 'tier'
    | 'markAtVerdict'
    | 'equity'
    | 'maintenanceMargin'
    | 'notional'
  >;
  readonly verdictUs: Micros;
  /** Estimated liquidation price one beat before the verdict. */
  readonly estimateF64: number | null;
  /** No order before this instant (margin-call grace). */
  readonly graceUntilUs: Micros;
  /** No order before this instant either: the engine's own latency. */
  readonly startUs: Micros;
  /** `exposure` at the verdict, for the order of victims. */
  readonly exposureF64: number;
  place: number;
  tries: number;
  /** Its last order met a book with nothing left: until that changes its orders are not written again. */
  missed: boolean;
  ordersCancelled: boolean;
  cancelledAny: boolean;
  firstOrderUs: Micros | null;
  /** Its liquidation has begun: it counts against the accounts that may begin in a second. */
  begun: boolean;
  /** Frozen until then between two steps (pause, cool-down). */
  waitUntilUs: Micros;
  /** What its closes have taken off its shortage (reduction `ramp`). */
  freed: Money;
  closedNotional: Money;
  fees: Money;
  residue: Money;
  deficit: Money;
  legsLost: number;
  /** Waiting for auto-deleveraging in this beat. */
  waitsForAdl: boolean;
  outcome: LiquidationRow['end'];
}

/** A fresh case. */
export function newCase(
  of: Pick<
    Case,
    | 'seq'
    | 'account'
    | 'pocket'
    | 'verdict'
    | 'verdictUs'
    | 'estimateF64'
    | 'graceUntilUs'
    | 'startUs'
    | 'exposureF64'
  >,
): Case {
  return {
    seq: of.seq,
    account: of.account,
    pocket: of.pocket,
    verdict: of.verdict,
    verdictUs: of.verdictUs,
    estimateF64: of.estimateF64,
    graceUntilUs: of.graceUntilUs,
    startUs: of.startUs,
    exposureF64: of.exposureF64,
    place: 0,
    tries: 0,
    missed: false,
    ordersCancelled: false,
    cancelledAny: false,
    firstOrderUs: null,
    begun: false,
    waitUntilUs: 0,
    freed: ZERO_MONEY,
    closedNotional: ZERO_MONEY,
    fees: ZERO_MONEY,
    residue: ZERO_MONEY,
    deficit: ZERO_MONEY,
    legsLost: 0,
    waitsForAdl: false,
    outcome: 'open',
  };
}

/** Seconds from verdict to the first order, or to `nowUs` where none went out. */
export const waitedSec = (c: Case, nowUs: Micros): number => ((c.firstOrderUs ?? nowUs) - c.verdictUs) / 1e6;

/** The row of a case that ends now. */
export function liquidationRow(c: Case, endUs: Micros, end: LiquidationRow['end']): LiquidationRow {
  const v = c.verdict;
  return {
    seq: c.seq,
    tsUs: c.verdictUs,
    endUs,
    account: c.account.name,
    // field by field: a spread of this width costs more than the rest of a verdict
    market: v.market,
    side: v.side,
    mode: v.mode,
    legs: v.legs,
    leverage: v.leverage,
    tier: v.tier,
    markAtVerdict: v.markAtVerdict,
    equity: v.equity,
    // a rate that grows with size has more places than a stored amount
    maintenanceMargin: cut(v.maintenanceMargin, MONEY_SCALE, 'even'),
    notional: v.notional,
    end,
    closedNotional: c.closedNotional,
    fees: c.fees,
    residue: c.residue,
    deficit: c.deficit,
    openOrdersCancelled: c.cancelledAny,
    queueSec: waitedSec(c, endUs),
    tries: c.tries,
    positionsLost: c.legsLost,
  };
}

/** Order of new victims: most exposed first (deepest hole, then highest maintenance / equity), then by pocket. */
export function byExposure(a: Case, b: Case): number {
  return a.exposureF64 === b.exposureF64 ? a.pocket - b.pocket : b.exposureF64 - a.exposureF64;
}

/**
 * Exposure as a float that sorts: -equity / maintenance below 0 while equity is positive, the hole
 * itself from 0 up when it is not. Higher is more exposed.
 */
export function exposure(equity: Money, maintenance: Money): number {
  const e = equity.toNumber();
  return e > 0 ? -e / maintenance.toNumber() : -e;
}

/** A request for auto-deleveraging, to be served at stage 8 of the same beat. */
export interface AdlRequest {
  readonly loser:
    | { readonly kind: 'pocket'; readonly of: Case; readonly leg: LiveLeg }
    | { readonly kind: 'fund'; readonly fund: InsuranceFund; readonly lot: InventoryLot };
  readonly lots: number;
  readonly price: Price;
  readonly trigger: 'fundRefuses' | 'noFillAtMark';
}
