/** `cascade compare`: the scenario's rules beside others, over draws of what nobody published. */
import { dirname } from 'node:path';
import { InvalidArgumentError, type Command } from '@commander-js/extra-typings';
import type { Micros } from '../basics/instant.ts';
import {
  collected,
  DEFAULT_OUT,
  DEFAULT_SCENARIO,
  defaultWorkers,
  type ENTRIES,
  entryArgument,
  instantArgument,
  scenarioPath,
  workersArgument,
} from './arguments.ts';
import { whileWriting } from './interrupt.ts';
import { printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
A candidate is a rule set by id, a file, or overrides separated by commas.

Examples:
  $ cascade compare --with 'rules.reduction={kind: full}'
  $ cascade compare 2020-03-12-xbtusd --with bitmex-xbtusd@2020-03-market --data ~/data --draws 50 --cell-draws 20
  $ cascade compare --with 'rules.markets.*.tiers.*.maintenanceRate*=1.5' --with 'rules.adl.ties=time' --t0 topUp
  $ cascade compare --with 'rules.markets.*.clearanceFee=[{rate: 0.003}]' --full`;

interface CompareFlags {
  readonly with: readonly string[];
  readonly override: readonly string[];
  readonly draws: number;
  readonly cellDraws: number;
  readonly full?: true;
  readonly t0: (typeof ENTRIES)[number];
  readonly ensemble?: string;
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

function drawsArgument(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}

/** Adds the command to the tree. */
export function addCompare(cli: Command, session: Session): void {
  cli
    .command('compare')
    .description("Replay other rules beside the scenario's own, over many draws; bands and verdicts.")
    .argument('[scenario]', 'id of a scenario in the package, or a file', DEFAULT_SCENARIO)
    .option('--with <rules|file|path=value,...>', 'a candidate (repeatable)', collected, [])
    .option(
      '--override <path=value>',
      'change a rule or an assumption on both sides (repeatable)',
      collected,
      [],
    )
    .option('--draws <n>', 'central draws', drawsArgument, 8)
    .option('--cell-draws <n>', 'draws in each of the nine cells behind INDICATIVE', drawsArgument, 0)
    .option('--full', '200 draws centrally and in each of the 36 cells behind ROBUST; takes hours')
    .option(
      '--t0 <policy>',
      'accounts that some rules do not admit: remove, topUp, keep',
      entryArgument,
      'remove',
    )
    .option('--ensemble <file>', 'populations that cascade calibrate kept, instead of drawn ones')
    .option('--from <time>', 'start later than the scenario does (UTC)', instantArgument)
    .option('--until <time>', 'end earlier than the scenario does (UTC)', instantArgument)
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--out <folder>', 'where results and reports go', DEFAULT_OUT)
    .option('--cache <folder>', 'where folded input is kept for the next run', 'data/frames')
    .option('--seed <text>', "seed of every draw, instead of the scenario's")
    .option('--workers <n>', 'populations replayed at the same time', workersArgument, defaultWorkers())
    .option('--no-progress', 'no progress bar (there is none unless stderr is a terminal)')
    .option('--json', 'print the result as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((scenario, flags) => compare(scenario, flags as CompareFlags, session));
}

async function compare(name: string, flags: CompareFlags, { output }: Session): Promise<void> {
  const scenario = scenarioPath(name);
  const { compareScenario } = await import('../study/compare/compare.ts');
  const progress = progressBar(flags.progress && output.watched);
  const ignore = whileWriting(flags.out, output);
  try {
    const { result, lines, reportPath, folder } = await compareScenario({
      scenario,
      candidates: flags.with,
      overrides: flags.override,
      draws: flags.draws,
      cellDraws: flags.cellDraws,
      full: flags.full === true,
      entry: flags.t0,
      ...(flags.ensemble === undefined ? {} : { ensemble: flags.ensemble }),
      ...(flags.from === undefined ? {} : { from: flags.from }),
      ...(flags.until === undefined ? {} : { until: flags.until }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      dataDir: flags.data ?? output.env.CASCADE_DATA ?? dirname(scenario),
      outDir: flags.out,
      cacheDir: flags.cache,
      workers: flags.workers,
      onProgress: progress.report,
      clock: () => performance.now(),
      onEstimate: (seconds) => output.note(`about ${spoken(seconds)} in all`),
    });
    progress.stop();
    if (flags.json === true) printJson(output, { folder, reportPath, ...result });
    else {
      for (const line of lines) output.result(line);
      output.result(`report to open: ${reportPath}`);
    }
  } finally {
    progress.stop();
    ignore();
  }
}

const spoken = (seconds: number): string =>
  seconds < 90
    ? `${Math.ceil(seconds)} s`
    : seconds < 5400
      ? `${Math.ceil(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`;
