/**
 * Policies that take a part of every winner instead of going down a queue (science.md 5.2): pure, in
 * whole lots, over columns. Every one of them chooses one number (a level) that all winners share; the
 * price of the closes cancels out of it, because it is the same for everybody.
 *
 * Weights are float64, so a part may be one lot off what exact weights would give; the parts sum to
 * exactly what is wanted, and nobody is asked for more than it holds.
 */
import type { SharePolicy } from './ranking.ts';

/** Winners as columns of equal length, in the order of their accounts. */
export interface Winners {
  /** Whole lots held, >= 0. */
  readonly lots: Float64Array;
  /** Weight of each: the score of `score(policy, ...)`, >= 0. */
  readonly scores: Float64Array;
}

/**
 * Whole lots to close of every winner.
 *
 *   proRataContracts  lots_i * W / sum of lots, largest remainder, then the lower number; exact
 *   proRataProfit     min(lots_i, t profit_i): the same share of everybody's profit, capped by what is held
 *   riskWeighted      min(lots_i, t profit_i leverage_i): h_i = min(beta_i, tau w_i)
 *   leverageDrain     lots_i (1 - l / leverage_i) where leverage_i > l: everybody above l comes down to l
 *   minMaxHaircut     whole lots with the smallest largest lots_i closed / profit_i
 *
 * t and l are such that the parts sum to W; fractions of lots go by largest remainder. Winners of
 * weight 0 are asked pro rata in contracts once the others are closed whole.
 *
 * @param wanted  whole lots W >= 0
 * @returns       whole lots by winner, 0 .. lots; their sum is min(W, sum of lots)
 *
 * Source: science.md 5.2; arXiv:2512.01112 (capped pro rata, RAP, integer min-max), 2603.15963 (draining)
 */
export function shareOut(policy: SharePolicy, winners: Winners, wanted: number): Float64Array {
  const { lots, scores } = winners;
  const held = total(lots);
  if (wanted >= held) return lots.slice();
  if (policy === 'proRataContracts') return proRata(lots, wanted, held);
  const weighed = lots.map((n, i) => (scores[i]! > 0 ? n : 0));
  const first = total(weighed);
  if (wanted > first) {
    const others = lots.map((n, i) => n - weighed[i]!);
    const parts = proRata(others, wanted - first, held - first);
    return parts.map((n, i) => n + weighed[i]!);
  }
  if (policy === 'minMaxHaircut') return leastHaircut(weighed, scores, wanted);
  const wish =
    policy === 'leverageDrain' ? drained(weighed, scores, wanted) : filled(weighed, scores, wanted);
  return wholeLots(wish, weighed, wanted);
}

const total = (list: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < list.length; i++) sum += list[i]!;
  return sum;
};

/** lots_i * W / held in whole lots by largest remainder, then the lower number; exact. */
function proRata(lots: Float64Array, wanted: number, held: number): Float64Array {
  const parts = new Float64Array(lots.length);
  const rests = new Float64Array(lots.length);
  let left = wanted;
  for (let i = 0; i < lots.length; i++) {
    const product = lots[i]! * wanted;
    if (product <= Number.MAX_SAFE_INTEGER) {
      parts[i] = Math.floor(product / held);
      rests[i] = product - parts[i]! * held;
      if (rests[i]! < 0) [parts[i], rests[i]] = [parts[i]! - 1, rests[i]! + held]; // the quotient was rounded up
    } else {
      const exact = BigInt(lots[i]!) * BigInt(wanted);
      parts[i] = Number(exact / BigInt(held));
      rests[i] = Number(exact % BigInt(held));
    }
    left -= parts[i]!;
  }
  giveToLargest(parts, rests, left);
  return parts;
}

/** One lot more to each of the `count` largest remainders; equal ones in order of number. */
function giveToLargest(parts: Float64Array, rests: Float64Array, count: number): void {
  if (count <= 0) return;
  const sorted = rests.slice().sort();
  const least = sorted[sorted.length - count]!;
  let left = count;
  for (let i = 0; i < rests.length; i++) {
    if (rests[i]! <= least) continue;
    parts[i]!++;
    left--;
  }
  for (let i = 0; i < rests.length && left > 0; i++) {
    if (rests[i] !== least) continue;
    parts[i]!++;
    left--;
  }
}

