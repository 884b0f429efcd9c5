/** One world after its replay, as the figures look at it: its rows, its path, and everybody as they stood before it. */
import { carried, type Price } from '../../basics/exact.ts';
import type { LiquidationRow } from '../../engine/rows.ts';
import type { World } from '../../engine/world.ts';
import { PositionBook } from '../../ledger/positionBook.ts';
import type { Leg } from '../../margin/leg.ts';
import type { Market, MarketId } from '../../rules/market.ts';
import type { Fill } from './fillLog.ts';
import { type Held, heldOf } from './heldOf.ts';
import { HeldAt } from './heldAt.ts';
import { accountGains } from './partyFigures.ts';
import type { WorldNotes } from './worldNotes.ts';

export class WorldView {
  readonly world: World;
  readonly notes: WorldNotes;
  readonly markets: readonly Market[];
  private before: PositionBook | null = null;
  private standing: HeldAt | null = null;
  private holdings: ReadonlyMap<string, Held> | null | undefined;
  private changes: Float64Array | null = null;

  constructor(world: World, notes: WorldNotes) {
    this.world = world;
    this.notes = notes;
    this.markets = world.input.markets;
  }

  /** Settlement asset in which money is told. */
  get asset(): string {
    return this.markets[0]!.settle;
  }

  /** Whether a market's money is of that asset. */
  isOwn(id: MarketId): boolean {
    return this.market(id).settle === this.asset;
  }

  /** Everybody as they stood before the first beat. */
  get opening(): PositionBook {
    const { population, rules } = this.world.input;
    this.before ??= new PositionBook({
      population,
      markets: this.markets,
      rules: (id) => rules.markets[id]!,
    });
    return this.before;
  }

  /** What holding on would have done to accounts with a verdict; null where several assets are judged as one. */
  get held(): ReadonlyMap<string, Held> | null {
    if (this.holdings === undefined) this.holdings = heldOf(this);
    return this.holdings;
  }

  /** Change of wealth of each account from the first mark to the end, settlement units. */
  get gains(): Float64Array {
    this.changes ??= accountGains(this);
    return this.changes;
  }

  place(id: MarketId): number {
    return this.markets.findIndex((m) => m.id === id);
  }

  market(id: MarketId): Market {
    return this.markets[this.place(id)]!;
  }

  beatOf(tsUs: number): number {
    const { startUs, beatUs } = this.world.input.frames;
    return Math.round((tsUs - startUs) / beatUs) - 1;
  }

  markF64(id: MarketId, beat: number): number {
    return this.notes.path.marks[this.place(id)]![beat]!;
  }

  mark(id: MarketId, beat: number): Price {
    return carried('price', this.markF64(id, beat));
  }

  /** First beat that has a price, and the last of the run once the path is carried on; null where none has. */
  get span(): readonly [first: number, last: number] | null {
    const marks = this.notes.path.marks[0]!;
    const [first, last] = [
      marks.findIndex((x) => !Number.isNaN(x)),
      marks.findLastIndex((x) => !Number.isNaN(x)),
    ];
    return first < 0 ? null : [first, last];
  }

  /** Legs of the pocket of a verdict, or of the leg of a fill, just before it. */
  legsBefore(row: Pick<LiquidationRow | Fill, 'account' | 'market' | 'side' | 'seq'>): Leg[] {
    this.standing ??= new HeldAt(this.opening, this.notes.fills);
    return this.standing.before(row);
  }

  /** Leverage of a position as drawn; null where its account has none of that market and side. */
  leverageOf({ account, market, side }: Pick<Fill, 'account' | 'market' | 'side'>): number | null {
    const a = this.opening.find(account);
    if (a < 0) return null;
    const leg = this.opening.read(a).legs.find((l) => l.market.id === market && l.side === side);
    return leg?.leverage ?? null;
  }
}
