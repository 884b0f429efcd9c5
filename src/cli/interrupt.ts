/**
 * Ctrl-C: the run in progress is deleted, its lock released, and the process ends with 130 as shells
 * expect. At once, for nothing of a partial run is worth waiting for.
 */
import { abandonOwn } from '../results/runFolder.ts';
import { EXIT } from './errorText.ts';
import type { Output } from './output.ts';

/**
 * Listens for SIGINT and SIGTERM while a run is written.
 *
 * @param outDir  folder that holds the runs
 * @returns       ends the listening
 */
export function whileWriting(outDir: string, output: Output): () => void {
  const stop = (): void => {
    abandonOwn(outDir);
    output.note('Interrupted: the run in progress was deleted.');
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return () => void process.off('SIGINT', stop).off('SIGTERM', stop);
}
