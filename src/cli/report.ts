/** `cascade report`: the report of a finished run again, from its stored results. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { runArgument } from './arguments.ts';
import { printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade report reports/2020-03-12-xbtusd
  $ cascade report 2020-03-12-xbtusd --out crash.html`;

/** Adds the command to the tree. */
export function addReport(cli: Command, { output }: Session): void {
  cli
    .command('report')
    .description('Write the report of a finished run again.')
    .argument('<run>', 'folder of a run, or its id below reports/', runArgument)
    .option('--out <file>', 'another place than report.html in the folder of the run')
    .option('--json', 'print the path as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action(async (run, { out, json }) => {
      const { renderReport } = await import('../report/page.ts');
      const html = await renderReport(run);
      const file = out ?? join(run, 'report.html');
      writeFileSync(file, html);
      if (json) printJson(output, { report: file });
      else output.result(file);
    });
}
