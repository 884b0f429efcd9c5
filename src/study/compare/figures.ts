/**
 * A sink that keeps, in memory, what the figures of a comparison are made of: headline sums by way of
 * Tally, the path of the mark, and who lost what when. One for all worlds of a pass.
 */
import type { Money } from '../../basics/exact.ts';
import type { Pricing } from '../../engine/pricing.ts';
import type { LiquidationRow, Outbox } from '../../engine/rows.ts';
import type { World } from '../../engine/world.ts';
import { profit, valueAt } from '../../margin/leg.ts';
import type { MetricRow } from '../../results/runTables.ts';
import type { Sink } from '../../results/sink.ts';
import { Tally } from '../../results/tally.ts';
import type { Market, MarketId, Side } from '../../rules/market.ts';
import { adlFigures } from './adlFigures.ts';
import { breakdownOf, type BreakdownRow, isPartly, stopSlippage } from './breakdown.ts';
import type { Fill } from './fillLog.ts';
import { type WaveRow, wavesOf } from './forcedWaves.ts';
import { valueF64 } from './hazardRows.ts';
import { heldFigures } from './heldOf.ts';
import type { WorldFigures } from './metrics.ts';
import { partyFigures } from './partyFigures.ts';
import { priceFigures } from './priceFigures.ts';
import { carryPath, emptyPath, isLoss, type Path, WorldNotes } from './worldNotes.ts';
import { WorldView } from './worldView.ts';

/** What the figures need beside the rows of a world. */
export type EntryFigures = Pick<
  WorldFigures,
  'efficiency' | 'needMoreMargin' | 'needMoreNotional' | 'needMoreAccounts'
>;

/** Of a world whose accounts have no initial margin by position. */
export const NO_ENTRY: EntryFigures = {
  efficiency: null,
  needMoreMargin: null,
  needMoreNotional: null,
  needMoreAccounts: null,
};

export class CompareSink implements Sink {
  private readonly markets: readonly Market[];
  private readonly tally: Tally;
  private readonly views: readonly WorldView[];
  /** Shared by worlds whose prices are the same. */
  private readonly paths: ReadonlySet<Path>;
  private isOver = false;
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
    this.paths = new Set(paths.values());
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

  /** Marks of every beat of a world and market, once the replay is over. */
  marksOf(world: number, market: number): Float64Array {
    return this.ended(world).notes.path.marks[market]!;
  }

  /**
   * The figures of a world, once the replay is over.
   *
   * @param baseline  world whose path is history
   * @param entry     what was measured before the first beat
   */
  figures(world: number, baseline: number, entry: EntryFigures): WorldFigures {
    const view = this.ended(world);
    const { notes } = view;
    const money = (name: string, side = ''): number => this.sum(world, name, side);
    const liquidated = money('liquidatedAccounts');
    const adlNotional = money('adlNotional');
    const low = this.lowest(world);
    const interest = openInterest(view);
    return {
      liquidatedNotional: money('liquidatedNotional'),
      liquidatedLong: money('liquidatedNotional', 'long'),
      liquidatedShort: money('liquidatedNotional', 'short'),
      liquidatedAccounts: liquidated,
      multiLoss: multiLoss(notes),
      longShare: ratio(money('liquidatedNotional', 'long'), interest),
      shortShare: ratio(money('liquidatedNotional', 'short'), interest),
      firstTouchLong: ratio(firstTouch(view, 'long'), interest),
      firstTouchShort: ratio(firstTouch(view, 'short'), interest),
      partialRate: liquidated === 0 ? null : alive(view) / liquidated,
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
      ...adlFigures(view),
      extraDrawdown: low / this.lowest(baseline) - 1,
      ...entry,
      ...heldFigures(view),
      ...priceFigures(view),
      ...partyFigures(view),
      amplification: null,
      ...marginFigures(view),
    };
  }

  /** Figures of a world by hour, tier and leverage, once the replay is over. */
  breakdown(world: number): BreakdownRow[] {
    return breakdownOf(this.ended(world));
  }

  /** Waves of forced closes of a world. */
  waves(world: number): WaveRow[] {
    return wavesOf(this.ended(world));
  }

