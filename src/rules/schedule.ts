/**
 * Rules that change inside a run: `schedule: [{at, path, value}]`, a venue's own dated change or an
 * emergency change that somebody wants to try. A change is applied to the text of the rule file, as an
 * override is, so the rules after it are read by the same schema and must be as sound as those before.
 */
import { ReplayError } from '../basics/errors.ts';
import { formatInstant, type Micros } from '../basics/instant.ts';
import { withChange } from './override.ts';
import type { RuleChange, RuleSet, RuleSlots } from './ruleSet.ts';
import { type Fault, faultOf } from './structure.ts';
import { isTreeMap, type Tree, type TreeMap, type TreeOrigin } from './treeSchema.ts';

/** A change as written; what the slots become is not known yet. */
export type WrittenChange = Omit<RuleChange, 'slots'>;

interface Scheduled {
  readonly tree: TreeMap;
  readonly origin: TreeOrigin;
  readonly changes: readonly WrittenChange[];
  /** The rule set before any change. */
  readonly rules: RuleSet;
  /** Reads a tree without its schedule. */
  readonly read: (tree: TreeMap) => RuleSet;
}

/** What a file is and what it holds stays: a run cannot become another venue's. */
const FIXED: readonly string[] = ['id', 'title', 'venue', 'inForce', 'sources', 'schedule', 'unverified'];

/**
 * The changes with the slots that each leaves behind. Changes of one instant are applied together, so
 * that two slots that need each other can change at once.
 *
 * @throws ReplayError RULES_INVALID at `schedule.N`: out of order, a path that names nothing or may not
 *         change, or rules that are not sound afterwards
 */
export function scheduleOf({ tree, origin, changes, rules, read }: Scheduled): RuleChange[] {
  const made: RuleChange[] = [];
  let [before, text] = [rules, tree];
  for (let k = 0; k < changes.length; ) {
    let end = k + 1;
    while (end < changes.length && changes[end]!.atUs === changes[k]!.atUs) end++;
    const group = changes.slice(k, end);
    for (const [i, change] of group.entries()) {
      const late = changes[k + i - 1];
      if (late !== undefined && change.atUs < late.atUs) throw outOfOrder(origin, k + i, change, late);
      text = applied(text, origin, { change, k: k + i });
    }
    const after = soundAfter(() => read(text), origin, { group, k });
    const moved = heldFaults(before, after)[0];
    if (moved !== undefined) throw faultOf({ ...moved, path: `schedule.${k}` }, origin);
    made.push(...group.map((change) => ({ ...change, slots: slotsOf(change.path, after) })));
    [before, k] = [after, end];
  }
  return made;
}

/**
 * The tree as it stands at an instant: every change at or before it applied, each with the source that
 * the file gives for the change.
 */
export function treeAt(tree: TreeMap, changes: readonly RuleChange[], tsUs: Micros): TreeMap {
  const origin: TreeOrigin = { file: '', code: 'RULES_INVALID' };
  let [text, k] = [tree, 0];
  for (const change of changes) if (change.atUs <= tsUs) text = applied(text, origin, { change, k: k++ });
  return text;
}

/** One rule set after another, each with the instant from which it holds; the first holds from ever. */
export function stagesOf(rules: RuleSet): { readonly fromUs: Micros; readonly rules: RuleSet }[] {
  const stages = [{ fromUs: Number.NEGATIVE_INFINITY, rules }];
  for (const { atUs, slots } of rules.schedule ?? []) {
    const last = stages.at(-1)!;
    const next = { fromUs: atUs, rules: { ...last.rules, ...slots } };
    if (last.fromUs === atUs) stages[stages.length - 1] = next;
    else stages.push(next);
  }
  return stages;
}

interface Numbered {
  readonly change: WrittenChange;
  readonly k: number;
}

function applied(tree: TreeMap, origin: TreeOrigin, { change, k }: Numbered): TreeMap {
  const path = change.path.split('.');
  if (FIXED.includes(path[0]!)) {
    const remedy = `Change a slot of the venue; ${FIXED.join(', ')} say what the file is.`;
    const message = `${path[0]} cannot change inside a run`;
    throw faultOf({ path: `schedule.${k}.path`, message, remedy }, origin);
  }
  try {
    return withChange(tree, { path, value: change.value, source: sourceAt(tree, k) });
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    const { message, remedy } = error;
    throw faultOf({ path: `schedule.${k}.path`, message, remedy }, origin);
  }
}

/** What the file cites for a change: at `schedule.N`, or for the whole schedule. */
function sourceAt(tree: TreeMap, k: number): TreeMap {
  const sources = isTreeMap(tree.sources) ? tree.sources : {};
  const found: Tree | undefined = sources[`schedule.${k}`] ?? sources.schedule ?? sources[''];
  return isTreeMap(found) ? found : { cite: `schedule.${k}`, confidence: 'assumed' };
}

const outOfOrder = (origin: TreeOrigin, k: number, own: WrittenChange, before: WrittenChange): ReplayError =>
  faultOf(
    {
      path: `schedule.${k}.at`,
      message: `${formatInstant(own.atUs)} is before the change above it, of ${formatInstant(before.atUs)}`,
      remedy: 'Write the changes in order of time.',
    },
    origin,
  );

/** The same complaint as of a file, at the change of the group that caused it. */
function soundAfter(
  read: () => RuleSet,
  origin: TreeOrigin,
  { group, k }: { readonly group: readonly WrittenChange[]; readonly k: number },
): RuleSet {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    const at = error.place.path ?? '';
    const guilty = group.findIndex(({ path }) => at.startsWith(path.split('.*')[0]!));
    const path = `schedule.${k + Math.max(0, guilty)}`;
    const message = `after this change ${at === '' ? '' : `${at}: `}${error.message}`;
    throw faultOf({ path, message, remedy: error.remedy }, origin);
  }
}

/** What must stay through a run: markets, funds and what counts as collateral hold money and positions. */
function heldFaults(before: RuleSet, after: RuleSet): Omit<Fault, 'path'>[] {
  const shapes: readonly [what: string, of: (rules: RuleSet) => unknown][] = [
    ['the markets', (r) => Object.keys(r.markets).sort()],
    ["the funds' names, assets and markets", (r) => r.funds.map((f) => [f.name, f.asset, f.markets])],
    [
      'the collateral assets',
      (r) =>
        r.collateral === undefined ? null : [r.collateral.unit, Object.keys(r.collateral.assets).sort()],
    ],
    ['whether margin is by portfolio', (r) => r.portfolio?.kind ?? null],
  ];
  return shapes
    .filter(([, of]) => JSON.stringify(of(before)) !== JSON.stringify(of(after)))
    .map(([what]) => ({
      message: `${what} cannot change inside a run`,
      remedy: 'Replay two runs, or change a number or mechanism only.',
    }));
}

const slotsOf = (path: string, after: RuleSet): RuleSlots => {
  const slot = path.split('.')[0] as keyof RuleSlots;
  return { [slot]: after[slot] } as RuleSlots;
};
