/**
 * What auto-deleveraging took from winners, in money: against what was needed, against what they had, and
 * from whom. A wave is a cluster of closes with gaps of at most 5 s.
 *
 *   needed     = sum over closes of |mark - price| q, at the mark of their beat
 *   haircut_u  = (wealth had u kept what was closed in the wave - wealth)+, at the mark when the wave ends, or a
 *                horizon later: after the wave only the price goes on
 *   overshoot  = sum of haircuts - needed
 *   PTSR       = mean over waves of kept / needed
 *   PMR        = mean over waves of kept / the largest part of needed that one bankrupt account caused
 *
 * Kept is the largest profit that a position still has after the wave, of all positions: profit before it less
 * haircut, at the mark when it ends. What winners pay of a bankrupt account's deficit stands for the paper's
 * socialised loss, theta D and theta Delta.
 *
 * Source: Chitra, Autodeleveraging: Impossibilities and Optimization (arXiv 2512.01112 v3), Background (ADL
 * policies), appendices Empirical Methodology and Moral Hazard.
 */
import { type Money, ZERO_MONEY } from '../../basics/exact.ts';
import { HOUR_US, SECOND_US } from '../../basics/instant.ts';
import { type Leg, profit, unrealizedPnl, valueAt } from '../../margin/leg.ts';
import { gini } from '../../measure/adl.ts';
import type { AdlClose } from './adlLog.ts';
import type { Fill } from './fillLog.ts';
import { Survivors } from './adlSurvivors.ts';
import type { WorldFigures } from './metrics.ts';
import type { WorldView } from './worldView.ts';

const GAP_US = 5 * SECOND_US;
/** A difference of two float sums is told to 6 places: where both are equal it is 0. */
const FINE = 1e6;

/** How long after a wave a haircut is looked at again. */
const HORIZONS = {
  adlOvershoot500ms: SECOND_US / 2,
  adlOvershoot1s: SECOND_US,
  adlOvershoot2s: 2 * SECOND_US,
  adlOvershoot5s: 5 * SECOND_US,
  adlOvershoot1h: HOUR_US,
} as const;

type Names =
  | 'adlTopTen'
  | 'adlGini'
  | 'adlNeeded'
  | 'adlHaircut'
  | 'adlOvershoot'
  | keyof typeof HORIZONS
  | 'adlWorstHaircut'
  | 'adlPtsr'
  | 'adlPmr'
  | 'adlHedgers'
  | 'adlNaked';

/** A position that a wave closed, in part or whole. */
interface Closed extends Pick<Fill, 'account' | 'market' | 'side'> {
  readonly fills: Fill[];
  /** As it stood before; undefined: its account did not hold it. */
  readonly before: Leg | undefined;
}

/** A cluster of closes. */
interface Wave {
  readonly rows: readonly AdlClose[];
  /** Beat in which it ends. */
  readonly end: number;
  /** Positions that it closed, by account. */
  readonly winners: readonly (readonly Closed[])[];
}

/** Figures of the winners of a world; shares are null where nobody was closed. */
export function adlFigures(view: WorldView): Pick<WorldFigures, Names> {
  const rows = [...view.notes.adl].filter((row) => view.isOwn(row.market));
  const value = ({ fill }: AdlClose): number => fill.value.toNumber();
  const each = byAccount(rows);
  const needed = neededOf(rows);
  const waves = wavesOf(view, rows);
  const haircut = haircutOf(view, waves, 0);
  const shares = waves.flatMap(({ winners, end }) =>
    winners.flatMap((legs) => {
      const profit = legs.reduce((sum, leg) => sum + hadBy(view, leg, end), 0);
      return profit > 0 ? [takenFrom(view, legs, end) / profit] : [];
    }),
  );
  const hedged = rows.filter((row) => row.hedger);
  const over = (sum: number): number => Math.round((sum - needed) * FINE) / FINE;
  const later = Object.entries(HORIZONS).map(([name, horizonUs]) => {
    const sum = haircutLater(view, waves, horizonUs);
    return [name, sum === null ? null : over(sum)];
  });
  return {
    adlTopTen: topTen(each.map((money) => money.toNumber())),
    adlGini: gini(each)?.toNumber() ?? null,
    adlNeeded: needed,
    adlHaircut: haircut,
    adlOvershoot: over(haircut),
    ...(Object.fromEntries(later) as Record<keyof typeof HORIZONS, number | null>),
    adlWorstHaircut: shares.length === 0 ? null : most(shares, 0),
    ...keptFigures(view, waves),
    adlHedgers: hedged.reduce((sum, row) => sum + value(row), 0),
    adlNaked: hedged.reduce(
      (sum, { market, qty, mark }) => sum + valueAt(view.market(market), qty, mark).toNumber(),
      0,
    ),
  };
}

