/**
 * Spreads reruns, and whatever else is plain data in and out, over the cores of one machine. Results come
 * back in the order of the inputs, on any number of workers.
 */
import { Piscina } from 'piscina';
import { ReplayError } from '../basics/errors.ts';
import type { DoneCell, RerunGroup } from './reruns.ts';
import rerunTask, { type RerunResult } from './rerunTask.ts';

/**
 * Runs tasks on threads of this machine, or here.
 *
 * @param o.module   of the task's module, without ending, beside `o.beside` (its `import.meta.url`)
 * @param o.task     the same task, for 0 workers
 * @param o.workers  threads; 0 runs the inputs here, one after another
 * @param o.onDone   told each result as it comes, with its place
 * @returns          results in the order of the inputs
 */
export async function runTasks<I, O>(o: {
  readonly module: string;
  readonly beside: string;
  readonly task: (input: I) => Promise<O>;
  readonly inputs: readonly I[];
  readonly workers: number;
  readonly onDone: (result: O, place: number) => void;
}): Promise<O[]> {
  const { inputs, onDone, workers } = o;
  const told = async (result: Promise<O>, place: number): Promise<O> => {
    const value = await result;
    onDone(value, place);
    return value;
  };
  if (workers === 0) {
    const results: O[] = [];
    for (const [place, input] of inputs.entries()) results.push(await told(o.task(input), place));
    return results;
  }
  const { href } = new URL(`${o.module}${o.beside.endsWith('.ts') ? '.ts' : '.js'}`, o.beside);
  const pool = new Piscina({ filename: href, maxThreads: workers, minThreads: 1 });
  try {
    return await Promise.all(inputs.map((input, place) => told(pool.run(input) as Promise<O>, place)));
  } finally {
    await pool.destroy();
  }
}

/**
 * @param workers  threads; 0 runs the groups here, one after another
 * @param onDone   told after each group
 * @throws ReplayError of the first group that failed, in the order of the groups
 */
export async function runGroups(
  groups: readonly RerunGroup[],
  workers: number,
  onDone: (groups: number) => void,
): Promise<DoneCell[]> {
  let finished = 0;
  const results = await runTasks<RerunGroup, RerunResult>({
    module: './rerunTask',
    beside: import.meta.url,
    task: rerunTask,
    inputs: groups,
    workers,
    onDone: () => onDone(++finished),
  });
  return unpack(results);
}

function unpack(results: readonly RerunResult[]): DoneCell[] {
  return results.flatMap((result) => {
    if ('done' in result) return [...result.done];
    const { code, message, place, remedy } = result.failed;
    throw new ReplayError(code, message, place, remedy);
  });
}
