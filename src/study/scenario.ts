/**
 * A scenario from its file: facts, rules and assumptions apart, overrides applied before anything is
 * validated, the rule set looked up, checked for its dates and fitted to what the scenario has data for.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ReplayError } from '../basics/errors.ts';
import type { Micros } from '../basics/instant.ts';
import type { Assumptions } from '../rules/assumptions.ts';
import type { BurnIn, DailyBar, Facts } from '../rules/facts.ts';
import { inForceText, isInForce, rulesInForce } from '../rules/inForce.ts';
import { applyOverride, type Override, parseOverride } from '../rules/override.ts';
import { inlineRuleTree, type RuleTree, rulesOf, ruleTree } from '../rules/readRules.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { Scenario } from '../rules/scenario.ts';
import { treeAt } from '../rules/schedule.ts';
import type { Fault } from '../rules/structure.ts';
import { isTreeMap, readTree, shaped, type TreeMap, type TreeOrigin } from '../rules/treeSchema.ts';
import { burnInOf, daysBefore } from './daysBefore.ts';
import { withDerivedRules } from './derivedMarkets.ts';
import { fitRules } from './fitRules.ts';
import {
  otherContracts,
  pairMarkets,
  refuseOtherContracts,
  restatedMarket,
  settledAs,
  underScenarioNames,
} from './pairMarkets.ts';
import { restateFacts } from './restateFacts.ts';
import { recounted } from './recount.ts';
import { fundCaveats, openingsUnder, pairCaveats, refuseUnrestatable } from './restateScenario.ts';
import { factFaults, ruleFitFaults } from './scenarioFaults.ts';
import { type ScenarioFile, scenarioSchema } from './scenarioSchema.ts';

export interface ReadScenarioOptions {
  /** `rules.path=value` or `assumptions.path=value`, applied in order. */
  readonly overrides?: readonly string[];
  /** Another rule set than the scenario's: an id, or a file relative to the working folder. */
  readonly rules?: string;
  /** Folder of the data files; without it, relative paths refer to the scenario's folder. */
  readonly dataDir?: string;
  /** A narrower window, microseconds. */
  readonly from?: Micros;
  readonly until?: Micros;
  readonly seed?: string;
  /** true: rules of another day are accepted, as a counterfactual. */
  readonly allowNotInForce?: boolean;
  /** Scenario market -> market of the rule set, where names differ. */
  readonly markets?: Readonly<Record<string, string>>;
  /** true: positions and collateral are restated where the rules are for another contract. */
  readonly convert?: boolean;
  /** Folder in which rule ids are looked up; the package's own by default. */
  readonly rulesFolder?: string;
  /** true: no data file is opened, and `facts.before` is empty where it comes from one. */
  readonly withoutData?: boolean;
}

/**
 * Reads a scenario.
 *
 * @param path  a YAML file
 * @throws ReplayError SCENARIO_INVALID, RULES_INVALID, RULES_NOT_IN_FORCE, or a DATA_ code for the
 *         candles of the days before
 */
