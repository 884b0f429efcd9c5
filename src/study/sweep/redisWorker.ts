/** A machine's worker on the queue: shards in threads of their own, so that the lock of each is kept alive. */
import { QUEUE, type QueuedShard, type RedisParts } from './redisQueue.ts';
import type { WorkerPlaces } from './redisTask.ts';
import type { ShardResult } from './shardTask.ts';

export interface RedisWorkerOptions {
  readonly parts: RedisParts;
  readonly places: WorkerPlaces;
  /** Shards at a time. */
  readonly workers: number;
  /** Told of each shard that ends, and of what went wrong. */
  readonly onShard: (key: string, failed: string | null) => void;
}

/** A lock that is not renewed for so long belongs to a worker that is gone; its shard goes to another. */
const LOCK_MS = 6000;
const STALLED_MS = 2000;
/** A shard may outlive any number of killed workers: it is the machines that were killed, not the shard. */
const STALLED_MOST = 1_000_000;

/**
 * Works until it is told to stop.
 *
 * @returns  ends the work: shards in progress are finished first
 */
export function redisWorker({ parts, places, workers, onShard }: RedisWorkerOptions): () => Promise<void> {
  const connection = parts.connect();
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const worker = new parts.bullmq.Worker<QueuedShard, ShardResult>(
    QUEUE,
    new URL(`./redisTask${ending}`, import.meta.url),
    {
      connection,
      concurrency: workers,
      useWorkerThreads: true,
      workerThreadsOptions: { workerData: places },
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_MS,
      maxStalledCount: STALLED_MOST,
    },
  );
  worker.on('completed', (job, result) =>
    onShard(job.id ?? '', 'failed' in result ? result.failed.message : null),
  );
  worker.on('failed', (job, error) => onShard(job?.id ?? '', error.message));
  worker.on('error', () => {}); // connections are tried again
  return async () => {
    await worker.close();
    connection.disconnect();
  };
}
