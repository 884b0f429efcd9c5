/**
 * Scores of one side's positions in float64, for the queue: straight from the population columns for
 * the many untouched pockets of one leg, through the exact verdict for the few others.
 */
import { ZERO_MONEY } from '../basics/exact.ts';
import { AdlQueue } from '../adl/queue.ts';
import { compareExact, exactScore, type Ranking, score } from '../adl/ranking.ts';
import type { FundingClock } from '../ledger/fundingClock.ts';
import { type ColumnsF64, columnsF64 } from '../ledger/population.ts';
import type { LiveAccount, LiveLeg, PositionBook } from '../ledger/positionBook.ts';
import { sign } from '../ledger/side.ts';
import { type Marks, unrealizedPnl } from '../margin/leg.ts';
import { type ScreenTiers, screenTiers, tierOfF64 } from '../margin/screen.ts';
import { judge } from '../margin/trigger.ts';
import type { Market, Side } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { pocketView } from './pocketView.ts';

/** Profit below this share of value is a difference of nearly equal floats. */
const PROFIT_LEAST = 1e-4;
/** Relative distance from a tier bound within which a jump may be on either side. */
const DOUBT = 1e-9;

export class AdlScores {
  private readonly book: PositionBook;
  private readonly clocks: readonly FundingClock[];
  private readonly marks: Marks;
  private readonly rules: RuleSet;
  private tiers: readonly ScreenTiers[] = [];
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
  }

  /** The queue of winners of one side at today's marks. */
  queue(market: Market, side: Side): AdlQueue {
    const { population, accountOf } = this.book;
    const m = this.book.marketIndex(market.id);
    const candidates = this.candidates(m, side);
    const rows = new Uint32Array(candidates.length);
    const lots = new Float64Array(candidates.length);
    const scores = new Float64Array(candidates.length);
    let size = 0;
    const markF64 = this.marks(market.id).toNumber();
    for (const row of candidates) {
      const a = accountOf[row]!;
      const touched = this.book.isTouched(a) ? this.book.touched(a) : undefined;
      const one = population.cross[a] === 0 || population.legStart[a + 1]! - population.legStart[a]! === 1;
      let points: number;
      let held = population.legLots[row]!;
      if (touched === undefined && one) {
        points = this.ofColumns(a, row, markF64);
        if (Number.isNaN(points)) points = this.ofAccount(this.book.read(a), row);
      } else {
        const account = touched ?? this.book.read(a);
        const leg = account.legs.find((l) => l.row === row)!;
        held = leg.lots;
        const out = held === 0 || account.frozen.has(this.book.pocketOf(row));
        points = out ? 0 : one ? this.ofLeg(account, leg, m, markF64) : Number.NaN;
        if (Number.isNaN(points)) points = this.ofAccount(account, row);
      }
      if (!(points > 0) || held === 0) continue;
      rows[size] = row;
      lots[size] = held;
      scores[size++] = points;
    }
    const known = new Map<number, ReturnType<AdlScores['exactOf']>>();
    const exactOf = (row: number): ReturnType<AdlScores['exactOf']> => {
      const found = known.get(row) ?? this.exactOf(row);
      known.set(row, found);
      return found;
    };
    return new AdlQueue({
      rows: rows.subarray(0, size),
      lots: lots.subarray(0, size),
      scores: scores.subarray(0, size),
      compareExact: (x, y) => compareExact(exactOf(x), exactOf(y)),
    });
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

  /** The score, or NaN where float64 cannot vouch for SCORE_BOUND: the exact room must say. */
  private points(
    m: number,
    leg: { long: boolean; qty: number; entry: number; wallet: number; markF64: number },
  ): number {
    const t = this.tiers[m]!;
    const { qty, entry, wallet } = leg;
    if (t.slope !== 0 || t.roundUp !== 0) return Number.NaN;
    const value = t.inverse ? cutF64((qty * t.face) / leg.markF64, t.unit) : qty * leg.markF64;
    const profit = leg.long === t.inverse ? entry - value : value - entry;
    if (profit < -PROFIT_LEAST * value) return 0;
    const notional = t.at === 'entry' ? entry : value;
    const size = t.key === 'qty' ? qty : notional;
    const k = tierOfF64(t, size);
    const doubtful = !t.continuous && tierOfF64(t, size * (1 - DOUBT)) !== tierOfF64(t, size * (1 + DOUBT));
    if (doubtful || Number.isNaN(wallet) || !(profit > PROFIT_LEAST * value)) return Number.NaN;
    const maintenance = notional * t.rate[k]! - t.deduction[k]!;
    const equity = wallet + profit;
    return score(this.ranking, { profit, wallet, maintenance, equity, notional: value, entryValue: entry });
  }

  /** A pocket of several legs, by the exact room. */
  private ofAccount(account: LiveAccount, row: number): number {
    const parts = this.partsOf(account, row);
    if (!parts.profit.isPositive()) return 0;
    return score(this.ranking, {
      profit: parts.profit.toNumber(),
      wallet: parts.wallet.toNumber(),
      maintenance: parts.maintenance.toNumber(),
      equity: parts.equity.toNumber(),
      notional: parts.notional.toNumber(),
      entryValue: parts.entryValue.toNumber(),
    });
  }

  private exactOf(row: number): ReturnType<typeof exactScore> {
    return exactScore(this.ranking, this.partsOf(this.book.read(this.book.accountOf[row]!), row));
  }

  private partsOf(account: LiveAccount, row: number): Parameters<typeof exactScore>[1] {
    const leg = account.legs.find((l) => l.row === row)!;
    const view = pocketView(this.book, account, this.book.pocketOf(row));
    const verdict = judge(view, this.marks, this.rules.trigger);
    const pending = view.legs.map((l) =>
      this.clocks[this.book.marketIndex(l.market.id)]!.due(l.side, l.qty, l.seen),
    );
    const due = pending.reduce((total, d) => total.plus(d), ZERO_MONEY);
    return {
      profit: unrealizedPnl(leg, this.marks(leg.market.id)),
      wallet: view.wallet.minus(due),
      maintenance: verdict.maintenance,
      equity: verdict.equity.minus(due),
      notional: verdict.notional,
      entryValue: leg.entryValue,
    };
  }
}

/** An inverse value cut to the venue's unit, as the exact room does; NaN where float64 cannot tell which way. */
function cutF64(value: number, unit: number): number {
  const units = value / unit;
  const rest = units - Math.floor(units);
  if (Math.abs(rest - 0.5) < 1e-6 + units * 1e-15) return Number.NaN;
  return Math.round(units) * unit;
}
