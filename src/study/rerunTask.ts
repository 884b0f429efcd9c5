/** What a worker of the pool runs: one group of reruns. Errors cross as plain data, so that their code survives. */
import { ReplayError } from '../basics/errors.ts';
import { type DoneCell, type RerunGroup, rerunGroup } from './reruns.ts';

export type RerunResult =
  | { readonly done: readonly DoneCell[] }
  | { readonly failed: Pick<ReplayError, 'code' | 'message' | 'place' | 'remedy'> };

/** Runs a group. Anything but a ReplayError is our bug and is thrown as it is. */
export default async function rerunTask(group: RerunGroup): Promise<RerunResult> {
  try {
    return { done: await rerunGroup(group) };
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    const { code, message, place, remedy } = error;
    return { failed: { code, message, place, remedy } };
  }
}