export async function readScenario(path: string, options: ReadScenarioOptions = {}): Promise<Scenario> {
  const { tree, origin } = scenarioTree(path);
  const overrides = (options.overrides ?? []).map(parseOverride);
  const ruled = treeOfRules(tree, origin, options);
  const start: TreeMap = { ...tree, rules: ruled.tree };
  const changed = overrides.reduce(applyOverride, start);
  const file = blaming(overrides, '', () => shaped(scenarioSchema, changed, origin));
  const ruleText = changed.rules as TreeMap;
  const { origin: ruleOrigin } = ruled;
  const read = blaming(overrides, 'rules.', () => rulesOf({ tree: ruleText, origin: ruleOrigin }));
  refuse(factFaults(file.facts), origin);
  const facts = await factsOf(file, options, dirname(origin.file));
  refuse(facts.fromUs < facts.untilUs ? [] : [EMPTY_WINDOW], origin);
  if (options.allowNotInForce !== true) rulesInForce(read, facts, ruled.origin.file);
  // what has changed before the window begins holds from its first moment on
  const now = treeAt(ruleText, read.schedule ?? [], facts.fromUs);
  const own = now === ruleText ? read : rulesOf({ tree: now, origin: ruleOrigin });
  const rules = withDerivedRules(own, facts.markets, options.markets ?? {});
  const placed = await placeRules(rules, {
    facts,
    path,
    options,
    assumptions: file.assumptions,
    file: ruled.origin.file,
  });
  const fitted = fitRules(placed.rules, facts, ruled.origin.file);
  const counted = recounted(fitted.rules, placed.facts.markets);
  const settled = settledAs(counted.rules, placed.facts.markets);
  refuse(ruleFitFaults({ ...file, assumptions: placed.assumptions }, fitted.rules), origin);
  return {
    id: file.id,
    title: file.title,
    caveats: [
      ...file.caveats,
      ...placed.caveats,
      ...counted.caveats,
      ...settled.caveats,
      ...datesCaveat(read, facts),
      ...fitted.caveats,
    ],
    facts: placed.facts,
    rules: settled.rules,
    assumptions: placed.assumptions,
    seed: options.seed ?? file.seed,
    folder: dirname(origin.file),
    namedAccounts: file.accounts,
    sensitivity: file.sensitivity,
    notes: notesOf(file, overrides),
    ...(placed.conversion === undefined ? {} : { conversion: placed.conversion }),
  };
}

/** A rule set of another day was allowed: every reader should know. */
const datesCaveat = (rules: RuleSet, facts: Facts): string[] =>
  isInForce(rules, facts)
    ? []
    : [
        `${rules.id} was in force ${inForceText(rules)}, not during this window: allowed as a counterfactual.`,
      ];

interface Placed extends Pick<Scenario, 'facts' | 'assumptions' | 'caveats'> {
  readonly rules: RuleSet;
  readonly conversion?: NonNullable<Scenario['conversion']>;
}

/**
 * The rules under the scenario's names, and what of the scenario is restated for them.
 *
 * @throws ReplayError RULES_INVALID where a market has no partner, or the book is for another contract
 */
async function placeRules(
  rules: RuleSet,
  at: {
    readonly facts: Facts;
    readonly assumptions: Assumptions;
    readonly path: string;
    readonly options: ReadScenarioOptions;
    readonly file: string;
  },
): Promise<Placed> {
  const { facts, assumptions, options, file } = at;
  const pairs = pairMarkets(rules, facts, { stated: options.markets ?? {}, file });
  const named = underScenarioNames(rules, pairs);
  const others = otherContracts(named, facts);
  if (options.convert !== true) refuseOtherContracts(named, others, file);
  const isOther =
    options.rules !== undefined && named.funds.some(({ name }) => !(name in assumptions.fundOpening));
  if (others.length === 0 && named === rules && !isOther) return { rules, facts, assumptions, caveats: [] };
  const { rules: _, markets: __, convert: ___, ...rest } = options;
  const overrides = (options.overrides ?? []).filter((text) => !text.trim().startsWith('rules'));
  const own = await readScenario(at.path, { ...rest, overrides, allowNotInForce: true });
  const { openings, taken } = openingsUnder(named, own, assumptions.fundOpening);
  const placed = {
    rules: named,
    assumptions: { ...assumptions, fundOpening: openings },
    caveats: [...pairCaveats(pairs, rules), ...fundCaveats(taken, own)],
  };
  if (others.length === 0) return { ...placed, facts };
  const restated = others.map((other) => restatedMarket(other, named, file));
  refuseUnrestatable(own, restated);
  return { ...placed, facts: restateFacts(facts, restated), conversion: { own, funds: taken } };
}

const EMPTY_WINDOW: Fault = {
  path: 'facts.window',
  message: 'the narrowed window is empty',
  remedy: 'Choose from before until, inside the window of the scenario.',
};

