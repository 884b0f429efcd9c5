/**
 * Several requests served by one sharing: a policy says how many contracts every winner gives to all of
 * them, the requests draw on that in order. Pure; whom a price would bankrupt gives nothing at that price.
 */
import type { SharePolicy } from './ranking.ts';
import { shareOut, type Winners } from './shares.ts';

export interface SharedInput {
  readonly policy: SharePolicy;
  readonly winners: Winners;
  /** Whole lots that each request asks for. */
  readonly wanted: readonly number[];
  /** Exact word on a winner (its place) at the price of a request: may all it holds be closed there? */
  readonly isEligible: (place: number, request: number) => boolean;
}

/** What one request gets. */
export interface SharedPlan {
  /** Whole lots by place of the winner. */
  readonly parts: Map<number, number>;
  /** Lots that nobody is left for. */
  left: number;
  /** Winners that its price would bankrupt, among those who were to give. */
  skipped: number;
}

/**
 * Plans every request. What a refused winner would have given is shared over the others, until everything
 * is covered or everybody who is left has refused. Who survives closing all it holds at each price survives
 * any part at any mix of them, so nothing need be closed before everything is planned.
 *
 * @returns one plan a request, in their order
 */
export function planShared({ policy, winners, wanted, isEligible }: SharedInput): SharedPlan[] {
  const plans = wanted.map((lots): SharedPlan => ({ parts: new Map(), left: lots, skipped: 0 }));
  const refusals = plans.map(() => new Set<number>());
  const lots = winners.lots.slice();
  for (let again = true; again; ) {
    const open = plans.reduce((total, plan) => total + plan.left, 0);
    const parts = shareOut(policy, { lots, scores: winners.scores }, open);
    again = false;
    let first = 0;
    for (const [i, plan] of plans.entries()) {
      for (let k = first; k < parts.length && plan.left > 0; k++) {
        if (parts[k] === 0) {
          if (k === first) first++;
          continue;
        }
        if (refusals[i]!.has(k)) continue;
        if (!isEligible(k, i)) {
          refusals[i]!.add(k);
          plan.skipped++;
          continue;
        }
        const part = Math.min(parts[k]!, plan.left);
        plan.parts.set(k, (plan.parts.get(k) ?? 0) + part);
        parts[k] = parts[k]! - part;
        lots[k] = lots[k]! - part;
        plan.left -= part;
      }
    }
    // what is left of a part was refused at every price that is still open
    for (let k = 0; k < parts.length; k++) {
      if (parts[k] === 0) continue;
      lots[k] = 0;
      again = true;
    }
  }
  return plans;
}
