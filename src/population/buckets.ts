/**
 * The recorded day in buckets of five minutes, one market: how much was traded, at which price a bucket
 * began and in which beats there was a trade. Comings and goings depend on this and on luck alone, so they
 * are the same under all rules.
 */
import type { Micros } from '../basics/instant.ts';
import type { MarketId } from '../rules/market.ts';

/** Length of a bucket; docs/method.md (Population). */
const BUCKET_US = 300_000_000;

/** Frames of the event as far as the population needs them; one entry a beat. */
export interface During {
  readonly startUs: Micros;
  readonly beatUs: Micros;
  readonly markets: Readonly<
    Record<MarketId, { readonly lots: Float64Array; readonly lastTicks: Float64Array }>
  >;
}

export interface Buckets {
  readonly count: number;
  readonly startUs: Micros;
  readonly bucketUs: Micros;
  readonly beatUs: Micros;
  /** Traded lots. */
  readonly lots: Float64Array;
  /** Last price before the bucket, ticks; of the first one the first price there is. */
  readonly ticks: Float64Array;
  readonly lastTicks: Float64Array;
  /** Beats with trades, ascending; those of bucket t from `tradedFrom[t]` to before `tradedFrom[t + 1]`. */
  readonly traded: readonly number[];
  readonly tradedFrom: readonly number[];
}

/** A tape's columns are read once for all seeds. */
const known = new WeakMap<Float64Array, Buckets>();

/** The buckets of a market; of one beat each where beats are longer than five minutes. */
export function bucketsOf(during: During, market: MarketId): Buckets {
  const { lots } = during.markets[market]!;
  const made = known.get(lots) ?? makeBuckets(during, market);
  known.set(lots, made);
  return made;
}

function makeBuckets({ startUs, beatUs, markets }: During, market: MarketId): Buckets {
  const { lots, lastTicks } = markets[market]!;
  const beats = Math.max(1, Math.floor(BUCKET_US / beatUs));
  const count = Math.ceil(lots.length / beats);
  const made = { lots: new Float64Array(count), ticks: new Float64Array(count) };
  const traded: number[] = [];
  const tradedFrom: number[] = [];
  for (let t = 0; t < count; t++) {
    tradedFrom.push(traded.length);
    made.ticks[t] = t === 0 ? (lastTicks.find((ticks) => ticks > 0) ?? 0) : lastTicks[t * beats - 1]!;
    if (Number.isNaN(made.ticks[t]!)) made.ticks[t] = made.ticks[t - 1]!;
    for (let beat = t * beats; beat < Math.min(lots.length, (t + 1) * beats); beat++) {
      if (!(lots[beat]! > 0)) continue;
      made.lots[t] = made.lots[t]! + lots[beat]!;
      traded.push(beat);
    }
  }
  tradedFrom.push(traded.length);
  return { count, startUs, beatUs, bucketUs: beats * beatUs, lastTicks, traded, tradedFrom, ...made };
}

/**
 * The beat at a fraction of a bucket's trading: nobody comes or goes while nothing trades.
 *
 * @param u  0 <= u < 1; the bucket has a trade
 */
export function beatIn({ traded, tradedFrom }: Buckets, bucket: number, u: number): number {
  const [from, until] = [tradedFrom[bucket]!, tradedFrom[bucket + 1]!];
  return traded[Math.min(until - 1, from + Math.floor(u * (until - from)))]!;
}

/** End of a beat: the instant at which accounts act. */
export const endOfBeatUs = ({ startUs, beatUs }: Buckets, beat: number): Micros =>
  startUs + (beat + 1) * beatUs;
