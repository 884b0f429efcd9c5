/**
 * Maintenance margin of all positions of the start in one market as a function of the mark, float64.
 *
 *   u = mark (linear), face / mark (inverse)        value of a position: qty u
 *   M(u) = a + b u + c u^2 between two places at which some position comes into another tier
 *
 * The coefficients are summed up once, in the order of those places; asking is a search.
 */
import { columnsF64, type Population } from '../../ledger/population.ts';
import { type ScreenTiers, screenTiers, tierOfF64 } from '../../margin/screen.ts';
import type { Market } from '../../rules/market.ts';
import type { MarketRules } from '../../rules/ruleSet.ts';

/** A market's schedule with its bounds as they are: a position exactly at one is in the lower tier. */
export const marginTiers = (market: Market, rules: MarketRules): ScreenTiers => ({
  ...screenTiers(market, rules),
  upTo: Float64Array.from(rules.tiers, ({ upTo }, k) =>
    k === rules.tiers.length - 1 ? Infinity : upTo.toNumber(),
  ),
});

/** What a position adds from a place on. */
interface Turn {
  readonly u: number;
  readonly a: number;
  readonly b: number;
}

export class MarginCurve {
  /** Quantity of all positions. */
  private qty = 0;
  private readonly t: ScreenTiers;
  /** Places in ascending order, and the sums of `a` and `b` before each and after the last. */
  private readonly places: Float64Array;
  private readonly a: Float64Array;
  private readonly b: Float64Array;
  private c = 0;

  /** @param low, high  the marks between which it is asked */
  constructor(o: {
    readonly population: Population;
    readonly market: Market;
    readonly tiers: ScreenTiers;
    readonly low: number;
    readonly high: number;
  }) {
    const { population: p, market, tiers: t } = o;
    this.t = t;
    const [from, until] = t.inverse ? [this.uOf(o.high), this.uOf(o.low)] : [o.low, o.high];
    const m = p.markets.indexOf(market.id);
    const { entryValue } = columnsF64(p);
    const step = market.qtyStep.toNumber();
    const turns: Turn[] = [];
    let [a, b] = [0, 0];
    for (let row = 0; row < p.legLots.length; row++) {
      if (p.legMarket[row] !== m || p.legLots[row] === 0) continue;
      const qty = p.legLots[row]! * step;
      this.qty += qty;
      if (t.at === 'entry') a += atEntry(t, qty, entryValue[row]!);
      else {
        let k = t.key === 'qty' ? tierOfF64(t, qty) : 0;
        if (t.key !== 'qty') while (t.upTo[k]! / qty < from) k++;
        a -= t.deduction[k]!;
        b += qty * (t.rate[k]! + (t.inverse ? 0 : t.slope * qty));
        if (t.inverse) this.c += t.slope * qty * qty;
        if (t.key === 'qty') continue;
        for (; t.upTo[k]! / qty < until; k++)
          turns.push({
            u: t.upTo[k]! / qty,
            a: t.deduction[k]! - t.deduction[k + 1]!,
            b: qty * (t.rate[k + 1]! - t.rate[k]!),
          });
      }
    }
    turns.sort((x, y) => x.u - y.u);
    this.places = Float64Array.from(turns, ({ u }) => u);
    this.a = sums(
      a,
      turns.map((turn) => turn.a),
    );
    this.b = sums(
      b,
      turns.map((turn) => turn.b),
    );
  }

  /** Margin asked at a mark, settlement units. */
  at(mark: number): number {
    const u = this.uOf(mark);
    const k = this.placesBefore(u);
    return this.a[k]! + (this.b[k]! + this.c * u) * u;
  }

  /** Value of all positions at a mark, settlement units. */
  notional(mark: number): number {
    return this.qty * this.uOf(mark);
  }

  private uOf(mark: number): number {
    return this.t.inverse ? this.t.face / mark : mark;
  }

  private placesBefore(u: number): number {
    let [low, high] = [0, this.places.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.places[middle]! < u) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Margin of a position whose notional is that of its entry: no mark changes it. */
function atEntry(t: ScreenTiers, qty: number, entry: number): number {
  const k = tierOfF64(t, t.key === 'qty' ? qty : entry);
  return entry * (t.rate[k]! + t.slope * (t.inverse ? entry : qty)) - t.deduction[k]!;
}

function sums(first: number, changes: readonly number[]): Float64Array {
  const found = new Float64Array(changes.length + 1);
  found[0] = first;
  for (const [k, change] of changes.entries()) found[k + 1] = found[k]! + change;
  return found;
}
