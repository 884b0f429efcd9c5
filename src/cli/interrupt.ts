/**
 * Ctrl-C: what is being written is deleted, its lock released, and the process ends with 130 as shells
 * expect. At once, for nothing of a partial result is worth waiting for.
 */
import { abandonOwn } from '../results/runFolder.ts';
import { EXIT } from './errorText.ts';
import type { Output } from './output.ts';

interface Unfinished {
  readonly abandon: (outDir: string) => void;
  readonly said: string;
}
const RUN: Unfinished = { abandon: abandonOwn, said: 'the run in progress was deleted' };

/**
 * Listens for SIGINT and SIGTERM while something is written.
 *
 * @param outDir  folder in which it is written
 * @param what    how to take it away, and what to say; a run by default
 * @returns       ends the listening
 */
export function whileWriting(outDir: string, output: Output, what: Unfinished = RUN): () => void {
  const stop = (): void => {
    what.abandon(outDir);
    output.note(`Interrupted: ${what.said}.`);
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return () => void process.off('SIGINT', stop).off('SIGTERM', stop);
}
