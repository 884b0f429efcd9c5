/**
 * Daily candles of the days before a scenario starts: calm volatility, calm volume and the entry
 * prices of the population come from them. They are made here from candles of any length, in plain
 * order of time, because sums of doubles in SQL differ from run to run.
 */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { openDuckDb, rowsOf, sqlName, sqlText } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import { DAY_US, formatInstant, type Micros } from '../basics/instant.ts';
import { readAnchors } from '../load/anchors.ts';
import type { DailyBar } from '../rules/facts.ts';
import type { BeforeSpec } from './scenarioSchema.ts';

/** Where relative paths of data files lead: the data folder, else the scenario's own. */
export interface DataFolders {
  readonly dataDir: string | undefined;
  readonly folder: string;
}

/** The path of a data file. */
export const dataPath = (path: string, { dataDir, folder }: DataFolders): string => {
  if (isAbsolute(path)) return path;
  const inData = resolve(dataDir ?? folder, path);
  return dataDir === undefined || existsSync(inData) || path.includes('*') ? inData : resolve(folder, path);
};

interface Candle {
  readonly stamp: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const MICROS_PER = { ms: 1000, us: 1, ns: 0.001 } as const;

/**
 * Daily candles of the `spec.days` whole UTC days before `fromUs`, oldest first; a day without rows is
 * absent.
 *
 * @throws ReplayError DATA_MISSING when the file is not there, DATA_SCHEMA when it lacks a column or
 *         holds a null, DATA_GAP when no day has rows
 */
export async function daysBefore(
  spec: BeforeSpec,
  fromUs: Micros,
  folders: DataFolders,
): Promise<readonly DailyBar[]> {
  if (spec.bars !== undefined) return spec.bars;
  if (spec.anchors !== undefined) return readAnchors(dataPath(spec.anchors, folders)).daily.bars;
  const path = dataPath(spec.path ?? '', folders);
  if (!path.includes('*') && !existsSync(path)) {
    const remedy = 'Name the folder that holds it with --data.';
    throw new ReplayError(
      'DATA_MISSING',
      'the candles of the days before are not there',
      { file: path },
      remedy,
    );
  }
  const midnightUs = Math.floor(fromUs / DAY_US) * DAY_US;
  const candles = await candlesOf(path, spec, [midnightUs - spec.days * DAY_US, midnightUs]);
  if (candles.length === 0) {
    const message = `no candles in the ${spec.days} days before ${formatInstant(fromUs)}`;
    throw new ReplayError(
      'DATA_GAP',
      message,
      { file: path, tsUs: midnightUs },
      'Check filter and days of facts.before.',
    );
  }
  return dailyBars(candles, MICROS_PER[spec.timeUnit]);
}

/** One bar a UTC day; `candles` ascending in time. */
function dailyBars(candles: readonly Candle[], unitUs: number): DailyBar[] {
  const bars: DailyBar[] = [];
  for (const c of candles) {
    const tsUs = Math.floor((c.stamp * unitUs) / DAY_US) * DAY_US;
    const bar = bars.at(-1);
    if (bar?.tsUs !== tsUs) {
      bars.push({ tsUs, open: c.open, high: c.high, low: c.low, close: c.close, volume: c.volume });
      continue;
    }
    bars[bars.length - 1] = {
      ...bar,
      high: Math.max(bar.high, c.high),
      low: Math.min(bar.low, c.low),
      close: c.close,
      volume: bar.volume + c.volume,
    };
  }
  return bars;
}

async function candlesOf(
  path: string,
  spec: BeforeSpec,
  [from, until]: readonly [Micros, Micros],
): Promise<Candle[]> {
  const column = (name: string): string => sqlName(spec.columns[name] ?? name);
  const unitUs = MICROS_PER[spec.timeUnit];
  const filters = Object.entries(spec.filter).map(
    ([name, v]) => ` AND ${sqlName(name)}::VARCHAR = ${sqlText(v)}`,
  );
  const values = ['open', 'high', 'low', 'close', 'volume'].map(
    (name) => `${column(name)}::DOUBLE AS ${name}`,
  );
  const db = await openDuckDb();
  try {
    const rows = await rowsOf<Candle>(
      await db.connect(),
      `SELECT ${column('time')}::DOUBLE AS stamp, ${values.join(', ')} FROM read_parquet(${sqlText(path)})
        WHERE ${column('time')} >= ${from / unitUs} AND ${column('time')} < ${until / unitUs}${filters.join('')}
        ORDER BY stamp`,
    );
    if (rows.every((row) => Object.values(row).every((value) => value !== null))) return rows;
    throw new ReplayError(
      'DATA_SCHEMA',
      'a candle holds a null',
      { file: path },
      'Drop or mend the incomplete rows.',
    );
  } catch (error) {
    if (error instanceof ReplayError) throw error;
    const message = `cannot read daily candles: ${String(error).split('\n')[0]}`;
    throw new ReplayError('DATA_SCHEMA', message, { file: path }, 'Map the columns in facts.before.columns.');
  } finally {
    db.closeSync();
  }
}
