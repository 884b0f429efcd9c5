/** `cascade calibrate`: fits liquidatable share, leverage and churn to what was published about the day. */
import type { Command } from '@commander-js/extra-typings';
import type { Micros } from '../basics/instant.ts';
import { countArgument, DEFAULT_SCENARIO, instantArgument, scenarioPath } from './arguments.ts';
import { addDayOptions, type DayFlags, dayOf, writing } from './dayOptions.ts';
import { printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
The kept draws are an ensemble: cascade compare --ensemble FILE, or ensemble: FILE in a sweep.

Examples:
  $ cascade calibrate
  $ cascade calibrate 2020-03-12-xbtusd --data ~/data --fit-until 2020-03-13
  $ cascade compare --ensemble reports/2020-03-12-btcusdt-reconstructed+calibrate/ensemble.json --with 'rules.reduction={kind: full}'`;

interface CalibrateFlags extends DayFlags {
  readonly draws: number;
  readonly keep: number;
  readonly fitUntil?: Micros;
}

const [DRAWS, KEEP] = [500, 50];

/** Adds the command to the tree. */
export function addCalibrate(cli: Command, session: Session): void {
  const command = cli
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
    .addHelpText('after', EXAMPLES)
    .action((scenario, flags) => calibrate(scenario, flags as CalibrateFlags, session));
  addDayOptions(command, ' in every draw', 'passes replayed');
}

async function calibrate(name: string, flags: CalibrateFlags, { output }: Session): Promise<void> {
  const scenario = scenarioPath(name);
  const { calibrateScenario } = await import('../study/calibrate/calibrate.ts');
  const { fitUntil, draws, keep } = flags;
  const { result, lines, reportPath, ensemblePath, folder } = await writing(flags, output, (onProgress) =>
    calibrateScenario({
      ...dayOf(flags, scenario, output),
      draws,
      keep,
      ...(fitUntil === undefined ? {} : { fitUntil }),
      onProgress,
    }),
  );
  if (flags.json === true) return printJson(output, { folder, reportPath, ensemblePath, ...result });
  for (const line of lines) output.result(line);
  output.result(`ensemble: ${ensemblePath}`);
  output.result(`report to open: ${reportPath}`);
}
