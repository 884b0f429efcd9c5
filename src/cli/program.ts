/** The tree of commands. Each file adds its own; what a command calls is imported only when it runs. */
import { readFileSync } from 'node:fs';
import { Command, Help } from '@commander-js/extra-typings';
import { addCalibrate } from './calibrate.ts';
import { addCompare } from './compare.ts';
import { addConformance } from './conformance.ts';
import { addData } from './data.ts';
import { addDownload } from './download.ts';
import { addEvent } from './event.ts';
import { addExplain } from './explain.ts';
import { addExport } from './export.ts';
import { addFrontier } from './frontier.ts';
import { addImport } from './import.ts';
import { addPrice } from './price.ts';
import { addReport } from './report.ts';
import { addRules } from './rules.ts';
import { addRun } from './run.ts';
import type { Session } from './session.ts';
import { addStress } from './stress.ts';
import { addSweep } from './sweep.ts';
import { addValidate } from './validate.ts';
import { addVerify } from './verify.ts';
import { addWorker } from './worker.ts';

const EXAMPLES = `
Examples:
  $ cascade run                                   the embedded crash day, no data needed
  $ cascade run 2021-05-19-btcusdt --data ~/data
  $ cascade run --override 'rules.reduction={kind: full}' --baseline
  $ cascade compare --with 'rules.reduction={kind: full}'
  $ cascade verify reports/<run>
  $ cascade rules list

Exit codes: 0 done, 2 your input, 3 a check differs, 70 our bug, 74 disk or store, 130 interrupted.`;

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/**
 * The whole command line.
 *
 * @param session  where commands print, and where they leave their exit code
 */
export function program(session: Session): Command {
  const cli = new Command('cascade')
    .description("Replays crash days of perpetual futures through a model of an exchange's risk engine.")
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    // a list that is empty by default says nothing by saying so
    .configureHelp({
      optionDescription: (option) =>
        new Help().optionDescription(option).replace(/ \(default: (\[\]|\{\})\)$/, ''),
    })
    .configureOutput({
      writeOut: (text) => session.output.result(text.replace(/\n$/, '')),
      writeErr: (text) => session.output.note(text.replace(/\n$/, '')),
      outputError: () => {}, // told by main.ts, with a code as any other
    });
  addRun(cli, session);
  addCompare(cli, session);
  addCalibrate(cli, session);
  addReport(cli, session);
  addExplain(cli, session);
  addExport(cli, session);
  addVerify(cli, session);
  addValidate(cli, session);
  addRules(cli, session);
  addData(cli, session);
  addEvent(cli, session);
  addDownload(cli, session);
  addImport(cli, session);
  addConformance(cli, session);
  addPrice(cli, session);
  addStress(cli, session);
  addFrontier(cli, session);
  addSweep(cli, session);
  addWorker(cli, session);
  return cli;
}
