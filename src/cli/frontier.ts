/** `cascade frontier`: the value of one parameter at which something breaks. */
import { dirname } from 'node:path';
import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import type { Micros } from '../basics/instant.ts';
import type { FrontierOptions } from '../study/frontier/frontier.ts';
import { collected, DEFAULT_SCENARIO, entryArgument, instantArgument, scenarioPath } from './arguments.ts';
import { addTelling } from './dayOptions.ts';
import { printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
A parameter is an override path of rules or assumptions, fundOpening.NAME or openInterest.MARKET (a trailing * multiplies
what is there), shock.depth, shock.liquidity or shock.gap@TIME. A condition is fundLoss>X, adl>X,
insolvency>X, deficit>X or liquidated>X, in settlement units.

Examples:
  $ cascade frontier --param shock.depth --from 0.1 --to 1 --until "adl>0"
  $ cascade frontier --param fundOpening.BTCUSDT --from 20000000 --to 0 --until "insolvency>0" --override rules.adl.ranking=none
  $ cascade frontier --param 'rules.markets.*.tiers.*.maintenanceRate*' --from 1 --to 0.2 --until "fundLoss>0"`;

type Stated = Pick<FrontierOptions, 'param' | 'until' | 'from' | 'to' | 'tolerance' | 'grid' | 'seed' | 't0'>;
interface FrontierFlags extends Stated {
  readonly override: readonly string[];
  readonly shock: readonly string[];
  readonly start?: Micros;
  readonly end?: Micros;
  readonly feedback?: true;
  readonly data?: string;
  readonly cache: string;
  readonly progress: boolean;
  readonly json?: true;
}

const GRID = 9;

function gridArgument(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 2)
    throw new InvalidArgumentError('Write a whole number from 2 up.');
  return Number(text);
}

/** Adds the command to the tree. */
export function addFrontier(cli: Command, session: Session): void {
  const command = cli
    .command('frontier')
    .description('Find the value of one parameter at which a fund loses, winners are closed or money lacks.')
    .argument('[scenario]', 'id of a scenario in the package, or a file', DEFAULT_SCENARIO)
    .requiredOption('--param <path>', 'what is varied')
    .requiredOption('--until <condition>', 'what breaks, for example "adl>0"')
    .requiredOption('--from <value>', 'where the way begins: the mild end')
    .requiredOption('--to <value>', 'where it ends')
    .option('--tolerance <width>', 'how narrow an interval is narrow enough (default: 1 % of the range)')
    .option('--grid <n>', 'points of the coarse grid that looks for flips', gridArgument, GRID)
    .option(
      '--override <path=value>',
      'change a rule or an assumption in all worlds (repeatable)',
      collected,
      [],
    )
    .option('--shock <kind=value>', 'what the day differs in at every value (repeatable)', collected, [])
    .option('--start <time>', 'start later than the scenario does (UTC)', instantArgument)
    .option('--end <time>', 'end earlier than the scenario does (UTC)', instantArgument)
    .option('--seed <text>', "seed of every draw, instead of the scenario's")
    .option('--feedback', 'let prices react to what is sold more or less than in the scenario itself')
    .option(
      '--t0 <policy>',
      'accounts that some rules do not admit: keep, remove, topUp',
      entryArgument,
      'keep',
    )
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--cache <folder>', 'where folded input is kept for the next run', 'data/frames')
    .addHelpText('after', EXAMPLES)
    .action((scenario, flags) => run(scenario, flags as FrontierFlags, session));
  addTelling(command);
}

async function run(name: string, flags: FrontierFlags, { output }: Session): Promise<void> {
  const scenario = scenarioPath(name);
  const { frontier } = await import('../study/frontier/frontier.ts');
  const progress = progressBar(flags.progress && output.watched);
  try {
    const { lines, ...result } = await frontier({
      scenario,
      param: flags.param,
      until: flags.until,
      from: flags.from,
      to: flags.to,
      ...(flags.tolerance === undefined ? {} : { tolerance: flags.tolerance }),
      grid: flags.grid,
      overrides: flags.override,
      shocks: flags.shock,
      ...(flags.start === undefined ? {} : { startUs: flags.start }),
      ...(flags.end === undefined ? {} : { endUs: flags.end }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      feedback: flags.feedback === true,
      t0: flags.t0,
      dataDir: flags.data ?? output.env.CASCADE_DATA ?? dirname(scenario),
      cacheDir: flags.cache,
      onProgress: (worlds) =>
        progress.report({ done: worlds, total: Math.max(worlds, 3 * flags.grid), what: 'worlds' }),
    });
    progress.stop();
    if (flags.json === true) return printJson(output, result);
    for (const line of lines) output.result(line);
  } finally {
    progress.stop();
  }
}
