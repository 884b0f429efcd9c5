/**
 * What a worker's thread runs: one shard from the queue, after it has made sure that this machine has the same
 * sources, scenario and data as the one that asked. Otherwise it says so, and computes nothing.
 */
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { ReplayError } from '../../basics/errors.ts';
import { codeVersion } from '../codeVersion.ts';
import type { ShardJob } from './plan.ts';
import type { QueuedShard } from './redisQueue.ts';
import shardTask, { failure, type ShardResult } from './shardTask.ts';
import { Stage } from './stage.ts';

/** Where this machine has what a job needs; given to the thread by redisWorker.ts. */
export interface WorkerPlaces {
  /** '': the scenario's own folder. */
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly scenarioFolder: string;
}

const own = codeVersion();
/** Digests of what this machine has, by what they are of. */
const bases = new Map<string, Promise<string>>();

/** Runs a queued shard; what fails is told with the name of this machine. */
export default async function redisTask({ data }: { readonly data: QueuedShard }): Promise<ShardResult> {
  const result = await tried(data);
  if ('done' in result) return result;
  const { failed } = result;
  return { failed: { ...failed, message: `worker on ${hostname()}: ${failed.message}` } };
}

async function tried(data: QueuedShard): Promise<ShardResult> {
  const job = placed(data, workerData as WorkerPlaces);
  try {
    if (data.code !== own.digest)
      throw mismatch(
        `other sources (${own.version}, ${own.digest.slice(0, 12)}) than those of the sweep`,
        'Run sweep and workers from the same build.',
      );
    const { seed: _, member: __, ...stage } = job.stage;
    const key = JSON.stringify(stage);
    const known = bases.get(key) ?? Stage.open(stage).then(({ base }) => base);
    bases.set(key, known);
    if ((await known) !== job.base)
      throw mismatch(
        'another scenario, rules or data than those of the sweep',
        'Give workers the same scenario files and the same data (--data).',
      );
  } catch (error) {
    bases.clear(); // what was wrong may be put right while this worker runs
    return failure(error);
  }
  return shardTask(job);
}

const mismatch = (message: string, remedy: string): ReplayError =>
  new ReplayError('RESULT_MISMATCH', message, { path: '--redis' }, remedy);

function placed({ job, packaged }: QueuedShard, places: WorkerPlaces): ShardJob {
  const scenario = packaged === null ? job.stage.scenario : join(places.scenarioFolder, `${packaged}.yaml`);
  const dataDir = places.dataDir === '' ? dirname(scenario) : places.dataDir;
  return { ...job, stage: { ...job.stage, scenario, dataDir, cacheDir: places.cacheDir } };
}
