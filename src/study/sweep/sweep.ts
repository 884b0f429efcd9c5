/**
 * A sweep, from its file to tables and page: shards that are not done yet are replayed on the workers, then
 * everything is put together from the stored shards in their order. What comes out depends on the sweep
 * alone: not on the number of workers, nor on how often it was killed and started again.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '../../basics/digest.ts';
import { isSystemError, ReplayError } from '../../basics/errors.ts';
import { renderSweep } from '../../report/sweep/page.ts';
import type { SweepReport } from '../../report/sweep/model.ts';
import { median } from '../../report/sweep/stats.ts';
import { asStoreError, RunFolder } from '../../results/runFolder.ts';
import { ensembleNotes } from '../calibrate/ensemble.ts';
import { codeVersion } from '../codeVersion.ts';
import { METRICS } from '../compare/metrics.ts';
import type { Progress } from '../run.ts';
import { runTasks } from '../workers.ts';
import { pointsOf, refuseWrong, type Shard, type ShardJob, shardsOf, type SweepPoint } from './plan.ts';
import { ShardStore } from './shardStore.ts';
import shardTask, { type ShardResult } from './shardTask.ts';
import { type SharedWork, Stage, type StageOptions } from './stage.ts';
import { readSweep, type SweepFile } from './sweepSchema.ts';
import { writeTables } from './tables.ts';

/** Runs the jobs, hands over each shard's text as it comes. */
export type ShardRunner = (
  jobs: readonly ShardJob[],
  onDone: (text: string, place: number) => void,
) => Promise<void>;

export interface SweepOptions {
  /** Sweep file. */
  readonly file: string;
  /** The scenario file that a sweep names. */
  readonly scenarioOf: (name: string, folder: string) => string;
  /** Folder of the data files; of a scenario's file by default. */
  readonly dataOf: (scenario: string) => string;
  readonly outDir: string;
  readonly cacheDir: string;
  readonly run: ShardRunner;
  readonly onProgress: (p: Progress) => void;
}

export interface SweepSummary {
  readonly folder: string;
  readonly reportPath: string;
  readonly worlds: number;
  readonly points: number;
  readonly shards: number;
  /** Shards that an earlier call had done. */
  readonly found: number;
  readonly work: Readonly<SharedWork>;
  readonly lines: readonly string[];
}

/** Shards on threads of this machine; 0: here. */
export const onThreads =
  (workers: number): ShardRunner =>
  async (jobs, onDone) => {
    const results = await runTasks<ShardJob, ShardResult>({
      module: './shardTask',
      beside: import.meta.url,
      task: shardTask,
      inputs: jobs,
      workers,
      onDone: (result, place) => {
        if ('done' in result) onDone(result.done, place);
      },
    });
    for (const result of results) {
      if ('done' in result) continue;
      const { code, message, place, remedy } = result.failed;
      throw new ReplayError(code, message, place, remedy);
    }
  };

/**
 * Runs a sweep, or what is left of it.
 *
 * @throws ReplayError from whatever fails; shards that are done stay done
 */
export async function runSweep(options: SweepOptions): Promise<SweepSummary> {
  const sweep = readSweep(options.file);
  const plan = await planOf(sweep, options);
  const folder = join(options.outDir, sweep.id);
  const place = new RunFolder(folder);
  try {
    const store = new ShardStore(`${folder}.shards`);
    const left = plan.shards.filter(({ job }) => !store.has(job.key));
    let done = plan.shards.length - left.length;
    const tell = (): void => options.onProgress({ done, total: plan.shards.length, what: 'passes' });
    tell();
    await options.run(
      left.map(({ job }) => job),
      (text, i) => {
        store.put(left[i]!.job.key, text);
        done++;
        tell();
      },
    );
    const report = reportOf(sweep, plan, store);
    const rows = { points: plan.points, shards: plan.shards, read: (key: string) => store.get(key) };
    const tables = await writeTables(place.partial, rows);
    writeFileSync(join(place.partial, 'report.html'), await renderSweep(report));
    const { points: _points, metrics: _metrics, ...facts } = report;
    writeFileSync(
      join(place.partial, 'sweep.json'),
      `${JSON.stringify(sorted({ format: 1, ...facts, tables }), null, 2)}\n`,
    );
    place.publish();
    const found = plan.shards.length - left.length;
    return summaryOf(folder, report, { shards: plan.shards.length, found });
  } catch (error) {
    place.abandon();
    throw isSystemError(error) ? asStoreError(error, folder) : error;
  }
}
const sorted = (data: unknown): unknown => JSON.parse(canonicalJson(data));

