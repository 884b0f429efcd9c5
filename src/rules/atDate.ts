/**
 * A rule book as it stood on a day: its schedule up to then applied, of its dated rows (index weights by
 * quarter, clearance fees) only those that hold, each with its own source.
 */
import { ReplayError } from '../basics/errors.ts';
import { formatInstant, type Micros, parseInstant } from '../basics/instant.ts';
import { inForceText } from './inForce.ts';
import { withSource } from './override.ts';
import { type RuleTree, rulesOf } from './readRules.ts';
import { treeAt } from './schedule.ts';
import { isTreeMap, type Tree, type TreeMap } from './treeSchema.ts';

/**
 * The text of a rule book at an instant.
 *
 * @throws ReplayError RULES_INVALID as readRules does; RULES_NOT_IN_FORCE outside the book's dates
 */
export function treeAtDate(read: RuleTree, tsUs: Micros): TreeMap {
  const rules = rulesOf(read);
  const { from, until } = rules.inForce;
  if (tsUs < from || (until !== null && tsUs >= until)) {
    throw new ReplayError(
      'RULES_NOT_IN_FORCE',
      `${rules.id} was in force ${inForceText(rules)}, not at ${formatInstant(tsUs)}`,
      { file: read.origin.file, path: 'inForce', tsUs },
      'Choose an instant within these dates, or the rule set of that day (cascade rules list).',
    );
  }
  const { schedule: _, ...changed } = treeAt(read.tree, rules.schedule ?? [], tsUs);
  return Object.keys(rules.markets).reduce(
    (tree, id) => withFeesAt(withWeightsAt(tree, id, tsUs), id, tsUs),
    {
      ...changed,
    } as TreeMap,
  );
}

/** The set of weights that holds stands as `weights`. */
function withWeightsAt(tree: TreeMap, id: string, tsUs: Micros): TreeMap {
  const path = ['markets', id, 'index'];
  const index = at(tree, path);
  if (!isTreeMap(index) || !Array.isArray(index.weightSets)) return tree;
  const { weightSets, ...rest } = index;
  const sets = weightSets as readonly TreeMap[];
  const k = sets.findLastIndex((set) => parseInstant(set.from as string) <= tsUs);
  if (k < 0) return put(tree, path, rest);
  const source = sourceText(tree, [...path, 'weightSets', String(k)]);
  const changed = put(tree, path, { ...rest, weights: sets[k]!.weights! });
  return source === null ? changed : withSource(changed, [...path, 'weights'], source);
}

/** Only the fee rows whose dates hold stay, without their dates. */
function withFeesAt(tree: TreeMap, id: string, tsUs: Micros): TreeMap {
  const path = ['markets', id, 'clearanceFee'];
  const rows = at(tree, path);
  if (!Array.isArray(rows)) return tree;
  const held = (rows as readonly TreeMap[])
    .map((row, k) => ({ row, k }))
    .filter(
      ({ row: { from, until } }) =>
        (from === undefined || parseInstant(from as string) <= tsUs) &&
        (until === undefined || tsUs < parseInstant(until as string)),
    );
  const sources = held.map(({ k }) => sourceText(tree, [...path, String(k)]));
  const bare = held.map(({ row: { from: _, until: __, ...rest } }) => rest);
  return sources.reduce(
    (changed: TreeMap, source, k) =>
      source === null ? changed : withSource(changed, [...path, String(k)], source),
    put(tree, path, bare),
  );
}

const at = (tree: TreeMap, path: readonly string[]): Tree | undefined =>
  path.reduce<Tree | undefined>(
    (node, step) => (typeof node === 'object' ? (node as TreeMap)[step] : undefined),
    tree,
  );

function put(tree: TreeMap, [step, ...rest]: readonly string[], value: Tree): TreeMap {
  const inner = rest.length === 0 ? value : put((tree[step!] ?? {}) as TreeMap, rest, value);
  return { ...tree, [step!]: inner };
}

/** What the file itself cites for a path, by the longest prefix, as text; null: nothing. */
function sourceText({ sources }: TreeMap, path: readonly string[]): TreeMap | null {
  if (!isTreeMap(sources)) return null;
  for (let length = path.length; length >= 0; length--) {
    const found = sources[path.slice(0, length).join('.')];
    if (isTreeMap(found)) return found;
  }
  return null;
}
