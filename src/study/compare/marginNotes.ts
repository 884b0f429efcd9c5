/**
 * Procyclicality of margin: what the rules ask for one unit of notional of the positions of the start, at its
 * highest over its lowest along the marks of a run. First market; float64.
 *
 *   ratio(P) = sum of maintenance margins at P / sum of notional at P
 *
 * Between two changes of the rules the ratio is taken at the lowest and the highest mark: it moves one way with
 * the mark, because tiers ask for more the larger a position is.
 *
 * Source: Murphy, Vasios, Vause, Bank of England Financial Stability Paper 29 (peak-to-trough).
 */
import { columnsF64, type Population } from '../../ledger/population.ts';
import { type ScreenTiers, screenTiers, tierOfF64 } from '../../margin/screen.ts';
import type { Market } from '../../rules/market.ts';
import type { MarketRules } from '../../rules/ruleSet.ts';

/** To 9 places: two schedules that differ by a factor alone ask for the same ratio, not for another last bit. */
const FINE = 1e9;

interface Stage {
  readonly tiers: ScreenTiers;
  low: number;
  high: number;
}

export class MarginNotes {
  private readonly stages: Stage[] = [];
  private schedule: MarketRules['tiers'] | null = null;

  /** Takes the mark of a beat and the rules then in force. */
  take(market: Market, rules: MarketRules, markF64: number): void {
    if (rules.tiers !== this.schedule) {
      this.schedule = rules.tiers;
      this.stages.push({ tiers: screenTiers(market, rules), low: markF64, high: markF64 });
    }
    const stage = this.stages.at(-1)!;
    if (markF64 < stage.low) stage.low = markF64;
    if (markF64 > stage.high) stage.high = markF64;
  }

  /** Highest over lowest; null without positions, or where nothing is asked. */
  ratio(population: Population, market: Market): number | null {
    const found = this.stages.flatMap(({ tiers, low, high }) =>
      [low, high].map((mark) => asked(population, market, tiers, mark)),
    );
    const [least, most] = [Math.min(...found), Math.max(...found)];
    return found.length === 0 || !(least > 0) ? null : Math.round((most / least) * FINE) / FINE;
  }
}

/** Maintenance margin of all positions over their notional at a mark; NaN without any. */
function asked(p: Population, market: Market, t: ScreenTiers, mark: number): number {
  const m = p.markets.indexOf(market.id);
  const { entryValue } = columnsF64(p);
  const step = market.qtyStep.toNumber();
  let [margin, notional] = [0, 0];
  for (let row = 0; row < p.legLots.length; row++) {
    if (p.legMarket[row] !== m || p.legLots[row] === 0) continue;
    const qty = p.legLots[row]! * step;
    const value = t.inverse ? (qty * t.face) / mark : qty * mark;
    const based = t.at === 'entry' ? entryValue[row]! : value;
    const k = tierOfF64(t, t.key === 'qty' ? qty : based);
    const rate = t.rate[k]! + t.slope * (t.inverse ? based : qty);
    margin += based * rate - t.deduction[k]!;
    notional += value;
  }
  return margin / notional;
}
