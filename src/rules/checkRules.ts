/**
 * Whether a rule file can be trusted: not its form alone (readRules sees to that), but whether every
 * value has a source, whether tiers behave as margin tiers do, and whether two files of one venue
 * claim the same day. Nothing here stops a run: a counterfactual may well break a habit of venues.
 */
import { formatInstant } from '../basics/instant.ts';
import { type ErrorCode, ReplayError } from '../basics/errors.ts';
import { listRules, readRules, RULES_FOLDER, ruleTree, rulesOf } from './readRules.ts';
import type { MarketRules, RuleSet, Source } from './ruleSet.ts';
import { sourceOf } from './sources.ts';
import { isTreeMap, pathText, type Tree, type TreeMap } from './treeSchema.ts';

export interface RuleFinding {
  readonly code: ErrorCode;
  readonly file: string;
  readonly path: string;
  readonly message: string;
}

/** What a rule set's numbers rest on. */
export interface Completeness {
  readonly numbers: number;
  /** verified or derived: a source can be opened. */
  readonly cited: number;
  readonly recalled: number;
  readonly assumed: number;
  /** No source at all. */
  readonly uncited: number;
  /** Counts by confidence and slot, slots in code-unit order: `{funding: {verified: 4, ...}}`. */
  readonly bySlot: Readonly<Record<string, Readonly<Record<Source['confidence'] | 'uncited', number>>>>;
}

/** Names that say what a file is, not what a venue decides: they need no source. */
const UNSOURCED = ['id', 'title', 'venue', 'unverified', 'sources'];

/**
 * Checks one rule file.
 *
 * @param idOrPath  as in readRules
 * @returns         findings; empty when all is well. A file that does not read is one finding.
 */
export function checkRules(idOrPath: string, folder: string = RULES_FOLDER): RuleFinding[] {
  try {
    const { tree, origin } = ruleTree(idOrPath, { folder });
    const rules = rulesOf({ tree, origin });
    const findings = [
      ...uncoveredLeaves(tree, rules),
      ...idleSources(tree, rules),
      ...Object.entries(rules.markets).flatMap(([id, market]) => tierHabits(id, market)),
      ...undeclaredSteps(tree),
      ...idleDrawdowns(rules),
      ...overlaps(rules, folder),
    ];
    return findings.map(([path, message]) => ({ code: 'RULES_INVALID', file: origin.file, path, message }));
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    return [
      {
        code: error.code,
        file: error.place.file ?? idOrPath,
        path: error.place.path ?? '',
        message: error.message,
      },
    ];
  }
}

/** What the numbers of a rule set rest on. @throws ReplayError as readRules does */
export function completeness(idOrPath: string, folder: string = RULES_FOLDER): Completeness {
  const { tree, origin } = ruleTree(idOrPath, { folder });
  const { sources } = rulesOf({ tree, origin });
  const bySlot: Record<string, Record<string, number>> = {};
  const total: Record<string, number> = { verified: 0, derived: 0, recalled: 0, assumed: 0, uncited: 0 };
  for (const [path, value] of leaves(tree)) {
    if (!/^[+-]?\d/.test(value)) continue;
    const confidence = sourceOf(sources, pathText(path))?.confidence ?? 'uncited';
    total[confidence]! += 1;
    const slot = path[0] === 'markets' ? path[2]! : path[0]!;
    bySlot[slot] ??= { verified: 0, derived: 0, recalled: 0, assumed: 0, uncited: 0 };
    bySlot[slot][confidence]! += 1;
  }
  const { verified, derived, recalled, assumed, uncited } = total as Record<
    Source['confidence'] | 'uncited',
    number
  >;
  return {
    numbers: verified + derived + recalled + assumed + uncited,
    cited: verified + derived,
    recalled,
    assumed,
    uncited,
    bySlot: Object.fromEntries(
      Object.entries(bySlot).sort(([a], [b]) => (a < b ? -1 : 1)),
    ) as Completeness['bySlot'],
  };
}

/** One value of a rule set and what it rests on. */
export interface CitedValue {
  readonly path: string;
  readonly value: string;
  /** null: nobody said where it comes from. */
  readonly source: Source | null;
}

/** Every single value of a rule set with its source, in the order of the file. */
export const citedValues = (tree: TreeMap, { sources }: RuleSet): CitedValue[] =>
  leaves(tree).map(([path, value]) => {
    const text = pathText(path);
    return { path: text, value, source: sourceOf(sources, text) };
  });