interface Plan {
  readonly points: readonly SweepPoint[];
  readonly shards: readonly Shard[];
  readonly scenario: Stage['scenario'];
  readonly code: ReturnType<typeof codeVersion>;
  /** What a reader should know of the ensemble. */
  readonly notes: readonly string[];
}

async function planOf(sweep: SweepFile, options: SweepOptions): Promise<Plan> {
  const scenario = options.scenarioOf(sweep.scenario, sweep.folder);
  const [from, until] = sweep.window ?? [];
  const stage: Omit<StageOptions, 'seed'> = {
    scenario,
    overrides: sweep.fixed.overrides,
    shocks: sweep.fixed.shocks,
    feedback: sweep.feedback === 'true',
    t0: sweep.t0,
    dataDir: options.dataOf(scenario),
    cacheDir: options.cacheDir,
    ...(from === undefined || until === undefined ? {} : { from, until }),
  };
  options.onProgress({ done: 0, total: 1, what: 'reading' });
  const own = await Stage.open(stage);
  const { base } = own;
  const code = codeVersion();
  const points = pointsOf(sweep, own.scenario);
  await refuseWrong(own, sweep, points);
  const { ensemble } = sweep;
  const baseline = { ...own.scenario, overrides: sweep.fixed.overrides };
  const notes = ensemble === null ? [] : ensembleNotes(ensemble.content, ensemble.file, baseline);
  return { points, shards: shardsOf({ sweep, points, stage, base }), scenario: own.scenario, code, notes };
}

function reportOf(sweep: SweepFile, plan: Plan, store: ShardStore): SweepReport {
  const { points, shards, scenario, code } = plan;
  const seen = points.map(() => [] as Readonly<Record<string, number | null>>[]);
  const work: Record<string, number> = {};
  for (const { job, from } of shards) {
    const done = store.get(job.key);
    for (const [k, figures] of done.worlds.entries()) seen[from + k]!.push(figures);
    for (const [name, n] of Object.entries(done.work)) work[name] = (work[name] ?? 0) + n;
  }
  return {
    id: sha256(canonicalJson(shards.map(({ job }) => job.key))).slice(0, 16),
    title: sweep.title,
    scenario: scenario.title,
    scenarioId: scenario.id,
    fromUs: scenario.facts.fromUs,
    untilUs: scenario.facts.untilUs,
    rules: scenario.rules.id,
    code: code.version,
    asset: Object.values(scenario.facts.markets)[0]!.settle,
    feedback: sweep.feedback === 'true',
    seeds: sweep.seeds,
    members: sweep.members,
    worlds: points.length * sweep.seeds.length,
    parameters: [...new Set(points.flatMap(({ settings }) => settings.map(({ path }) => path)))],
    points: points.map(({ settings }, point) => ({
      point,
      settings,
      figures: Object.fromEntries(
        METRICS.map(({ name }) => [name, median(seen[point]!.map((figures) => figures[name] ?? null))]),
      ),
    })),
    metrics: METRICS,
    fixed: [...sweep.fixed.overrides, ...sweep.fixed.shocks],
    t0: sweep.t0,
    caveats: [...plan.notes, ...scenario.caveats],
    work,
  };
}

function summaryOf(
  folder: string,
  report: SweepReport,
  { shards, found }: { readonly shards: number; readonly found: number },
): SweepSummary {
  const work = report.work as unknown as SharedWork;
  const reportPath = join(folder, 'report.html');
  return {
    folder,
    reportPath,
    worlds: report.worlds,
    points: report.points.length,
    shards,
    found,
    work,
    lines: [
      report.title,
      `${report.worlds} worlds: ${report.points.length} points, ${report.seeds.length} seeds, ${shards} passes` +
        (found > 0 ? ` (${found} were there already)` : ''),
      `frames opened ${work.framesOpened}, populations drawn ${work.populationsDrawn}, ` +
        `price rules ${work.priceRules}, beats priced ${work.beatsPriced}`,
      `tables: ${join(folder, 'sweep.duckdb')}`,
      `report to open: ${reportPath}`,
    ],
  };
}
