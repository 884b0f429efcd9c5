/** `cascade data check`: what is wrong with a scenario's data, without a run. */
import { dirname } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import type { Finding } from '../load/quality.ts';
import { scenarioPath } from './arguments.ts';
import { EXIT } from './errorText.ts';
import { printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade data check 2021-05-19-btcusdt --data ~/data
  $ cascade data check my-day.yaml --json

Exit code 2 when a problem is found that the scenario does not accept by name.`;

/** What a problem does to a run, whether it stops it or is accepted. */
const EFFECT: Readonly<Partial<Record<Finding['code'], string>>> = {
  DATA_MISSING: 'the stream cannot be read',
  DATA_SCHEMA: 'the value has no meaning or is dropped',
  DATA_DISORDER: 'rows would be counted twice or in the wrong place',
  DATA_GAP: 'the last price is carried over the hole',
};

/** Adds the commands to the tree. */
export function addData(cli: Command, session: Session): void {
  const data = cli
    .command('data')
    .description('Look at the data of a scenario.')
    .addHelpText('after', EXAMPLES);
  data
    .command('check')
    .description("Look through a scenario's data: every problem with its place, effect and remedy.")
    .argument('<scenario>', 'id of a scenario in the package, or a file')
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--json', 'print the findings as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((scenario, flags) => check(scenario, flags, session));
}

interface CheckFlags {
  readonly data?: string;
  readonly json?: true;
}

async function check(name: string, flags: CheckFlags, session: Session): Promise<void> {
  const { output } = session;
  const path = scenarioPath(name);
  const dataDir = flags.data ?? output.env.CASCADE_DATA ?? dirname(path);
  const [{ checkData }, { readScenario }] = await Promise.all([
    import('../load/loadFrames.ts'),
    import('../study/scenario.ts'),
  ]);
  const { facts, folder } = await readScenario(path, { dataDir, withoutData: true, allowNotInForce: true });
  const findings = await checkData(facts, { dataDir, folder });
  const open = findings.filter((finding) => !finding.accepted);
  if (open.length > 0) session.exit = EXIT.input;
  if (flags.json === true) {
    printJson(output, {
      ok: open.length === 0,
      findings: findings.map((f) => ({ ...f, effect: effectOf(f) })),
    });
    return;
  }
  for (const finding of findings) for (const line of linesOf(finding)) output.result(line);
  const streams = `${facts.streams.length} streams`;
  output.result(`${streams}, ${findings.length} findings, ${open.length} not accepted`);
}

const effectOf = (finding: Finding): string => EFFECT[finding.code] ?? 'a run stops here';

function linesOf(finding: Finding): string[] {
  const { code, message, file, row, count, accepted, remedy } = finding;
  const place = row === null ? file : `${file}, row ${row}`;
  const times = count === 1 ? '' : `, ${count} times`;
  const first = `${accepted ? 'accepted' : code}: ${message} (file ${place}${times})`;
  return accepted
    ? [first, `  effect: ${effectOf(finding)}`]
    : [first, `  effect: ${effectOf(finding)}; a run stops here`, `  ${remedy}`];
}
