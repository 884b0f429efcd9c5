/** What a worker of the pool runs: one job. Errors cross as plain data, so that their code survives. */
import { ReplayError } from '../../basics/errors.ts';
import { type DoneJob, type Job, runJob } from './job.ts';

export type JobResult =
  | { readonly done: DoneJob }
  | { readonly failed: Pick<ReplayError, 'code' | 'message' | 'place' | 'remedy'> };

/** Runs a job. Anything but a ReplayError is our bug and is thrown as it is. */
export default async function jobTask(job: Job): Promise<JobResult> {
  try {
    return { done: await runJob(job) };
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    const { code, message, place, remedy } = error;
    return { failed: { code, message, place, remedy } };
  }
}
