/**
 * The jobs of a comparison, and their way over the cores of one machine: a job is the draws of one cell that
 * share a population and a tape.
 */
import { ReplayError } from '../../basics/errors.ts';
import type { DrawFacts } from '../../report/compare/model.ts';
import { runTasks } from '../workers.ts';
import { reactionAside } from './draws.ts';
import type { DoneJob, Job } from './job.ts';
import jobTask, { type JobResult } from './jobTask.ts';

/** Worlds that one pass holds at most: as many as keep a worker within some hundred megabytes. */
const WORLDS_PER_JOB = 18;

/** Worlds of draws that differ in reaction alone. */
const worldsOf = (draws: number, { candidates, feedback }: Pick<Job, 'candidates' | 'feedback'>): number =>
  1 + candidates.length * (feedback ? 1 + draws : 1);

/**
 * Draws of one seed, in one job or several where there would be too many worlds; those whose worlds without feedback
 * are the same stay together.
 *
 * @returns  jobs, in the order of their first draws
 */
export function jobsOf(draws: readonly DrawFacts[], base: Omit<Job, 'draws'>): Job[] {
  const bundles = new Map<string, DrawFacts[]>();
  for (const draw of draws) {
    const key = reactionAside(draw);
    bundles.set(key, [...(bundles.get(key) ?? []), draw]);
  }
  const { candidates, feedback } = base;
  const most = feedback ? Math.max(1, Math.floor((WORLDS_PER_JOB - 1) / candidates.length) - 1) : Infinity;
  const jobs: { room: number; readonly draws: DrawFacts[] }[] = [];
  const latest = new Map<string, (typeof jobs)[number]>();
  for (const bundle of bundles.values()) {
    for (let from = 0; from < bundle.length; from += most) {
      const part = bundle.slice(from, from + most);
      const { seed } = part[0]!;
      const needs = worldsOf(part.length, base);
      let job = latest.get(seed);
      if (job === undefined || job.room < needs) {
        job = { room: WORLDS_PER_JOB, draws: [] };
        jobs.push(job);
        latest.set(seed, job);
      }
      job.room -= needs;
      job.draws.push(...part);
    }
  }
  return jobs.map((job) => ({ ...base, draws: job.draws }));
}

/**
 * Runs jobs side by side.
 *
 * @param workers  threads; 0: this one
 * @param onDone   told the number of draws of each as it is done
 * @returns        what each found, in their order
 * @throws ReplayError of the first job that failed, in that order
 */
export async function runJobs(
  jobs: readonly Job[],
  workers: number,
  onDone: (draws: number) => void,
): Promise<DoneJob[]> {
  const results = await runTasks<Job, JobResult>({
    module: './jobTask',
    beside: import.meta.url,
    task: jobTask,
    inputs: jobs,
    workers,
    onDone: (_, place) => onDone(jobs[place]!.draws.length),
  });
  return results.map((result) => {
    if ('done' in result) return result.done;
    const { code, message, place, remedy } = result.failed;
    throw new ReplayError(code, message, place, remedy);
  });
}
