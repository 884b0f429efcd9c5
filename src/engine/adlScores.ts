/**
 * Scores of one side's positions in float64, for the queue: straight from the population columns for
 * the many untouched pockets of one leg, through the exact verdict for the few others.
 */
import type { Money } from '../basics/exact.ts';
import { AdlQueue } from '../adl/queue.ts';
import {
  compareExact,
  type ExactScore,
  exactScore,
  type Ranking,
  score,
  type ScoreInput,
} from '../adl/ranking.ts';
import type { FundingClock } from '../ledger/fundingClock.ts';
import { type ColumnsF64, columnsF64 } from '../ledger/population.ts';
import type { LiveAccount, LiveLeg, PositionBook } from '../ledger/positionBook.ts';
import { sign } from '../ledger/side.ts';
import { marginShares } from '../margin/bankruptcy.ts';
import { type Marks, unrealizedPnl, valueAt } from '../margin/leg.ts';
import { type ScreenTiers, screenTiers, tierOfF64 } from '../margin/screen.ts';
import { judge } from '../margin/trigger.ts';
import type { Market, Side } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { chargedView } from './pocketView.ts';

/** Profit below this share of value is a difference of nearly equal floats. */
const PROFIT_LEAST = 1e-4;
/** Relative distance from a tier bound within which a jump may be on either side. */
const DOUBT = 1e-9;
/** A sum that is smaller than this share of its terms is a difference of nearly equal floats. */
const SUM_LEAST = 1e-4;
/** Not to be closed by the rule. */
const OUT = Number.NEGATIVE_INFINITY;

/** Positions of one side that may be closed, in the order of their rows; columns of equal length. */
export interface WinnerColumns {
  readonly rows: Uint32Array;
  readonly lots: Float64Array;
  readonly scores: Float64Array;
}

export class AdlScores {
  private readonly book: PositionBook;
  private readonly clocks: readonly FundingClock[];
  private readonly marks: Marks;
  private readonly rules: RuleSet;
  private tiers: readonly ScreenTiers[] = [];
  /** Closing fee inside the bankruptcy price, by market. */
  private feeF64: readonly number[] = [];
  private readonly stepF64: readonly number[];
  private readonly columns: ColumnsF64;
  /** Leg rows by market and side, listed when first asked for. */
  private readonly rowsOf = new Map<string, Uint32Array>();

  constructor(input: { book: PositionBook; clocks: readonly FundingClock[]; marks: Marks; rules: RuleSet }) {
    this.book = input.book;
    this.columns = columnsF64(input.book.population);
    this.clocks = input.clocks;
    this.marks = input.marks;
    this.rules = input.rules;
    this.stepF64 = input.book.markets.map((m) => m.qtyStep.toNumber());
    this.reprice();
  }

  /** Takes over the margin schedules that are in force now. */
  reprice(): void {
    this.tiers = this.book.markets.map((m) => screenTiers(m, this.rules.markets[m.id]!));
    this.feeF64 = this.book.markets.map((m) => this.rules.markets[m.id]!.bankruptcy.feeRate.toNumber());
  }

  /** The queue of one side at today's marks: best score first. */
  queue(market: Market, side: Side): AdlQueue {
    const known = new Map<number, ExactScore>();
    const exactOf = (row: number): ExactScore => {
      const found = known.get(row) ?? this.exactOf(row);
      known.set(row, found);
      return found;
    };
    return new AdlQueue({
      ...this.winners(market, side),
      compareExact: (x, y) => compareExact(exactOf(x), exactOf(y)),
    });
  }

