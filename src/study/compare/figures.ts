/**
 * A sink that keeps, in memory, what the figures of a comparison are made of: headline sums by way of
 * Tally, the path of the mark, and who lost what when. One for all worlds of a pass.
 */
import type { Money } from '../../basics/exact.ts';
import type { Pricing } from '../../engine/pricing.ts';
import type { FillRow, LiquidationRow, Outbox } from '../../engine/rows.ts';
import type { World } from '../../engine/world.ts';
import { profit, valueAt } from '../../margin/leg.ts';
import type { MetricRow } from '../../results/runTables.ts';
import type { Sink } from '../../results/sink.ts';
import { Tally } from '../../results/tally.ts';
import type { Market, MarketId } from '../../rules/market.ts';
import { breakdownOf, type BreakdownRow, stopSlippage } from './breakdown.ts';
import { type WaveRow, wavesOf } from './forcedWaves.ts';
import { heldFigures } from './heldOf.ts';
import type { WorldFigures } from './metrics.ts';
import { emptyPath, isLoss, type Path, WorldNotes } from './worldNotes.ts';
import { WorldView } from './worldView.ts';

/** What the figures need beside the rows of a world. */
export interface EntryFigures {
  readonly efficiency: number | null;
  readonly needMoreMargin: number | null;
}

export class CompareSink implements Sink {
  private readonly markets: readonly Market[];
  private readonly tally: Tally;
  private readonly views: readonly WorldView[];
  private rows: readonly MetricRow[] | null = null;

  /** @param worlds  in the order of their `input.index`, all on one tape */
  constructor(worlds: readonly World[]) {
    const { markets, frames } = worlds[0]!.input;
    this.markets = markets;
    this.tally = new Tally(new Map(markets.map((m) => [m.id, m])));
    const paths = new Map<Pricing, Path>();
    this.views = worlds.map((world) => {
      const { pricing } = world.input;
      const path = paths.get(pricing) ?? emptyPath(markets.length, frames.beats);
      paths.set(pricing, path);
      return new WorldView(world, new WorldNotes(path, (id) => markets.findIndex((m) => m.id === id)));
    });
  }

  record(world: number, outbox: Outbox): void {
    this.tally.record(world, outbox);
    const view = this.views[world]!;
    recordPath(view);
    view.notes.take(outbox, view.asset);
    for (const row of outbox.liquidations) view.notes.end({ row, cost: costOf(view, row) });
  }

  /** Settlement asset in which money is told. */
  get asset(): string {
    return this.markets[0]!.settle;
  }

  /** Share of liquidated lots that forced orders brought to the book; 1 where nobody was liquidated. */
  bookShare(world: number, market: number): number {
    return this.views[world]!.notes.book.of(market);
  }

  /** Marks of every beat of a world and market. */
  marksOf(world: number, market: number): Float64Array {
    return this.views[world]!.notes.path.marks[market]!;
  }

  /**
   * The figures of a world, once the replay is over.
   *
   * @param baseline  world whose path is history
   * @param entry     what was measured before the first beat
   */
  figures(world: number, baseline: number, entry: EntryFigures): WorldFigures {
    const view = this.views[world]!;
    const { notes } = view;
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
      traderCost: [...notes.ended.values()].flat().reduce((sum, { cost }) => sum + cost, 0),
      stopSlippage: stopSlippage(view),
      fundInflow: money('fundInflow'),
      fundOutflow: money('fundOutflow'),
      fundDrawdown: notes.fund.drawdown,
      fundDrawdownMarked: notes.fund.drawdownMarked,
      badDebt: money('badDebt'),
      shortfall: money('shortfall'),
      adlNotional,
      adlContracts: this.sum(world, 'adlContracts', '', this.markets[0]!.id),
      adlAccounts: money('adlAccounts'),
      adlTopTen: topTen(adlByAccount(view).values()),
      extraDrawdown: low / this.lowest(baseline) - 1,
      efficiency: entry.efficiency,
      needMoreMargin: entry.needMoreMargin,
      ...heldFigures(view),
      marketGain: this.marketGain(world),
    };
  }

  /** Figures of a world by hour, tier and leverage, once the replay is over. */
  breakdown(world: number): BreakdownRow[] {
    return breakdownOf(this.views[world]!);
  }

  /** Waves of forced closes of a world. */
  waves(world: number): WaveRow[] {
    return wavesOf(this.views[world]!);
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

/** Keeps the prices of the beat that a world has just acted on. */
function recordPath(view: WorldView): void {
  const { desk, prices } = view.world;
  if (prices.length === 0) return;
  const beat = view.beatOf(desk.tsUs);
  const { marks, stamps } = view.notes.path;
  for (let m = 0; m < prices.length; m++) {
    marks[m]![beat] = prices[m]!.markF64;
    stamps[m]![beat] = desk.clocks[m]!.seen;
  }
}

/** What a liquidation took beyond the loss at the mark of its verdict; asked when it ends. */
function costOf(view: WorldView, row: LiquidationRow): number {
  const lost = (view.notes.fills.get(row.account) ?? [])
    .filter((f) => f.seq > row.seq && isLoss(f))
    .filter((f) => row.mode === 'cross' || (f.market === row.market && f.side === row.side))
    .reduce((sum, f) => sum + slippage(view, f, row).toNumber(), 0);
  return lost + row.fees.toNumber() + row.residue.toNumber() - row.deficit.toNumber();
}

/** What a fill lost against the mark of the verdict. */
function slippage(view: WorldView, fill: FillRow, row: LiquidationRow): Money {
  const market = view.market(fill.market);
  const isSame = fill.market === row.market;
  const mark = isSame ? row.markAtVerdict : view.mark(fill.market, view.beatOf(row.tsUs));
  return profit({ market, side: fill.side }, valueAt(market, fill.qty, mark), fill.value);
}

/** Accounts that kept a position after every one of their liquidations. */
const partial = ({ ended }: WorldNotes): number =>
  [...ended.values()].filter((own) => own.every(({ row }) => row.end === 'reduced')).length;

/** Value that ADL closed, by winner. */
function adlByAccount(view: WorldView): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { market, account, qty, price } of view.notes.adl) {
    const value = valueAt(view.market(market), qty, price).toNumber();
    found.set(account, (found.get(account) ?? 0) + value);
  }
  return found;
}

/** Share of the ten largest amounts; null of nothing. */
function topTen(amounts: Iterable<number>): number | null {
  const all = [...amounts].sort((a, b) => b - a);
  const total = all.reduce((sum, v) => sum + v, 0);
  return total > 0 ? all.slice(0, 10).reduce((sum, v) => sum + v, 0) / total : null;
}
