/** What a file of data can be: each break with the code and the place that it must give. */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CANDLE_COLUMNS, type Cell, writeRows } from '../support/parquet.ts';
import { candles, type Tiny } from '../support/tinyScenario.ts';
import { type Broken, swap } from './brokenAsking.ts';

/** Writes perp.parquet anew from changed candles. */
const withCandles =
  (change: (rows: Cell[][]) => Cell[][], columns: Readonly<Record<string, string>> = CANDLE_COLUMNS) =>
  ({ folder }: Tiny): Promise<string> =>
    writeRows(join(folder, 'perp.parquet'), columns, change(candles()));
/** One cell of the fourth candle. */
const withCell = (column: number, value: Cell) =>
  withCandles((rows) => rows.map((row, r) => (r === 3 ? row.with(column, value) : row)));
const PERP = 'path: perp.parquet';

export const DATA: readonly Broken[] = [
  {
    what: 'a file that is not there',
    code: 'DATA_MISSING',
    text: swap(PERP, 'path: purp.parquet'),
    says: /purp\.parquet/,
  },
  {
    what: 'a glob that matches nothing',
    code: 'DATA_MISSING',
    text: swap(PERP, 'path: perp-*.parquet'),
    says: /perp-\*\.parquet/,
  },
  { what: 'a folder for a file', code: 'DATA_MISSING', text: swap(PERP, 'path: .'), says: /file / },
  {
    what: 'a truncated file',
    code: 'DATA_MISSING',
    harm: ({ folder }) => truncateSync(join(folder, 'perp.parquet'), 300),
    says: /perp\.parquet/,
  },
  {
    what: 'an empty file',
    code: 'DATA_MISSING',
    harm: ({ folder }) => truncateSync(join(folder, 'perp.parquet'), 0),
    says: /perp\.parquet/,
  },
  {
    what: 'text for Parquet',
    code: 'DATA_MISSING',
    harm: ({ folder }) => writeFileSync(join(folder, 'perp.parquet'), 'time,open,high,low,close,volume\n'),
    says: /perp\.parquet/,
  },
  {
    what: 'a column that is missing',
    code: 'DATA_SCHEMA',
    harm: withCandles((rows) => rows.map((row) => row.toSpliced(4, 1)), {
      time: 'BIGINT',
      open: 'DOUBLE',
      high: 'DOUBLE',
      low: 'DOUBLE',
      volume: 'DOUBLE',
    }),
    says: /perp\.parquet/,
  },
  {
    what: 'a column of text',
    code: 'DATA_SCHEMA',
    harm: withCandles((rows) => rows.map((row) => row.with(1, String(row[1]))), {
      ...CANDLE_COLUMNS,
      open: 'VARCHAR',
    }),
    says: /open[\s\S]*perp\.parquet/,
  },
  {
    what: 'time as a timestamp',
    code: 'DATA_SCHEMA',
    harm: withCandles((rows) => rows.map((row) => row.with(0, '2021-05-19 12:00:00')), {
      ...CANDLE_COLUMNS,
      time: 'TIMESTAMP',
    }),
    says: /time[\s\S]*perp\.parquet/,
  },
  {
    what: 'a filter on a column that is not there',
    code: 'DATA_SCHEMA',
    text: swap(PERP, 'path: perp.parquet, filter: { venue: binance }'),
    says: /venue[\s\S]*perp\.parquet/,
  },
  { what: 'a null price', code: 'DATA_SCHEMA', harm: withCell(4, null), says: /perp\.parquet, row 4/ },
  { what: 'a price that is NaN', code: 'DATA_SCHEMA', harm: withCell(4, NaN), says: /perp\.parquet, row 4/ },
  { what: 'a price of zero', code: 'DATA_SCHEMA', harm: withCell(3, 0), says: /perp\.parquet, row 4/ },
  { what: 'a price below zero', code: 'DATA_SCHEMA', harm: withCell(3, -5), says: /perp\.parquet, row 4/ },
  {
    what: 'a price off its tick',
    code: 'DATA_SCHEMA',
    harm: withCell(4, 40_320.001),
    says: /perp\.parquet, row 4/,
  },
  { what: 'a volume below zero', code: 'DATA_SCHEMA', harm: withCell(5, -1), says: /perp\.parquet, row 4/ },
  {
    what: 'a high below the low',
    code: 'DATA_SCHEMA',
    harm: withCell(2, 30_000),
    says: /perp\.parquet, row 4/,
  },
  {
    what: 'a price ten times too high',
    code: 'DATA_SCHEMA',
    harm: withCandles((rows) =>
      rows.map((row, r) => (r === 3 ? [row[0]!, 407_400, 407_600, 403_100, 403_200, 500] : row)),
    ),
    says: /perp\.parquet, row 4/,
  },
  { what: 'no row at all', code: 'DATA_MISSING', harm: withCandles(() => []), says: /perp\.parquet/ },
  {
    what: 'rows of another day',
    code: 'DATA_GAP',
    harm: withCandles((rows) => rows.map((row) => row.with(0, Number(row[0]) + 86_400_000))),
    says: /perp\.parquet/,
  },
  {
    what: 'microseconds read as milliseconds',
    code: 'DATA_SCHEMA',
    harm: withCandles((rows) => rows.map((row) => row.with(0, Number(row[0]) * 1000))),
    says: /perp\.parquet[\s\S]*timeUnit/,
  },
  {
    what: 'a candle twice',
    code: 'DATA_DISORDER',
    harm: withCandles((rows) => rows.toSpliced(4, 0, rows[3]!)),
    says: /perp\.parquet, row 5/,
  },
  {
    what: 'rows out of order',
    code: 'DATA_DISORDER',
    harm: withCandles((rows) => rows.with(3, rows[4]!).with(4, rows[3]!)),
    says: /perp\.parquet, row \d/,
  },
  {
    what: 'a missing candle',
    code: 'DATA_GAP',
    harm: withCandles((rows) => rows.toSpliced(4, 1)),
    says: /perp\.parquet/,
  },
  {
    what: 'a file that starts late',
    code: 'DATA_GAP',
    harm: withCandles((rows) => rows.slice(2)),
    says: /perp\.parquet/,
  },
  {
    what: 'a file that ends early',
    code: 'DATA_GAP',
    harm: withCandles((rows) => rows.slice(0, 7)),
    says: /perp\.parquet/,
  },
];
