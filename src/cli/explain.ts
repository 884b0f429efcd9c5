/** `cascade explain`: what happened to one account, number by number. */
import type { Command } from '@commander-js/extra-typings';
import { runArgument } from './arguments.ts';
import { printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade explain reports/2020-03-12-xbtusd example
  $ cascade explain 2020-03-12-xbtusd example --json`;

/** Adds the command to the tree. */
export function addExplain(cli: Command, { output }: Session): void {
  cli
    .command('explain')
    .description('Tell what happened to one account, number by number.')
    .argument('<run>', 'folder of a run, or its id below reports/', runArgument)
    .argument('<account>', 'name or number of the account')
    .option('--json', 'print the steps as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action(async (run, account, { json }) => {
      const { explainAccount } = await import('../study/explain.ts');
      const { text, ...told } = await explainAccount(run, account);
      if (json) printJson(output, told);
      else output.result(text.trimEnd());
    });
}
