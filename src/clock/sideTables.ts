/** Side tables: what happens at single instants (funding, outages, orders). Sorted by time, never folded. */
import type { Micros } from '../basics/instant.ts';
import type { SideTables } from './frames.ts';

/** Sorted by time; rows of one instant keep the order in which they were read (the sort is stable). */
const byTime = <T extends { readonly tsUs: Micros }>(rows: readonly T[]): readonly T[] =>
  [...rows].sort((a, b) => a.tsUs - b.tsUs);

/** The tables of several streams as one, each sorted by time. */
export function mergeSideTables(parts: readonly Partial<SideTables>[]): SideTables {
  return {
    funding: byTime(parts.flatMap((part) => part.funding ?? [])),
    outages: parts
      .flatMap((part) => part.outages ?? [])
      .sort((a, b) => a.fromUs - b.fromUs || a.untilUs - b.untilUs),
    fundBalances: byTime(parts.flatMap((part) => part.fundBalances ?? [])),
    observedLiquidations: byTime(parts.flatMap((part) => part.observedLiquidations ?? [])),
    accountEvents: byTime(parts.flatMap((part) => part.accountEvents ?? [])),
  };
}