const neededOf = (rows: readonly AdlClose[]): number =>
  rows.reduce((sum, row) => sum + Math.abs(row.givenUp.toNumber()), 0);

function byAccount(rows: readonly AdlClose[]): Money[] {
  const found = new Map<string, Money>();
  for (const row of rows) found.set(row.account, (found.get(row.account) ?? ZERO_MONEY).plus(row.fill.value));
  return [...found.values()];
}

function wavesOf(view: WorldView, rows: readonly AdlClose[]): Wave[] {
  const found: AdlClose[][] = [];
  for (const [i, row] of rows.entries()) {
    if (i === 0 || row.tsUs - rows[i - 1]!.tsUs > GAP_US) found.push([]);
    found.at(-1)!.push(row);
  }
  return found.map((own) => ({
    rows: own,
    end: view.beatOf(own.at(-1)!.tsUs),
    winners: winnersOf(view, own),
  }));
}

function winnersOf(view: WorldView, rows: readonly AdlClose[]): Closed[][] {
  const found = new Map<string, Closed[]>();
  for (const row of rows) {
    const { fill } = row;
    const { account, market, side } = fill;
    const own = found.get(account) ?? [];
    found.set(account, own);
    const known = own.find((leg) => leg.market === market && leg.side === side);
    if (known !== undefined) known.fills.push(fill);
    else {
      const before = view.legsBefore(fill).find((leg) => leg.market.id === market && leg.side === side);
      own.push({ account, market, side, fills: [fill], before });
    }
  }
  return [...found.values()];
}

/** Profit of a position before its wave, at the mark of a beat. */
const hadBy = (view: WorldView, { before, market }: Closed, beat: number): number =>
  before === undefined ? 0 : unrealizedPnl(before, view.mark(market, beat)).toNumber();

/** What a position would have more at the mark of a beat, had its wave not closed it; below 0: less. */
function lostBy(view: WorldView, { market: id, side, fills }: Closed, beat: number): number {
  const market = view.market(id);
  const mark = view.mark(id, beat);
  return fills.reduce(
    (sum, { qty, value }) => sum + profit({ market, side }, valueAt(market, qty, mark), value).toNumber(),
    0,
  );
}

/** Haircut of one account by one wave. */
const takenFrom = (view: WorldView, legs: readonly Closed[], beat: number): number =>
  Math.max(
    0,
    legs.reduce((sum, leg) => sum + lostBy(view, leg, beat), 0),
  );

/** What waves took from everybody, at the marks so many beats after each. */
const haircutOf = (view: WorldView, waves: readonly Wave[], beats: number): number =>
  waves.reduce(
    (sum, { winners, end }) => winners.reduce((own, legs) => own + takenFrom(view, legs, end + beats), sum),
    0,
  );

/** The same a horizon later; null where no beat ends then, or the run has ended before. */
function haircutLater(view: WorldView, waves: readonly Wave[], horizonUs: number): number | null {
  const { beatUs } = view.world.input.frames;
  const [, last] = view.span ?? [0, -1];
  const beats = horizonUs / beatUs;
  const isTold = Number.isInteger(beats) && waves.every(({ end }) => end + beats <= last);
  return isTold ? haircutOf(view, waves, beats) : null;
}

/** PTSR and PMR; null without a wave that needed anything. */
function keptFigures(
  view: WorldView,
  waves: readonly Wave[],
): { readonly adlPtsr: number | null; readonly adlPmr: number | null } {
  const paid = waves.filter(({ rows }) => neededOf(rows) > 0);
  if (paid.length === 0) return { adlPtsr: null, adlPmr: null };
  const survivors = new Survivors(view);
  const ratios = paid.map(({ rows, end, winners }) => {
    const closed = winners.flat();
    const untouched = survivors.largest(rows.at(-1)!.seq, end, closed);
    const left = closed.map((leg) => hadBy(view, leg, end) - Math.max(0, lostBy(view, leg, end)));
    const kept = most(left, untouched);
    const losers = [...Map.groupBy(rows, (row) => row.loser).values()].map(neededOf);
    return [kept / neededOf(rows), kept / most(losers, 0)] as const;
  });
  const mean = (of: 0 | 1): number => ratios.reduce((sum, ratio) => sum + ratio[of], 0) / ratios.length;
  return { adlPtsr: mean(0), adlPmr: mean(1) };
}

/** The largest of amounts, at least another; there may be more than a call takes arguments. */
const most = (amounts: readonly number[], least: number): number =>
  amounts.reduce((a, b) => Math.max(a, b), least);

/** Share of the ten largest amounts; null of nothing. */
function topTen(amounts: readonly number[]): number | null {
  const all = [...amounts].sort((a, b) => b - a);
  const total = all.reduce((sum, v) => sum + v, 0);
  return total > 0 ? all.slice(0, 10).reduce((sum, v) => sum + v, 0) / total : null;
}
