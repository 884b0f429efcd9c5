/**
 * The jobs of a comparison, and their way over the cores of one machine: a job is draws of one seed, central
 * ones and those of cells, which share a tape.
 */
import { ReplayError } from '../../basics/errors.ts';
import type { DrawFacts } from '../../report/compare/model.ts';
import { runTasks } from '../workers.ts';
import { reactionAside } from './draws.ts';
import type { DoneJob, Job } from './job.ts';
import jobTask, { type JobResult } from './jobTask.ts';

/** Worlds of a pass at most, unless one bundle has more: as many as keep a worker within some hundred megabytes. */
const WORLDS_PER_JOB = 18;

/** Worlds that a job replays: those without feedback once for all draws that differ in reaction alone. */
export function worldsOf({
  draws,
  candidates,
  feedback,
}: Pick<Job, 'draws' | 'candidates' | 'feedback'>): number {
  const bundles = new Set(draws.map(reactionAside)).size;
  return bundles * (1 + candidates.length) + (feedback ? draws.length * candidates.length : 0);
}

/**
 * Draws of one seed, in one job or several where there would be too many worlds; a bundle of those whose worlds
 * without feedback are the same stays together, however many worlds it has.
 *
 * @returns  jobs, in the order of their first draws
 */
export function jobsOf(draws: readonly DrawFacts[], base: Omit<Job, 'draws'>): Job[] {
  const bundles = new Map<string, DrawFacts[]>();
  for (const draw of draws) {
    const key = reactionAside(draw);
    bundles.set(key, [...(bundles.get(key) ?? []), draw]);
  }
  const jobs: { room: number; readonly draws: DrawFacts[] }[] = [];
  const latest = new Map<string, (typeof jobs)[number]>();
  for (const bundle of bundles.values()) {
    const { seed } = bundle[0]!;
    const needs = worldsOf({ ...base, draws: bundle });
    let job = latest.get(seed);
    if (job === undefined || job.room < needs) {
      job = { room: WORLDS_PER_JOB, draws: [] };
      jobs.push(job);
      latest.set(seed, job);
    }
    job.room -= needs;
    job.draws.push(...bundle);
  }
  return jobs.map((job) => ({ ...base, draws: job.draws }));
}

/**
 * Runs jobs side by side.
 *
 * @param workers  threads; 0: this one
 * @param onDone   told each as it is done
 * @returns        what each found, in their order
 * @throws ReplayError of the first job that failed, in that order
 */
export async function runJobs(
  jobs: readonly Job[],
  workers: number,
  onDone: (job: Job) => void,
): Promise<DoneJob[]> {
  const results = await runTasks<Job, JobResult>({
    module: './jobTask',
    beside: import.meta.url,
    task: jobTask,
    inputs: jobs,
    workers,
    onDone: (_, place) => onDone(jobs[place]!),
  });
  return results.map((result) => {
    if ('done' in result) return result.done;
    const { code, message, place, remedy } = result.failed;
    throw new ReplayError(code, message, place, remedy);
  });
}
