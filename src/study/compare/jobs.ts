/**
 * The jobs of a comparison, and their way over the cores of one machine: a job is the draws of one cell that
 * share a population and a tape.
 */
import { ReplayError } from '../../basics/errors.ts';
import type { DrawFacts } from '../../report/compare/model.ts';
import { runTasks } from '../workers.ts';
import type { DoneDraw, Job } from './job.ts';
import jobTask, { type JobResult } from './jobTask.ts';

/** Draws of one cell and seed become one job, in the order of the draws. */
export function jobsOf(draws: readonly DrawFacts[], base: Omit<Job, 'draws'>): Job[] {
  const groups = new Map<string, DrawFacts[]>();
  for (const draw of draws) {
    const key = `${draw.cell}|${draw.seed}`;
    groups.set(key, [...(groups.get(key) ?? []), draw]);
  }
  return [...groups.values()].map((own) => ({ ...base, draws: own }));
}

/**
 * Runs jobs side by side.
 *
 * @param workers  threads; 0: this one
 * @param onDone   told after each
 * @returns        their draws, in the order of the jobs
 * @throws ReplayError of the first job that failed, in that order
 */
export async function runJobs(
  jobs: readonly Job[],
  workers: number,
  onDone: () => void,
): Promise<DoneDraw[]> {
  const results = await runTasks<Job, JobResult>({
    module: './jobTask',
    beside: import.meta.url,
    task: jobTask,
    inputs: jobs,
    workers,
    onDone,
  });
  return results.flatMap((result) => {
    if ('done' in result) return [...result.done];
    const { code, message, place, remedy } = result.failed;
    throw new ReplayError(code, message, place, remedy);
  });
}
