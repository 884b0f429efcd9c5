/**
 * Prices at which owners act: stop-losses and top-ups as whole ticks. Levels of legs that stand at the
 * start are the same in every world and sorted once; those of arrivals depend on their entry in a world.
 * A quiet beat costs two comparisons a market. `ExhaustiveLevels` compares everybody and must find the same.
 */
import type { Frames } from '../clock/frames.ts';
import type { Behaviour, Population } from '../ledger/population.ts';
import { LadderMaker, type Ladders } from './ladders.ts';
import { WatchList } from './watchList.ts';

/** A level that was reached: it is used up, whatever comes of it. */
export interface Reached {
  readonly row: number;
  readonly kind: 'topUp' | 'stop';
}

export interface LevelsInput {
  readonly population: Population;
  readonly behaviour: Behaviour;
  readonly frames: Frames;
}

/** Who is reached by the last price of a beat. */
export interface Levels {
  /** Sets the levels of a leg that was opened at a price. @param arrival  its place among the arrivals */
  put(arrival: number, entryTicks: number): void;
  /** Level of a leg, whole ticks; 0: it has none. */
  levelOf(reached: Reached): number;
  /** Takes out all that a last price reaches, by row, a top-up before a stop. */
  take(market: number, lastTicks: number): readonly Reached[];
}

/** What all worlds of a population on one tape share. A code is 2 row + 1 for a stop, 2 row for a top-up. */
interface Shared {
  /** First recorded last price by market, whole ticks: what legs that stand at the start have levels from. */
  readonly reference: readonly number[];
  /** Place among the arrivals, by row. */
  readonly arrivalOf: ReadonlyMap<number, number>;
  /** Codes that have a level, ascending: what is watched is the place in this list. */
  readonly codes: Uint32Array;
  /** Place of a code of an arrival. */
  readonly placeOf: ReadonlyMap<number, number>;
  readonly ladders: Ladders;
}

const codeOf = ({ row, kind }: Reached): number => 2 * row + (kind === 'stop' ? 1 : 0);
const reachedOf = (code: number): Reached => ({ row: code >> 1, kind: (code & 1) === 1 ? 'stop' : 'topUp' });

/** Level over the price at which it was set; 0: none. */
const multiple = ({ stop, topUp }: Behaviour, code: number): number =>
  ((code & 1) === 1 ? stop : topUp)[code >> 1] ?? 0;

const known = new WeakMap<Behaviour, WeakMap<Frames, Shared>>();

function sharedOf(input: LevelsInput): Shared {
  const byFrames = known.get(input.behaviour) ?? new WeakMap<Frames, Shared>();
  known.set(input.behaviour, byFrames);
  const made = byFrames.get(input.frames) ?? makeShared(input);
  byFrames.set(input.frames, made);
  return made;
}

function makeShared({ population, behaviour, frames }: LevelsInput): Shared {
  const { legMarket, legSide, legLots, markets } = population;
  const reference = markets.map(
    (id) => frames.markets.get(id)?.lastTicks.find((ticks) => !Number.isNaN(ticks)) ?? Number.NaN,
  );
  const arrivalOf = new Map(Array.from(behaviour.arrivals.row, (row, i) => [row, i]));
  const codes = Uint32Array.from({ length: 2 * legLots.length }, (_, code) => code).filter(
    (code) => multiple(behaviour, code) > 0,
  );
  const placeOf = new Map<number, number>();
  const maker = new LadderMaker(markets.length, codes.length);
  for (const [place, code] of codes.entries()) {
    const row = code >> 1;
    const m = legMarket[row]!;
    const level = Math.round(multiple(behaviour, code) * reference[m]!);
    if (arrivalOf.has(row)) placeOf.set(code, place);
    else if (legSide[row]! > 0) maker.put(place, m, level, Infinity);
    else if (level > 0) maker.put(place, m, 0, level);
  }
  return { reference, arrivalOf, codes, placeOf, ladders: maker.made() };
}

/** What both ways of looking know of a level. */
class Anchors {
  protected readonly input: LevelsInput;
  protected readonly shared: Shared;
  /** Entry of arrivals in this world, whole ticks; NaN before they came. */
  protected readonly entryTicks: Float64Array;

  constructor(input: LevelsInput) {
    this.input = input;
    this.shared = sharedOf(input);
    this.entryTicks = new Float64Array(input.behaviour.arrivals.row.length).fill(Number.NaN);
  }

  levelOf(of: Reached): number {
    const arrival = this.shared.arrivalOf.get(of.row);
    const anchor =
      arrival === undefined
        ? this.shared.reference[this.input.population.legMarket[of.row]!]!
        : this.entryTicks[arrival]!;
    return Math.round(multiple(this.input.behaviour, codeOf(of)) * anchor) || 0;
  }
}

/** Asks the tops of two heaps a market. */
export class ScreenedLevels extends Anchors implements Levels {
  private readonly watch: WatchList;

  constructor(input: LevelsInput) {
    super(input);
    this.watch = new WatchList(input.population.markets.length, this.shared.codes.length);
    this.watch.adopt(this.shared.ladders);
  }

  put(arrival: number, entryTicks: number): void {
    this.entryTicks[arrival] = entryTicks;
    const { legSide, legMarket } = this.input.population;
    const row = this.input.behaviour.arrivals.row[arrival]!;
    for (const kind of ['topUp', 'stop'] as const) {
      const place = this.shared.placeOf.get(codeOf({ row, kind }));
      if (place === undefined) continue;
      const level = this.levelOf({ row, kind });
      const long = legSide[row]! > 0;
      this.watch.put(place, legMarket[row]!, long ? level : 0, long ? Infinity : level);
    }
  }

  take(market: number, lastTicks: number): readonly Reached[] {
    if (!this.watch.touchedBy(market, lastTicks)) return NOBODY;
    return this.watch.take(market, lastTicks).map((place) => reachedOf(this.shared.codes[place]!));
  }
}

const NOBODY: readonly Reached[] = [];

/** Compares every level with every price: the slow twin. */
export class ExhaustiveLevels extends Anchors implements Levels {
  private readonly used = new Set<number>();

  put(arrival: number, entryTicks: number): void {
    this.entryTicks[arrival] = entryTicks;
  }

  take(market: number, lastTicks: number): readonly Reached[] {
    const { legMarket, legSide, legLots } = this.input.population;
    const found: Reached[] = [];
    for (let code = 0; code < 2 * legLots.length; code++) {
      const one = reachedOf(code);
      if (legMarket[one.row] !== market || this.used.has(code)) continue;
      const level = this.levelOf(one);
      if (level === 0 || !(legSide[one.row]! > 0 ? level >= lastTicks : level <= lastTicks)) continue;
      this.used.add(code);
      found.push(one);
    }
    return found;
  }
}
