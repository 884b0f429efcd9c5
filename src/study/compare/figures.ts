/**
 * A sink that keeps, in memory, what the figures of a comparison are made of: headline sums by way of
 * Tally, the path of the mark, and who lost what when. One for all worlds of a pass.
 */
import { carried, type Money } from '../../basics/exact.ts';
import type { Pricing } from '../../engine/pricing.ts';
import type { FillRow, LiquidationRow, Outbox } from '../../engine/rows.ts';
import type { World } from '../../engine/world.ts';
import { PositionBook } from '../../ledger/positionBook.ts';
import { profit, valueAt } from '../../margin/leg.ts';
import type { MetricRow } from '../../results/runTables.ts';
import type { Sink } from '../../results/sink.ts';
import { Tally } from '../../results/tally.ts';
import type { Market, MarketId } from '../../rules/market.ts';
import { FundCurve } from './fundCurve.ts';
import { HoldingOn, type MarkPath } from './held.ts';
import { heldAt } from './heldAt.ts';
import type { WorldFigures } from './metrics.ts';

/** What the figures need beside the rows of a world. */
export interface EntryFigures {
  readonly efficiency: number | null;
  readonly needMoreMargin: number | null;
}

/** Sums of one world; text and numbers that people read, so float64. */
class WorldNotes {
  /** Fills of each account in order. */
  readonly fills = new Map<string, FillRow[]>();
  /** First verdict of each account. */
  readonly first = new Map<string, LiquidationRow>();
  readonly ends = new Map<string, Set<string>>();
  readonly adlByAccount = new Map<string, number>();
  readonly fund = new FundCurve();
  readonly path: Path;
  /** Quantities that liquidations took from accounts, and that forced orders took to the book. */
  readonly lost: number[];
  readonly booked: number[];
  traderCost = 0;

  /** @param path  shared by worlds whose prices are the same */
  constructor(path: Path) {
    this.path = path;
    this.lost = path.marks.map(() => 0);
    this.booked = path.marks.map(() => 0);
  }
}

/** Mark and number of funding stamps of each beat, per market. */
interface Path {
  readonly marks: readonly Float64Array[];
  readonly stamps: readonly Uint16Array[];
}

const emptyPath = (markets: number, beats: number): Path => ({
  marks: Array.from({ length: markets }, () => new Float64Array(beats).fill(Number.NaN)),
  stamps: Array.from({ length: markets }, () => new Uint16Array(beats)),
});

const LOST: readonly FillRow['why'][] = ['liquidation', 'takeover', 'adl'];

export class CompareSink implements Sink {
  private readonly worlds: readonly World[];
  private readonly markets: readonly Market[];
  private readonly tally: Tally;
  private readonly notes: readonly WorldNotes[];
  private rows: readonly MetricRow[] | null = null;

  /** @param worlds  in the order of their `input.index`, all on one tape */
  constructor(worlds: readonly World[]) {
    const { markets, frames } = worlds[0]!.input;
    this.worlds = worlds;
    this.markets = markets;
    this.tally = new Tally(new Map(markets.map((m) => [m.id, m])));
    const paths = new Map<Pricing, Path>();
    this.notes = worlds.map(({ input: { pricing } }) => {
      const path = paths.get(pricing) ?? emptyPath(markets.length, frames.beats);
      paths.set(pricing, path);
      return new WorldNotes(path);
    });
  }

  record(world: number, outbox: Outbox): void {
    this.tally.record(world, outbox);
    const notes = this.notes[world]!;
    this.recordPath(world, notes);
    for (const fill of outbox.fills) {
      this.takeFlow(notes, fill);
      if (fill.why === 'unwind') continue;
      const own = notes.fills.get(fill.account);
      if (own === undefined) notes.fills.set(fill.account, [fill]);
      else own.push(fill);
    }
    notes.fund.take(outbox, this.asset);
    for (const row of outbox.liquidations) this.takeLiquidation(world, notes, row);
    for (const { market, account, qty, price } of outbox.adl) {
      const value = valueAt(this.marketOf(market), qty, price).toNumber();
      notes.adlByAccount.set(account, (notes.adlByAccount.get(account) ?? 0) + value);
    }
  }

