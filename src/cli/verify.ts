/** `cascade verify`: every total of a stored run again, by other code than the engine's. */
import type { Command } from '@commander-js/extra-typings';
import { runArgument } from './arguments.ts';
import { EXIT } from './errorText.ts';
import { printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade verify reports/2020-03-12-xbtusd
  $ cascade verify 2020-03-12-xbtusd --json

Exit code 3 when a check differs.`;

/** Adds the command to the tree. */
export function addVerify(cli: Command, session: Session): void {
  const { output } = session;
  cli
    .command('verify')
    .description('Compute every total of a finished run again and compare.')
    .argument('<run>', 'folder of a run, or its id below reports/', runArgument)
    .option('--json', 'print every check as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action(async (run, { json }) => {
      const [{ verifyRun }, { measure }] = await Promise.all([
        import('../results/verifyRun.ts'),
        import('../measure/measure.ts'),
      ]);
      const lines = await verifyRun(run, measure);
      const differing = lines.filter((line) => !line.ok);
      if (differing.length > 0) session.exit = EXIT.differs;
      if (json) return printJson(output, { ok: differing.length === 0, checks: lines });
      for (const { ok, check, expected, got } of lines) {
        output.result(
          ok ? `ok       ${check}: ${got}` : `DIFFERS  ${check}: expected ${expected}, got ${got}`,
        );
      }
      output.result(`${lines.length} checks, ${differing.length} differ`);
    });
}
