/** What a worker of the pool runs: one shard. Errors cross as plain data, so that their code survives. */
import { ReplayError } from '../../basics/errors.ts';
import type { ShardJob } from './plan.ts';
import { runShard } from './shard.ts';

export type ShardResult =
  | { readonly done: string }
  | { readonly failed: Pick<ReplayError, 'code' | 'message' | 'place' | 'remedy'> };

/** Runs a shard. Anything but a ReplayError is our bug and is thrown as it is. */
export default async function shardTask(job: ShardJob): Promise<ShardResult> {
  try {
    return { done: await runShard(job) };
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    const { code, message, place, remedy } = error;
    return { failed: { code, message, place, remedy } };
  }
}
