/**
 * What auto-deleveraging took from winners, in money: against what was needed, against what they had, and
 * from whom. A wave is a cluster of closes with gaps of at most 5 s.
 *
 *   needed    = sum over closes of |mark - price| q, at the mark of their beat
 *   haircut_u = (wealth had u kept what was closed in the wave - wealth)+, at the mark when the wave ends
 *   overshoot = sum of haircuts - needed
 *
 * Source: Chitra, Autodeleveraging: Impossibilities and Optimization (arXiv 2512.01112), at horizon 0.
 */
import { type Money, ZERO_MONEY } from '../../basics/exact.ts';
import { SECOND_US } from '../../basics/instant.ts';
import type { AdlRow } from '../../engine/rows.ts';
import { profit, unrealizedPnl, valueAt } from '../../margin/leg.ts';
import { gini } from '../../measure/adl.ts';
import type { WorldFigures } from './metrics.ts';
import type { WorldView } from './worldView.ts';

const GAP_US = 5 * SECOND_US;
/** A difference of two float sums is told to 6 places: where both are equal it is 0. */
const FINE = 1e6;

type Names =
  | 'adlTopTen'
  | 'adlGini'
  | 'adlNeeded'
  | 'adlHaircut'
  | 'adlOvershoot'
  | 'adlWorstHaircut'
  | 'adlHedgers'
  | 'adlNaked';

/** Figures of the winners of a world; shares are null where nobody was closed. */
export function adlFigures(view: WorldView): Pick<WorldFigures, Names> {
  const rows = view.notes.adl.filter((row) => view.isOwn(row.market));
  const value = (row: AdlRow): number => view.fillOf(row).value.toNumber();
  const each = byAccount(view, rows);
  const needed = rows.reduce((sum, row) => sum + Math.abs(row.givenUp.toNumber()), 0);
  const cuts = waves(rows).flatMap((wave) => haircuts(view, wave));
  const haircut = cuts.reduce((sum, { taken }) => sum + taken, 0);
  const shares = cuts.flatMap(({ taken, had }) => (had > 0 ? [taken / had] : []));
  const hedged = rows.filter((row) => row.hedger);
  return {
    adlTopTen: topTen(each.map((money) => money.toNumber())),
    adlGini: gini(each)?.toNumber() ?? null,
    adlNeeded: needed,
    adlHaircut: haircut,
    adlOvershoot: Math.round((haircut - needed) * FINE) / FINE,
    adlWorstHaircut: shares.length === 0 ? null : Math.max(...shares),
    adlHedgers: hedged.reduce((sum, row) => sum + value(row), 0),
    adlNaked: hedged.reduce(
      (sum, { market, qty, mark }) => sum + valueAt(view.market(market), qty, mark).toNumber(),
      0,
    ),
  };
}

function byAccount(view: WorldView, rows: readonly AdlRow[]): Money[] {
  const found = new Map<string, Money>();
  for (const row of rows)
    found.set(row.account, (found.get(row.account) ?? ZERO_MONEY).plus(view.fillOf(row).value));
  return [...found.values()];
}

function waves(rows: readonly AdlRow[]): AdlRow[][] {
  const found: AdlRow[][] = [];
  for (const [i, row] of rows.entries()) {
    if (i === 0 || row.tsUs - rows[i - 1]!.tsUs > GAP_US) found.push([]);
    found.at(-1)!.push(row);
  }
  return found;
}

/** What each account lost by a wave, at the marks when it ends, and the profit that it had in what was touched. */
function haircuts(view: WorldView, wave: readonly AdlRow[]): { taken: number; had: number }[] {
  const end = view.beatOf(wave.at(-1)!.tsUs);
  const found = new Map<string, { taken: number; had: number; legs: Set<string> }>();
  for (const row of wave) {
    const fill = view.fillOf(row);
    const { market: id, side, qty, value, account } = fill;
    const market = view.market(id);
    const mark = view.mark(id, end);
    const own = found.get(account) ?? { taken: 0, had: 0, legs: new Set() };
    found.set(account, own);
    own.taken += profit({ market, side }, valueAt(market, qty, mark), value).toNumber();
    if (own.legs.has(`${id}|${side}`)) continue;
    own.legs.add(`${id}|${side}`);
    const leg = view.legsBefore(fill).find((l) => l.market.id === id && l.side === side);
    if (leg !== undefined) own.had += unrealizedPnl(leg, mark).toNumber();
  }
  return [...found.values()].map(({ taken, had }) => ({ taken: Math.max(0, taken), had }));
}

/** Share of the ten largest amounts; null of nothing. */
function topTen(amounts: readonly number[]): number | null {
  const all = [...amounts].sort((a, b) => b - a);
  const total = all.reduce((sum, v) => sum + v, 0);
  return total > 0 ? all.slice(0, 10).reduce((sum, v) => sum + v, 0) / total : null;
}
