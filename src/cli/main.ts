/**
 * The program: reads the command line, runs one command, turns whatever went wrong into text and an
 * exit code. Nothing below this folder prints.
 */
import { CommanderError } from '@commander-js/extra-typings';
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
    // help and version end with 0; every other CommanderError has been printed and is the user's
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.input;
    const { text, json, exit } = explain(error);
    output.note(args.includes('--json') ? JSON.stringify(json) : text);
    return exit;
  }
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
