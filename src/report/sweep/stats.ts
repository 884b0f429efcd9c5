/** What a sweep's pictures are made of: the Pareto front, rank correlation, medians, bins. Float64. */

/** An objective that is to be low (`lower`) or high (`higher`). */
export interface Objective {
  readonly name: string;
  readonly better: 'lower' | 'higher';
}

type Values = Readonly<Record<string, number | null>>;

/**
 * Points that no other point beats: none is at least as good in every objective and better in one. Points
 * without a value of an objective are never in front. Sorted by the first objective, a point is beaten where some
 * point before it is no worse in the other two: the best of these are kept as stairs, so a million points are no
 * more than a sort.
 *
 * @param objectives  two or three
 * @returns           places of the points in front, in order
 */
export function paretoFront(points: readonly Values[], objectives: readonly Objective[]): number[] {
  const costs = points.map((p) =>
    objectives.map(({ name, better }) => {
      const value = p[name] ?? null;
      return value === null ? Number.NaN : better === 'lower' ? value : -value;
    }),
  );
  const order = [...costs.keys()]
    .filter((i) => !costs[i]!.some(Number.isNaN))
    .sort((a, b) => compared(costs[a]!, costs[b]!) || a - b);
  const front: number[] = [];
  const stairs: Stair[] = [];
  for (const [k, i] of order.entries()) {
    const before = order[k - 1];
    const isSame = before !== undefined && compared(costs[before]!, costs[i]!) === 0;
    const [, second = 0, third = 0] = costs[i]!;
    if (isSame ? front.at(-1) === before : step(stairs, { second, third })) front.push(i);
  }
  return front.sort((a, b) => a - b);
}

/** Costs in the second and third objective. */
interface Stair {
  readonly second: number;
  readonly third: number;
}

/** Adds a point to the stairs, rising in `second` and falling in `third`. @returns false where a stair is no worse */
function step(stairs: Stair[], point: Stair): boolean {
  let [low, high] = [0, stairs.length]; // stairs before `low` are no worse in `second`
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stairs[middle]!.second <= point.second) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && stairs[low - 1]!.third <= point.third) return false;
  const from = low > 0 && stairs[low - 1]!.second === point.second ? low - 1 : low;
  let until = low;
  while (until < stairs.length && stairs[until]!.third >= point.third) until++;
  stairs.splice(from, until - from, point);
  return true;
}

const compared = (a: readonly number[], b: readonly number[]): number => {
  const k = a.findIndex((cost, i) => cost !== b[i]);
  return k === -1 ? 0 : a[k]! - b[k]!;
};

/** Ranks from 1, ties sharing the mean of theirs. */
function ranks(list: readonly number[]): number[] {
  const order = list.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const found = new Array<number>(list.length);
  for (let from = 0; from < order.length; ) {
    let until = from;
    while (until < order.length && order[until]!.value === order[from]!.value) until++;
    for (let k = from; k < until; k++) found[order[k]!.i] = (from + 1 + until) / 2;
    from = until;
  }
  return found;
}

/**
 * Spearman's rank correlation, -1 to 1: how surely one rises with the other.
 *
 * @returns  null with fewer than three pairs, or where one of both never changes
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  if (a.length < 3) return null;
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [dx, dy] = [x[i]! - mean, y[i]! - mean];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy);
}

/** Median of the numbers in a list; null without any. */
export function median(list: readonly (number | null)[]): number | null {
  const numbers = list.filter((x) => x !== null && Number.isFinite(x)).sort((a, b) => a! - b!) as number[];
  const middle = numbers.length / 2;
  if (numbers.length === 0) return null;
  return numbers.length % 2 === 1
    ? numbers[Math.floor(middle)]!
    : (numbers[middle - 1]! + numbers[middle]!) / 2;
}

/** Labels of bins, lowest first, and the bin of each value. */
export interface Binned {
  readonly labels: readonly string[];
  readonly bins: readonly number[];
}

/** Values as bins: each distinct one where there are few, else five of equal number. */
export function binned(texts: readonly string[], most = 12): Binned {
  const isNumber = texts.every((text) => text !== '' && Number.isFinite(Number(text)));
  const distinct = [...new Set(texts)];
  if (isNumber) distinct.sort((a, b) => Number(a) - Number(b));
  const placeOf = new Map(distinct.map((text, place) => [text, place]));
  if (distinct.length <= most || !isNumber)
    return { labels: distinct, bins: texts.map((text) => placeOf.get(text)!) };
  const parts = 5;
  const bin = (place: number): number => Math.min(parts - 1, Math.floor((place * parts) / distinct.length));
  const short = (text: string): string => String(Number(Number(text).toPrecision(3)));
  const labels = Array.from({ length: parts }, (_, k) => {
    const own = distinct.filter((_text, place) => bin(place) === k);
    return `${short(own[0]!)} to ${short(own.at(-1)!)}`;
  });
  return { labels, bins: texts.map((text) => bin(placeOf.get(text)!)) };
}
