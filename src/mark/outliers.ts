/**
 * Which constituents may speak: outliers against the median, and, where the venue has such a rule, how
 * an excluded one comes back. Edges as published: BitMEX excludes at the band ("25 % or more"),
 * Binance's switch beyond it; near means strictly inside, so nobody is readmitted at an edge at which
 * he is excluded.
 */
import type { Price, Rate } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import { medianUnits, plainMedian } from './aggregate.ts';
import { type IndexPlan, priceOf } from './indexPlan.ts';

/** What an index knew before this one. */
export interface Before {
  /** The last index; null before the first. */
  readonly index: Price | null;
  /** Whether it was formed, not held. */
  readonly live: boolean;
}

/** |price - centre| >= share * centre. Exact. */
export const isOff = (price: Price, centre: Price, share: Rate): boolean =>
  centre.times(share).lte(price.minus(centre).abs());

/**
 * Strikes out who is an outlier (`order`, `letters`), clamps, and readmits.
 *
 * @param count  how many are in
 * @returns      how many stay in; -1 when the index is to be the plain median
 */
export function judgeOutliers(plan: IndexPlan, count: number, before: Before, tsUs: Micros): number {
  const rule = plan.rule.outlier;
  if (rule.kind === 'none') return count;
  if (rule.kind === 'exclude' && rule.readmit !== undefined) {
    readmit(plan, rule.readmit === 'never' ? null : rule.readmit, before, tsUs);
    count = strikeExcluded(plan);
  }
  if (count < (rule.kind === 'medianSwitch' ? 2 : 3)) return count;
  const { units, order, letters } = plan;
  const median = medianUnits(plan);
  const reach = (median / plan.bandBottom) * plan.bandTop; // whole: see `unit`
  let beyond = 0;
  for (let i = 0; i < units.length; i++) {
    const away = Math.abs(units[i]! - median);
    if (order[i] === 0 || (rule.kind === 'exclude' ? away < reach : away <= reach)) continue;
    beyond++;
    if (rule.kind === 'clamp') units[i] = units[i]! > median ? median + reach : median - reach;
    letters[i] = rule.kind === 'clamp' ? 'c' : 'x';
  }
  if (rule.kind === 'clamp' || beyond === 0) return count;
  if (rule.kind === 'medianSwitch' && beyond > 1) {
    for (let i = 0; i < units.length; i++) if (order[i] === 1) letters[i] = 'm';
    return -1;
  }
  for (let i = 0; i < units.length; i++) {
    if (letters[i] !== 'x' || order[i] === 0) continue;
    order[i] = 0;
    if (rule.kind === 'exclude' && rule.readmit !== undefined) plan.excluded[i] = 1;
  }
  return count - beyond;
}

/** Whether somebody waits to come back, so that time alone may change the index. */
export const waits = (plan: IndexPlan): boolean => plan.excluded.includes(1);

function strikeExcluded({ excluded, order, letters }: IndexPlan): number {
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    if (excluded[i] === 1 && letters[i] !== '-') {
      order[i] = 0;
      letters[i] = 'x';
    }
    count += order[i]!;
  }
  return count;
}

type Bands = { readonly medianBand: Rate; readonly indexBand: Rate; readonly waitUs: Micros };

/**
 * An excluded source is near when it is inside `medianBand` of the median of the others (two or more,
 * or one while the index is live), or, where they say nothing, inside `indexBand` of the index. Near for
 * `waitUs` without a break, it is back in the next index: in BitMEX's example of 14 August 2020 the one
 * after the quarter of an hour is full. A source without a fresh price is not near. Seen only when an
 * index is formed.
 */
function readmit(plan: IndexPlan, bands: Bands | null, before: Before, tsUs: Micros): void {
  const { excluded, nearSinceUs, order } = plan;
  if (bands === null || !waits(plan)) return;
  const present = order.slice();
  let others = 0;
  for (let i = 0; i < order.length; i++) {
    if (excluded[i] === 1) order[i] = 0;
    others += order[i]!;
  }
  const isSpoken = others >= 2 || (others === 1 && before.live);
  const [centre, band] = isSpoken ? [plainMedian(plan), bands.medianBand] : [before.index, bands.indexBand];
  order.set(present);
  for (let i = 0; i < order.length; i++) {
    if (excluded[i] === 0) continue;
    const isNear = order[i] === 1 && centre !== null && !isOff(priceOf(plan, i), centre, band);
    if (!isNear) nearSinceUs[i] = NaN;
    else if (Number.isNaN(nearSinceUs[i]!)) nearSinceUs[i] = tsUs;
    if (!(tsUs - nearSinceUs[i]! > bands.waitUs)) continue;
    excluded[i] = 0;
    nearSinceUs[i] = NaN;
  }
}
