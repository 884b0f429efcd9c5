/** `cascade stress`: the same day deeper or faster, beside the day as recorded. */
import { dirname } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import type { Micros } from '../basics/instant.ts';
import { collected, DEFAULT_OUT, DEFAULT_SCENARIO, instantArgument, scenarioPath } from './arguments.ts';
import { whileWriting } from './interrupt.ts';
import { printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Shocks, done in the order given; each is an assumption and is listed as one:
  depth=1.5                                   returns since the window's opening, in log price, times 1.5
  gap=-10%@2020-03-12T10:30Z                  perpetual and constituents jump, and stay there
  liquidity=0.3                               traded quantity, and what forced orders may take of it
  outage=matching@FROM..UNTIL                 matching, engine or feed is down
  constituent=NAME@FROM..UNTIL:stale          a constituent of the index stands still (the default)
  constituent=NAME@FROM..UNTIL:price*0.7      ... or shows a wrong price

Examples:
  $ cascade stress --shock depth=1.5
  $ cascade stress 2020-03-12-xbtusd --data ~/data --shock liquidity=0.3 \\
      --shock outage=matching@2020-03-12T10:40Z..2020-03-12T11:00Z`;

interface StressFlags {
  readonly shock: readonly string[];
  readonly override: readonly string[];
  readonly from?: Micros;
  readonly until?: Micros;
  readonly data?: string;
  readonly out: string;
  readonly cache: string;
  readonly seed?: string;
  readonly progress: boolean;
  readonly json?: true;
}

/** Adds the command to the tree. */
export function addStress(cli: Command, session: Session): void {
  cli
    .command('stress')
    .description('Replay a scenario deeper, faster or with something broken, beside the day as recorded.')
    .argument('[scenario]', 'id of a scenario in the package, or a file', DEFAULT_SCENARIO)
    .option('--shock <kind=value>', 'what the day differs in (repeatable)', collected, [])
    .option(
      '--override <path=value>',
      'change a rule or an assumption in all worlds (repeatable)',
      collected,
      [],
    )
    .option('--from <time>', 'start later than the scenario does (UTC)', instantArgument)
    .option('--until <time>', 'end earlier than the scenario does (UTC)', instantArgument)
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--out <folder>', 'where results and reports go', DEFAULT_OUT)
    .option('--cache <folder>', 'where folded input is kept for the next run', 'data/frames')
    .option('--seed <text>', "seed of every draw, instead of the scenario's")
    .option('--no-progress', 'no progress bar (there is none unless stderr is a terminal)')
    .option('--json', 'print the summary as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((scenario, flags) => stress(scenario, flags, session));
}

async function stress(name: string, flags: StressFlags, { output }: Session): Promise<void> {
  const scenario = scenarioPath(name);
  const { stressScenario } = await import('../study/stress/stress.ts');
  const progress = progressBar(flags.progress && output.watched);
  const ignore = whileWriting(flags.out, output);
  try {
    const summary = await stressScenario({
      scenario,
      shocks: flags.shock,
      overrides: flags.override,
      ...(flags.from === undefined ? {} : { from: flags.from }),
      ...(flags.until === undefined ? {} : { until: flags.until }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      dataDir: flags.data ?? output.env.CASCADE_DATA ?? dirname(scenario),
      outDir: flags.out,
      cacheDir: flags.cache,
      onProgress: progress.report,
    });
    progress.stop();
    const { folder, runId, reportPath, figures } = summary;
    if (flags.json === true)
      return printJson(output, { runId, folder, reportPath, shocks: flags.shock, figures });
    for (const line of summary.lines) output.result(line);
    output.result(`report to open: ${reportPath}`);
  } finally {
    progress.stop();
    ignore();
  }
}
