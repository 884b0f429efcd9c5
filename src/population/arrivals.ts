/**
 * Positions that are opened during the event. Of the V lots that a bucket of the recorded day traded,
 * chi V opened longs and as much opened shorts: as many accounts as have the mean size of those that were
 * there, what is left being carried to the next bucket. Sizes follow the law of the others, with their mean
 * over the day; the k-th long is as large as the k-th short, so that in every bucket as many lots arrive long
 * as short. Newcomers are drawn like the others, but have one position each; their k-th on a side of a market
 * is the same account under every rule.
 */
import { draw, hashText } from '../basics/draw.ts';
import type { Micros } from '../basics/instant.ts';
import type { MarketId } from '../rules/market.ts';
import { beatIn, type Buckets, endOfBeatUs } from './buckets.ts';
import { freeCollateral, leverageMax, marginNeeded, type Opened, valueF64 } from './collateral.ts';
import { isHedger, leverageByRole } from './hedgers.ts';
import type { Setting } from './legs.ts';
import { type Mix, sizeTilt } from './leverage.ts';
import type { Synthetic } from './roster.ts';
import { apportion, capWeights, sizeQuantile } from './sizes.ts';

/** A little below the highest leverage, so that rounding to float32 cannot make it too much. */
const BELOW_MAX = 1 - 1e-6;

/** An account that opens one position during the event. */
export interface Newcomer {
  /** Running number on its side of its market: the id of its draws. */
  readonly k: number;
  /** Index of its market among those that are drawn. */
  readonly market: number;
  readonly side: 1 | -1;
  readonly bucket: number;
  readonly tsUs: Micros;
  readonly lots: number;
  readonly entryTicks: number;
  readonly opened: Opened;
  readonly cross: boolean;
  readonly liquidatable: boolean;
  readonly hedger: boolean;
  /** Notional over margin, as wanted. */
  readonly leverage: number;
  /** Free collateral beside the margin, as a multiple of it; 0 when isolated. */
  readonly free: number;
  /** Its leg row once that is known; -1 where it is left with `market`. */
  row: number;
}

interface SideInputs {
  readonly market: number;
  readonly side: 1 | -1;
  readonly setting: Setting;
  readonly buckets: Buckets;
  readonly assumption: Synthetic;
  readonly mix: Mix;
  readonly seed: number;
  /** Mean lots of the positions that were there. */
  readonly meanLots: number;
  /** Weighted mean of log lots of its side: where the tilt of leverage by size is 1. */
  readonly centre: number;
}

const FIELDS = ['instant', 'mode', 'liquidatable', 'hedger', 'leverage', 'free'] as const;
type Fields = Readonly<Record<(typeof FIELDS)[number], number>>;

/** Prefix of the fields of newcomers on one side of a market. */
export const newcomerField = (market: MarketId, side: 1 | -1): string =>
  `arrival:${market}:${side === 1 ? 'long' : 'short'}:`;

/** Everybody who opens a position on one side of a market, by bucket. */
export function newcomersOf(inputs: SideInputs): Newcomer[] {
  const { buckets, assumption, setting, meanLots, side, seed } = inputs;
  const chi = assumption.behaviour.turnover.toNumber();
  const prefix = newcomerField(setting.market.id, side);
  const fields = Object.fromEntries(FIELDS.map((name) => [name, hashText(prefix + name)])) as Fields;
  const bucketOf: number[] = [];
  let wanted = 0;
  for (let bucket = 0; bucket < buckets.count; bucket++) {
    wanted += chi * buckets.lots[bucket]!;
    while (bucketOf.length + 1 <= wanted / meanLots) bucketOf.push(bucket);
  }
  const lots = sizesOf(bucketOf.length, { seed, setting, meanLots });
  return bucketOf.map((bucket, k) => newcomer(inputs, fields, { k, bucket, lots: lots[k]! }));
}

/** Lots of newcomers, the same on both sides: the law of sizes, none above its share of open interest. */
function sizesOf(
  count: number,
  { seed, setting, meanLots }: { seed: number; setting: Setting; meanLots: number },
): Float64Array {
  const field = hashText(`arrival:${setting.market.id}:size`);
  const total = Math.floor(count * meanLots);
  const weights = new Float64Array(count);
  for (let k = 0; k < count; k++) weights[k] = sizeQuantile(draw(seed, k, field));
  capWeights(weights, setting.lotsOfOpenInterest / total);
  return apportion(weights, total);
}

function newcomer(
  { assumption, buckets, centre, market, mix, seed, setting, side }: SideInputs,
  fields: Fields,
  { k, bucket, lots }: { k: number; bucket: number; lots: number },
): Newcomer {
  const luck = (name: keyof Fields): number => draw(seed, k, fields[name]);
  const liquidatable = luck('liquidatable') < assumption.liquidatableShare.toNumber();
  const cross = luck('mode') >= assumption.isolatedShare.toNumber();
  const beat = beatIn(buckets, bucket, luck('instant'));
  const { terms } = setting;
  const entryTicks = buckets.lastTicks[beat]!;
  const [priceF64, qtyF64] = [entryTicks * terms.tickF64, lots * terms.stepF64];
  const opened: Opened = { side, qtyF64, entryValueF64: valueF64(terms, qtyF64, priceF64) };
  const hedger = isHedger(side, luck('hedger'));
  const byMix = leverageByRole({ mix, u: luck('leverage'), tilt: sizeTilt(lots, centre), hedger });
  const highest = leverageMax(terms, qtyF64, opened.entryValueF64) * BELOW_MAX;
  const drawn = opened.entryValueF64 / Math.min(byMix, highest);
  const leverage = opened.entryValueF64 / Math.max(drawn, marginNeeded(terms, opened, priceF64));
  const free = cross ? freeCollateral(1, luck('free')) : 0;
  const tsUs = endOfBeatUs(buckets, beat);
  const at = { bucket, tsUs, entryTicks };
  return { k, market, side, ...at, lots, opened, cross, liquidatable, hedger, leverage, free, row: -1 };
}