  /** Settlement asset in which money is told. */
  get asset(): string {
    return this.markets[0]!.settle;
  }

  /** Share of liquidated lots that forced orders brought to the book; 1 where nobody was liquidated. */
  bookShare(world: number, market: number): number {
    const { lost, booked } = this.notes[world]!;
    return lost[market]! > 0 ? Math.min(1, booked[market]! / lost[market]!) : 1;
  }

  /** Marks of every beat of a world and market. */
  marksOf(world: number, market: number): Float64Array {
    return this.notes[world]!.path.marks[market]!;
  }

  /**
   * The figures of a world, once the replay is over.
   *
   * @param baseline  world whose path is history
   * @param entry     what was measured before the first beat
   */
  figures(world: number, baseline: number, entry: EntryFigures): WorldFigures {
    const notes = this.notes[world]!;
    const money = (name: string, side = ''): number => this.sum(world, name, side);
    const liquidated = money('liquidatedAccounts');
    const adlNotional = money('adlNotional');
    const low = this.lowest(world);
    return {
      liquidatedNotional: money('liquidatedNotional'),
      liquidatedLong: money('liquidatedNotional', 'long'),
      liquidatedShort: money('liquidatedNotional', 'short'),
      liquidatedAccounts: liquidated,
      partialRate: liquidated === 0 ? null : partial(notes) / liquidated,
      traderCost: notes.traderCost,
      fundInflow: money('fundInflow'),
      fundOutflow: money('fundOutflow'),
      fundDrawdown: notes.fund.drawdown,
      fundDrawdownMarked: notes.fund.drawdownMarked,
      badDebt: money('badDebt'),
      shortfall: money('shortfall'),
      adlNotional,
      adlContracts: this.sum(world, 'adlContracts', '', this.markets[0]!.id),
      adlAccounts: money('adlAccounts'),
      adlTopTen: topTen(notes.adlByAccount),
      extraDrawdown: low / this.lowest(baseline) - 1,
      efficiency: entry.efficiency,
      needMoreMargin: entry.needMoreMargin,
      ...this.heldFigures(world, notes),
      marketGain: this.marketGain(world),
    };
  }

  private heldFigures(
    world: number,
    notes: WorldNotes,
  ): Pick<WorldFigures, 'unnecessary' | 'unnecessaryNotional' | 'missed'> {
    const { desk, input } = this.worlds[world]!;
    if (desk.book.isPooling) return { unnecessary: null, unnecessaryNotional: null, missed: null };
    const paths = this.markets.map((market, m): MarkPath => {
      const place = desk.book.marketIndex(market.id);
      return {
        market: market.id,
        marksF64: notes.path.marks[m]!,
        stamps: notes.path.stamps[m]!,
        clock: desk.clocks[place]!,
      };
    });
    const { frames, rules, population } = input;
    const opening = new PositionBook({
      population,
      markets: this.markets,
      rules: (id) => rules.markets[id]!,
    });
    const holding = new HoldingOn({ paths, trigger: rules.trigger, beatUs: frames.beatUs });
    let [unnecessary, unnecessaryNotional, missed] = [0, 0, 0];
    for (const [account, row] of notes.first) {
      const legs = heldAt(opening, row, notes.fills.get(account) ?? []);
      if (legs.length === 0) continue;
      const held = { beat: this.beatOf(world, row.tsUs), equity: row.equity, legs };
      const { sound, bankrupt } = holding.outcome(held);
      missed += Number(bankrupt);
      if (!sound) continue;
      unnecessary++;
      unnecessaryNotional += row.notional.toNumber();
    }
    return { unnecessary, unnecessaryNotional, missed };
  }

  private takeFlow(notes: WorldNotes, { why, priceRule, market, qty, effect }: FillRow): void {
    if (effect !== 'close') return;
    const m = this.place(market);
    if (why === 'unwind' || (why === 'liquidation' && (priceRule === 'book' || priceRule === 'impact')))
      notes.booked[m]! += qty.approxF64();
    // of two accounts that ADL closes only one was liquidated
    if (why === 'liquidation' || why === 'takeover') notes.lost[m]! += qty.approxF64();
    if (why === 'adl') notes.lost[m]! += qty.approxF64() / 2;
  }

