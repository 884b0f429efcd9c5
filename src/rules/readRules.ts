/**
 * A rule set from its file. Files lie in scenarios/rules, named by id; a small variant says
 * `extends: <id>` and only what differs. What is read here is well formed: the tables hang together
 * and every name is known. Whether it is well cited is a matter for checkRules.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearest, ReplayError } from '../basics/errors.ts';
import { applyOverride, parseOverride, withSource } from './override.ts';
import type { RuleSet } from './ruleSet.ts';
import { RULE_FILE_NAMES, ruleSetSchema } from './ruleSetSchema.ts';
import { scheduleOf } from './schedule.ts';
import { faultOf, faultsOf } from './structure.ts';
import {
  isTreeMap,
  pathText,
  readTree,
  shaped,
  type Tree,
  type TreeFile,
  type TreeMap,
  type TreeOrigin,
} from './treeSchema.ts';

/** Where the rule files of this package lie. */
export const RULES_FOLDER = fileURLToPath(new URL('../../scenarios/rules', import.meta.url));

export interface ReadRulesOptions {
  /** Folder in which ids are looked up; the package's own by default. */
  readonly folder?: string;
  /** Folder to which a relative path refers; the working folder by default. */
  readonly relativeTo?: string;
  /** `rules.path=value`, applied in order. */
  readonly overrides?: readonly string[];
}

/** A rule file as a tree, `extends` merged and sources written out, with its origin for errors. */
export interface RuleTree {
  readonly tree: TreeMap;
  readonly origin: TreeOrigin;
}

/**
 * Reads a rule set.
 *
 * @param idOrPath  `binance-usdm@2021-05`, or the path of a file (it has a `/` or ends in .yaml)
 * @throws ReplayError RULES_INVALID with file, path, row and remedy; SCENARIO_INVALID for an override
 *         whose path names nothing
 */
export function readRules(idOrPath: string, options: ReadRulesOptions = {}): RuleSet {
  const { tree, origin } = ruleTree(idOrPath, options);
  const changed = (options.overrides ?? []).reduce((t, o) => applyOverride(t, parseOverride(o)), {
    rules: tree,
  } as TreeMap);
  return rulesOf({ tree: changed.rules as TreeMap, origin });
}

/** The rule set of a tree. @throws ReplayError RULES_INVALID */
export function rulesOf({ tree, origin }: RuleTree): RuleSet {
  const { schedule: changes, ...rules } = shaped(ruleSetSchema, tree, origin);
  const fault = faultsOf(rules)[0];
  if (fault !== undefined) throw faultOf(fault, origin);
  if (changes === undefined) return rules;
  const read = ({ schedule: _, ...rest }: TreeMap): RuleSet => rulesOf({ tree: rest, origin });
  return { ...rules, schedule: scheduleOf({ tree, origin, changes, rules, read }) };
}

/** Reads a rule file as a tree. @throws ReplayError RULES_INVALID */
export function ruleTree(idOrPath: string, options: ReadRulesOptions = {}): RuleTree {
  return treeOf(idOrPath, options, []);
}

/** The ids in a folder, in code-unit order. */
export function listRules(folder: string = RULES_FOLDER): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return files.map((name) => name.slice(0, -'.yaml'.length)).sort();
}

function treeOf(idOrPath: string, options: ReadRulesOptions, above: readonly string[]): RuleTree {
  const path = pathOf(idOrPath, options);
  if (above.includes(path)) {
    throw new ReplayError(
      'RULES_INVALID',
      'extends itself',
      { file: path, path: 'extends' },
      'Break the circle of extends.',
    );
  }
  const file = readTree(readFileSync(path, 'utf8'), path, 'RULES_INVALID');
  const origin: TreeOrigin = { file: path, code: 'RULES_INVALID', rowOf: file.rowOf };
  return { tree: withWrittenOutSources(extended(file, { path, options, above })), origin };
}

/** The tree of an inline rule set of a scenario: `{extends: id, ...}`. */
export function inlineRuleTree(tree: TreeMap, origin: TreeOrigin, options: ReadRulesOptions): RuleTree {
  const file: TreeFile = { tree, rowOf: origin.rowOf ?? (() => 1) };
  return { tree: withWrittenOutSources(extended(file, { path: origin.file, options, above: [] })), origin };
}

interface Extending {
  readonly path: string;
  readonly options: ReadRulesOptions;
  readonly above: readonly string[];
}

