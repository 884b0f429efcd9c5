/**
 * Spreads reruns over the cores of one machine. Results come back in the order of the groups, on any number
 * of workers.
 */
import { Piscina } from 'piscina';
import { ReplayError } from '../basics/errors.ts';
import type { DoneCell, RerunGroup } from './reruns.ts';
import rerunTask, { type RerunResult } from './rerunTask.ts';

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
  const counted = async (result: Promise<RerunResult>): Promise<RerunResult> => {
    const value = await result;
    onDone(++finished);
    return value;
  };
  if (workers === 0) {
    const results: RerunResult[] = [];
    for (const group of groups) results.push(await counted(rerunTask(group)));
    return unpack(results);
  }
  const task = new URL(
    import.meta.url.endsWith('.ts') ? './rerunTask.ts' : './rerunTask.js',
    import.meta.url,
  );
  const pool = new Piscina({ filename: task.href, maxThreads: workers, minThreads: 1 });
  try {
    return unpack(await Promise.all(groups.map((group) => counted(pool.run(group) as Promise<RerunResult>))));
  } finally {
    await pool.destroy();
  }
}

function unpack(results: readonly RerunResult[]): DoneCell[] {
  return results.flatMap((result) => {
    if ('done' in result) return [...result.done];
    const { code, message, place, remedy } = result.failed;
    throw new ReplayError(code, message, place, remedy);
  });
}
