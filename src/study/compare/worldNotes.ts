/** What the figures of one world are made of, gathered row by row as the replay goes. */
import type { BeatRow, LiquidationRow, Outbox, Reason, TransferRow } from '../../engine/rows.ts';
import { isInstitution, MADE_GOOD } from '../../results/headline.ts';
import { AdlLog } from './adlLog.ts';
import { BookShare } from './bookShare.ts';
import { type Fill, FillLog } from './fillLog.ts';
import { FundCurve } from './fundCurve.ts';
import { MarginNotes } from './marginNotes.ts';

/**
 * Prices of each beat, per market; NaN before the first. While an index is halted nobody acts: such beats are NaN
 * too until `carryPath`.
 */
export interface Path {
  readonly marks: readonly Float64Array[];
  /** Number of funding stamps charged by the end of each beat. */
  readonly stamps: readonly Uint16Array[];
  /** Of the first market: last price, and last price over index less 1. */
  readonly last: Float64Array;
  readonly premium: Float64Array;
}

/** A path of which nothing is known yet. */
export const emptyPath = (markets: number, beats: number): Path => ({
  marks: Array.from({ length: markets }, () => new Float64Array(beats).fill(Number.NaN)),
  stamps: Array.from({ length: markets }, () => new Uint16Array(beats)),
  last: new Float64Array(beats).fill(Number.NaN),
  premium: new Float64Array(beats).fill(Number.NaN),
});

/**
 * Once every beat is in: through a halt marks, stamps and the last price stand as before it. The premium does not,
 * for without an index nobody knows how far the price is from it.
 */
export function carryPath({ marks, stamps, last }: Path): void {
  for (let beat = 1; beat < last.length; beat++) {
    if (!Number.isNaN(marks[0]![beat]!)) continue;
    last[beat] = last[beat - 1]!;
    for (const [m, own] of marks.entries()) {
      own[beat] = own[beat - 1]!;
      stamps[m]![beat] = stamps[m]![beat - 1]!;
    }
  }
}

/** A liquidation that ended, and what it cost its account beyond the mark of the verdict. */
export interface Ended {
  readonly row: LiquidationRow;
  readonly cost: number;
}

export class WorldNotes {
  readonly fills = new FillLog();
  readonly adl = new AdlLog(this.fills);
  /** Liquidations of each account, in the order in which they ended. */
  readonly ended = new Map<string, Ended[]>();
  /** Negative equity of traders that others made good. */
  readonly madeGood: TransferRow[] = [];
  readonly fund = new FundCurve();
  /** Ends of the beats in which each fund paid, funding apart, by its ledger account; ascending. */
  readonly fundPaid = new Map<string, number[]>();
  /** Beats in which forced orders sold in the first market. */
  readonly sells: number[] = [];
  /** What accounts brought in from outside (negative: took out), in the asset that is told. */
  readonly brought = new Map<string, number>();
  /** What the venue's own accounts beside its funds received, net. */
  venue = 0;
  readonly margin = new MarginNotes();
  /** First row of each market. */
  readonly opened = new Map<string, BeatRow>();
  readonly path: Path;
  readonly book: BookShare;

  /**
   * @param path   shared by worlds whose prices are the same
   * @param place  number of a market
   */
  constructor(path: Path, place: (market: string) => number) {
    this.path = path;
    this.book = new BookShare(path.marks.length, place);
  }

  /** Takes the rows of a beat but its liquidations. */
  take(outbox: Outbox, asset: string): void {
    for (const fill of outbox.fills) {
      this.book.take(fill);
      if (fill.why !== 'unwind') this.fills.push(fill);
    }
    for (const order of outbox.orders) this.book.order(order);
    for (const row of outbox.transfers) this.takeTransfer(row, asset);
    for (const row of outbox.adl) this.adl.push(row);
    for (const row of outbox.beats) if (!this.opened.has(row.market)) this.opened.set(row.market, row);
    this.fund.take(outbox, asset);
  }

  /** Takes a liquidation that ended. */
  end(ended: Ended): void {
    const own = this.ended.get(ended.row.account);
    if (own === undefined) this.ended.set(ended.row.account, [ended]);
    else own.push(ended);
  }

  private takeGain({ from, to, amount, reason }: TransferRow): void {
    if (BROUGHT.includes(reason)) {
      const money = amount.toNumber();
      if (!isInstitution(to)) this.brought.set(to, (this.brought.get(to) ?? 0) + money);
      if (!isInstitution(from)) this.brought.set(from, (this.brought.get(from) ?? 0) - money);
      return;
    }
    if (isVenue(to)) this.venue += amount.toNumber();
    if (isVenue(from)) this.venue -= amount.toNumber();
  }

  /** First verdict of each account that closed something, in the order of their accounts' first ends. */
  *first(): IterableIterator<LiquidationRow> {
    for (const own of this.ended.values()) {
      const closed = own.map(({ row }) => row).filter(({ closedNotional }) => closedNotional.isPositive());
      if (closed.length > 0) yield closed.reduce((a, b) => (b.seq < a.seq ? b : a));
    }
  }

  /** The verdict that a forced fill or payment of an account belongs to: its latest before it. */
  verdictOf(account: string, seq: number, leg?: Pick<Fill, 'market' | 'side'>): LiquidationRow | null {
    let found: LiquidationRow | null = null;
    for (const { row } of this.ended.get(account) ?? []) {
      const isOwn =
        leg === undefined || row.mode === 'cross' || (row.market === leg.market && row.side === leg.side);
      if (isOwn && row.seq < seq && (found === null || row.seq > found.seq)) found = row;
    }
    return found;
  }

  private takeTransfer(row: TransferRow, asset: string): void {
    if (MADE_GOOD.includes(row.reason) && row.asset === asset && !isInstitution(row.to))
      this.madeGood.push(row);
    if (row.asset === asset) this.takeGain(row);
    if (row.from.startsWith('fund:') && !row.reason.startsWith('funding')) this.takePayment(row);
  }

  private takePayment({ from, tsUs }: TransferRow): void {
    const times = this.fundPaid.get(from);
    if (times === undefined) this.fundPaid.set(from, [tsUs]);
    else if (times.at(-1) !== tsUs) times.push(tsUs);
  }
}

const BROUGHT: readonly Reason[] = ['deposit', 'top-up', 'withdrawal', 'exchange'];

/** Accounts of the venue that are no fund; those that clear funding end at 0. */
const isVenue = (account: string): boolean =>
  account === 'house' || account === 'socialised' || account === 'outside';

const LOST: readonly Fill['why'][] = ['liquidation', 'takeover', 'adl'];

/** Whether a fill took something from an account, its owner unasked; of ADL, loser and winner alike. */
export const isLoss = ({ why, effect }: Pick<Fill, 'why' | 'effect'>): boolean =>
  effect === 'close' && LOST.includes(why);