  /**
   * Positions of one side that the rule may close, at today's marks: those in profit, or all that keep
   * equity (`eligible: anySolvent`), with the score or weight of each.
   */
  winners(market: Market, side: Side): WinnerColumns {
    const m = this.book.marketIndex(market.id);
    const candidates = this.candidates(m, side);
    const rows = new Uint32Array(candidates.length);
    const lots = new Float64Array(candidates.length);
    const scores = new Float64Array(candidates.length);
    let size = 0;
    const markF64 = this.marks(market.id).toNumber();
    const held = this.book.heldLots();
    for (const row of candidates) {
      if (held[row] === 0) continue; // comes later, or is gone
      const points = this.scoreOf(row, m, markF64);
      if (points === OUT) continue;
      rows[size] = row;
      lots[size] = held[row]!;
      scores[size++] = points;
    }
    return { rows: rows.subarray(0, size), lots: lots.subarray(0, size), scores: scores.subarray(0, size) };
  }

  /** Score of a position, or OUT. */
  private scoreOf(row: number, m: number, markF64: number): number {
    const { book } = this;
    const { accountOf, population: p } = book;
    const a = accountOf[row]!;
    const alone = p.cross[a] === 0 || (!book.isPooling && p.legStart[a + 1]! - p.legStart[a]! === 1);
    const account = book.isTouched(a) || !alone ? book.read(a) : null;
    if (account?.frozen.has(book.pocketOf(row))) return OUT;
    let points = Number.NaN;
    if (account === null) points = this.ofColumns(a, row, markF64);
    else if (alone) points = this.ofLeg(account, account.legs.find((l) => l.row === row)!, m, markF64);
    return Number.isNaN(points) ? this.ofAccount(account ?? book.read(a), row) : points;
  }

  private candidates(m: number, side: Side): Uint32Array {
    const key = `${m} ${side}`;
    let rows = this.rowsOf.get(key);
    if (rows === undefined) {
      const { legMarket, legSide } = this.book.population;
      const wanted = sign(side);
      const found = new Uint32Array(legMarket.length);
      let size = 0;
      for (let row = 0; row < legMarket.length; row++)
        if (legMarket[row] === m && legSide[row] === wanted) found[size++] = row;
      rows = found.slice(0, size);
      this.rowsOf.set(key, rows);
    }
    return rows;
  }

  private get ranking(): Ranking {
    return this.rules.adl.ranking;
  }

  private ofColumns(a: number, row: number, markF64: number): number {
    const p = this.book.population;
    const m = p.legMarket[row]!;
    const long = p.legSide[row]! > 0;
    const qty = p.legLots[row]! * this.stepF64[m]!;
    const wallet = p.cross[a] === 1 ? this.columns.wallet[a]! : this.columns.margin[row]!;
    const due = this.clocks[m]!.dueF64(long, qty);
    const entry = this.columns.entryValue[row]!;
    return this.points(m, { long, qty, entry, wallet: wallet - due, markF64 });
  }

  /** A touched pocket of one leg. */
  private ofLeg(account: LiveAccount, leg: LiveLeg, m: number, markF64: number): number {
    const wallet = (account.cross ? account.wallet : leg.margin).approxF64();
    return this.points(m, {
      long: leg.side === 'long',
      qty: leg.lots * this.stepF64[m]!,
      entry: leg.entryValue.approxF64(),
      wallet: wallet - this.clocks[m]!.due(leg.side, leg.qty, leg.seen).approxF64(),
      markF64,
    });
  }

  /** The score, OUT, or NaN where float64 cannot vouch for SCORE_BOUND: the exact room must say. */
  private points(
    m: number,
    leg: { long: boolean; qty: number; entry: number; wallet: number; markF64: number },
  ): number {
    const t = this.tiers[m]!;
    const { qty, entry, wallet } = leg;
    const value = t.inverse ? cutF64((qty * t.face) / leg.markF64, t.unit) : qty * leg.markF64;
    const gains = leg.long !== t.inverse;
    const profit = gains ? value - entry : entry - value;
    if (!this.closesLosers && profit < -PROFIT_LEAST * value) return OUT;
    if (Number.isNaN(wallet) || !(Math.abs(profit) > PROFIT_LEAST * value)) return Number.NaN;
    const equity = wallet + profit;
    const fee = this.ranking === 'bitmex' ? value * this.feeF64[m]! : 0;
    if (cancels(wallet, profit) || cancels(equity, -fee)) return Number.NaN;
    const maintenance = this.ranking === 'binance' ? this.maintenance(t, qty, leg.entry, value) : 0;
    if (Number.isNaN(maintenance)) return Number.NaN;
    const common = { notional: value, value, entryValue: entry, margin: wallet, fee, gains };
    const points = score(this.ranking, { profit, wallet, maintenance, equity, ...common });
    return this.closesLosers ? (equity > 0 ? points : OUT) : profit > 0 && points > 0 ? points : OUT;
  }

