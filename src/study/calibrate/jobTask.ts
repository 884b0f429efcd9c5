/** What a worker of the pool runs: a piece of a calibration. Errors cross as plain data: their code survives. */
import { ReplayError } from '../../basics/errors.ts';
import { type CalibrateJob, runCalibrateJob } from './job.ts';

export type CalibrateJobResult =
  | { readonly done: readonly (readonly number[])[] }
  | { readonly failed: Pick<ReplayError, 'code' | 'message' | 'place' | 'remedy'> };

/** Runs a job. Anything but a ReplayError is our bug and is thrown as it is. */
export default async function jobTask(job: CalibrateJob): Promise<CalibrateJobResult> {
  try {
    return { done: await runCalibrateJob(job) };
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    const { code, message, place, remedy } = error;
    return { failed: { code, message, place, remedy } };
  }
}
