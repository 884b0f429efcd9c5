/** `cascade run`: a scenario through the engine, with results and report in a folder of their own. */
import { dirname } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import type { Micros } from '../basics/instant.ts';
import {
  collected,
  DEFAULT_OUT,
  DEFAULT_SCENARIO,
  defaultWorkers,
  instantArgument,
  pairArgument,
  scenarioPath,
  workersArgument,
} from './arguments.ts';
import { whileWriting } from './interrupt.ts';
import { printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade run
  $ cascade run 2020-03-12-xbtusd --data ~/data --out reports
  $ cascade run --rules binance-usdm@2021-05 --allow-not-in-force --baseline
  $ cascade run 2021-05-19-btcusdt --rules bybit-inverse@2021-05 --convert
  $ cascade run --override 'rules.markets.*.tiers.*.maintenanceRate*=2' --baseline
  $ cascade run --from 2020-03-12T10:00Z --until 2020-03-12T13:00Z --no-reruns --json`;

interface RunFlags {
  readonly rules?: string;
  readonly override: readonly string[];
  readonly baseline?: true;
  readonly from?: Micros;
  readonly until?: Micros;
  readonly data?: string;
  readonly out: string;
  readonly cache: string;
  readonly seed?: string;
  readonly progress: boolean;
  readonly workers: number;
  readonly reruns: boolean;
  readonly allowNotInForce?: true;
  readonly market: Readonly<Record<string, string>>;
  readonly convert?: true;
  readonly json?: true;
}

/** Adds the command to the tree. */
export function addRun(cli: Command, session: Session): void {
  cli
    .command('run')
    .description('Replay a scenario and write its results and report.')
    .argument('[scenario]', 'id of a scenario in the package, or a file', DEFAULT_SCENARIO)
    .option('--rules <id|file>', 'run under another rule set: the counterfactual')
    .option('--override <path=value>', 'change a rule or an assumption (repeatable)', collected, [])
    .option('--baseline', 'replay the unchanged scenario beside it, for comparison')
    .option('--from <time>', 'start later than the scenario does (UTC)', instantArgument)
    .option('--until <time>', 'end earlier than the scenario does (UTC)', instantArgument)
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--out <folder>', 'where results and reports go', DEFAULT_OUT)
    .option('--cache <folder>', 'where folded input is kept for the next run', 'data/frames')
    .option('--seed <text>', "seed of every draw, instead of the scenario's")
    .option('--workers <n>', 'worlds replayed at the same time', workersArgument, defaultWorkers())
    .option(
      '--market <ours=theirs>',
      "which of the rules' markets stands for the scenario's (repeatable)",
      pairArgument,
      {},
    )
    .option('--convert', 'restate positions where the rules are for another kind of contract')
    .option('--no-reruns', 'skip the reruns that turn money figures into ranges')
    .option('--allow-not-in-force', 'accept rules of another day; the run says so')
    .option('--no-progress', 'no progress bar (there is none unless stderr is a terminal)')
    .option('--json', 'print the summary as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((scenario, flags) => run(scenario, flags, session));
}

async function run(name: string, flags: RunFlags, { output }: Session): Promise<void> {
  const scenario = scenarioPath(name);
  const { runScenario } = await import('../study/run.ts');
  const progress = progressBar(flags.progress && output.watched);
  const ignore = whileWriting(flags.out, output);
  try {
    const summary = await runScenario({
      scenario,
      ...(flags.rules === undefined ? {} : { rules: flags.rules }),
      ...(flags.from === undefined ? {} : { from: flags.from }),
      ...(flags.until === undefined ? {} : { until: flags.until }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      overrides: flags.override,
      baseline: flags.baseline === true,
      dataDir: flags.data ?? output.env.CASCADE_DATA ?? dirname(scenario),
      outDir: flags.out,
      cacheDir: flags.cache,
      workers: flags.workers,
      reruns: flags.reruns,
      allowNotInForce: flags.allowNotInForce === true,
      markets: flags.market,
      convert: flags.convert === true,
      onProgress: progress.report,
    });
    progress.stop();
    if (flags.json === true) {
      const { folder, runId, reportPath, accountingOnly, figures } = summary;
      printJson(output, { runId, folder, reportPath, accountingOnly, figures });
    } else {
      for (const line of summary.lines) output.result(line);
      output.result(`report to open: ${summary.reportPath}`);
    }
  } finally {
    progress.stop();
    ignore();
  }
}
