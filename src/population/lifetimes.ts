/**
 * How long a position lasts on the recorded path if its owner does not close it: until the last price reaches its
 * stop or, without one, its estimated liquidation price (wayOut.ts). Float64 and for one purpose: whoever is gone
 * is no inventory from which lots could be closed (departures.ts). The engine judges positions at its own prices.
 */
import type { Buckets } from './buckets.ts';

/** When a level is reached first. */
export interface Reach {
  /** Of a position that is there from the start: the bucket; Infinity: in none. */
  fromStart(levelTicks: number): number;
  /** Of one that was opened in a beat of a bucket. */
  from(opened: { readonly bucket: number; readonly beat: number }, levelTicks: number): number;
}

/**
 * Longs are reached from above, shorts from below; a level of 0 never is.
 *
 * @param side  of the positions
 */
export function reachOf({ beatUs, bucketUs, count, lastTicks }: Buckets, side: 1 | -1): Reach {
  const beats = bucketUs / beatUs;
  const reached = (ticks: number, level: number): boolean => level > 0 && side * (ticks - level) <= 0;
  const worse = (a: number, b: number): number => (side === 1 ? Math.min(a, b) : Math.max(a, b));
  const none = side === 1 ? Infinity : -Infinity;
  const worst = new Float64Array(count).fill(none);
  for (const [beat, ticks] of lastTicks.entries()) {
    const bucket = Math.floor(beat / beats);
    if (!Number.isNaN(ticks)) worst[bucket] = worse(worst[bucket]!, ticks);
  }
  const soFar = worst.slice();
  for (let t = 1; t < count; t++) soFar[t] = worse(soFar[t - 1]!, soFar[t]!);
  return {
    fromStart(level) {
      if (!reached(soFar[count - 1]!, level)) return Infinity;
      let [low, high] = [0, count - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (reached(soFar[middle]!, level)) high = middle;
        else low = middle + 1;
      }
      return low;
    },
    from({ bucket, beat }, level) {
      const end = Math.min(lastTicks.length, (bucket + 1) * beats);
      for (let b = beat + 1; b < end; b++) if (reached(lastTicks[b]!, level)) return bucket;
      for (let t = bucket + 1; t < count; t++) if (reached(worst[t]!, level)) return t;
      return Infinity;
    },
  };
}
