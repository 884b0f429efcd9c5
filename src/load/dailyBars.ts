/**
 * Daily candles of the weeks before an event, from candles of any shorter interval: calm volatility,
 * calm volume and the profile of entry prices come from them, never from the crash itself.
 */
import { openDuckDb } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import { DAY_US, formatInstant, type Micros } from '../basics/instant.ts';
import type { DailyBar, StreamSpec } from '../rules/facts.ts';
import { type RawChunk, scan } from './parquet.ts';
import { Judge, RowError } from './quality.ts';
import { filesOf, numberSql, openSource, type Places } from './source.ts';
import { withConnection } from './trades.ts';

export interface DailyOptions
  extends Partial<Places>,
    Pick<StreamSpec, 'path' | 'columns' | 'filter' | 'timeUnit'> {
  /** [fromUs, untilUs): whole days UTC. */
  readonly fromUs: Micros;
  readonly untilUs: Micros;
}

/** A day with fewer rows than this share of the fullest day is a gap, not a quiet day, and is left out. */
const FULL_ENOUGH = 0.5;

interface Day extends DailyBar {
  readonly rows: number;
}

/**
 * Daily bars [open, high, low, close, volume] of a window. Days without data are left out.
 *
 * @param options.path  Parquet file or glob; relative to `dataDir`, then to `folder`
 * @returns  oldest first; volume in the unit of the file (base units or contracts)
 * @throws ReplayError DATA_MISSING when there is no file or no row, DATA_SCHEMA for a row that is no candle
 */
export async function loadDailyBars(options: DailyOptions): Promise<DailyBar[]> {
  const { path, columns, filter, timeUnit, fromUs, untilUs } = options;
  const { files } = filesOf(path, { dataDir: options.dataDir ?? '.', folder: options.folder ?? '.' });
  const reading = { id: 'before', path, columns, filter, timeUnit };
  const days = new Map<number, Day>();
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
      onChunk: (chunk) => addTo(days, chunk),
    });
  } finally {
    instance.closeSync();
  }
  if (days.size === 0) {
    const window = `${formatInstant(fromUs)} .. ${formatInstant(untilUs)}`;
    const remedy = 'Name a file that covers the weeks before the event.';
    throw new ReplayError(
      'DATA_MISSING',
      `There is no candle within ${window}.`,
      { file: files[0]! },
      remedy,
    );
  }
  const fullest = Math.max(...[...days.values()].map((day) => day.rows));
  const full = [...days.values()].filter((day) => day.rows >= FULL_ENOUGH * fullest);
  return full.sort((a, b) => a.tsUs - b.tsUs).map(({ rows: _rows, ...bar }) => bar);
}

function addTo(days: Map<number, Day>, chunk: RawChunk): void {
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
    const dayUs = Math.floor(tsUs / DAY_US) * DAY_US;
    const day = days.get(dayUs);
    days.set(
      dayUs,
      day === undefined
        ? { tsUs: dayUs, open, high, low, close, volume, rows: 1 }
        : {
            ...day,
            high: Math.max(day.high, high),
            low: Math.min(day.low, low),
            close,
            volume: day.volume + volume,
            rows: day.rows + 1,
          },
    );
  }
}
