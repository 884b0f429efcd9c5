/**
 * The branching ratio: how many lots a liquidated lot brings down. Below 1 a cascade dies out by
 * itself; near 1 a model's magnitudes mean nothing any more (docs/method.md (Counterfactuals)).
 *
 *   R(t) = lambda(t) G(60 s) phi min(lots within 1 % ahead of the mark, eta V(60 s)) / 0.01
 *
 * lambda is the impact coefficient of the beat (log price per lot), G what the kernel leaves of a
 * kick after a minute, phi the share of liquidated lots that reaches the book in this world. The lots
 * ahead are those of pockets as they stand in that beat, newcomers among them, by their liquidation
 * prices, solved anew when an account changes and, for everybody, when rules change or funding is charged;
 * the book takes no more of them in a minute than the share eta of what was traded in it.
 * Measured in every beat; the largest of five minutes is kept, the largest of all counts. Screens, so float64.
 */
import { SECOND_US } from '../../basics/instant.ts';
import type { World } from '../../engine/world.ts';
import { kernelAt, type KernelName } from '../../impact/kernel.ts';
import type { LiveAccount, PocketId } from '../../ledger/positionBook.ts';

/** Liquidation prices of one side of a market, in order, and the lots up to each. */
interface Profile {
  readonly prices: Float64Array;
  /** Lots at prices before this place; one more than prices. */
  readonly sums: Float64Array;
}

/** Liquidation prices of a market: below the mark (long positions mostly) and above. */
export interface Hazard {
  readonly below: Profile;
  readonly above: Profile;
}

const MINUTE_US = 60 * SECOND_US;
const REACH = 0.01;
/** Time of which the largest ratio is kept. */
const KEPT_US = 5 * MINUTE_US;

/** Where a pocket would be liquidated, and how many lots it nets to. */
interface Trigger {
  readonly market: number;
  readonly lots: number;
  /** 0 and Infinity: nowhere. */
  readonly low: number;
  readonly high: number;
}

const pocketsOf = (world: World, account: LiveAccount): PocketId[] =>
  account.cross ? [world.desk.book.population.legStart[account.index]!] : account.legs.map((leg) => leg.row);

/** Of one pocket as it stands; null where it holds nothing, or positions in several markets. */
function triggerOf(
  world: World,
  at: { readonly account: LiveAccount; readonly pocket: PocketId; readonly marksF64: Float64Array },
): Trigger | null {
  const { account, pocket, marksF64 } = at;
  const { book } = world.desk;
  const legs = book.legsOf(account, pocket);
  const [first] = legs;
  if (first === undefined || legs.some((leg) => leg.market !== first.market)) return null;
  const market = book.marketIndex(first.market.id);
  const net = legs.reduce((sum, leg) => sum + (leg.side === 'long' ? leg.lots : -leg.lots), 0);
  const [low, high] = world.screening.triggersOf(account, pocket, market, marksF64);
  return { market, lots: Math.abs(net), low, high };
}

/**
 * Hazard profile of each market under a world's rules, before its first beat; pockets over several
 * markets have no liquidation price and are left out.
 */
export function hazards(world: World, marksF64: Float64Array): Hazard[] {
  const { book } = world.desk;
  const found = book.markets.map(() => ({
    below: [] as [number, number][],
    above: [] as [number, number][],
  }));
  for (let a = 0; a < book.population.accounts; a++) {
    const account = book.read(a);
    for (const pocket of pocketsOf(world, account)) {
      const trigger = triggerOf(world, { account, pocket, marksF64 });
      if (trigger === null) continue;
      const { market, lots, low, high } = trigger;
      if (low > 0) found[market]!.below.push([low, lots]);
      if (high < Infinity) found[market]!.above.push([high, lots]);
    }
  }
  return found.map(({ below, above }) => ({ below: profileOf(below), above: profileOf(above) }));
}

function profileOf(rows: [number, number][]): Profile {
  rows.sort(([a], [b]) => a - b);
  const sums = new Float64Array(rows.length + 1);
  for (const [i, [, lots]] of rows.entries()) sums[i + 1] = sums[i]! + lots;
  return { prices: Float64Array.from(rows, ([price]) => price), sums };
}

/** What the branching ratio along a path is made of, beside the positions. */
export interface BranchingPath {
  /** Impact coefficient of each beat, log price per lot. */
  readonly lambda: Float64Array;
  /** Lots traded in each beat. */
  readonly lots: Float64Array;
  readonly beatUs: number;
  readonly kernel: KernelName;
  /** Share of them that forced orders may take. */
  readonly participation: number;
}

/** Lots of one side of a market by liquidation price, in steps of 1/20,000 of the first mark, up to four times it. */
class Grid {
  private readonly sums = new Float64Array(4 * STEPS + 2);
  private readonly firstMark: number;

  constructor(firstMark: number) {
    this.firstMark = firstMark;
  }

  add(price: number, lots: number): void {
    this.sums[this.placeOf(price)]! += lots;
  }

  /** Lots from one price up to another, each to the step that it lies in. */
  between(from: number, until: number): number {
    let total = 0;
    const end = this.placeOf(until);
    for (let place = this.placeOf(from); place < end; place++) total += this.sums[place]!;
    return total;
  }

  private placeOf(price: number): number {
    return Math.min(Math.floor((price / this.firstMark) * STEPS), this.sums.length - 1);
  }
}

const STEPS = 20_000;

/** One market's measure. */
interface Measured {
  readonly path: BranchingPath;
  readonly below: Grid;
  readonly above: Grid;
  /** What is left of an impact after a minute. */
  readonly left: number;
  /** Beats that make a minute. */
  readonly minute: number;
  /** Lots traded in the minute that ends with this beat. */
  traded: number;
  /** Largest in each five minutes of the window. */
  readonly most: Float64Array;
}

