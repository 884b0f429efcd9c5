/** What a worker of the pool runs: one shard. Errors cross as plain data, so that their code survives. */
import { isSystemError, ReplayError } from '../../basics/errors.ts';
import { asStoreError } from '../../results/runFolder.ts';
import type { ShardJob } from './plan.ts';
import { runShard } from './shard.ts';

export type ShardResult =
  | { readonly done: string }
  | { readonly failed: Pick<ReplayError, 'code' | 'message' | 'place' | 'remedy'> };

/** Runs a shard. Anything but a ReplayError, or a disk that refuses, is our bug and is thrown as it is. */
export default async function shardTask(job: ShardJob): Promise<ShardResult> {
  try {
    return { done: await runShard(job) };
  } catch (error) {
    return failure(error);
  }
}

/** An error as plain data. @throws what is no error of the user's or of the disk's */
export function failure(error: unknown): ShardResult {
  const coded = isSystemError(error) ? asStoreError(error, error.path ?? '') : error;
  if (!(coded instanceof ReplayError)) throw error;
  const { code, message, place, remedy } = coded;
  return { failed: { code, message, place, remedy } };
}
