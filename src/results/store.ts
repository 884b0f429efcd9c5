/**
 * The results of a full run: one DuckDB file and its Parquet export, in a folder that appears whole
 * or not at all. The order of calls is
 *
 *   open, record ... record, settle, add ... add, finish, publish      (or abandon, at any time)
 *
 * and `writeRun` makes them. After `finish` the folder holds no open file, so a report can be read
 * from it and written into it before it is published.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, type DuckDBInstance, openDuckDb } from '../basics/duckdb.ts';
import { invariant } from '../basics/errors.ts';
import type { Outbox, TableName } from '../engine/rows.ts';
import { exportTables } from './exportRun.ts';
import { TableWriter } from './columnBuffer.ts';
import {
  manifestRows,
  partHashes,
  type RunFacts,
  type RunFile,
  type TableDigest,
  runFileText,
  runId,
} from './manifest.ts';
import { asStoreError, RunFolder } from './runFolder.ts';
import {
  type ColumnRow,
  type EnsembleRow,
  figureKey,
  type HazardRow,
  type MetricRow,
  type ReconciliationRow,
} from './runTables.ts';
import { type AnyTable, createTable, diskColumns, ROW_TABLES, RUN_TABLES, TABLES } from './schema.ts';
import type { Sink } from './sink.ts';

const ROW_NAMES = Object.keys(ROW_TABLES) as TableName[];

/** What a study knows once the replay is over; every table is optional but the metrics. */
export interface RunFigures {
  readonly metrics: readonly MetricRow[];
  readonly ensemble?: readonly EnsembleRow[];
  readonly reconciliation?: readonly ReconciliationRow[];
  readonly hazard?: readonly HazardRow[];
}

export class Store implements Sink {
  private readonly place: RunFolder;
  private readonly instance: DuckDBInstance;
  private readonly connection: DuckDBConnection;
  private readonly writers: ReadonlyMap<TableName, TableWriter>;
  private settled = false;
  private closed = false;
  private headline: Record<string, string> = {};
  private rowDigests: Promise<Record<string, TableDigest>> | null = null;

  private constructor(
    place: RunFolder,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    writers: ReadonlyMap<TableName, TableWriter>,
  ) {
    this.place = place;
    this.instance = instance;
    this.connection = connection;
    this.writers = writers;
  }

  /**
   * Claims a folder and opens an empty database beside it.
   *
   * @param folder  final place of the result; created or replaced by `publish`
   * @throws ReplayError RESULT_STORE when the disk refuses or another run writes there
   */
  static async open(folder: string): Promise<Store> {
    const place = new RunFolder(folder);
    try {
      const instance = await openDuckDb({ path: join(place.partial, 'results.duckdb') });
      const connection = await instance.connect();
      const writers = new Map<TableName, TableWriter>();
      for (const table of TABLES) await connection.run(createTable(table));
      for (const name of ROW_NAMES) {
        const table: AnyTable = ROW_TABLES[name];
        writers.set(name, new TableWriter(table, await connection.createAppender(table.name)));
      }
      return new Store(place, instance, connection, writers);
    } catch (error) {
      place.abandon();
      throw asStoreError(error, folder);
    }
  }

  /** Folder in which the result grows. */
  get folder(): string {
    return this.place.partial;
  }

  record(world: number, outbox: Outbox): void {
    invariant(!this.settled, 'rows are recorded before the store is settled');
    try {
      for (const name of ROW_NAMES) {
        const rows = outbox[name];
        if (rows.length > 0) this.writers.get(name)!.add(world, rows);
      }
    } catch (error) {
      throw asStoreError(error, this.place.folder);
    }
  }

  /**
   * Ends the recording: all rows are in the database.
   *
   * @returns the store's connection, for queries over the rows; do not close it
   */
  async settle(): Promise<DuckDBConnection> {
    if (this.settled) return this.connection;
    this.settled = true;
    return this.storing(async () => {
      for (const [name, writer] of this.writers) {
        writer.close();
        const { name: table } = ROW_TABLES[name] as AnyTable;
        const counted = await this.connection.runAndReadAll(`SELECT count(*) FROM ${table}`);
        invariant(Number(counted.getRows()[0]![0]) === writer.rows, `all rows of ${table} are written`);
      }
      return this.connection;
    });
  }