function scenarioTree(path: string): { tree: TreeMap; origin: TreeOrigin } {
  const file = resolve(path);
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch {
    const remedy = 'Name a scenario file, for example scenarios/2021-05-19-btcusdt.yaml.';
    throw new ReplayError('SCENARIO_INVALID', 'no such scenario file', { file }, remedy);
  }
  const { tree, rowOf } = readTree(content, file, 'SCENARIO_INVALID');
  const origin: TreeOrigin = { file, code: 'SCENARIO_INVALID', rowOf };
  return isTreeMap(tree) ? { tree, origin } : { tree: shaped(scenarioSchema, tree, origin) as never, origin };
}

/** The rule tree: of the option, of the id or file that the scenario names, or written in the scenario. */
function treeOfRules(tree: TreeMap, origin: TreeOrigin, options: ReadScenarioOptions): RuleTree {
  const folder = options.rulesFolder === undefined ? {} : { folder: options.rulesFolder };
  if (options.rules !== undefined) return ruleTree(options.rules, folder);
  const own = tree.rules;
  const near = { ...folder, relativeTo: dirname(origin.file) };
  if (typeof own === 'string') return ruleTree(own, near);
  if (own !== undefined && isTreeMap(own)) {
    const rowOf = (path: readonly (string | number)[]) => origin.rowOf?.(['rules', ...path]) ?? 1;
    return inlineRuleTree(own, { ...origin, code: 'RULES_INVALID', rowOf }, near);
  }
  const remedy = 'Write rules: <id>, a file, or {extends: <id>, ...}.';
  throw new ReplayError(
    'SCENARIO_INVALID',
    'missing: rules',
    { file: origin.file, path: 'rules', row: 1 },
    remedy,
  );
}

/** An error at a path that an override set is the override's, not the file's. */
function blaming<T>(overrides: readonly Override[], prefix: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    const path = `${prefix}${error.place.path ?? ''}`;
    const guilty = overrides.find(({ path: steps }) => {
      const own = steps.join('.');
      return path === own || path.startsWith(`${own}.`);
    });
    if (guilty === undefined) throw error;
    throw new ReplayError(error.code, error.message, { file: 'override', path: guilty.text }, error.remedy);
  }
}

function refuse(faults: readonly Fault[], origin: TreeOrigin): void {
  const first = faults[0];
  if (first === undefined) return;
  const row = origin.rowOf?.(first.path.split('.'));
  const place = { file: origin.file, path: first.path, ...(row === undefined ? {} : { row }) };
  throw new ReplayError('SCENARIO_INVALID', first.message, place, first.remedy);
}

async function factsOf(file: ScenarioFile, options: ReadScenarioOptions, folder: string): Promise<Facts> {
  const { beat, timing, before, quote, markets, ...rest } = file.facts;
  const bars: Record<string, readonly DailyBar[]> = {};
  const burnIn: Record<string, BurnIn> = {};
  for (const [id, spec] of Object.entries(before)) {
    if (options.withoutData === true && spec.bars === undefined) continue;
    const places = { dataDir: options.dataDir, folder };
    bars[id] = await daysBefore(spec, rest.fromUs, places);
    const interest = rest.streams.find(({ kind, market }) => kind === 'openInterest' && market === id);
    const market = { id, ...markets[id]! };
    const shorter = await burnInOf(spec, { fromUs: rest.fromUs, market, interest }, places);
    if (shorter !== null) burnIn[id] = shorter;
  }
  return {
    ...rest,
    ...(Object.keys(burnIn).length === 0 ? {} : { burnIn }),
    fromUs: Math.max(rest.fromUs, options.from ?? rest.fromUs),
    untilUs: Math.min(rest.untilUs, options.until ?? rest.untilUs),
    beatUs: beat,
    markets: Object.fromEntries(Object.entries(markets).map(([id, market]) => [id, { id, ...market }])),
    timingStream: timing,
    quote: Object.fromEntries(Object.keys(markets).map((id) => [id, quote[id] ?? { kind: 'same' as const }])),
    before: bars,
  };
}

/** Notes of the file; an overridden assumption's note says so. */
function notesOf(file: ScenarioFile, overrides: readonly Override[]): Record<string, string> {
  const own = overrides.filter(({ path }) => path[0] === 'assumptions');
  return {
    ...file.notes,
    ...Object.fromEntries(own.map(({ path, text }) => [path.join('.'), `override ${text}`])),
  };
}
