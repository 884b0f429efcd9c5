/** `cascade sweep`: a grid, a list or a Latin hypercube of worlds, one row each, as often as needed to finish. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { DEFAULT_OUT, defaultWorkers, SCENARIO_FOLDER, scenarioPath, workersArgument } from './arguments.ts';
import type { ShardRunner } from '../study/sweep/sweep.ts';
import { whileWriting } from './interrupt.ts';
import { printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
A sweep that was interrupted, or killed, goes on where it was when it is started again.

Examples:
  $ cascade sweep scenarios/sweeps/maintenance-and-fund.yaml
  $ cascade sweep my-sweep.yaml --data ~/data --workers 8 --json
  $ cascade sweep my-sweep.yaml --redis redis://queue.example:6379`;

interface SweepFlags {
  readonly data?: string;
  readonly out: string;
  readonly cache: string;
  readonly workers: number;
  readonly redis?: string;
  readonly progress: boolean;
  readonly json?: true;
}

/** Adds the command to the tree. */
export function addSweep(cli: Command, session: Session): void {
  cli
    .command('sweep')
    .description('Replay many worlds of one scenario: one row each, with front, map and drivers.')
    .argument('<file>', 'a sweep file, see docs/studies.md')
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--out <folder>', 'where results and reports go', DEFAULT_OUT)
    .option('--cache <folder>', 'where folded input is kept for the next run', 'data/frames')
    .option('--workers <n>', 'passes replayed at the same time', workersArgument, defaultWorkers())
    .option('--redis <url>', 'let workers on other machines do it (cascade worker)')
    .option('--no-progress', 'no progress bar (there is none unless stderr is a terminal)')
    .option('--json', 'print the summary as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((file, flags) => sweep(file, flags, session));
}

/** Threads of this machine, or whoever works on the queue. */
async function runnerOf(
  { redis, workers }: SweepFlags,
  onThreads: (workers: number) => ShardRunner,
): Promise<ShardRunner> {
  if (redis === undefined) return onThreads(workers);
  const { onRedis, redisParts } = await import('../study/sweep/redisQueue.ts');
  return onRedis(await redisParts(redis), (scenario) =>
    resolve(dirname(scenario)) === resolve(SCENARIO_FOLDER) ? basename(scenario, '.yaml') : null,
  );
}

async function sweep(file: string, flags: SweepFlags, { output }: Session): Promise<void> {
  const { onThreads, runSweep } = await import('../study/sweep/sweep.ts');
  const progress = progressBar(flags.progress && output.watched);
  const ignore = whileWriting(flags.out, output);
  try {
    const { lines, ...summary } = await runSweep({
      file,
      scenarioOf: (name, folder) => {
        const beside = join(folder, name);
        return existsSync(beside) ? beside : scenarioPath(name);
      },
      dataOf: (scenario) => flags.data ?? output.env.CASCADE_DATA ?? dirname(scenario),
      outDir: flags.out,
      cacheDir: flags.cache,
      run: await runnerOf(flags, onThreads),
      onProgress: progress.report,
    });
    progress.stop();
    if (flags.json === true) return printJson(output, summary);
    for (const line of lines) output.result(line);
  } finally {
    progress.stop();
    ignore();
  }
}
