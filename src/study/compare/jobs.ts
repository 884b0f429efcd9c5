/**
 * The jobs of a comparison, and their way over the cores of one machine: a job is the draws of one cell that
 * share a population and a tape.
 */
import { ReplayError } from '../../basics/errors.ts';
import type { DrawFacts } from '../../report/compare/model.ts';
import { runTasks } from '../workers.ts';
import type { DoneJob, Job } from './job.ts';
import jobTask, { type JobResult } from './jobTask.ts';

/** Worlds that one pass holds at most: as many as keep a worker within some hundred megabytes. */
const WORLDS_PER_JOB = 12;

/** Draws of one cell and seed become one job, or several where there would be too many worlds; in order. */
export function jobsOf(draws: readonly DrawFacts[], base: Omit<Job, 'draws'>): Job[] {
  const groups = new Map<string, DrawFacts[]>();
  for (const draw of draws) {
    const key = `${draw.cell}|${draw.seed}`;
    groups.set(key, [...(groups.get(key) ?? []), draw]);
  }
  const each = 1 + base.candidates.length * (base.feedback ? 2 : 1);
  const most = Math.max(1, Math.floor(WORLDS_PER_JOB / each));
  return [...groups.values()].flatMap((own) => {
    const parts = Array.from({ length: Math.ceil(own.length / most) }, (_, i) => i * most);
    return parts.map((from) => ({ ...base, draws: own.slice(from, from + most) }));
  });
}

/**
 * Runs jobs side by side.
 *
 * @param workers  threads; 0: this one
 * @param onDone   told after each
 * @returns        what each found, in their order
 * @throws ReplayError of the first job that failed, in that order
 */
export async function runJobs(jobs: readonly Job[], workers: number, onDone: () => void): Promise<DoneJob[]> {
  const results = await runTasks<Job, JobResult>({
    module: './jobTask',
    beside: import.meta.url,
    task: jobTask,
    inputs: jobs,
    workers,
    onDone,
  });
  return results.map((result) => {
    if ('done' in result) return result.done;
    const { code, message, place, remedy } = result.failed;
    throw new ReplayError(code, message, place, remedy);
  });
}
