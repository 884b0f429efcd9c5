/** `cascade data check`: the data doctor, over a scenario's streams, files or folders, without a run. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import type { Diagnosis } from '../archive/doctor/finding.ts';
import { nearest, ReplayError } from '../basics/errors.ts';
import { formatInstant } from '../basics/instant.ts';
import type { Finding } from '../load/quality.ts';
import { collected, scenarioPath } from './arguments.ts';
import { EXIT } from './errorText.ts';
import { type Output, printJson } from './output.ts';
import { addReconstruct } from './reconstruct.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade data check 2021-05-19-btcusdt --data ~/data
  $ cascade data check my-day.yaml --json
  $ cascade data check archive --accept missingIds
  $ cascade data check candles.parquet

Exit code 2 when a fault is found that is not accepted by name; notes do not count.`;

/** What a problem does to a run, whether it stops it or is accepted. */
const EFFECT: Readonly<Partial<Record<Finding['code'], string>>> = {
  DATA_MISSING: 'the stream cannot be read',
  DATA_SCHEMA: 'the value has no meaning or is dropped',
  DATA_DISORDER: 'rows would be counted twice or in the wrong place',
  DATA_GAP: 'the last price is carried over the hole',
};

/** Adds the commands to the tree. */
export function addData(cli: Command, session: Session): void {
  const data = cli.command('data').description('Look at data.').addHelpText('after', EXAMPLES);
  data
    .command('check')
    .description('Look through data: every problem with its place, effect and remedy.')
    .argument('<what>', 'a scenario (id or file), a Parquet file, or a folder of them')
    .option('--data <folder>', "where a scenario's data files are (or CASCADE_DATA)")
    .option('--accept <problem>', 'a problem that is known and accepted (repeatable)', collected, [])
    .option('--json', 'print the findings as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((what, flags) => check(what, flags, session));
  addReconstruct(data, session);
}

interface CheckFlags {
  readonly data?: string;
  readonly accept: readonly string[];
  readonly json?: true;
}

async function check(what: string, flags: CheckFlags, session: Session): Promise<void> {
  const { CHECKS } = await import('../archive/doctor/checks.ts');
  for (const name of flags.accept) known(name, Object.keys(CHECKS));
  const isData = what.endsWith('.parquet') || statSync(what, { throwIfNoEntry: false })?.isDirectory();
  return isData === true ? checkFiles(what, flags, session) : checkScenario(what, flags, session);
}

/** @throws ReplayError SCENARIO_INVALID for a problem that no check is called */
function known(name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const best = nearest(name, names);
  const remedy = `${best === null ? '' : `Did you mean ${best}? `}The names are in docs/data.md, Checks.`;
  throw new ReplayError('SCENARIO_INVALID', `--accept names no problem: ${name}`, {}, remedy);
}

async function checkFiles(path: string, { accept, json }: CheckFlags, session: Session): Promise<void> {
  const { output } = session;
  const { examineFiles } = await import('../archive/doctor/examine.ts');
  const { series, findings } = await examineFiles(path, accept);
  const open = findings.filter(isOpen);
  if (open.length > 0) session.exit = EXIT.input;
  if (json === true) return printJson(output, { ok: open.length === 0, series, findings });
  printDiagnoses(output, findings);
  const faults = findings.filter(({ severity }) => severity === 'fault').length;
  const counts = `${faults} faults, ${findings.length - faults} notes, ${open.length} not accepted`;
  output.result(`${series.length} series, ${counts}`);
}

async function checkScenario(name: string, flags: CheckFlags, session: Session): Promise<void> {
  const { output } = session;
  const path = scenarioPath(name);
  const dataDir = flags.data ?? output.env.CASCADE_DATA ?? dirname(path);
  const [{ checkData }, { readScenario }, { examineStreams }] = await Promise.all([
    import('../load/loadFrames.ts'),
    import('../study/scenario.ts'),
    import('../archive/doctor/scenarioSeries.ts'),
  ]);
  const { facts, folder } = await readScenario(path, { dataDir, withoutData: true, allowNotInForce: true });
  const places = { dataDir, folder };
  const found = await checkData(facts, places);
  const diagnoses = await examineStreams(facts, places, { found, accept: flags.accept });
  const open = [...found.filter(({ accepted }) => !accepted), ...diagnoses.filter(isOpen)];
  if (open.length > 0) session.exit = EXIT.input;
  if (flags.json === true) {
    const loaded = found.map((f) => ({ ...f, effect: effectOf(f) }));
    const doctored = diagnoses.map(({ series, ...one }) => ({ stream: series, ...one }));
    return printJson(output, { ok: open.length === 0, findings: [...loaded, ...doctored] });
  }
  for (const finding of found) for (const line of linesOf(finding)) output.result(line);
  printDiagnoses(output, diagnoses);
  const findings = `${found.length + diagnoses.length} findings`;
  output.result(`${facts.streams.length} streams, ${findings}, ${open.length} not accepted`);
}

const isOpen = ({ severity, accepted }: Diagnosis): boolean => severity === 'fault' && !accepted;

function printDiagnoses(output: Output, findings: readonly Diagnosis[]): void {
  for (const one of findings) {
    const word = one.severity === 'note' ? 'note' : one.accepted ? 'accepted' : one.code;
    output.result(`${word}: ${one.problem} in ${one.series}: ${one.message} (${placeOf(one)})`);
    output.result(`  effect: ${one.effect}`);
    if (!one.accepted) output.result(`  ${one.remedy}`);
  }
}

const placeOf = ({ file, row, fromUs, lastUs, field, count }: Diagnosis): string =>
  [
    `file ${file}`,
    row === null ? '' : `row ${row}`,
    fromUs === null ? '' : `from ${formatInstant(fromUs)}`,
    lastUs === null || lastUs === fromUs ? '' : `to ${formatInstant(lastUs)}`,
    field === '' ? '' : `field ${field}`,
    count === 1 ? '' : `${count} times`,
  ]
    .filter((part) => part !== '')
    .join(', ');

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
