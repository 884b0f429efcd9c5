/**
 * Overrides: `PATH=VALUE` on the tree of texts, before it is validated, so that a changed rule is
 * read by the same schema, with the same exactness and the same errors, as a written one.
 *
 *   rules.reduction={kind: full}            a whole slot
 *   rules.trigger.inclusive=false           one value
 *   rules.markets.*.tiers.*.maintenanceRate*=2   every element; *= multiplies, exactly
 *   assumptions.fundOpening.BTCUSDT=12864000
 *
 * Three consequences are drawn here: an overridden rule loses its source and gets "override" as one;
 * a continuous tier table whose rate or bound changes gets its deductions computed anew; a value
 * given as a map replaces the whole slot.
 */
import { nearest, ReplayError } from '../basics/errors.ts';
import { rate } from '../basics/exact.ts';
import { isTreeMap, pathText, readValue, type Tree, type TreeMap } from './treeSchema.ts';

export interface Override {
  /** As the user wrote it. */
  readonly text: string;
  /** Steps of the path; `*` is every element. */
  readonly path: readonly string[];
  /** true: multiply what is there; false: replace it. */
  readonly times: boolean;
  readonly value: Tree;
}

/**
 * Reads `PATH=VALUE` or `PATH*=FACTOR`.
 *
 * @throws ReplayError SCENARIO_INVALID when it has no path or its value is no YAML
 */
export function parseOverride(text: string): Override {
  const m = /^\s*([^=\s]+?)\s*(\*?)=\s*([\s\S]*)$/.exec(text);
  const path = m?.[1]?.split('.') ?? [];
  if (m === null || path.some((step) => step === '')) {
    throw refused(text, 'not PATH=VALUE', 'Write for example rules.reduction={kind: full}.');
  }
  const value = readValue(m[3]!, `override ${text}`);
  const times = m[2] === '*';
  if (times && !isDecimal(value)) throw refused(text, 'not a factor after *=', 'Write PATH*=2 or PATH*=0.5.');
  return { text, path, times, value };
}

/**
 * A new tree with the override applied; the old one is unchanged.
 *
 * @param tree  a scenario's tree with its rules in place, or `{rules: ...}` of a rule file
 * @throws ReplayError SCENARIO_INVALID when the path names nothing, with the nearest name that exists
 */
export function applyOverride(tree: TreeMap, override: Override): TreeMap {
  const root = override.path[0];
  if (root !== 'rules' && root !== 'assumptions') {
    const remedy =
      root === 'facts'
        ? 'Facts are never edited: copy the scenario.'
        : near(root, ['rules', 'assumptions'], []);
    throw refused(override.text, `overrides change rules or assumptions, not ${root}`, remedy);
  }
  const changed = changedAt(tree, override, 0) as TreeMap;
  return root === 'rules' && isTreeMap(changed.rules)
    ? { ...changed, rules: followUp(changed.rules, override) }
    : changed;
}

/**
 * The rules with a value put at a path, as a dated change does it: what an override does, but with the
 * source that the file cites.
 *
 * @throws ReplayError SCENARIO_INVALID when the path names nothing
 */
export function withChange(
  rules: TreeMap,
  change: { readonly path: readonly string[]; readonly value: Tree; readonly source: TreeMap },
): TreeMap {
  const { value, source } = change;
  const path = ['rules', ...change.path];
  const override: Override = { text: pathText(change.path), path, times: false, value };
  const changed = changedAt({ rules }, override, 0) as { readonly rules: TreeMap };
  return withSource(retiered(changed.rules, override), change.path, source);
}

