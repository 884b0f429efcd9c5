/** `cascade data reconstruct`: second-level trades drawn into bars, marked as made. */
import { basename, dirname } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { scenarioPath } from './arguments.ts';
import { columns, printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade data reconstruct 2020-03-12-btcusdt-reconstructed --out made
  $ cascade data reconstruct 2021-05-19-btcusdt --data ~/data --seed 7 --out made`;

interface ReconstructFlags {
  readonly data?: string;
  readonly seed?: string;
  readonly out: string;
  readonly json?: true;
}

/** Adds the command below `data`. */
export function addReconstruct(data: Command, session: Session): void {
  data
    .command('reconstruct')
    .description(
      'Draw second-level trades into the bars of a scenario: open, high, low, close and volume are kept.',
    )
    .argument('<scenario>', 'id of a scenario in the package, or a file: its perpetual and constituents')
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--seed <text>', "seed of the paths, instead of the scenario's")
    .requiredOption('--out <folder>', 'a new folder: one below it for each stream')
    .option('--json', 'print what was written as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((scenario, flags) => run(scenario, flags, session));
}

async function run(name: string, flags: ReconstructFlags, { output }: Session): Promise<void> {
  const path = scenarioPath(name);
  const dataDir = flags.data ?? output.env.CASCADE_DATA ?? dirname(path);
  const [{ reconstruct }, { readScenario }] = await Promise.all([
    import('../archive/reconstruct.ts'),
    import('../study/scenario.ts'),
  ]);
  const scenario = await readScenario(path, { dataDir, withoutData: true, allowNotInForce: true });
  const made = await reconstruct({
    facts: scenario.facts,
    scenario: basename(path),
    seed: flags.seed ?? scenario.seed,
    dataDir,
    folder: scenario.folder,
    outDir: flags.out,
  });
  if (flags.json === true) return printJson(output, made);
  const rows = made.map(({ stream, folder, rows: n }) => [stream, String(n), folder]);
  for (const row of columns([['stream', 'rows', 'folder'], ...rows])) output.result(row);
  output.result('Made, not recorded: every row says so, and so does a run on them.');
}
