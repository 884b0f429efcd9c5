/**
 * How much the engine may do in a beat: accounts begun and orders sent where the rule set limits its speed,
 * orders and blocks of one account where the reduction does. Counted on the clock, so that beats of any
 * length give the same total, and what one beat leaves unused is gone.
 */
import { type Money, ZERO_MONEY } from '../basics/exact.ts';
import { type Micros, SECOND_US } from '../basics/instant.ts';
import type { ReductionRule, RuleSet } from '../rules/ruleSet.ts';

/** A stretch of time: after `fromUs`, up to and with `untilUs`. */
export interface Span {
  readonly fromUs: Micros;
  readonly untilUs: Micros;
}

/**
 * How many of `perSecond` evenly spaced moments fall into a span: floor(n * until) - floor(n * from).
 *
 * @param perSecond  whole number >= 0
 */
export function momentsIn(span: Span, perSecond: number): number {
  const until = (us: Micros): bigint => (BigInt(perSecond) * BigInt(us)) / BigInt(SECOND_US);
  return Number(until(span.untilUs) - until(span.fromUs));
}

/** How many multiples of a period fall into a span. */
const endsIn = (span: Span, periodUs: Micros): number =>
  Math.floor(span.untilUs / periodUs) - Math.floor(span.fromUs / periodUs);

/** What is left of the engine's own speed in this beat. */
export class Pace {
  private accounts = Number.POSITIVE_INFINITY;
  private orders = Number.POSITIVE_INFINITY;

  /** A new beat. */
  begin(speed: RuleSet['speed'], span: Span): void {
    const per = (limit: number | null | undefined): number =>
      limit === null || limit === undefined ? Number.POSITIVE_INFINITY : momentsIn(span, limit);
    this.accounts = per(speed?.accountsPerSecond);
    this.orders = per(speed?.ordersPerSecond);
  }

  /** Whether the liquidation of one more account may begin. */
  get hasAccount(): boolean {
    return this.accounts > 0;
  }

  /** Whether one more order may go out. */
  get hasOrder(): boolean {
    return this.orders > 0;
  }

  takeAccount(): void {
    this.accounts--;
  }

  takeOrder(): void {
    this.orders--;
  }
}

/** What the reduction lets one account do in one beat. */
export class Turn {
  /** Orders that may still go out (`increments`). */
  ordersLeft: number;
  /** Blocks of this beat that are not over (`blockLimit`); 0: none ends in it. */
  blocksLeft: number;
  /** Notional closed in the block, and legs that had their order in it. */
  spent: Money = ZERO_MONEY;
  readonly done = new Set<string>();

  constructor(rule: ReductionRule, span: Span) {
    this.ordersLeft = rule.kind === 'increments' ? momentsIn(span, rule.perSecond) : Number.POSITIVE_INFINITY;
    this.blocksLeft = rule.kind === 'blockLimit' ? endsIn(span, rule.blockUs) : 0;
  }

  /** Steps that the rule itself may take in this beat, beyond what any rule may. */
  allowance(legs: number): number {
    return (Number.isFinite(this.ordersLeft) ? this.ordersLeft : 0) + this.blocksLeft * (legs + 1);
  }

  /** An order went out and closed so much notional at the mark. */
  record(leg: string, notional: Money): void {
    this.ordersLeft--;
    this.spent = this.spent.plus(notional);
    this.done.add(leg);
  }

  /** Goes on to the next block of the beat; false when there is none. */
  nextBlock(): boolean {
    if (this.blocksLeft <= 1) return false;
    this.blocksLeft--;
    this.spent = ZERO_MONEY;
    this.done.clear();
    return true;
  }
}
