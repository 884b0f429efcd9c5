/** `cascade sweep`: a grid, a list or a Latin hypercube of worlds, one row each, as often as needed to finish. */
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type Command, Option } from '@commander-js/extra-typings';
import {
  DEFAULT_OUT,
  defaultWorkers,
  isFileName,
  SCENARIO_FOLDER,
  scenarioPath,
  workersArgument,
} from './arguments.ts';
import type { ShardRunner } from '../study/sweep/sweep.ts';
import { addTelling, type WritingFlags, writing } from './dayOptions.ts';
import { printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
A sweep that was interrupted, or killed, goes on where it was when it is started again.

Examples:
  $ cascade sweep scenarios/sweeps/maintenance-and-fund.yaml
  $ cascade sweep my-sweep.yaml --data ~/data --workers 8 --json
  $ cascade sweep my-sweep.yaml --redis redis://queue.example:6379`;

interface SweepFlags extends WritingFlags {
  readonly data?: string;
  readonly cache: string;
  readonly workers: number;
  readonly redis?: string;
}

/** Adds the command to the tree. */
export function addSweep(cli: Command, session: Session): void {
  const command = cli
    .command('sweep')
    .description('Replay many worlds of one scenario: one row each, with front, map and drivers.')
    .argument('<file>', 'a sweep file, see docs/studies.md')
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--out <folder>', 'where results and reports go', DEFAULT_OUT)
    .option('--cache <folder>', 'where folded input is kept for the next run', 'data/frames')
    .option('--workers <n>', 'passes replayed at the same time', workersArgument, defaultWorkers())
    .addOption(
      new Option('--redis <url>', 'let workers on other machines do it (cascade worker)').conflicts(
        'workers',
      ),
    )
    .addHelpText('after', EXAMPLES)
    .action((file, flags) => sweep(file, flags as SweepFlags, session));
  addTelling(command);
}

/** Threads of this machine, or whoever works on the queue. */
async function runnerOf(
  { redis, workers }: SweepFlags,
  onThreads: (workers: number) => ShardRunner,
  note: (line: string) => void,
): Promise<ShardRunner> {
  if (redis === undefined) return onThreads(workers);
  const { onRedis, redisParts } = await import('../study/sweep/redisQueue.ts');
  const packagedOf = (scenario: string): string | null =>
    resolve(dirname(scenario)) === resolve(SCENARIO_FOLDER) ? basename(scenario, '.yaml') : null;
  return onRedis({ parts: await redisParts(redis, note), packagedOf, note });
}

async function sweep(file: string, flags: SweepFlags, { output }: Session): Promise<void> {
  const { onThreads, runSweep } = await import('../study/sweep/sweep.ts');
  const { lines, ...summary } = await writing(flags, output, async (onProgress) =>
    runSweep({
      file,
      scenarioOf,
      dataOf: (scenario) => flags.data ?? output.env.CASCADE_DATA ?? dirname(scenario),
      outDir: flags.out,
      cacheDir: flags.cache,
      run: await runnerOf(flags, onThreads, output.note),
      onProgress,
    }),
  );
  if (flags.json === true) return printJson(output, summary);
  for (const line of lines) output.result(line);
}

/** The file that a sweep in `folder` names: beside it, or of the package. */
function scenarioOf(name: string, folder: string): string {
  const beside = resolve(folder, name);
  return existsSync(beside) || isFileName(name) ? beside : scenarioPath(name);
}
