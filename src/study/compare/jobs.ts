/**
 * The jobs of a comparison, and their way over the cores of one machine. A job is a population and its
 * draws; results come back in the order of the jobs, on any number of workers.
 */
import { Piscina } from 'piscina';
import { ReplayError } from '../../basics/errors.ts';
import type { DrawFacts } from '../../report/compare/model.ts';
import type { DoneDraw, Job } from './job.ts';
import jobTask, { type JobResult } from './jobTask.ts';

/** Draws of one seed and cell become one job each; draws of an envelope cell share no job with others. */
export function jobsOf(draws: readonly DrawFacts[], base: Omit<Job, 'draws'>): Job[] {
  const groups = new Map<string, DrawFacts[]>();
  for (const draw of draws) {
    const key = `${draw.cell}|${draw.seed}`;
    groups.set(key, [...(groups.get(key) ?? []), draw]);
  }
  return [...groups.values()].map((own) => ({ ...base, draws: own }));
}

/** Workers that run jobs; 0: this thread. */
export class JobPool {
  private readonly pool: Piscina | null;

  constructor(workers: number) {
    const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    const { href } = new URL(`./jobTask${ending}`, import.meta.url);
    this.pool = workers === 0 ? null : new Piscina({ filename: href, maxThreads: workers, minThreads: 1 });
  }

  /**
   * Runs jobs side by side.
   *
   * @param onDone  told after each
   * @returns       their draws, in the order of the jobs
   * @throws ReplayError of the first job that failed, in that order
   */
  async run(jobs: readonly Job[], onDone: () => void): Promise<DoneDraw[]> {
    const { pool } = this;
    const counted = async (result: Promise<JobResult>): Promise<JobResult> => {
      const value = await result;
      onDone();
      return value;
    };
    const results: JobResult[] = [];
    if (pool === null) for (const job of jobs) results.push(await counted(jobTask(job)));
    else
      results.push(...(await Promise.all(jobs.map((job) => counted(pool.run(job) as Promise<JobResult>)))));
    return results.flatMap((result) => {
      if ('done' in result) return [...result.done];
      const { code, message, place, remedy } = result.failed;
      throw new ReplayError(code, message, place, remedy);
    });
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    await this.pool?.destroy();
  }
}
