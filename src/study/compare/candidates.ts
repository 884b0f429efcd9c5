/**
 * What `--with` may say: a rule set by id or file, or overrides separated by commas; and how the
 * scenario is read for the baseline, for a candidate, and for a draw.
 */
import { ReplayError } from '../../basics/errors.ts';
import type { CandidateFacts } from '../../report/compare/model.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { type ReadScenarioOptions, readScenario } from '../scenario.ts';

/** A candidate as it was asked for. Plain data: it crosses to a worker. */
export interface Candidate {
  readonly name: string;
  readonly rules?: string;
  readonly overrides: readonly string[];
}

/** Splits at commas that are not inside braces, brackets or quotes. */
function parts(text: string): string[] {
  const found: string[] = [];
  let [depth, quote, from] = [0, '', 0];
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if ('{['.includes(c)) depth++;
    else if ('}]'.includes(c)) depth--;
    else if (c === ',' && depth === 0) {
      found.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...found, text.slice(from)].map((part) => part.trim()).filter((part) => part !== '');
}

/**
 * Reads the texts of `--with`.
 *
 * @throws ReplayError SCENARIO_INVALID without any, or where one is empty
 */
export function candidatesOf(texts: readonly string[]): Candidate[] {
  const remedy =
    "Write --with bybit-usdt@2020-04, --with my-rules.yaml, or --with 'rules.reduction={kind: full}'.";
  if (texts.length === 0)
    throw new ReplayError('SCENARIO_INVALID', 'nothing to compare with', { path: '--with' }, remedy);
  return texts.map((text): Candidate => {
    const all = parts(text);
    if (all.length === 0)
      throw new ReplayError('SCENARIO_INVALID', 'an empty candidate', { path: '--with' }, remedy);
    const [first, ...rest] = all;
    if (first!.includes('=')) return { name: text.trim(), overrides: all };
    return { name: text.trim(), rules: first!, overrides: rest };
  });
}

/**
 * Refuses a candidate under which a position may be liquidated as it opens.
 *
 * @throws ReplayError RULES_INVALID with the first tier whose maintenance rate is not below its initial rate
 */
export function refuseReached(name: string, { rules, facts }: Scenario): void {
  for (const id of Object.keys(facts.markets)) {
    for (const [k, { maintenanceRate, initialRate }] of (rules.markets[id]?.tiers ?? []).entries()) {
      if (maintenanceRate.lt(initialRate)) continue;
      throw new ReplayError(
        'RULES_INVALID',
        `maintenance ${maintenanceRate} is not below initial ${initialRate}`,
        { file: name, path: `rules.markets.${id}.tiers.${k}.maintenanceRate` },
        'State the initial rates that go with it as well: rules.markets.*.tiers.*.initialRate*=...',
      );
    }
  }
}

/**
 * Refuses a world that would need frames of its own: all worlds of a pass share one tape.
 *
 * @param where  how to state it for all of them
 * @throws ReplayError SCENARIO_INVALID
 */
export function refuseOtherTape(own: Scenario, other: Scenario, where: string): void {
  if (other.assumptions.timing === own.assumptions.timing) return;
  throw new ReplayError(
    'SCENARIO_INVALID',
    'another timing makes another tape, which these worlds do not share',
    { path: 'assumptions.timing' },
    `State it for all worlds, ${where}.`,
  );
}

/** The scenario with a draw's overrides, and with a candidate's after them; null: the baseline. */
export function readCompared(
  scenario: string,
  read: ReadScenarioOptions,
  candidate: Candidate | null,
): Promise<Scenario> {
  if (candidate === null) return readScenario(scenario, read);
  const { rules, overrides } = candidate;
  return readScenario(scenario, {
    ...read,
    overrides: [...(read.overrides ?? []), ...overrides],
    ...(rules === undefined ? {} : { rules, allowNotInForce: true }),
  });
}

/** Facts of a candidate for the report. */
export const factsOf = ({ name, overrides }: Candidate, scenario: Scenario): CandidateFacts => ({
  name,
  rules: scenario.rules.id,
  overrides,
});
