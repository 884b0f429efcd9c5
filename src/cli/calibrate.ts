/** `cascade calibrate`: fits liquidatable share, leverage and churn to what was published about the day. */
import { dirname } from 'node:path';
import { InvalidArgumentError, type Command } from '@commander-js/extra-typings';
import type { Micros } from '../basics/instant.ts';
import {
  collected,
  DEFAULT_OUT,
  DEFAULT_SCENARIO,
  defaultWorkers,
  instantArgument,
  scenarioPath,
  workersArgument,
} from './arguments.ts';
import { whileWriting } from './interrupt.ts';
import { printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
The kept draws are an ensemble: cascade compare --ensemble FILE, or ensemble: FILE in a sweep.

Examples:
  $ cascade calibrate
  $ cascade calibrate 2020-03-12-xbtusd --data ~/data --fit-until 2020-03-13
  $ cascade compare --ensemble reports/2020-03-12-btcusdt-reconstructed+calibrate/ensemble.json --with 'rules.reduction={kind: full}'`;

interface CalibrateFlags {
  readonly draws: number;
  readonly keep: number;
  readonly fitUntil?: Micros;
  readonly override: readonly string[];
  readonly from?: Micros;
  readonly until?: Micros;
  readonly data?: string;
  readonly out: string;
  readonly cache: string;
  readonly seed?: string;
  readonly progress: boolean;
  readonly workers: number;
  readonly json?: true;
}

const [DRAWS, KEEP] = [500, 50];

function countArgument(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}

/** Adds the command to the tree. */
export function addCalibrate(cli: Command, session: Session): void {
  cli
    .command('calibrate')
    .description('Fit what nobody published about the accounts to what was published about the day.')
    .argument('[scenario]', 'id of a scenario in the package, or a file', DEFAULT_SCENARIO)
    .option('--draws <n>', 'draws from the priors, each a world', countArgument, DRAWS)
    .option('--keep <n>', 'nearest draws that become the ensemble', countArgument, KEEP)
    .option(
      '--fit-until <time>',
      'fit figures that end by then, check the others (default: the middle, where figures lie on both sides)',
      instantArgument,
    )
    .option(
      '--override <path=value>',
      'change a rule or an assumption in every draw (repeatable)',
      collected,
      [],
    )
    .option('--from <time>', 'start later than the scenario does (UTC)', instantArgument)
    .option('--until <time>', 'end earlier than the scenario does (UTC)', instantArgument)
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--out <folder>', 'where results and reports go', DEFAULT_OUT)
    .option('--cache <folder>', 'where folded input is kept for the next run', 'data/frames')
    .option('--seed <text>', "seed of every draw, instead of the scenario's")
    .option('--workers <n>', 'passes replayed at the same time', workersArgument, defaultWorkers())
    .option('--no-progress', 'no progress bar (there is none unless stderr is a terminal)')
    .option('--json', 'print the result as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((scenario, flags) => calibrate(scenario, flags as CalibrateFlags, session));
}

async function calibrate(name: string, flags: CalibrateFlags, { output }: Session): Promise<void> {
  const scenario = scenarioPath(name);
  const { calibrateScenario } = await import('../study/calibrate/calibrate.ts');
  const progress = progressBar(flags.progress && output.watched);
  const ignore = whileWriting(flags.out, output);
  try {
    const { result, lines, reportPath, ensemblePath, folder } = await calibrateScenario({
      scenario,
      overrides: flags.override,
      draws: flags.draws,
      keep: flags.keep,
      ...(flags.fitUntil === undefined ? {} : { fitUntil: flags.fitUntil }),
      ...(flags.from === undefined ? {} : { from: flags.from }),
      ...(flags.until === undefined ? {} : { until: flags.until }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      dataDir: flags.data ?? output.env.CASCADE_DATA ?? dirname(scenario),
      outDir: flags.out,
      cacheDir: flags.cache,
      workers: flags.workers,
      onProgress: progress.report,
    });
    progress.stop();
    if (flags.json === true) printJson(output, { folder, reportPath, ensemblePath, ...result });
    else {
      for (const line of lines) output.result(line);
      output.result(`ensemble: ${ensemblePath}`);
      output.result(`report to open: ${reportPath}`);
    }
  } finally {
    progress.stop();
    ignore();
  }
}
