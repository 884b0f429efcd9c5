/**
 * Daily candles of the days before a scenario starts: calm volatility, calm volume and the entry prices
 * of the population come from them. A scenario writes them down, has them among its anchors, or names
 * a file of candles of any length.
 */
import { isAbsolute, resolve } from 'node:path';
import { DAY_US, type Micros } from '../basics/instant.ts';
import { readAnchors } from '../load/anchors.ts';
import { loadDailyBars, loadShortBars } from '../load/dailyBars.ts';
import { loadInterestBefore } from '../load/interestBefore.ts';
import type { BurnIn, DailyBar, StreamSpec } from '../rules/facts.ts';
import type { Market } from '../rules/market.ts';
import type { BeforeSpec } from './scenarioSchema.ts';

/** Where relative paths of data files lead: the data folder, else the scenario's own. */
interface DataFolders {
  readonly dataDir: string | undefined;
  readonly folder: string;
}

/**
 * Daily candles of the `spec.days` whole UTC days before `fromUs`, oldest first; a day without rows is
 * absent.
 *
 * @throws ReplayError DATA_MISSING when there is no file or no row in it, DATA_SCHEMA for what is no candle
 */
export async function daysBefore(
  spec: BeforeSpec,
  fromUs: Micros,
  { dataDir, folder }: DataFolders,
): Promise<readonly DailyBar[]> {
  if (spec.bars !== undefined) return spec.bars;
  if (spec.anchors !== undefined) {
    const path = isAbsolute(spec.anchors) ? spec.anchors : resolve(folder, spec.anchors);
    return readAnchors(path).daily.bars;
  }
  const midnightUs = Math.floor(fromUs / DAY_US) * DAY_US;
  return loadDailyBars({
    path: spec.path ?? '',
    columns: spec.columns,
    filter: spec.filter,
    timeUnit: spec.timeUnit,
    fromUs: midnightUs - spec.days * DAY_US,
    untilUs: midnightUs,
    dataDir: dataDir ?? folder,
    folder,
  });
}

/**
 * The same days, and what there is of the first, in the candles of `spec.bucket`; with the recorded open
 * interest where a stream of it covers them.
 *
 * @returns  null where the bucket is a day: then the daily candles serve
 * @throws ReplayError as `loadShortBars` and `loadInterestBefore`
 */
export async function burnInOf(
  spec: BeforeSpec,
  at: { readonly fromUs: Micros; readonly market: Market; readonly interest: StreamSpec | undefined },
  { dataDir, folder }: DataFolders,
): Promise<BurnIn | null> {
  const { bucket: bucketUs, columns, filter, timeUnit } = spec;
  if (bucketUs >= DAY_US) return null;
  const untilUs = Math.floor(at.fromUs / bucketUs) * bucketUs;
  const fromUs = Math.floor(at.fromUs / DAY_US) * DAY_US - spec.days * DAY_US;
  const places = { dataDir: dataDir ?? folder, folder };
  const reading = { path: spec.path ?? '', columns, filter, timeUnit, fromUs, untilUs };
  const bars = await loadShortBars({ ...reading, ...places }, bucketUs);
  const { interest, market } = at;
  const openInterest =
    interest === undefined ? null : await loadInterestBefore(interest, { ...places, market, bars, bucketUs });
  return { bucketUs, bars, openInterest };
}