function changedAt(tree: Tree, override: Override, depth: number): Tree {
  const step = override.path[depth];
  if (step === undefined) return override.times ? multiplied(tree, override) : override.value;
  if (typeof tree === 'string') {
    const at = pathText(override.path.slice(0, depth));
    throw refused(
      override.text,
      `${at} is a single value: ${JSON.stringify(tree)}`,
      `End the path at ${at}.`,
    );
  }
  if (step === '*') {
    return Array.isArray(tree)
      ? tree.map((item: Tree) => changedAt(item, override, depth + 1))
      : Object.fromEntries(
          Object.entries(tree).map(([name, item]) => [name, changedAt(item, override, depth + 1)]),
        );
  }
  const names = Object.keys(tree);
  const known = names.includes(step);
  const mayBeNew = !Array.isArray(tree) && depth === override.path.length - 1 && !override.times;
  if (!known && !mayBeNew) {
    const at = override.path.slice(0, depth);
    throw refused(override.text, `unknown path ${pathText([...at, step])}`, near(step, names, at));
  }
  if (Array.isArray(tree)) {
    return tree.map((item: Tree, k) => (String(k) === step ? changedAt(item, override, depth + 1) : item));
  }
  return { ...tree, [step]: changedAt((tree as TreeMap)[step] ?? '', override, depth + 1) };
}

const isDecimal = (tree: Tree): tree is string => typeof tree === 'string' && /^[+-]?\d+(\.\d*)?$/.test(tree);

function multiplied(tree: Tree, override: Override): string {
  if (!isDecimal(tree)) {
    throw refused(override.text, `not a number there: ${JSON.stringify(tree)}`, 'Use *= on numbers only.');
  }
  return rate(tree)
    .times(rate(override.value as string))
    .toString();
}

/** Sources and tier deductions that no longer hold after a rule has changed. */
function followUp(rules: TreeMap, override: Override): TreeMap {
  const path = override.path.slice(1);
  const next = retiered(rules, override);
  if (path[0] === 'sources' || path[0] === undefined) return next;
  return withSource(next, path, { cite: `override ${override.text}`, confidence: 'assumed' });
}

function retiered(rules: TreeMap, { path }: Override): TreeMap {
  const [, slot, id, part, , name] = path;
  const moved = slot === 'markets' && part === 'tiers' && (name === 'maintenanceRate' || name === 'upTo');
  return moved ? withoutDeductions(rules, id!) : rules;
}

function withoutDeductions(rules: TreeMap, wanted: string): TreeMap {
  const markets = rules.markets;
  if (!isTreeMap(markets)) return rules;
  const bare = (market: Tree): Tree => {
    if (!isTreeMap(market) || !Array.isArray(market.tiers)) return market;
    const rows = (market.tiers as readonly Tree[]).map((row) => {
      if (!isTreeMap(row)) return row;
      const { maintenanceDeduction: _, ...rest } = row;
      return rest;
    });
    return { ...market, tiers: rows };
  };
  const named = Object.entries(markets).map(([id, market]): [string, Tree] => [
    id,
    wanted === '*' || wanted === id ? bare(market) : market,
  ]);
  return { ...rules, markets: Object.fromEntries(named) };
}

/**
 * The rules with a source for a path, and without the sources of what lay at or below it.
 * `*` steps are written out, so that the longest-prefix rule keeps holding.
 */
export function withSource(rules: TreeMap, path: readonly string[], source: TreeMap): TreeMap {
  const old = isTreeMap(rules.sources) ? rules.sources : {};
  const paths = writtenOut(rules, path, []);
  const kept = Object.entries(old).filter(
    ([key]) => !paths.some((p) => key === p || key.startsWith(`${p}.`)),
  );
  return {
    ...rules,
    sources: { ...Object.fromEntries(kept), ...Object.fromEntries(paths.map((p) => [p, source])) },
  };
}

function writtenOut(tree: Tree | undefined, path: readonly string[], done: readonly string[]): string[] {
  const [step, ...rest] = path;
  if (step === undefined) return [pathText(done)];
  const children = typeof tree === 'object' ? (tree as TreeMap) : {};
  const names = step === '*' ? Object.keys(children) : [step];
  return names.flatMap((name) => writtenOut(children[name], rest, [...done, name]));
}

const near = (wrong: string | undefined, names: readonly string[], at: readonly string[]): string => {
  const best = nearest(wrong ?? '', names);
  const full = (name: string) => pathText([...at, name]);
  return best === null ? `Valid here: ${names.map(full).join(', ')}.` : `Did you mean ${full(best)}?`;
};

const refused = (text: string, message: string, remedy: string): ReplayError =>
  new ReplayError('SCENARIO_INVALID', message, { file: 'override', path: text }, remedy);
