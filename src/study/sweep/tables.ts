/** The tables of a sweep: one row a world, what each point sets, what figures mean, and what passes shared. */
import { canonicalJson } from '../../basics/digest.ts';
import { float, type Table, text, whole } from '../../results/column.ts';
import type { TableDigest } from '../../results/manifest.ts';
import { DEFINITIONS, definitionRows, FIGURE_COLUMNS, figureCells } from '../compare/metricTables.ts';
import type { MetricName } from '../compare/metrics.ts';
import { writeDatabase } from '../database.ts';
import type { Shard, SweepPoint } from './plan.ts';
import type { DoneShard } from './shard.ts';
import type { SharedWork } from './stage.ts';

interface WorldBase {
  readonly world: number;
  readonly shard: string;
  readonly seed: string;
  readonly point: number;
  /** Settings as canonical JSON, path -> value. */
  readonly settings: string;
}
type WorldRow = WorldBase & Readonly<Record<MetricName, number>>;

const WORLDS: Table<WorldRow> = {
  name: 'worlds',
  meaning: 'One row a world of the sweep.',
  sortedBy: ['world'],
  perWorld: false,
  columns: {
    world: whole('-', 'number of the world: seeds in order, points within'),
    shard: text('key of the pass in which it was replayed: sha256 of everything that its figures depend on'),
    seed: text('seed of population and draws'),
    point: whole('-', 'number of the point'),
    settings: text('what it changes, as JSON'),
    ...FIGURE_COLUMNS,
  },
};

interface SettingRow {
  readonly point: number;
  readonly place: number;
  readonly path: string;
  readonly value: string;
  readonly valueF64: number;
}
const SETTINGS: Table<SettingRow> = {
  name: 'settings',
  meaning: 'What each point sets.',
  sortedBy: ['point', 'place'],
  perWorld: false,
  columns: {
    point: whole('-', 'number of the point'),
    place: whole('-', 'place among its settings'),
    path: text('parameter'),
    value: text('as written'),
    valueF64: float('-', 'the same as a number; NULL where it is none'),
  },
};

type PassRow = { readonly shard: string } & Readonly<SharedWork>;
const PASSES: Table<PassRow> = {
  name: 'passes',
  meaning: 'Work that the worlds of a pass shared, as it was done.',
  sortedBy: ['shard'],
  perWorld: false,
  columns: {
    shard: text('key of the pass'),
    framesOpened: whole('times', 'frames opened'),
    populationsDrawn: whole('times', 'populations drawn: one per distinct assumption and seed'),
    priceRules: whole('-', 'distinct rules of index, mark and funding among worlds without feedback'),
    beatsPriced: whole('beats', 'beats priced under them'),
    passes: whole('-', 'passes over the frames'),
    worlds: whole('-', "worlds, the scenario's own included"),
    worldsWithFeedback: whole('-', 'worlds with prices of their own'),
  },
};

/** What the tables are made of. */
export interface SweepRows {
  readonly points: readonly SweepPoint[];
  readonly shards: readonly Shard[];
  readonly read: (key: string) => DoneShard;
}

/**
 * Writes the tables of a sweep.
 *
 * @param folder  gets sweep.duckdb and tables/*.parquet
 * @returns       digests by table; equal rows give equal Parquet bytes
 */
export async function writeTables(folder: string, rows: SweepRows): Promise<Record<string, TableDigest>> {
  return writeDatabase(folder, 'sweep.duckdb', [
    { table: WORLDS, rows: worldRows(rows) },
    { table: SETTINGS, rows: settingRows(rows.points) },
    { table: DEFINITIONS, rows: definitionRows() },
    { table: PASSES, rows: passRows(rows) },
  ]);
}

function* worldRows({ points, shards, read }: SweepRows): Generator<WorldRow> {
  let world = 0;
  for (const { job, seed, from } of shards) {
    for (const [k, found] of read(job.key).worlds.entries()) {
      const { settings } = points[from + k]!;
      const base: WorldBase = {
        world: world++,
        shard: job.key,
        seed,
        point: from + k,
        settings: canonicalJson(Object.fromEntries(settings.map(({ path, value }) => [path, value]))),
      };
      yield { ...base, ...figureCells(found) };
    }
  }
}

function* settingRows(points: readonly SweepPoint[]): Generator<SettingRow> {
  for (const [point, { settings }] of points.entries())
    for (const [place, { path, value }] of settings.entries())
      yield { point, place, path, value, valueF64: value.trim() === '' ? Number.NaN : Number(value) };
}

function* passRows({ shards, read }: SweepRows): Generator<PassRow> {
  for (const { job } of shards) yield { shard: job.key, ...read(job.key).work };
}
