/** `cascade validate`: what the program says of days that happened, beside what was published of them. */
import { dirname } from 'node:path';
import { type Command, Option } from '@commander-js/extra-typings';
import { ReplayError } from '../basics/errors.ts';
import { SCENARIO_FOLDER } from './arguments.ts';
import { printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Without a name: 12 March 2020 (BitMEX, then Binance) and 19 May 2021. A row has the number of the check, its target and
source, our value, the band, a verdict and a reason. Targets and bands were written down before our values, and
nothing is tuned to them: a check that fails is printed as FAIL and is information, not an error. The exit code is 0.

Examples:
  $ cascade validate --data ~/data
  $ cascade validate 2022-06-13-btcusdt --data ~/data --json
  $ cascade validate --all --data ~/data --markdown`;

interface ValidateFlags {
  readonly all?: true;
  readonly data?: string;
  readonly cache: string;
  readonly progress: boolean;
  readonly json?: true;
  readonly markdown?: true;
}

/** Adds the command to the tree. */
export function addValidate(cli: Command, session: Session): void {
  cli
    .command('validate')
    .description('Put what the program says of days that happened beside what was published of them.')
    .argument('[scenario...]', 'ids of scenarios in the package that have checks')
    .option('--all', 'everything that has checks, and the checks over several days')
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--cache <folder>', 'where folded input is kept for the next run', 'data/frames')
    .option('--no-progress', 'no progress bar (there is none unless stderr is a terminal)')
    .addOption(new Option('--markdown', 'print the table as Markdown').conflicts('json'))
    .option('--json', 'print the rows as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((names, flags) => validate(names, flags, session));
}

async function validate(names: readonly string[], flags: ValidateFlags, { output }: Session): Promise<void> {
  const { USUAL, VALIDATED, validationLines, validationRows, validationTable } = await import(
    '../study/validate/checks.ts'
  );
  if (flags.all === true && names.length > 0)
    throw new ReplayError(
      'SCENARIO_INVALID',
      'either all checks or those of some days',
      { path: '--all' },
      'Leave out --all, or the names.',
    );
  const named = names.length > 0 ? names : USUAL;
  const progress = progressBar(flags.progress && output.watched);
  try {
    const rows = await validationRows(
      {
        dataDir: flags.data ?? output.env.CASCADE_DATA ?? dirname(SCENARIO_FOLDER),
        scenarios: SCENARIO_FOLDER,
        cacheDir: flags.cache,
        onProgress: progress.report,
      },
      flags.all === true ? VALIDATED : named,
    );
    progress.stop();
    if (flags.json === true) return printJson(output, { rows });
    if (flags.markdown === true) return output.result(validationTable(rows));
    for (const line of validationLines(rows)) output.result(line);
  } finally {
    progress.stop();
  }
}
