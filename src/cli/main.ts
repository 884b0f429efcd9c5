/**
 * The program: reads the command line, runs one command, turns whatever went wrong into text and an
 * exit code. Nothing below this folder prints.
 */
import { CommanderError } from '@commander-js/extra-typings';
import { ReplayError } from '../basics/errors.ts';
import { EXIT, explain } from './errorText.ts';
import { type Output, processOutput } from './output.ts';
import { program } from './program.ts';

/**
 * Runs the program.
 *
 * @param args    what follows `cascade`
 * @param output  where results and errors go; this process by default
 * @returns       exit code: 0, 2, 3, 70 or 74
 */
export async function main(args: readonly string[], output: Output = processOutput()): Promise<number> {
  const session = { output, exit: EXIT.done as number };
  try {
    await program(session).parseAsync([...args], { from: 'user' });
    return session.exit;
  } catch (error) {
    if (error instanceof CommanderError && isHelp(error))
      return error.exitCode === 0 ? EXIT.done : EXIT.input;
    const { text, json, exit } = explain(error instanceof CommanderError ? refusal(error) : error);
    output.note(args.includes('--json') ? JSON.stringify(json) : text);
    return exit;
  }
}

/** Help or version, which has been printed: as it was asked for, or for want of a command. */
const isHelp = ({ code }: CommanderError): boolean => /^commander\.(help|helpDisplayed|version)$/.test(code);

/** What is wrong with the command line, in the parser's words: the complaint, then its hint where it has one. */
function refusal({ message }: CommanderError): ReplayError {
  const words = message.replace(/^error: /, '').replace(/\s+/g, ' ');
  const at = words.search(/\. [A-Z]| \(Did/);
  const what = at < 0 ? words : words.slice(0, at);
  const hint = at < 0 ? 'Add --help to see what the command takes.' : words.slice(at + 2);
  const [, option] = /'(--[\w-]+)/.exec(what) ?? [];
  const place = option === undefined ? {} : { path: option };
  return new ReplayError('SCENARIO_INVALID', what, place, hint.replace(/\)$/, ''));
}

/**
 * Runs the program as a process: errors that nobody awaits and a stdout that closes end it cleanly.
 * The exit code is left in `process.exitCode`, so that everything printed is written.
 */
export async function mainProcess(): Promise<void> {
  const die = (error: unknown): never => {
    const { text, exit } = explain(error);
    process.stderr.write(`${text}\n`);
    process.exit(exit);
  };
  process.on('uncaughtException', die);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // the reader of a pipe went away (`| head`): it has all it wanted
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    die(error);
  });
  process.exitCode = await main(process.argv.slice(2));
}
