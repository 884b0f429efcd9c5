/** The tables of a sweep: one row a world, what each point sets, what figures mean, and what passes shared. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckDb } from '../../basics/duckdb.ts';
import { canonicalJson } from '../../basics/digest.ts';
import { type Described, float, type Table, text, whole } from '../../results/column.ts';
import { TableWriter } from '../../results/columnBuffer.ts';
import { exportTables } from '../../results/exportRun.ts';
import type { TableDigest } from '../../results/manifest.ts';
import { type AnyTable, createTable } from '../../results/schema.ts';
import { METRICS, type MetricName } from '../compare/metrics.ts';
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

const figures = Object.fromEntries(
  METRICS.map(({ name, unit, formula }) => [name, float(unit, formula)]),
) as unknown as Described<Record<MetricName, number>>;

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
    ...figures,
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

interface DefinitionRow {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly better: string;
  readonly definition: string;
}
const DEFINITIONS: Table<DefinitionRow> = {
  name: 'metrics',
  meaning: 'What the figures of `worlds` mean.',
  sortedBy: ['name'],
  perWorld: false,
  columns: {
    name: text('column of `worlds`'),
    title: text('in words'),
    unit: text('unit; money is the settlement asset of the first market'),
    better: text('lower, higher, or empty'),
    definition: text('how it is computed'),
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
  const path = join(folder, 'sweep.duckdb');
  rmSync(path, { force: true });
  const instance = await openDuckDb({ path });
  const connection = await instance.connect();
  try {
    const write = async (table: AnyTable, list: Iterable<object>): Promise<void> => {
      await connection.run(createTable(table));
      const writer = new TableWriter(table, await connection.createAppender(table.name));
      for (const row of list) writer.add(0, [row]);
      writer.close();
    };
    await write(WORLDS, worldRows(rows));
    await write(SETTINGS, settingRows(rows.points));
    await write(
      DEFINITIONS,
      METRICS.map(({ formula, name, title, unit, better }) => ({
        name,
        title,
        unit,
        better,
        definition: formula,
      })),
    );
    await write(PASSES, passRows(rows));
    await connection.run('CHECKPOINT');
    return await exportTables(connection, folder, [WORLDS, SETTINGS, DEFINITIONS, PASSES]);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
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
      const own = Object.fromEntries(
        METRICS.map(({ name }) => [name, found[name as MetricName] ?? Number.NaN]),
      );
      yield { ...base, ...(own as Record<MetricName, number>) };
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
