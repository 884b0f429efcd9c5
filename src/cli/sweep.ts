/** `cascade sweep`: a grid, a list or a Latin hypercube of worlds, one row each, as often as needed to finish. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { DEFAULT_OUT, defaultWorkers, scenarioPath, workersArgument } from './arguments.ts';
import { whileWriting } from './interrupt.ts';
import { printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
A sweep that was interrupted, or killed, goes on where it was when it is started again.

Examples:
  $ cascade sweep scenarios/sweeps/maintenance-and-fund.yaml
  $ cascade sweep my-sweep.yaml --data ~/data --workers 8 --json`;

interface SweepFlags {
  readonly data?: string;
  readonly out: string;
  readonly cache: string;
  readonly workers: number;
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
    .option('--no-progress', 'no progress bar (there is none unless stderr is a terminal)')
    .option('--json', 'print the summary as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((file, flags) => sweep(file, flags, session));
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
      run: onThreads(flags.workers),
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
