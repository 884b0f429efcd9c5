/**
 * What would have become of an account that was liquidated, had it been left alone: the pocket as it
 * stood at its first verdict, same collateral, funding paid, on the path of its own world.
 *
 * In one market the equity less the requirement is concave in the mark (in its reciprocal where the
 * contract is inverse), because requirements are convex: over a stretch of time it is lowest at the
 * lowest or the highest mark. So only those two are judged, exactly, between any two funding stamps.
 * A pocket over several markets is judged at the extremes of each and every ten minutes.
 */
import { carried, type Money, type Price, type Qty } from '../../basics/exact.ts';
import { MINUTE_US, SECOND_US } from '../../basics/instant.ts';
import type { FundingClock } from '../../ledger/fundingClock.ts';
import type { Leg } from '../../margin/leg.ts';
import { unrealizedPnl } from '../../margin/leg.ts';
import { judge } from '../../margin/trigger.ts';
import type { MarketId } from '../../rules/market.ts';
import type { TriggerRule } from '../../rules/ruleSet.ts';
import { GRACE_SEC } from './metrics.ts';

/** Path of one market in one world. */
export interface MarkPath {
  readonly market: MarketId;
  /** Mark of each beat, through a halt the one before it; NaN before the first. */
  readonly marksF64: Float64Array;
  /** Funding stamps charged by the end of each beat. */
  readonly stamps: Uint16Array;
  readonly clock: FundingClock;
}

/** A pocket at its first verdict. */
export interface HeldPocket {
  /** Beat of the verdict. */
  readonly beat: number;
  /** Equity there, settlement units. */
  readonly equity: Money;
  readonly legs: readonly Leg[];
}

export interface Outcome {
  /** Never liquidatable again from the grace period's end to the end of the window, if that is later. */
  readonly sound: boolean;
  /** Equity below 0 at some time after the verdict. */
  readonly bankrupt: boolean;
  /** Equity above 0 at all times after the verdict. */
  readonly solvent: boolean;
}

/** Beats of the lowest and highest mark from a beat to the end of its stretch between two stamps. */
class Extremes {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** First beats of the stretches, ascending, without the first. */
  readonly starts: readonly number[];

  constructor({ marksF64: marks, stamps }: MarkPath) {
    const starts: number[] = [];
    for (let b = 1; b < stamps.length; b++) if (stamps[b] !== stamps[b - 1]) starts.push(b);
    this.starts = starts;
    this.low = new Uint32Array(marks.length);
    this.high = new Uint32Array(marks.length);
    for (let b = marks.length - 1; b >= 0; b--) {
      const goesOn = b + 1 < marks.length && stamps[b] === stamps[b + 1];
      const [low, high] = goesOn ? [this.low[b + 1]!, this.high[b + 1]!] : [b, b];
      this.low[b] = marks[b]! <= marks[low]! ? b : low;
      this.high[b] = marks[b]! >= marks[high]! ? b : high;
    }
  }
}

/** Judges what holding on would have done, in one world. */
export class HoldingOn {
  private readonly paths: readonly MarkPath[];
  private readonly extremes: readonly Extremes[];
  private readonly trigger: TriggerRule;
  private readonly beats: number;
  private readonly grace: number;
  private readonly every: number;

  constructor(o: { paths: readonly MarkPath[]; trigger: TriggerRule; beatUs: number }) {
    this.paths = o.paths;
    this.trigger = o.trigger;
    this.beats = o.paths[0]!.marksF64.length;
    this.grace = Math.floor((GRACE_SEC * SECOND_US) / o.beatUs);
    this.every = Math.max(1, Math.round((10 * MINUTE_US) / o.beatUs));
    this.extremes = o.paths.map((path) => new Extremes(path));
  }

  /**
   * @param held  legs with their entry values; their number decides how often they are looked at
   * @returns     sound looks at (beat + 60 s, end], the others at (beat, end]
   */
  outcome(held: HeldPocket): Outcome {
    const wallet = held.legs.reduce(
      (rest, leg) => rest.minus(unrealizedPnl(leg, this.markOf(leg.market.id, held.beat))),
      held.equity,
    );
    const looks = (from: number) => this.beatsToLookAt(held, from);
    const at = (beat: number) => this.judged(held, wallet, beat);
    let [bankrupt, solvent] = [false, true];
    for (const beat of looks(held.beat + 1)) {
      const { equity } = at(beat);
      solvent &&= equity.isPositive();
      bankrupt ||= equity.isNegative();
    }
    const after = looks(held.beat + this.grace + 1);
    const sound = after.length > 0 && after.every((beat) => !at(beat).liquidatable);
    return { sound, bankrupt, solvent };
  }

  private beatsToLookAt({ legs }: HeldPocket, from: number): number[] {
    const markets = [...new Set(legs.map((leg) => this.place(leg.market.id)))];
    const found: number[] = [];
    for (const m of markets) {
      const { low, high, starts } = this.extremes[m]!;
      if (from >= this.beats) continue;
      for (const b of [from, ...starts.filter((start) => start > from)]) found.push(low[b]!, high[b]!);
    }
    if (markets.length > 1) for (let b = from; b < this.beats; b += this.every) found.push(b);
    return found;
  }

  private judged(held: HeldPocket, wallet: Money, beat: number): ReturnType<typeof judge> {
    const paid = held.legs.reduce((rest, leg) => rest.minus(this.funding(leg, held.beat, beat)), wallet);
    const pocket = { legs: held.legs, wallet: paid, orderMargin: paid };
    return judge(pocket, (id) => this.markOf(id, beat), this.trigger);
  }

  /** Funding of a leg between two beats: what was due since the first less what was due since the second. */
  private funding(
    { market, side, qty }: { market: Leg['market']; side: Leg['side']; qty: Qty },
    from: number,
    to: number,
  ): Money {
    const { clock, stamps } = this.paths[this.place(market.id)]!;
    return clock.due(side, qty, stamps[from]!).minus(clock.due(side, qty, stamps[to]!));
  }

  private markOf(id: MarketId, beat: number): Price {
    return carried('price', this.paths[this.place(id)]!.marksF64[beat]!);
  }

  private place(id: MarketId): number {
    return this.paths.findIndex((path) => path.market === id);
  }
}
