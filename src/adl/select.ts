/**
 * Who closes how much: pure. The queue is walked from the top; equal scores share pro rata in
 * contracts (largest remainder, then lower id) or go by id; the last one is closed in part; a winner
 * whose equity would fall below 0 at the price is skipped and counted.
 */
import type { AdlRule } from '../rules/ruleSet.ts';

export interface Candidate {
  /** Leg row of the winner. */
  readonly row: number;
  readonly lots: number;
  readonly scoreF64: number;
}

export interface Close {
  readonly row: number;
  readonly lots: number;
  /** Place in the queue, from 1. */
  readonly rank: number;
  readonly scoreF64: number;
}

export interface Selection {
  readonly closes: readonly Close[];
  readonly covered: number;
  readonly skipped: number;
}

export interface SelectInput {
  /** In rank order; equal neighbours are ties. */
  readonly queue: Iterable<Candidate>;
  readonly lots: number;
  readonly ties: AdlRule['ties'];
  readonly isTie: (a: Candidate, b: Candidate) => boolean;
  /** Exact word on one candidate: in profit at mark and solvent after closing at the price. */
  readonly isEligible: (row: number) => boolean;
  /** Candidates looked at, at most; absent: all. */
  readonly maxVisits?: number | undefined;
}

/** Walks the queue until `lots` are covered. */
export function selectCloses(input: SelectInput): Selection {
  const { queue, lots, ties, isTie, isEligible, maxVisits = Number.POSITIVE_INFINITY } = input;
  const closes: Close[] = [];
  let [open, skipped, rank] = [lots, 0, 0];
  let group: (Candidate & { rank: number })[] = [];
  const flush = (): void => {
    const wanted = Math.min(
      open,
      group.reduce((total, c) => total + c.lots, 0),
    );
    for (const [i, part] of share(group, wanted, ties).entries()) {
      if (part > 0)
        closes.push({ row: group[i]!.row, lots: part, rank: group[i]!.rank, scoreF64: group[i]!.scoreF64 });
    }
    open -= wanted;
    group = [];
  };
  for (const candidate of queue) {
    if (group.length > 0 && !isTie(group[0]!, candidate)) flush();
    if (open === 0 || rank >= maxVisits) break;
    rank++;
    if (isEligible(candidate.row)) group.push({ ...candidate, rank });
    else skipped++;
  }
  flush();
  return { closes, covered: lots - open, skipped };
}

/** Splits `wanted` lots over a group of equal rank; each part at most that member's lots. */
function share(group: readonly Candidate[], wanted: number, ties: AdlRule['ties']): number[] {
  const total = group.reduce((sum, c) => sum + c.lots, 0);
  if (ties === 'byId' || wanted === total) {
    let open = wanted;
    return group.map((c) => {
      const part = Math.min(c.lots, open);
      open -= part;
      return part;
    });
  }
  const exact = group.map((c) => BigInt(c.lots) * BigInt(wanted));
  const parts = exact.map((n) => Number(n / BigInt(total)));
  let left = wanted - parts.reduce((sum, part) => sum + part, 0);
  const byRemainder = group
    .map((c, i) => ({ i, row: c.row, rest: exact[i]! % BigInt(total) }))
    .sort((a, b) => (a.rest === b.rest ? a.row - b.row : a.rest > b.rest ? -1 : 1));
  for (const { i } of byRemainder) {
    if (left === 0) break;
    parts[i]!++;
    left--;
  }
  return parts;
}
