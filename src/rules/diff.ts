/**
 * What tells two rule books apart, value by value, each with where it comes from. Numbers are compared
 * as numbers, and a tier table by its rows, however it was written.
 */
import { rate } from '../basics/exact.ts';
import { type CitedValue, citedValues } from './checkRules.ts';
import { type RuleTree, rulesOf } from './readRules.ts';
import type { MarketRules, Source } from './ruleSet.ts';
import { isTreeMap, type Tree, type TreeMap } from './treeSchema.ts';

/** One value that differs; null where a book does not have it. */
export interface RuleDifference {
  readonly path: string;
  readonly first: Sourced | null;
  readonly second: Sourced | null;
}

export interface Sourced {
  readonly value: string;
  readonly source: Source | null;
}

export interface RuleDiff {
  readonly differences: readonly RuleDifference[];
  /** Values that both hold alike. */
  readonly same: number;
  /** The market of each that were laid side by side although they are called differently; null: by name. */
  readonly paired: readonly [string, string] | null;
}

/**
 * Compares two rule books. Where each has one market and the names differ, those two are compared under
 * the first's name.
 *
 * @throws ReplayError RULES_INVALID when one of them does not read
 */
export function diffRules(first: RuleTree, second: RuleTree): RuleDiff {
  const [ours, theirs] = [marketsOf(first), marketsOf(second)];
  const pairs = ours.length === 1 && theirs.length === 1 && ours[0] !== theirs[0];
  const paired = pairs ? ([ours[0]!, theirs[0]!] as const) : null;
  const left = valuesOf(first, (path) => path);
  const right = valuesOf(second, (path) =>
    paired === null ? path : path.replace(`markets.${paired[1]}`, `markets.${paired[0]}`),
  );
  const paths = [...left.keys(), ...[...right.keys()].filter((path) => !left.has(path))];
  const differences = paths
    .map((path) => ({ path, first: left.get(path) ?? null, second: right.get(path) ?? null }))
    .filter(({ path, first: a, second: b }) => !equal(a?.value, b?.value) && !isName(path, paired));
  return { differences, same: paths.length - differences.length, paired };
}

const marketsOf = ({ tree }: RuleTree): string[] =>
  isTreeMap(tree.markets) ? Object.keys(tree.markets) : [];

/** A fund's list of markets says nothing new where its market was paired. */
const isName = (path: string, paired: RuleDiff['paired']): boolean =>
  paired !== null && /^funds\.\d+\.markets\.0$/.test(path);

function valuesOf(read: RuleTree, named: (path: string) => string): Map<string, Sourced> {
  const rules = rulesOf(read);
  const tree = Object.entries(rules.markets).reduce(
    (whole, [id, market]) => withRows(whole, id, market),
    read.tree,
  );
  const values = citedValues(tree, rules).map((one) => citedRow(one, read.tree));
  return new Map(values.map(({ path, value, source }) => [named(path), { value, source }]));
}

/** The tier table as rows with every number, whichever of the three forms the file has. */
function withRows(tree: TreeMap, id: string, { tiers }: MarketRules): TreeMap {
  const rows: Tree = tiers.map((tier) => ({
    upTo: tier.upTo.toString(),
    maintenanceRate: tier.maintenanceRate.toString(),
    maintenanceDeduction: tier.maintenanceDeduction.toString(),
    initialRate: tier.initialRate.toString(),
  }));
  const markets = tree.markets as TreeMap;
  return { ...tree, markets: { ...markets, [id]: { ...(markets[id] as TreeMap), tiers: rows } } };
}

/** A row of a schedule that was cited as a whole: `tiers.steps` or `tiers.whole`. */
function citedRow(one: CitedValue, tree: TreeMap): CitedValue {
  if (one.source !== null || !isTreeMap(tree.sources)) return one;
  const table = /^(markets\.[^.]+\.tiers)\./.exec(one.path)?.[1];
  const found =
    table === undefined ? undefined : (tree.sources[`${table}.steps`] ?? tree.sources[`${table}.whole`]);
  return isTreeMap(found) ? { ...one, source: found as unknown as Source } : one;
}

const DECIMAL = /^[+-]?\d+(\.\d*)?$/;

function equal(a: string | undefined, b: string | undefined): boolean {
  if (a === b || a === undefined || b === undefined) return a === b;
  return DECIMAL.test(a) && DECIMAL.test(b) && rate(a).eq(rate(b));
}
