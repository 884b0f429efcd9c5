/** `cascade run`: a scenario through the engine, with results and report in a folder of their own. */
import type { Command } from '@commander-js/extra-typings';
import { DEFAULT_SCENARIO, pairArgument, scenarioPath } from './arguments.ts';
import { addDayOptions, type DayFlags, dayOf, writing } from './dayOptions.ts';
import { printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade run
  $ cascade run 2020-03-12-xbtusd --data ~/data --out reports
  $ cascade run --rules binance-usdm@2021-05 --allow-not-in-force --baseline
  $ cascade run 2021-05-19-btcusdt --rules bybit-inverse@2021-05 --convert
  $ cascade run --override 'rules.markets.*.tiers.*.maintenanceRate*=2' --baseline
  $ cascade run --from 2020-03-12T10:00Z --until 2020-03-12T13:00Z --no-reruns --json`;

interface RunFlags extends DayFlags {
  readonly rules?: string;
  readonly baseline?: true;
  readonly reruns: boolean;
  readonly allowNotInForce?: true;
  readonly market: Readonly<Record<string, string>>;
  readonly convert?: true;
}

/** Adds the command to the tree. */
export function addRun(cli: Command, session: Session): void {
  const command = cli
    .command('run')
    .description('Replay a scenario and write its results and report.')
    .argument('[scenario]', 'id of a scenario in the package, or a file', DEFAULT_SCENARIO)
    .option('--rules <id|file>', 'run under another rule set: the counterfactual')
    .option('--baseline', 'replay the unchanged scenario beside it, for comparison')
    .option(
      '--market <ours=theirs>',
      "which of the rules' markets stands for the scenario's (repeatable)",
      pairArgument,
      {},
    )
    .option('--convert', 'restate positions where the rules are for another kind of contract')
    .option('--no-reruns', 'skip the reruns that turn money figures into ranges')
    .option('--allow-not-in-force', 'accept rules of another day; the run says so')
    .addHelpText('after', EXAMPLES)
    .action((scenario, flags) => run(scenario, flags as RunFlags, session));
  addDayOptions(command, '', 'worlds replayed');
}

async function run(name: string, flags: RunFlags, { output }: Session): Promise<void> {
  const scenario = scenarioPath(name);
  const { runScenario } = await import('../study/run.ts');
  const { folder, runId, reportPath, accountingOnly, figures, lines } = await writing(
    flags,
    output,
    (onProgress) =>
      runScenario({
        ...dayOf(flags, scenario, output),
        ...(flags.rules === undefined ? {} : { rules: flags.rules }),
        baseline: flags.baseline === true,
        reruns: flags.reruns,
        allowNotInForce: flags.allowNotInForce === true,
        markets: flags.market,
        convert: flags.convert === true,
        onProgress,
      }),
  );
  if (flags.json === true) return printJson(output, { runId, folder, reportPath, accountingOnly, figures });
  for (const line of lines) output.result(line);
  output.result(`report to open: ${reportPath}`);
}