function extended(file: TreeFile, { path, options, above }: Extending): TreeMap {
  const place = { file: path, row: file.rowOf([]) };
  if (!isTreeMap(file.tree)) {
    const remedy = `A rule file is a map of ${RULE_FILE_NAMES.join(', ')}.`;
    throw new ReplayError('RULES_INVALID', 'not a map', place, remedy);
  }
  const { extends: parentId, ...own } = file.tree;
  if (parentId === undefined) return own;
  if (typeof parentId !== 'string') {
    throw new ReplayError(
      'RULES_INVALID',
      'not an id',
      { ...place, path: 'extends' },
      'Write extends: binance-usdm@2021-05.',
    );
  }
  const parent = treeOf(parentId, { ...options, relativeTo: dirname(path) }, [...above, path]);
  return merged(parent.tree, own);
}

/**
 * The parent with the child's values. What the child sets loses the parent's source; where the
 * child is another venue, what it keeps is said to be taken from the parent.
 */
function merged(parent: TreeMap, own: TreeMap): TreeMap {
  const { sources: ownSources = {}, ...values } = own;
  const changedPaths = leavesOf(values, []);
  const bare = changedPaths.reduce((tree, path) => withoutSources(tree, path), parent);
  const kept =
    own.venue === undefined || own.venue === parent.venue ? bare.sources : takenFrom(parent, bare.sources);
  const sources = isTreeMap(ownSources) ? { ...(kept as TreeMap), ...ownSources } : ownSources;
  return { ...(overlaid(bare, values) as TreeMap), sources };
}

function takenFrom(parent: TreeMap, sources: Tree | undefined): TreeMap {
  const said = Object.entries(isTreeMap(sources) ? sources : {}).map(([key, item]): [string, Tree] => {
    const cite = isTreeMap(item) ? `taken from ${parent.id}: ${item.cite}` : '';
    return [key, isTreeMap(item) ? { ...item, cite } : item];
  });
  return Object.fromEntries(said);
}

function withoutSources(tree: TreeMap, path: readonly string[]): TreeMap {
  const { [pathText(path)]: _, ...sources } = withSource(tree, path, {}).sources as TreeMap;
  return { ...tree, sources };
}

/** A map told apart by `kind` or `when`, a tier table and a list are one value: they replace, never mix. */
const isWhole = (tree: Tree): boolean =>
  !isTreeMap(tree) || 'kind' in tree || 'when' in tree || 'whole' in tree;

const leavesOf = (tree: Tree, path: readonly string[]): (readonly string[])[] =>
  isWhole(tree) ? [path] : Object.entries(tree).flatMap(([name, item]) => leavesOf(item, [...path, name]));

function overlaid(below: Tree | undefined, above: Tree): Tree {
  if (below === undefined || isWhole(above) || isWhole(below)) return above;
  const names = Object.entries(above).map(([name, item]): [string, Tree] => [
    name,
    overlaid((below as TreeMap)[name], item),
  ]);
  return { ...(below as TreeMap), ...Object.fromEntries(names) };
}

/** `markets.*.funding` in sources stands for every market that has no source of its own there. */
function withWrittenOutSources(tree: TreeMap): TreeMap {
  const { sources, markets } = tree;
  if (!isTreeMap(sources) || !isTreeMap(markets)) return tree;
  const general = Object.entries(sources).filter(([key]) => key.startsWith('markets.*'));
  const special = Object.entries(sources).filter(([key]) => !key.startsWith('markets.*'));
  const written = Object.keys(markets).flatMap((id) =>
    general.map(([key, item]): [string, Tree] => [key.replace('*', () => id), item]),
  );
  return { ...tree, sources: { ...Object.fromEntries(written), ...Object.fromEntries(special) } };
}

function pathOf(idOrPath: string, options: ReadRulesOptions): string {
  const folder = options.folder ?? RULES_FOLDER;
  const isPath = idOrPath.includes('/') || idOrPath.includes('\\') || /\.ya?ml$|\.json$/.test(idOrPath);
  const relative = options.relativeTo ?? '.';
  const path = isPath
    ? isAbsolute(idOrPath)
      ? idOrPath
      : resolve(relative, idOrPath)
    : join(folder, `${idOrPath}.yaml`);
  if (existsSync(path)) return path;
  const ids = listRules(folder);
  const best = nearest(basename(idOrPath), ids);
  const remedy = best === null ? `Rule sets here: ${ids.join(', ')}.` : `Did you mean ${best}?`;
  throw new ReplayError('RULES_INVALID', `no such rule set: ${idOrPath}`, { file: path }, remedy);
}