type Found = readonly [path: string, message: string];

/** Every single value below the venue's slots, with its path. */
function leaves(tree: TreeMap): [readonly string[], string][] {
  const found: [readonly string[], string][] = [];
  const walk = (node: Tree, path: readonly string[]): void => {
    if (typeof node === 'string') found.push([path, node]);
    else for (const [name, item] of Object.entries(node)) walk(item, [...path, name]);
  };
  for (const [name, item] of Object.entries(tree)) if (!UNSOURCED.includes(name)) walk(item, [name]);
  return found;
}

function uncoveredLeaves(tree: TreeMap, { sources }: RuleSet): Found[] {
  return leaves(tree)
    .filter(([path]) => sourceOf(sources, pathText(path)) === null)
    .map(([path, value]) => [pathText(path), `no source for ${value}: cite one, or say assumed`]);
}

/** A source whose path names nothing covers nothing: it was misspelt, or its value is gone. */
function idleSources(tree: TreeMap, { sources }: RuleSet): Found[] {
  const exists = (path: string): boolean => {
    let node: Tree | undefined = tree;
    for (const step of path === '' ? [] : path.split('.')) {
      node = typeof node === 'object' ? (node as TreeMap)[step] : undefined;
    }
    return node !== undefined;
  };
  return Object.keys(sources)
    .filter((path) => !exists(path))
    .map((path) => [`sources.${path}`, 'a source for a path that does not exist']);
}

function tierHabits(id: string, { tiers }: MarketRules): Found[] {
  const found: Found[] = [];
  for (const [k, tier] of tiers.entries()) {
    const below = tiers[k - 1];
    const at = `markets.${id}.tiers.${k}`;
    if (!tier.maintenanceRate.lt(tier.initialRate)) {
      found.push([at, `maintenance ${tier.maintenanceRate} is not below initial ${tier.initialRate}`]);
    }
    if (below !== undefined && tier.initialRate.lt(below.initialRate)) {
      found.push([at, `initial margin falls from ${below.initialRate} to ${tier.initialRate}`]);
    }
  }
  return found;
}

/** Zero deductions in a list of rising rates: a requirement that jumps must be declared as steps or whole. */
function undeclaredSteps(tree: TreeMap): Found[] {
  if (!isTreeMap(tree.markets)) return [];
  return Object.entries(tree.markets).flatMap(([id, market]): Found[] => {
    const rows = isTreeMap(market) ? market.tiers : undefined;
    if (!Array.isArray(rows)) return [];
    const texts = (rows as readonly TreeMap[]).map((row) => [row.maintenanceRate, row.maintenanceDeduction]);
    const rises = new Set(texts.map(([rate]) => rate)).size > 1;
    const flat = texts.every(([, deduction]) => deduction === '0');
    const message = 'rates rise without deductions: write steps or whole, or leave the deductions out';
    return rises && flat ? [[`markets.${id}.tiers`, message]] : [];
  });
}

/** A drawdown that neither pauses nor waits for `resumeAt`: the fund takes everything all the same. */
function idleDrawdowns({ funds }: RuleSet): Found[] {
  return funds.flatMap(({ name, refusal: { drawdown } }, k): Found[] => {
    if (drawdown === null || drawdown.pauseUs > 0 || drawdown.resumeAt !== undefined) return [];
    const message = `a fall never makes ${name} refuse: write a pause above 0s, or resumeAt, or drawdown: none`;
    return [[`funds.${k}.refusal.drawdown.pause`, message]];
  });
}

/** Another file of the same venue that claims a part of the same days for a market of this one. */
function overlaps(rules: RuleSet, folder: string): Found[] {
  return listRules(folder).flatMap((id): Found[] => {
    if (id === rules.id) return [];
    let other: RuleSet;
    try {
      other = readRules(id, { folder });
    } catch {
      return []; // a broken file is reported where it is checked itself
    }
    const shared = Object.keys(rules.markets).some((market) => market in other.markets);
    if (other.venue !== rules.venue || !shared || other.id === rules.id) return [];
    const from = Math.max(rules.inForce.from, other.inForce.from);
    const until = Math.min(rules.inForce.until ?? Infinity, other.inForce.until ?? Infinity);
    return from < until ? [['inForce', `from ${formatInstant(from)} on, ${other.id} is in force too`]] : [];
  });
}
