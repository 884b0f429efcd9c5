/**
 * Where a replay's rows go. `replay` calls `record` once per world and beat and knows nothing of
 * tables; a full run has a Store behind it, an ensemble rerun a Tally.
 */
import type { Outbox } from '../engine/rows.ts';

export interface Sink {
  /**
   * Takes the rows of one world and beat.
   *
   * @param world   number of the world in this run, 0 the first
   * @param outbox  rows of this beat; the caller clears and reuses the arrays once the call (or the
   *                promise it returns) is done, so a sink copies what it keeps. Rows are immutable.
   * @returns       a promise only where the sink has to wait; most beats return nothing
   */
  record(world: number, outbox: Outbox): void | Promise<void>;
}
