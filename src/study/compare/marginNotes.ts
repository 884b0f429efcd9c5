/**
 * Procyclicality of margin: what the rules ask for the positions of the start, along the marks of a run. First
 * market; float64.
 *
 *   ratio(P) = sum of maintenance margins at P / sum of notional at P          highest over lowest
 *   call(n)  = max over t, s with t < s <= t + n of M(s) - M(t)                 M: sum of maintenance margins
 *
 * Between two changes of the rules the ratio is taken at the lowest and the highest mark: it moves one way with
 * the mark, because tiers ask for more the larger a position is.
 *
 * Source: Murphy, Vasios, Vause, Bank of England Financial Stability Paper 29: margin of an unchanged portfolio
 * across a cycle, and its largest rise over a short time.
 */
import { MINUTE_US } from '../../basics/instant.ts';
import type { Population } from '../../ledger/population.ts';
import type { ScreenTiers } from '../../margin/screen.ts';
import type { Market } from '../../rules/market.ts';
import type { MarketRules } from '../../rules/ruleSet.ts';
import { MarginCurve, marginTiers } from './marginCurve.ts';

/** To 9 places: two schedules that differ by a factor alone ask for the same ratio, not for another last bit. */
const FINE = 1e9;
/** Times over which a margin call is looked for, minutes. */
const CALL_MINUTES = [5, 60] as const;

/** Rules in force from a beat on, and the marks that they met. */
interface Stage {
  readonly tiers: ScreenTiers;
  readonly from: number;
  low: number;
  high: number;
}

/** What margin did; null where there are no positions, or where nothing is asked. */
export interface MarginFigures {
  readonly ratio: number | null;
  /** Largest rise within each of CALL_MINUTES, settlement units; 0 where it never rose. */
  readonly calls: readonly (number | null)[];
}

const NONE: MarginFigures = { ratio: null, calls: CALL_MINUTES.map(() => null) };

export class MarginNotes {
  private readonly stages: Stage[] = [];
  private schedule: MarketRules['tiers'] | null = null;

  /** Takes the mark of a beat and the rules then in force. */
  take(market: Market, rules: MarketRules, markF64: number, beat: number): void {
    if (rules.tiers !== this.schedule) {
      this.schedule = rules.tiers;
      this.stages.push({ tiers: marginTiers(market, rules), from: beat, low: markF64, high: markF64 });
    }
    const stage = this.stages.at(-1)!;
    if (markF64 < stage.low) stage.low = markF64;
    if (markF64 > stage.high) stage.high = markF64;
  }

  /** @param marks  of each beat, those that were taken, through a halt the one before it; NaN before the first */
  figures(o: {
    readonly population: Population;
    readonly market: Market;
    readonly marks: Float64Array;
    readonly beatUs: number;
  }): MarginFigures {
    const { population, market, marks, beatUs } = o;
    if (this.stages.length === 0) return NONE;
    const curves = this.stages.map(
      ({ tiers, low, high }) => new MarginCurve({ population, market, tiers, low, high }),
    );
    const found = this.stages.flatMap(({ low, high }, i) =>
      [low, high].map((mark) => curves[i]!.at(mark) / curves[i]!.notional(mark)),
    );
    const [least, most] = [Math.min(...found), Math.max(...found)];
    if (!(least > 0)) return NONE;
    const asked = this.asked(curves, marks);
    return {
      ratio: Math.round((most / least) * FINE) / FINE,
      calls: CALL_MINUTES.map((minutes) => largestRise(asked, Math.round((minutes * MINUTE_US) / beatUs))),
    };
  }

  /** Margin asked at each beat from the first mark on. */
  private asked(curves: readonly MarginCurve[], marks: Float64Array): Float64Array {
    const first = this.stages[0]!.from;
    let stage = 0;
    return marks.subarray(first).map((mark, i) => {
      while (this.stages[stage + 1] !== undefined && this.stages[stage + 1]!.from <= first + i) stage++;
      return curves[stage]!.at(mark);
    });
  }
}

/**
 * The largest amount by which a later value exceeds an earlier one.
 *
 * @param apart  at most so many places lie between them, at least 1
 * @returns      0 where nothing rises
 */
export function largestRise(values: Float64Array, apart: number): number {
  // places of values that may still be the lowest of the last `apart`, ascending in place and value
  const lowest = new Uint32Array(values.length);
  let [head, tail, most] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    while (head < tail && lowest[head]! < i - apart) head++;
    if (head < tail) most = Math.max(most, values[i]! - values[lowest[head]!]!);
    while (head < tail && values[lowest[tail - 1]!]! >= values[i]!) tail--;
    lowest[tail++] = i;
  }
  return most;
}
