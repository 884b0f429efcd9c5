/** `cascade stress`: the same day deeper or faster, beside the day as recorded. */
import type { Command } from '@commander-js/extra-typings';
import { collected, DEFAULT_SCENARIO, scenarioPath } from './arguments.ts';
import { addDayOptions, type DayFlags, dayOf, writing } from './dayOptions.ts';
import { printJson } from './output.ts';
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

interface StressFlags extends DayFlags {
  readonly shock: readonly string[];
}

/** Adds the command to the tree. */
export function addStress(cli: Command, session: Session): void {
  const command = cli
    .command('stress')
    .description('Replay a scenario deeper, faster or with something broken, beside the day as recorded.')
    .argument('[scenario]', 'id of a scenario in the package, or a file', DEFAULT_SCENARIO)
    .option('--shock <kind=value>', 'what the day differs in (repeatable)', collected, [])
    .addHelpText('after', EXAMPLES)
    .action((scenario, flags) => stress(scenario, flags as StressFlags, session));
  addDayOptions(command, ' in all worlds', null);
}

async function stress(name: string, flags: StressFlags, { output }: Session): Promise<void> {
  const scenario = scenarioPath(name);
  const { stressScenario } = await import('../study/stress/stress.ts');
  const { folder, runId, reportPath, figures, lines } = await writing(flags, output, (onProgress) =>
    stressScenario({ ...dayOf(flags, scenario, output), shocks: flags.shock, onProgress }),
  );
  if (flags.json === true)
    return printJson(output, { runId, folder, reportPath, shocks: flags.shock, figures });
  for (const line of lines) output.result(line);
  output.result(`report to open: ${reportPath}`);
}