/** The largest branching ratio of five minutes of a market. */
export interface BranchingRow {
  readonly market: string;
  readonly startUs: number;
  readonly ratio: number;
}

/** What is counted of each pocket, by its number. */
interface Counted {
  readonly market: Uint8Array;
  readonly lots: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** Follows the branching ratio of a world, beat by beat, beside its replay. */
export class Branching {
  private readonly world: World;
  private readonly paths: readonly BranchingPath[];
  private readonly counted: Counted;
  private markets: readonly Measured[] | null = null;
  private beat = -1;
  private first = 0;
  /** Rounds of the screen that are in. */
  private rounds = 0;

  /** @param paths  by market */
  constructor(world: World, paths: readonly BranchingPath[]) {
    this.world = world;
    this.paths = paths;
    const rows = world.desk.book.accountOf.length;
    const column = (): Float64Array => new Float64Array(rows);
    this.counted = { market: new Uint8Array(rows), lots: column(), low: column(), high: column() };
  }

  /** Looks at a beat that the world has just acted in, or stood still in; every beat in order. */
  observe(): void {
    const { world } = this;
    this.beat++;
    if (world.prices.length === 0) return;
    const { changed } = world.desk;
    const { watchedAll } = world.screening;
    if (this.markets === null || watchedAll !== this.rounds || changed.size > 0) {
      const marksF64 = Float64Array.from(world.prices, (p) => p.markF64);
      if (this.markets === null) this.begin(marksF64);
      if (watchedAll !== this.rounds) this.lookAtAll(marksF64);
      else for (const account of changed) this.look(account, marksF64);
      this.rounds = watchedAll;
    }
    for (let m = 0; m < world.prices.length; m++)
      measure(this.markets![m]!, this.beat, world.prices[m]!.markF64);
  }

  /**
   * The largest ratio of each five minutes, market by market; none before those of the first beat with prices.
   *
   * @param bookShare  share of a market's liquidated lots that reached the book, by its number
   */
  rows(bookShare: (market: number) => number): BranchingRow[] {
    const { markets } = this.world.desk.book;
    const { startUs, beatUs } = this.world.input.frames;
    const from = placeOf(this.first, beatUs);
    const firstUs = startUs + from * KEPT_US;
    return (this.markets ?? []).flatMap(({ most }, m) =>
      Array.from(most.subarray(from), (ratio, k) => {
        return { market: markets[m]!.id, startUs: firstUs + k * KEPT_US, ratio: ratio * bookShare(m) };
      }),
    );
  }

  /** The largest ratio of any market so far. */
  max(bookShare: (market: number) => number): number {
    return this.rows(bookShare).reduce((most, { ratio }) => Math.max(most, ratio), 0);
  }

  private begin(marksF64: Float64Array): void {
    const { beat } = this;
    this.first = beat;
    this.markets = this.paths.map((path, m): Measured => {
      const minute = Math.max(1, Math.round(MINUTE_US / path.beatUs));
      const before = path.lots.subarray(Math.max(0, beat - minute), beat);
      const traded = before.reduce((sum, lots) => sum + lots, 0);
      const grid = (): Grid => new Grid(marksF64[m]!);
      const left = kernelAt(path.kernel, MINUTE_US / SECOND_US);
      const most = new Float64Array(Math.ceil((path.lots.length * path.beatUs) / KEPT_US));
      return { path, below: grid(), above: grid(), left, minute, traded, most };
    });
  }

  private lookAtAll(marksF64: Float64Array): void {
    const { book } = this.world.desk;
    for (let a = 0; a < book.population.accounts; a++) this.look(book.read(a), marksF64);
  }

  /** Takes over an account as it stands. */
  private look(account: LiveAccount, marksF64: Float64Array): void {
    const { market, lots, low, high } = this.counted;
    for (const pocket of pocketsOf(this.world, account)) {
      if (lots[pocket] !== 0) this.put(pocket, -1);
      const now = triggerOf(this.world, { account, pocket, marksF64 });
      lots[pocket] = now?.lots ?? 0;
      if (now === null || now.lots === 0) continue;
      market[pocket] = now.market;
      low[pocket] = now.low;
      high[pocket] = now.high;
      this.put(pocket, 1);
    }
  }

  private put(pocket: PocketId, sign: 1 | -1): void {
    const { market, lots, low, high } = this.counted;
    const { below, above } = this.markets![market[pocket]!]!;
    if (low[pocket]! > 0) below.add(low[pocket]!, sign * lots[pocket]!);
    if (high[pocket]! < Infinity) above.add(high[pocket]!, sign * lots[pocket]!);
  }
}

/** Number of the five minutes that a beat begins in. */
const placeOf = (beat: number, beatUs: number): number => Math.floor((beat * beatUs) / KEPT_US);

/** Takes one beat into a market's measure. */
function measure(own: Measured, beat: number, mark: number): void {
  const { path, below, above, left, minute, most } = own;
  const { lambda, lots, participation, beatUs } = path;
  own.traded += lots[beat]! - (beat >= minute ? lots[beat - minute]! : 0);
  const [each, cap] = [(lambda[beat]! * left) / REACH, participation * own.traded];
  const place = placeOf(beat, beatUs);
  if (each * cap <= most[place]!) return; // however many are ahead
  const down = below.between(mark * (1 - REACH), mark);
  const up = above.between(mark, mark * (1 + REACH));
  most[place] = Math.max(most[place]!, each * Math.min(Math.max(down, up), cap));
}
