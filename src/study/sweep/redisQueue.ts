/**
 * The queue between a sweep and its workers on other machines: BullMQ on Redis. A job's id is its shard's key,
 * so that adding it twice is adding it once; what a job returns is the shard's text. The sweep keeps what
 * it has collected on its own disk and asks again for whatever Redis forgot.
 */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReplayError } from '../../basics/errors.ts';
import { codeVersion } from '../codeVersion.ts';
import type { ShardJob } from './plan.ts';
import type { ShardResult } from './shardTask.ts';
import type { ShardRunner } from './sweep.ts';

/** Name of the queue; its keys in Redis begin with `bull:` and this. */
export const QUEUE = 'cascade-shards';

/** What travels: the shard, with its scenario named so that another machine finds its own copy. */
export interface QueuedShard {
  readonly job: ShardJob;
  /** Digest of the sources that submitted it. */
  readonly code: string;
  /** Id of a scenario of the package; null: `job.stage.scenario` is a path that all machines share. */
  readonly packaged: string | null;
}

/** The two packages, which only this way of running needs. */
export interface RedisParts {
  readonly bullmq: typeof import('bullmq');
  /** A connection that waits while Redis restarts, and says so. */
  readonly connect: () => Redis;
}

const CONNECT_MS = 5000;
const POLL_MS = 200;
/** Jobs asked for at a time: one for every thread of a thousand hosts of 16. */
const IN_FLIGHT = 16_384;
/** Round trips to Redis side by side. */
const TOGETHER = 256;
const RETRY_MS = 1000;
/** After so long without a result the sweep looks whether anybody works on it. */
const QUIET_MS = 3000;

/**
 * Loads the packages and tries the connection.
 *
 * @param note  told when Redis goes away later, and when it is back
 * @throws ReplayError SCENARIO_INVALID when they are not installed or the URL is none; RESULT_STORE when Redis
 *         does not answer
 */
export async function redisParts(url: string, note: (line: string) => void): Promise<RedisParts> {
  if (!/^rediss?:\/\/[^\s/]+/.test(url))
    throw new ReplayError(
      'SCENARIO_INVALID',
      `not a Redis URL: ${url}`,
      { path: '--redis' },
      'Write for example redis://localhost:6379.',
    );
  const [bullmq, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]).catch(() => {
    throw new ReplayError(
      'SCENARIO_INVALID',
      'the packages of the Redis queue are not installed',
      { path: '--redis' },
      'Install them: npm install bullmq@6.7.0 ioredis@6.0.0.',
    );
  });
  const trial = new Redis(url, { lazyConnect: true, connectTimeout: CONNECT_MS, retryStrategy: () => null });
  let why: unknown = null; // the first reason; what follows is that the connection is closed
  trial.on('error', (error) => (why ??= error));
  try {
    await trial.connect();
    await trial.ping();
  } catch (error) {
    throw new ReplayError(
      'RESULT_STORE',
      `Redis does not answer: ${reasonOf(why ?? error)}`,
      { path: `--redis ${url.replace(/\/\/[^@/]*@/, '//')}` },
      'Start redis-server (with --appendonly yes, so that it forgets nothing), or check host and port.',
    );
  } finally {
    trial.disconnect();
  }
  const connect = (): Redis => {
    const connection = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => RETRY_MS });
    let isAway = false;
    connection.on('error', (error) => {
      if (!isAway) note(`Redis does not answer (${reasonOf(error)}): waiting for it`);
      isAway = true;
    });
    connection.on('ready', () => {
      if (isAway) note('Redis answers again');
      isAway = false;
    });
    return connection;
  };
  return { bullmq, connect };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What a sweep on a queue needs. */
export interface OnRedis {
  readonly parts: RedisParts;
  /** Id of a scenario file of the package; null for others. */
  readonly packagedOf: (scenario: string) => string | null;
  /** Told when nobody works. */
  readonly note: (line: string) => void;
}

/** Shards on whatever workers are connected to a Redis. */
export const onRedis =
  ({ parts, packagedOf, note }: OnRedis): ShardRunner =>
  async (jobs, onDone) => {
    const connection = parts.connect();
    const queue = new parts.bullmq.Queue<QueuedShard>(QUEUE, { connection });
    queue.on('error', () => {});
    const code = codeVersion().digest;
    const waiting = [...jobs.entries()];
    const asked = new Map<number, ShardJob>();
    let quietMs = 0;
    try {
      for (;;) {
        quietMs += POLL_MS;
        if (quietMs === QUIET_MS && (await queue.getWorkersCount()) === 0)
          note('no worker is connected: start one with cascade worker --redis URL');
        while (asked.size < IN_FLIGHT && waiting.length > 0) {
          const some = waiting.splice(0, TOGETHER);
          await Promise.all(
            some.map(([, job]) => ask(queue, { job, code, packaged: packagedOf(job.stage.scenario) })),
          );
          for (const [place, job] of some) asked.set(place, job);
        }
        if (asked.size === 0) return;
        const found: Awaited<ReturnType<typeof collect>>[] = [];
        const open = [...asked];
        for (let i = 0; i < open.length; i += TOGETHER) {
          const some = open.slice(i, i + TOGETHER);
          found.push(...(await Promise.all(some.map(([place, job]) => collect(queue, place, job)))));
        }
        for (const { place, job, result } of found) {
          if (result === 'lost') await ask(queue, { job, code, packaged: packagedOf(job.stage.scenario) });
          if (result === 'lost' || result === 'pending') continue;
          if ('failed' in result) throw refusal(result.failed);
          onDone(result.done, place);
          quietMs = 0;
          asked.delete(place);
          await queue.remove(job.key);
        }
        await sleep(POLL_MS);
      }
    } finally {
      // what nobody collects any more is not left for others to compute
      if (connection.status === 'ready') for (const { key } of asked.values()) await queue.remove(key);
      await queue.close();
      connection.disconnect();
    }
  };

type Collected = ShardResult | 'pending' | 'lost';

/** A shard that failed or was refused before, maybe for an earlier call, is taken away first: it is tried anew. */
async function ask(queue: Queue<QueuedShard>, shard: QueuedShard): Promise<void> {
  const { key } = shard.job;
  const known = await queue.getJob(key);
  const result = known?.returnvalue as ShardResult | null | undefined;
  const refused = result !== null && result !== undefined && 'failed' in result;
  if (known !== undefined && (refused || (await known.isFailed()))) await known.remove();
  await queue.add('shard', shard, { jobId: key });
}

async function collect(
  queue: Queue<QueuedShard>,
  place: number,
  job: ShardJob,
): Promise<{ place: number; job: ShardJob; result: Collected }> {
  const known = await queue.getJob(job.key);
  if (known === undefined) return { place, job, result: 'lost' };
  if (known.finishedOn === undefined || known.finishedOn === null) return { place, job, result: 'pending' };
  if (known.failedReason) {
    const failed = {
      code: 'INVARIANT' as const,
      message: `a worker failed: ${known.failedReason}`,
      place: {},
      remedy: "Look at the worker's own output; please report this with the sweep.",
    };
    return { place, job, result: { failed } };
  }
  return { place, job, result: known.returnvalue as ShardResult };
}

const refusal = ({
  code,
  message,
  place,
  remedy,
}: Extract<ShardResult, { failed: unknown }>['failed']): ReplayError =>
  new ReplayError(code, message, place, remedy);
