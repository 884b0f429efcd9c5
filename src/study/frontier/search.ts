/**
 * Where a condition flips along a parameter: a coarse grid first, which shows whether it flips once; then
 * every interval with a flip is cut by several points at once, until each is as narrow as asked for. Values
 * are whole numbers of one decimal unit, so that a point is what is printed and comes back the same.
 */
import { type Exact, scaled, unscaled } from '../../basics/exact.ts';

export interface Probed<T> {
  readonly value: string;
  readonly met: boolean;
  /** Whatever the evaluation found. */
  readonly found: T;
}

export interface Flip<T> {
  /** Neighbours along the way from `from` to `to`. */
  readonly before: Probed<T>;
  readonly after: Probed<T>;
}

export interface Found<T> {
  /** In order from `from` to `to`. */
  readonly probes: readonly Probed<T>[];
  readonly flips: readonly Flip<T>[];
  /** Rounds of worlds side by side. */
  readonly rounds: number;
  /** Flips on the coarse grid: more than one means that the condition is not monotone there. */
  readonly coarseFlips: number;
}

export interface Range {
  readonly from: Exact<'rate'>;
  readonly to: Exact<'rate'>;
  /** Width of an interval that is narrow enough, above 0; null: a hundredth of the range. */
  readonly tolerance: Exact<'rate'> | null;
  /** Points of the coarse grid, at least 2, both ends among them. */
  readonly grid: number;
  /** Points that cut an interval in one round, at least 1. */
  readonly cuts: number;
}

const HUNDREDTH_PLACES = 2;
const HUNDRED = 100n;

/**
 * Searches a range.
 *
 * @param evaluate  tells of each value whether the condition is met; asked once for every value
 * @throws RangeError when the range is empty or the tolerance not above 0
 */
export async function search<T>(
  range: Range,
  evaluate: (values: readonly string[]) => Promise<readonly Omit<Probed<T>, 'value'>[]>,
): Promise<Found<T>> {
  const scale = scaleOf(range);
  const [from, to] = [scaled(range.from, scale), scaled(range.to, scale)];
  const tolerance = range.tolerance === null ? abs(to - from) / HUNDRED : scaled(range.tolerance, scale);
  if (from === to) throw new RangeError('an empty range');
  if (range.tolerance !== null && tolerance <= 0n) throw new RangeError('a tolerance that is not above 0');
  const narrow = tolerance > 0n ? tolerance : 1n;
  const known = new Map<bigint, Probed<T>>();
  const inOrder = (): [bigint, Probed<T>][] =>
    [...known].sort(([a], [b]) => (a === b ? 0 : a < b === from < to ? -1 : 1));
  const ask = async (places: readonly bigint[]): Promise<void> => {
    const fresh = [...new Set(places)].filter((place) => !known.has(place));
    const values = fresh.map((place) => String(unscaled('rate', place, scale)));
    const answers = await evaluate(values);
    for (const [i, place] of fresh.entries()) known.set(place, { value: values[i]!, ...answers[i]! });
  };
  await ask(spread(from, to, range.grid - 1));
  const coarseFlips = flipsOf(inOrder()).length;
  let rounds = 1;
  for (;;) {
    const wide = flipsOf(inOrder()).filter(([[a], [b]]) => abs(b - a) > narrow);
    if (wide.length === 0) break;
    await ask(wide.flatMap(([[a], [b]]) => spread(a, b, range.cuts + 1).filter((n) => n !== a && n !== b)));
    rounds++;
  }
  const ordered = inOrder();
  const flips = flipsOf(ordered).map(([[, before], [, after]]) => ({ before, after }));
  return { probes: ordered.map(([, probe]) => probe), flips, rounds, coarseFlips };
}

/** Decimal places of a value: those of what was typed; two more where the tolerance is our own. */
function scaleOf({ from, to, tolerance }: Range): number {
  const own = tolerance === null ? HUNDREDTH_PLACES : tolerance.scale;
  return Math.max(from.scale, to.scale, tolerance === null ? Math.max(from.scale, to.scale) + own : own, 0);
}

/** Both ends and parts - 1 points between, cut toward `a`. */
function spread(a: bigint, b: bigint, parts: number): bigint[] {
  return Array.from({ length: parts + 1 }, (_, i) => a + ((b - a) * BigInt(i)) / BigInt(parts));
}

type Placed<T> = readonly [bigint, Probed<T>];
const flipsOf = <T>(ordered: readonly Placed<T>[]): [Placed<T>, Placed<T>][] =>
  ordered.flatMap((probe, i): [Placed<T>, Placed<T>][] => {
    const next = ordered[i + 1];
    return next !== undefined && next[1].met !== probe[1].met ? [[probe, next]] : [];
  });

const abs = (n: bigint): bigint => (n < 0n ? -n : n);
