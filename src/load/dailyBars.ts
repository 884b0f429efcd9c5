/**
 * Candles of the weeks before an event, by day or in shorter buckets, from candles of any shorter interval:
 * calm volatility, calm volume and the profile of entry prices come from them, never from the crash itself.
 */
import { openDuckDb } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import { DAY_US, formatDuration, formatInstant, type Micros } from '../basics/instant.ts';
import type { BurnInBar, DailyBar, StreamSpec } from '../rules/facts.ts';
import { type RawChunk, scan } from './parquet.ts';
import { Judge, RowError } from './quality.ts';
import { filesOf, numberSql, openSource, type Places } from './source.ts';
import { withConnection } from './trades.ts';

export interface DailyOptions
  extends Partial<Places>,
    Pick<StreamSpec, 'path' | 'columns' | 'filter' | 'timeUnit'> {
  /** [fromUs, untilUs): whole days UTC, or whole buckets. */
  readonly fromUs: Micros;
  readonly untilUs: Micros;
}

/** A day with fewer rows than this share of the fullest day is a gap, not a quiet day, and is left out. */
const FULL_ENOUGH = 0.5;

interface Bucket extends DailyBar {
  readonly rows: number;
  /** Sum over rows of (open + high + low + close) / 4 times volume. */
  readonly worth: number;
}

/**
 * Daily bars [open, high, low, close, volume] of a window. Days without data are left out.
 *
 * @param options.path  Parquet file or glob; relative to `dataDir`, then to `folder`
 * @returns  oldest first; volume in the unit of the file (base units or contracts)
 * @throws ReplayError DATA_MISSING when there is no file or no row, DATA_SCHEMA for a row that is no candle
 */
export async function loadDailyBars(options: DailyOptions): Promise<DailyBar[]> {
  const days = await loadBuckets(options, DAY_US);
  return days.map(({ rows: _rows, worth: _worth, ...bar }) => bar);
}

/**
 * The same in buckets of less than a day, with the mean traded price of each: its rows' (open + high + low +
 * close) / 4 weighted by volume, the close where nothing traded.
 *
 * @throws ReplayError as `loadDailyBars`, and SCENARIO_INVALID where the file's candles are longer than a bucket
 */
export async function loadShortBars(options: DailyOptions, bucketUs: Micros): Promise<BurnInBar[]> {
  const buckets = await loadBuckets(options, bucketUs);
  const apart = buckets.slice(1).map(({ tsUs }, b) => tsUs - buckets[b]!.tsUs);
  if (Math.min(...apart) > bucketUs) {
    const message = `candles of ${options.path} are longer than ${formatDuration(bucketUs)}`;
    const remedy = 'Write a longer bucket, or name a file of shorter candles.';
    throw new ReplayError('SCENARIO_INVALID', message, { path: 'facts.before' }, remedy);
  }
  return buckets.map(({ rows: _rows, worth, ...bar }) => {
    const mean = bar.volume > 0 ? worth / bar.volume : bar.close;
    return { ...bar, average: Math.min(bar.high, Math.max(bar.low, mean)) };
  });
}

async function loadBuckets(options: DailyOptions, bucketUs: Micros): Promise<Bucket[]> {
  const { path, columns, filter, timeUnit, fromUs, untilUs } = options;
  const { files } = filesOf(path, { dataDir: options.dataDir ?? '.', folder: options.folder ?? '.' });
  const reading = { id: 'before', path, columns, filter, timeUnit };
  const found = new Map<number, Bucket>();
  const instance = await openDuckDb();
  try {
    const source = await withConnection(instance, (db) => openSource(db, reading, files));
    const names = ['open', 'high', 'low', 'close', 'volume'];
    const select = [source.timeSql, ...names.map((name) => numberSql(source, name))];
    const judge = new Judge({ id: reading.id, accept: [] }, true);
    await scan(instance, {
      source,
      window: { fromUs, untilUs },
      select,
      judge,
      onChunk: (chunk) => addTo(found, chunk, bucketUs),
    });
  } finally {
    instance.closeSync();
  }
  if (found.size === 0) {
    const window = `${formatInstant(fromUs)} .. ${formatInstant(untilUs)}`;
    const remedy = 'Name a file that covers the weeks before the event.';
    throw new ReplayError(
      'DATA_MISSING',
      `There is no candle within ${window}.`,
      { file: files[0]! },
      remedy,
    );
  }
  const fullest = [...found.values()].reduce((most, { rows }) => Math.max(most, rows), 0);
  const full = [...found.values()].filter(({ rows }) => rows >= FULL_ENOUGH * fullest);
  return full.sort((a, b) => a.tsUs - b.tsUs);
}

function addTo(found: Map<number, Bucket>, chunk: RawChunk, bucketUs: Micros): void {
  for (let i = 0; i < chunk.rows; i++) {
    const [tsUs, open, high, low, close, volume] = chunk.columns.map((column) => column[i]!) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const isCandle = low > 0 && low <= close && close <= high && high < Infinity && open > 0 && volume >= 0;
    if (!isCandle) {
      const message = `no candle: ${[open, high, low, close, volume].join(' ')}.`;
      throw new RowError(
        chunk.first + i,
        new ReplayError('DATA_SCHEMA', message, {}, 'Correct or drop the row in the file.'),
      );
    }
    const startUs = Math.floor(tsUs / bucketUs) * bucketUs;
    const worth = ((open + high + low + close) / 4) * volume;
    const bucket = found.get(startUs);
    found.set(
      startUs,
      bucket === undefined
        ? { tsUs: startUs, open, high, low, close, volume, rows: 1, worth }
        : {
            ...bucket,
            high: Math.max(bucket.high, high),
            low: Math.min(bucket.low, low),
            close,
            volume: bucket.volume + volume,
            rows: bucket.rows + 1,
            worth: bucket.worth + worth,
          },
    );
  }
}