  /** Maintenance margin of a position; NaN where float64 cannot say which tier it is in. */
  private maintenance(t: ScreenTiers, qty: number, entry: number, value: number): number {
    if (t.slope !== 0 || t.roundUp !== 0) return Number.NaN;
    const notional = t.at === 'entry' ? entry : value;
    const size = t.key === 'qty' ? qty : notional;
    const k = tierOfF64(t, size);
    if (!t.continuous && tierOfF64(t, size * (1 - DOUBT)) !== tierOfF64(t, size * (1 + DOUBT)))
      return Number.NaN;
    return notional * t.rate[k]! - t.deduction[k]!;
  }

  private get closesLosers(): boolean {
    return this.rules.adl.eligible === 'anySolvent';
  }

  /** A pocket of several legs, or one that float64 cannot vouch for, by the exact room. */
  private ofAccount(account: LiveAccount, row: number): number {
    const parts = this.partsOf(account, row);
    const out = this.closesLosers ? !parts.equity.isPositive() : !parts.profit.isPositive();
    if (out) return OUT;
    let points: number;
    if (this.ranking === 'bitmex') {
      const { over, under } = exactScore('bitmex', parts);
      points = over.toNumber() / under.toNumber();
    } else {
      points = score(this.ranking, {
        profit: parts.profit.toNumber(),
        wallet: parts.wallet.toNumber(),
        maintenance: parts.maintenance.toNumber(),
        equity: parts.equity.toNumber(),
        notional: parts.notional.toNumber(),
        value: parts.value.toNumber(),
        entryValue: parts.entryValue.toNumber(),
        margin: parts.margin.toNumber(),
        fee: parts.fee.toNumber(),
        gains: parts.gains,
      });
    }
    return this.closesLosers || points > 0 ? points : OUT;
  }

  private exactOf(row: number): ExactScore {
    return exactScore(this.ranking, this.partsOf(this.book.read(this.book.accountOf[row]!), row));
  }

  private partsOf(account: LiveAccount, row: number): ScoreInput<Money> {
    const leg = account.legs.find((l) => l.row === row)!;
    const view = chargedView(this.book, this.clocks, account, this.book.pocketOf(row));
    const verdict = judge(view, this.marks, this.rules.trigger);
    const value = valueAt(leg.market, leg.qty, this.marks(leg.market.id));
    const shares = this.ranking === 'bitmex' ? marginShares(view, this.marks) : [];
    return {
      profit: unrealizedPnl(leg, this.marks(leg.market.id)),
      wallet: view.wallet,
      maintenance: verdict.maintenance,
      equity: verdict.equity,
      notional: verdict.notional,
      value,
      entryValue: leg.entryValue,
      margin: shares[view.legs.indexOf(leg)] ?? view.wallet,
      fee: value.times(leg.rules.bankruptcy.feeRate),
      gains: (leg.side === 'long') === (leg.market.kind === 'linear'),
    };
  }
}

/** Whether a + b is a difference of nearly equal floats. */
const cancels = (a: number, b: number): boolean =>
  a > 0 !== b > 0 && Math.abs(a + b) <= SUM_LEAST * Math.max(Math.abs(a), Math.abs(b));

/** An inverse value cut to the venue's unit, as the exact room does; NaN where float64 cannot tell which way. */
function cutF64(value: number, unit: number): number {
  const units = value / unit;
  const rest = units - Math.floor(units);
  if (Math.abs(rest - 0.5) < 1e-6 + units * 1e-15) return Number.NaN;
  return Math.round(units) * unit;
}
