/**
 * The rules of a world as every room sees them. Without a schedule they are the rule set itself. With
 * one they are an object of the same shape whose parts always read what is in force now, so that no
 * room needs to know that rules can change; who keeps columns made from rules makes them anew.
 */
import type { Micros } from '../basics/instant.ts';
import type { RuleSet } from './ruleSet.ts';
import { stagesOf } from './schedule.ts';

export interface LiveRules {
  readonly rules: RuleSet;
  /** Moves to what is in force at an instant; instants never go back. @returns whether anything changed */
  readonly reach: (tsUs: Micros) => boolean;
}

/** The live view of a rule set. */
export function liveRules(rules: RuleSet): LiveRules {
  if (rules.schedule === undefined || rules.schedule.length === 0) return { rules, reach: () => false };
  const stages = stagesOf(rules);
  let place = 0;
  const now = (): RuleSet => stages[place]!.rules;
  const all = stages.map((stage) => stage.rules);
  const markets = Object.fromEntries(
    Object.keys(rules.markets).map((id) => [
      id,
      view(
        all.map((r) => r.markets[id]!),
        () => now().markets[id]!,
      ),
    ]),
  );
  const funds = rules.funds.map((_, k) =>
    view(
      all.map((r) => r.funds[k]!),
      () => now().funds[k]!,
    ),
  );
  const trigger = view(
    all.map((r) => r.trigger),
    () => now().trigger,
  );
  const set = view(all, now);
  for (const [name, part] of Object.entries({ markets, funds, trigger })) {
    Object.defineProperty(set, name, { value: part, enumerable: true });
  }
  const reach = (tsUs: Micros): boolean => {
    const before = place;
    while (place + 1 < stages.length && stages[place + 1]!.fromUs <= tsUs) place++;
    return place !== before;
  };
  return { rules: set, reach };
}

/** An object with every name that any of the stages has; each reads what is in force. */
function view<T extends object>(stages: readonly T[], now: () => T): T {
  const made = {};
  for (const name of new Set(stages.flatMap((stage) => Object.keys(stage)))) {
    const get = (): unknown => now()[name as keyof T];
    Object.defineProperty(made, name, { get, enumerable: true, configurable: true });
  }
  return made as T;
}
