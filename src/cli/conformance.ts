/** `cascade conformance`: published worked examples put to the engine's own functions. */
import { readFileSync } from 'node:fs';
import type { Command } from '@commander-js/extra-typings';
import { ReplayError } from '../basics/errors.ts';
import { columns, printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade conformance cases.json
  $ cascade conformance cases.json --json

Exit code 3 when a case fails. A case that nothing here computes is unsupported, not passed.`;

/** Adds the command to the tree. */
export function addConformance(cli: Command, session: Session): void {
  const { output } = session;
  cli
    .command('conformance')
    .description("Put a file of published worked examples to the engine's functions.")
    .argument('<cases>', 'JSON file of cases')
    .option('--json', 'print every case as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action(async (file, { json }) => {
      const { conformanceExit, runConformance } = await import('../study/conformance.ts');
      const lines = runConformance(textOf(file));
      session.exit = conformanceExit(lines);
      const count = (verdict: string): number => lines.filter((line) => line.verdict === verdict).length;
      const [passed, failed, unsupported] = [count('pass'), count('fail'), count('unsupported')];
      if (json) return printJson(output, { passed, failed, unsupported, cases: lines });
      const rows = lines.map(({ id, venue, kind, verdict, note }) => [verdict, id, venue, kind, note]);
      for (const row of columns([['verdict', 'case', 'venue', 'kind', 'note'], ...rows])) output.result(row);
      for (const { id, expected, got } of lines.filter((line) => line.verdict === 'fail')) {
        output.result(`${id}: expected ${expected}, got ${got}`);
      }
      output.result(`${passed} passed, ${failed} failed, ${unsupported} unsupported`);
    });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const remedy = 'Name a JSON file of cases; docs/rules.md describes the form.';
    throw new ReplayError('SCENARIO_INVALID', 'no such file of cases', { file }, remedy);
  }
}
