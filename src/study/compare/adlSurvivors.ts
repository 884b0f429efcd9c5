/** Positions as they went, float64: what the most profitable one keeps after winners were closed. */
import { columnsF64 } from '../../ledger/population.ts';
import type { Fill, FillLog } from './fillLog.ts';
import { valueF64 } from './hazardRows.ts';
import type { WorldView } from './worldView.ts';

export class Survivors {
  private readonly view: WorldView;
  private readonly fills: FillLog;
  private readonly lots: Float64Array;
  private readonly entry: Float64Array;
  private taken = 0;

  constructor(view: WorldView) {
    const { population } = view.world.input;
    this.view = view;
    this.fills = view.notes.fills;
    this.lots = Float64Array.from(population.legLots);
    this.entry = columnsF64(population).entryValue.slice();
  }

  /**
   * Largest profit of a position in a market of the asset, at the marks of a beat.
   *
   * @param seq      positions stand as just before this number; never before that of an earlier question
   * @param without  positions that are left out
   * @returns        0 where none is in profit
   */
  largest(seq: number, beat: number, without: readonly Pick<Fill, 'account' | 'market' | 'side'>[]): number {
    for (; this.taken < this.fills.size && this.fills.seqAt(this.taken) < seq; this.taken++)
      this.take(this.fills.at(this.taken));
    const { view } = this;
    const p = view.world.input.population;
    const out = new Set(without.map((leg) => this.rowOf(leg)));
    const markets = p.markets.map((id) => ({ market: view.market(id), mark: view.markF64(id, beat) }));
    let most = 0;
    for (let row = 0; row < this.lots.length; row++) {
      const { market, mark } = markets[p.legMarket[row]!]!;
      if (this.lots[row] === 0 || market.settle !== view.asset || out.has(row)) continue;
      const value = valueF64(market, this.lots[row]!, mark);
      const side = market.kind === 'linear' ? p.legSide[row]! : -p.legSide[row]!;
      most = Math.max(most, side * (value - this.entry[row]!));
    }
    return most;
  }

  private take(fill: Fill): void {
    const row = this.rowOf(fill);
    if (row < 0) return;
    const sign = fill.effect === 'open' ? 1 : -1;
    const step = this.view.market(fill.market).qtyStep.toNumber();
    this.lots[row]! += sign * Math.round(fill.qty.toNumber() / step);
    this.entry[row]! += sign * fill.entryValue.toNumber();
  }

  /** Row of a position; -1: a fund's. */
  private rowOf({ account, market, side }: Pick<Fill, 'account' | 'market' | 'side'>): number {
    const p = this.view.world.input.population;
    const a = this.view.opening.find(account);
    if (a < 0) return -1;
    for (let row = p.legStart[a]!; row < p.legStart[a + 1]!; row++)
      if (p.markets[p.legMarket[row]!] === market && p.legSide[row] === (side === 'long' ? 1 : -1))
        return row;
    return -1;
  }
}