  /** A world after its last beat. */
  private ended(world: number): WorldView {
    if (!this.isOver) for (const path of this.paths) carryPath(path);
    this.isOver = true;
    return this.views[world]!;
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
  const { marks, stamps, last, premium } = view.notes.path;
  const { lastF64, index, markF64 } = prices[0]!;
  const market = view.markets[0]!;
  if (Number.isNaN(last[beat]!)) {
    last[beat] = lastF64;
    premium[beat] = lastF64 / index.approxF64() - 1;
  }
  if (view.world.books.get(market.id)!.forced.sell > 0 && view.notes.sells.at(-1) !== beat)
    view.notes.sells.push(beat);
  view.notes.margin.take(market, view.world.input.rules.markets[market.id]!, markF64, beat);
  for (let m = 0; m < prices.length; m++) {
    marks[m]![beat] = prices[m]!.markF64;
    stamps[m]![beat] = desk.clocks[m]!.seen;
  }
}

/** What a liquidation took beyond the loss at the mark of its verdict; asked when it ends. */
function costOf(view: WorldView, row: LiquidationRow): number {
  const lost = view.notes.fills
    .of(row.account)
    .filter((f) => f.seq > row.seq && isLoss(f))
    .filter((f) => row.mode === 'cross' || (f.market === row.market && f.side === row.side))
    .reduce((sum, f) => sum + slippage(view, f, row).toNumber(), 0);
  return lost + row.fees.toNumber() + row.residue.toNumber() - row.deficit.toNumber();
}

/** What a fill lost against the mark of the verdict. */
function slippage(view: WorldView, fill: Fill, row: LiquidationRow): Money {
  const market = view.market(fill.market);
  const isSame = fill.market === row.market;
  const mark = isSame ? row.markAtVerdict : view.mark(fill.market, view.beatOf(row.tsUs));
  return profit({ market, side: fill.side }, valueAt(market, fill.qty, mark), fill.value);
}

/** Open interest of the first beat at its mark, over the markets of one asset. */
const openInterest = (view: WorldView): number =>
  [...view.notes.opened.values()].reduce(
    (sum, { market, openInterest: qty, mark }) =>
      view.isOwn(market) ? sum + valueAt(view.market(market), qty, mark).toNumber() : sum,
    0,
  );

/**
 * Value at the first mark of what closes by order or takeover ended of one side's positions of the start:
 * what came later is no part of it, whatever was opened on top.
 */
function firstTouch(view: WorldView, side: Side): number {
  const [first] = view.span ?? [0];
  let total = 0;
  const lost = [...view.notes.fills.because('liquidation', 'takeover')].filter(
    (f) => f.effect === 'close' && f.side === side && view.isOwn(f.market),
  );
  for (const [account, fills] of Map.groupBy(lost, (f) => f.account)) {
    for (const [id, own] of Map.groupBy(fills, (f) => f.market)) {
      const { legs } = view.opening.read(view.opening.find(account));
      const held = legs.find((leg) => leg.market.id === id && leg.side === side)?.qty.toNumber() ?? 0;
      const qty = Math.min(
        held,
        own.reduce((sum, f) => sum + f.qty.toNumber(), 0),
      );
      const market = view.market(id);
      total += valueF64(market, qty / market.qtyStep.toNumber(), view.markF64(id, first));
    }
  }
  return total;
}

/** Procyclicality and margin calls; null where several assets are judged as one. */
function marginFigures({
  world,
  notes,
  markets,
}: WorldView): Pick<WorldFigures, 'procyclicality' | 'marginCall5' | 'marginCall60'> {
  const { desk, input } = world;
  if (desk.book.isPooling) return { procyclicality: null, marginCall5: null, marginCall60: null };
  const { ratio: procyclicality, calls } = notes.margin.figures({
    population: input.population,
    market: markets[0]!,
    marks: notes.path.marks[0]!,
    beatUs: input.frames.beatUs,
  });
  return { procyclicality, marginCall5: calls[0]!, marginCall60: calls[1]! };
}

/** Accounts with a verdict that lost something by it and still hold something of its pocket. */
const alive = (view: WorldView): number =>
  [...view.notes.ended.values()].filter((own) => own.some(({ row }) => isPartly(view, row))).length;

/** Accounts that wholly lost more than one position in one beat. */
const multiLoss = ({ ended }: WorldNotes): number =>
  [...ended.values()].filter((own) => {
    const lost = new Map<number, number>();
    for (const { row } of own) lost.set(row.endUs, (lost.get(row.endUs) ?? 0) + row.positionsLost);
    return [...lost.values()].some((positions) => positions > 1);
  }).length;

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