  private recordPath(world: number, notes: WorldNotes): void {
    const { desk, prices } = this.worlds[world]!;
    if (prices.length === 0) return;
    const beat = this.beatOf(world, desk.tsUs);
    for (let m = 0; m < prices.length; m++) {
      notes.path.marks[m]![beat] = prices[m]!.markF64;
      notes.path.stamps[m]![beat] = desk.clocks[m]!.seen;
    }
  }

  private takeLiquidation(world: number, notes: WorldNotes, row: LiquidationRow): void {
    const known = notes.first.get(row.account);
    if (known === undefined || row.seq < known.seq) notes.first.set(row.account, row);
    const ends = notes.ends.get(row.account) ?? new Set();
    notes.ends.set(row.account, ends.add(row.end));
    const lost = (notes.fills.get(row.account) ?? [])
      .filter((f) => f.seq > row.seq && LOST.includes(f.why))
      .filter((f) => row.mode === 'cross' || (f.market === row.market && f.side === row.side))
      .reduce((sum, f) => sum + this.slippage(world, f, row).toNumber(), 0);
    notes.traderCost += lost + row.fees.toNumber() + row.residue.toNumber() - row.deficit.toNumber();
  }

  /** What a fill lost against the mark of the verdict. */
  private slippage(world: number, fill: FillRow, row: LiquidationRow): Money {
    const market = this.marketOf(fill.market);
    const path = this.marksOf(world, this.place(fill.market));
    const mark =
      fill.market === row.market
        ? row.markAtVerdict
        : carried<'price'>('price', path[this.beatOf(world, row.tsUs)]!);
    const leg = { market, side: fill.side };
    return profit(leg, valueAt(market, fill.qty, mark), fill.value);
  }

  private beatOf(world: number, tsUs: number): number {
    const { startUs, beatUs } = this.worlds[world]!.input.frames;
    return Math.round((tsUs - startUs) / beatUs) - 1;
  }

  private place(id: MarketId): number {
    return this.markets.findIndex((m) => m.id === id);
  }

  private marketOf(id: MarketId): Market {
    return this.markets[this.place(id)]!;
  }

  /** A headline sum over all markets of the first one's settlement asset, or of one market. */
  private sum(world: number, name: string, side: string, market = ''): number {
    this.rows ??= this.tally.rows();
    const found = this.rows.find(
      (r) =>
        r.world === world &&
        r.name === name &&
        r.market === market &&
        r.side === side &&
        (r.unit === this.asset || r.unit === 'accounts' || r.unit === 'contracts'),
    );
    return found?.valueF64 ?? 0;
  }

  private lowest(world: number): number {
    return this.perMarket(world, 'lastLow', [this.markets[0]!.id])[0] ?? Number.NaN;
  }

  private marketGain(world: number): number {
    const own = this.markets.filter((m) => m.settle === this.asset).map((m) => m.id);
    return this.perMarket(world, 'marketProfit', own).reduce((sum, v) => sum + v, 0);
  }

  private perMarket(world: number, name: string, markets: readonly MarketId[]): number[] {
    this.rows ??= this.tally.rows();
    return this.rows
      .filter((r) => r.world === world && r.name === name && markets.includes(r.market))
      .map((r) => r.valueF64);
  }
}

/** Accounts that kept a position after every one of their liquidations. */
const partial = ({ ends }: WorldNotes): number =>
  [...ends.values()].filter((own) => [...own].every((end) => end === 'reduced')).length;

function topTen(byAccount: ReadonlyMap<string, number>): number | null {
  const all = [...byAccount.values()].sort((a, b) => b - a);
  const total = all.reduce((sum, v) => sum + v, 0);
  return total > 0 ? all.slice(0, 10).reduce((sum, v) => sum + v, 0) / total : null;
}
