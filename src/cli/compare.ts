/** `cascade compare`: the scenario's rules beside others, over draws of what nobody published. */
import { type Command, Option } from '@commander-js/extra-typings';
import {
  collected,
  countArgument,
  DEFAULT_SCENARIO,
  type ENTRIES,
  entryArgument,
  scenarioPath,
} from './arguments.ts';
import { addDayOptions, type DayFlags, dayOf, writing } from './dayOptions.ts';
import { printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
A candidate is a rule set by id, a file, or overrides separated by commas.

Examples:
  $ cascade compare --with 'rules.reduction={kind: full}'
  $ cascade compare 2020-03-12-xbtusd --with bitmex-xbtusd@2020-03-market --data ~/data --draws 50 --cell-draws 20
  $ cascade compare --with 'rules.markets.*.tiers.*.maintenanceRate*=1.5' --with 'rules.adl.ties=time' --t0 topUp
  $ cascade compare --with 'rules.markets.*.clearanceFee=[{rate: 0.003}]' --full`;

interface CompareFlags extends DayFlags {
  readonly with: readonly string[];
  readonly draws: number;
  readonly cellDraws: number;
  readonly full?: true;
  readonly halfBeat?: true;
  readonly t0: (typeof ENTRIES)[number];
  readonly ensemble?: string;
}

/** Adds the command to the tree. */
export function addCompare(cli: Command, session: Session): void {
  const command = cli
    .command('compare')
    .description("Replay other rules beside the scenario's own, over many draws; bands and verdicts.")
    .argument('[scenario]', 'id of a scenario in the package, or a file', DEFAULT_SCENARIO)
    .option('--with <rules|file|path=value,...>', 'a candidate (repeatable)', collected, [])
    .option('--draws <n>', 'central draws', countArgument, 8)
    .option('--cell-draws <n>', 'draws in each of the nine cells behind INDICATIVE', countArgument, 0)
    .addOption(
      new Option(
        '--full',
        '200 draws centrally and in each of the 36 cells behind ROBUST; takes hours',
      ).conflicts(['draws', 'cellDraws']),
    )
    .option(
      '--t0 <policy>',
      'accounts that some rules do not admit: remove, topUp, keep',
      entryArgument,
      'remove',
    )
    .option('--half-beat', 'replay the scenario as it is at half its beat too, and tell what differs')
    .option('--ensemble <file>', 'populations that cascade calibrate kept, instead of drawn ones')
    .addHelpText('after', EXAMPLES)
    .action((scenario, flags) => compare(scenario, flags as CompareFlags, session));
  addDayOptions(command, ' on both sides', 'populations replayed');
}

async function compare(name: string, flags: CompareFlags, { output }: Session): Promise<void> {
  const scenario = scenarioPath(name);
  const { compareScenario } = await import('../study/compare/compare.ts');
  const { draws, cellDraws, ensemble } = flags;
  const { result, lines, reportPath, folder } = await writing(flags, output, (onProgress) =>
    compareScenario({
      ...dayOf(flags, scenario, output),
      candidates: flags.with,
      draws,
      cellDraws,
      full: flags.full === true,
      entry: flags.t0,
      halfBeat: flags.halfBeat === true,
      ...(ensemble === undefined ? {} : { ensemble }),
      onProgress,
      clock: () => performance.now(),
      onEstimate: (seconds) => output.note(`about ${spoken(seconds)} in all`),
    }),
  );
  if (flags.json === true) return printJson(output, { folder, reportPath, ...result });
  for (const line of lines) output.result(line);
  output.result(`report to open: ${reportPath}`);
}

const spoken = (seconds: number): string =>
  seconds < 90
    ? `${Math.ceil(seconds)} s`
    : seconds < 5400
      ? `${Math.ceil(seconds / 60)} min`
      : `${(seconds / 3600).toFixed(1)} h`;
