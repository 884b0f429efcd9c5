/** `cascade worker`: works on sweeps that others submit, until it is told to stop. */
import type { Command } from '@commander-js/extra-typings';
import { defaultWorkers, SCENARIO_FOLDER, workersArgument } from './arguments.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Any number of workers on any number of hosts; each needs the same build of this program, the same scenarios
and the same data. What it computes does not depend on who computes it. See docs/scale.md.

Examples:
  $ cascade worker --redis redis://queue.example:6379 --data /data
  $ cascade worker --redis redis://localhost:6379 --workers 4`;

interface WorkerFlags {
  readonly redis: string;
  readonly data?: string;
  readonly cache: string;
  readonly workers: number;
}

/** Adds the command to the tree. */
export function addWorker(cli: Command, session: Session): void {
  cli
    .command('worker')
    .description('Work on sweeps that are submitted through Redis, until told to stop.')
    .requiredOption('--redis <url>', 'the queue, for example redis://localhost:6379')
    .option('--data <folder>', 'where the data files are on this machine (or CASCADE_DATA)')
    .option('--cache <folder>', 'where folded input is kept on this machine', 'data/frames')
    .option('--workers <n>', 'shards at the same time', workersArgument, defaultWorkers())
    .addHelpText('after', EXAMPLES)
    .action((flags) => work(flags, session));
}

async function work(flags: WorkerFlags, { output }: Session): Promise<void> {
  const { redisParts } = await import('../study/sweep/redisQueue.ts');
  const { redisWorker } = await import('../study/sweep/redisWorker.ts');
  const parts = await redisParts(flags.redis, output.note);
  const stop = redisWorker({
    parts,
    places: {
      dataDir: flags.data ?? output.env.CASCADE_DATA ?? '',
      cacheDir: flags.cache,
      scenarioFolder: SCENARIO_FOLDER,
    },
    workers: flags.workers,
    onShard: (key, failed) =>
      output.result(failed === null ? `done ${key.slice(0, 16)}` : `refused ${key.slice(0, 16)}: ${failed}`),
  });
  output.note(`working with ${flags.workers} threads; Ctrl-C ends it after the shards in progress`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
  });
  await stop();
}
