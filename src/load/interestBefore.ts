/** Recorded open interest over the days before an event, at the ends of the candles of the same days. */
import { openDuckDb } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import { HOUR_US, type Micros } from '../basics/instant.ts';
import type { BurnInBar, StreamSpec } from '../rules/facts.ts';
import type { Market } from '../rules/market.ts';
import { type RawChunk, scan } from './parquet.ts';
import { Judge, RowError } from './quality.ts';
import { filesOf, numberSql, openSource, type Places } from './source.ts';
import { withConnection } from './trades.ts';
import { unitsOf } from './units.ts';

/** A figure holds this long at most: venues publish it at least once a day. */
const HOLDS_US: Micros = 48 * HOUR_US;

interface Wanted extends Places {
  readonly market: Market;
  /** Oldest first. */
  readonly bars: readonly BurnInBar[];
  readonly bucketUs: Micros;
}

/**
 * The last figure at or before the end of each bar, turned into the market's own unit at the bar's close but
 * for a constant factor: its shape.
 *
 * @returns  null where the series does not cover the bars: a bar has no figure of the 48 hours before its end,
 *           or one of 0
 * @throws ReplayError DATA_MISSING when there is no file, DATA_SCHEMA for a figure that is none
 */
export async function loadInterestBefore(
  spec: StreamSpec,
  wanted: Wanted,
): Promise<readonly number[] | null> {
  const { bars, bucketUs, dataDir, folder, market } = wanted;
  const { files } = filesOf(spec.path, { dataDir, folder });
  const times: number[] = [];
  const values: number[] = [];
  const instance = await openDuckDb();
  try {
    const source = await withConnection(instance, (db) => openSource(db, spec, files));
    await scan(instance, {
      source,
      window: { fromUs: bars[0]!.tsUs - HOLDS_US, untilUs: bars.at(-1)!.tsUs + bucketUs },
      select: [source.timeSql, numberSql(source, 'openInterest')],
      judge: new Judge(spec, true),
      onChunk: (chunk) => keep(chunk, times, values),
    });
  } finally {
    instance.closeSync();
  }
  const { pricePower } = unitsOf({ ...spec, role: 'perp' }, market);
  const found: number[] = [];
  let next = 0;
  for (const { tsUs, close } of bars) {
    while (next < times.length && times[next]! <= tsUs + bucketUs) next++;
    const value = values[next - 1] ?? 0;
    if (!(value > 0) || tsUs + bucketUs - times[next - 1]! > HOLDS_US) return null;
    found.push(pricePower === 0 ? value : pricePower > 0 ? value * close : value / close);
  }
  return found;
}

function keep(chunk: RawChunk, times: number[], values: number[]): void {
  for (let i = 0; i < chunk.rows; i++) {
    const [tsUs, value] = [chunk.columns[0]![i]!, chunk.columns[1]![i]!];
    if (!(value >= 0 && value < Infinity) || tsUs < (times.at(-1) ?? -Infinity)) {
      const message = `open interest ${value} is negative, no number, or older than the row before.`;
      throw new RowError(
        chunk.first + i,
        new ReplayError('DATA_SCHEMA', message, {}, 'Correct, sort or drop the row in the file.'),
      );
    }
    times.push(tsUs);
    values.push(value);
  }
}
