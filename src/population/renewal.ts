/**
 * A renewal inventory from candles shorter than a day: longs and shorts apart, for a rising price lets longs
 * go sooner and shorts later. All that is open when the candles begin was opened in the first; then, per bar,
 *
 *   closed  C = chi V + max(-dOI, 0), of a bar's lots the share C w / (sum of lots times w), at most all
 *   opened  O = chi V + max(dOI, 0)
 *
 * w is the weight of closing.ts at the price and the age as the bar begins. Masses, not positions: the law
 * is the same for every seed, and a position draws the bar that it comes from. docs/method.md (Population).
 */
import type { BurnIn } from '../rules/facts.ts';
import { ageWeight, WINNER } from './closing.ts';
import { afterwards, type Inventory } from './inventory.ts';

export interface Inventories {
  readonly long: Inventory;
  readonly short: Inventory;
}

/** Bars and open interest are facts: what was made of them once holds for every seed. */
const known = new WeakMap<BurnIn, Map<string, Inventories>>();

/**
 * Inventories of both sides at the end of the candles.
 *
 * @param openInterest  one side at the end, in the unit of the bars' volume, > 0
 * @param churn         chi, 0 .. 1
 */
export function renewalOf(burnIn: BurnIn, openInterest: number, churn: number): Inventories {
  const key = `${openInterest} ${churn}`;
  const made = known.get(burnIn) ?? new Map<string, Inventories>();
  known.set(burnIn, made);
  const found = made.get(key) ?? {
    long: inventoryOfSide(burnIn, 1, { openInterest, churn }),
    short: inventoryOfSide(burnIn, -1, { openInterest, churn }),
  };
  made.set(key, found);
  return found;
}

function inventoryOfSide(
  burnIn: BurnIn,
  side: 1 | -1,
  amounts: { openInterest: number; churn: number },
): Inventory {
  const { bars, bucketUs } = burnIn;
  const openedBy = massesOf(burnIn, side, amounts);
  for (let b = 1; b < bars.length; b++) openedBy[b] = openedBy[b]! + openedBy[b - 1]!;
  const all = openedBy.at(-1)!;
  return { bars, barUs: bucketUs, openedBy: openedBy.map((mass) => mass / all), ...afterwards(bars) };
}

/** What is open at the end, by the bar in which it was opened. */
function massesOf(
  { bars, bucketUs, openInterest: recorded }: BurnIn,
  side: 1 | -1,
  { openInterest, churn }: { openInterest: number; churn: number },
): Float64Array {
  const n = bars.length;
  const scale = recorded === null ? 0 : openInterest / recorded.at(-1)!;
  const openAt = (b: number): number => (recorded === null ? openInterest : recorded[b]! * scale);
  const place = bars.map((bar) => Math.round((bar.tsUs - bars[0]!.tsUs) / bucketUs));
  const byAge = Float64Array.from({ length: place[n - 1]! + 1 }, (_, lag) =>
    ageWeight(Math.max(0, lag - 0.5) * bucketUs),
  );
  const entry = Float64Array.from(bars, (bar) => bar.average);
  const mass = new Float64Array(n);
  const weight = new Float64Array(n);
  mass[0] = openAt(0);
  for (let t = 1; t < n; t++) {
    const price = bars[t - 1]!.close;
    const now = place[t]!;
    let total = 0;
    for (let b = 0; b < t; b++) {
      weight[b] = byAge[now - place[b]!]! * (side * (price - entry[b]!) > 0 ? WINNER : 1);
      total += mass[b]! * weight[b]!;
    }
    const turned = churn * bars[t]!.volume;
    const change = openAt(t) - openAt(t - 1);
    const perLot = total > 0 ? (turned + Math.max(-change, 0)) / total : 0;
    for (let b = 0; b < t; b++) mass[b] = mass[b]! * (1 - Math.min(1, perLot * weight[b]!));
    mass[t] = turned + Math.max(change, 0);
  }
  return mass;
}