  /** Writes what the study found: metrics, ensemble, reconciliation, hazard. */
  async add(figures: RunFigures): Promise<void> {
    for (const m of figures.metrics) {
      if (m.bucket === '') this.headline[figureKey(m)] = m.value;
    }
    await this.write(RUN_TABLES.metrics, figures.metrics);
    await this.write(RUN_TABLES.ensemble, figures.ensemble ?? []);
    await this.write(RUN_TABLES.reconciliation, figures.reconciliation ?? []);
    await this.write(RUN_TABLES.hazard, figures.hazard ?? []);
  }

  /** Exports the tables of rows, once; they do not change after `settle`, so a study may do it while it waits. */
  exportRows(): Promise<Record<string, TableDigest>> {
    this.rowDigests ??= this.storing(async () => {
      await this.settle();
      return exportTables(this.connection, this.folder, Object.values(ROW_TABLES));
    });
    return this.rowDigests;
  }

  /** Writes columns and manifest, exports every table, closes the database and writes run.json. */
  async finish(facts: RunFacts): Promise<RunFile> {
    await this.settle();
    await this.write(RUN_TABLES.columns, columnRows());
    await this.write(RUN_TABLES.manifest, manifestRows(facts));
    return this.storing(async () => {
      await this.connection.run('CHECKPOINT');
      const own = await exportTables(this.connection, this.folder, Object.values(RUN_TABLES));
      const tables = { ...(await this.exportRows()), ...own };
      this.close();
      const run: RunFile = {
        format: 1,
        id: runId(facts),
        hashes: partHashes(facts),
        facts,
        tables,
        headline: this.headline,
      };
      writeFileSync(join(this.folder, 'run.json'), runFileText(run));
      return run;
    });
  }

  /** Writes further files into the folder: name -> text. */
  attach(files: Readonly<Record<string, string>>): void {
    try {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, name), text);
    } catch (error) {
      throw asStoreError(error, this.place.folder);
    }
  }

  /** Moves the finished folder to its final place, in exchange for a former one. */
  publish(): void {
    invariant(this.closed, 'a result is finished before it is published');
    this.place.publish();
  }

  /** Drops everything; nothing remains on disk. */
  abandon(): void {
    this.close();
    this.place.abandon();
  }

  private close(): void {
    if (this.closed) return;
    this.closed = true;
    this.connection.closeSync();
    this.instance.closeSync();
  }

  private async write(table: AnyTable, rows: readonly object[]): Promise<void> {
    await this.storing(async () => {
      const writer = new TableWriter(table, await this.connection.createAppender(table.name));
      writer.add(0, rows);
      writer.close();
    });
  }

  private async storing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asStoreError(error, this.place.folder);
    }
  }
}

const columnRows = (): ColumnRow[] =>
  TABLES.flatMap((table) =>
    diskColumns(table).map(({ name, type, unit, meaning }) => ({
      table: table.name,
      column: name,
      type,
      unit,
      meaning,
    })),
  );

export interface RunPlan {
  /** Final place of the result. */
  readonly folder: string;
  /** Replays into the store. */
  readonly replay: (sink: Sink) => Promise<void>;
  /** Facts of the run, asked for after the replay. */
  readonly facts: () => RunFacts;
  /** Figures from the stored rows. */
  readonly measure: (connection: DuckDBConnection) => Promise<RunFigures>;
  /** Further files, name -> text, made from the finished folder: report.html. */
  readonly files?: (folder: string) => Promise<Readonly<Record<string, string>>>;
}

/**
 * Carries out a run and publishes its folder; whatever fails, nothing that looks like a result stays.
 *
 * @throws ReplayError RESULT_STORE from disk or database; anything that the plan's parts throw
 */
export async function writeRun(plan: RunPlan): Promise<RunFile> {
  const store = await Store.open(plan.folder);
  try {
    await plan.replay(store);
    const connection = await store.settle();
    await store.exportRows();
    await store.add(await plan.measure(connection));
    const run = await store.finish(plan.facts());
    store.attach((await plan.files?.(store.folder)) ?? {});
    store.publish();
    return run;
  } catch (error) {
    store.abandon();
    throw error;
  }
}