/**
 * min(lots_i, t w_i) with the t at which they sum to W. The sum is concave in t, so Newton's steps from
 * below reach it in as many passes as it takes for no further winner to be capped.
 */
function filled(lots: Float64Array, weights: Float64Array, wanted: number): Float64Array {
  const capped = new Uint8Array(lots.length);
  for (;;) {
    let [open, weight] = [wanted, 0];
    for (let i = 0; i < lots.length; i++) {
      if (capped[i] === 1) open -= lots[i]!;
      else if (lots[i]! > 0) weight += weights[i]!;
    }
    const level = weight > 0 ? open / weight : 0;
    let more = false;
    for (let i = 0; i < lots.length; i++) {
      if (capped[i] === 1 || lots[i] === 0 || level * weights[i]! < lots[i]!) continue;
      capped[i] = 1;
      more = true;
    }
    if (!more) return lots.map((n, i) => (capped[i] === 1 || n === 0 ? n : level * weights[i]!));
  }
}

/** lots_i (1 - l / leverage_i)+ with the l at which they sum to W, by halving to the last bit of float64. */
function drained(lots: Float64Array, leverage: Float64Array, wanted: number): Float64Array {
  let [low, high] = [0, 0];
  for (let i = 0; i < lots.length; i++) if (lots[i]! > 0 && leverage[i]! > high) high = leverage[i]!;
  const sumAt = (level: number): number => {
    let sum = 0;
    for (let i = 0; i < lots.length; i++)
      if (leverage[i]! > level) sum += lots[i]! * (1 - level / leverage[i]!);
    return sum;
  };
  for (let middle = high / 2; middle > low && middle < high; middle = low + (high - low) / 2) {
    if (sumAt(middle) > wanted) low = middle;
    else high = middle;
  }
  return lots.map((n, i) => (n > 0 && leverage[i]! > low ? n * (1 - low / leverage[i]!) : 0));
}

/**
 * The W smallest among the haircuts k / w_i of the k-th lot of every winner: the largest of them is as
 * small as it can be. The level is halved to the last bit; haircuts that float64 cannot tell apart go
 * in order of number.
 */
function leastHaircut(lots: Float64Array, weights: Float64Array, wanted: number): Float64Array {
  const at = (level: number, i: number): number => Math.min(lots[i]!, Math.floor(level * weights[i]!));
  const count = (level: number): number => {
    let sum = 0;
    for (let i = 0; i < lots.length; i++) if (lots[i]! > 0) sum += at(level, i);
    return sum;
  };
  let [low, high] = [0, 1];
  for (let i = 0; i < lots.length; i++)
    if (lots[i]! > 0 && (lots[i]! + 1) / weights[i]! > high) high = (lots[i]! + 1) / weights[i]!;
  for (let middle = high / 2; middle > low && middle < high; middle = low + (high - low) / 2) {
    if (count(middle) < wanted) low = middle;
    else high = middle;
  }
  const parts = lots.map((n, i) => (n > 0 ? at(low, i) : 0));
  let left = wanted - total(parts);
  for (let i = 0; i < lots.length && left > 0; i++) {
    const more = lots[i]! > 0 ? Math.min(left, at(high, i) - parts[i]!) : 0;
    parts[i]! += more;
    left -= more;
  }
  return parts;
}

/** Whole lots of fractions that sum to W but for rounding: floors, then the largest remainders. */
function wholeLots(wish: Float64Array, lots: Float64Array, wanted: number): Float64Array {
  const parts = wish.map((x, i) => Math.min(lots[i]!, Math.floor(x)));
  let left = wanted - total(parts);
  // a sum of a million roundings may be a few lots off: then somebody gives one lot more than its fraction
  while (left > 0) {
    const rests = parts.map((n, i) => (n < lots[i]! ? wish[i]! - n : Number.NEGATIVE_INFINITY));
    const room = rests.reduce((n, r) => n + (r > Number.NEGATIVE_INFINITY ? 1 : 0), 0);
    const step = Math.min(left, room);
    giveToLargest(parts, rests, step);
    left -= step;
  }
  for (let i = parts.length - 1; left < 0; i = i === 0 ? parts.length - 1 : i - 1) {
    if (parts[i] === 0) continue;
    parts[i]!--;
    left++;
  }
  return parts;
}
